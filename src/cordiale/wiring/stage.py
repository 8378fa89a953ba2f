"""The demonstration's stage: real processes on loopback, each nation and each person with a folder of their own.

Everything started here is stopped here, by its process id, whatever happens.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from cordiale.adapters.agent_socket import connect
from cordiale.analysis import whole_file
from cordiale.errors import CordialeError, Unreachable
from cordiale.wiring import nation as nations
from cordiale.wiring import people
from cordiale.wiring.checkup import health
from cordiale.wiring.nation import NationHome

T = TypeVar("T")

ALICE, BOB, CLAIRE, DENIS, ELISE = "alice@uk", "bob@uk", "claire@fr", "denis@fr", "elise@fr"
"""The people of the demonstration, all EXERCISE."""
TO_FRANCE: Final = "OFFICIAL-SENSITIVE REL FRA"
TO_UK: Final = "DIFFUSION RESTREINTE REL GBR"

START_SECONDS: Final = 40
STEP_SECONDS: Final = 40
ASK_SECONDS: Final = 120
_PAUSE: Final = 0.05


class StepFailed(Exception):
    """A step of the story did not come out as it should: what was expected and what was seen."""


def expect(holds: object, what: str) -> None:
    """Raise `StepFailed` unless something was really so."""
    if not holds:
        raise StepFailed(what)


def until(look: Callable[[], T | None], what: str, seconds: float = STEP_SECONDS) -> T:
    """Look again and again until there is something, or `StepFailed`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise StepFailed(f"{what}: not within {seconds:.0f} s")
        time.sleep(_PAUSE)


class Stage:
    """Processes and folders of one demonstration."""

    def __init__(self, directory: Path) -> None:
        self.directory: Final = directory
        self.homes: Final[dict[str, NationHome]] = {}
        self._processes: Final[dict[str, subprocess.Popen[bytes]]] = {}
        self._started: Final[list[subprocess.Popen[bytes]]] = []
        self._gate: Final = threading.Lock()
        self._closed = False

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        with self._gate:
            self._closed = True
        for name in list(self._processes):
            self.stop(name)

    # --- nations and people ---------------------------------------------------------------------------------------

    def found(self, code: str) -> NationHome:
        """A new nation with the shipped example policy."""
        home = nations.init(self.directory / code, code)
        self.homes[code] = home
        return home

    def enrol(self, code: str, name: str, clearance: str) -> str:
        """A person with a folder and a passphrase file of their own."""
        folder = self.agent(name, code)
        secret = self._secret(name, code)
        whole_file.replace(secret, os.urandom(18).hex().encode() + b"\n")
        people.enrol(self.homes[code], name, folder, secret.read_text().strip(), clearance=clearance)
        return f"{name}@{code}"

    def agent(self, name: str, code: str) -> Path:
        """Where a person's agent lives."""
        return self.directory / f"{name}@{code}"

    def _secret(self, name: str, code: str) -> Path:
        return self.directory / f"{name}@{code}.passphrase"

    # --- processes ------------------------------------------------------------------------------------------------

    def start_node(self, code: str) -> None:
        """Start a nation's node; `wait` for it with `ready`."""
        self._start(code, ["node", "run", "--nation", str(self.directory / code)])

    def start_agent(self, address: str) -> None:
        """Start a person's agent."""
        folder = self.directory / address
        secret = self.directory / f"{address}.passphrase"
        self._start(address, ["agent", "run", "--agent", str(folder), "--passphrase-file", str(secret)])

    def job(self, name: str, arguments: list[str]) -> "subprocess.Popen[bytes]":
        """Start a command that ends by itself, from any thread; it is stopped with the rest if it hasn't ended by then."""
        with self._gate:
            if self._closed:
                raise StepFailed(f"{name}: the stage is closed")
            self._start(name, arguments)
            return self._processes[name]

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Run a command to its end; the document that it prints with `--json`."""
        done = subprocess.run(
            [sys.executable, "-m", "cordiale", *arguments, "--json"],
            capture_output=True,
            check=False,
            timeout=ASK_SECONDS,
        )
        found: dict[str, Any] = msgspec.json.decode(done.stdout or b"{}")
        expect(done.returncode == 0, f"cordiale {' '.join(arguments[:2])}: {found.get('error', done.stderr[-400:])}")
        return found

    def _start(self, name: str, arguments: list[str]) -> None:
        journal = (self.directory / f"{name}.log").open("ab")
        with journal:
            process = subprocess.Popen(
                [sys.executable, "-m", "cordiale", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        self._processes[name] = process
        self._started.append(process)

    def stop(self, name: str) -> None:
        """Stop one process that this stage started."""
        process = self._processes.pop(name, None)
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def running(self) -> int:
        """How many of all the processes that were ever started here are alive."""
        return sum(process.poll() is None for process in self._started)

    def ready(self, *addresses: str) -> None:
        """Wait until these agents answer and are connected to their node."""
        for address in addresses:
            until(lambda who=address: self._answers(who), f"{address}'s agent is ready", START_SECONDS)

    def _answers(self, address: str) -> bool:
        process = self._processes[address]
        if process.poll() is not None:
            tail = (self.directory / f"{address}.log").read_text(errors="replace")[-400:]
            raise StepFailed(f"{address}'s agent stopped ({process.returncode}): {tail}")
        try:
            return bool(self.call(address, "status")["enrolled"])
        except Unreachable:
            return False

    def call(self, address: str, method: str, **params: Any) -> dict[str, Any]:
        """Ask a person's running agent, as the command line does."""
        caller = connect(self.directory / address)
        if caller is None:
            raise Unreachable("it does not run", what=f"the agent of {address}")
        with caller:
            return caller.call(method, params, wait=STEP_SECONDS)

    def healthy(self, code: str) -> bool:
        """Whether a node's health page says that it works."""
        return health(self.homes[code]) is not None


def refusal(call: Callable[[], dict[str, Any]]) -> CordialeError:
    """The error that a call must end in."""
    try:
        call()
    except CordialeError as error:
        return error
    raise StepFailed("it was not refused")
