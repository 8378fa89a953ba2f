"""What a record is, told by histories: keys, edits at once, objections, disclosure, what comes too late."""

import pytest

from cordiale.crypto.certificate import ROLE_SERVICE
from cordiale.register.act import Comment, Delegate, Disclose, Fulfil, Key, Object, Propose, Withdraw
from cordiale.register.fold import Fold, fold
from cordiale.register.record import Head, RecordId, Terms
from cordiale.register.workflow import Status
from cordiale.vocab.moment import DAY, Moment
from register.cabinet import FR, START, UK, Cabinet, Person, digests, opened, two_keys

Scene = tuple[Cabinet, Person, Person]


@pytest.fixture
def scene() -> Scene:
    cabinet = Cabinet()
    return cabinet, cabinet.person("alice@uk"), cabinet.person("claire@fr")


def whys(state: Fold) -> list[str]:
    return [refused.why.text("en") for refused in state.refused]


def test_one_key_of_each_nation_binds(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title={"en": "Patrol plan", "fr": "Plan de patrouille"})
    assert cabinet.state(record).status is Status.PROPOSED
    cabinet.act(alice, record, of, Key())
    assert cabinet.state(record).status is Status.PART_KEYED
    cabinet.read(claire)
    cabinet.act(claire, record, of, Key())
    state = cabinet.state(record)
    assert state.status is Status.BINDING
    assert {key.nation for key in state.bound[of].keys} == {UK, FR}


def test_one_nation_never_binds_alone(scene: Scene) -> None:
    cabinet, alice, _ = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    bob = cabinet.person("bob@uk")
    cabinet.read(bob)
    cabinet.act(alice, record, of, Key())
    cabinet.act(bob, record, of, Key())  # without having read Alice's key
    cabinet.read(bob)
    cabinet.act(bob, record, of, Key())
    state = cabinet.state(record)
    assert state.status is Status.PART_KEYED
    assert whys(state) == ["the key of uk is turned already"]


def test_a_service_turns_no_key(scene: Scene) -> None:
    cabinet, alice, _ = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    desk = cabinet.person("desk.maritime@fr", ROLE_SERVICE)
    cabinet.read(desk)
    cabinet.act(desk, record, of, Key())
    assert whys(cabinet.state(record)) == ["only a person turns a key"]


