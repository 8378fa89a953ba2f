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

A check gives the fault in words of both languages, or nothing. What a value means beyond its form (does a ring cross
itself?) is its desk's matter.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec

from cordiale.errors import CordialeError
from cordiale.labels.phrase import Phrase
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


FORMS: Final[Mapping[str, Phrase]] = MappingProxyType(
    {
        "moment": Phrase("a moment as 2026-06-01T08:00:00Z", "un instant comme 2026-06-01T08:00:00Z"),
        "span": Phrase("a span of two moments, FROM/TO", "une période de deux instants, DÉBUT/FIN"),
        "decimal": Phrase("a decimal as 12.50", "un nombre décimal comme 12.50"),
        "reference": Phrase("a reference in hexadecimal", "une référence en hexadécimal"),
        "file": Phrase("a file's SHA-256 in hexadecimal", "le SHA-256 d’un fichier en hexadécimal"),
        "position": Phrase("a position, longitude,latitude", "une position, longitude,latitude"),
        "area": Phrase('an area as {"ring": […]}', 'une zone comme {"ring": […]}'),
        "corridor": Phrase(
            'a corridor as {"line": […], "half_width": …}', 'un couloir comme {"line": […], "half_width": …}'
        ),
        "band": Phrase("a band, FLOOR..CEILING", "une tranche, PLANCHER..PLAFOND"),
        "bilingual": Phrase('a text as {"en": …, "fr": …}', 'un texte comme {"en": …, "fr": …}'),
        "list": Phrase("a list", "une liste"),
        "integer": Phrase("a whole number", "un nombre entier"),
    }
)
"""How values of a kind are written, where it does not go without saying."""


class Kind(msgspec.Struct, frozen=True):
    """A field's kind with what narrows it: choices, scale and unit, the kind of a list's items, the type referred to."""

    name: str
    choices: tuple[str, ...] = ()
    scale: int = 0
    unit: str = ""
    item: str = ""
    to: str = ""
    most: int = limits.TEXT_CHARACTERS


def fault(kind: Kind, value: Any) -> Phrase | None:
    """Why a value is not of a kind; None where it is."""
    return _CHECKS[kind.name](kind, value)


def _integer(_kind: Kind, value: Any) -> Phrase | None:
    whole = type(value) is int and -limits.COUNT_MOST <= value <= limits.COUNT_MOST
    return None if whole else Phrase("not a whole number in range", "n’est pas un nombre entier admis")


def _text(kind: Kind, value: Any) -> Phrase | None:
    if not isinstance(value, str) or not value.strip():
        return Phrase("not a text", "n’est pas un texte")
    if len(value) > kind.most:
        return Phrase(f"longer than {kind.most} characters", f"dépasse {kind.most} caractères")
    sound = all(character.isprintable() or character in _SPACES for character in value)
    return None if sound else Phrase("it has control characters", "contient des caractères de contrôle")


def _bilingual(kind: Kind, value: Any) -> Phrase | None:
    texts = _table(value, "en", "fr")
    if not texts:
        return Phrase("not a text in English and French", "n’est pas un texte en anglais et en français")
    wrong = ((language, why) for language, text in texts.items() if (why := _text(kind, text)))
    return next((Phrase(f"{language}: {why.en}", f"{language} : {why.fr}") for language, why in wrong), None)


def _boolean(_kind: Kind, value: Any) -> Phrase | None:
    return None if isinstance(value, bool) else Phrase("neither true nor false", "n’est ni vrai ni faux")


def _choice(kind: Kind, value: Any) -> Phrase | None:
    there = ", ".join(kind.choices)
    return None if value in kind.choices else Phrase(f"not one of {there}", f"n’est pas l’un de : {there}")


def _moment(_kind: Kind, value: Any) -> Phrase | None:
    sound = type(value) is int and 0 <= value <= LATEST
    return None if sound else Phrase("not a moment between 1970 and 9999", "n’est pas un instant entre 1970 et 9999")


def _day(_kind: Kind, value: Any) -> Phrase | None:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return Phrase("not a day of the calendar", "n’est pas un jour du calendrier")
        return None
    return Phrase("not a day as YYYY-MM-DD", "n’est pas un jour de la forme AAAA-MM-JJ")


