"""cordiale.federation.peering: every step of every state; cards that are forged; words that differ."""

from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.adapters.clock import system_clock
from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_BORDER, ROLE_PERSON, Chain, Grant, create_root, issue
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import (
    BadCertificate,
    BadSignature,
    CordialeError,
    IllegalStep,
    LimitExceeded,
    Malformed,
    PeerViolation,
)
from cordiale.federation import peering
from cordiale.federation.peering import TRANSITIONS, Card, LinkState, LinkStep, open_card, step
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from forge.verdict import refused

NOW = system_clock()
NONE, INVITED, ANSWERED, LINKED = LinkState
INVITE, ANSWER, CONFIRM = LinkStep
LEGAL = {
    (NONE, INVITE): INVITED,
    (NONE, ANSWER): ANSWERED,
    (INVITED, INVITE): INVITED,
    (INVITED, ANSWER): ANSWERED,
    (INVITED, CONFIRM): LINKED,
    (ANSWERED, ANSWER): ANSWERED,
    (ANSWERED, CONFIRM): LINKED,
}


@pytest.mark.parametrize(("state", "taken"), list(product(LinkState, LinkStep)))
def test_every_step_of_every_state(state: LinkState, taken: LinkStep) -> None:
    if (state, taken) in LEGAL:
        assert step(state, taken) is LEGAL[state, taken]
    else:
        with refused(IllegalStep):
            step(state, taken)


def test_the_table_is_complete_and_a_link_ends_nowhere_but_linked() -> None:
    assert set(TRANSITIONS) == set(LinkState)
    assert {(state, taken): after for state, row in TRANSITIONS.items() for taken, after in row.items()} == LEGAL
    assert [state for state in LinkState if not TRANSITIONS[state]] == [LINKED]
    assert {taken for (_, taken), after in LEGAL.items() if after is LINKED} == {CONFIRM}


class France:
    """Keys and a card of its own making."""

    def __init__(self) -> None:
        self.root_key, self.key = SigningKey.generate(), SigningKey.generate()
        self.root = create_root(self.root_key, Nation("fr"), NOW)
        self.border = self.certified("border@fr", Grant(ROLE_BORDER))

    def certified(self, address: str, grant: Grant, now: Moment = NOW) -> Chain:
        return Chain((issue(self.root_key, self.root, self.key.public, Address.parse(address), grant, now),))

    def card(self, *, key: SigningKey | None = None, kind: str = statement.CARD, **changes: Any) -> bytes:
        fields: dict[str, Any] = {
            "version": 1,
            "nation": "fr",
            "root": self.root,
            "border": self.border.encode(),
            "url": "https://node.fr:7443",
            "policy": b"policy",
            "table": bytes(32),
            "answers": b"",
            "nonce": bytes(32),
            "created": NOW,
        }
        return statement.seal(key or self.key, kind, canonical.encode(Card(**{**fields, **changes})))


def test_an_honest_card_opens() -> None:
    france = France()
    peer = open_card(france.card(), NOW)
    assert (peer.nation, peer.root, peer.border.public_key) == ("fr", france.root, france.key.public)
    assert peer.digest == sha256(france.card())


def _person(france: France) -> dict[str, Any]:
    return {"border": france.certified("claire@fr", Grant(ROLE_PERSON, "secret")).encode()}


def _expired(france: France) -> dict[str, Any]:
    return {"border": france.certified("border@fr", Grant(ROLE_BORDER), Moment(NOW - 1000 * DAY)).encode()}


def _not_a_root(france: France) -> dict[str, Any]:
    return {"root": france.border.certificates[0]}


FORGED: dict[str, tuple[Any, type[CordialeError]]] = {
    "another key": ({"key": SigningKey.generate()}, BadSignature),
    "another kind": ({"kind": statement.POLICY}, Malformed),
    "another nation": ({"nation": "uk"}, BadCertificate),
    "no nation": ({"nation": "FR"}, Malformed),
    "another root": ({"root": create_root(SigningKey.generate(), Nation("fr"), NOW)}, BadCertificate),
    "a root that is none": ({"root": b"root"}, BadCertificate),
    "a certificate for a root": (_not_a_root, BadCertificate),
    "a border of another root": (lambda _: {"border": France().border.encode()}, BadCertificate),
    "a person for a border": (_person, BadCertificate),
    "an expired border": (_expired, BadCertificate),
    "no border": ({"border": b""}, Malformed),
    "an empty chain": ({"border": b"\xa1\x6ccertificates\x80"}, PeerViolation),
    "version 2": ({"version": 2}, Malformed),
    "a short nonce": ({"nonce": bytes(31)}, Malformed),
    "an address of another kind": ({"url": "file:///etc/passwd"}, Malformed),
    "an address with a space": ({"url": "https://node.fr evil"}, Malformed),
    "an address with a line": ({"url": "https://node.fr\nHost: evil"}, Malformed),
    "an address of 600 characters": ({"url": "https://" + "x" * 600}, Malformed),
    "a policy of 4 MiB": ({"policy": bytes(4 * limits.MIB)}, LimitExceeded),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_card_is_refused(name: str) -> None:
    changes, kind = FORGED[name]
    france = France()
    data = france.card(**(changes(france) if callable(changes) else changes))
    with refused(kind):
        open_card(data, NOW)


def test_any_altered_byte_of_a_card_is_refused() -> None:
    data = France().card()
    for place in range(0, len(data), 7):
        altered = data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :]
        with refused(PeerViolation):
            open_card(altered, NOW)
    for length in range(0, len(data), 97):
        with refused(PeerViolation):
            open_card(data[:length], NOW)


def test_the_words_are_the_same_on_both_sides_and_of_both_cards() -> None:
    invitation, answer = France().card(), France().card(answers=bytes(32))
    numbers = peering.word_numbers(peering.transcript(invitation, answer))
    assert len(numbers) == peering.WORDS
    assert all(0 <= number < 2048 for number in numbers)
    assert numbers == peering.word_numbers(peering.transcript(invitation, answer))
    assert numbers != peering.word_numbers(peering.transcript(answer, invitation))
    assert numbers != peering.word_numbers(peering.transcript(invitation, answer + b"\x00"))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_words_tell_digests_apart_by_their_first_66_bits(first: bytes, second: bytes) -> None:
    same = int.from_bytes(first, "big") >> 190 == int.from_bytes(second, "big") >> 190
    assert (peering.word_numbers(Digest(first)) == peering.word_numbers(Digest(second))) is same


WORDS = ["abandon", "ability", "able", "about", "above", "absent"]


@pytest.mark.parametrize(
    "typed", ["abandon ability able about above absent", " ABANDON, ability,able  About above ábsent "]
)
def test_words_are_compared_as_people_type_them(typed: str) -> None:
    peering.confirm(WORDS, typed)


@pytest.mark.parametrize(
    "typed", ["", "abandon ability able about above", " ".join(WORDS[::-1]), " ".join([*WORDS, "x"])]
)
def test_wrong_words_are_refused(typed: str) -> None:
    with refused(BadSignature):
        peering.confirm(WORDS, typed)


def test_a_card_is_bound_to_its_invitation() -> None:
    first, second = France().card(), France().card()
    answer = open_card(France().card(answers=sha256(first)), NOW)
    assert answer.answers == sha256(first) != sha256(second)
    assert msgspec.structs.replace(answer, answers=b"") != answer
