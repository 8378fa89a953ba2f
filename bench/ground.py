"""Two linked nations with running node processes, and people in a joint room: what a benchmark of Cordiale stands on.

Everything is made as the demonstration makes it (`cordiale.wiring.stage`): real folders, enrolments, certificates, shipped
policies, node processes and, where asked for, agent processes. Nothing is switched off or widened, rate limits included.
"""

import sqlite3
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, Self

import httpx2

from bench.load import OK, Answer, Heard, Shot, digest, request
from cordiale.adapters import keystore
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.adapters.clock import system_clock
from cordiale.adapters.node_client import HttpNodeClient
from cordiale.adapters.record_index import RecordIndex
from cordiale.adapters.signed_call import Caller
from cordiale.agent import content, identity, outbox
from cordiale.agent.engine import Engine
from cordiale.agent.ports import NodeClient
from cordiale.agent.release import check_release
from cordiale.agent.workspace import unit
from cordiale.crypto.digest import sha256
from cordiale.errors import CordialeError, Unavailable
from cordiale.federation import api
from cordiale.federation.api import Outcome
from cordiale.federation.envelope import open_envelope
from cordiale.federation.session import home_log
from cordiale.labels.binding import CLAIM
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wiring import settings
from cordiale.wiring.settings import AGENT_FILE, KEY_FILE, STORE_FILE, AgentSettings
from cordiale.wiring.stage import Stage, expect, until

LABEL: Final = "OFFICIAL-SENSITIVE REL FRA"
TEXT_BYTES: Final = 1024
CLEARANCE: Final = "secret"
_QUEUE: Final = 512


class Ground(Stage):
    """A stage whose node processes can be weighed."""

    def __enter__(self) -> Self:
        return self

    def pid(self, name: str) -> int:
        """The process id of a running node or agent."""
        return self._processes[name].pid

    def links(self) -> None:
        """Found the UK and France, link them by their words, start both nodes."""
        uk, fr = self.found("uk"), self.found("fr")
        answer = fr.accept(uk.invite("fr"), None)
        seen = uk.accept(answer["card"], None)
        invitation = fr.link_card("uk")
        uk.accept(answer["card"], " ".join(answer["words"]))
        expect(fr.accept(invitation, " ".join(seen["words"]))["linked"], "France's link is complete")
        for code in ("uk", "fr"):
            self.start_node(code)
        for code in ("uk", "fr"):
            until(lambda which=code: self.healthy(which), f"the node of {code} answers")


class HoldingClient(HttpNodeClient):
    """The agent's own client; while `held` is a list, envelopes for submission are put there and not sent."""

    held: list[bytes] | None = None

    def submit(self, envelopes: Sequence[bytes]) -> list[Outcome | CordialeError]:
        """As the node would answer a good one, or really: numbers are claimed from the node itself."""
        if self.held is None:
            return super().submit(envelopes)
        answers: list[Outcome | CordialeError] = []
        for envelope in envelopes:
            if open_envelope(envelope).binding.kind == CLAIM:
                answers += super().submit([envelope])
            else:
                self.held.append(envelope)
                answers.append(Outcome(0, 1))
        return answers