def test_an_edit_voids_all_keys(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x", place="y")
    cabinet.act(alice, record, of, Key())
    cabinet.read(claire)
    after = cabinet.amend(claire, record, of, title="z")
    state = cabinet.state(record)
    assert after != of
    assert state.hash == after
    assert state.status is Status.PROPOSED
    cabinet.act(claire, record, of, Key())  # for what is no longer
    cabinet.act(claire, record, after, Key())
    state = cabinet.state(record)
    assert whys(state) == ["it speaks about another version than its author had read"]
    assert state.status is Status.PART_KEYED
    cabinet.read(alice)
    cabinet.act(alice, record, after, Key())
    assert cabinet.state(record).status is Status.BINDING


def test_two_edits_at_once_of_different_fields_both_count(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x", place="y")
    cabinet.read(alice, claire)
    cabinet.amend(alice, record, of, title="x2")
    cabinet.amend(claire, record, of, place="y2")
    state = cabinet.state(record)
    assert {name: opening.value for name, opening in state.shown().items()} == {"title": "x2", "place": "y2"}
    assert not state.refused


def test_two_edits_at_once_of_one_field_stand_side_by_side_until_settled(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.read(alice, claire)
    cabinet.amend(alice, record, of, title="theirs")
    cabinet.amend(claire, record, of, title="ours")
    state = cabinet.state(record)
    both = [state.opening(write.digest) for write in state.fields["title"]]
    assert {opening.value for opening in both if opening} == {"theirs", "ours"}
    assert "title" not in state.shown()
    cabinet.read(alice)
    cabinet.act(alice, record, state.hash, Key())
    assert whys(cabinet.state(record)) == ["two edits of one field stand side by side: settle that first"]
    cabinet.amend(alice, record, state.hash, title="settled")
    assert cabinet.state(record).shown()["title"].value == "settled"


def test_an_objection_stops_keys_until_an_edit(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.act(alice, record, of, Key())
    cabinet.read(claire)
    cabinet.act(claire, record, of, Object("not in June"))
    assert cabinet.state(record).status is Status.OBJECTED
    cabinet.act(claire, record, of, Key())
    assert whys(cabinet.state(record)) == ["last-key is not possible while the record is objected"]
    cabinet.read(alice)
    after = cabinet.amend(alice, record, of, title="July")
    cabinet.read(claire)
    for person in (claire, alice):
        cabinet.act(person, record, after, Key())
    assert cabinet.state(record).status is Status.BINDING


def test_what_binds_stays_and_what_came_at_the_same_time_came_too_late(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.act(alice, record, of, Key())
    cabinet.read(claire, alice)
    cabinet.amend(alice, record, of, title="changed my mind")  # Claire has not read that
    cabinet.act(claire, record, of, Key())
    state = cabinet.state(record)
    assert state.status is Status.BINDING
    assert state.hash == of
    assert state.shown()["title"].value == "x"
    cabinet.read(claire)
    cabinet.amend(claire, record, of, title="y")
    assert cabinet.state(record).hash == of
    assert whys(cabinet.state(record)) == ["amend is not possible while the record is binding"]


def test_a_withdrawn_record_takes_no_key(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.read(claire)
    cabinet.act(claire, record, of, Withdraw())
    cabinet.act(alice, record, of, Withdraw("overtaken"))
    cabinet.read(claire)
    cabinet.act(claire, record, of, Key())
    state = cabinet.state(record)
    assert state.status is Status.WITHDRAWN
    assert whys(state) == ["only the owner does that", "key is not possible while the record is withdrawn"]


def test_fields_are_shown_later_and_proven_to_be_the_same(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, hidden = RecordId(b"i" * 16), opened({"area": [1, 2], "title": "x"})
    head = Head(record, "activity", 1, UK, b"label", (UK, FR), two_keys())
    cabinet.act(alice, record, b"", Propose(head, digests(hidden), {"title": hidden["title"]}))
    of = cabinet.state(record).hash
    assert set(cabinet.state(record).shown()) == {"title"}
    cabinet.act(alice, record, of, Disclose({"area": opened({"area": [3, 4]})["area"]}))
    cabinet.read(claire)
    cabinet.act(claire, record, of, Disclose({"area": hidden["area"]}))
    assert whys(cabinet.state(record)) == ["area is not what was committed to", "only the owner does that"]
    cabinet.act(alice, record, of, Disclose({"area": hidden["area"]}))
    state = cabinet.state(record)
    assert state.hash == of
    assert state.shown()["area"].value == [1, 2]


def test_only_those_named_or_their_delegates_sign(scene: Scene) -> None:
    cabinet, alice, claire = scene
    terms = two_keys(signatories={FR: ("claire@fr",)})
    record, of = cabinet.propose(alice, terms, title="x")
    denis = cabinet.person("denis@fr")
    cabinet.read(claire, denis)
    cabinet.act(denis, record, of, Key())
    assert whys(cabinet.state(record)) == ["denis@fr may not sign for fr"]
    cabinet.act(claire, record, of, Delegate("denis@fr", Moment(START + DAY)))
    cabinet.read(denis)
    cabinet.act(denis, record, of, Key())
    assert cabinet.state(record).status is Status.PART_KEYED
    cabinet.act(alice, record, of, Delegate("bob@fr", Moment(START + DAY)))
    assert "a nation delegates to its own people" in whys(cabinet.state(record))


def test_a_delegation_ends(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(signatories={FR: ("claire@fr",)}), title="x")
    denis = cabinet.person("denis@fr")
    cabinet.read(claire)
    cabinet.act(claire, record, of, Delegate("denis@fr", Moment(START + DAY)))
    cabinet.read(denis)
    cabinet.later(2)
    cabinet.act(denis, record, of, Key())
    assert whys(cabinet.state(record)) == ["denis@fr may not sign for fr"]


def test_strangers_to_the_record_change_nothing(scene: Scene) -> None:
    cabinet, alice, _ = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    guido = cabinet.person("guido@it")
    cabinet.read(guido)
    for body in (Key(), Object("no"), Comment("hello"), Withdraw()):
        cabinet.act(guido, record, of, body)
    assert set(whys(cabinet.state(record))) == {"it has no part in the record"}


def test_an_act_about_an_unread_record_does_not_hold(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.act(claire, record, of, Key())  # Claire read nothing: a hash heard elsewhere
    assert whys(cabinet.state(record)) == ["it speaks about a record that its author had not read"]


def test_what_was_agreed_is_fulfilled(scene: Scene) -> None:
    cabinet, alice, claire = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.act(alice, record, of, Fulfil("done"))
    assert whys(cabinet.state(record)) == ["fulfil is not possible while the record is proposed"]
    cabinet.act(alice, record, of, Key())
    cabinet.read(claire)
    cabinet.act(claire, record, of, Key())
    cabinet.act(claire, record, of, Fulfil("report of 3 March"))
    assert cabinet.state(record).status is Status.FULFILLED


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (Terms("two-keys", (UK,)), "two keys are those of exactly two nations"),
        (Terms("quorum", (UK, FR), 1), "a quorum is of two nations or more"),
        (Terms("silence", (UK, FR)), "a silence procedure has a deadline and somebody who may be silent"),
        (Terms("haste", (UK, FR)), "the workflow 'haste' is not known here"),
    ],
)
def test_terms_that_cannot_be_met_begin_no_record(scene: Scene, terms: Terms, why: str) -> None:
    cabinet, alice, _ = scene
    record, _of = cabinet.propose(alice, terms, title="x")
    state = cabinet.state(record)
    assert state.head is None
    assert whys(state) == [why]


def test_a_repeated_act_counts_once(scene: Scene) -> None:
    cabinet, alice, _ = scene
    record, of = cabinet.propose(alice, two_keys(), title="x")
    cabinet.act(alice, record, of, Key())
    assert len(fold([*cabinet.acts, *cabinet.acts]).acts) == 2
