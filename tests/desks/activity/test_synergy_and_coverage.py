"""Synergy against every pair, coverage by hand and by counting."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.desks.activity.coverage import Requirement, coverage, gaps, week_of, week_span
from cordiale.desks.activity.overlap import overlap
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.sphere import EARTH_KM
from cordiale.desks.activity.synergy import synergies
from cordiale.desks.activity.table import Table
from cordiale.desks.activity.volume import Activity, Circle
from cordiale.errors import LimitExceeded, Malformed, WrongUsage
from cordiale.vocab.moment import DAY, HOUR, Moment
from desks.activity.plans import activities, activity, box, volume

RULES = shipped()
WEEK = 7 * 24
"""Hours. 1970-01-01 was a Thursday, in the first week of 1970; the second began 96 hours later, the third at 264."""


def every_pair(planned: list[Activity], km: float, days: float) -> dict[tuple[str, str], tuple[float, float]]:
    """Nearest distance and gap, with the distance's own kernel and nothing else of the search."""
    table, found = Table(planned, RULES), dict[tuple[str, str], tuple[float, float]]()
    c = table.columns
    for i, j in itertools.combinations(range(len(table.rows)), 2):
        one, other = table.rows[i].activity, table.rows[j].activity
        gap = max(c.begin[i] - c.end[j], c.begin[j] - c.end[i], 0) / DAY
        apart = max(0.0, -overlap(c.shapes, i, j, math.inf) * EARTH_KM)
        closed = c.begin[i] - c.end[j] < days * DAY and c.begin[j] - c.end[i] < days * DAY
        if one.nation != other.nation and apart < km - 0.002 and closed:
            found[one.id, other.id] = min(found.get((one.id, other.id), (math.inf, math.inf)), (apart, float(gap)))
    return found


@settings(max_examples=50)
@given(activities(most=8), st.sampled_from((1.0, 50.0, 400.0)), st.sampled_from((0.04, 0.1, 1.0)))
def test_synergies_are_those_of_every_pair(planned: list[Activity], km: float, days: float) -> None:
    found = synergies(planned, RULES, km, days)
    wanted = every_pair(planned, km, days)
    near_limit = {(each.a, each.b) for each in found if each.km >= km - 0.002}
    assert {(each.a, each.b) for each in found} - near_limit == set(wanted) - near_limit
    for each in found:
        if (each.a, each.b) not in near_limit:
            assert (each.km, each.days) == pytest.approx(wanted[each.a, each.b])
    assert [each.km for each in found] == sorted(each.km for each in found)


def test_synergy_is_between_nations_and_within_both_limits() -> None:
    one = activity("a1", volume(Circle((0, 50), 10.0), (0, 24)))
    other = activity("b2", volume(Circle((1, 50), 10.0), (48, 72), (5000, 6000)))
    (found,) = synergies([one, other], RULES, 60, 2)
    assert found.days == 1.0
    assert found.km == pytest.approx(71.47 - 20, abs=0.1)
    assert not synergies([one, other], RULES, 50, 2)
    assert not synergies([one, other], RULES, 60, 1)
    assert not synergies([one, activity("b3", *other.volumes)], RULES, 60, 2)
    for km, days in ((-1, 1), (1, -1), (math.nan, 1), (6000, 1), (1, 400)):
        with pytest.raises(WrongUsage):
            synergies([one, other], RULES, km, days)


def test_gaps_are_required_less_present() -> None:
    sea = Requirement("west", box(-10, 45, 0, 50), ("1970-W02", "1970-W03", "1970-W04"), 2, frozenset({"patrol"}))
    inside, beside = volume(box(-5, 46, -4, 47), (100, 264)), volume(box(0, 46, 1, 47), (0, 500))
    planned = [
        activity("p1", inside, kind="patrol"),
        activity("p2", volume(Circle((-1, 47), 5), (258, 268)), kind="patrol"),
        activity("p3", beside, kind="patrol"),
        activity("p4", volume(box(-5, 46, -4, 47), (0, 500), km=50.0, seconds=1e6), kind="course"),
    ]
    found = coverage([sea], planned, RULES)
    assert [(each.week, each.present, each.missing) for each in found] == [
        ("1970-W02", ("p1", "p2"), 0),
        ("1970-W03", ("p2",), 1),
        ("1970-W04", (), 2),
    ]
    assert [each.week for each in gaps([sea], planned, RULES)] == ["1970-W03", "1970-W04"]
    anything = Requirement("west", sea.shape, ("1970-W04",), 1)
    assert coverage([anything], planned, RULES)[0].present == ("p4",)
    assert not coverage([], planned, RULES)
    assert coverage([sea], [], RULES)[0].missing == 2


def test_uncertain_presence_does_not_count() -> None:
    edge = Requirement("edge", box(0, 45, 1, 46), ("1970-W02",), 1)
    assert gaps([edge], [activity("p1", volume(Circle((1.2, 45.5), 1.0), (90, 200), km=100.0))], RULES)
    assert gaps([edge], [activity("p1", volume(Circle((0.5, 45.5), 1.0), (90, 96), seconds=1e6))], RULES)


@given(st.integers(0, 4_000 * DAY))
def test_weeks_follow_each_other(moment: int) -> None:
    found = week_span(week_of(Moment(moment + 4 * DAY)))
    assert found.begin <= moment + 4 * DAY < found.end
    assert week_of(found.end) != week_of(found.begin)
    assert found.end - found.begin == WEEK * HOUR


@pytest.mark.parametrize("week", ["2027-W54", "2027-W00", "2027-1", "", "1969-W40", "2026-W53x"])
def test_weeks_that_are_none_are_refused(week: str) -> None:
    with pytest.raises(Malformed):
        Requirement("x", Circle((0, 0), 1.0), (week,), 1)


def test_requirements_have_limits() -> None:
    with pytest.raises(LimitExceeded):
        Requirement("x", Circle((0, 0), 1.0), ("2027-W01",) * 1_001, 1)
    for required, kinds in ((0, frozenset[str]()), (1, frozenset({"Not A Kind"}))):
        with pytest.raises(Malformed):
            Requirement("x", Circle((0, 0), 1.0), ("2027-W01",), required, kinds)
