"""The logs of a node in SQLite: implements `node.ports.Logs`.

Appending continues exactly at the stored state or is refused; reading gives back what is stored, altered or not, for
telling the difference is the work of an audit.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from cordiale.adapters.node_schema import PLACE_BITS
from cordiale.adapters.remembered import Remembered
from cordiale.adapters.sqlite import Connection, Row
from cordiale.crypto.digest import sha256
from cordiale.errors import IllegalStep, StorageFailed
from cordiale.federation.session import BORDER, origin
from cordiale.ledger.log import LogState
from cordiale.ledger.merkle import Frontier
from cordiale.ledger.tile import HEIGHT, WIDTH, growth
from cordiale.node.ports import Note
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation, parse_nation


class StoredLog(msgspec.Struct, frozen=True):
    """A log's row: its number in the key of its entries (0 while it has no row), its state and its checkpoint."""

    number: int
    state: LogState
    note: Note

    @property
    def checkpoint(self) -> bytes:
        """The signed checkpoint, signed now if it wasn't yet."""
        return self.note if isinstance(self.note, bytes) else self.note()


@lru_cache(maxsize=4096)
def _frontier(data: bytes) -> Frontier:
    return Frontier.decode(data)


def origin_of(own: Nation, log: str) -> str:
    """A border log belongs to the nation that its name puts first; every other log is this nation's own."""
    kind, _, rest = log.partition("/")
    author = parse_nation(rest.partition("-")[0]) if kind == BORDER else own
    return origin(author, log)


