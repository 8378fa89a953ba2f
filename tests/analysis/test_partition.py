"""Tasks on one process and on two give the same outcomes in the same order."""

import os

import pytest

from cordiale.analysis.partition import Here, Processes, Runner


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
