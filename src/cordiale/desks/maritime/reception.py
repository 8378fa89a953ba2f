"""Whether a silence says anything: were other vessels heard where this one should have been?

What was heard is counted by cell and by hour, as distinct vessels (HEARD). A silence is judged by the full hours within it, in
which the silent vessel cannot be among those heard, and by blocks of three by three cells:

    near begin   vessels heard in an hour, in the block where it was heard last, on average over the first full hours
    near end     the same where it was heard again, over the last full hours
    along        share of the full hours in which anybody was heard in the block where it was then, on the straight way

A silence is *likely disabling* where all three reach what the profile asks, it is long enough, the vessel was heard often enough
before, and nothing else explains it:

    an edge      many silences of others begin there, for the vessel-hours heard: the edge of what is collected, or a port
    at once      others fall silent, or are heard again, within the same minutes: a receiver failed

All others are *naive gaps*: kept apart, and no alert. A silence without a full hour in it can't be judged, and is a naive gap.

Receivers ashore reach some 100 km, so that cells are a quarter of a degree. Far from every coast it is satellites that
hear, whose footprints are thousands of kilometres wide: there vessels in cells of two degrees tell as much, those that
are themselves far from the coast; but for long silences only, as a satellite may miss one vessel among many for hours. Welch et
al. 2022 (Science Advances 8(44)) ask for 12 hours and 50 nautical miles, and model reception from what was received in the same
way, by cell and for a longer time.
"""

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.coast import coast
from cordiale.desks.maritime.detect.heard import CELL, COLUMNS, HEARD, HOUR_MS, ROWS
from cordiale.desks.maritime.detect.judge import offshore
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
_WIDE: Final = 2 * DEGREE
_SILENT, _BEFORE = 0, 5
"""Places among the values of a gap: h, and reports in the 12 hours before."""
_AT_ONCE_MS: Final = 900_000
"""A quarter of an hour: five times the longest interval between two reports at anchor (ITU-R M.1371-5, annex 1, table 1)."""
_BOTH: Final = 2
"""So many others at both ends: two vessels may switch off for a meeting, three hardly."""
_REACH: Final = 3
"""Cells: half of the range of a receiver ashore."""


class Far(NamedTuple):
    """What makes a silence likely disabling where satellites hear."""

    metres: float
    """from the coast at both ends, at least"""
    silent: float
    """h, at least"""
    edge: float
    """as `Rule.edge`, of the wide cells"""
    near_silent: float = 0.0
    """h, at least, where others were heard in the near cells"""


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
    """silences of others in the same block, as long, for each vessel and hour heard there: from so many on it is an edge"""
    at_once: float = 1e9
    """others in the block that fall silent or are heard again at once, as a share of those heard there in that hour"""
    far: Far | None = None


class Reception:
    """What was heard, summed over shards: [n] of HEARD in any order, cells and hours repeated or not."""

    def __init__(self, heard: NDArray[np.void]) -> None:
        self._near = _Field(heard["hour"], heard["cell"], heard["vessels"], CELL)
        self._heard = heard

    def judge(self, gaps: NDArray[np.void], rule: Rule) -> NDArray[np.bool_]:
        """Which of the [n] of EVENT, gaps all, are likely disabling. Writes what they were judged by into their values."""
        enough = (gaps["values"][:, _BEFORE] >= rule.heard_before) & (gaps["values"][:, _SILENT] >= rule.silent)
        likely = enough & self._near.covered(gaps, rule)
        likely[likely] &= ~self._near.at_an_edge(gaps[likely], gaps[enough], rule.edge)
        likely[likely] &= ~self._near.at_once(gaps[likely], gaps[enough], rule.at_once)
        if rule.far is not None:
            short = np.flatnonzero(likely & (gaps["values"][:, _SILENT] < rule.far.near_silent))
            likely[short[_far(gaps[short], rule.far.metres)]] = False
            far = np.flatnonzero(enough & ~likely & (gaps["values"][:, _SILENT] >= rule.far.silent))
            far = far[_far(gaps[far], rule.far.metres)]
            likely[far] = self._judge_far(gaps, far, rule, rule.far)
        return likely

    def _judge_far(self, gaps: NDArray[np.void], which: NDArray[Any], rule: Rule, far: Far) -> NDArray[np.bool_]:
        """The same for those of the gaps that are far from the coast, by what satellites hear."""
        there = self._heard[_far_cells(self._heard["cell"], far.metres)]
        if not len(which) or not len(there):
            return np.zeros(len(which), np.bool_)
        wide = _Field(there["hour"], _widened(there["cell"]), there["vessels"], _WIDE)
        mine = gaps[which]
        found = wide.covered(mine, rule) & ~wide.at_an_edge(mine, mine, far.edge) & ~self._near.at_border(mine)
        found &= ~self._near.at_an_edge(mine, mine, rule.edge) & ~wide.at_once(mine, mine, rule.at_once)
        kept = gaps["values"]
        kept[which[found]] = mine["values"][found]
        return found


