"""Rooms, members and counters in SQLite: implements `node.ports.Rooms`."""

from cordiale.adapters.remembered import Remembered
from cordiale.adapters.sqlite import Connection, Row
from cordiale.node.ports import MemberRow, RoomRow
from cordiale.vocab.identifier import Digest, Epoch, RoomId
from cordiale.vocab.party import Address, Nation

_ROOM = "SELECT id, parameters, epoch, state FROM room"
_MEMBER = "SELECT room, public_key, address, since, until, until_epoch FROM member"


def _room(row: Row) -> RoomRow:
    return RoomRow(RoomId(row[0]), row[1], Epoch(row[2]), row[3])


def _member(row: Row) -> MemberRow:
    return MemberRow(RoomId(row[0]), row[1], Address.parse(row[2]), row[3], row[4], row[5])


class SqliteRooms:
    """What the node knows of rooms, within one transaction. Rooms are remembered: their state may be large."""

    def __init__(self, connection: Connection, known: Remembered[RoomId, RoomRow]) -> None:
        self._connection, self._known = connection, known

    def room(self, room: RoomId) -> RoomRow | None:
        found = self._known.get(room)
        if found is None:
            row = self._connection.one(f"{_ROOM} WHERE id = ?", room)
            if row is None:
                return None
            found = _room(row)
            self._known.put(room, found)
        return found

    def put_room(self, row: RoomRow) -> None:
        self._connection.run(
            "INSERT INTO room VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET parameters = excluded.parameters, epoch = excluded.epoch, state = excluded.state",
            row.id,
            row.parameters,
            row.epoch,
            row.group,
        )
        self._known.put(row.id, row)

    def rooms(self) -> list[RoomRow]:
        """In the order in which they came."""
        return [_room(row) for row in self._connection.every(f"{_ROOM} ORDER BY rowid")]

    def member(self, room: RoomId, public_key: bytes) -> MemberRow | None:
        row = self._connection.one(f"{_MEMBER} WHERE room = ? AND public_key = ?", room, public_key)
        return _member(row) if row else None

    def members(self, room: RoomId) -> list[MemberRow]:
        rows = self._connection.every(f"{_MEMBER} WHERE room = ? ORDER BY since, public_key", room)
        return [_member(row) for row in rows]

    def memberships(self, address: Address) -> list[MemberRow]:
        rows = self._connection.every(f"{_MEMBER} WHERE address = ? ORDER BY room, public_key", str(address))
        return [_member(row) for row in rows]

    def put_member(self, row: MemberRow) -> None:
        self._connection.run(
            "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?)",
            row.room,
            row.public_key,
            str(row.address),
            row.since,
            row.until,
            row.until_epoch,
        )

    def sequence(self, room: RoomId, nation: Nation) -> int:
        """How many messages of that nation there are, 0 before the first."""
        row = self._connection.one("SELECT last FROM sequence WHERE room = ? AND nation = ?", room, nation)
        return int(row[0]) if row else 0

    def put_sequence(self, room: RoomId, nation: Nation, last: int) -> None:
        self._connection.run("INSERT OR REPLACE INTO sequence VALUES (?, ?, ?)", room, nation, last)

    def accepted(self, envelope: Digest) -> int | None:
        """Where an accepted envelope stands in the home log, -1 while it is on its way to the hub."""
        row = self._connection.one("SELECT position FROM accepted WHERE envelope = ?", envelope)
        return int(row[0]) if row else None

    def put_accepted(self, envelope: Digest, offset: int) -> None:
        self._connection.run("INSERT OR REPLACE INTO accepted VALUES (?, ?)", envelope, offset)
