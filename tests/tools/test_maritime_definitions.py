"""What was so in an EXERCISE, by brute force: for ways drawn by hand, and for what is injected."""

from datetime import date

import pytest
from tools.maritime_definitions import World

from cordiale.analysis.finding import Finding, FindingId, Place
from cordiale.desks.maritime.exercise.make import planned
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

DAYS = 3
PLAN = planned(5, DAYS, 40, date(2025, 1, 6))
"""Seed 5: no other seed's places or times are in here."""
OWN = {
    "encounter": "encounter",
    "loitering": "loitering",
    "drifting": "drift",
    "on land": "on-land",
    "wrong way": "wrong-way",
    "zone": "zone",
    "cable drift": "cable-drift",
    "cable zigzag": "cable-zigzag",
    "cable slowdown": "cable-slowdown",
}


def told(detector: str, mmsi: tuple[int, ...], begin: int, end: int) -> Finding:
    who = tuple(f"mmsi:{number:09}" for number in mmsi)
    return Finding(
        FindingId("EXERCISE"), "maritime", detector, "ours", who, Moment(begin), Moment(end),
        Place(0, 0), 0.5, Phrase("EXERCISE", "EXERCISE"), (), {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World(PLAN, DAYS)


@pytest.mark.parametrize("behaviour", sorted(OWN))
def test_what_is_injected_is_so_and_at_another_time_it_is_not(world: World, behaviour: str) -> None:
    truth = next(each for each in PLAN.truths if each.behaviour == behaviour)
    since = truth.begin + (120_000 if behaviour != "cable slowdown" else 0)
    assert world.so(told(OWN[behaviour], truth.mmsi, since, truth.end - 120_000))
    hours = 4 if behaviour == "cable slowdown" else 1
    before = truth.begin - hours * 3_600_000
    assert not world.so(told(OWN[behaviour], truth.mmsi, before, before + 30 * 60_000))


@pytest.mark.parametrize("detector", sorted(set(OWN.values())))
def test_two_ships_at_a_berth_do_none_of_it(world: World, detector: str) -> None:
    truth = next(each for each in PLAN.truths if each.behaviour == "tug alongside")
    assert not world.so(told(detector, truth.mmsi, truth.begin, truth.end))


def test_of_silences_jumps_and_identities_nothing_is_said(world: World) -> None:
    truth = next(each for each in PLAN.truths if each.behaviour == "jump")
    for detector in ("gap", "jump", "two-places", "circle", "motion", "imo-invalid", "identity-change"):
        assert not world.so(told(detector, truth.mmsi, truth.begin, truth.end))
