"""Forms in which records are seen beside the table: a board by state, a calendar, a map; all made from schemas alone.

A field shows in the calendar by its kind (day, moment, span), on the map by its kind (position, area, corridor, or a list of
them). A type of record needs no code here.
"""

from calendar import Calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from cordiale.console.link import Document
from cordiale.wiring.record_status import STATUS

FORMS: Final = ("table", "board", "calendar", "map")
TIMES: Final = frozenset(("day", "moment", "span"))
PLACES: Final = frozenset(("position", "area", "corridor"))
Types = Mapping[str, Mapping[str, Document]]
"""Type of record to its fields by name, as `register.types` tells them."""


class Stay(NamedTuple):
    """A record's field in a calendar: its first and its last day."""

    record: Document
    field: str
    first: date
    last: date


class Day(NamedTuple):
    """One cell of a calendar."""

    day: date
    inside: bool
    """In the month that is shown."""
    stays: tuple[Stay, ...]


def board(records: Sequence[Document]) -> list[tuple[str, list[Document]]]:
    """Columns in the order in which records usually go; those of no record too, so that each stays in its place."""
    return [(status, [record for record in records if record["status"] == status]) for status in STATUS]


def stays(records: Iterable[Document], types: Types) -> list[Stay]:
    """Everything that has a time, the earliest first."""
    found = [
        Stay(record, field["title"], *days)
        for record in records
        for name, field in types.get(record["type"], {}).items()
        if field["kind"] in TIMES
        and name in record["values"]
        and (days := _days(field["kind"], record["values"][name]))
    ]
    return sorted(found, key=lambda stay: (stay.first, stay.last, stay.record["id"]))


def _days(kind: str, value: Any) -> tuple[date, date] | None:
    if kind == "day":
        day = date.fromisoformat(value)
        return day, day
    if kind == "moment":
        day = _moment(value).date()
        return day, day
    begin, end = (_moment(part) for part in value)
    return begin.date(), max(begin.date(), (end - timedelta(microseconds=1)).date())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def month_of(wanted: str, found: Sequence[Stay], today: date) -> date:
    """The first of the month asked for as YYYY-MM; else of the next stay from today on, the last one, or today."""
    try:
        return date.fromisoformat(f"{wanted}-01")
    except ValueError:
        ahead = next((stay.first for stay in found if stay.last >= today), None)
        return (ahead or (found[-1].first if found else today)).replace(day=1)


def weeks(month: date, found: Sequence[Stay]) -> list[list[Day]]:
    """The month's weeks from Monday, with the days of other months that fill them."""
    cells = list(Calendar().itermonthdates(month.year, month.month))
    days = [
        Day(day, day.month == month.month, tuple(stay for stay in found if stay.first <= day <= stay.last))
        for day in cells
    ]
    return [days[start : start + 7] for start in range(0, len(days), 7)]


def next_month(month: date, by: int) -> str:
    """The month before (−1) or after (1), as YYYY-MM; the calendar ends with the years that it can write."""
    place = month.year * 12 + month.month - 1 + by
    year, number = divmod(min(max(place, 12), 9999 * 12 + 11), 12)
    return f"{year:04d}-{number + 1:02d}"


def features(records: Iterable[Document], types: Types) -> list[Document]:
    """Every geometry as GeoJSON (RFC 7946), with the record that it belongs to."""
    return [
        {
            "type": "Feature",
            "geometry": geometry,
            "properties": {"id": record["id"], "name": record["name"], "field": field["title"]},
        }
        for record in records
        for name, field in types.get(record["type"], {}).items()
        if name in record["values"]
        for geometry in _geometries(field["kind"], record["values"][name])
    ]


def _geometries(kind: str, value: Any) -> Iterator[Document]:
    if kind.startswith("list of "):
        for item in value:
            yield from _geometries(kind.removeprefix("list of "), item)
    elif kind == "position":
        yield {"type": "Point", "coordinates": value}
    elif kind == "area":
        yield {"type": "Polygon", "coordinates": [[*value["ring"], *value["ring"][:1]]]}
    elif kind == "corridor":
        yield {"type": "LineString", "coordinates": value["line"]}


def forms_of(types: Types) -> list[str]:
    """The forms that make sense for these types: the table and the board always."""
    kinds = {field["kind"].removeprefix("list of ") for fields in types.values() for field in fields.values()}
    has = {"table": True, "board": True, "calendar": bool(kinds & TIMES), "map": bool(kinds & PLACES)}
    return [form for form in FORMS if has[form]]
