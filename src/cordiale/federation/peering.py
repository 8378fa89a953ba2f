"""Peering of two nations by an out-of-band invitation and short authentication words.

    A                                         B
    invite  → invitation (A's card)  ──────►  accept → answer (B's card, names the invitation) ─┐
    accept  ◄─────────────────────────────────────────────────────────────────────────────────┘
    both show the same words, people compare them by telephone, and each side types what the other read aloud

A card is signed by the border key that it certifies, under the root that it carries; the words are a hash over both cards,
so agreeing on the words is agreeing on both roots, both policies and the equivalence table.

Invariant: a link is `linked` only by way of `confirm`, which compares the words.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, Identity, root_key, root_nation, verify_chain
from cordiale.crypto.digest import equal, sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadCertificate, BadSignature, IllegalStep, Malformed, PolicyInvalid
from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.policy import Policy, parse_policy
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

WORDS: Final = 6
_WORD_BITS: Final = 11
_VERSION: Final = 1


class LinkState(StrEnum):
    """Where a link to another nation stands."""

    NONE = "none"
    INVITED = "invited"
    ANSWERED = "answered"
    LINKED = "linked"


class LinkStep(StrEnum):
    """What an administrator does."""

    INVITE = "invite"
    ANSWER = "answer"
    CONFIRM = "confirm"


TRANSITIONS: Final[Mapping[LinkState, Mapping[LinkStep, LinkState]]] = {
    LinkState.NONE: {LinkStep.INVITE: LinkState.INVITED, LinkStep.ANSWER: LinkState.ANSWERED},
    LinkState.INVITED: {
        LinkStep.INVITE: LinkState.INVITED,
        LinkStep.ANSWER: LinkState.ANSWERED,
        LinkStep.CONFIRM: LinkState.LINKED,
    },
    LinkState.ANSWERED: {LinkStep.ANSWER: LinkState.ANSWERED, LinkStep.CONFIRM: LinkState.LINKED},
    LinkState.LINKED: {},
}


def step(state: LinkState, taken: LinkStep) -> LinkState:
    """The next state, or `IllegalStep`."""
    following = TRANSITIONS[state].get(taken)
    if following is None:
        raise IllegalStep(f"the link is {state}, {taken} does not apply")
    return following


class Card(Record, frozen=True):
    """What one nation tells the other about itself. `answers` is the digest of the invitation, empty in one."""

    version: int
    nation: Nation
    root: bytes
    border: bytes
    url: str
    policy: bytes
    table: bytes
    answers: bytes
    nonce: bytes
    created: Moment


class Peer(Record, frozen=True):
    """A verified card: everything needed to check what comes from there. Made only by `open_card`."""

    nation: Nation
    root: bytes
    border: Identity
    chain: Chain
    url: str
    policy: bytes
    table: bytes
    answers: bytes
    digest: Digest
    created: Moment


def make_card(
    key: SigningKey,
    nation: Nation,
    root: bytes,
    border: Chain,
    url: str,
    policy: bytes,
    table: bytes,
    *,
    answers: bytes = b"",
    nonce: bytes,
    now: Moment,
) -> bytes:
    """A sealed card: `policy` is the nation's sealed policy statement, `table` the equivalence table's bytes."""
    card = Card(_VERSION, nation, root, border.encode(), url, policy, table, answers, nonce, now)
    return statement.seal(key, statement.CARD, canonical.encode(card))


def open_card(data: bytes, now: Moment) -> Peer:
    """The verified content of a card, checked against the root that it carries itself."""
    sealed = statement.peek(statement.CARD, data, limit=limits.POLICY_BYTES * 3)
    card = canonical.decode(sealed.payload, Card, limit=limits.POLICY_BYTES * 3)
    if card.version != _VERSION or len(card.nonce) != 32 or not _is_url(card.url):
        raise Malformed("a field is outside its range", what="Card")
    nation = parse_nation(card.nation)
    if root_nation(card.root) != nation:
        raise BadCertificate("the card's root speaks for another nation")
    chain = Chain.decode(card.border)
    border = verify_chain(chain, card.root, now)
    if border.grant.role != ROLE_BORDER:
        raise BadCertificate("the card is not signed by a border")
    statement.verify(border.public_key, statement.CARD, sealed.payload, sealed.signature)
    return Peer(
        nation, card.root, border, chain, card.url, card.policy, card.table, card.answers, sha256(data), card.created
    )


def open_sealed(sealed: bytes, root: bytes, now: Moment) -> Peer:
    """A linked nation's card, as this nation's root sealed it when the words had been compared."""
    return open_card(statement.unseal(root_key(root), statement.LINK, sealed, limit=limits.POLICY_BYTES * 4), now)


def partner_policy(peer: Peer, table: EquivalenceTable, known: Mapping[str, Policy]) -> Policy:
    """The policy in a partner's card, under its root's seal: its own nation's and nobody else's.

    A policy that took another one's id, or claimed to be shared, would decide for others; it is `PolicyInvalid`.
    """
    policy = parse_policy(statement.unseal(root_key(peer.root), statement.POLICY, peer.policy))
    if policy.nation != peer.nation or policy.members - {peer.nation}:
        raise PolicyInvalid(f"{peer.nation} sent a policy that speaks for others")
    if policy.id != table.policies.get(peer.nation) or policy.id in known:
        raise PolicyInvalid(
            f"{peer.nation} sent the policy {policy.id}, which is not the one that the table names for it"
        )
    return policy


def _is_url(url: str) -> bool:
    return url.startswith(("http://", "https://")) and len(url) <= 512 and url.isprintable() and " " not in url


def transcript(invitation: bytes, answer: bytes) -> Digest:
    """What the words stand for: both cards, the invitation first."""
    return sha256(b"cordiale peering 1\x00" + sha256(invitation) + sha256(answer))


def roots_transcript(own: bytes, theirs: bytes) -> Digest:
    """What the words stand for that two people compare, each from their own agent: both nations' roots, in either order."""
    return sha256(b"cordiale roots 1\x00" + b"".join(sorted((sha256(own), sha256(theirs)))))


def word_numbers(digest: Digest) -> tuple[int, ...]:
    """Six numbers of eleven bits, to be shown as words of a list of 2,048."""
    value = int.from_bytes(digest, "big") >> (len(digest) * 8 - WORDS * _WORD_BITS)
    return tuple((value >> (_WORD_BITS * place)) & 0x7FF for place in reversed(range(WORDS)))


def confirm(expected: Sequence[str], typed: str) -> None:
    """Compare what the counterpart read aloud with what this side computed; accents and case don't matter."""
    if not equal(_fold(" ".join(expected)), _fold(typed)):
        raise BadSignature("the words differ: someone may stand between the two nations")


def _fold(text: str) -> bytes:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(plain.replace(",", " ").split()).encode()