def _span(kind: Kind, value: Any) -> Phrase | None:
    ends = _items(value, 2, 2)
    if not ends or any(_moment(kind, end) for end in ends):
        return Phrase("not a start and an end", "n’est pas un début et une fin")
    return None if ends[0] < ends[1] else Phrase("it ends before it begins", "finit avant de commencer")


def _nation(_kind: Kind, value: Any) -> Phrase | None:
    return _parsed(parse_nation, value, Phrase("not a nation's code", "n’est pas le code d’une nation"))


def _address(_kind: Kind, value: Any) -> Phrase | None:
    return _parsed(Address.parse, value, Phrase("not name@nation", "n’est pas de la forme nom@nation"))


def _parsed(parse: Callable[[str], object], value: Any, why: Phrase) -> Phrase | None:
    try:
        return None if isinstance(value, str) and parse(value) else why
    except CordialeError:
        return why


def _bytes(length: int, why: Phrase) -> "_Check":
    return lambda _kind, value: None if isinstance(value, bytes) and len(value) == length else why


def _position(_kind: Kind, value: Any) -> Phrase | None:
    parts = _items(value, 2, 2)
    if not parts or any(type(part) is not int for part in parts):
        return Phrase("not a longitude and a latitude", "n’est pas une longitude et une latitude")
    inside = abs(parts[0]) <= 180 * DEGREE and abs(parts[1]) <= 90 * DEGREE
    return (
        None
        if inside
        else Phrase(
            "outside longitude ±180 or latitude ±90 degrees", "sort de ±180 degrés de longitude ou ±90 de latitude"
        )
    )


def _line(kind: Kind, value: Any, least: int) -> Phrase | None:
    points = _items(value, least, limits.SHAPE_POINTS)
    if points is None:
        most = limits.SHAPE_POINTS
        return Phrase(f"not {least} to {most} positions", f"n’a pas de {least} à {most} positions")
    return next((why for point in points if (why := _position(kind, point))), None)


def _area(kind: Kind, value: Any) -> Phrase | None:
    shape = _table(value, "ring")
    return (
        _line(kind, shape["ring"], 3)
        if shape
        else Phrase("not a ring of positions", "n’est pas un contour fait de positions")
    )


def _corridor(kind: Kind, value: Any) -> Phrase | None:
    shape = _table(value, "line", "half_width")
    if not shape:
        return Phrase(
            "not a line of positions with a half width", "n’est pas une ligne de positions avec une demi-largeur"
        )
    width = shape["half_width"]
    if type(width) is not int or not 0 < width <= _WIDEST:
        return Phrase(f"a half width is 1 to {_WIDEST} m", f"une demi-largeur va de 1 à {_WIDEST} m")
    return _line(kind, shape["line"], 2)


def _band(_kind: Kind, value: Any) -> Phrase | None:
    ends = _items(value, 2, 2)
    if not ends or any(type(end) is not int for end in ends):
        return Phrase("not a floor and a ceiling in metres", "n’est pas un plancher et un plafond en mètres")
    if _DEEPEST <= ends[0] < ends[1] <= _HIGHEST:
        return None
    return Phrase(
        "the floor is not below the ceiling, or out of range",
        "le plancher n’est pas sous le plafond, ou hors des limites",
    )


def _list(kind: Kind, value: Any) -> Phrase | None:
    items = _items(value, 0, limits.LIST_ITEMS)
    if items is None:
        most = limits.LIST_ITEMS
        return Phrase(f"not a list of at most {most}", f"n’est pas une liste de {most} au plus")
    inner = msgspec.structs.replace(kind, name=kind.item, item="")
    wrong = ((place, why) for place, one in enumerate(items) if (why := fault(inner, one)))
    return next((Phrase(f"item {place}: {why.en}", f"élément {place} : {why.fr}") for place, why in wrong), None)


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


_Check = Callable[[Kind, Any], Phrase | None]
_CHECKS: Final[Mapping[str, _Check]] = MappingProxyType(
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
        "reference": _bytes(RECORD_ID_BYTES, Phrase("not a record's id", "n’est pas l’identifiant d’une fiche")),
        "file": _bytes(DIGEST_BYTES, Phrase("not a SHA-256", "n’est pas un SHA-256")),
        "position": _position,
        "area": _area,
        "corridor": _corridor,
        "band": _band,
        "list": _list,
    }
)
NAMES: Final = frozenset(_CHECKS)
