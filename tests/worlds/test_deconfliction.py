"""Private deconfliction between two nations with real nodes and agents: consented to, run, logged by both, and whatever goes
wrong."""

from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from cordiale.adapters import keystore
from cordiale.agent import run_driver, runs
from cordiale.agent.registering import Wanted
from cordiale.agent.workspace import Workspace
from cordiale.errors import BudgetSpent, IllegalStep, LimitExceeded, NotFound, NotReleasable
from cordiale.register.deconfliction.grid import Grid
from cordiale.register.deconfliction.plan import planned
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Address, Nation
from worlds.runs import (
    ALLOWED,
    FIRST,
    FR_PLAN,
    UK_PLAN,
    accept,
    activity,
    begun,
    clock,
    endings,
    logs,
    propose,
    restart,
    row,
    settle,
    terms,
)
from worlds.test_two_nations import TO_FRANCE, TO_UK, room_of_four
from worlds.world import World

# --- as agreed ----------------------------------------------------------------------------------------------------


def test_two_people_consent_and_learn_where_their_plans_meet_and_nothing_else(nations: World) -> None:
    world = nations
    room = room_of_four(world)
    run = propose(world, terms(world, room, b"meet"))
    settle(world)
    assert [view.row.stage for view in world.agents["claire@fr"].engine.deconflictor.views(room)] == ["asked"]
    assert world.agents["denis@fr"].engine.deconflictor.views(room) == []
    assert logs(world, "denis@fr", room) == []
    accept(world, run)
    settle(world)
    results = [world.agents[who].engine.deconflictor for who in ("alice@uk", "claire@fr")]
    one, other = [each.result(each.find(room, "last")) for each in results]
    assert one.meetings == other.meetings != ()
    assert {meeting.first_day for meeting in one.meetings} == {meeting.last_day for meeting in one.meetings}
    assert [each.name for each in one.activities] == ["EXERCISE patrol"]
    assert [each.name for each in other.activities] == ["EXERCISE patrouille"]
    for who in world.agents:
        found = logs(world, who, room)
        assert sorted(each["owner"] for each in found) == ["fr", "uk"]
        assert {each["status"] for each in found} == {"binding"}
        assert {each["ended"] for each in found} == {"done"}
        assert found[0]["log"] == found[1]["log"]
        assert found[0]["commitments"] == found[1]["commitments"]
        assert all(view.row.kind == "act" for view in world.agents[who].engine.messages(room, "en"))


def test_plans_that_meet_nowhere_end_after_the_first_pass(nations: World) -> None:
    room, run = begun(nations, b"apart", fr=planned([activity("loin", 30.0, 200)]))
    settle(nations)
    assert endings(nations, room, run) == ("done", "done")
    claire = nations.agents["claire@fr"].engine.deconflictor
    found = claire.result(claire.find(room, run.hex()))
    assert (found.grid, found.meetings, found.activities) == ("3/7", (), ())
    assert row(nations, "alice@uk", room, run).sizes == ((64, 64),)


def test_each_side_has_logged_the_run_before_its_list_leaves(nations: World) -> None:
    """Step by step: whenever a list or tags of a side are in the room, the record of the run is in the register."""
    room, run = begun(nations, b"order")
    for _ in range(40):
        for agent in nations.agents.values():
            agent.engine.drive()
        for who, nation in (("alice@uk", "uk"), ("claire@fr", "fr")):
            said = [each.nation for each in row(nations, who, room, run).said]
            if said.count(nation) > 1:
                assert nation in {each["owner"] for each in logs(nations, who, room)}
            other = "fr" if nation == "uk" else "uk"
            if said.count(other) > 1:
                assert other in {each["owner"] for each in logs(nations, who, room)}
        nations.settle(1)
    assert endings(nations, room, run) == ("done", "done")


def test_activities_of_a_register_that_are_not_shown_yet_are_a_plan(nations: World) -> None:
    room = room_of_four(nations)
    alice = nations.agents["alice@uk"].engine
    values = {
        "cells": ["831875fffffffff"],
        "weeks": [FIRST * DAY, (FIRST + 7) * DAY],
        "title": {"en": "EXERCISE patrol", "fr": "EXERCICE patrouille"},
        "kind": "patrol",
        "span": [(FIRST + 3) * DAY, (FIRST + 4) * DAY],
        "corridors": [{"line": [[-80_000_000, 485_000_000], [-79_000_000, 485_000_000]], "half_width": 2_000}],
    }
    label = alice.label(TO_FRANCE)
    kept = alice.propose(room, "activity", values, Wanted(label=label, tier=1))
    title = {"en": "EXERCISE open", "fr": "EXERCICE"}
    shown = alice.propose(room, "activity", {**values, "title": title}, Wanted(label=label, tier=2))
    found = alice.deconflictor.own_plan(room)
    assert [(each.record, each.name) for each in found.items] == [(kept, "EXERCISE patrol")]
    run = propose(nations, terms(nations, room, b"register"), found)
    settle(nations)
    accept(nations, run)
    settle(nations)
    (touched,) = alice.deconflictor.result(alice.deconflictor.find(room, run.hex())).activities
    assert touched.record == kept.hex() != shown.hex()
    alice.disclose(room, kept, 2)
    nations.settle(2)
    seen = nations.agents["claire@fr"].engine.record(room, kept.hex(), "en")
    assert seen.values()["kind"] == "patrol"


