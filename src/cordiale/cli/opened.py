"""An agent opened for one command, where none runs.

It reads what is new, does what was asked, sends what is queued and closes again; when its node is away it works on with
what it has, and says so.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from cordiale.agent.engine import Engine
from cordiale.cli import passphrase
from cordiale.cli.command import AgentAccess
from cordiale.cli.language import _, spoken
from cordiale.cli.terminal import console, safe
from cordiale.errors import NotFound, Unavailable
from cordiale.wiring import agent, commands
from cordiale.wiring.settings import AGENT_FILE

FOLLOW = "follow"


class Opened:
    """In this process."""

    running = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told = False

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        """Read on, ask, carry on runs, hand over. Following waits for the node here, as nobody else reads on meanwhile."""
        given = {**params, "language": spoken()}
        if method == FOLLOW:
            given["wait"] = 0
            self._tolerate(lambda: self._engine.sync(int(wait)))
        self._tolerate(self._engine.sync_all)
        self._tolerate(self._engine.flush)
        self._tolerate(self._engine.drive)
        answer = commands.call(self._engine, method, given)
        self._tolerate(self._engine.drive)
        self._tolerate(self._engine.flush)
        return answer

    def _tolerate(self, work: Callable[[], int]) -> None:
        """Do what needs the node; when it is away, say so once."""
        try:
            work()
        except Unavailable as error:
            if not self._told:
                self._told = True
                away = _("The node cannot be reached ({detail}): working with what is here.")
                console(errors=True).print(away.format(detail=safe(error.detail)), soft_wrap=True)


def check(access: AgentAccess) -> None:
    """Raise `NotFound` before a passphrase is asked for in vain."""
    if not (access.agent / AGENT_FILE).is_file():
        raise NotFound(str(access.agent), what="agent")


@contextmanager
def opened(access: AgentAccess) -> Generator[Opened]:
    """The agent in this folder, its store locked for this process."""
    check(access)
    with agent.open_engine(access.agent, passphrase.read(access.passphrase_file)) as engine:
        yield Opened(engine)
