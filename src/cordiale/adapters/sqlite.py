"""SQLite as both stores use it: one writer, a pool of readers, and one kind of failure.

    write()   BEGIN IMMEDIATE … COMMIT     one at a time in this process; another process waits up to `BUSY_SECONDS`
    read()    BEGIN … ROLLBACK             a snapshot; any number beside the writer (write-ahead log)

Invariants: when `write()` has ended without raising, what was written survives a crash of the machine (synchronous
FULL). After a statement has failed nothing of its transaction is committed, even if a caller took the failure for
something else.
"""

import os
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from cordiale.errors import IllegalStep, StorageFailed

BUSY_SECONDS: Final = 10
_WAL_BYTES_KEPT: Final = 64 * 1024 * 1024
_CACHE_KIB: Final = 16 * 1024

Value = int | float | str | bytes | None
Row = tuple[Any, ...]


class Connection:
    """A connection whose failures are `StorageFailed`; after one, everything fails until the transaction has ended."""

    def __init__(self, path: Path) -> None:
        self.failed: str = ""
        try:
            self._raw: Any = apsw.Connection(str(path))
        except apsw.Error as fault:
            raise self._failure(fault) from None

    def run(self, statement: str, *values: Value) -> None:
        """Execute for its effect."""
        self._check()
        try:
            self._raw.execute(statement, values)
        except apsw.Error as fault:
            raise self._failure(fault) from None

    def many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Execute once for each row of values."""
        self._check()
        try:
            self._raw.executemany(statement, rows)
        except apsw.Error as fault:
            raise self._failure(fault) from None

    def one(self, statement: str, *values: Value) -> Row | None:
        """The first row, if any."""
        self._check()
        try:
            return self._raw.execute(statement, values).fetchone()
        except apsw.Error as fault:
            raise self._failure(fault) from None

    def every(self, statement: str, *values: Value) -> list[Row]:
        """All rows."""
        self._check()
        try:
            return self._raw.execute(statement, values).fetchall()
        except apsw.Error as fault:
            raise self._failure(fault) from None

    def pragma(self, name: str, value: Value = None) -> Any:
        """Ask or set; the value that holds now."""
        try:
            return self._raw.pragma(name) if value is None else self._raw.pragma(name, value)
        except apsw.Error as fault:
            raise self._failure(fault) from None

    def make_durable(self) -> None:
        """The settings that every connection of either store has."""
        self._raw.set_busy_timeout(BUSY_SECONDS * 1000)
        self.pragma("journal_mode", "wal")
        self.pragma("synchronous", "full")
        self.pragma("journal_size_limit", _WAL_BYTES_KEPT)
        self.pragma("cache_size", -_CACHE_KIB)
        self.pragma("trusted_schema", 0)

    def begin(self, kind: str) -> None:
        """Start a transaction: `DEFERRED` to read, `IMMEDIATE` to write."""
        self.failed = ""
        self.run(f"BEGIN {kind}")

    def commit(self) -> None:
        """End it durably, or `StorageFailed`."""
        self.run("COMMIT")

    def abandon(self) -> None:
        """Undo everything since `begin`; nothing to do where SQLite itself has undone it."""
        self.failed = ""
        if self._raw.in_transaction:
            self.run("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()

    def _check(self) -> None:
        if self.failed:  # SQLite may have ended the transaction: a statement now would be in one of its own
            raise StorageFailed(self.failed)

    def _failure(self, fault: apsw.Error) -> StorageFailed:
        self.failed = f"{type(fault).__name__}: {str(fault)[:160]}"
        return StorageFailed(self.failed)


def create_private(path: Path) -> None:
    """Make sure that the file is there and only its owner may read it; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None


class Database:
    """One database file. `connect` opens and prepares a connection; the first one is the writer's."""

    def __init__(self, path: Path, connect: Callable[[Path], Connection]) -> None:
        self._path, self._connect = path, connect
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._idle: list[Connection] = []
        create_private(path)
        self._writer: Connection | None = connect(path)

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction; rolled back when the block raises."""
        with self.alone(), self.transaction() as connection:
            yield connection

    @contextmanager
    def alone(self) -> Generator[None]:
        """The right to write, which one thread has at a time; not to be nested."""
        if self._owner == threading.get_ident():
            raise IllegalStep("a write within a write")
        with self._lock:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """A transaction of the writer, within `alone`."""
        connection = _open(self._writer)
        try:
            connection.begin("IMMEDIATE")
            yield connection
            connection.commit()
        except BaseException:
            connection.abandon()
            raise

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and leave nothing of it; False while a reader still needs it."""
        with self.alone():
            busy = _open(self._writer).one("PRAGMA wal_checkpoint(TRUNCATE)")
        return busy is not None and not busy[0]

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A snapshot of what was committed before the first look."""
        _open(self._writer)
        connection = self._reader()
        try:
            connection.begin("DEFERRED")
            yield connection
        finally:
            connection.abandon()
            if self._writer is None:
                connection.close()
            else:
                self._idle.append(connection)

    def _reader(self) -> Connection:
        try:
            return self._idle.pop()  # whether there is one can't be asked before: another thread may take it meanwhile
        except IndexError:
            return self._connect(self._path)

    def close(self) -> None:
        """Close every connection; the file is then complete without its write-ahead log."""
        with self.alone():
            writer, self._writer = self._writer, None
            while self._idle:
                self._idle.pop().close()
            if writer is not None:
                writer.close()


def _open(connection: Connection | None) -> Connection:
    if connection is None:
        raise StorageFailed("the store is closed")
    return connection
