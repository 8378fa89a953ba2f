"""What is exported: records as documents, each with its schema, and the marking of the whole.

The marking of the whole is every marking that is in it, the gravest first: none is invented by joining two, none is left out.
A record's document is the one that `register show --json` prints, so that every format shows the same.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import msgspec

from cordiale.adapters.exchange.words import NO, STATUS, WITHHELD, YES
from cordiale.register.kind import Kind
from cordiale.register.plain import text_of
from cordiale.register.schema import Field, Schema
from cordiale.vocab.moment import Moment

BETWEEN: Final = "  |  "
TURNED, MISSING = "●", "○"
_SHORT: Final = 12
_ON_ONE_LINE: Final = frozenset({"nation", "choice", "integer", "day"})
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_MIDDLE: Final = 0.179
"""The luminance on which black and white are read equally well."""


class Shown(NamedTuple):
    """A field as people read it."""

    title: str
    text: str


class Row(msgspec.Struct, frozen=True):
    """One record. `changed` is when the last act about it crossed."""

    document: Mapping[str, Any]
    schema: Schema | None
    changed: Moment

    @property
    def id(self) -> str:
        """In hexadecimal."""
        return str(self.document["id"])

    @property
    def type(self) -> str:
        """Which register it is of."""
        return str(self.document["type"])

    @property
    def marking(self) -> str:
        """Its marking in the reader's own scheme."""
        return str(self.document["marking"]["text"])

    @property
    def values(self) -> Mapping[str, Any]:
        """The fields that were shown and are not in conflict, in plain form."""
        return cast("Mapping[str, Any]", self.document["values"])

    def name(self, language: str) -> str:
        """What the record is called, on one line; the beginning of its id where that was not shown."""
        value = self.values.get(self.schema.named_by) if self.schema else None
        text = _in(language, value) if value is not None else ""
        return " ".join(text.split()) or self.id[:_SHORT]

    def field(self, name: str) -> Field | None:
        """The schema's field of that name."""
        return self.schema.field(name) if self.schema else None

    def cell(self, name: str) -> str:
        """A field on one line, as it can be typed in again; empty where there is none."""
        if name not in self.values:
            return ""
        field, value = self.field(name), self.values[name]
        return text_of(field.narrowed, value) if field else _json(value)

    def status(self, language: str) -> str:
        """Where it stands, in words."""
        found = "superseded" if self.document["superseded_by"] else str(self.document["status"])
        return STATUS[found].text(language) if found in STATUS else found

    def key_states(self) -> list[tuple[str, bool]]:
        """The nations whose keys are asked for, and whether each is turned."""
        turned = {str(key["nation"]) for key in self.document["keys"]}
        return [(str(nation), nation in turned) for nation in self.document["keys_needed"]["of"]]

    def picture(self) -> str:
        """The keys as circles: full where turned, open where missing."""
        return "  ".join(f"{TURNED if turned else MISSING} {nation}" for nation, turned in self.key_states())

    def apart(self, name: str, language: str) -> str:
        """The values of a field that was edited at once, beside each other."""
        return BETWEEN.join(
            people_read(self.field(name), value, language) for value in self.document["conflicts"][name]
        )

    def shown(self, language: str) -> list[Shown]:
        """Every field in its schema's order, with titles: what was shown, what stands in conflict, what was withheld."""
        known = [field.name for field in self.schema.fields] if self.schema else []
        names = [*known, *(name for name in self.values if name not in known)]
        withheld = cast("Sequence[str]", self.document["withheld"])
        found: list[Shown] = []
        for name in names:
            field = self.field(name)
            title = field.title.text(language) if field else name
            if name in self.values:
                found.append(Shown(title, people_read(field, self.values[name], language)))
            elif name in self.document["conflicts"]:
                found.append(Shown(title, self.apart(name, language)))
            elif name in withheld:
                found.append(Shown(title, WITHHELD.text(language)))
        return found


class Time(NamedTuple):
    """A time of a record: the field, its place where the field is a list (else −1), and its plain value."""

    field: Field
    place: int
    value: Any

    @property
    def mark(self) -> str:
        """Which it is of its record's times: `when`, or `when/0` in a list."""
        return self.field.name if self.place < 0 else f"{self.field.name}/{self.place}"

    @property
    def kind(self) -> str:
        """`span` or `day`."""
        return self.field.item or self.field.kind


