"""What an agent keeps, in tables: implements `agent.ports.State` on a connection that is encrypted underneath.

Text is indexed by FTS5 over the message table itself, so that nothing is stored twice. What a person types into the
search is taken as words, never as query syntax: each word matches the words that begin with it, all are required.

Values are erasable: each is sealed under a key of its own in `slot`, whose rows have one size, are overwritten in place and
never move, while SQLite leaves copies of other rows behind in its pages. A value that was replaced or dropped has no key
any more as soon as the write-ahead log is emptied, which `EncryptedAgentStore` does after each such write.
"""

import re
from collections.abc import Sequence
from typing import Final

from cordiale.adapters.sqlite import Connection, Row
from cordiale.agent.ports import ActRow, FileRow, MessageRow, QueuedRow, Waiting
from cordiale.crypto.at_rest import KEY_BYTES, open_record, seal_record
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment

VERSION: Final = 4
SCHEMA: Final = """
CREATE TABLE slot (number INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;
CREATE TABLE free_slot (number INTEGER PRIMARY KEY) STRICT;
CREATE TABLE value (key TEXT NOT NULL UNIQUE, slot INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, room BLOB NOT NULL, id BLOB NOT NULL, author TEXT NOT NULL,
    label BLOB NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, file BLOB NOT NULL, sent INTEGER NOT NULL,
    lamport INTEGER NOT NULL, nation TEXT NOT NULL, sequence INTEGER NOT NULL, state TEXT NOT NULL,
    envelope BLOB NOT NULL, detail TEXT NOT NULL, rule TEXT NOT NULL, topic TEXT NOT NULL, target BLOB NOT NULL,
    priority INTEGER NOT NULL, mentions TEXT NOT NULL, UNIQUE (room, id)
) STRICT;
CREATE INDEX message_arrival ON message (room, number);
CREATE INDEX message_order ON message (room, lamport, nation, sequence, number) WHERE kind NOT IN ('edit', 'reaction');
CREATE INDEX message_topic ON message (room, topic, lamport, nation, sequence, number) WHERE topic <> '';
CREATE INDEX message_hanging ON message (room, target) WHERE kind IN ('edit', 'reaction');
CREATE INDEX message_mentions ON message (room, number) WHERE mentions <> '';
CREATE INDEX message_priority ON message (room, number) WHERE priority > 0;
CREATE VIRTUAL TABLE message_text USING fts5 (
    text, content = 'message', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TABLE queued (
    number INTEGER PRIMARY KEY AUTOINCREMENT, room BLOB NOT NULL, id BLOB NOT NULL, content BLOB NOT NULL,
    label BLOB NOT NULL, sent INTEGER NOT NULL, envelope BLOB NOT NULL, digest BLOB NOT NULL
) STRICT;
CREATE TABLE act (
    number INTEGER PRIMARY KEY AUTOINCREMENT, room BLOB NOT NULL, record BLOB NOT NULL, message BLOB NOT NULL,
    digest BLOB NOT NULL, signed BLOB NOT NULL, author BLOB NOT NULL, crossing BLOB NOT NULL, envelope BLOB NOT NULL,
    UNIQUE (room, message)
) STRICT;
CREATE INDEX act_record ON act (room, record, number);
CREATE TABLE file (
    id BLOB NOT NULL UNIQUE, name TEXT NOT NULL, size INTEGER NOT NULL, digest BLOB NOT NULL, parts INTEGER NOT NULL
) STRICT;
CREATE TABLE part (
    file BLOB NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (file, place)
) STRICT;
"""
INDEXES: Final = "CREATE INDEX IF NOT EXISTS message_own ON message (state, number) WHERE state <> 'received';"
"""What a store that is older than them gets when it is opened."""
_WORDS_MOST: Final = 16
_WORD: Final = re.compile(r"\w+")
_MESSAGE: Final = (
    "SELECT number, room, id, author, label, kind, text, file, sent, lamport, nation, sequence, state, envelope,"
    " detail, rule, topic, target, priority, mentions FROM message"
)
_PUT_MESSAGE: Final = """
INSERT INTO message (room, id, author, label, kind, text, file, sent, lamport, nation, sequence, state, envelope,
    detail, rule, topic, target, priority, mentions)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (room, id) DO UPDATE SET author = excluded.author, label = excluded.label, kind = excluded.kind,
    text = excluded.text, file = excluded.file, sent = excluded.sent, lamport = excluded.lamport,
    nation = excluded.nation, sequence = excluded.sequence, state = excluded.state, envelope = excluded.envelope,
    detail = excluded.detail, rule = excluded.rule, topic = excluded.topic, target = excluded.target,
    priority = excluded.priority, mentions = excluded.mentions
RETURNING number
"""
_OWN_ROW: Final = "kind NOT IN ('edit', 'reaction')"
_PLACE: Final = "(lamport, nation, sequence, number)"
_VALUE: Final = "SELECT value.key, slot.key, value.data FROM value JOIN slot ON slot.number = value.slot"
_ACT: Final = "SELECT room, record, message, digest, signed, author, crossing, envelope FROM act"
_QUEUED: Final = "SELECT number, room, id, content, label, sent, envelope, digest FROM queued"


