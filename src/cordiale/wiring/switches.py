"""What one may do to the demonstration while it runs: cut the other capital off and join it again; alter one stored entry of a
nation's log, as an intruder with the disk could, and put it back.

The demonstration's own process does it and listens on a socket in its own folder, as an agent does; only the consoles that it
started know where. A real console, agent or node has nothing of this.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cordiale.adapters.node_schema import PLACE_BITS
from cordiale.errors import NotFound, WrongUsage
from cordiale.federation.session import border_log
from cordiale.ledger import checkpoint
from cordiale.vocab.party import Nation
from cordiale.wiring.cable import Cable
from cordiale.wiring.nation import NationHome

Document = dict[str, Any]
METHODS: Final = ("look", "cut", "join", "alter", "restore")


class Switches:
    """`call` is what the socket hands on."""

    def __init__(self, cable: Cable, homes: Mapping[str, NationHome]) -> None:
        self._cable, self._homes = cable, homes
        self._altered: dict[str, _Altered] = {}

    def call(self, method: str, params: Mapping[str, Any]) -> Document:
        """Do it; how things stand afterwards, for the nation that asks."""
        nation = str(params.get("nation", ""))
        if method not in METHODS or nation not in self._homes:
            raise WrongUsage(f"the demonstration knows no switch {method[:40]!r} of {nation[:20]!r}")
        if method == "cut":
            self._cable.cut()
        elif method == "join":
            self._cable.join()
        elif method == "alter" and nation not in self._altered:
            self._altered[nation] = _alter(self._homes[nation], Nation(nation), self._other(nation))
        elif method == "restore" and nation in self._altered:
            self._altered.pop(nation).restore()
        altered = self._altered.get(nation)
        return {
            "cut": self._cable.is_cut,
            "other": self._other(nation),
            "altered": None if altered is None else {"log": altered.log, "entry": altered.entry},
        }

    def _other(self, nation: str) -> Nation:
        return next(home.nation for code, home in self._homes.items() if code != nation)


class _Altered:
    """An entry that was altered, and what it was."""

    def __init__(self, database: Path, log: str, entry: int) -> None:
        self.log, self.entry = log, entry
        self._database = database
        self._place, self._leaf = _stored(database, log, entry)
        spoiled = bytearray(self._leaf)
        spoiled[len(spoiled) // 2] ^= 1
        self._write(bytes(spoiled))

    def restore(self) -> None:
        """Put the entry back."""
        self._write(self._leaf)

    def _write(self, leaf: bytes) -> None:
        connection = sqlite3.connect(self._database)
        try:
            with connection:
                connection.execute("UPDATE entry SET leaf = ? WHERE place = ?", (leaf, self._place))
        finally:
            connection.close()


def tamper(database: Path, log: str) -> int:
    """Alter one byte of the entry in a stored log's middle; its number."""
    connection = sqlite3.connect(database)
    try:
        (size,) = connection.execute("SELECT size FROM log WHERE name = ?", (log,)).fetchone()
    finally:
        connection.close()
    return _Altered(database, log, int(size) // 2).entry


def _alter(home: NationHome, nation: Nation, other: Nation) -> _Altered:
    """An entry of the outgoing log that the other side has confirmed, so that nothing but an audit sees it."""
    log = border_log(nation, other)
    with home.store().read() as tx:
        note = tx.logs.cosigned(log)
    size = checkpoint.parse(note).checkpoint.size if note else 0
    if not size:
        raise NotFound("nothing has crossed yet", what="entry")
    return _Altered(home.directory / "node.db", log, size // 2)


def _stored(database: Path, log: str, entry: int) -> tuple[int, bytes]:
    connection = sqlite3.connect(database)
    try:
        (number,) = connection.execute("SELECT number FROM log WHERE name = ?", (log,)).fetchone()
        place = int(number) << PLACE_BITS | entry
        (leaf,) = connection.execute("SELECT leaf FROM entry WHERE place = ?", (place,)).fetchone()
    finally:
        connection.close()
    return place, bytes(leaf)
