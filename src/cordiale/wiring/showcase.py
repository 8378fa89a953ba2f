"""Two governments to play with: the demonstration's nations and room, something waiting in it, and a console for each side.

Everything is EXERCISE. What was started is stopped, by process id, when the block ends.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from cordiale.errors import CordialeError
from cordiale.wiring import story
from cordiale.wiring.decision import proposed
from cordiale.wiring.stage import Stage
from cordiale.wiring.story import ALICE, CLAIRE, TO_FRANCE, Story

SEATS: Final = ((ALICE, "en"), (CLAIRE, "fr"))
_GRACE_SECONDS: Final = 10


class Seat(msgspec.Struct, frozen=True):
    """Where a person sits: an address that opens their console once. It holds a secret: it is shown, never logged."""

    person: str
    language: str
    url: str

    def __repr__(self) -> str:
        return f"Seat({self.person})"


@contextmanager
def showcase(directory: Path | None = None) -> Generator[list[Seat]]:
    """The two consoles, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="cordiale-demo-") as scratch, Stage(directory or Path(scratch)) as stage:
        play = Story(stage, None)
        story.set_up(play)
        story.uk_writes(play)
        story.france_answers(play)
        record = proposed(stage, play.room, "Cable patrols", "Patrouilles câbles")
        stage.call(ALICE, "register.act", room=play.room, record=record, act="key")
        play.say(ALICE, "EXERCISE: **Cable patrols** is keyed here and waits for your key: see *Registers*.", TO_FRANCE)
        with _consoles(stage) as seats:
            yield seats


@contextmanager
def _consoles(stage: Stage) -> Generator[list[Seat]]:
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for person, language in SEATS:
            arguments = ["--agent", str(stage.directory / person), "--language", language]
            command = [sys.executable, "-m", "cordiale.console", *arguments]
            processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True))
        yield [
            Seat(person, language, _address(process))
            for (person, language), process in zip(SEATS, processes, strict=True)
        ]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            _end(process)


def _address(process: subprocess.Popen[bytes]) -> str:
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        raise CordialeError("a console did not start")
    return str(json.loads(line)["url"])


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def wait() -> None:
    """Until Ctrl-C."""
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        return