def _message(row: Row) -> MessageRow:
    return MessageRow(RoomId(row[1]), *row[2:])


def _act(row: Row) -> ActRow:
    return ActRow(RoomId(row[0]), *row[1:])


def _values(row: MessageRow) -> tuple[str | int | bytes, ...]:
    head = (row.room, row.id, row.author, row.label, row.kind, row.text, row.file, row.sent)
    place = (row.lamport, row.nation, row.sequence, row.state, row.envelope, row.detail, row.rule)
    return (*head, *place, row.topic, row.target, row.priority, row.mentions)


def search_expression(query: str) -> str:
    """An FTS5 expression that looks for the words of `query`, the beginning of each being enough; empty for none."""
    words = [word for word in _WORD.findall(query) if any(map(str.isalnum, word))]
    return " ".join(f'"{word}"*' for word in words[:_WORDS_MOST])


class SqliteState:
    """The store within one transaction. `erased` says whether a value was replaced or dropped in it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.erased = False

    def value(self, key: str) -> bytes | None:
        row = self._connection.one(f"{_VALUE} WHERE value.key = ?", key)
        return open_record(*row) if row else None

    def put_value(self, key: str, value: bytes) -> None:
        """Insert or replace; what was there before is erased."""
        fresh_key, sealed = seal_record(key, value)
        known = self._connection.one("UPDATE value SET data = ? WHERE key = ? RETURNING slot", sealed, key)
        if known is not None:
            self.erased = True
            self._connection.run("UPDATE slot SET key = ? WHERE number = ?", fresh_key, known[0])
            return
        slot = self._new_slot(fresh_key)
        self._connection.run("INSERT INTO value VALUES (?, ?, ?)", key, slot, sealed)

    def _new_slot(self, key: bytes) -> int:
        free = self._connection.one("SELECT number FROM free_slot LIMIT 1")
        if free is None:
            row = self._connection.one("INSERT INTO slot (key) VALUES (?) RETURNING number", key)
            return int(row[0]) if row else 0
        self._connection.run("DELETE FROM free_slot WHERE number = ?", free[0])
        self._connection.run("UPDATE slot SET key = ? WHERE number = ?", key, free[0])
        return int(free[0])

    def drop_value(self, key: str) -> None:
        row = self._connection.one("DELETE FROM value WHERE key = ? RETURNING slot", key)
        if row is not None:
            self.erased = True
            self._connection.run("UPDATE slot SET key = ? WHERE number = ?", bytes(KEY_BYTES), row[0])
            self._connection.run("INSERT INTO free_slot VALUES (?)", row[0])

    def values(self, prefix: str) -> dict[str, bytes]:
        """Those whose key begins with `prefix`, ordered by key."""
        end = prefix + chr(0x10FFFF)
        rows = self._connection.every(
            f"{_VALUE} WHERE value.key >= ? AND value.key < ? ORDER BY value.key", prefix, end
        )
        return {row[0]: open_record(*row) for row in rows}

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

    def messages(
        self, room: RoomId, *, limit: int, before: int = 0, since: int = 0, after: int = 0, topic: str = ""
    ) -> list[tuple[int, MessageRow]]:
        """The last `limit` in causal order; see `State`."""
        where, values = f"room = ?1 AND {_OWN_ROW}", [room, limit, before or since or after]
        if topic:
            where, values = f"{where} AND topic <> '' AND topic = ?4", [*values, topic]
        if before or since:
            place = "(SELECT lamport, nation, sequence, number FROM message WHERE room = ?1 AND number = ?3)"
            where = f"{where} AND {_PLACE} {'<' if before else '>'} {place}"
        elif after:
            where = f"{where} AND number > ?3"
        else:
            where = f"{where} AND ?3 = 0"  # no condition on the number, which would lead to the order of arrival
        way = "ASC" if since else "DESC"
        rows = self._connection.every(
            f"{_MESSAGE} WHERE {where} ORDER BY lamport {way}, nation {way}, sequence {way}, number {way} LIMIT ?2",
            *values,
        )
        return [(row[0], _message(row)) for row in (rows if since else reversed(rows))]

    def numbered(self, room: RoomId, message: bytes) -> int:
        row = self._connection.one("SELECT number FROM message WHERE room = ? AND id = ?", room, message)
        return int(row[0]) if row else 0

    def hanging(self, room: RoomId, targets: Sequence[bytes]) -> list[MessageRow]:
        """Edits and reactions, in causal order."""
        found: list[Row] = []
        for target in targets:
            found += self._connection.every(
                f"{_MESSAGE} WHERE room = ? AND target = ? AND kind IN ('edit', 'reaction')"
                " ORDER BY lamport, nation, sequence, number",
                *(room, target),
            )
        return [_message(row) for row in found]

    def waiting(self, room: RoomId, after: int, author: str, most: int) -> Waiting:
        since = "room = ?1 AND number > ?2 AND author <> ?3"
        row = self._connection.one(
            f"SELECT (SELECT count(*) FROM (SELECT 1 FROM message WHERE {since} AND {_OWN_ROW} LIMIT ?4)),"  # noqa: S608 - constants
            " (SELECT count(*) FROM (SELECT 1 FROM message"
            f" WHERE {since} AND mentions <> '' AND instr(mentions, ' ' || ?5 || ' ') LIMIT ?4)),"
            f" (SELECT coalesce(max(priority), 0) FROM message WHERE {since} AND priority > 0)",
            *(room, after, author, most, author),
        )
        return Waiting(*row) if row else Waiting(0, 0, 0)

    def last_of(self, room: RoomId, author: str, state: str) -> MessageRow | None:
        row = self._connection.one(
            f"{_MESSAGE} WHERE room = ? AND {_OWN_ROW} AND author = ? AND state = ?"
            " ORDER BY lamport DESC, nation DESC, sequence DESC LIMIT 1",
            *(room, author, state),
        )
        return _message(row) if row else None

    def topics(self, room: RoomId, limit: int) -> list[str]:
        rows = self._connection.every(
            "SELECT topic FROM message WHERE room = ? AND topic <> '' AND kind IN ('text', 'file')"
            " GROUP BY topic ORDER BY max(number) DESC LIMIT ?",
            *(room, limit),
        )
        return [row[0] for row in rows]

    def messages_like(self, room: RoomId, prefix: str, limit: int) -> list[MessageRow]:
        rows = self._connection.every(
            f"{_MESSAGE} WHERE room = ? AND substr(lower(hex(id)), 1, ?) = ? LIMIT ?",
            *(room, len(prefix), prefix, limit),
        )
        return [_message(row) for row in rows]

    def latest(self) -> int:
        row = self._connection.one("SELECT max(number) FROM message")
        return int(row[0] or 0) if row else 0

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

    def in_state(self, state: str, limit: int) -> list[MessageRow]:
        """See `State`; the second condition leads to `message_own`, past whatever others wrote."""
        own = "state = ? AND state <> 'received'"
        rows = self._connection.every(f"{_MESSAGE} WHERE {own} ORDER BY number DESC LIMIT ?", state, limit)
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

    def put_act(self, row: ActRow) -> None:
        """Insert or replace by (room, message); its place in the order stays."""
        self._connection.run(
            "INSERT INTO act (room, record, message, digest, signed, author, crossing, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (room, message) DO UPDATE SET crossing = excluded.crossing, envelope = excluded.envelope",
            row.room,
            row.record,
            row.message,
            row.digest,
            row.signed,
            row.author,
            row.crossing,
            row.envelope,
        )

    def act(self, room: RoomId, message: bytes) -> ActRow | None:
        row = self._connection.one(f"{_ACT} WHERE room = ? AND message = ?", room, message)
        return _act(row) if row else None

    def acts(self, room: RoomId) -> list[ActRow]:
        """In the order in which they came."""
        return [_act(row) for row in self._connection.every(f"{_ACT} WHERE room = ? ORDER BY number", room)]

    def first_act(self, room: RoomId, record: bytes) -> ActRow | None:
        """The first that came about a record."""
        row = self._connection.one(f"{_ACT} WHERE room = ? AND record = ? ORDER BY number LIMIT 1", room, record)
        return _act(row) if row else None

    def acts_of(self, room: RoomId, record: bytes) -> list[ActRow]:
        """All about a record, in the order in which they came."""
        found = self._connection.every(f"{_ACT} WHERE room = ? AND record = ? ORDER BY number", room, record)
        return [_act(row) for row in found]

    def count_acts(self, room: RoomId) -> int:
        row = self._connection.one("SELECT count(*) FROM act WHERE room = ?", room)
        return int(row[0]) if row else 0

    def drop_act(self, room: RoomId, message: bytes) -> None:
        self._connection.run("DELETE FROM act WHERE room = ? AND message = ?", room, message)

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
