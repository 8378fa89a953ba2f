"""Whether a silence says anything: were other vessels heard where this one should have been?

What was heard is counted by cell of a quarter of a degree and by hour, as messages and as distinct vessels (HEARD). A silence is
judged by the full hours within it, in which the silent vessel cannot be among those heard, and by blocks of three by three cells:

    near begin   vessels heard in an hour, in the block where it was heard last, on average over the first full hours
    near end     the same where it was heard again, over the last full hours
    along        share of the full hours in which anybody was heard in the block where it was then, on the straight way

A silence is *likely disabling* where all three reach what the profile asks, it is long enough, the vessel was heard often enough
before, and it did not begin where several others fall silent as well, more than so many for each vessel and hour heard
there: that is the edge of what is collected, or a port. All others are *naive gaps*: kept apart, and no alert. A silence
without a full hour in it can't be judged, and is a naive gap. Welch et al. 2022 (Science Advances 8(44)) model reception from
what was received in the same way, by cell and for a longer time.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.heard import CELL, COLUMNS, HEARD, HOUR_MS, ROWS
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE

NEAR: Final = 6
ALONG: Final = 7
"""Places of the judgement among the values of a gap's EVENT."""
HOURS_MOST: Final = 240
"""So many of a silence's full hours are looked at along its way, evenly spread."""
_FULL: Final = 360 * DEGREE
_BITS: Final = 20
_SEVERAL: Final = 3


class Rule(NamedTuple):
    """What makes a silence likely disabling."""

    vessels: float
    """near begin and near end, at least"""
    hours: int
    """How many full hours count as near an end."""
    along: float
    """share, at least"""
    heard_before: float
    """reports in the 12 hours before, at least"""
    silent: float = 0.0
    """h, at least"""
    edge: float = 1e9
    """others that fell silent in the same cell, for each vessel and hour heard there: from so many on it is an edge"""


class Reception:
    """What was heard, summed over shards: [n] of HEARD in any order, cells and hours repeated or not."""

    def __init__(self, heard: NDArray[np.void]) -> None:
        keys = (heard["hour"].astype(np.int64) << _BITS) | heard["cell"]
        self._keys, place = np.unique(keys, return_inverse=True)
        self._vessels = np.bincount(place, heard["vessels"], len(self._keys)).astype(np.int64)

    def judge(self, gaps: NDArray[np.void], rule: Rule) -> NDArray[np.bool_]:
        """Which of the [n] of EVENT, gaps all, are likely disabling. Writes what they were judged by into their values."""
        measures = np.zeros((len(gaps), 3))
        _measure(self._keys, self._vessels, gaps, rule.hours, measures)
        near = np.minimum(measures[:, 0], measures[:, 1])
        gaps["values"][:, NEAR], gaps["values"][:, ALONG] = near, measures[:, 2]
        enough = (gaps["values"][:, 5] >= rule.heard_before) & (gaps["values"][:, 0] >= rule.silent)
        covered = (near >= rule.vessels) & (measures[:, 2] >= rule.along)
        return enough & covered & ~self._at_an_edge(gaps, rule.edge)

    def _at_an_edge(self, gaps: NDArray[np.void], rate: float) -> NDArray[np.bool_]:
        """Whether the silent ones fell silent where several others do: the edge of what is heard, or a port."""
        cells = _cells(gaps["lon0"], gaps["lat0"])
        pairs = np.unique(np.stack([cells, gaps["mmsi"]]), axis=1)
        where, silent = np.unique(pairs[0], return_counts=True)
        here = self._keys & ((1 << _BITS) - 1)
        heard = np.bincount(here, self._vessels, COLUMNS * ROWS)
        others = silent[np.searchsorted(where, cells)] - 1
        return (others >= _SEVERAL) & (others >= rate * heard[cells])


def _cells(lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.int64]:
    row = np.minimum(ROWS - 1, (lat.astype(np.int64) + 90 * DEGREE) // CELL)
    return row * COLUMNS + np.minimum(COLUMNS - 1, (lon.astype(np.int64) + 180 * DEGREE) // CELL)


def summed(parts: NDArray[np.void]) -> NDArray[np.void]:
    """HEARD of several shards as one row for each hour and cell, in their order."""
    keys = (parts["hour"].astype(np.int64) << _BITS) | parts["cell"]
    unique, place = np.unique(keys, return_inverse=True)
    found = np.zeros(len(unique), HEARD)
    found["hour"], found["cell"] = unique >> _BITS, unique & ((1 << _BITS) - 1)
    for name in ("messages", "vessels"):
        found[name] = np.bincount(place, parts[name], len(unique))
    return found


@kernel
def _block(keys: Any, vessels: Any, hour: int, lon: int, lat: int) -> int:
    """Vessels heard in that hour in the three by three cells around a position; one in two cells counts twice."""
    row = min(ROWS - 1, (lat + 90 * DEGREE) // CELL)
    column = min(COLUMNS - 1, (lon + 180 * DEGREE) // CELL)
    count = 0
    for y in range(max(0, row - 1), min(ROWS, row + 2)):
        for x in range(column - 1, column + 2):
            key = (np.int64(hour) << _BITS) | (y * COLUMNS + x % COLUMNS)
            place = np.searchsorted(keys, key)
            if place < len(keys) and keys[place] == key:
                count += vessels[place]
    return count


@kernel
def _measure(keys: Any, vessels: Any, gaps: Any, hours: int, measures: Any) -> None:
    """Near begin, near end and along of each gap; zeros where there is no full hour in it."""
    for k in range(len(gaps)):
        g = gaps[k]
        first, last = g["begin"] // HOUR_MS + 1, g["end"] // HOUR_MS
        full = last - first
        if full <= 0:
            continue
        some = min(hours, full)
        begin = end = 0
        for n in range(some):
            begin += _block(keys, vessels, first + n, g["lon0"], g["lat0"])
            end += _block(keys, vessels, last - 1 - n, g["lon1"], g["lat1"])
        samples = min(full, HOURS_MOST)
        covered = 0
        east = (np.int64(g["lon1"]) - g["lon0"] + 3 * _FULL // 2) % _FULL - _FULL // 2
        north = np.int64(g["lat1"]) - g["lat0"]
        for n in range(samples):
            hour = first + n * full // samples
            share = ((hour + 0.5) * HOUR_MS - g["begin"]) / (g["end"] - g["begin"])
            lon = (g["lon0"] + np.int64(share * east) + 3 * _FULL // 2) % _FULL - _FULL // 2
            covered += _block(keys, vessels, hour, lon, g["lat0"] + np.int64(share * north)) > 0
        measures[k, 0], measures[k, 1], measures[k, 2] = begin / some, end / some, covered / samples
