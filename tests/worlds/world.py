"""A world of nations whose nodes and agents are real and whose network is a set of function calls with faults.

Everything below the sockets is the production code: SQLite files, node core, agent engine, encrypted stores. Only the
network's behaviour (dropped, repeated, delayed answers, nodes that are down) and randomness of the faults are the test's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cordiale.adapters import keystore
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.adapters.clock import system_clock
from cordiale.adapters.node_store import SqliteNodeStore
from cordiale.adapters.record_index import RecordIndex
from cordiale.agent.engine import Engine
from cordiale.crypto.certificate import Chain
from cordiale.errors import CordialeError, Unreachable
from cordiale.federation.api import BorderPage, BorderRequest, LinkStanding, Outcome, SyncAnswer, SyncRequest
from cordiale.federation.session import Pull, border_log, parse_batch
from cordiale.node import accept, crossings, directory, relay, serve
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, LinkRow
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.party import Address, Nation
from cordiale.wiring import nation as nations
from cordiale.wiring import people
from cordiale.wiring.ground import Activities
from cordiale.wiring.nation import NationHome
from cordiale.wiring.settings import KEY_FILE, STORE_FILE

PASSPHRASE = "EXERCISE only"


@dataclass
class NodeSim:
    """A node without sockets."""

    home: NationHome
    store: SqliteNodeStore
    world: "World"
    up: bool = True
    known: tuple[list[LinkRow], Authority] | None = None

    @property
    def nation(self) -> Nation:
        return self.home.nation

    def authority(self) -> Authority:
        with self.store.read() as tx:
            links = tx.links.links()
        if self.known is None or self.known[0] != links:
            self.known = (links, self.home.authority(links, system_clock()))
        return self.known[1]

    def device(self, digest: Digest) -> Device:
        with self.store.read() as tx:
            device = tx.registry.device(digest)
        assert device is not None
        return device

    def submit(self, digest: Digest, envelope: bytes) -> Outcome | CordialeError:
        caller, authority = self.device(digest), self.authority()
        with self.store.write() as tx:
            try:
                with tx.savepoint():
                    result = accept.submit(authority, tx, caller, envelope, system_clock())
            except CordialeError as error:
                return error
        return Outcome(result.offset, result.sequence) if isinstance(result, accept.Accepted) else result

    def answer(self, peer: Nation, pull: Pull) -> bytes:
        """What this node's peer listener answers."""
        if pull.cosigned:
            with self.store.write() as tx:
                serve.take_cosigned(self.authority(), tx, peer, pull)
        with self.store.read() as tx:
            return serve.border_batch(self.authority(), tx, peer, pull).encode()

    def replicate(self, peer: "NodeSim") -> list[relay.Refusal]:
        """One pull from a peer, through the world's network."""
        log = border_log(peer.nation, self.nation)
        with self.store.read() as tx:
            pull = Pull(log, tx.logs.state(log).size, tx.logs.cosigned(log))
        refusals: list[relay.Refusal] = []
        for data in self.world.network(lambda: peer.answer(self.nation, pull), peer):
            batch = parse_batch(data)
            try:
                with self.store.write() as tx:
                    refusals += relay.take_batch(self.authority(), tx, peer.nation, batch, system_clock())
            except CordialeError as error:
                self.world.refused.append(error)
        return refusals

    def leaves(self, log: str) -> list[bytes]:
        with self.store.read() as tx:
            return tx.logs.leaves(log, 0, tx.logs.state(log).size)


