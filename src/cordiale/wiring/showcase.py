"""Two governments to play with: the demonstration's nations and room, something waiting in it, and a console for each side.

Everything is EXERCISE. The capitals are joined by a cable that can be cut. What was started is stopped, by process id, when the
block ends.
"""

import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from cordiale.adapters.agent_socket import AgentSocket
from cordiale.wiring import settings, story
from cordiale.wiring.cable import HOST, Cable
from cordiale.wiring.console_process import console_process
from cordiale.wiring.decision import proposed
from cordiale.wiring.demo import real_file
from cordiale.wiring.nation import NationHome
from cordiale.wiring.sea_store import SeaStores
from cordiale.wiring.settings import NATION_FILE
from cordiale.wiring.stage import ALICE, BOB, CLAIRE, DENIS, TO_FRANCE, TO_UK, Stage, until
from cordiale.wiring.story import Story
from cordiale.wiring.switches import Switches

SEATS: Final = ((ALICE, "en"), (CLAIRE, "fr"))
EXERCISE: Final = "cordiale.console.exercise"
"""What runs for the demonstration in the place of a real console: the same, with switches."""
_SWITCHES: Final = "switches"
_WAITING: Final = 8
"""Four messages, and two acts about each of two records."""


class Seat(msgspec.Struct, frozen=True):
    """Where a person sits: an address that opens their console once. It holds a secret: it is shown, never logged."""

    person: str
    language: str
    url: str

    def __repr__(self) -> str:
        return f"Seat({self.person})"


class _Cabled(Stage):
    """Its nations call each other through the cable."""

    def __init__(self, directory: Path, cable: Cable) -> None:
        super().__init__(directory)
        self._cable = cable

    def found(self, code: str) -> NationHome:
        """A new nation, whose partners are told the cable's end."""
        home = super().found(code)
        url = f"http://{HOST}:{self._cable.lay(home.settings.peer_port)}"
        settings.write(home.directory / NATION_FILE, msgspec.structs.replace(home.settings, peer_url=url))
        self.homes[code] = NationHome.open(home.directory)
        return self.homes[code]


@contextmanager
def showcase(directory: Path | None = None, *, sea: Mapping[str, Path] | None = None) -> Generator[list[Seat]]:
    """The two consoles, for as long as the block lasts. `sea` has each person's maritime store; else a day is kept ready."""
    with ExitStack() as kept:
        folder = directory or Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="cordiale-demo-")))
        cable = kept.enter_context(Cable())
        stage = kept.enter_context(_Cabled(folder, cable))
        stores = sea or _sea(stage)
        play = Story(stage, None)
        story.found_nations(play)
        switches = folder / _SWITCHES
        switches.mkdir(mode=0o700)
        kept.enter_context(AgentSocket(switches, Switches(cable, stage.homes).call, _fault))
        started = [
            kept.enter_context(
                console_process(
                    stage.directory / person,
                    language,
                    module=EXERCISE,
                    more=("--switches", str(switches), "--store", str(stores[person])),
                )
            )
            for person, language in SEATS  # they start beside the agents, which they ask when somebody looks
        ]
        _play(play)
        yield [
            Seat(person, language, console.opened()["url"])
            for (person, language), console in zip(SEATS, started, strict=True)
        ]


def _sea(stage: Stage) -> dict[str, Path]:
    """A store for each, which may still be filled."""
    stores = {person: stage.directory / f"{person}.sea" for person, _ in SEATS}
    SeaStores(stage, real_file(), list(stores.values()))
    return stores


def _play(play: Story) -> None:
    """Something to find, from colleagues on each side: messages, and a decision that waits for each one's key."""
    stage = play.stage
    story.gather(play)
    play.say(BOB, "EXERCISE: two tankers drift south of Dover; can you see them?", TO_FRANCE)
    play.say(DENIS, "EXERCICE : vus au radar de Gris-Nez, route au 230.", TO_UK)
    cables = proposed(stage, play.room, "Cable patrols", "Patrouilles câbles", by=BOB, label=TO_FRANCE)
    nights = proposed(stage, play.room, "Night patrols", "Patrouilles de nuit", by=DENIS, label=TO_UK)
    stage.call(BOB, "register.act", room=play.room, record=cables, act="key")
    stage.call(DENIS, "register.act", room=play.room, record=nights, act="key")
    play.say(BOB, "EXERCISE: **Cable patrols** is keyed in London and waits for Paris: see *Registers*.", TO_FRANCE)
    play.say(DENIS, "EXERCICE : **Patrouilles de nuit** attend la clé de Londres : voir *Registres*.", TO_UK)
    for person, _ in SEATS:
        until(lambda who=person: len(play.read(who)) >= _WAITING, f"{person} has it all")


def _fault(error: Exception) -> None:
    """A mistake in this program is told where the demonstration was started; it has no journal."""
    sys.stderr.write(f"demonstration: {type(error).__name__}\n")


def wait() -> None:
    """Until Ctrl-C."""
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        return
