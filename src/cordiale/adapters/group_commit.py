"""Group commit: everything that waits is written in one transaction, and nobody is told before it is durable.

    submit ─┐                       ┌─ savepoint 1: job → result ┐
    submit ─┼─► queue ─► writer ────┼─ savepoint 2: job → error  ├─ COMMIT ─► all callers are told ─► wake the readers
    call   ─┘   (bounded)  (thread) └─ savepoint 3: job → result ┘

One durable commit costs the same for one message or a hundred. A job that raises is undone alone; a storage failure
undoes the whole group and every caller gets `StorageFailed`: whether to try again is theirs to say.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent import futures
from contextlib import AbstractContextManager, suppress
from typing import Any, Final, Protocol, TypeVar

import msgspec

from cordiale.errors import CordialeError, StorageFailed, TooBusy
from cordiale.node.ports import Transaction

T = TypeVar("T")

MOST: Final = 128
"""Jobs in one transaction."""
WAITING: Final = 4_096
"""Jobs in the queue."""


class GroupTransaction(Transaction, Protocol):
    """A transaction that knows which logs have grown in it."""

    @property
    def appended(self) -> frozenset[str]: ...


class GroupStore(Protocol):
    """What is written to."""

    def write(self) -> AbstractContextManager[GroupTransaction]: ...


class _Raised(msgspec.Struct, frozen=True):
    error: Exception


class _Job(msgspec.Struct, frozen=True):
    run: Callable[[Transaction], Any]
    future: "asyncio.Future[Any] | futures.Future[Any]"
    loop: asyncio.AbstractEventLoop | None


_Done = tuple[_Job, Any]
Wake = Callable[[frozenset[str]], None]
Observe = Callable[[int, float], None]


class GroupCommit:
    """The one writer of a store. `observe` is told the size and the seconds of each commit."""

    def __init__(
        self, store: GroupStore, *, most: int = MOST, waiting: int = WAITING, observe: Observe | None = None
    ) -> None:
        self._store, self._most, self._waiting, self._observe = store, most, waiting, observe
        self._queue: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._wakes: tuple[Wake, ...] = ()
        self._thread = threading.Thread(target=self._write, name="cordiale-writer", daemon=True)
        self._thread.start()

    @property
    def depth(self) -> int:
        """Jobs that wait."""
        return len(self._queue)

    def on_commit(self, wake: Wake) -> None:
        """Call `wake` in the writer's thread after each commit, with the names of the logs that have grown."""
        self._wakes = (*self._wakes, wake)

    async def submit(self, job: Callable[[Transaction], T]) -> T:
        """Run `job` in the next transaction; its result once that is durable. `TooBusy` if too many wait."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Job(job, future, loop))
        return await future

    def call(self, job: Callable[[Transaction], T]) -> T:
        """As `submit`, for callers that aren't in an event loop."""
        future: futures.Future[T] = futures.Future()
        self._put(_Job(job, future, None))
        return future.result()

    def close(self) -> None:
        """Write what waits, then stop. Whoever comes later gets `StorageFailed`."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _put(self, job: _Job) -> None:
        with self._changed:
            if self._closing:
                raise StorageFailed("the node is closing")
            if len(self._queue) >= self._waiting:
                raise TooBusy(f"{self._waiting} requests wait to be stored")
            self._queue.append(job)
            if len(self._queue) == 1:
                self._changed.notify()

    def _write(self) -> None:
        while jobs := self._next():
            begun = time.monotonic()
            done, appended = self._commit(jobs)
            if self._observe is not None:
                self._observe(len(jobs), time.monotonic() - begun)
            _tell(done)
            for wake in self._wakes:
                wake(appended)

    def _next(self) -> list[_Job]:
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            return [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]

    def _commit(self, jobs: list[_Job]) -> tuple[list[_Done], frozenset[str]]:
        try:
            with self._store.write() as transaction:
                done = [(job, _run(transaction, job)) for job in jobs]
            return done, transaction.appended
        except CordialeError as error:
            detail = error.detail
        except Exception as error:  # whatever storage raised, the callers must hear of it and the writer must go on
            detail = type(error).__name__
        return [(job, _Raised(StorageFailed(detail))) for job in jobs], frozenset()


def _run(transaction: Transaction, job: _Job) -> Any:
    try:
        with transaction.savepoint():
            return job.run(transaction)
    except Exception as error:  # this job's own; where storage failed, the transaction does not commit either
        return _Raised(error)


def _tell(done: Iterable[_Done]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for job, outcome in done:
        if job.loop is None:
            _settle(job, outcome)
        else:
            by_loop.setdefault(job.loop, []).append((job, outcome))
    for loop, outcomes in by_loop.items():
        with suppress(RuntimeError):  # a loop that has ended has nobody left to tell
            loop.call_soon_threadsafe(_settle_all, outcomes)


def _settle_all(done: list[_Done]) -> None:
    for job, outcome in done:
        _settle(job, outcome)


def _settle(job: _Job, outcome: Any) -> None:
    if job.future.cancelled():
        return
    if isinstance(outcome, _Raised):
        job.future.set_exception(outcome.error)
    else:
        job.future.set_result(outcome)
