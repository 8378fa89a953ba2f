"""How the maritime desk is scored on an EXERCISE."""

from tools.evaluate_maritime import SLOT_MS, Score, heard, summed, table

from cordiale.desks.maritime.exercise.behaviour import Truth

TRUTH = Truth("jump", ("jump",), (), (1, 2), 0, 11 * SLOT_MS, 0.0, 0.0)


def test_heard_is_nearly_all_the_time_by_every_vessel() -> None:
    everywhere = {(mmsi, slot) for mmsi in (1, 2) for slot in range(12)}
    assert heard(TRUTH, everywhere)
    assert heard(TRUTH, everywhere - {(1, 3), (2, 7)})
    assert not heard(TRUTH, everywhere - {(1, slot) for slot in range(3)} - {(2, 5)})
    assert not heard(TRUTH, {(1, slot) for slot in range(12)})


def test_what_was_so_counts_as_right_and_is_told_apart() -> None:
    one = {"jump": Score(injected=2, found=1, heard=1, heard_found=1, told=5, right=2, so=2)}
    (_, _, line) = table(summed([one, one]), [])
    assert line == "| jump | 4 | 2 | 0.50 | 2 | 2 | 10 | 4 | 4 | 0.80 |"
