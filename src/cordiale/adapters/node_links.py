"""Links to other nations in SQLite: implements `node.ports.Links`."""

from cordiale.adapters.sqlite import Connection, Row
from cordiale.node.ports import LinkRow
from cordiale.vocab.party import Nation

_LINK = "SELECT nation, state, mine, theirs, invited, sealed FROM link"


def _link(row: Row) -> LinkRow:
    return LinkRow(Nation(row[0]), row[1], row[2], row[3], bool(row[4]), row[5])


class SqliteLinks:
    """Other nations, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def link(self, nation: Nation) -> LinkRow | None:
        row = self._connection.one(f"{_LINK} WHERE nation = ?", nation)
        return _link(row) if row else None

    def links(self) -> list[LinkRow]:
        return [_link(row) for row in self._connection.every(f"{_LINK} ORDER BY nation")]

    def put_link(self, row: LinkRow) -> None:
        self._connection.run(
            "INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?, ?)",
            row.nation,
            row.state,
            row.mine,
            row.theirs,
            int(row.invited),
            row.sealed,
        )
