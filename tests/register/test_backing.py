"""Whoever gives has to key: in a room of three, under every workflow, whatever the proposer writes."""

import pytest

from cordiale.register.act import Disclose, Key, Lapse, Propose
from cordiale.register.backing import fault, terms_of
from cordiale.register.reason import because
from cordiale.register.record import Head, RecordId, Terms
from cordiale.register.schema import shipped
from cordiale.register.workflow import Status
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation
from register.cabinet import FR, IT, START, UK, Cabinet, digests, opened

ALL = (FR, IT, UK)
DEADLINE = Moment(START + 2 * DAY)
TERMS = {
    "two keys with the giver": (Terms("two-keys", (FR, UK)), True),
    "two keys without": (Terms("two-keys", (IT, UK)), False),
    "a quorum of two": (Terms("quorum", ALL, 2), False),
    "a quorum of all": (Terms("quorum", ALL, 3), True),
    "lead of all": (Terms("lead", ALL), True),
    "lead without": (Terms("lead", (IT, UK)), False),
    "single key": (Terms("single-key", (UK,)), False),
    "silence": (Terms("silence", ALL, 0, DEADLINE), False),
}


@pytest.mark.parametrize("name", TERMS)
def test_an_allocation_never_binds_without_the_givers_key(name: str) -> None:
    terms, possible = TERMS[name]
    cabinet = Cabinet()
    people = {nation: cabinet.person(f"someone@{nation}") for nation in ALL}
    record, of = cabinet.propose(people[UK], terms, "allocation", provider="fr", quantity=3)
    for nation in (UK, IT):
        cabinet.read(*people.values())
        cabinet.act(people[nation], record, of, Key())
    cabinet.later(3)
    cabinet.read(*people.values())
    cabinet.act(people[UK], record, of, Lapse())
    assert cabinet.state(record).status is not Status.BINDING
    cabinet.read(*people.values())
    cabinet.act(people[FR], record, of, Key())
    assert (cabinet.state(record).status is Status.BINDING) == possible
    if not possible:
        assert "who gives" in cabinet.state(record).refused[0].why.text("en")


def test_the_giver_must_be_shown_before_anybody_keys() -> None:
    cabinet = Cabinet()
    alice, claire = cabinet.person("alice@uk"), cabinet.person("claire@fr")
    openings = opened({"provider": "fr", "quantity": 3})
    head = Head(RecordId(b"a" * 16), "allocation", 1, UK, b"label", (FR, UK), Terms("two-keys", (FR, UK)))
    cabinet.act(alice, head.id, b"", Propose(head, digests(openings), {"quantity": openings["quantity"]}))
    of = cabinet.state(head.id).hash
    cabinet.read(alice, claire)
    cabinet.act(claire, head.id, of, Key())
    assert "not shown" in cabinet.state(head.id).refused[0].why.text("en")
    cabinet.act(alice, head.id, of, Disclose({"provider": openings["provider"]}))
    for person in (alice, claire):
        cabinet.read(person)
        cabinet.act(person, head.id, of, Key())
    assert cabinet.state(head.id).status is Status.BINDING


def test_another_giver_is_another_version() -> None:
    cabinet = Cabinet()
    alice, claire = cabinet.person("alice@uk"), cabinet.person("claire@fr")
    record, of = cabinet.propose(alice, Terms("two-keys", (FR, UK)), "allocation", provider="fr")
    cabinet.read(claire)
    cabinet.act(claire, record, of, Key())
    cabinet.read(alice)
    changed = cabinet.amend(alice, record, of, provider="it")
    cabinet.act(alice, record, changed, Key())
    assert cabinet.state(record).status is Status.PROPOSED
    assert "key of it" in cabinet.state(record).refused[0].why.text("en")


@pytest.mark.parametrize("giver", [["fr"], 7, {"fr": 1}, "x" * 999])
def test_whatever_stands_there_is_no_way_round(giver: object) -> None:
    head = Head(RecordId(b"a" * 16), "allocation", 1, UK, b"label", (FR, UK), Terms("two-keys", (FR, UK)))
    assert fault(head, opened({"provider": giver})) == because("giver-left-out", nation=str(giver)[:20])
    assert fault(Head(head.id, "decision", 1, UK, b"label", (FR, UK), head.terms), {}) is None


def test_terms_of_an_allocation_ask_the_owner_and_the_giver() -> None:
    schema, given = shipped()["allocation"], opened({"provider": "fr"})
    assert terms_of(schema, UK, (FR, UK), given) == Terms("two-keys", (FR, UK))
    assert terms_of(schema, UK, ALL, given) == Terms("two-keys", (FR, UK))
    assert terms_of(schema, FR, ALL, given) == Terms("lead", ALL)
    assert terms_of(schema, UK, ALL, opened({"provider": Nation("nl")})) == Terms("lead", ALL)
    assert terms_of(shipped()["decision"], UK, ALL, {}) == Terms("two-keys", ALL)
