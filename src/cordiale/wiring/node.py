"""A nation's node: three listeners, one writer, one puller per linked nation, in one process.

agents  ──► agent listener ─┐                        ┌─► puller ──► partner's peer listener
partners ─► peer listener  ─┼─► node core ─► SQLite ─┤
operator ─► ops listener   ─┘   (group commit)       └─► wakes whoever polls
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from cordiale.adapters import journal
from cordiale.adapters.clock import system_clock
from cordiale.adapters.group_commit import GroupCommit
from cordiale.adapters.listener import Listener
from cordiale.adapters.long_poll import LongPolls
from cordiale.adapters.metrics import NodeMetrics
from cordiale.adapters.node_context import NodeContext
from cordiale.adapters.node_http import agent_app, ops_app, peer_app
from cordiale.adapters.node_store import SqliteNodeStore
from cordiale.adapters.peer_client import PeerClients
from cordiale.adapters.puller import Puller
from cordiale.errors import CordialeError
from cordiale.node.authority import Authority
from cordiale.node.ports import LinkRow
from cordiale.wiring.nation import NationHome

Ready = Callable[[dict[str, Any]], None]
_LINKS_SECONDS = 1.0


class Standing:
    """What the node acts by, renewed when an administrator changed a link."""

    def __init__(self, home: NationHome, store: SqliteNodeStore) -> None:
        self._home, self._store = home, store
        self._links: list[LinkRow] = []
        self.authority: Authority
        self.trust: bytes
        self._renew(self._read())

    def _read(self) -> list[LinkRow]:
        with self._store.read() as tx:
            return tx.links.links()

    def _renew(self, links: list[LinkRow]) -> None:
        self.authority = self._home.authority(links, system_clock())
        self.trust = self._home.trust(links)
        self._links = links

    def look(self) -> None:
        """Take in what changed."""
        links = self._read()
        if links != self._links:
            self._renew(links)


def run(directory: Path, *, ready: Ready | None = None) -> None:
    """Run the node until it is told to stop (SIGTERM or SIGINT)."""
    journal.configure()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(NationHome.open(directory), ready))


async def _serve(home: NationHome, ready: Ready | None) -> None:
    store, metrics, polls = home.store(), NodeMetrics(), LongPolls()
    standing = Standing(home, store)
    commits = GroupCommit(store, observe=metrics.committed)
    commits.on_commit(polls.notify)
    peers = PeerClients(lambda: standing.authority, system_clock)
    puller = Puller(lambda: standing.authority, store, commits, peers, system_clock, metrics)
    where = home.settings
    context = NodeContext(
        lambda: standing.authority,
        store,
        commits,
        polls,
        system_clock,
        lambda: standing.trust,
        peers,
        hosts_of(home),
        metrics,
        puller.heard,
        puller.health,
    )
    certificate, key = where.tls_certificate or None, where.tls_key or None
    listeners = [
        Listener(agent_app(context), where.host, where.agent_port, certificate=certificate, key=key),
        Listener(peer_app(context), where.host, where.peer_port, certificate=certificate, key=key),
        Listener(ops_app(context, puller), where.host, where.ops_port),
    ]
    tasks = [asyncio.create_task(listener.serve()) for listener in listeners]
    tasks += [asyncio.create_task(puller.run()), asyncio.create_task(_watch(standing))]
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    if ready is not None:
        ready({"nation": home.nation, "agent": where.agent_url, "peer": where.peer_url})
    await stopped.wait()
    polls.close()
    for listener in listeners:
        listener.stop()
    for task in tasks[len(listeners) :]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await peers.close()
    await asyncio.to_thread(commits.close)
    store.close()


def hosts_of(home: NationHome) -> frozenset[str]:
    """The names under which this node is called."""
    where = home.settings
    urls = (where.agent_url, where.peer_url, f"//{where.host}:{where.ops_port}")
    return frozenset(url.partition("//")[2].partition("/")[0].lower() for url in urls)


async def _watch(standing: Standing) -> None:
    """Notice links that an administrator made or ended while the node runs."""
    while True:
        await asyncio.sleep(_LINKS_SECONDS)
        with contextlib.suppress(CordialeError):
            standing.look()
