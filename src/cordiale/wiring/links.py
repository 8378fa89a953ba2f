"""Links to other nations: invitation, answer, and the words that two people compare."""

from typing import Any

from mnemonic import Mnemonic

from cordiale.adapters.clock import system_clock
from cordiale.crypto import statement
from cordiale.crypto.digest import sha256
from cordiale.crypto.entropy import fresh
from cordiale.errors import IllegalStep, NotFound, PolicyInvalid
from cordiale.federation import peering
from cordiale.federation.peering import LinkState, LinkStep, Peer, partner_policy
from cordiale.labels.equivalence import parse_table
from cordiale.node.ports import LinkRow
from cordiale.vocab.party import Nation, parse_nation
from cordiale.wiring.folder import NationFolder


def invite(home: NationFolder, nation: str) -> bytes:
    """This nation's card for another one, kept so that an answer can be matched to it."""
    other = _other(home, nation)
    with home.store().write() as tx:
        row = tx.links.link(other)
        state = peering.step(LinkState(row.state) if row else LinkState.NONE, LinkStep.INVITE)
        card = _card(home, b"")
        tx.links.put_link(LinkRow(other, state, card, b"", invited=True))
    return card


def accept(home: NationFolder, card: bytes, words: str | None, *, root_passphrase: str = "") -> dict[str, Any]:
    """Take in the other nation's card; with the words that the counterpart read aloud, the link is complete."""
    now = system_clock()
    peer = peering.open_card(card, now)
    _other(home, peer.nation)
    _check_agreement(home, peer)
    with home.store().write() as tx:
        row = _answered(home, tx.links.link(peer.nation), peer, card)
        shown = words_of(row)
        if words is not None:
            peering.confirm(shown, words)
            state = peering.step(LinkState(row.state), LinkStep.CONFIRM)
            sealed = statement.seal(home.root_signer(root_passphrase), statement.LINK, row.theirs)
            row = LinkRow(row.nation, state, row.mine, row.theirs, row.invited, sealed)
        tx.links.put_link(row)
    answer = None if row.invited else row.mine
    linked = row.state == LinkState.LINKED
    return {"nation": peer.nation, "state": row.state, "words": shown, "card": answer, "linked": linked}


def _answered(home: NationFolder, row: LinkRow | None, peer: Peer, card: bytes) -> LinkRow:
    if row is not None and row.theirs == card:
        return row
    invited = row is not None and bool(row.mine) and row.invited
    if peer.answers:
        if row is None or not invited or peer.answers != sha256(row.mine):
            raise IllegalStep(f"this is an answer of {peer.nation} to an invitation that was not made here")
        mine = row.mine
    else:
        mine, invited = _card(home, peer.digest), False
    state = peering.step(LinkState(row.state) if row else LinkState.NONE, LinkStep.ANSWER)
    return LinkRow(peer.nation, state, mine, card, invited)


def _card(home: NationFolder, answers: bytes) -> bytes:
    return peering.make_card(
        home.border_signer(),
        home.nation,
        home.root,
        home.border_chain(),
        home.settings.peer_url,
        home.bytes_of("policy.cbor"),
        sha256(home.table_bytes()),
        answers=answers,
        nonce=fresh(32),
        now=system_clock(),
    )


def _other(home: NationFolder, nation: str) -> Nation:
    other = parse_nation(nation)
    if other == home.nation:
        raise IllegalStep("a nation is not peered with itself")
    return other


def card_of(home: NationFolder, nation: str) -> bytes:
    """The card that the other nation sent, as kept here; `NotFound` before it did."""
    with home.store().read() as tx:
        row = tx.links.link(_other(home, nation))
    if row is None or not row.theirs:
        raise NotFound(nation, what="card")
    return row.theirs


def views(home: NationFolder) -> list[dict[str, Any]]:
    """Every link and where it stands."""
    with home.store().read() as tx:
        return [_view(row) for row in tx.links.links()]


def _view(row: LinkRow) -> dict[str, Any]:
    view: dict[str, Any] = {"nation": row.nation, "state": row.state, "words": words_of(row) if row.theirs else []}
    if row.theirs:
        peer = peering.open_card(row.theirs, system_clock())
        view |= {"url": peer.url, "root": sha256(peer.root).hex(), "table": peer.table.hex()}
    return view


def _check_agreement(home: NationFolder, peer: Peer) -> None:
    table = home.table_bytes()
    if peer.table != sha256(table):
        raise PolicyInvalid(
            f"{peer.nation} uses another equivalence table; agree on one file and install it on both sides"
        )
    partner_policy(peer, parse_table(table), {policy.id: policy for policy in home.own_policies()})


def words_of(row: LinkRow) -> list[str]:
    """The six words of a link, the same on both sides."""
    first, second = (row.mine, row.theirs) if row.invited else (row.theirs, row.mine)
    numbers = peering.word_numbers(peering.transcript(first, second))
    wordlist: list[str] = Mnemonic("english").wordlist
    return [wordlist[number] for number in numbers]
