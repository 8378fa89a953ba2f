"""Joint records between two nations with real nodes and agents: proposed, keyed, objected to, withheld, lapsed, proven."""

from typing import Any

import pytest

from cordiale.agent.record_view import RecordView
from cordiale.agent.registering import Wanted
from cordiale.errors import ActRefused, CordialeError, Malformed, NotReleasable, ProofInvalid
from cordiale.federation.record_bundle import RecordBundle, bundle_of, verify_record_bundle
from cordiale.register.act import Key, Lapse, Object
from cordiale.register.query import parse
from cordiale.register.record import RecordId, Terms
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import SECOND, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from worlds.test_two_nations import TO_FRANCE, room_of_four
from worlds.world import World

DECISION: dict[str, Any] = {
    "title": {"en": "EXERCISE Cable patrols", "fr": "EXERCICE Patrouilles câbles"},
    "text": {"en": "Patrols alternate weekly.", "fr": "Les patrouilles alternent chaque semaine."},
    "body": "EXERCISE Steering group",
    "met": "2026-03-01",
}


def propose(world: World, room: RoomId, who: str = "alice@uk", **more: Any) -> RecordId:
    engine = world.agents[who].engine
    label = "DIFFUSION RESTREINTE REL GBR" if who.endswith("@fr") else TO_FRANCE
    record = engine.propose(room, "decision", DECISION, Wanted(label=engine.label(label), **more))
    world.settle(2)
    return record


def view(world: World, who: str, room: RoomId, record: RecordId) -> RecordView:
    return world.agents[who].engine.record(room, record.hex(), "en")


def key(world: World, who: str, room: RoomId, record: RecordId) -> None:
    world.agents[who].engine.act(room, record, Key())
    world.settle(2)


def test_a_decision_binds_with_one_key_of_each_nation_and_is_proven_offline(world: World) -> None:
    room = room_of_four(world)
    record = propose(world, room)
    key(world, "alice@uk", room, record)
    seen = view(world, "claire@fr", room, record)
    assert seen.state.status is Status.PART_KEYED
    assert seen.values() == DECISION
    assert "DIFFUSION RESTREINTE" in seen.marking.text
    with pytest.raises(ActRefused, match="turned already"):
        world.agents["bob@uk"].engine.act(room, record, Key())
    key(world, "claire@fr", room, record)
    world.settle(2)
    for who in world.agents:
        state = view(world, who, room, record).state
        assert state.status is Status.BINDING
        assert {str(turned.author.address) for turned in state.bound[state.hash].keys} == {"alice@uk", "claire@fr"}
    pinned = {nation: node.home.root for nation, node in world.nodes.items()}
    now = Moment(world.agents["bob@uk"].engine._clock())  # pyright: ignore[reportPrivateUsage]
    for who in ("bob@uk", "denis@fr"):
        _, data = world.agents[who].engine.record_bundle(room, "exercise cable patrols")
        proven = verify_record_bundle(data, pinned, now)
        assert proven.record == record
        assert proven.state.status is Status.BINDING
        assert {
            proven.crossings[turned.digest].author.nation for turned in proven.state.bound[proven.state.hash].keys
        } == {"uk", "fr"}
    parsed = canonical.decode(data, RecordBundle, limit=limits.BUNDLE_BYTES)
    without_a_key = bundle_of([(step.act, step.crossing) for step in parsed.steps if b"claire" not in step.crossing])
    assert verify_record_bundle(without_a_key, pinned, now).state.status is not Status.BINDING
    swapped = bundle_of(
        [(parsed.steps[0].act, parsed.steps[1].crossing), *[(s.act, s.crossing) for s in parsed.steps[1:]]]
    )
    with pytest.raises(CordialeError):
        verify_record_bundle(swapped, pinned, now)
    with pytest.raises(ProofInvalid, match="proposal is missing"):
        verify_record_bundle(bundle_of([(s.act, s.crossing) for s in parsed.steps[1:]]), pinned, now)


def test_an_objection_in_paris_stops_it_until_london_changes_it(world: World) -> None:
    room = room_of_four(world)
    record = propose(world, room)
    key(world, "alice@uk", room, record)
    world.agents["denis@fr"].engine.act(room, record, Object("EXERCISE: not in March"))
    world.settle(2)
    assert view(world, "alice@uk", room, record).state.status is Status.OBJECTED
    with pytest.raises(ActRefused, match="not possible while the record is objected"):
        world.agents["claire@fr"].engine.act(room, record, Key())
    world.agents["bob@uk"].engine.amend(room, record, {"met": "2026-07-01"})
    world.settle(2)
    changed = view(world, "claire@fr", room, record)
    assert changed.state.status is Status.PROPOSED
    assert changed.values()["met"] == "2026-07-01"
    key(world, "claire@fr", room, record)
    key(world, "bob@uk", room, record)
    assert view(world, "denis@fr", room, record).state.status is Status.BINDING


