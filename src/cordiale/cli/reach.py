"""How a command reaches the person's agent: through the socket of the one that runs, else by opening the store itself."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, Final, Protocol, cast

from cordiale.adapters import agent_socket
from cordiale.adapters.agent_socket import Caller
from cordiale.cli.command import AgentAccess
from cordiale.cli.language import spoken

OPENING: Final = "cordiale.cli.opened"
"""Imported where no agent runs: it needs the whole engine, and asking a running agent is twice as fast without."""


class Session(Protocol):
    """Someone to ask, several times. `running` says whether it is an agent's own process."""

    running: bool

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]: ...


class _Opening(Protocol):
    def opened(self, access: AgentAccess) -> AbstractContextManager[Session]: ...


class Running:
    """Through the socket."""

    running = True

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
        return self._caller.call(method, {**params, "language": spoken()}, wait=wait)


@contextmanager
def session(access: AgentAccess) -> Generator[Session]:
    """The running agent, or the store opened here for as long as the block lasts."""
    caller = agent_socket.connect(access.agent)
    if caller is not None:
        with caller:
            yield Running(caller)
        return
    opening = cast(_Opening, import_module(OPENING))
    with opening.opened(access) as found:
        yield found


def ask(access: AgentAccess, method: str, params: Mapping[str, Any], *, wait: float = 0) -> dict[str, Any]:
    """Ask once."""
    with session(access) as agent:
        return agent.call(method, params, wait=wait)
