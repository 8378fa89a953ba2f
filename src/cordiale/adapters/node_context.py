"""What the node's listeners work with, handed in by wiring."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from cordiale.adapters.group_commit import GroupCommit
from cordiale.adapters.long_poll import LongPolls
from cordiale.adapters.metrics import NodeMetrics
from cordiale.adapters.peer_client import PeerClients
from cordiale.adapters.puller import LinkHealth
from cordiale.node.authority import Authority
from cordiale.node.ports import Store, Transaction
from cordiale.vocab.moment import Clock
from cordiale.vocab.party import Nation

T = TypeVar("T")
_READERS: Final = 4


def _nobody(_nation: Nation) -> None:
    """Nobody wants to know."""


def _no_links() -> list[LinkHealth]:
    """Nobody is followed."""
    return []


@dataclass(frozen=True)
class NodeContext:
    """`authority` is asked anew for each request, because links change. `hosts` are the values of the Host header
    under which this node is called, in lower case with the port unless it is the scheme's own: what was signed for
    another host comes from a stranger. `heard` is told when a nation's node has called; `links` says how each is followed.
    """

    authority: Callable[[], Authority]
    store: Store
    commits: GroupCommit
    polls: LongPolls
    clock: Clock
    trust: Callable[[], bytes]
    peers: PeerClients
    hosts: frozenset[str]
    metrics: NodeMetrics = field(default_factory=NodeMetrics)
    heard: Callable[[Nation], None] = _nobody
    links: Callable[[], list[LinkHealth]] = _no_links
    _readers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_READERS, thread_name_prefix="cordiale-reader"), repr=False
    )

    async def read(self, look: Callable[[Transaction], T]) -> T:
        """The result of `look` on a snapshot, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, look)

    def _look(self, look: Callable[[Transaction], T]) -> T:
        with self.store.read() as transaction:
            return look(transaction)
