"""A linked world with a joint room, made once in each process and copied for each test.

Founding nations, linking and enrolling cost seconds, a copy costs milliseconds. The copy is the real thing: the same
SQLite files, opened again, which is also what a restart does.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

from cordiale.adapters import keystore
from cordiale.adapters.sqlite import Connection
from cordiale.crypto.passphrase import Cost
from cordiale.labels.equivalence import parse_table
from cordiale.labels.policy import parse_policy
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address, Nation
from cordiale.wiring.nation import NationHome
from worlds.world import Agent, NodeSim, World, two_nations

UK, FR = Nation("uk"), Nation("fr")
TO_FRANCE, TO_UK = "OFFICIAL-SENSITIVE REL FRA", "DIFFUSION RESTREINTE REL GBR"
PEOPLE = ("alice@uk", "bob@uk", "claire@fr", "denis@fr")
CHEAP = Cost(memory=64, passes=1, lanes=1)
_policy, _table = cache(parse_policy), cache(parse_table)
_make_durable = Connection.make_durable


@dataclass
class Scene:
    """A copied world and its joint room, in which all four people are."""

    world: World
    room: RoomId

    def agent(self, who: str) -> Agent:
        return self.world.agents[who]

    def node(self, nation: str) -> NodeSim:
        return self.world.nodes[Nation(nation)]

    def say(self, who: str, text: str, label: str = "", *, precheck: bool = True) -> None:
        """Write a text and hand it to the author's node."""
        engine = self.agent(who).engine
        marking = label or (TO_FRANCE if who.endswith("@uk") else TO_UK)
        engine.send_text(self.room, text, engine.label(marking), precheck=precheck)
        engine.flush()

    def texts(self, who: str) -> list[str]:
        return self.agent(who).texts(self.room)

    def settle(self, rounds: int = 2) -> None:
        self.world.settle(rounds)

    def restart(self, who: str) -> None:
        """Close a person's agent and open it again."""
        self.agent(who).store.close()
        self.world.start(who)

    def require_alive(self, *, but: tuple[str, ...] = ()) -> None:
        """An honest message of each nation still reaches everyone: nothing was lost and nothing stalls."""
        for who, text in (("alice@uk", "EXERCISE still here"), ("claire@fr", "EXERCICE toujours là")):
            before = {reader: self.texts(reader).count(text) for reader in PEOPLE}
            self.say(who, text)
            self.settle()
            for reader in set(PEOPLE) - set(but):
                assert self.texts(reader).count(text) == before[reader] + 1, f"{reader} does not read {who}"


def _hardly_durable(connection: Connection) -> None:
    _make_durable(connection)
    connection.pragma("synchronous", 0)


@contextmanager
def quickly() -> Iterator[None]:
    """Spend no time on what no test here is about: costly passphrases, the disk's own cache, parsing a policy again."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(keystore, "Cost", lambda: CHEAP))
        stack.enter_context(patch.object(Connection, "make_durable", _hardly_durable))
        for module in ("cordiale.agent.trust", "cordiale.wiring.folder"):
            stack.enter_context(patch(f"{module}.parse_policy", _policy))
            stack.enter_context(patch(f"{module}.parse_table", _table))
        yield


@cache
def _model() -> tuple[Path, RoomId]:
    directory = Path(tempfile.mkdtemp(prefix="cordiale-model-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    with quickly():
        world = two_nations(directory)
        alice = world.agents["alice@uk"].engine
        room = alice.create_room("EXERCISE Channel", {FR}, alice.label(TO_FRANCE))
        world.settle(2)
        alice.invite(room, [Address.parse(address) for address in PEOPLE[1:]])
        world.settle(3)
        world.close()
    return directory, room


def reopened(directory: Path, people: tuple[str, ...] = PEOPLE) -> World:
    """The world whose files are in a directory."""
    world = World(directory)
    for code in (UK, FR):
        home = NationHome.open(directory / code)
        world.nodes[home.nation] = NodeSim(home, home.store(), world)
    for who in people:
        world.start(who)
    return world


@contextmanager
def staged() -> Iterator[Scene]:
    """A fresh copy of the scene."""
    model, room = _model()
    with quickly(), tempfile.TemporaryDirectory(prefix="cordiale-scene-") as name:
        directory = Path(name) / "world"
        shutil.copytree(model, directory)
        world = reopened(directory)
        try:
            yield Scene(world, room)
        finally:
            world.close()