class Extract(msgspec.Struct, frozen=True):
    """Records of a room that answer a question. `markings` are those inside, the gravest first, and `colour` is its."""

    title: str
    question: str
    language: str
    markings: tuple[str, ...]
    colour: str
    rows: tuple[Row, ...]

    @property
    def marking(self) -> str:
        """The marking of the whole."""
        return BETWEEN.join(self.markings)

    @property
    def ink(self) -> str:
        """Black or white, whichever is read better on `colour` (the relative luminance of WCAG 2.2)."""
        parts = (int(self.colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _MIDDLE else "#ffffff"

    @property
    def changed(self) -> Moment:
        """When the last act about any of the records crossed: the age of what is inside, the same for the same input."""
        return max((row.changed for row in self.rows), default=Moment(0))

    def types(self) -> dict[str, tuple[Schema | None, list[Row]]]:
        """The records by type."""
        found: dict[str, tuple[Schema | None, list[Row]]] = {}
        for row in self.rows:
            found.setdefault(row.type, (row.schema, []))[1].append(row)
        return dict(sorted(found.items()))


def timed(row: Row) -> list[Time]:
    """The times of a record that a calendar can show."""
    fields = row.schema.fields if row.schema else ()
    kind = "span" if any(_is(field, "span") for field in fields) else "day"
    found: list[Time] = []
    for field in fields:
        if _is(field, kind) and field.name in row.values:
            value = row.values[field.name]
            several = cast("Sequence[Any]", value)
            found += (
                [Time(field, place, one) for place, one in enumerate(several)]
                if field.kind == "list"
                else [Time(field, -1, value)]
            )
    return found


def _is(field: Field, kind: str) -> bool:
    return kind in (field.kind, field.item)


def visible(text: str) -> str:
    """Text of which nothing steers, reorders or hides: such characters are shown by their number. For what people look at."""
    return "".join(
        f"<U+{ord(one):04X}>" if unicodedata.category(one) in _UNSEEN and one not in "\n\t" else one for one in text
    )


def people_read(field: Field | None, value: Any, language: str) -> str:
    """A value in words: a choice by its title, a moment to the minute, a number with its unit, a text in both languages."""
    if field is None:
        return _json(value)
    words = {choice.value: choice.title.text(language) for choice in field.choices}
    kind = field.narrowed
    items = cast("Sequence[Any]", value) if field.kind == "list" else (value,)
    inner = kind if field.kind != "list" else msgspec.structs.replace(kind, name=field.item, item="")
    between = ", " if field.item in _ON_ONE_LINE else "\n"
    return between.join(_read(inner, item, words, language) for item in items) + (
        f" {field.unit}" if field.unit and value != [] else ""
    )


def _read(kind: Kind, value: Any, words: Mapping[str, str], language: str) -> str:
    text = text_of(kind, value)
    match kind.name:
        case "boolean":
            return (YES if value else NO).text(language)
        case "bilingual":
            return f"{value['en']}\n{value['fr']}" if value["en"] != value["fr"] else str(value["en"])
        case "choice":
            return words.get(text, text)
        case "moment":
            return _minute(text)
        case "span":
            return " – ".join(_minute(str(end)) for end in value)
        case "position":
            return _place(value)
        case "area":
            return "  ".join(_place(point) for point in value["ring"])
        case "corridor":
            return "  ".join(_place(point) for point in value["line"]) + f"  ±{value['half_width']} m"
        case "band":
            return f"{value[0]} – {value[1]} m"
        case _:
            return text


def _minute(text: str) -> str:
    return text[:16].replace("T", " ") + "Z"


def _place(point: Sequence[float]) -> str:
    east, north = "E" if point[0] >= 0 else "W", "N" if point[1] >= 0 else "S"
    return f"{abs(point[1]):.5f}°{north} {abs(point[0]):.5f}°{east}"


def _in(language: str, value: Any) -> str:
    if isinstance(value, dict):
        texts = cast("Mapping[str, Any]", value)
        return str(texts.get(language) or texts.get("en", ""))
    return str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