def test_what_is_withheld_never_leaves_and_is_shown_later_as_the_same(world: World) -> None:
    room = room_of_four(world)
    record = propose(world, room, tier=1)
    other = view(world, "claire@fr", room, record)
    assert other.values() == {}
    assert set(other.withheld()) == set(DECISION)
    with world.agents["claire@fr"].store.read() as state:
        assert all(b"alternate weekly" not in row.signed for row in state.acts(room))
    world.agents["alice@uk"].engine.disclose(room, record, 2)
    world.settle(2)
    after = view(world, "claire@fr", room, record)
    assert after.values() == DECISION
    assert after.state.hash == other.state.hash


def test_records_survive_a_restart_and_are_found_again(world: World) -> None:
    room = room_of_four(world)
    record = propose(world, room)
    key(world, "alice@uk", room, record)
    agent = world.agents["claire@fr"]
    agent.store.close()
    world.start("claire@fr")
    found = world.agents["claire@fr"].engine.records(room, parse("status=part-keyed patrouilles"), "fr")
    assert [one.id for one in found] == [record]
    key(world, "claire@fr", room, record)
    assert view(world, "alice@uk", room, record).state.status is Status.BINDING


def test_offline_acts_count_at_home_at_once_and_arrive_later(world: World) -> None:
    room = room_of_four(world)
    world.nodes[Nation("uk")].up = False
    engine = world.agents["alice@uk"].engine
    record = engine.propose(room, "decision", DECISION, Wanted(label=engine.label(TO_FRANCE)))
    engine.amend(room, record, {"met": "2026-04-01"})
    engine.act(room, record, Key())
    assert view(world, "alice@uk", room, record).state.status is Status.PART_KEYED
    world.nodes[Nation("uk")].up = True
    world.settle(3)
    seen = view(world, "claire@fr", room, record)
    assert seen.state.status is Status.PART_KEYED
    assert seen.values()["met"] == "2026-04-01"
    assert not seen.state.refused
    assert seen.state.hash == view(world, "alice@uk", room, record).state.hash


def test_edits_on_both_sides_of_a_cut_show_as_a_conflict_to_both(world: World) -> None:
    room = room_of_four(world)
    record = propose(world, room)
    for who, day in (("alice@uk", "2026-05-01"), ("claire@fr", "2026-06-01")):
        world.agents[who].engine.amend(room, record, {"met": day})
    world.settle(3)
    for who in world.agents:
        assert sorted(view(world, who, room, record).conflicts()["met"]) == ["2026-05-01", "2026-06-01"]
    hashes = {bytes(view(world, who, room, record).state.hash) for who in world.agents}
    assert len(hashes) == 1


def test_silence_is_consent_only_where_agents_were_there(world: World) -> None:
    room = room_of_four(world)
    clock = world.agents["alice@uk"].engine._clock  # pyright: ignore[reportPrivateUsage]
    terms = Terms("silence", (Nation("uk"), Nation("fr")), deadline=Moment(clock() + 2 * SECOND))
    record = propose(world, room, terms=terms)
    engine = world.agents["alice@uk"].engine
    with pytest.raises(ActRefused, match="the deadline has not passed"):
        engine.act(room, record, Lapse())
    world.settle(4)  # France's agents send their receipts
    while clock() <= terms.deadline:
        pass
    with pytest.raises(ActRefused, match="not been heard since"):
        engine.act(room, record, Lapse())
    world.settle(4)
    engine.act(room, record, Lapse())
    world.settle(2)
    assert view(world, "claire@fr", room, record).state.status is Status.BINDING


def test_bad_values_and_forbidden_markings_change_nothing(world: World) -> None:
    room = room_of_four(world)
    engine = world.agents["alice@uk"].engine
    with pytest.raises(Malformed, match="met: not a day"):
        engine.propose(room, "decision", {**DECISION, "met": "soon"}, Wanted(label=engine.label(TO_FRANCE)))
    with pytest.raises(NotReleasable):
        engine.propose(room, "decision", DECISION, Wanted(label=engine.label("OFFICIAL-SENSITIVE UK EYES ONLY")))
    assert engine.records(room, parse(""), "en") == []
    with world.agents["alice@uk"].store.read() as state:
        assert state.acts(room) == []
        assert state.queued(room, 10) == []
