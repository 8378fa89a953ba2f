"""The node's durable state in one SQLite file: implements `node.ports.Store`.

The writer remembers log states and rooms between transactions, for speed. That memory is rolled back with the
transaction and dropped when another process (the command line) has written.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cordiale.adapters.node_blobs import SqliteBlobs
from cordiale.adapters.node_links import SqliteLinks
from cordiale.adapters.node_logs import SqliteLogs, StoredLog
from cordiale.adapters.node_registry import SqliteRegistry
from cordiale.adapters.node_rooms import SqliteRooms
from cordiale.adapters.node_schema import SCHEMA, VERSION
from cordiale.adapters.remembered import Remembered
from cordiale.adapters.sqlite import Connection, Database
from cordiale.errors import StorageFailed
from cordiale.node.ports import RoomRow
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation

_LOGS_KEPT: Final = 50_000
_ROOMS_KEPT: Final = 256


@dataclass(frozen=True)
class Memory:
    """What the writer remembers."""

    logs: Remembered[str, StoredLog] = field(default_factory=Remembered[str, StoredLog])
    rooms: Remembered[RoomId, RoomRow] = field(default_factory=Remembered[RoomId, RoomRow])

    def mark(self) -> tuple[int, int]:
        return self.logs.mark(), self.rooms.mark()

    def back_to(self, mark: tuple[int, int]) -> None:
        self.logs.back_to(mark[0])
        self.rooms.back_to(mark[1])

    def settle(self) -> None:
        self.logs.settle(_LOGS_KEPT)
        self.rooms.settle(_ROOMS_KEPT)

    def forget(self) -> None:
        self.logs.forget()
        self.rooms.forget()


class SqliteTransaction:
    """All ports over one connection and one memory."""

    def __init__(self, connection: Connection, nation: Nation, memory: Memory) -> None:
        self._connection, self._memory = connection, memory
        self.logs: Final = SqliteLogs(connection, nation, memory.logs)
        self.blobs: Final = SqliteBlobs(connection)
        self.registry: Final = SqliteRegistry(connection)
        self.rooms: Final = SqliteRooms(connection, memory.rooms)
        self.links: Final = SqliteLinks(connection)

    @property
    def appended(self) -> frozenset[str]:
        """The logs that have grown, for those who wait for them."""
        return frozenset(self.logs.appended)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Undo what was done inside when it raises."""
        mark = self._memory.mark()
        self._connection.run("SAVEPOINT s")
        try:
            yield
        except BaseException:
            self._memory.back_to(mark)
            self._connection.run("ROLLBACK TO s")
            self._connection.run("RELEASE s")
            raise
        self._connection.run("RELEASE s")


class SqliteNodeStore:
    """`path` is created if it isn't there; `nation` is whose node this is. Any thread may read and write."""

    def __init__(self, path: Path, nation: Nation) -> None:
        self._nation, self._memory = nation, Memory()
        self._version = -1
        self._database = Database(path, _connect)
        with self._database.read() as connection:
            version = _version(connection)
        if version != VERSION:
            with self._database.write() as connection:
                _prepare(connection)

    @contextmanager
    def write(self) -> Generator[SqliteTransaction]:
        """Everything or nothing; durable when the block has ended. `StorageFailed` if it could not be stored."""
        with self._database.alone():
            try:
                with self._database.transaction() as connection:
                    self._notice_others(connection)
                    transaction = SqliteTransaction(connection, self._nation, self._memory)
                    yield transaction
                    transaction.logs.flush()
            except BaseException:
                self._memory.forget()
                raise
            self._memory.settle()

    @contextmanager
    def read(self) -> Generator[SqliteTransaction]:
        """A snapshot. Writing to it is possible and pointless: it is rolled back."""
        with self._database.read() as connection:
            yield SqliteTransaction(connection, self._nation, Memory())

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _notice_others(self, connection: Connection) -> None:
        version = int(connection.pragma("data_version"))
        if version != self._version:
            self._memory.forget()
            self._version = version


def _connect(path: Path) -> Connection:
    connection = Connection(path)
    connection.make_durable()
    return connection


def _version(connection: Connection) -> int:
    return int(connection.pragma("user_version"))


def _prepare(connection: Connection) -> None:
    version = _version(connection)
    if version == 0:
        connection.run(SCHEMA)
        connection.pragma("user_version", VERSION)
    elif version != VERSION:
        raise StorageFailed(f"the tables are of version {version}, this program knows {VERSION}")
