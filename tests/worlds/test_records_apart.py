"""What agents hold back and ask for, with real nodes: fields of their own label, commitments in sight, one receipt a nation."""

from typing import Any

import pytest

from cordiale.agent.registering import Wanted
from cordiale.errors import Malformed, NotReleasable, SightMissing
from cordiale.register.act import Disclose, Lapse, Receipt, Reserve
from cordiale.register.record import RecordId, Terms
from cordiale.register.schema import shipped
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import SECOND, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wiring.commands import call
from cordiale.wiring.encounter import FIRING, RESCUE
from cordiale.wiring.register_commands import _values  # pyright: ignore[reportPrivateUsage]
from worlds.test_joint_records import DECISION, propose, view
from worlds.test_two_nations import TO_FRANCE, TO_UK, room_of_four
from worlds.world import World

UK_ONLY = "OFFICIAL-SENSITIVE UK EYES ONLY"


def plan(world: World, who: str, room: RoomId, values: dict[str, Any], **more: Any) -> RecordId:
    engine = world.agents[who].engine
    label = engine.label(TO_UK if who.endswith("@fr") else TO_FRANCE)
    return engine.propose(room, "activity", _values(shipped()["activity"], values, {}, {}), Wanted(label=label, **more))


def test_a_field_is_only_where_its_label_admits_everybody(world: World) -> None:
    room = room_of_four(world)
    engine = world.agents["alice@uk"].engine
    own = engine.create_room("EXERCISE Whitehall", set(), engine.label(UK_ONLY))
    world.settle(2)
    engine.invite(own, [Address.parse("bob@uk")])
    world.settle(2)
    labels = {"body": engine.label(UK_ONLY), "met": engine.label("OFFICIAL REL FRA")}
    record = propose(world, room, field_labels=labels)
    for who in ("claire@fr", "bob@uk"):
        seen = view(world, who, room, record)
        assert seen.withheld() == ["body"]
        assert seen.values() == {name: value for name, value in DECISION.items() if name != "body"}
        assert "EYES ONLY" in (seen.field_markings["body"].original or seen.field_markings["body"].text)
    for who in ("claire@fr", "denis@fr", "bob@uk"):
        with world.agents[who].store.read() as state:
            assert all(b"Steering group" not in row.signed for row in state.acts(room))
    disclosures = [act for act in view(world, "claire@fr", room, record).state.acts if isinstance(act.body, Disclose)]
    assert [list(act.body.openings) for act in disclosures] == [["met"]]  # type: ignore[union-attr]
    with pytest.raises(NotReleasable):
        engine.disclose(room, record, 3, ["body"])
    engine.share(room, record, own, 3)
    world.settle(2)
    apart = view(world, "bob@uk", own, record)
    assert apart.values() == DECISION
    assert apart.state.hash == view(world, "claire@fr", room, record).state.hash
    engine.amend(room, record, {"body": "EXERCISE Another group", "met": "2026-04-01"})
    engine.share(room, record, own, 3)
    world.settle(2)
    changed = view(world, "claire@fr", room, record)
    assert (changed.withheld(), changed.values()["met"]) == (["body"], "2026-04-01")
    again = view(world, "bob@uk", own, record)
    assert again.values()["body"] == "EXERCISE Another group"
    assert again.state.hash == changed.state.hash


def test_who_plans_what_conflicts_names_it_or_is_refused_and_nothing_is_left_of_it(world: World) -> None:
    room = room_of_four(world)
    firing = plan(world, "alice@uk", room, FIRING)
    world.settle(2)
    claire = world.agents["claire@fr"].engine
    for _ in range(2):
        with pytest.raises(SightMissing) as refused:
            plan(world, "claire@fr", room, RESCUE)
        assert refused.value.facts["options"] == f"--sight {firing.hex()[:12]}"
        assert "EXERCISE Firing serial" in refused.value.detail
        assert "Altitude: 600 m shared; margin 600 m." in refused.value.detail
        assert "Altitude : 600 m en commun" in str(refused.value.facts["detail_fr"])
    with world.agents["claire@fr"].store.read() as state:
        assert (len(state.acts(room)), state.queued(room, 10)) == (1, [])
    with pytest.raises(Malformed, match="crosses or touches itself"):
        ring = {"ring": [[-4.0, 49.4], [-3.2, 49.8], [-3.2, 49.4], [-4.0, 49.8]]}
        plan(world, "claire@fr", room, {**RESCUE, "corridors": [], "areas": [ring]})
    hidden = plan(world, "claire@fr", room, RESCUE, tier=1)
    with pytest.raises(SightMissing):
        claire.disclose(room, hidden, 2)
    sight = (view(world, "claire@fr", room, firing).state.hash,)
    claire.disclose(room, hidden, 2, sight=sight)
    world.settle(2)
    assert view(world, "alice@uk", room, hidden).values()["kind"] == "exercise"
    alice = world.agents["alice@uk"].engine
    with pytest.raises(SightMissing):
        alice.amend(room, firing, {"band": [0, 2500]})
    alice.amend(room, firing, {"band": [1000, 2500]})
    world.settle(2)
    for who in world.agents:
        for record in (firing, hidden):
            assert not view(world, who, room, record).state.refused
    apart = plan(world, "claire@fr", room, {**RESCUE, "band": [700, 900]})
    alice.act(room, firing, Reserve("berth:north", Moment(10), Moment(20)))
    claire.act(room, apart, Reserve("berth:north", Moment(15), Moment(25)))
    world.settle(2)
    for who in ("alice@uk", "denis@fr"):
        engine = world.agents[who].engine
        found = call(engine, "register.conflicts", {"room": room.hex()})["conflicts"]
        assert [(each["cause"], {each["a"]["id"], each["b"]["id"]}) for each in found] == [
            ("berth:north", {firing.hex(), apart.hex()})
        ]


def test_one_receipt_of_a_nation_is_enough_and_another_device_gives_it_where_the_first_is_away(world: World) -> None:
    room = room_of_four(world)
    engine, clock = world.agents["alice@uk"].engine, world.agents["alice@uk"].engine._clock  # pyright: ignore[reportPrivateUsage]
    long = Terms("silence", (Nation("uk"), Nation("fr")), deadline=Moment(clock() + 3600 * SECOND))
    record = propose(world, room, terms=long)
    world.settle(4)
    receipts = [act for act in view(world, "alice@uk", room, record).state.acts if isinstance(act.body, Receipt)]
    assert [act.nation for act in receipts] == ["fr"]
    first = str(receipts[0].author.address)
    away = world.agents.pop(first)
    soon = Terms("silence", (Nation("uk"), Nation("fr")), deadline=Moment(clock() + 6 * SECOND))
    records = [propose(world, room, terms=soon) for _ in range(3)]
    while any(len(view(world, "alice@uk", room, one).state.acts) < 2 for one in records):
        assert clock() < soon.deadline, "the device that is left gave no receipt in time"
        world.settle(1)
    for one in records:
        given = [act for act in view(world, "alice@uk", room, one).state.acts if isinstance(act.body, Receipt)]
        assert {act.nation for act in given} == {"fr"}
        assert first not in {str(act.author.address) for act in given}
    while clock() <= soon.deadline + 2 * SECOND:
        world.settle(1)
    engine.act(room, records[0], Lapse())
    world.agents[first] = away
    world.settle(3)
    assert view(world, first, room, records[0]).state.status is Status.BINDING