class _Ends(NamedTuple):
    """When and where silences begin, or end, and whose they are: [n] each."""

    time: NDArray[np.int64]
    other: NDArray[np.int64]
    """when they end, or began; −1 where they go on"""
    cell: NDArray[np.int64]
    mmsi: NDArray[np.int64]


class _Field:
    """Vessels by hour and square cell of `size` AIS units; cells are numbered by rows from the south, from 180° W."""

    def __init__(self, hour: NDArray[Any], cell: NDArray[Any], vessels: NDArray[Any], size: int) -> None:
        self._size, self._columns, self._rows = size, _FULL // size, 180 * DEGREE // size
        self._keys, place = np.unique((hour.astype(np.int64) << _BITS) | cell, return_inverse=True)
        self._vessels = np.bincount(place, vessels, len(self._keys)).astype(np.int64)
        self._heard = np.bincount(self._keys & ((1 << _BITS) - 1), self._vessels, self._columns * self._rows)

    def covered(self, gaps: NDArray[np.void], rule: Rule) -> NDArray[np.bool_]:
        """Whether others were heard at both ends and along the way. Writes how many into the gaps' values."""
        measures = np.zeros((len(gaps), 3))
        _measure(self._keys, self._vessels, gaps, rule.hours, self._size, measures)
        near = np.minimum(measures[:, 0], measures[:, 1])
        gaps["values"][:, NEAR], gaps["values"][:, ALONG] = near, measures[:, 2]
        return (near >= rule.vessels) & (measures[:, 2] >= rule.along)

    def at_an_edge(self, gaps: NDArray[np.void], silent: NDArray[np.void], rate: float) -> NDArray[np.bool_]:
        """Which of the gaps, all among `silent`, began where several others fall silent, and that at more than this rate."""
        if not len(gaps):
            return np.zeros(0, np.bool_)
        cells, who = self._block(self._cells(silent)).ravel(), np.repeat(silent["mmsi"].astype(np.int64), 9)
        pairs, times = np.unique((cells << 32) | who, return_counts=True)
        where, first, vessels = np.unique(pairs >> 32, return_index=True, return_counts=True)
        silences = np.add.reduceat(times, first)
        mine = self._cells(gaps)
        place = np.searchsorted(where, mine)
        own = times[np.searchsorted(pairs, (mine << 32) | gaps["mmsi"].astype(np.int64))]
        hours = self._heard[self._block(mine)].sum(axis=1)
        return (vessels[place] > _SEVERAL) & (silences[place] - own >= rate * hours)

    def at_once(self, gaps: NDArray[np.void], silent: NDArray[np.void], share: float) -> NDArray[np.bool_]:
        """Which of the gaps begin, or end, at once with several others of `silent` in the block, and so large a share of all.

        Or both begin and end at once with two others within some 50 km. Nowhere where the share is beyond 1.
        """
        if share > 1.0:
            return np.zeros(len(gaps), np.bool_)
        over, closed = silent[silent["open"] == 0], gaps["open"] == 0
        found = self._shared(self._ends(gaps, "begin", "0"), self._ends(silent, "begin", "0"), share)
        found[closed] |= self._shared(self._ends(gaps[closed], "end", "1"), self._ends(over, "end", "1"), share)
        return found

    def _ends(self, gaps: NDArray[np.void], when: str, end: str) -> "_Ends":
        other = np.where(gaps["open"] == 0, gaps["end" if when == "begin" else "begin"], -1)
        return _Ends(gaps[when].astype(np.int64), other, self._cells(gaps, end), gaps["mmsi"].astype(np.int64))

    def _shared(self, mine: "_Ends", silent: "_Ends", share: float) -> NDArray[np.bool_]:
        order, found = np.argsort(silent.time, kind="stable"), np.zeros(len(mine.time), np.bool_)
        others = _Ends(*(column[order] for column in silent))
        first = np.searchsorted(others.time, mine.time - _AT_ONCE_MS)
        last = np.searchsorted(others.time, mine.time + _AT_ONCE_MS, side="right")
        _together(self._keys, self._vessels, mine, others, first, last, share, self._size, found)
        return found

    def at_border(self, gaps: NDArray[np.void]) -> NDArray[np.bool_]:
        """Which of the gaps have an end beside the border of the rectangle of all that was heard: beyond, nothing is known."""
        rows, columns = np.divmod(self._keys & ((1 << _BITS) - 1), self._columns)
        found = np.zeros(len(gaps), np.bool_)
        for end in ("0", "1"):
            row, column = np.divmod(self._cells(gaps, end), self._columns)
            found |= (row <= rows.min() + 1) | (row >= rows.max() - 1)
            found |= (column <= columns.min() + 1) | (column >= columns.max() - 1)
        return found

    def _cells(self, gaps: NDArray[np.void], end: str = "0") -> NDArray[np.int64]:
        row = np.minimum(self._rows - 1, (gaps[f"lat{end}"].astype(np.int64) + 90 * DEGREE) // self._size)
        column = np.minimum(self._columns - 1, (gaps[f"lon{end}"].astype(np.int64) + 180 * DEGREE) // self._size)
        return row * self._columns + column

    def _block(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """[n, 9]: each cell and its neighbours; at the poles some twice."""
        rows, columns = np.divmod(cells, self._columns)
        parts = [
            np.clip(rows + up, 0, self._rows - 1) * self._columns + (columns + right) % self._columns
            for up in (-1, 0, 1)
            for right in (-1, 0, 1)
        ]
        return np.stack(parts, axis=1)


def _far(gaps: NDArray[np.void], metres: float) -> NDArray[np.bool_]:
    """Which have both ends so far from the coast."""
    ends = [np.ascontiguousarray(gaps[name]) for name in ("lon0", "lat0", "lon1", "lat1")]
    return offshore(coast(), ends[0], ends[1], metres) & offshore(coast(), ends[2], ends[3], metres)


@cache
def _known(_metres: float) -> NDArray[np.int8]:
    """Of each fine cell, whether its middle is so far from the coast: 1, 0, or −1 where nobody has asked yet."""
    return np.full(ROWS * COLUMNS, -1, np.int8)


def _far_cells(cells: NDArray[np.int32], metres: float) -> NDArray[np.bool_]:
    known, asked = _known(metres), np.unique(cells)
    fresh = asked[known[asked] < 0]
    rows, columns = np.divmod(fresh, COLUMNS)
    lon, lat = (place * CELL + CELL // 2 - turn * DEGREE for place, turn in ((columns, 180), (rows, 90)))
    known[fresh] = offshore(coast(), lon.astype(np.int32), lat.astype(np.int32), metres)
    return known[cells] > 0


def _widened(cells: NDArray[np.int32]) -> NDArray[np.int64]:
    """The wide cell of each fine one."""
    rows, columns = np.divmod(cells.astype(np.int64), COLUMNS)
    times = _WIDE // CELL
    return rows // times * (_FULL // _WIDE) + columns // times


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
def _cell(lon: int, lat: int, size: int) -> int:
    """The cell of a position, among those of that size."""
    columns, rows = _FULL // size, _FULL // size // 2
    column = min(columns - 1, (lon + 180 * DEGREE) // size)
    return min(rows - 1, (lat + 90 * DEGREE) // size) * columns + column


@kernel
def _block(keys: Any, vessels: Any, hour: int, cell: int, size: int) -> int:
    """Vessels heard in that hour in the three by three cells around one; who was in two of them counts twice."""
    columns, rows = _FULL // size, _FULL // size // 2
    row, column = divmod(cell, columns)
    count = 0
    for y in range(max(0, row - 1), min(rows, row + 2)):
        for x in range(column - 1, column + 2):
            key = (np.int64(hour) << _BITS) | (y * columns + x % columns)
            place = np.searchsorted(keys, key)
            if place < len(keys) and keys[place] == key:
                count += vessels[place]
    return count


@kernel
def _measure(keys: Any, vessels: Any, gaps: Any, hours: int, size: int, measures: Any) -> None:
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
            begin += _block(keys, vessels, first + n, _cell(g["lon0"], g["lat0"], size), size)
            end += _block(keys, vessels, last - 1 - n, _cell(g["lon1"], g["lat1"], size), size)
        samples = min(full, HOURS_MOST)
        covered = 0
        east = (np.int64(g["lon1"]) - g["lon0"] + 3 * _FULL // 2) % _FULL - _FULL // 2
        north = np.int64(g["lat1"]) - g["lat0"]
        for n in range(samples):
            hour = first + n * full // samples
            share = ((hour + 0.5) * HOUR_MS - g["begin"]) / (g["end"] - g["begin"])
            lon = (g["lon0"] + np.int64(share * east) + 3 * _FULL // 2) % _FULL - _FULL // 2
            cell = _cell(lon, g["lat0"] + np.int64(share * north), size)
            covered += _block(keys, vessels, hour, cell, size) > 0
        measures[k, 0], measures[k, 1], measures[k, 2] = begin / some, end / some, covered / samples


@kernel
def _together(
    keys: Any, vessels: Any, mine: _Ends, silent: _Ends, first: Any, last: Any, share: float, size: int, found: Any
) -> None:
    """Which of `mine` have others of `silent` then, those from first to last: several in their block, or two all the time."""
    columns = _FULL // size
    for k in range(len(mine.time)):
        cell, count, both = mine.cell[k], 0, 0
        row, column = divmod(cell, columns)
        for n in range(first[k], last[k]):
            if silent.mmsi[n] == mine.mmsi[k]:
                continue
            y, x = divmod(silent.cell[n], columns)
            apart = max(abs(y - row), min((x - column) % columns, (column - x) % columns))
            alike = mine.other[k] >= 0 and silent.other[n] >= 0 and abs(silent.other[n] - mine.other[k]) <= _AT_ONCE_MS
            count += int(apart <= 1)
            both += int(alike and apart <= _REACH)
        heard = _block(keys, vessels, mine.time[k] // HOUR_MS, cell, size)
        found[k] = (count >= _SEVERAL and count >= share * heard) or both >= _BOTH
