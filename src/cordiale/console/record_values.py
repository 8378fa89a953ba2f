"""A record's values in words, by the kind of their field: times, places, numbers and choices as the reader's language has them.

A bilingual text stays what it is, since both languages are shown. What does not fit its kind is shown as it came.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cordiale.console.speech import Speech
from cordiale.wiring.catalogue import mark

LIST: Final = "list of "
_SHORT: Final = 8
_AREA: Final = mark("area of {count} corners: {places}")
_CORRIDOR: Final = mark("within {metres} m of the line {places}")
_BAND: Final = mark("{floor} to {ceiling} m")
_YES, _NO = mark("yes"), mark("no")


def worded(speech: Speech, field: Mapping[str, Any] | None, value: Any) -> Any:
    """`value` as `register.show` has it, `field` as `register.types` describes it (None where the schema doesn't know it)."""
    if field is None:
        return value
    kind = field["kind"]
    with suppress(ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
        if kind.startswith(LIST):
            inner = {**field, "kind": kind.removeprefix(LIST)}
            return [worded(speech, inner, item) for item in value]
        if kind == "choice":
            return field["choices"][value]
        if kind in _WORDS:
            return _WORDS[kind](speech, value)
    return value


def _span(speech: Speech, value: Any) -> str:
    begin, end = value
    return f"{speech.moment(begin)} – {speech.moment(end)}"


def _area(speech: Speech, value: Any) -> str:
    ring = value["ring"]
    corners = ring[:-1] if ring[0] == ring[-1] else ring
    return speech.say(_AREA, count=len(corners), places=_places(speech, corners))


def _corridor(speech: Speech, value: Any) -> str:
    metres = speech.number(value["half_width"])
    return speech.say(_CORRIDOR, metres=metres, places=_places(speech, value["line"]))


def _band(speech: Speech, value: Any) -> str:
    floor, ceiling = map(speech.number, value)
    return speech.say(_BAND, floor=floor, ceiling=ceiling)


def _places(speech: Speech, places: Sequence[Sequence[float]]) -> str:
    return ", ".join(speech.position(*place) for place in places)


_WORDS: Final[Mapping[str, Callable[[Speech, Any], str]]] = MappingProxyType(
    {
        "day": lambda speech, value: speech.short_day(date.fromisoformat(value)),
        "moment": Speech.moment,
        "span": _span,
        "nation": lambda _, value: value.upper(),
        "boolean": lambda speech, value: speech.say(_YES if value else _NO),
        "integer": Speech.number,
        "decimal": Speech.decimal,
        "reference": lambda _, value: value[:_SHORT],
        "position": lambda speech, value: speech.position(*value),
        "area": _area,
        "corridor": _corridor,
        "band": _band,
    }
)
"""How a value of each kind is said; texts and files are said as they are."""
