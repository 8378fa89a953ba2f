"""A node in hostile hands, towards its own nation's agents: it writes into their logs and answers what it likes."""

from collections.abc import Callable

from cordiale.adapters.clock import system_clock
from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.federation.api import SyncAnswer
from cordiale.federation.envelope import parse_entry
from cordiale.federation.session import home_log
from cordiale.node import books
from cordiale.vocab.identifier import RoomId
from forge.border import Border
from worlds.world import Agent, NodeSim


class Home:
    """`node`'s home log of a room, written past every check."""

    def __init__(self, node: NodeSim, room: RoomId) -> None:
        self.node, self.room = node, room
        self.border = Border(node, node)

    def publish(
        self,
        data: bytes,
        *,
        leaf: bytes | None = None,
        log: str | None = None,
        chain: Chain | None = None,
        **changes: object,
    ) -> bytes:
        """Append an entry for an envelope, released by the node's own border."""
        leaf = leaf or self.border.leaf(data, **{"sequence": 10**6, **changes})  # type: ignore[arg-type]
        with self.node.store.write() as tx:
            tx.blobs.put_envelope(parse_entry(leaf).release.envelope, data, self.room, system_clock())
            if chain is not None:
                tx.blobs.put_chain(sha256(chain.encode()), chain)
            books.append(self.node.authority(), tx.logs, log or home_log(self.room), [leaf])
        return leaf


def answering(agent: Agent, change: Callable[[SyncAnswer], SyncAnswer]) -> Callable[[], None]:
    """Let the agent's node answer each sync with something else; the result puts it right again."""
    honest = agent.client.sync
    agent.client.sync = lambda positions, wait: change(honest(positions, wait))  # type: ignore[method-assign]

    def restore() -> None:
        agent.client.sync = honest  # type: ignore[method-assign]

    return restore
