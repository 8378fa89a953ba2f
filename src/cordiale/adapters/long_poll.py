"""Long polls: readers who found nothing wait for the logs that they asked about to grow.

    with polls.listen(names) as ear:      listening begins before the first look, so that nothing falls in between
        answer = look()
        while nothing in it and await ear.heard(seconds left):
            answer = look()

`notify` comes from the writer's thread after each commit; everything else happens in the event loop. What another
process writes is noticed by looking again at least every `PATIENCE_SECONDS`.
"""

import asyncio
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Final

from cordiale.errors import TooBusy

PATIENCE_SECONDS: Final = 1.0
EARS_PER_CALLER: Final = 16


class Ear:
    """One reader's wait for any of some logs."""

    def __init__(self, seconds: float) -> None:
        self._ring = asyncio.Event()
        self._until = time.monotonic() + seconds

    def ring(self) -> None:
        """There may be something new."""
        self._ring.set()

    async def heard(self) -> bool:
        """Wait for something that may be new; False when the time is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            return False
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ring.wait(), min(left, PATIENCE_SECONDS))
        self._ring.clear()
        return True

    def end(self) -> None:
        """Wait no longer."""
        self._until = 0.0
        self._ring.set()


class LongPolls:
    """Everyone who waits, by the name of the log."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ears: dict[str, set[Ear]] = {}
        self._callers: dict[str, int] = {}
        self._closed = False

    @contextmanager
    def listen(self, caller: str, logs: Iterable[str], seconds: float) -> Generator[Ear]:
        """Listen for `logs` during the block. `TooBusy` if the caller has too many ears already."""
        names = list(logs)
        if self._callers.get(caller, 0) >= EARS_PER_CALLER:
            raise TooBusy(f"{EARS_PER_CALLER} requests of one caller wait at a time")
        self._loop = asyncio.get_running_loop()
        ear = Ear(0.0 if self._closed else seconds)
        self._callers[caller] = self._callers.get(caller, 0) + 1
        for name in names:
            self._ears.setdefault(name, set()).add(ear)
        try:
            yield ear
        finally:
            self._forget(caller, names, ear)

    def notify(self, logs: frozenset[str]) -> None:
        """These logs have grown. From any thread."""
        loop = self._loop
        if logs and loop is not None and any(name in self._ears for name in logs):
            with suppress(RuntimeError):  # the loop has ended, and with it everyone who waited
                loop.call_soon_threadsafe(self._ring, logs)

    def close(self) -> None:
        """Let everyone go with what there is. In the event loop, before the listeners stop."""
        self._closed = True
        for ears in self._ears.values():
            for ear in ears:
                ear.end()

    def _ring(self, logs: frozenset[str]) -> None:
        for name in logs:
            for ear in self._ears.get(name, ()):
                ear.ring()

    def _forget(self, caller: str, names: list[str], ear: Ear) -> None:
        for name in names:
            ears = self._ears.get(name)
            if ears is not None:
                ears.discard(ear)
                if not ears:
                    del self._ears[name]
        self._callers[caller] -= 1
        if not self._callers[caller]:
            del self._callers[caller]
