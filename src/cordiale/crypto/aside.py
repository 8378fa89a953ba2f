"""Signatures shared with other threads: pyca lets go of the interpreter's lock while it makes or verifies one.

Whoever has a processor to spare passes a pool; none is made here. What is gained is half the time that the signatures
take: everything else holds the lock.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from cordiale.errors import CordialeError

T = TypeVar("T")
R = TypeVar("R")


def halves(job: Callable[[Sequence[T]], list[R]], items: Sequence[T], pool: Executor) -> list[R]:
    """What the job makes of the items, in order: one half is done here, the other by the pool."""
    half = len(items) // 2
    later = pool.submit(job, items[:half])
    here = job(items[half:])
    return [*later.result(), *here]


def each(check: Callable[[T], R], items: Sequence[T], pool: Executor) -> list[R | CordialeError]:
    """What the check gives for each item, or why it refuses it; half of them are checked by the pool."""
    return halves(partial(_checked, check), items, pool)


def _checked(check: Callable[[T], R], items: Sequence[T]) -> list[R | CordialeError]:
    found: list[R | CordialeError] = []
    for item in items:
        try:
            found.append(check(item))
        except CordialeError as error:
            found.append(error)
    return found
