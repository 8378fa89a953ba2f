"""Work cut into partitions: the same tasks on one process, on several, or on machines of a cluster.

A task is a whole partition: a small description of what to read, given to a function of the desk that reads, computes and
returns what it found. Tasks share nothing. Their outcomes come back in the order of the tasks, whichever worker was first,
so that what is made of them does not depend on how many workers there were.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from cordiale.errors import WorkerLost

T = TypeVar("T")
R = TypeVar("R")


class Runner(Protocol):
    """Runs tasks somewhere. `function` is importable by name and `tasks` can be pickled: both may go to another process."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        ...

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """The outcome of each task, in the order of `tasks`. What a task raises is raised here, and the others are dropped.

        Raises `WorkerLost` where whoever does a task is killed.
        """
        ...


class Here:
    """One task after the other, in this process."""

    workers = 1

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """See `Runner`."""
        return map(function, tasks)


class Processes:
    """Processes of this machine, started anew so that they inherit neither threads nor locks."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """See `Runner`. Whatever ends this before all is done, Ctrl-C too, ends the processes at once."""
        others = set(multiprocessing.active_children())
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.workers, mp_context=context, initializer=_end_at_once) as pool:
            try:
                yield from pool.map(function, tasks)
            except BaseException as fault:
                for process in set(multiprocessing.active_children()) - others:
                    process.terminate()
                if isinstance(fault, BrokenProcessPool):
                    raise WorkerLost(
                        "it was killed, or memory was not enough",
                        detail_fr="il a été tué, ou la mémoire n'a pas suffi",
                    ) from None
                raise


def _end_at_once() -> None:
    """Ctrl-C reaches all processes of a terminal: these end without a word, the first one tells."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
