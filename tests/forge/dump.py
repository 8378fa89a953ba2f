"""Everything that a node or an agent keeps, to be compared before and after something hostile came."""

from pathlib import Path
from typing import Any

import apsw

from cordiale.adapters.agent_state import SqliteState
from cordiale.vocab.identifier import RoomId
from worlds.world import Agent, NodeSim

_PLACE_BITS = 40
Dump = dict[str, list[tuple[Any, ...]]]


def of_node(node: NodeSim, *, but: tuple[str, ...] = ("guard",)) -> Dump:
    """Every row of a node's database, without the logs named in `but` (their growth is documented)."""
    return _without(_tables(Path(node.home.directory) / "node.db"), but)


def _tables(path: Path) -> Dump:
    connection = apsw.Connection(str(path))
    try:
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}
    finally:
        connection.close()


def _without(found: Dump, logs: tuple[str, ...]) -> Dump:
    hidden = {row[0] for row in found["log"] if row[1] in logs}
    found["log"] = [row for row in found["log"] if row[0] not in hidden]
    found["entry"] = [row for row in found["entry"] if row[0] >> _PLACE_BITS not in hidden]
    found["subtree"] = [row for row in found["subtree"] if row[0] not in hidden]
    return found


def of_agent(agent: Agent, *, but: tuple[str, ...] = ("alarm/", "log/")) -> Dump:
    """Every value, message, queued row, file and part of an agent, without values whose key begins so."""
    with agent.store._database.read() as connection:
        tables = ("message", "queued", "file", "part")
        found = {name: connection.every(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}
        values = SqliteState(connection).values("")
    found["value"] = [row for row in values.items() if not row[0].startswith(but)]
    return found


def alarms(agent: Agent) -> list[str]:
    """What the agent tells its person about."""
    return list(agent.engine.status().alarms)


def group(agent: Agent, room: RoomId) -> bytes:
    """The MLS state that the engine works with, in memory."""
    with agent.engine._unit() as work:
        return work.group(room).encode()