class Person:
    """An enrolled person's device, its engine in this process over the real encrypted store."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        where = settings.read(folder / AGENT_FILE, AgentSettings)
        self.store: Final = EncryptedAgentStore.open(
            folder / STORE_FILE, keystore.unlock(folder / KEY_FILE, passphrase)
        )
        with self.store.read() as state:
            self.own: Final = identity.decode(state.value(identity.KEY) or b"")
        self.client: Final = HoldingClient(where.node, self.own.nation, self.own.key, self.own.chain.encode())
        port: NodeClient = self.client
        self.engine: Final = Engine(self.store, port, RecordIndex(), system_clock)
        self.node: Final = where.node
        self.engine.connect()

    def close(self) -> None:
        """Let go of store and connections."""
        self.client.close()
        self.store.close()

    def write(self, room: RoomId, count: int) -> list[bytes]:
        """Envelopes of that many 1 KB texts, made by the agent's own outbox: queued in its encrypted store,
        MLS-encrypted, bound to their label, signed. Nothing is sent."""
        label = self.engine.label(LABEL)
        held: list[bytes] = []
        self.client.held = held
        for start in range(0, count, _QUEUE):
            texts = [
                content.text(f"{start + at:012d}".ljust(TEXT_BYTES, ".")) for at in range(min(_QUEUE, count - start))
            ]
            with unit(self.store, self.own, self.engine.domain, {}, system_clock()) as work:
                check_release(work, room, label)
                outbox.enqueue(work, room, label, texts)
        self.engine.flush()
        self.client.held = None
        return held

    def signed(self, path: str, body: bytes) -> Iterable[tuple[str, str]]:
        """The headers of a request of this device, signed now."""
        caller = Caller(self.own.digest.hex(), self.own.key, system_clock, "the node")
        return caller.headers(httpx2.URL(self.node).copy_with(raw_path=path.encode("ascii")), body).items()


@contextmanager
def people(ground: Ground, addresses: Iterable[str]) -> Generator[list[Person]]:
    """Enrol people and open their engines."""
    with ExitStack() as stack:
        found: list[Person] = []
        for address in addresses:
            name, _, code = address.partition("@")
            ground.enrol(code, name, CLEARANCE)
            secret = (ground.directory / f"{address}.passphrase").read_text().strip()
            person = Person(ground.agent(name, code), secret)
            stack.callback(person.close)
            found.append(person)
        yield found


def joint_room(members: Sequence[Person]) -> RoomId:
    """A room of all these people, founded by the first; everyone is in it when this returns."""
    founder = members[0].engine
    room = founder.create_room("bench", {parse_nation("uk"), parse_nation("fr")}, founder.label(LABEL))
    founder.invite(room, [Address.parse(str(member.own.address)) for member in members[1:]])
    for member in members[1:]:
        until(lambda who=member: who.engine.sync() == 0 and _in(who, room), f"{member.own.address} is in the room")
    return room


def _in(person: Person, room: RoomId) -> bool:
    return any(view.id == room for view in person.engine.rooms())


class NodePair:
    """The UK's node as the accepting, France's as the receiving side."""

    def __init__(self, ground: Ground, writers: Sequence[Person], reader: Person, room: RoomId) -> None:
        self._writers, self._reader, self._room = writers, reader, room
        self._database = ground.directory / "fr" / "node.db"
        where = ground.homes["uk"].settings
        self.address: Final = (where.host, where.agent_port)
        self.pids: Final = (ground.pid("uk"), ground.pid("fr"))
        self._envelopes: list[list[bytes]] = [[] for _ in writers]

    def prepare(self, messages: int) -> None:
        """Have every writer's agent encrypt its share; what `shots` then hands out."""
        share = -(-messages // len(self._writers))
        for writer, ready in zip(self._writers, self._envelopes, strict=True):
            ready += writer.write(self._room, share)

    def sample(self) -> bytes:
        """One of the prepared envelopes, to know its size."""
        return self._envelopes[0][0]

    def shots(self, messages: int, batch: int) -> list[Shot]:
        """Requests signed now, the devices taking turns."""
        lanes = [self._requests(at, -(-messages // len(self._writers)), batch) for at in range(len(self._writers))]
        return [shot for turn in zip(*lanes, strict=True) for shot in turn]

    def _requests(self, at: int, count: int, batch: int) -> list[Shot]:
        ready, writer = self._envelopes[at], self._writers[at]
        taken, self._envelopes[at] = ready[:count], ready[count:]
        host = f"{self.address[0]}:{self.address[1]}"
        made: list[Shot] = []
        for start in range(0, count, batch):
            part = tuple(taken[start : start + batch])
            body = canonical.encode(api.Submit(part))
            made.append(
                Shot(request("POST", api.SUBMIT, host, body, writer.signed(api.SUBMIT, body)), tuple(map(digest, part)))
            )
        return made

    def accepted(self, shot: Shot, answer: Answer) -> list[bytes]:
        if answer.status != OK:
            return []
        outcomes = canonical.decode(answer.body, api.Outcomes, limit=limits.REQUEST_BYTES).outcomes
        return [found for found, outcome in zip(shot.messages, outcomes, strict=True) if outcome.problem is None]

    def arrived(self) -> int:
        """Entries of the room's home log in France: what was verified, admitted and committed there."""
        with closing(self._far()) as database:
            row = database.execute("SELECT size FROM log WHERE name = ?", (home_log(self._room),)).fetchone()
        return int(row[0]) if row else 0

    def missing(self, digests: Iterable[bytes]) -> int:
        with closing(self._far()) as database:
            held = {row[0] for row in database.execute("SELECT digest FROM envelope")}
        return len(set(digests) - held)

    def _far(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)

    @contextmanager
    def listening(self, heard: Heard) -> Generator[None]:
        """France's reader: the agent's own client, signed, long poll after long poll, as its agent does."""
        stop, log = threading.Event(), home_log(self._room)
        start = self.arrived()

        def read() -> None:
            size = start
            while not stop.is_set():
                try:
                    batches = self._reader.client.sync({log: size}, limits.LONG_POLL_SECONDS).batches
                except (Unavailable, RuntimeError):  # hung up: the benchmark is over
                    return
                for batch in batches:
                    size += len(batch.leaves)
                    for envelope in batch.envelopes:
                        heard(sha256(envelope))

        threading.Thread(target=read, daemon=True).start()
        try:
            yield
        finally:
            stop.set()