# --- interrupted --------------------------------------------------------------------------------------------------


def test_agents_killed_after_every_step_carry_on(nations: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round both people's agents are gone and started again from their stores."""
    monkeypatch.setattr(keystore, "unlock", cache(keystore.unlock))
    room, run = begun(nations, b"killed")
    for _ in range(25):
        for who in ("alice@uk", "claire@fr"):
            restart(nations, who)
            nations.agents[who].engine.drive()
        nations.settle(2)
        if endings(nations, room, run) == ("done", "done"):
            break
    assert endings(nations, room, run) == ("done", "done")
    alice, claire = (nations.agents[who].engine.deconflictor for who in ("alice@uk", "claire@fr"))
    one, other = (each.result(each.find(room, run.hex())) for each in (alice, claire))
    assert one.meetings == other.meetings != ()
    assert len(logs(nations, "bob@uk", room)) == 2


def test_what_was_computed_and_not_kept_is_computed_again(nations: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between computing a statement and keeping it, and between the record of the run and its list."""
    monkeypatch.setattr(keystore, "unlock", cache(keystore.unlock))
    room, run = begun(nations, b"torn")
    whole, failures = runs.keep_own, [0]

    def torn(work: Workspace, number: bytes, statement: bytes) -> Any:
        failures[0] += 1
        if failures[0] % 2:
            raise MemoryError
        return whole(work, number, statement)

    monkeypatch.setattr(run_driver.runs, "keep_own", torn)
    for _ in range(40):
        for who in ("alice@uk", "claire@fr"):
            try:
                nations.agents[who].engine.drive()
            except MemoryError:
                restart(nations, who)
        nations.settle(2)
        if endings(nations, room, run) == ("done", "done"):
            break
    nations.settle(2)
    assert failures[0] > 10
    assert endings(nations, room, run) == ("done", "done")
    assert len(logs(nations, "bob@uk", room)) == 2


def test_a_run_that_cannot_be_made_again_is_over_and_stops_no_other(nations: World) -> None:
    """A statement is missing from the store: this run ends here, the deadline ends it there; another one goes on."""
    room, run = begun(nations, b"lost")
    nations.agents["alice@uk"].engine.drive()
    whole, broken = row(nations, "alice@uk", room, run), runs.Said("uk", b"nowhere")
    with nations.agents["alice@uk"].store.write() as state:
        runs.put(state, run, replace(whole, said=(broken,)))
    restart(nations, "alice@uk")
    other = propose(nations, terms(nations, room, b"beside"))
    settle(nations)
    accept(nations, other)
    settle(nations)
    assert endings(nations, room, run)[0] == "broken-off"
    assert endings(nations, room, other) == ("done", "done")


def test_a_capital_that_was_cut_off_in_the_middle_goes_on_afterwards(nations: World) -> None:
    room, run = begun(nations, b"cut off")
    for _ in range(3):
        for agent in nations.agents.values():
            agent.engine.drive()
        nations.settle(1)
    nations.nodes[Nation("fr")].up = False
    settle(nations)
    assert endings(nations, room, run) == ("", "")
    nations.nodes[Nation("fr")].up = True
    settle(nations)
    assert endings(nations, room, run) == ("done", "done")


def test_a_run_that_is_not_over_by_its_deadline_is_broken_off_by_both(
    nations: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, run = begun(nations, b"late")
    for _ in range(3):
        for agent in nations.agents.values():
            agent.engine.drive()
        nations.settle(1)
    for who in ("alice@uk", "claire@fr"):
        driver = nations.agents[who].engine.deconflictor._driver  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(driver, "_clock", lambda: Moment(clock(nations) + 2 * DAY))
    settle(nations)
    assert endings(nations, room, run) == ("broken-off", "broken-off")
    assert row(nations, "alice@uk", room, run).detail == run_driver.LATE
    assert {each["ended"] for each in logs(nations, "denis@fr", room)} == {"broken-off"}


def test_either_person_can_break_it_off(nations: World) -> None:
    room, run = begun(nations, b"stopped")
    nations.agents["claire@fr"].engine.drive()
    nations.settle(2)
    nations.agents["alice@uk"].engine.deconflictor.stop(run)
    settle(nations)
    assert endings(nations, room, run) == ("broken-off", "broken-off")
    assert {(each["owner"], each["ended"]) for each in logs(nations, "bob@uk", room)} == {
        ("uk", "broken-off"),
        ("fr", "broken-off"),
    }
    with pytest.raises(IllegalStep):
        nations.agents["alice@uk"].engine.deconflictor.stop(run)
    with pytest.raises(IllegalStep, match="broken-off"):
        claire = nations.agents["claire@fr"].engine.deconflictor
        claire.result(claire.find(room, run.hex()))


def test_whoever_is_put_out_of_the_room_has_no_run_there_any_more(nations: World) -> None:
    room, run = begun(nations, b"put out")
    nations.agents["alice@uk"].engine.drive()
    nations.settle(1)
    nations.agents["bob@uk"].engine.remove(room, Address.parse("alice@uk"))
    nations.settle(2)
    settle(nations)
    found = row(nations, "alice@uk", room, run)
    assert (found.ended, found.detail, found.logged) == ("broken-off", run_driver.LEFT, True)


# --- refused ------------------------------------------------------------------------------------------------------


def test_whoever_declines_sends_nothing_of_a_plan_and_both_log_it(nations: World) -> None:
    room = room_of_four(nations)
    run = propose(nations, terms(nations, room, b"no"))
    settle(nations)
    claire = nations.agents["claire@fr"].engine
    claire.deconflictor.decline(run, claire.label(TO_UK))
    settle(nations)
    assert endings(nations, room, run) == ("declined", "declined")
    found = logs(nations, "denis@fr", room)
    assert {(each["owner"], each["ended"], len(each["commitments"])) for each in found} == {
        ("uk", "declined", 1),
        ("fr", "declined", 1),
    }
    with pytest.raises(IllegalStep, match="declined"):
        accept(nations, run)


def test_the_budget_is_counted_from_the_log_of_both_registers(world: World) -> None:
    room, run = begun(world, b"first")
    settle(world)
    assert endings(world, room, run) == ("done", "done")
    denis, claire = world.agents["denis@fr"].engine, world.agents["claire@fr"].engine
    alice = world.agents["alice@uk"].engine
    again = terms(world, room, b"second")
    with pytest.raises(BudgetSpent, match="1 runs with fr in 30 days, 1 allowed"):
        alice.deconflictor.propose(again, UK_PLAN, alice.label(TO_FRANCE), (1, 10**9, 30))
    propose(world, again)
    propose(world, terms(world, room, b"third", people=("alice@uk", "denis@fr")))
    settle(world)
    with pytest.raises(BudgetSpent, match="runs with uk"):
        accept(world, again.run, allowed=(1, 10**9, 30))
    with pytest.raises(BudgetSpent, match="elements"):
        accept(world, again.run, allowed=(100, 2 * 1024, 30))
    with pytest.raises(BudgetSpent, match="runs with uk"):  # Denis had no part in the first: the register says so
        denis.deconflictor.accept(b"third".ljust(16, b"."), FR_PLAN, denis.label(TO_UK), (1, 10**9, 30))
    assert row(world, "claire@fr", room, again.run).stage == "asked"
    claire.deconflictor.decline(again.run, claire.label(TO_UK))
    settle(world)
    assert endings(world, room, again.run) == ("declined", "declined")


def test_terms_that_cannot_be_are_refused_before_anything_is_sent(nations: World) -> None:
    room = room_of_four(nations)
    alice = nations.agents["alice@uk"].engine
    wide = planned([activity("many", -8.0, 3, 300)])
    with pytest.raises(LimitExceeded):
        propose(nations, terms(nations, room, b"over", grids=(Grid(5, 1),), most=64), wide)
    with pytest.raises(NotReleasable):
        home = alice.label("OFFICIAL-SENSITIVE UK EYES ONLY")
        alice.deconflictor.propose(terms(nations, room, b"home"), UK_PLAN, home, ALLOWED)
    with pytest.raises(NotFound):
        alice.deconflictor.accept(b"unknown".ljust(16), UK_PLAN, alice.label(TO_FRANCE), ALLOWED)
    settle(nations)
    assert alice.deconflictor.views(room) == []
    assert nations.agents["claire@fr"].engine.deconflictor.views(room) == []


def test_a_finer_pass_over_the_cap_breaks_it_off(nations: World) -> None:
    """The coarse pass fits under the cap, the fine one doesn't: known to this side alone, and only then."""
    wide = planned([activity("many", -8.0, 3, 300)])
    room, run = begun(nations, b"grows", uk=wide, fr=wide, grids=(Grid(3, 7), Grid(5, 1)), most=128)
    settle(nations)
    assert "broken-off" in endings(nations, room, run)
    assert {each["ended"] for each in logs(nations, "bob@uk", room)} == {"broken-off"}
    assert (
        "the terms allow 128"
        in row(nations, "alice@uk", room, run).detail + row(nations, "claire@fr", room, run).detail
    )
