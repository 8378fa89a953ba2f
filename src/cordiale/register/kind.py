"""Kinds of values that a field may have, and what a value of each looks like in CBOR (no floats anywhere).

    text, bilingual        string; {"en": …, "fr": …}
    integer, decimal       integer; integer of 10^-scale of the unit
    boolean, choice        boolean; one of the schema's values
    moment, day, span      ms since 1970 UTC; "YYYY-MM-DD"; [start, end) in ms
    nation, address        "fr"; "name@fr"
    reference              the id of another record, 16 bytes
    file                   SHA-256, 32 bytes
    position               [longitude, latitude] in 10^-7 degrees, WGS 84
    area, corridor         a ring or a line of positions: {"ring": […]}; {"line": […], "half_width": metres}
    band                   [floor, ceiling] in metres above mean sea level
    list                   any number of one of these

A check gives the fault in words, or nothing. What a value means beyond its form (does a ring cross itself?) is its desk's matter.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec

from cordiale.errors import CordialeError
from cordiale.register.record import RECORD_ID_BYTES
from cordiale.vocab.identifier import DIGEST_BYTES
from cordiale.vocab.moment import LATEST
from cordiale.vocab.party import Address, parse_nation
from cordiale.wire import limits

DEGREE: Final = 10_000_000
"""Units of a position in one degree."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DEEPEST, _HIGHEST = -12_000, 40_000_000
_WIDEST: Final = 1_000_000
_SPACES: Final = "\n\t\u00a0\u202f"
"""Beside the plain one: French typography has no-break spaces, wide and narrow."""


class Kind(msgspec.Struct, frozen=True):
    """A field's kind with what narrows it: choices, scale and unit, the kind of a list's items, the type referred to."""

    name: str
    choices: tuple[str, ...] = ()
    scale: int = 0
    unit: str = ""
    item: str = ""
    to: str = ""
    most: int = limits.TEXT_CHARACTERS


def fault(kind: Kind, value: Any) -> str:
    """Why a value is not of a kind; empty where it is."""
    return _CHECKS[kind.name](kind, value)


def _integer(_kind: Kind, value: Any) -> str:
    whole = type(value) is int and -limits.COUNT_MOST <= value <= limits.COUNT_MOST
    return "" if whole else "not a whole number in range"


def _text(kind: Kind, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return "not a text"
    if len(value) > kind.most:
        return f"longer than {kind.most} characters"
    sound = all(character.isprintable() or character in _SPACES for character in value)
    return "" if sound else "it has control characters"


def _bilingual(kind: Kind, value: Any) -> str:
    texts = _table(value, "en", "fr")
    if not texts:
        return "not a text in English and French"
    return next((f"{language}: {why}" for language, text in texts.items() if (why := _text(kind, text))), "")


def _boolean(_kind: Kind, value: Any) -> str:
    return "" if isinstance(value, bool) else "neither true nor false"


def _choice(kind: Kind, value: Any) -> str:
    return "" if value in kind.choices else f"not one of {', '.join(kind.choices)}"


def _moment(_kind: Kind, value: Any) -> str:
    return "" if type(value) is int and 0 <= value <= LATEST else "not a moment between 1970 and 9999"


def _day(_kind: Kind, value: Any) -> str:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return "not a day of the calendar"
        return ""
    return "not a day as YYYY-MM-DD"


def _span(kind: Kind, value: Any) -> str:
    ends = _items(value, 2, 2)
    if not ends or any(_moment(kind, end) for end in ends):
        return "not a start and an end"
    return "" if ends[0] < ends[1] else "it ends before it begins"


def _nation(_kind: Kind, value: Any) -> str:
    return _parsed(parse_nation, value, "not a nation's code")


def _address(_kind: Kind, value: Any) -> str:
    return _parsed(Address.parse, value, "not name@nation")


def _parsed(parse: Callable[[str], object], value: Any, why: str) -> str:
    try:
        return "" if isinstance(value, str) and parse(value) else why
    except CordialeError:
        return why


def _bytes(length: int, why: str) -> Callable[[Kind, Any], str]:
    return lambda _kind, value: "" if isinstance(value, bytes) and len(value) == length else why


def _position(_kind: Kind, value: Any) -> str:
    parts = _items(value, 2, 2)
    if not parts or any(type(part) is not int for part in parts):
        return "not a longitude and a latitude"
    inside = abs(parts[0]) <= 180 * DEGREE and abs(parts[1]) <= 90 * DEGREE
    return "" if inside else "outside longitude ±180 or latitude ±90 degrees"


def _line(kind: Kind, value: Any, least: int) -> str:
    points = _items(value, least, limits.SHAPE_POINTS)
    if points is None:
        return f"not {least} to {limits.SHAPE_POINTS} positions"
    return next((why for point in points if (why := _position(kind, point))), "")


def _area(kind: Kind, value: Any) -> str:
    shape = _table(value, "ring")
    return _line(kind, shape["ring"], 3) if shape else "not a ring of positions"


def _corridor(kind: Kind, value: Any) -> str:
    shape = _table(value, "line", "half_width")
    if not shape:
        return "not a line of positions with a half width"
    width = shape["half_width"]
    if type(width) is not int or not 0 < width <= _WIDEST:
        return f"a half width is 1 to {_WIDEST} m"
    return _line(kind, shape["line"], 2)


def _band(_kind: Kind, value: Any) -> str:
    ends = _items(value, 2, 2)
    if not ends or any(type(end) is not int for end in ends):
        return "not a floor and a ceiling in metres"
    return "" if _DEEPEST <= ends[0] < ends[1] <= _HIGHEST else "the floor is not below the ceiling, or out of range"


def _list(kind: Kind, value: Any) -> str:
    items = _items(value, 0, limits.LIST_ITEMS)
    if items is None:
        return f"not a list of at most {limits.LIST_ITEMS}"
    inner = msgspec.structs.replace(kind, name=kind.item, item="")
    return next((f"item {place}: {why}" for place, one in enumerate(items) if (why := fault(inner, one))), "")


def _items(value: Any, least: int, most: int) -> Sequence[Any] | None:
    """The value as so many items; None where it isn't that."""
    if not isinstance(value, list | tuple):
        return None
    items = cast("Sequence[Any]", value)
    return items if least <= len(items) <= most else None


def _table(value: Any, *names: str) -> Mapping[str, Any]:
    """The value as a table with exactly these names; empty where it isn't that."""
    if not isinstance(value, dict):
        return {}
    table = cast("Mapping[str, Any]", value)
    return table if set(table) == set(names) else {}


_CHECKS: Final[Mapping[str, Callable[[Kind, Any], str]]] = MappingProxyType(
    {
        "text": _text,
        "bilingual": _bilingual,
        "integer": _integer,
        "decimal": _integer,
        "boolean": _boolean,
        "choice": _choice,
        "moment": _moment,
        "day": _day,
        "span": _span,
        "nation": _nation,
        "address": _address,
        "reference": _bytes(RECORD_ID_BYTES, "not a record's id"),
        "file": _bytes(DIGEST_BYTES, "not a SHA-256"),
        "position": _position,
        "area": _area,
        "corridor": _corridor,
        "band": _band,
        "list": _list,
    }
)
NAMES: Final = frozenset(_CHECKS)
