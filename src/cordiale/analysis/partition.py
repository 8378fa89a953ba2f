"""Work cut into partitions: the same tasks on one process, on several, or on machines of a cluster.

A task is a whole partition: a small description of what to read, given to a function of the desk that reads, computes and
returns what it found. Tasks share nothing. Their outcomes come back in the order of the tasks, whichever worker was first,
so that what is made of them does not depend on how many workers there were.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Runner(Protocol):
    """Runs tasks somewhere. `function` is importable by name and `tasks` can be pickled: both may go to another process."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        ...

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """The outcome of each task, in the order of `tasks`. What a task raises is raised here, and the others are dropped."""
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
        """See `Runner`."""
        with ProcessPoolExecutor(self.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield from pool.map(function, tasks)
