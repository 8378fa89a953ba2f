"""Tracks made short: the line of Douglas and Peucker (Cartographica 10:2, 1973), and how far it is from what it stands for."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]
"""[n, 2] longitude and latitude in degrees, unwrapped."""

METRES: Final = 111_195.08
"""In a degree of a great circle."""


def simplified(line: Line, most: int, within: float = 0.0) -> tuple[Line, float]:
    """At most so many points of a line, both ends among them, and metres that no point of it is farther from the new one.

    No more points are taken than keep it `within` so many metres. Points are taken one by one, each time the one that is
    farthest from the line so far. Distances are those of a plane about the line's middle latitude: within 1 % for lines of up
    to 5° of latitude, below 70°.
    """
    if len(line) <= 2:
        return line, 0.0
    flat = (line - line[0]) * (METRES * math.cos(math.radians(float(line[:, 1].mean()))), METRES)
    kept = [0, len(line) - 1]
    parts = [_farthest(flat, 0, len(line) - 1)]
    while len(kept) < most and (worst := max(parts))[0] > within:
        parts.remove(worst)
        _, first, place, last = worst
        kept.append(place)
        parts += [_farthest(flat, first, place), _farthest(flat, place, last)]
    return line[sorted(kept)], max(parts)[0]


def _farthest(flat: Line, first: int, last: int) -> tuple[float, int, int, int]:
    """(metres, first, place, last): of the points between two, the one farthest from the line between them."""
    if last - first < 2:
        return 0.0, first, first, last
    along = flat[last] - flat[first]
    away = flat[first + 1 : last] - flat[first]
    square = float(along @ along)
    t = np.clip(away @ along / square, 0.0, 1.0) if square else np.zeros(len(away))
    metres = np.hypot(*(away - t[:, None] * along).T)
    place = int(metres.argmax())
    return float(metres[place]), first, first + 1 + place, last


def unwrapped(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Line:
    """A line from degrees, longitudes going on past 180 where it crosses the antimeridian."""
    turns = np.concatenate([[0.0], np.cumsum(np.round(np.diff(lon) / 360.0))]) if len(lon) else lon
    return np.column_stack([lon - 360.0 * turns, lat])
