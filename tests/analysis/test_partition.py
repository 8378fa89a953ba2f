"""Tasks on one process and on two give the same outcomes in the same order."""

import multiprocessing
import os
import signal
import time

import pytest

from cordiale.analysis.partition import Here, Processes, Runner
from cordiale.errors import WorkerLost


def task(number: int) -> tuple[int, int]:
    if number < 0:
        raise ValueError("no such task")
    return number * number, os.getpid()


@pytest.mark.parametrize("runner", [Here(), Processes(2)], ids=["here", "two processes"])
def test_outcomes_come_in_the_order_of_the_tasks(runner: Runner) -> None:
    assert [square for square, _ in runner.run(task, [3, 1, 2])] == [9, 1, 4]


def test_processes_are_others_than_this_one() -> None:
    assert os.getpid() not in {process for _, process in Processes(2).run(task, [1, 2])}


@pytest.mark.parametrize("runner", [Here(), Processes(2)], ids=["here", "two processes"])
def test_what_a_task_raises_is_raised(runner: Runner) -> None:
    with pytest.raises(ValueError, match="no such task"):
        list(runner.run(task, [1, -1]))


def die(number: int) -> int:
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def rest(number: int) -> int:
    if number:
        time.sleep(3600)
    return number


def test_a_process_that_is_killed_is_an_error_with_words() -> None:
    with pytest.raises(WorkerLost, match="killed") as told:
        list(Processes(2).run(die, [1, 0]))
    assert "Run it again" in told.value.next_step
    assert multiprocessing.active_children() == []


def test_who_stops_asking_waits_for_nobody() -> None:
    """As at Ctrl-C: the tasks that run are ended, not waited for."""
    outcomes = Processes(2).run(rest, [0, 1])
    assert next(outcomes) == 0
    outcomes.close()  # pyright: ignore[reportAttributeAccessIssue] — a generator, which its port doesn't promise
    assert multiprocessing.active_children() == []
