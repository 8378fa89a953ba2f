"""Values as people and other programs write them, and back: JSON without loss, and one line of text.

    moment     "2026-06-01T08:00:00.000Z"        span      ["…Z", "…Z"], or "…/…"
    decimal    "12.50"                           position  [lon, lat] in degrees (GeoJSON's order), or "lon,lat"
    area       {"ring": [[lon, lat], …]}         corridor  {"line": [[lon, lat], …], "half_width": metres}
    reference, file    hexadecimal               list      an array, or items set apart by ;

`from_plain` is strict about form and leaves judging the value to `kind.fault`; `Malformed` says what was expected.
"""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec

from cordiale.errors import Malformed
from cordiale.labels.phrase import Phrase
from cordiale.register.kind import DEGREE, FORMS, Kind
from cordiale.vocab.moment import LATEST, Moment, from_datetime, iso

_DIGITS: Final = 40
_SETS_APART: Final = frozenset(";[")


@contextmanager
def about(name: str) -> Generator[None]:
    """What is not well formed in here is the field of this name."""
    try:
        yield
    except Malformed as fault:
        french = fault.facts.get("detail_fr") or fault.detail
        raise Malformed(f"{name}: {fault.detail}", what="value", detail_fr=f"{name} : {french}") from None


def to_plain(kind: Kind, value: Any) -> Any:
    """A sound value of a kind as JSON can carry it."""
    match kind.name:
        case "moment":
            return iso(Moment(value))
        case "span":
            return [iso(Moment(end)) for end in value]
        case "decimal":
            return str(Decimal(value).scaleb(-kind.scale)) if kind.scale else str(value)
        case "reference" | "file":
            return value.hex()
        case "position":
            return _degrees(value)
        case "area":
            return {"ring": [_degrees(point) for point in value["ring"]]}
        case "corridor":
            return {"line": [_degrees(point) for point in value["line"]], "half_width": value["half_width"]}
        case "list":
            inner = _inner(kind)
            return [to_plain(inner, item) for item in value]
        case "band":
            return list(value)
        case _:
            return value


def unknown_to_plain(value: Any) -> Any:
    """A value of a kind that is not known here (a newer version's field): bytes in hexadecimal, all else as it is."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): unknown_to_plain(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [unknown_to_plain(item) for item in cast("Sequence[Any]", value)]
    return value


def from_plain(kind: Kind, plain: Any) -> Any:
    """What `to_plain` writes, or `Malformed`."""
    try:
        return _READERS.get(kind.name, _as_it_is)(kind, plain)
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
        raise _not(plain, kind) from None


def from_text(kind: Kind, text: str) -> Any:
    """One line as a person types it, or `Malformed`."""
    match kind.name:
        case "integer":
            return from_plain(kind, _integer(kind, text))
        case "boolean":
            return from_plain(kind, {"yes": True, "no": False, "true": True, "false": False}.get(text.lower(), text))
        case "span":
            return from_plain(kind, text.split("/"))
        case "position":
            return from_plain(kind, text.split(","))
        case "band":
            return from_plain(kind, [_integer(kind, part) for part in text.split("..")])
        case "area" | "corridor" | "bilingual":
            return from_plain(kind, _json(kind, text))
        case "list":
            if text.startswith("["):
                return from_plain(kind, _json(kind, text))
            inner = _inner(kind)
            return [from_text(inner, part.strip()) for part in text.split(";") if part.strip()]
        case _:
            return from_plain(kind, text)


def text_of(kind: Kind, plain: Any) -> str:
    """A plain value as one line, which `from_text` reads again as the same."""
    match kind.name:
        case "boolean":
            return "yes" if plain else "no"
        case "span":
            return "/".join(plain)
        case "position":
            return ",".join(map(str, plain))
        case "band":
            return "..".join(map(str, plain))
        case "area" | "corridor" | "bilingual":
            return json.dumps(plain, ensure_ascii=False)
        case "list":
            inner = _inner(kind)
            parts = [text_of(inner, item) for item in plain]
            simple = parts and all(
                part == part.strip() and part and not _SETS_APART.intersection(part) for part in parts
            )
            return "; ".join(parts) if simple else json.dumps(plain, ensure_ascii=False)
        case _:
            return str(plain)


def _not(value: Any, kind: Kind) -> Malformed:
    shown, form = str(value)[:60], FORMS.get(kind.name, Phrase(f"a {kind.name}", f"« {kind.name} »"))
    return _wrong(f"“{shown}” is not {form.en}", f"« {shown} » n’est pas {form.fr}")


def _wrong(english: str, french: str) -> Malformed:
    return Malformed(english, what="value", detail_fr=french)


def _inner(kind: Kind) -> Kind:
    return msgspec.structs.replace(kind, name=kind.item, item="")


def _json(kind: Kind, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _not(text, kind) from None


def _degrees(point: Sequence[int]) -> list[float]:
    return [point[0] / DEGREE, point[1] / DEGREE]


def _as_it_is(_kind: Kind, plain: Any) -> Any:
    return plain


def _integer(kind: Kind, text: str) -> int:
    if len(text) > _DIGITS:
        raise _wrong(f"a number of {len(text)} characters", f"un nombre de {len(text)} caractères")
    try:
        return int(text)
    except ValueError:
        raise _not(text, kind if kind.name in FORMS else Kind("integer")) from None


def _moment(_kind: Kind, plain: Any) -> Moment:
    value = datetime.fromisoformat(plain)
    moment = from_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))
    if not 0 <= moment <= LATEST:
        raise ValueError
    return moment


def _span(kind: Kind, plain: Any) -> list[Moment]:
    start, end = plain
    return [_moment(kind, start), _moment(kind, end)]


def _decimal(kind: Kind, plain: Any) -> int:
    if not isinstance(plain, str) or len(plain) > _DIGITS:
        raise ValueError
    try:
        scaled = Decimal(plain).scaleb(kind.scale)
    except InvalidOperation:
        raise ValueError from None
    if scaled != scaled.to_integral_value():
        raise _wrong(f"{plain}: at most {kind.scale} decimals", f"{plain} : {kind.scale} décimales au plus")
    return int(scaled)


def _hex(_kind: Kind, plain: Any) -> bytes:
    return bytes.fromhex(plain)


def _position(_kind: Kind, plain: Any) -> list[int]:
    longitude, latitude = plain
    return [_units(longitude), _units(latitude)]


def _units(degrees: Any) -> int:
    value = Decimal(str(degrees)[:_DIGITS])
    if not value.is_finite() or abs(value) > 360:
        raise ValueError
    return int((value * DEGREE).to_integral_value())


def _area(kind: Kind, plain: Any) -> dict[str, Any]:
    return {**plain, "ring": [_position(kind, point) for point in plain["ring"]]}


def _corridor(kind: Kind, plain: Any) -> dict[str, Any]:
    return {**plain, "line": [_position(kind, point) for point in plain["line"]]}


def _list(kind: Kind, plain: Any) -> list[Any]:
    if not isinstance(plain, list | tuple):
        raise TypeError
    inner = _inner(kind)
    return [from_plain(inner, item) for item in cast("Sequence[Any]", plain)]


_READERS: Final[Mapping[str, Callable[[Kind, Any], Any]]] = MappingProxyType(
    {
        "moment": _moment,
        "span": _span,
        "decimal": _decimal,
        "reference": _hex,
        "file": _hex,
        "position": _position,
        "area": _area,
        "corridor": _corridor,
        "list": _list,
    }
)
