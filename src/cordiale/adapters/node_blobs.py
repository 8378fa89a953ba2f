"""Envelopes and certificate chains by their SHA-256, in SQLite: implements `node.ports.Blobs`.

What stands there once stays: putting the same digest again changes nothing.
"""

from functools import lru_cache

from cordiale.adapters.sqlite import Connection
from cordiale.crypto.certificate import Chain
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment

_chain = lru_cache(maxsize=4096)(Chain.decode)


class SqliteBlobs:
    """Content-addressed bytes, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def envelope(self, digest: Digest) -> bytes | None:
        row = self._connection.one("SELECT data FROM envelope WHERE digest = ?", digest)
        return row[0] if row else None

    def put_envelope(self, digest: Digest, data: bytes, room: RoomId, at: Moment) -> None:
        self._connection.run("INSERT INTO envelope VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", digest, data, room, at)

    def chain(self, digest: Digest) -> Chain | None:
        row = self._connection.one("SELECT data FROM chain WHERE digest = ?", digest)
        return _chain(row[0]) if row else None

    def put_chain(self, digest: Digest, chain: Chain) -> None:
        if self._connection.one("SELECT 1 FROM chain WHERE digest = ?", digest) is None:
            self._connection.run("INSERT INTO chain VALUES (?, ?)", digest, chain.encode())
