"""Asking the agent, from a thread, so that a page that waits holds up no other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool

from cordiale.adapters import agent_socket
from cordiale.errors import Unreachable

Document = dict[str, Any]


class Agent(Protocol):
    """Whoever answers the vocabulary of `cordiale.wiring.commands`."""

    async def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> Document:
        """The answer, or the error that the agent raised. `wait` is how long the method itself may wait."""
        ...


class SocketAgent:
    """The running agent of a folder, through its socket."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def call(self, method: str, params: Mapping[str, Any], *, wait: float = 0) -> Document:
        """See `Agent`; `Unreachable` where none runs."""
        return await run_in_threadpool(self._call, method, params, wait)

    def _call(self, method: str, params: Mapping[str, Any], wait: float) -> Document:
        caller = agent_socket.connect(self._directory)
        if caller is None:
            raise Unreachable("it does not run", what="the running agent")
        with caller:
            return caller.call(method, params, wait=wait)