class SqliteLogs:
    """Append-only logs by name, within one transaction."""

    def __init__(self, connection: Connection, nation: Nation, known: Remembered[str, StoredLog]) -> None:
        self._connection, self._nation, self._known = connection, nation, known
        self.appended: set[str] = set()

    def state(self, log: str) -> LogState:
        """The log as it stands, empty where there is none."""
        return self._stored(log).state

    def append(self, log: str, state: LogState, leaves: Sequence[bytes], hashes: Sequence[Digest], note: Note) -> None:
        """Grow `log` by `leaves` to `state`; `IllegalStep` where that doesn't continue exactly at the stored size."""
        stored = self._stored(log)
        before = stored.state
        if state.origin != before.origin or len(leaves) != len(hashes) or state.size != before.size + len(leaves):
            raise IllegalStep(f"{log} has {before.size} entries, {len(leaves)} more do not make {state.size}")
        number = self._number(log, stored)
        start = number << PLACE_BITS | before.size
        rows = zip(leaves, hashes, strict=True)
        self._connection.many(
            "INSERT INTO entry VALUES (?, ?, ?, ?)",
            [(start + at, leaf, sha256(leaf), digest) for at, (leaf, digest) in enumerate(rows)],
        )
        if before.size // WIDTH != state.size // WIDTH:
            self._grow(number, before, hashes)
        self._known.put(log, StoredLog(number, state, note))
        self.appended.add(log)

    def flush(self) -> None:
        """Write how far each log has grown: once for the whole transaction, as its last statement."""
        for log in self.appended:
            stored = self._stored(log)
            stored = StoredLog(stored.number, stored.state, stored.checkpoint)
            self._known.put(log, stored)
            self._connection.run(
                "UPDATE log SET size = ?, frontier = ?, checkpoint = ? WHERE number = ?",
                stored.state.size,
                stored.state.frontier.encode(),
                stored.checkpoint,
                stored.number,
            )

    def _grow(self, number: int, before: LogState, hashes: Sequence[Digest]) -> None:
        for row in growth(before.frontier, hashes):
            if row.height:
                level = row.height // HEIGHT
                self._connection.many(
                    "INSERT INTO subtree VALUES (?, ?, ?, ?)",
                    [(number, level, row.first + at, digest) for at, digest in enumerate(row.hashes)],
                )

    def leaves(self, log: str, start: int, count: int) -> list[bytes]:
        """Up to `count` leaves from `start`."""
        return [row[0] for row in self._entries("leaf", log, start, count)]

    def hashes(self, log: str, start: int, count: int) -> list[Digest]:
        """The stored leaf hashes of as many entries."""
        return [Digest(row[0]) for row in self._entries("hash", log, start, count)]

    def subtrees(self, log: str, level: int, start: int, count: int) -> list[Digest]:
        """Stored roots of complete subtrees of 256**level entries."""
        rows = self._connection.every(
            "SELECT hash FROM subtree WHERE log = ? AND level = ? AND position >= ? AND position < ? ORDER BY position",
            self._stored(log).number,
            level,
            start,
            start + count,
        )
        return [row[0] for row in rows]

    def find(self, log: str, leaf: Digest) -> int | None:
        """Where the leaf with this SHA-256 first stands."""
        first = self._stored(log).number << PLACE_BITS
        row = self._connection.one(
            "SELECT min(place) FROM entry WHERE digest = ? AND place >= ? AND place < ?",
            leaf,
            first,
            first + (1 << PLACE_BITS),
        )
        return None if row is None or row[0] is None else row[0] - first

    def checkpoint(self, log: str) -> bytes:
        """The last signed checkpoint, empty before the first."""
        return self._stored(log).checkpoint

    def cosigned(self, log: str) -> bytes:
        """The last cosigned checkpoint, empty before the first."""
        row = self._connection.one("SELECT cosigned FROM log WHERE name = ?", log)
        return row[0] if row else b""

    def put_cosigned(self, log: str, note: bytes) -> None:
        """Keep a cosigned checkpoint in place of the one before."""
        number = self._number(log, self._stored(log))
        self._connection.run("UPDATE log SET cosigned = ? WHERE number = ?", note, number)

    def names(self) -> list[tuple[str, int]]:
        """Every log and its size."""
        stored = [(row[0], row[1]) for row in self._connection.every("SELECT name, size FROM log ORDER BY name")]
        return [(name, self._stored(name).state.size if name in self.appended else size) for name, size in stored]

    def _stored(self, log: str) -> StoredLog:
        found = self._known.get(log)
        if found is None:
            found = self._load(log)
            self._known.put(log, found)
        return found

    def _load(self, log: str) -> StoredLog:
        row = self._connection.one("SELECT number, origin, size, frontier, checkpoint FROM log WHERE name = ?", log)
        if row is None:
            return StoredLog(0, LogState.empty(origin_of(self._nation, log)), b"")
        frontier = _frontier(row[3])
        if frontier.size != row[2]:
            raise StorageFailed(f"the stored size of {log} is not that of its stored frontier")
        return StoredLog(row[0], LogState(row[1], frontier), row[4])

    def _number(self, log: str, stored: StoredLog) -> int:
        if stored.number:
            return stored.number
        row = self._connection.one(
            "INSERT INTO log (name, origin, size, frontier, checkpoint, cosigned) VALUES (?, ?, 0, ?, x'', x'')"
            " RETURNING number",
            log,
            stored.state.origin,
            stored.state.frontier.encode(),
        )
        if row is None:
            raise StorageFailed(f"{log} could not be begun")
        self._known.put(log, StoredLog(row[0], stored.state, stored.note))
        return int(row[0])

    def _entries(self, column: str, log: str, start: int, count: int) -> list[Row]:
        """Entries without a gap: where one is missing, those after it are not given as if they were in its place."""
        number, begin = self._stored(log).number, max(start, 0)
        first, end = (number << PLACE_BITS) + begin, (number << PLACE_BITS) + min(start + count, 1 << PLACE_BITS)
        statement = f"SELECT {column}, place FROM entry WHERE place >= ? AND place < ? ORDER BY place"  # noqa: S608
        rows = self._connection.every(statement, first, end) if first < end else []
        if not rows or rows[-1][1] - first == len(rows) - 1:
            return rows
        return [row for at, row in enumerate(rows) if row[1] == first + at]
