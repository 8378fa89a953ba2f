"""A person's encrypted store: implements `agent.ports.AgentStore` on SQLite with ChaCha20-Poly1305 pages.

Every page of the file, its write-ahead log and its text index are encrypted and authenticated (SQLite3 Multiple
Ciphers); nothing else is written. One process holds the store at a time, by a lock file beside it.

Invariant: when a write that erased something has ended, the log is empty, so that no older image of a page is left (RFC 9420
§9.2).
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from filelock import FileLock, Timeout

from cordiale.adapters.agent_state import INDEXES, SCHEMA, VERSION, SqliteState
from cordiale.adapters.sqlite import Connection, Database
from cordiale.errors import AlreadyExists, NotFound, StorageFailed, StoreLocked

KEY_BYTES: Final = 32
_WRONG_KEY: Final = ("NotADBError", "CorruptError")


class EncryptedAgentStore:
    """Everything that the agent keeps; a block is applied whole or not at all. Any thread may read and write."""

    def __init__(self, lock: FileLock, database: Database) -> None:
        self._lock, self._database = lock, database
        self._due = False

    @classmethod
    def create(cls, path: Path, key: bytes) -> Self:
        """A new store under a 32-byte key; `AlreadyExists` if there is one."""
        if path.exists():
            raise AlreadyExists(str(path), what="store")
        return cls._held(path, key)

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """An existing store; `StoreLocked` under another key or while another process holds it."""
        if not path.exists():
            raise NotFound(str(path), what="store")
        return cls._held(path, key)

    @contextmanager
    def write(self) -> Generator[SqliteState]:
        """All of the block, durably, or nothing of it."""
        with self._database.write() as connection:
            state = SqliteState(connection)
            yield state
        self._due = self._due or state.erased
        if self._due:
            self._empty_log()

    def _empty_log(self) -> None:
        """After the commit, which stands whatever comes of this; what a reader or a full disk held up, the next one does."""
        with suppress(StorageFailed):
            self._due = not self._database.empty_log()

    @contextmanager
    def read(self) -> Generator[SqliteState]:
        """A snapshot."""
        with self._database.read() as connection:
            yield SqliteState(connection)

    def close(self) -> None:
        """Let go of the file and of the lock."""
        self._database.close()
        self._lock.release()

    @classmethod
    def _held(cls, path: Path, key: bytes) -> Self:
        if len(key) != KEY_BYTES:
            raise StoreLocked(f"a key has {KEY_BYTES} bytes")
        lock = _acquire(path)
        try:
            database = Database(path, lambda place: _connect(place, key))
            with database.write() as connection:
                _prepare(connection)
            database.empty_log()
        except BaseException:
            lock.release()
            raise
        return cls(lock, database)


def _acquire(path: Path) -> FileLock:
    lock = FileLock(path.with_name(path.name + ".lock"), timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreLocked(f"another process holds {path}") from None
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    return lock


def _connect(path: Path, key: bytes) -> Connection:
    connection = Connection(path)
    try:
        connection.pragma("cipher", "chacha20")
        connection.pragma("hexkey", f"raw:{key.hex()}".encode().hex())
        connection.make_durable()
        connection.pragma("temp_store", "memory")
    except StorageFailed as error:
        connection.close()
        if error.detail.startswith(_WRONG_KEY):
            raise StoreLocked(f"the key does not open {path}") from None
        raise
    return connection


def _prepare(connection: Connection) -> None:
    version = int(connection.pragma("user_version"))
    if version == 0:
        connection.run(SCHEMA)
        connection.pragma("user_version", VERSION)
    elif version != VERSION:
        raise StoreLocked(f"its tables are of version {version}, this program knows {VERSION}")
    connection.run(INDEXES)
