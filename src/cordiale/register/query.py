"""Questions to a register, as people type them and as programs keep them.

status=binding lead=fr due<2026-12-01 cable
type=activity during=2026-06-01/2026-07-01 within=-2,50,2,52

field=value   field!=value   field<value   field>value     a field of the schema; or type, status, owner
during=A/B                   a span of the record meets [A, B)
within=W,S,E,N               a position of the record lies in the box (degrees; W > E crosses the antimeridian)
overdue=yes                  `due` is past and the record is neither fulfilled nor withdrawn
anything else                words that a text of the record begins with, in either language
"""

import re
import shlex
from datetime import UTC, datetime
from typing import Final

from cordiale.errors import WrongUsage
from cordiale.register.kind import DEGREE
from cordiale.vocab.moment import DAY, Moment, from_datetime
from cordiale.wire.canonical import Record

_CONDITION: Final = re.compile(r"([a-z][a-z0-9_]*)(!=|=|<|>)(.*)", re.DOTALL)
_CONDITIONS: Final = 32
_DAY_LENGTH: Final = 10


class Condition(Record, frozen=True):
    """One comparison; `operator` is =, !=, < or >."""

    field: str
    operator: str
    value: str


class Box(Record, frozen=True):
    """A box in 10^-7 degrees; `west` may be greater than `east`."""

    west: int
    south: int
    east: int
    north: int


class Query(Record, frozen=True):
    """All conditions must hold."""

    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    during: tuple[Moment, Moment] | None = None
    within: Box | None = None
    overdue: bool = False


def parse(text: str) -> Query:
    """A question as it is typed; `WrongUsage` says what was not understood."""
    try:
        parts = shlex.split(text)
    except ValueError as fault:
        raise WrongUsage(f"{text[:80]!r}: {fault}") from None
    if len(parts) > _CONDITIONS:
        raise WrongUsage(f"{len(parts)} conditions, {_CONDITIONS} are allowed")
    query = Query()
    for part in parts:
        query = _with(query, part)
    return query


def _with(query: Query, part: str) -> Query:
    found = _CONDITION.fullmatch(part)
    if found is None:
        return Query(query.conditions, (*query.words, part), query.during, query.within, query.overdue)
    field, operator, value = found.groups()
    if field == "during" and operator == "=":
        return Query(query.conditions, query.words, _span(value), query.within, query.overdue)
    if field == "within" and operator == "=":
        return Query(query.conditions, query.words, query.during, _box(value), query.overdue)
    if field == "overdue" and operator == "=" and value in ("yes", "no"):
        return Query(query.conditions, query.words, query.during, query.within, value == "yes")
    if not value:
        raise WrongUsage(f"{part[:80]!r}: a value is missing")
    return Query(
        (*query.conditions, Condition(field, operator, value)), query.words, query.during, query.within, query.overdue
    )


def moment(text: str, *, end: bool = False) -> Moment:
    """A moment or a day in ISO 8601, UTC where no zone is given; a day's beginning, or its end. `WrongUsage` otherwise."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text[:40]!r} is not a day or time as 2026-06-01 or 2026-06-01T08:00Z") from None
    begun = from_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))
    return Moment(begun + DAY) if end and len(text) == _DAY_LENGTH else begun


def _span(value: str) -> tuple[Moment, Moment]:
    start, slash, end = value.partition("/")
    if not slash:
        raise WrongUsage(f"{value[:40]!r} is not a span as 2026-06-01/2026-06-30")
    found = moment(start), moment(end, end=True)
    if found[0] >= found[1]:
        raise WrongUsage(f"{value[:40]!r} ends before it begins")
    return found


def _box(value: str) -> Box:
    try:
        west, south, east, north = (round(float(part) * DEGREE) for part in value.split(","))
    except (ValueError, OverflowError):
        raise WrongUsage(f"{value[:40]!r} is not west,south,east,north in degrees") from None
    if not (abs(west) <= 180 * DEGREE and abs(east) <= 180 * DEGREE and -90 * DEGREE <= south <= north <= 90 * DEGREE):
        raise WrongUsage(f"{value[:40]!r} is outside the globe")
    return Box(west, south, east, north)
