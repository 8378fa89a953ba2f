"""An index over records, in memory: SQLite with full text (FTS5) and boxes (R*Tree), made from the books and thrown away with
the process, so that nothing of it is ever on disk.

It is a cache: whatever it finds is looked up in the book again by whoever asked. Putting a record replaces what was there.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

import apsw

from cordiale.register import kind as kinds
from cordiale.register.fold import Fold
from cordiale.register.kind import DEGREE
from cordiale.register.query import Box, Query
from cordiale.register.record import RecordId
from cordiale.register.schema import Field, Schema
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.wire import typed

_SCHEMA: Final = """
CREATE TABLE cell (
    field TEXT NOT NULL, value ANY NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (field, value, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX cell_record ON cell (record);
CREATE TABLE span (record INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL) STRICT;
CREATE INDEX span_start ON span (start);
CREATE INDEX span_record ON span (record);
CREATE VIRTUAL TABLE box USING rtree_i32 (number, west, east, south, north, +record INTEGER);
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");
"""
_TEXTS: Final = frozenset({"text", "bilingual"})
_SHAPES: Final = frozenset({"position", "area", "corridor"})
_OVER: Final = (Status.FULFILLED.value, Status.WITHDRAWN.value)
_INTEGERS: Final = 2**63
"""What SQLite counts to."""
_UNIT: Final = DEGREE // 1_000_000
"""Boxes are in 10^-6 degrees, to fit 32 bits; they are widened to whole units, never narrowed."""


class RecordIndex:
    """Records by what they say. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._raw: Any = apsw.Connection(":memory:")
        self._raw.execute(_SCHEMA)
        self._named: list[tuple[RoomId, RecordId]] = []
        """Records by number, in the order in which they became known."""
        self._numbers: dict[tuple[RoomId, RecordId], int] = {}

    def put(self, room: RoomId, records: Iterable[tuple[RecordId, Fold, Schema | None]]) -> None:
        """Index these records anew."""
        with self._lock, self._raw:
            for record, state, schema in records:
                number = self._forget(room, record)
                self._write(number, state, schema)

    def find(
        self, query: Query, today: str, *, room: RoomId | None = None, limit: int = 1000
    ) -> list[tuple[RoomId, RecordId]]:
        """The records that answer, in the order in which they became known. `today` as YYYY-MM-DD."""
        statement, values = _statement(query, today)
        whole = f"SELECT json_group_array(record) FROM ({statement})"  # noqa: S608 - parts from `_statement`, values bound
        with self._lock:
            (numbers,) = self._raw.execute(whole, values).fetchone()
            named = self._named
        # one text of many numbers is quicker to take over than as many rows
        found = (named[number] for number in typed.decode_json(numbers.encode(), list[int]))
        return list(islice((name for name in found if room is None or name[0] == room), limit))

    def _forget(self, room: RoomId, record: RecordId) -> int:
        number = self._numbers.get((room, record))
        if number is None:
            self._named.append((room, record))
            number = self._numbers[room, record] = len(self._named) - 1
            return number
        for table in ("cell", "span"):
            self._raw.execute(f"DELETE FROM {table} WHERE record = ?", (number,))  # noqa: S608 - names of our own tables
        self._raw.execute("DELETE FROM box WHERE record = ?", (number,))
        self._raw.execute("DELETE FROM words WHERE rowid = ?", (number,))
        return number

    def _write(self, number: int, state: Fold, schema: Schema | None) -> None:
        head = state.head
        if head is None:
            return
        cells = {("type", head.type), ("status", state.status.value), ("owner", head.owner)}
        texts: list[str] = []
        for name, opening in state.shown().items():
            field = schema.field(name) if schema else None
            if field is not None and kinds.fault(field.narrowed, opening.value):
                continue  # what a hostile member wrote into it means nothing
            for value in _each(field, opening.value):
                self._place(number, field, value)
                texts += _texts(value)
                cells |= {(name, part) for part in _cells(value)}
        self._raw.executemany("INSERT INTO cell VALUES (?, ?, ?)", [(name, part, number) for name, part in cells])
        self._raw.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, "\n".join(texts)))

    def _place(self, number: int, field: Field | None, value: Any) -> None:
        kind = "" if field is None else (field.item or field.kind)
        if kind == "span":
            self._raw.execute("INSERT INTO span VALUES (?, ?, ?)", (number, value[0], value[1]))
        elif kind in _SHAPES:
            for box in _boxes(kind, value):
                self._raw.execute(
                    "INSERT INTO box (west, east, south, north, record) VALUES (?, ?, ?, ?, ?)", (*box, number)
                )


