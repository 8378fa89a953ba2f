"""Batch, board and every pair in turn give the same conflicts; what only touches is none; explanations name what they must."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.desks.activity.board import Board
from cordiale.desks.activity.conflict import Conflict, conflicts
from cordiale.desks.activity.explanation import explain
from cordiale.desks.activity.overlap import overlap
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.sphere import TOUCH
from cordiale.desks.activity.table import Table
from cordiale.desks.activity.volume import Activity, ActivityId, AltitudeBand, Circle, Corridor, Interval, Volume
from cordiale.errors import AlreadyExists, LimitExceeded, Malformed, NotFound
from cordiale.vocab.moment import HOUR, Moment
from cordiale.vocab.party import Nation
from desks.activity.plans import activities, activity, box, go, pairs_in_time, volume

RULES = shipped()


def by_rule(found: list[Conflict]) -> set[tuple[str, str, int, int]]:
    return {(each.a, each.b, *each.volumes) for each in found if each.reach_km is not None}


def every_pair(planned: list[Activity]) -> set[tuple[str, str, int, int]]:
    """Brute force: no cubes, no boxes, no sweep."""
    table = Table(planned, RULES)
    row = {(each.activity.id, each.place): number for number, each in enumerate(table.rows)}
    return {
        (a, b, m, n)
        for a, b, m, n in pairs_in_time(planned, RULES)
        if overlap(table.columns.shapes, row[ActivityId(a), m], row[ActivityId(b), n], math.inf) > TOUCH
    }


def resources_in_turn(planned: list[Activity]) -> set[tuple[str, str, int, int, str]]:
    found = set[tuple[str, str, int, int, str]]()
    for one, other in itertools.combinations(sorted(planned, key=lambda each: each.id), 2):
        for name in set(one.resources) & set(other.resources) - {"hall:c"}:
            for (m, a), (n, b) in itertools.product(enumerate(one.volumes), enumerate(other.volumes)):
                wide_a, wide_b = (each.uncertainty.seconds * 1000 for each in (a, b))
                begins = a.interval.begin - wide_a, b.interval.begin - wide_b
                if max(begins) < min(a.interval.end + wide_a, b.interval.end + wide_b):
                    found.add((one.id, other.id, m, n, name))
    return found


@settings(max_examples=80)
@given(activities(), st.randoms(use_true_random=False))
def test_batch_board_and_every_pair_agree(planned: list[Activity], random: object) -> None:
    found = list(conflicts(planned, RULES))
    assert by_rule(found) == every_pair(planned)
    rivals = {(each.a, each.b, *each.volumes, each.cause) for each in found if each.reach_km is None}
    assert rivals == resources_in_turn(planned)
    board, told = Board(RULES), list[Conflict]()
    shuffled = list(planned)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for each in shuffled:
        told += board.insert(each)
    assert sorted(map(repr, told)) == sorted(map(repr, found))


@settings(max_examples=40)
@given(activities(most=8), activities(most=8))
def test_a_board_that_changed_is_as_one_that_did_not(before: list[Activity], after: list[Activity]) -> None:
    board = Board(RULES, before)
    for each in after:
        if each.id in board:
            board.replace(each)
        else:
            board.insert(each)
    for gone in (each for each in before if each.id not in {new.id for new in after}):
        assert board.remove(gone.id) == gone
    found = list(conflicts(after, RULES))
    assert len(board) == len(after)
    for each in after:
        mine = [conflict for conflict in found if each.id in (conflict.a, conflict.b)]
        assert sorted(map(repr, board.conflicts_of(each.id))) == sorted(map(repr, mine))


def test_sizes_from_a_metre_to_an_ocean_meet_across_levels() -> None:
    planned = [
        activity(f"v{n:02}", volume(Circle(go((180.0, 40.0), n, n * 2.0), size)))
        for n, size in enumerate([0.01, 0.5, 3.0, 10.0, 40.0, 150.0, 600.0, 2500.0, 5000.0] * 3)
    ]
    found = by_rule(list(conflicts(planned, RULES)))
    assert found == every_pair(planned)
    assert len(found) > 200
    board = Board(RULES)
    assert {(e.a, e.b, *e.volumes) for each in planned for e in board.insert(each)} == found


def test_many_in_one_place_and_many_apart() -> None:
    """Enough rows for the arrays of batch and board to grow, and for crowded cubes."""
    planned = [
        activity(f"n{n:04}", volume(Circle(go((0.0, 89.0), n * 0.7, n % 40 * 5.0), 8.0), (n % 50, n % 50 + 2)))
        for n in range(900)
    ]
    found = list(conflicts(planned, RULES))
    assert by_rule(found) == every_pair(planned)
    board = Board(RULES, planned)
    assert {(e.a, e.b) for each in planned for e in board.conflicts_of(each.id)} == {(e.a, e.b) for e in found}


# --- by hand ------------------------------------------------------------------------------------------------------


HERE = Circle((0.0, 50.0), 10.0)


def found_between(one: Volume, other: Volume, kinds: tuple[str, str] = ("live-fire", "flight")) -> list[Conflict]:
    return list(conflicts([activity("a1", one, kind=kinds[0]), activity("b2", other, kind=kinds[1])], RULES))


def test_what_only_touches_is_no_conflict() -> None:
    assert found_between(volume(HERE), volume(HERE))
    assert not found_between(volume(HERE, (0, 1)), volume(HERE, (1, 2)))
    assert not found_between(volume(HERE, band=(0, 100)), volume(HERE, band=(100, 200)))
    assert not found_between(volume(box(0, 50, 1, 51)), volume(box(1, 50, 2, 51)))


def test_each_axis_is_needed() -> None:
    assert not found_between(volume(HERE), volume(HERE), ("course", "port-call"))
    assert not found_between(volume(HERE), volume(Circle((1.0, 50.0), 10.0)))
    assert not found_between(volume(HERE), volume(HERE, (30, 31)))
    assert not found_between(volume(HERE), volume(HERE, band=(500, 600)))


def test_uncertainty_widens() -> None:
    assert found_between(volume(HERE, (1, 2)), volume(HERE, (2, 3), seconds=1.0))
    assert found_between(volume(HERE), volume(Circle((1.0, 50.0), 10.0), km=60.0))


def test_two_volumes_of_one_activity_never_conflict() -> None:
    assert not conflicts([activity("a1", volume(HERE), volume(HERE), kind="live-fire", resources=("range:x",))], RULES)


def test_overlap_and_margin_differ_inside_a_long_volume() -> None:
    (found,) = found_between(volume(HERE, (0, 10), (0, 1000)), volume(HERE, (4, 5), (600, 700)))
    assert (found.time.shared, found.time.margin) == (3600.0, 5 * 3600.0)
    assert found.altitude is not None
    assert (found.altitude.shared, found.altitude.margin) == (100.0, 400.0)
    assert found.reach_km == pytest.approx(20.0)


def test_altitudes_of_different_references_are_compared_at_their_widest() -> None:
    span = Interval(Moment(0), Moment(HOUR))
    ground, level = AltitudeBand(0, 150, "agl"), AltitudeBand(8000, 9000)
    (found,) = found_between(Volume(HERE, ground, span), Volume(HERE, level, span))
    assert found.cautious
    assert not found_between(Volume(HERE, ground, span), Volume(HERE, AltitudeBand(9000, 9500), span))
    assert not found_between(Volume(HERE, ground, span), Volume(HERE, AltitudeBand(150, 300, "agl"), span))


def test_exclusive_resources_meet_wherever_they_are() -> None:
    far = volume(Circle((100.0, -40.0), 5.0), band=(5000, 6000))
    one = activity("a1", volume(HERE), kind="course", resources=("range:north", "hall:1"))
    (found,) = conflicts([one, activity("b2", far, kind="course", resources=("hall:1", "range:north"))], RULES)
    assert (found.cause, found.altitude, found.reach_km) == ("range:north", None, None)
    assert not conflicts([one, activity("b2", far, kind="course", resources=("hall:1",))], RULES)
    later = volume(HERE, (1, 2))
    assert not conflicts([one, activity("b2", later, kind="course", resources=("range:north",))], RULES)


def test_explanations_name_axes_overlaps_margins_and_rule() -> None:
    (found,) = found_between(volume(HERE, (0, 10), (0, 1000)), volume(HERE, (4, 5), (600, 700)))
    english, french = explain(found, "en"), explain(found, "fr")
    assert english == (
        "a1 (live firing, volume 1) and b2 (flight, volume 1) conflict. Time: both from 1970-01-01 04:00 to "
        "1970-01-01 05:00 UTC, 1 h shared; margin 5 h. Altitude: 100 m shared; margin 400 m. Place: they reach into each "
        "other by at least 20 km, which is the margin. Rule firing-danger: nobody else may be inside the danger area of a "
        "firing (ICAO Doc 9554, military activities potentially hazardous to civil aircraft)."
    )
    assert "Altitude : 100 m en commun ; marge 400 m." in french
    assert "Règle firing-danger : personne d'autre" in french
    one = activity("a1", volume(HERE), kind="course", resources=("range:north",))
    other = activity("b2", volume(HERE), kind="course", resources=("range:north",))
    (shared,) = conflicts([one, other], RULES)
    assert explain(shared, "en").endswith("Exclusive resource range:north: a range has one user at a time.")


def test_wrong_calls_are_told() -> None:
    one = activity("a1", volume(HERE))
    with pytest.raises(AlreadyExists):
        conflicts([one, one], RULES)
    board = Board(RULES, [one])
    with pytest.raises(AlreadyExists):
        board.insert(one)
    for call in (board.remove, board.conflicts_of):
        with pytest.raises(NotFound):
            call(ActivityId("b2"))
    with pytest.raises(NotFound):
        board.replace(activity("b2", volume(HERE)))
    assert len(conflicts([], RULES)) == 0
    assert conflicts([one], RULES)[0:0].found.shape == (0, 3)


def test_hostile_activities_are_refused() -> None:
    good = volume(HERE)
    for wrong in (
        lambda: activity("", good, nation="uk"),
        lambda: activity("a b1", good),
        lambda: activity("a1", good, kind="Live Fire"),
        lambda: activity("a1"),
        lambda: activity("a1", good, nation="UK"),
        lambda: activity("a1", good, resources=("range",)),
        lambda: activity("a1", good, resources=("range:x", "range:x")),
        lambda: volume(HERE, (1, 1)),
        lambda: volume(HERE, band=(5, 5)),
        lambda: volume(HERE, band=(0, math.inf)),
        lambda: volume(HERE, km=-1.0),
        lambda: volume(HERE, seconds=math.nan),
        lambda: Circle((0.0, 0.0), 0.0),
        lambda: Corridor(((0.0, 0.0), (1.0, 0.0)), math.inf),
        lambda: AltitudeBand(0, 1, "flight-level"),  # type: ignore[arg-type]
    ):
        with pytest.raises(Malformed):
            wrong()
    with pytest.raises(LimitExceeded):
        activity("a1", *[good] * 65)
    with pytest.raises(LimitExceeded):
        Activity(ActivityId("a1"), Nation("uk"), "course", (good,), tuple(f"range:{n}" for n in range(33)))
