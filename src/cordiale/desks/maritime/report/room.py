"""Where on a map there is room for what stands over it: the small map and the times, so that they hide little of the tracks."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.line import Line

LETTER: Final = 1.55
LINE: Final = 3.2
"""Millimetres that a letter and a line of a time take."""
AWAY: Final = 2.1
"""Millimetres from a mark to its time."""
SAME: Final = 4.0
"""Two marks so near to each other with the same time have one word."""
_OFFSETS: Final = tuple((side, line * LINE) for line in (0, 1, -1, 2, -2) for side in (1, -1))
_STEP: Final = 1.0
_MOST: Final = 4_000
_EDGE: Final = 2.0
_ABOVE: Final = 17.0
_UNDER: Final = 14.0
"""Millimetres from the map's edge to a small map; under the arrow, above the scale bar."""


class Box(NamedTuple):
    """West, north, east, south in millimetres from the upper left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: "Box") -> bool:
        """Whether they share anything."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def holds(self, other: "Box") -> bool:
        """Whether the other lies within it."""
        return self.x0 <= other.x0 and other.x1 <= self.x1 and self.y0 <= other.y0 and other.y1 <= self.y1


class Mark(NamedTuple):
    """A mark of a track that is to have its time."""

    x: float
    y: float
    text: str
    track: int


class Place(NamedTuple):
    """Where a mark's time stands: beside (x, y), to its right or to its left."""

    x: float
    y: float
    text: str
    left: bool
    track: int


def corner(whole: Box, size: tuple[float, float], lines: Sequence[tuple[Line, int]]) -> Box:
    """Which of four corners a box of that size hides least in; lines are [n, 2] mm, each with its weight."""
    wide, high = size
    left, right = _EDGE, whole.x1 - wide - _EDGE
    corners = [(right, whole.y1 - high - _EDGE), (left, _EDGE), (right, _ABOVE), (left, whole.y1 - high - _UNDER)]
    boxes = [Box(x, y, x + wide, y + high) for x, y in corners]
    dense = [(_dense(line), weight) for line, weight in lines if len(line)]
    hidden = [sum(weight * _within(line, box) for line, weight in dense) for box in boxes]
    return boxes[hidden.index(min(hidden))]


def _dense(line: Line) -> Line:
    """The same line as points a millimetre apart, about."""
    steps: NDArray[np.float64] = np.hypot(*np.diff(line, axis=0).T)
    run = np.cumsum(np.append(0.0, steps))
    at = np.linspace(0.0, float(run[-1]), int(min(_MOST, 2 + float(run[-1]) / _STEP)))
    return np.column_stack([np.interp(at, run, line[:, axis]) for axis in (0, 1)])


def _within(line: Line, box: Box) -> int:
    inside = (line[:, 0] > box.x0) & (line[:, 0] < box.x1) & (line[:, 1] > box.y0) & (line[:, 1] < box.y1)
    return int(inside.sum())


def times(whole: Box, marks: Iterable[Mark], taken: Sequence[Box], lines: Sequence[Line]) -> list[Place]:
    """A place for each time within the map, over no other and nothing that is taken, and over as little as possible of the
    lines, [n, 2] mm; none where there is no room."""
    found: list[Place] = []
    dense = np.concatenate([np.empty((0, 2)), *(_dense(line) for line in lines if len(line))])
    boxes, seen = list(taken), list[Mark]()
    for mark in marks:
        here = Box(mark.x, mark.y, mark.x, mark.y)
        twice = any(other.text == mark.text and np.hypot(other.x - mark.x, other.y - mark.y) < SAME for other in seen)
        if twice or not whole.holds(here):
            continue
        around = [(_box(mark, side, down), side, down) for side, down in _OFFSETS]
        free = [each for each in around if whole.holds(each[0]) and not any(each[0].meets(other) for other in boxes)]
        if free:
            box, side, down = min(free, key=lambda each: _within(dense, each[0]))
            boxes.append(box)
            seen.append(mark)
            found.append(Place(mark.x, mark.y + down, mark.text, side < 0, mark.track))
    return found


def _box(mark: Mark, side: int, down: float) -> Box:
    wide, y = LETTER * len(mark.text), mark.y + down
    x = mark.x + AWAY if side > 0 else mark.x - AWAY - wide
    return Box(x, y - LINE / 2, x + wide, y + LINE / 2)
