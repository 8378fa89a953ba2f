"""Coverage and its gaps: required − present, by region and week.

Present in a region in a week is every activity with a volume that shares interior with the region and time with the week, as
planned: uncertainty may keep it away, so that it does not count. Weeks are those of ISO 8601, Monday 00:00 UTC.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Final

import msgspec
import numpy as np

from cordiale.desks.activity.few import meets
from cordiale.desks.activity.judge import Columns
from cordiale.desks.activity.rules import Rules
from cordiale.desks.activity.table import ACTIVITIES, Nations, Row, columns, plan
from cordiale.desks.activity.volume import (
    Activity,
    ActivityId,
    AltitudeBand,
    Interval,
    Shape,
    Uncertainty,
    Volume,
    check_kind,
)
from cordiale.errors import LimitExceeded, Malformed
from cordiale.vocab.moment import DAY, Moment, from_datetime, to_datetime
from cordiale.vocab.party import Nation

REQUIREMENTS: Final = 10_000
WEEKS: Final = 1_000
"""Of one requirement."""
_WEEK: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")


class Requirement(msgspec.Struct, frozen=True):
    """At least so many activities of these kinds (any kind, if none is named) in a region, in each of these weeks."""

    region: str
    shape: Shape
    weeks: tuple[str, ...]
    """`2027-W05`."""
    required: int
    kinds: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 < self.required <= 1_000 or not 0 < len(self.region) <= 128:
            raise Malformed(
                "1 to 1,000 activities in a region with a name are required",
                what="requirement",
                detail_fr="il faut de 1 à 1 000 activités dans une région qui a un nom",
            )
        if len(self.weeks) > WEEKS:
            raise LimitExceeded(f"requirement: {len(self.weeks)} weeks, {WEEKS} allowed")
        for week in self.weeks:
            week_span(week)
        for kind in self.kinds:
            check_kind(kind)


class Coverage(msgspec.Struct, frozen=True):
    """One requirement in one week, and who meets it."""

    region: str
    week: str
    required: int
    present: tuple[ActivityId, ...]

    @property
    def missing(self) -> int:
        """0 where enough are there."""
        return max(0, self.required - len(self.present))


def week_span(week: str) -> Interval:
    """A week's seven days, UTC; `Malformed` if there is no such week."""
    found = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None or monday.year < 1970:
        raise Malformed(
            f"{week[:16]!r} is not a week as 2027-W05",
            what="requirement",
            detail_fr=f"{week[:16]!r} n’est pas une semaine comme 2027-W05",
        )
    begin = from_datetime(datetime(monday.year, monday.month, monday.day, tzinfo=UTC))
    return Interval(begin, Moment(begin + 7 * DAY))


def week_of(moment: Moment) -> str:
    """The week that a moment is in."""
    year, week, _ = to_datetime(moment).isocalendar()
    return f"{year:04}-W{week:02}"


def coverage(requirements: Iterable[Requirement], activities: Iterable[Activity], rules: Rules) -> tuple[Coverage, ...]:
    """Every requirement in each of its weeks, in their order."""
    wanted, planned = list(requirements), [_certain(each) for each in activities]
    if len(wanted) > REQUIREMENTS or len(planned) > ACTIVITIES:
        raise LimitExceeded(
            f"{len(wanted)} requirements, {REQUIREMENTS} allowed; {len(planned)} activities, {ACTIVITIES}"
        )
    rows = [Row(each, place) for each in planned for place in range(len(each.volumes))]
    c = columns(plan([*planned, *map(_as_activity, wanted)], rules, Nations()))
    found: list[Coverage] = []
    for place, each in enumerate(wanted):
        found += _covered(each, [rows[row] for row in _inside(c, len(rows), len(rows) + place)])
    return tuple(found)


def gaps(requirements: Iterable[Requirement], activities: Iterable[Activity], rules: Rules) -> tuple[Coverage, ...]:
    """Those in which something is missing."""
    return tuple(each for each in coverage(requirements, activities, rules) if each.missing)


def _covered(requirement: Requirement, inside: list[Row]) -> Iterator[Coverage]:
    of_kind = [row for row in inside if not requirement.kinds or row.activity.kind in requirement.kinds]
    for week in requirement.weeks:
        span = week_span(week)
        there = {row.activity.id for row in of_kind if _shares_time(row.volume.interval, span)}
        yield Coverage(requirement.region, week, requirement.required, tuple(sorted(there)))


def _shares_time(one: Interval, other: Interval) -> bool:
    return one.begin < other.end and other.begin < one.end


def _inside(c: Columns, rows: int, region: int) -> list[int]:
    """The first `rows` rows that share interior with the row `region`."""
    near = (c.box[:rows, :3] <= c.box[region, 3:]).all(axis=1) & (c.box[region, :3] <= c.box[:rows, 3:]).all(axis=1)
    return [row for row in np.flatnonzero(near).tolist() if meets(c, row, region)]


def _certain(activity: Activity) -> Activity:
    volumes = tuple(msgspec.structs.replace(each, uncertainty=Uncertainty()) for each in activity.volumes)
    return msgspec.structs.replace(activity, volumes=volumes)


def _as_activity(requirement: Requirement) -> Activity:
    """A region in the form of an activity, so that it becomes a row like any other; only its shape is used."""
    anywhen = Volume(requirement.shape, AltitudeBand(0.0, 1.0), Interval(Moment(0), Moment(1)))
    return Activity(ActivityId("region"), Nation("zz"), "region", (anywhen,))
