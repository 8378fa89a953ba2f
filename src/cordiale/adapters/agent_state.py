"""What an agent keeps, in tables: implements `agent.ports.State` on a connection that is encrypted underneath.

Text is indexed by FTS5 over the message table itself, so that nothing is stored twice. What a person types into the
search is taken as words, never as query syntax: each word matches the words that begin with it, all are required.
"""

import re
from typing import Final

from cordiale.adapters.sqlite import Connection, Row
from cordiale.agent.ports import FileRow, MessageRow, QueuedRow
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment

VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE value (key TEXT NOT NULL UNIQUE, data BLOB NOT NULL) STRICT;
CREATE TABLE message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, room BLOB NOT NULL, id BLOB NOT NULL, author TEXT NOT NULL,
    label BLOB NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, file BLOB NOT NULL, sent INTEGER NOT NULL,
    lamport INTEGER NOT NULL, nation TEXT NOT NULL, sequence INTEGER NOT NULL, state TEXT NOT NULL,
    envelope BLOB NOT NULL, detail TEXT NOT NULL, rule TEXT NOT NULL, UNIQUE (room, id)
) STRICT;
CREATE INDEX message_arrival ON message (room, number);
CREATE VIRTUAL TABLE message_text USING fts5 (
    text, content = 'message', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TABLE queued (
    number INTEGER PRIMARY KEY AUTOINCREMENT, room BLOB NOT NULL, id BLOB NOT NULL, content BLOB NOT NULL,
    label BLOB NOT NULL, sent INTEGER NOT NULL, envelope BLOB NOT NULL, digest BLOB NOT NULL
) STRICT;
CREATE TABLE file (
    id BLOB NOT NULL UNIQUE, name TEXT NOT NULL, size INTEGER NOT NULL, digest BLOB NOT NULL, parts INTEGER NOT NULL
) STRICT;
CREATE TABLE part (
    file BLOB NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (file, place)
) STRICT;
"""
_WORDS_MOST: Final = 16
_WORD: Final = re.compile(r"\w+")
_MESSAGE: Final = (
    "SELECT number, room, id, author, label, kind, text, file, sent, lamport, nation, sequence, state, envelope,"
    " detail, rule FROM message"
)
_PUT_MESSAGE: Final = """
INSERT INTO message (room, id, author, label, kind, text, file, sent, lamport, nation, sequence, state, envelope,
    detail, rule)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (room, id) DO UPDATE SET author = excluded.author, label = excluded.label, kind = excluded.kind,
    text = excluded.text, file = excluded.file, sent = excluded.sent, lamport = excluded.lamport,
    nation = excluded.nation, sequence = excluded.sequence, state = excluded.state, envelope = excluded.envelope,
    detail = excluded.detail, rule = excluded.rule
RETURNING number
"""
_QUEUED: Final = "SELECT number, room, id, content, label, sent, envelope, digest FROM queued"


def _message(row: Row) -> MessageRow:
    return MessageRow(RoomId(row[1]), *row[2:])


def _values(row: MessageRow) -> tuple[str | int | bytes, ...]:
    head = (row.room, row.id, row.author, row.label, row.kind, row.text, row.file, row.sent)
    return (*head, row.lamport, row.nation, row.sequence, row.state, row.envelope, row.detail, row.rule)


def search_expression(query: str) -> str:
    """An FTS5 expression that looks for the words of `query`, the beginning of each being enough; empty for none."""
    words = [word for word in _WORD.findall(query) if any(map(str.isalnum, word))]
    return " ".join(f'"{word}"*' for word in words[:_WORDS_MOST])


class SqliteState:
    """The store within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def value(self, key: str) -> bytes | None:
        row = self._connection.one("SELECT data FROM value WHERE key = ?", key)
        return row[0] if row else None

    def put_value(self, key: str, value: bytes) -> None:
        self._connection.run(
            "INSERT INTO value VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data", key, value
        )

    def drop_value(self, key: str) -> None:
        self._connection.run("DELETE FROM value WHERE key = ?", key)

    def values(self, prefix: str) -> dict[str, bytes]:
        """Those whose key begins with `prefix`, ordered by key."""
        end = prefix + chr(0x10FFFF)
        rows = self._connection.every(
            "SELECT key, data FROM value WHERE key >= ? AND key < ? ORDER BY key", prefix, end
        )
        return {row[0]: row[1] for row in rows}

    def put_message(self, row: MessageRow) -> None:
        """Insert, or replace in the same place of arrival."""
        known = self._connection.one("SELECT number, text FROM message WHERE room = ? AND id = ?", row.room, row.id)
        put = self._connection.one(_PUT_MESSAGE, *_values(row))
        old = known[1] if known else ""
        if put is not None and old != row.text:
            self._index(put[0], old, row.text)

    def message(self, room: RoomId, message: bytes) -> MessageRow | None:
        row = self._connection.one(f"{_MESSAGE} WHERE room = ? AND id = ?", room, message)
        return _message(row) if row else None

    def messages(self, room: RoomId, *, limit: int) -> list[tuple[int, MessageRow]]:
        """The last `limit` in causal order."""
        rows = self._connection.every(
            f"{_MESSAGE} WHERE room = ? ORDER BY lamport DESC, nation DESC, sequence DESC, number DESC LIMIT ?",
            *(room, limit),
        )
        return [(row[0], _message(row)) for row in reversed(rows)]

    def messages_like(self, room: RoomId, prefix: str, limit: int) -> list[MessageRow]:
        rows = self._connection.every(
            f"{_MESSAGE} WHERE room = ? AND substr(lower(hex(id)), 1, ?) = ? LIMIT ?",
            *(room, len(prefix), prefix, limit),
        )
        return [_message(row) for row in rows]

    def arrived(self, after: int, limit: int) -> list[tuple[int, MessageRow]]:
        rows = self._connection.every(f"{_MESSAGE} WHERE number > ? ORDER BY number LIMIT ?", after, limit)
        return [(row[0], _message(row)) for row in rows]

    def search(self, query: str, limit: int) -> list[MessageRow]:
        """Messages with all the words, the last to arrive first."""
        expression = search_expression(query)
        if not expression:
            return []
        rows = self._connection.every(
            f"{_MESSAGE} WHERE number IN"  # noqa: S608 - constants
            " (SELECT rowid FROM message_text WHERE message_text MATCH ? ORDER BY rowid DESC LIMIT ?)"
            " ORDER BY number DESC",
            expression,
            limit,
        )
        return [_message(row) for row in rows]

    def enqueue(self, row: QueuedRow) -> int:
        inserted = self._connection.one(
            "INSERT INTO queued (room, id, content, label, sent, envelope, digest) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " RETURNING number",
            *(row.room, row.id, row.content, row.label, row.sent, row.envelope, row.digest),
        )
        return int(inserted[0]) if inserted else 0

    def queued(self, room: RoomId | None, limit: int) -> list[QueuedRow]:
        """In the order in which they were written."""
        rows = self._connection.every(f"{_QUEUED} WHERE ?1 IS NULL OR room = ?1 ORDER BY number LIMIT ?2", room, limit)
        return [
            QueuedRow(row[0], RoomId(row[1]), row[2], row[3], row[4], Moment(row[5]), row[6], row[7]) for row in rows
        ]

    def update_queued(self, row: QueuedRow) -> None:
        self._connection.run(
            "UPDATE queued SET content = ?, label = ?, sent = ?, envelope = ?, digest = ? WHERE number = ?",
            *(row.content, row.label, row.sent, row.envelope, row.digest, row.number),
        )

    def dequeue(self, number: int) -> None:
        self._connection.run("DELETE FROM queued WHERE number = ?", number)

    def put_file(self, row: FileRow) -> None:
        """`row.have` is not kept: how many parts there are is counted."""
        self._connection.run(
            "INSERT INTO file VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET name = excluded.name, size = excluded.size, digest = excluded.digest, parts = excluded.parts",
            *(row.id, row.name, row.size, row.digest, row.parts),
        )

    def file(self, file: bytes) -> FileRow | None:
        row = self._connection.one(
            "SELECT id, name, size, digest, parts, (SELECT count(*) FROM part WHERE part.file = file.id)"
            " FROM file WHERE id = ?",
            file,
        )
        return FileRow(row[0], row[1], row[2], Digest(row[3]), row[4], row[5]) if row else None

    def put_part(self, file: bytes, index: int, data: bytes) -> bool:
        """Whether it was new; a part that is there stays as it is."""
        row = self._connection.one(
            "INSERT INTO part VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1", file, index, data
        )
        return row is not None

    def parts(self, file: bytes) -> list[bytes]:
        return [row[0] for row in self._connection.every("SELECT data FROM part WHERE file = ? ORDER BY place", file)]

    def _index(self, number: int, old: str, new: str) -> None:
        if old:
            statement = "INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', ?, ?)"
            self._connection.run(statement, number, old)
        if new:
            self._connection.run("INSERT INTO message_text (rowid, text) VALUES (?, ?)", number, new)