class DirectClient:
    """The agent's node port, by function calls."""

    def __init__(self, node: NodeSim) -> None:
        self._node = node
        self.digest = Digest(b"")

    def _check_up(self) -> None:
        if not self._node.up:
            raise Unreachable("the test switched it off", what="the node")

    def enrol(self, chain: bytes) -> None:
        self._check_up()
        with self._node.store.write() as tx:
            self.digest = directory.enrol(self._node.authority(), tx, Chain.decode(chain), system_clock()).digest

    def trust(self) -> bytes:
        self._check_up()
        with self._node.store.read() as tx:
            return self._node.home.trust(tx.links.links())

    def submit(self, envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
        self._check_up()
        return [self._node.submit(self.digest, envelope) for envelope in envelopes]

    def sync(self, positions: dict[str, int], wait: int) -> SyncAnswer:
        self._check_up()
        with self._node.store.read() as tx:
            return serve.sync(tx, self._node.device(self.digest), SyncRequest(positions, wait))

    def publish(self, packages: Sequence[bytes]) -> int:
        self._check_up()
        with self._node.store.write() as tx:
            return directory.publish(self._node.authority(), tx, self._node.device(self.digest), tuple(packages))

    def take(self, address: str) -> Sequence[bytes]:
        self._check_up()
        who = Address.parse(address)
        node = self._node.world.nodes[who.nation]
        with node.store.write() as tx:
            return directory.take(node.authority(), tx, who)

    def prove(self, room: RoomId, envelope: Digest, partner: str = "") -> bytes:
        self._check_up()
        with self._node.store.read() as tx:
            device = self._node.device(self.digest)
            return serve.prove(self._node.authority(), tx, device, room, envelope, partner).encode()

    def stored(self, envelope: Digest) -> bytes:
        self._check_up()
        with self._node.store.read() as tx:
            return serve.envelope_row(tx, self._node.device(self.digest), envelope)

    def border(self, log: str, start: int, count: int) -> BorderPage:
        self._check_up()
        with self._node.store.read() as tx:
            caller, request = self._node.device(self.digest), BorderRequest(log, start, count)
            return crossings.page(self._node.authority(), tx, caller, request)

    def links(self) -> Sequence[LinkStanding]:
        self._check_up()
        authority, now = self._node.authority(), system_clock()
        with self._node.store.read() as tx:
            caller = self._node.device(self.digest)
            return [
                LinkStanding(nation, "following", now, now, crossings.waiting(authority, tx, caller, nation))
                for nation in authority.peers
            ]


@dataclass
class Agent:
    """A person's agent with its store and its way to the node."""

    engine: Engine
    client: DirectClient
    store: EncryptedAgentStore
    directory: Path

    def texts(self, room: RoomId) -> list[str]:
        return [view.row.text for view in self.engine.messages(room, "en") if view.row.state != "withheld"]


@dataclass
class World:
    """Nations, linked; people, enrolled."""

    directory: Path
    random: Random = field(default_factory=lambda: Random(1))
    drop: float = 0.0
    repeat: float = 0.0
    delay: float = 0.0
    nodes: dict[Nation, NodeSim] = field(default_factory=dict[Nation, NodeSim])
    agents: dict[str, Agent] = field(default_factory=dict[str, Agent])
    late: list[bytes] = field(default_factory=list[bytes])
    refused: list[CordialeError] = field(default_factory=list[CordialeError])

    def network(self, call: Callable[[], bytes], peer: NodeSim) -> list[bytes]:
        """What arrives of one answer: nothing, it, it twice, or an older one before it."""
        if not peer.up or self.random.random() < self.drop:
            return []
        data = call()
        arrived = [data, data] if self.random.random() < self.repeat else [data]
        if self.random.random() < self.delay:
            self.late.append(data)
            arrived = []
        if self.late and self.random.random() < 0.5:
            arrived.insert(0, self.late.pop(self.random.randrange(len(self.late))))
        return arrived

    def add_nation(self, code: str) -> NodeSim:
        home = nations.init(self.directory / code, code)
        node = NodeSim(home, home.store(), self)
        self.nodes[home.nation] = node
        return node

    def link(self, first: str, second: str) -> None:
        """Peer two nations, comparing words as people would."""
        a, b = self.nodes[Nation(first)].home, self.nodes[Nation(second)].home
        answer = b.accept(a.invite(second), None)
        mine = a.accept(answer["card"], None)
        assert mine["words"] == answer["words"]
        assert a.accept(answer["card"], " ".join(answer["words"]))["linked"]
        with b.store().read() as tx:
            link = tx.links.link(Nation(first))
        assert link is not None
        assert b.accept(link.theirs, " ".join(mine["words"]))["linked"]

    def enrol(self, address: str, clearance: str) -> Agent:
        node = self.nodes[Address.parse(address).nation]
        directory_ = self.directory / address
        people.enrol(node.home, address, directory_, PASSPHRASE, clearance=clearance)
        return self.start(address)

    def start(self, address: str) -> Agent:
        """Open (again) a person's agent."""
        node, directory_ = self.nodes[Address.parse(address).nation], self.directory / address
        store = EncryptedAgentStore.open(directory_ / STORE_FILE, keystore.unlock(directory_ / KEY_FILE, PASSPHRASE))
        client = DirectClient(node)
        engine = Engine(store, client, RecordIndex(), system_clock, ground=Activities())
        client.digest = engine.own.digest
        engine.connect()
        agent = Agent(engine, client, store, directory_)
        self.agents[address] = agent
        return agent

    def settle(self, rounds: int = 6) -> None:
        """Let everything that can move, move."""
        for _ in range(rounds):
            for node in self.nodes.values():
                for peer in self.nodes.values():
                    if node is not peer and node.up:
                        node.replicate(peer)
            for agent in self.agents.values():
                try:
                    agent.engine.flush()
                    agent.engine.sync_all()
                except Unreachable:
                    continue

    def close(self) -> None:
        for agent in self.agents.values():
            agent.store.close()
        for node in self.nodes.values():
            node.store.close()


def two_nations(directory_: Path) -> World:
    """The United Kingdom and France, linked, two people each, all EXERCISE."""
    world = World(directory_)
    for code in ("uk", "fr"):
        world.add_nation(code)
    world.link("uk", "fr")
    for address, clearance in (
        ("alice@uk", "top-secret"),
        ("bob@uk", "secret"),
        ("claire@fr", "tres-secret"),
        ("denis@fr", "secret"),
    ):
        world.enrol(address, clearance)
    return world
