"""A store that dies: at the n-th write the process ends, just before or just after the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cordiale.adapters.agent_store import EncryptedAgentStore


class Killed(BaseException):
    """What kill -9 would do: nothing below it runs on purpose."""


class MortalStore:
    """An agent's store. `last` is the write at which the process ends, `late` whether it was durable by then."""

    def __init__(self, store: EncryptedAgentStore, last: int, *, late: bool) -> None:
        self._store, self._last, self._late = store, last, late
        self.writes = 0

    @contextmanager
    def write(self) -> Iterator[Any]:
        self.writes += 1
        if self.writes > self._last:
            raise Killed
        ends = self.writes == self._last
        with self._store.write() as state:
            yield state
            if ends and not self._late:
                raise Killed
        if ends:
            raise Killed

    @contextmanager
    def read(self) -> Iterator[Any]:
        with self._store.read() as state:
            yield state
