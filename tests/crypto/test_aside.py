"""Work shared with another thread: an answer for each item, in order."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cordiale.crypto import aside
from cordiale.errors import BadSignature, CordialeError


def halved(number: int) -> int:
    """Refuses odd numbers."""
    if number % 2:
        raise BadSignature(str(number))
    return number // 2


@pytest.mark.parametrize("count", [0, 1, 2, 7, 20])
def test_each_has_its_answer(count: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        found = aside.each(halved, range(count), pool)
    assert [str(each) if isinstance(each, CordialeError) else each for each in found] == [
        str(BadSignature(str(number))) if number % 2 else number // 2 for number in range(count)
    ]


def test_two_threads_take_part() -> None:
    both = threading.Barrier(2, timeout=10)
    with ThreadPoolExecutor(1) as pool:
        found = aside.each(lambda _: (both.wait(), threading.get_ident())[1], (1, 2), pool)
    assert found[0] != found[1] == threading.get_ident()


def test_what_is_no_refusal_is_raised() -> None:
    with ThreadPoolExecutor(1) as pool:
        for place in (0, 1):
            with pytest.raises(ZeroDivisionError):
                aside.each(lambda number: 1 // number, [number != place for number in range(2)], pool)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 20])
def test_halves_are_put_together_in_order(count: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert aside.halves(lambda some: [number + 1 for number in some], range(count), pool) == list(
            range(1, count + 1)
        )
