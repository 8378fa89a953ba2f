"""What stands over a map hides as little as it can."""

import numpy as np
import pytest

from cordiale.desks.maritime.report.room import Box, Mark, corner, times

MAP = Box(0.0, 0.0, 170.0, 88.0)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (np.array([[5.0, 5.0], [20.0, 5.0]]), (126.0, 55.0)),
        (np.array([[85.0, 44.0], [165.0, 84.0]]), (2.0, 2.0)),
        (np.array([[2.0, 2.0], [168.0, 86.0]]), (126.0, 17.0)),
    ],
)
def test_the_small_map_stands_where_no_track_is(line: np.ndarray, where: tuple[float, float]) -> None:
    box = corner(MAP, (42.0, 31.0), [(line, 1)])
    assert (box.x0, box.y0) == where
    assert MAP.holds(box)


def test_a_long_leg_between_two_reports_counts() -> None:
    """Neither end is in the corner, and the line goes through it."""
    box = corner(MAP, (42.0, 31.0), [(np.array([[100.0, 70.0], [169.9, 70.0]]), 1)])
    assert (box.x0, box.y0) == (2.0, 2.0)


def test_times_meet_neither_one_another_nor_what_is_taken() -> None:
    taken = Box(100.0, 30.0, 140.0, 60.0)
    marks = [Mark(50.0 + k, 40.0, f"0{k}:00", k) for k in range(4)] + [Mark(98.0, 40.0, "09:00", 4)]
    found = times(MAP, marks, [taken], [])
    assert len(found) == len(marks)
    boxes = [_box(place.x, place.y, place.text, left=place.left) for place in found]
    for number, box in enumerate(boxes):
        assert MAP.holds(box) and not box.meets(taken)
        assert not any(box.meets(other) for other in boxes[:number])


def test_one_time_at_one_place_is_told_once() -> None:
    """Two vessels side by side; and nothing of what is off the map."""
    marks = [Mark(50.0, 40.0, "05:40", 0), Mark(51.0, 40.0, "05:40", 1), Mark(500.0, 40.0, "05:40", 1)]
    assert [place.track for place in times(MAP, marks, [], [])] == [0]


def test_a_time_stands_beside_the_track() -> None:
    line = np.array([[50.0, 40.0], [90.0, 40.0]])
    (place,) = times(MAP, [Mark(50.0, 40.0, "05:40", 0)], [], [line])
    assert place.left


def _box(x: float, y: float, text: str, *, left: bool) -> Box:
    wide = 1.55 * len(text)
    west = x - 2.1 - wide if left else x + 2.1
    return Box(west, y - 1.6, west + wide, y + 1.6)
