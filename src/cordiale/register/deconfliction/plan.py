"""A plan as people keep it: activities in the fields of the register `activity`, from its records or from a JSON file.

    {"records": [{"title": …, "span": [from, to], "areas": […], "corridors": […], "margin": metres, "slack": minutes}, …]}

is what `register show --json` and the samples write; only `span` and one area or corridor are needed. Nothing of it is ever
sent. An area becomes a polygon, a corridor its line with half its width, both with the margin besides.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register import kind as kinds
from cordiale.register import plain
from cordiale.register.deconfliction.cells import cover
from cordiale.register.deconfliction.grid import Codes, Grid, project
from cordiale.register.deconfliction.shape import Activity, Area
from cordiale.register.kind import DEGREE
from cordiale.register.schema import Schema, shipped
from cordiale.vocab.moment import MINUTE, Moment
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

TYPE: Final = "activity"
NEEDED: Final = ("span", "areas", "corridors", "margin", "slack")
ITEMS: Final = 10_000
"""Activities in one plan."""
FILE_BYTES: Final = 16 * limits.MIB
_METRES: Final = 1_000
_NAME_CHARACTERS: Final = 80


class Item(Record, frozen=True):
    """One activity of a plan. `record` is its id where it stands in a register, else empty."""

    name: str
    record: bytes
    activity: Activity


class Plan(Record, frozen=True):
    """What a person compares. Kept in the agent's own store alone."""

    items: tuple[Item, ...]

    def __repr__(self) -> str:
        return f"Plan({len(self.items)} activities)"

    def encode(self) -> bytes:
        """Canonical bytes."""
        return canonical.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Plan":
        """From `encode`'s bytes."""
        return canonical.decode(data, cls, limit=4 * FILE_BYTES)

    def touching(self, found: Codes, fine: Grid, reached: Grid, days: tuple[int, int]) -> list[tuple[Item, list[int]]]:
        """The activities that are in one of the codes found on the grid reached, each with the places of those codes."""
        touched: list[tuple[Item, list[int]]] = []
        for item in self.items:
            own = np.unique(project(cover((item.activity,), fine, days), fine, reached))
            places = np.flatnonzero(np.isin(found, own)).tolist()
            if places:
                touched.append((item, places))
        return touched


def read(data: bytes) -> Plan:
    """From a JSON file; `Malformed` names the activity that is wrong."""
    if len(data) > FILE_BYTES:
        raise LimitExceeded(f"a plan of {len(data)} bytes, {FILE_BYTES} allowed")
    try:
        given: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise _wrong("not JSON", "ce n’est pas du JSON") from None
    rows: Any = cast("dict[str, Any]", given).get("records") if isinstance(given, dict) else given
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in cast("list[Any]", rows)):
        raise _wrong("not a list of records", "ce n’est pas une liste de fiches")
    return planned(_row(place, row) for place, row in enumerate(cast("list[dict[str, Any]]", rows), start=1))


def planned(items: Iterable[Item]) -> Plan:
    """A plan of these; `LimitExceeded` if they are too many, `Malformed` if there is none."""
    found = tuple(items)
    if len(found) > ITEMS:
        raise LimitExceeded(f"a plan of {len(found)} activities, {ITEMS} allowed")
    if not found:
        raise _wrong(
            "it has no activity with a span and an area or a corridor",
            "il n’a pas d’activité avec une durée et une zone ou un couloir",
        )
    return Plan(found)


def _row(place: int, row: Mapping[str, Any]) -> Item:
    schema = shipped()[TYPE]
    try:
        values = {name: _value(schema, name, row[name]) for name in NEEDED if row.get(name) is not None}
        found = item(_name(row) or f"#{place}", values)
    except Malformed as fault:
        french = fault.facts.get("detail_fr", fault.detail)
        raise _wrong(f"activity {place}: {fault.detail}", f"activité {place} : {french}") from None
    if found is None:
        raise _wrong(
            f"activity {place}: a span and an area or a corridor are needed",
            f"activité {place} : il faut une durée et une zone ou un couloir",
        )
    return found


def _value(schema: Schema, name: str, given: Any) -> Any:
    field = schema.field(name)
    if field is None:
        raise _wrong(f"{schema.type} has no field {name}", f"{schema.type} n’a pas de champ {name}")
    with plain.about(name):
        value = plain.from_plain(field.narrowed, given)
    why = kinds.fault(field.narrowed, value)
    if why:
        raise _wrong(f"{name}: {why.en}", f"{name} : {why.fr}")
    return value


def _wrong(english: str, french: str) -> Malformed:
    return Malformed(english, what="plan", detail_fr=french)


def _name(row: Mapping[str, Any]) -> str:
    title: Any = row.get("title", "")
    if isinstance(title, dict):
        title = next(iter(cast("dict[str, Any]", title).values()), "")
    return str(title)[:_NAME_CHARACTERS]


def item(name: str, values: Mapping[str, Any], record: bytes = b"") -> Item | None:
    """An activity from a record's fields (sound values, as they are kept), or None where it has no time or no place."""
    margin = values.get("margin", 0) / _METRES
    areas = [Area(_positions(each["ring"]), margin, closed=True) for each in values.get("areas", ())]
    corridors = [
        Area(_positions(each["line"]), each["half_width"] / _METRES + margin) for each in values.get("corridors", ())
    ]
    if "span" not in values or not (areas or corridors):
        return None
    begins, ends = values["span"]
    slack = values.get("slack", 0) * MINUTE
    return Item(name, record, Activity((*areas, *corridors), Moment(begins), Moment(ends), slack))


def _positions(points: Sequence[Sequence[int]]) -> tuple[tuple[float, float], ...]:
    """Latitude and longitude in degrees, from longitude and latitude in units."""
    return tuple((latitude / DEGREE, longitude / DEGREE) for longitude, latitude in points)