def _each(field: Field | None, value: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", value) if field is not None and field.kind == "list" else (value,)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        table = cast("Mapping[str, Any]", value)
        return [part for part in table.values() if isinstance(part, str)]
    return []


def _cells(value: Any) -> list[str | int]:
    """What a condition can compare with: short texts, whole numbers, yes and no."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, int):
        return [value] if -_INTEGERS <= value < _INTEGERS else []
    return [part[:200] for part in _texts(value)] or ([value.hex()] if isinstance(value, bytes) else [])


def _boxes(kind: str, value: Any) -> list[tuple[int, int, int, int]]:
    """Bounding boxes; a shape whose neighbours are more than 180 degrees apart crosses the antimeridian and has two."""
    points = [value] if kind == "position" else value["ring" if kind == "area" else "line"]
    east_west = [point[0] for point in points]
    south, north = min(point[1] for point in points) // _UNIT, -(-max(point[1] for point in points) // _UNIT)
    if max(east_west) - min(east_west) <= 180 * DEGREE:
        return [(min(east_west) // _UNIT, -(-max(east_west) // _UNIT), south, north)]
    west = min(lon for lon in east_west if lon >= 0) // _UNIT
    east = -(-max(lon for lon in east_west if lon < 0) // _UNIT)
    edge = 180 * DEGREE // _UNIT
    return [(west, edge, south, north), (-edge, east, south, north)]


def _statement(query: Query, today: str) -> tuple[str, list[Any]]:
    """The numbers that answer, in order: what every condition finds, less what it must not."""
    found, less, values, without = list[str](), list[str](), list[Any](), list[Any]()
    for condition in query.conditions:
        whole = condition.value.lstrip("-").isdecimal() and len(condition.value) < 19
        given = [condition.field, int(condition.value) if whole else condition.value]
        if condition.operator == "!=":
            less.append(f"{_CELL} value = ?")
            without += given
        else:
            found.append(f"{_CELL} value {condition.operator} ?")
            values += given
    if query.words:
        found.append("SELECT rowid AS record FROM words WHERE words MATCH ?")
        values.append(" ".join(f'"{word.replace(chr(34), chr(34) * 2)}"*' for word in query.words))
    if query.during is not None:
        found.append("SELECT record FROM span WHERE start < ? AND stop > ?")
        values += [query.during[1], query.during[0]]
    if query.within is not None:
        sides = _sides(query.within)
        found.append(_BOX if len(sides) == 1 else _EITHER_BOX)
        values += [bound for side in sides for bound in side]
    if query.overdue:
        found.append(f"{_CELL} value < ?")
        less.append(f"{_CELL} value IN (?, ?)")
        values += ["due", today]
        without += ["status", *_OVER]
    parts = [" INTERSECT ".join(found or [_EVERY]), *less]
    statement = f"SELECT DISTINCT record FROM ({' EXCEPT '.join(parts)}) ORDER BY record"  # noqa: S608 - constants, values bound
    return statement, [*values, *without]


_CELL: Final = "SELECT record FROM cell WHERE field = ? AND"
_EVERY: Final = "SELECT record FROM cell WHERE field = 'type'"
_BOX: Final = "SELECT record FROM box WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?"
_EITHER_BOX: Final = f"SELECT record FROM ({_BOX} UNION {_BOX})"  # noqa: S608 - constants


def _sides(box: Box) -> list[tuple[int, int, int, int]]:
    """Bounds for `_BOX`: east, west, north, south; two sets where the box crosses the antimeridian."""
    north, south = -(-box.north // _UNIT), box.south // _UNIT
    west, east, edge = box.west // _UNIT, -(-box.east // _UNIT), 180 * DEGREE // _UNIT
    if west <= east:
        return [(east, west, north, south)]
    return [(edge, west, north, south), (east, -edge, north, south)]
