"""A person's agent: opening its store, and running it as a process of its own.

The running agent has three threads besides the socket's: one reads on (long poll), one hands over what was queued, one carries on
private deconfliction.
"""

import signal
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from cordiale.adapters import journal, keystore
from cordiale.adapters.agent_socket import AgentSocket
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.adapters.clock import system_clock
from cordiale.adapters.node_client import HttpNodeClient
from cordiale.adapters.record_index import RecordIndex
from cordiale.agent import identity
from cordiale.agent.engine import Engine
from cordiale.errors import NotFound, Unavailable
from cordiale.wire import limits
from cordiale.wiring import commands, settings
from cordiale.wiring.ground import Activities
from cordiale.wiring.settings import AGENT_FILE, KEY_FILE, STORE_FILE, AgentSettings

Ready = Callable[[dict[str, Any]], None]
PAUSE_SECONDS: Final = 0.2
PAUSE_MOST: Final = 2.0
FLUSH_SECONDS: Final = 0.5


@contextmanager
def open_engine(directory: Path, passphrase: str) -> Generator[Engine]:
    """The engine over an agent's folder; the store is locked for this process while it is open."""
    where = settings.read(directory / AGENT_FILE, AgentSettings)
    if not (directory / STORE_FILE).exists():
        raise NotFound(str(directory / STORE_FILE), what="agent store")
    store = EncryptedAgentStore.open(directory / STORE_FILE, keystore.unlock(directory / KEY_FILE, passphrase))
    try:
        with store.read() as state:
            row = state.value(identity.KEY)
        own = identity.decode(row or b"")
        client = HttpNodeClient(where.node, own.nation, own.key, own.chain.encode())
        try:
            yield Engine(store, client, RecordIndex(), system_clock, ground=Activities())
        finally:
            client.close()
    finally:
        store.close()


def run(directory: Path, passphrase: str, *, ready: Ready | None = None) -> None:
    """Run the agent until it is told to stop."""
    journal.configure()
    log = journal.journal()
    stop = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        log.info("agent.stopping", code=signal.Signals(number).name)
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    with open_engine(directory, passphrase) as engine:

        def fault(error: Exception) -> None:
            log.error("agent.fault", code=getattr(error, "code", type(error).__name__))

        def handle(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
            return commands.call(engine, method, params)

        with AgentSocket(directory, handle, fault):
            threads = [
                threading.Thread(target=_keep, args=(work, idle, stop, fault), name=name, daemon=True)
                for name, work, idle in (
                    ("reads", lambda: engine.sync(limits.LONG_POLL_SECONDS), 0.0),
                    ("writes", engine.flush, FLUSH_SECONDS),
                    ("runs", engine.drive, FLUSH_SECONDS),
                )
            ]
            for thread in threads:
                thread.start()
            if ready is not None:
                ready({"address": str(engine.own.address), "agent": str(directory)})
            stop.wait()


def _keep(work: Callable[[], int], idle: float, stop: threading.Event, fault: Callable[[Exception], None]) -> None:
    """Do it again and again; when the node is away, wait a little longer each time."""
    pause = PAUSE_SECONDS
    while not stop.is_set():
        try:
            if not work():
                stop.wait(idle)
            pause = PAUSE_SECONDS
        except Unavailable:
            stop.wait(pause)
            pause = min(pause * 2, PAUSE_MOST)
        except Exception as error:  # the thread must live on; a fault while stopping is the closed connection
            if not stop.is_set():
                fault(error)
                stop.wait(PAUSE_MOST)


def doctor(directory: Path) -> list[dict[str, Any]]:
    """What can be checked about an agent's folder without its passphrase."""
    found: list[dict[str, Any]] = []
    for name in (AGENT_FILE, KEY_FILE, STORE_FILE):
        path = directory / name
        private = path.exists() and not path.stat().st_mode & 0o077
        step = "" if private else "Restore the file from a backup and make it readable by its owner only."
        found.append({"check": name, "ok": private, "detail": str(path), "next_step": step})
    return found
