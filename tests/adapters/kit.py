"""Nations with certificates and policies, and their nodes on real sockets, for the tests of the adapters."""

import asyncio
import io
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from cordiale.adapters import journal
from cordiale.adapters.clock import system_clock
from cordiale.adapters.group_commit import GroupCommit
from cordiale.adapters.listener import Listener
from cordiale.adapters.long_poll import LongPolls
from cordiale.adapters.metrics import NodeMetrics
from cordiale.adapters.node_client import HttpNodeClient
from cordiale.adapters.node_context import NodeContext
from cordiale.adapters.node_http import agent_app, ops_app, peer_app
from cordiale.adapters.node_store import SqliteNodeStore
from cordiale.adapters.peer_client import PeerClients
from cordiale.adapters.puller import Puller
from cordiale.crypto import statement
from cordiale.crypto.certificate import (
    ROLE_BORDER,
    ROLE_PERSON,
    Chain,
    Grant,
    create_root,
    issue,
    issue_device,
    verify_chain,
)
from cordiale.crypto.signing import SigningKey
from cordiale.federation.peering import make_card, open_card
from cordiale.labels.equivalence import parse_table
from cordiale.labels.policy import parse_policy
from cordiale.labels.shipped import shipped
from cordiale.node.authority import Authority
from cordiale.vocab.party import Address, Nation

HOST = "127.0.0.1"
journal.configure(io.StringIO())


@dataclass(frozen=True)
class Home:
    """A nation's keys and certificates."""

    nation: Nation
    root_key: SigningKey
    root: bytes
    key: SigningKey
    chain: Chain

    def authority(self, *others: tuple["Home", str]) -> Authority:
        """What its node acts by, linked to nations at URLs."""
        now, table = system_clock(), shipped("table")
        names = [self.nation, *(other.nation for other, _ in others)]
        policies = {policy.id: policy for policy in (parse_policy(shipped(name)) for name in [*names, "nato"])}
        own = next(policy for policy in policies.values() if policy.nation == self.nation)
        peers = {other.nation: open_card(other.card(url), now) for other, url in others}
        identity = verify_chain(self.chain, self.root, now)
        return Authority(
            nation=self.nation,
            root=self.root,
            border=identity,
            policy=own,
            policies=policies,
            table=parse_table(table),
            peers=peers,
            key=self.key,
            chain=self.chain,
        )

    def card(self, url: str) -> bytes:
        policy = statement.seal(self.root_key, statement.POLICY, shipped(self.nation))
        return make_card(
            self.key,
            self.nation,
            self.root,
            self.chain,
            url,
            policy,
            shipped("table"),
            nonce=bytes(32),
            now=system_clock(),
        )


def found(code: str) -> Home:
    """A new nation."""
    now, nation = system_clock(), Nation(code)
    root_key, key = SigningKey.generate(), SigningKey.generate()
    root = create_root(root_key, nation, now)
    border = issue(root_key, root, key.public, Address("border", nation), Grant(ROLE_BORDER), now)
    return Home(nation, root_key, root, key, Chain((border,)))


@dataclass(frozen=True)
class DeviceKit:
    """A person's device: its key and encoded chain."""

    key: SigningKey
    chain: bytes
    address: Address

    def client(self, url: str) -> HttpNodeClient:
        return HttpNodeClient(url, self.address.nation, self.key, self.chain)


def person(home: Home, name: str, device: str = "laptop") -> DeviceKit:
    """A certified person with one device, not enrolled yet."""
    now, address = system_clock(), Address(name, home.nation)
    own, key = SigningKey.generate(), SigningKey.generate()
    holder = issue(home.root_key, home.root, own.public, address, Grant(ROLE_PERSON, "secret"), now)
    leaf = issue_device(own, holder, key.public, device, now)
    return DeviceKit(key, Chain((leaf, holder)).encode(), address)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class RunningNode:
    """A node in a thread of its own; it can be stopped and started again on the same database and ports."""

    home: Home
    path: Path
    ports: tuple[int, int, int] = field(default_factory=lambda: (free_port(), free_port(), free_port()))
    authority: Authority | None = None

    def __post_init__(self) -> None:
        self._thread: threading.Thread | None = None

    @property
    def agent_url(self) -> str:
        return f"http://{HOST}:{self.ports[0]}"

    @property
    def peer_url(self) -> str:
        return f"http://{HOST}:{self.ports[1]}"

    @property
    def ops_url(self) -> str:
        return f"http://{HOST}:{self.ports[2]}"

    def link(self, *others: "RunningNode") -> None:
        self.authority = self.home.authority(*((other.home, other.peer_url) for other in others))

    def start(self) -> "RunningNode":
        if self.authority is None:
            self.link()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,))
        self._thread.start()
        assert ready.wait(10)
        return self

    def stop(self) -> None:
        if self._thread is not None:
            self.loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._thread = None

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self.loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()

        def current() -> Authority:
            assert self.authority is not None
            return self.authority

        metrics = NodeMetrics()
        self.store = SqliteNodeStore(self.path, self.home.nation)
        self.commits = GroupCommit(self.store, observe=metrics.committed)
        polls = LongPolls()
        self.commits.on_commit(polls.notify)
        peers = PeerClients(current, system_clock)
        self.puller = Puller(current, self.store, self.commits, peers, system_clock, metrics)
        hosts = frozenset(f"{HOST}:{port}" for port in self.ports)
        self.context = NodeContext(
            current,
            self.store,
            self.commits,
            polls,
            system_clock,
            lambda: b"trust",
            peers,
            hosts,
            metrics,
            self.puller.heard,
        )
        apps = (agent_app(self.context), peer_app(self.context), ops_app(self.context, self.puller))
        listeners = [Listener(app, HOST, port) for app, port in zip(apps, self.ports, strict=True)]
        tasks = [asyncio.create_task(listener.serve()) for listener in listeners]
        pulling = asyncio.create_task(self.puller.run())
        while not all(listener.ready for listener in listeners):
            await asyncio.sleep(0.005)
        ready.set()
        await self._stopping.wait()
        polls.close()
        for listener in listeners:
            listener.stop()
        pulling.cancel()
        await asyncio.gather(*tasks, pulling, return_exceptions=True)
        await peers.close()
        await asyncio.to_thread(self.commits.close)
        self.store.close()
