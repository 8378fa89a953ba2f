"""Lines and rings cut at longitude ±180 for maps that draw them (RFC 7946, section 3.1.9). Degrees; straight between corners."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

Point = Sequence[float]
_EDGE: Final = 180.0
_TURN: Final = 360.0


def cut_line(line: Sequence[Point]) -> list[list[Point]]:
    """The parts of a line on each side; the line itself where it doesn't cross."""
    parts: list[list[Point]] = [[line[0]]]
    for (x0, y0), (x1, y1) in pairwise(line):
        if abs(x1 - x0) > _EDGE:
            side = _EDGE if x0 > 0 else -_EDGE
            there = x1 + (_TURN if side > 0 else -_TURN)
            height = y0 if there == x0 else y0 + (y1 - y0) * (side - x0) / (there - x0)
            parts[-1].append([side, height])
            parts.append([[-side, height]])
        parts[-1].append([x1, y1])
    return [part for part in parts if len(part) > 1]


def cut_ring(ring: Sequence[Point]) -> list[list[Point]]:
    """The rings on each side, not closed; the ring itself where it doesn't cross, and none for one around a pole."""
    whole = _unwrapped([*ring, ring[0]])
    if abs(whole[-1][0] - whole[0][0]) > _EDGE:
        return []
    if all(abs(x) <= _EDGE for x, _ in whole):
        return [list(ring)]
    turned = ([[x + turn, y] for x, y in whole[:-1]] for turn in (-_TURN, 0.0, _TURN))
    parts = (_clipped(_clipped(part, _EDGE, -1.0), -_EDGE, 1.0) for part in turned)
    return [part for part in parts if len(part) > 2]


def _unwrapped(ring: Sequence[Point]) -> list[Point]:
    """With longitudes that never jump: each the way round to the one before that is shorter."""
    found: list[Point] = [ring[0]]
    for x, y in ring[1:]:
        found.append([x + _TURN * round((found[-1][0] - x) / _TURN), y])
    return found


def _clipped(ring: Sequence[Point], meridian: float, side: float) -> list[Point]:
    """The part of a ring east (`side` 1) or west (−1) of a meridian (Sutherland and Hodgman)."""
    found: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise([*ring, *ring[:1]]):
        here, there = (x0 - meridian) * side, (x1 - meridian) * side
        if here >= 0:
            found.append([x0, y0])
        if here * there < 0:
            found.append([meridian, y0 + (y1 - y0) * (meridian - x0) / (x1 - x0)])
    return found
