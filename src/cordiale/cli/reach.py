"""How a command reaches the person's agent: through the socket of the one that runs, else by opening the store itself.

Opened here, the agent reads what is new, does what was asked, sends what is queued and closes again; when its node is
away it works on with what it has, and says so.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from cordiale.adapters import agent_socket
from cordiale.adapters.agent_socket import Caller
from cordiale.agent.engine import Engine
from cordiale.cli import passphrase
from cordiale.cli.command import AgentAccess
from cordiale.cli.language import _, spoken
from cordiale.cli.terminal import console, safe
from cordiale.errors import NotFound, Unavailable
from cordiale.wiring import agent, commands
from cordiale.wiring.settings import AGENT_FILE


class Session(Protocol):
    """Someone to ask, several times."""

    running: bool

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]: ...


class _Running:
    """Through the socket."""

    running = True

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        return self._caller.call(method, {**params, "language": spoken()}, wait=wait)


class _Opened:
    """In this process."""

    running = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told = False

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        self._sync(int(wait) if method == "follow" else 0)
        given = {**params, "language": spoken()} | ({"wait": 0} if method == "follow" else {})
        answer = commands.call(self._engine, method, given)
        self._flush()
        return answer

    def _sync(self, wait: int) -> None:
        try:
            self._engine.sync(wait)
            self._engine.sync_all()
        except Unavailable as error:
            self._note(error)

    def _flush(self) -> None:
        try:
            self._engine.flush()
        except Unavailable as error:
            self._note(error)

    def _note(self, error: Unavailable) -> None:
        if not self._told:
            self._told = True
            away = _("The node cannot be reached ({detail}): working with what is here.")
            console(errors=True).print(away.format(detail=safe(error.detail)), soft_wrap=True)


@contextmanager
def session(access: AgentAccess) -> Generator[Session]:
    """The running agent, or the store opened here for as long as the block lasts."""
    caller = agent_socket.connect(access.agent)
    if caller is not None:
        with caller:
            yield _Running(caller)
    else:
        if not (access.agent / AGENT_FILE).is_file():
            raise NotFound(str(access.agent), what="agent")
        secret = passphrase.read(access.passphrase_file)
        with agent.open_engine(access.agent, secret) as engine:
            yield _Opened(engine)


def ask(access: AgentAccess, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
    """Ask once."""
    with session(access) as agent_session:
        return agent_session.call(method, params, wait=wait)
