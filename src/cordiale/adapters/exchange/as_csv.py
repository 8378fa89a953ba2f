"""Records as CSV (RFC 4180), both ways: one line each, the marking in the first column of every line.

    marking,record.id,record.type,record.owner,record.status,record.keys,record.withheld,record.conflicts,FIELD,…

A field's cell is what can be typed at `--set`; a text in two languages has two columns, `title.en` and `title.fr`. The format
has no room for a heading beside the columns, so that the marking stands on every line, as in each it must.

A spreadsheet takes a cell for a formula by its first letter (CWE-1236): such a cell gets an apostrophe before it, which reading
takes away again. Plain numbers stay as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cordiale.adapters.exchange import given
from cordiale.adapters.exchange.extract import Extract, Row
from cordiale.adapters.exchange.given import Given
from cordiale.errors import CordialeError, Malformed
from cordiale.labels.phrase import Phrase
from cordiale.register.plain import from_text, to_plain
from cordiale.register.schema import Fault, Schema

MARKING: Final = "marking"
PREFIX: Final = "record."
ABOUT: Final = ("id", "type", "owner", "status", "keys", "withheld", "conflicts")
LANGUAGES: Final = ("en", "fr")
STARTS: Final = "=+-@\t\r\n＝＋－＠"
"""First letters by which a spreadsheet may take a cell for a formula."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CELL: Final = 256 * 1024


def formula(text: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula."""
    return text[:1] in STARTS and bool(text) and not _NUMBER.fullmatch(text)


def write(extract: Extract) -> bytes:
    """All records with the union of their fields as columns, in UTF-8."""
    columns = _columns(extract)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([MARKING, *(PREFIX + name for name in ABOUT), *columns])
    for row in extract.rows:
        cells = [row.marking, *_about(row), *(_cell(row, column) for column in columns)]
        writer.writerow(map(_harmless, cells))
    return out.getvalue().encode()


def _columns(extract: Extract) -> list[str]:
    found: dict[str, None] = {}
    for schema, rows in extract.types().values():
        for field in schema.fields if schema else ():
            found |= dict.fromkeys(_columns_of(field.name, field.kind))
        for row in rows:
            found |= dict.fromkeys(name for name in row.values if row.field(name) is None)
    return list(found)


def _columns_of(name: str, kind: str) -> list[str]:
    return [f"{name}.{language}" for language in LANGUAGES] if kind == "bilingual" else [name]


def _about(row: Row) -> list[str]:
    found = row.document
    keys = " ".join(f"{nation}={'yes' if turned else 'no'}" for nation, turned in row.key_states())
    status = "superseded" if found["superseded_by"] else str(found["status"])
    return [row.id, row.type, str(found["owner"]), status, keys, *(" ".join(found[name]) for name in ABOUT[-2:])]


def _cell(row: Row, column: str) -> str:
    name, dot, language = column.rpartition(".")
    field = row.field(name) if dot else None
    if field is not None and field.kind == "bilingual":
        return str(row.values[name][language]) if name in row.values else ""
    return row.cell(column)


def _harmless(cell: str) -> str:
    return f"'{cell}" if formula(cell) or cell.startswith("'") else cell


# --- reading ------------------------------------------------------------------------------------------------------


def read(data: bytes, schema: Schema) -> list[Given]:
    """The rows; a row's place is its line in a spreadsheet, the headings being line 1. Empty cells are absent fields."""
    try:
        text = given.checked_size(data, "CSV").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8", what="file") from None
    lines = _lines(text)
    if not lines:
        raise Malformed("it is empty", what="file")
    given.checked_rows(len(lines) - 1, "CSV")
    headings = [cell.strip() for cell in lines[0]]
    if len(set(headings)) != len(headings):
        raise Malformed("two columns have one heading", what="file")
    return [_given(place, headings, line, schema) for place, line in enumerate(lines[1:], 2) if any(line)]


def _lines(text: str) -> list[list[str]]:
    csv.field_size_limit(_CELL)
    try:
        first = text.split("\n", 1)[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise Malformed(str(fault)[:160], what="file") from None


def _given(place: int, headings: Sequence[str], line: Sequence[str], schema: Schema) -> Given:
    if len(line) > len(headings):
        cells = Phrase(
            f"{len(line)} cells under {len(headings)} headings", f"{len(line)} cellules sous {len(headings)} titres"
        )
        return Given(place, "", {}, (Fault("", cells),))
    cells = {heading: _plain_cell(cell) for heading, cell in zip(headings, line, strict=False) if cell}
    wrong = list(given.of_another_type(cells.get(f"{PREFIX}type", ""), schema.type))
    values: dict[str, Any] = {}
    for name, text in _fields(cells):
        try:
            _take(values, schema, name, text)
        except CordialeError as fault:
            wrong.append(Fault.of(name, fault))
    return Given(place, cells.get(MARKING, ""), values, tuple(wrong))


def _fields(cells: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((name, text) for name, text in cells.items() if name != MARKING and not name.startswith(PREFIX))


def _take(values: dict[str, Any], schema: Schema, name: str, text: str) -> None:
    whole, dot, language = name.rpartition(".")
    field = schema.field(whole if dot else name)
    if field is not None and dot and field.kind == "bilingual":
        values[whole] = {**values.get(whole, {}), language: text}
    elif field is None or dot:
        values[name] = text
    else:
        values[name] = to_plain(field.narrowed, from_text(field.narrowed, text))


def _plain_cell(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in f"'{STARTS}" else cell
