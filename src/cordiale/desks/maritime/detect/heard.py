"""Reception as it is seen from what was heard: messages and distinct vessels in each cell and hour.

Positions arrive in time order, so that only the hour that runs is held: dense counts by cell, the cells touched, and a set of
(cell, MMSI). When the hour ends its counts are emitted, by cell.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE

CELL: Final = DEGREE // 4
"""A quarter of a degree."""
COLUMNS: Final = 1440
ROWS: Final = 720
HOUR_MS: Final = 3_600_000

HEARD: Final = np.dtype([("hour", "<i4"), ("cell", "<i4"), ("messages", "<u4"), ("vessels", "<u4")])
"""Hour since the Unix epoch; cell = row · 1440 + column, rows from −90, columns from −180, a quarter of a degree each."""


class Hour(NamedTuple):
    """The hour that runs."""

    messages: NDArray[np.uint32]
    """[ROWS · COLUMNS]"""
    vessels: NDArray[np.uint32]
    touched: NDArray[np.int32]
    """[ROWS · COLUMNS] cells with messages, first come first"""
    known: NDArray[np.int64]
    """[2^k] an open-addressing set of cell · 2^32 + MMSI; −1 is free"""
    used: NDArray[np.int64]
    """[3] the hour (−1 before the first), how many cells are touched, how many are known"""


@kernel
def cell_of(lon: int, lat: int) -> int:
    """The cell of a position."""
    column = min(COLUMNS - 1, (lon + 180 * DEGREE) // CELL)
    return min(ROWS - 1, (lat + 90 * DEGREE) // CELL) * COLUMNS + column


@kernel
def spread(key: int) -> int:
    """A key of `known` with its bits spread."""
    return ((key ^ (key >> 29)) * 0x9E3779B1) >> 7


@kernel
def hear(h: Hour, mmsi: int, cell: int) -> None:
    """Enter a cell or an MMSI in the hour that runs, after the message was counted; there is room in `known`."""
    if h.messages[cell] == 1:
        h.touched[h.used[1]] = cell
        h.used[1] += 1
    key = (np.int64(cell) << 32) | np.int64(mmsi)
    mask = len(h.known) - 1
    place = spread(key) & mask
    while h.known[place] != key:
        if h.known[place] < 0:
            h.known[place] = key
            h.used[2] += 1
            h.vessels[cell] += 1
            return
        place = (place + 1) & mask


@kernel
def close_hour(h: Hour, rows: NDArray[np.void]) -> int:
    """Emit the counts of the hour that ran into `rows`, [touched] of HEARD, and clear it; how many rows."""
    count = h.used[1]
    touched = np.sort(h.touched[:count])
    for k in range(count):
        cell = touched[k]
        rows[k]["hour"], rows[k]["cell"] = h.used[0], cell
        rows[k]["messages"], rows[k]["vessels"] = h.messages[cell], h.vessels[cell]
        h.messages[cell], h.vessels[cell] = 0, 0
    h.known[:] = -1
    h.used[1], h.used[2] = 0, 0
    return count
