"""Cells of space and time as integers: an H3 cell of one resolution and a bin of days.

    code = base cell and digits of the H3 index (7 + 3 × resolution bits) ‖ bin (20 bits)
    bin  = (days since 1970-01-01 + 3) // days per bin       so that bins of seven days are ISO weeks (ISO 8601)

A coarser grid is computed from the finer one (the parent in H3's tree, the longer bin), never from geometry: what meets on
the fine grid meets on every coarser one, exactly. Days are UTC. H3 index bits: the H3 library's documentation, "H3Index
Bit Layout".
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.errors import Malformed
from cordiale.wire.canonical import Record

Codes = NDArray[np.int64]
"""Sorted, without repetition, of one grid."""

FINEST_RESOLUTION: Final = 9
LONGEST_BIN: Final = 366
GRIDS: Final = 4
FIRST_DAY: Final = 0
LAST_DAY: Final = 200_000
"""Days since 1970-01-01 that a bin can name: into the year 2517."""
CODE_BYTES: Final = 8

_BIN_BITS: Final = 20
_BIN: Final = (1 << _BIN_BITS) - 1
_MONDAY: Final = 3
_DIGITS: Final = 15
_BASE_BITS: Final = 7
_CELL_MODE: Final = 1 << 59
_RESOLUTION_AT: Final = 52


class Grid(Record, frozen=True):
    """H3 `resolution` and `days` per bin."""

    resolution: int
    days: int


class Spot(NamedTuple):
    """A code spelt out: an H3 index, the first day (since 1970-01-01, UTC) and how many days."""

    cell: int
    day: int
    days: int


def check_grids(grids: Sequence[Grid]) -> None:
    """`Malformed` unless there are one to four grids, each within range and a refinement of the one before."""
    if not 1 <= len(grids) <= GRIDS:
        raise Malformed(f"{len(grids)} grids", what="grids", detail_fr=f"{len(grids)} grilles")
    if not all(0 <= grid.resolution <= FINEST_RESOLUTION and 1 <= grid.days <= LONGEST_BIN for grid in grids):
        raise Malformed(
            "a resolution or a bin is out of range",
            what="grids",
            detail_fr="une résolution ou un pas est hors des limites",
        )
    for coarse, fine in pairwise(grids):
        if coarse == fine or coarse.resolution > fine.resolution or coarse.days % fine.days:
            raise Malformed(
                "a grid does not refine the one before it",
                what="grids",
                detail_fr="une grille n’affine pas la précédente",
            )


def encode(grid: Grid, cells: NDArray[np.uint64], days: Codes) -> Codes:
    """The distinct codes of these pairs of a cell (H3 index of the grid's resolution) and a day."""
    shift, bits = 3 * (_DIGITS - grid.resolution), _BASE_BITS + 3 * grid.resolution
    paths = (cells.astype(np.int64) >> shift) & ((1 << bits) - 1)
    return np.unique(paths << _BIN_BITS | (days + _MONDAY) // grid.days)


def project(codes: Codes, fine: Grid, coarse: Grid) -> Codes:
    """For each code of the fine grid the one of the coarse grid that holds it, in the same places."""
    paths = (codes >> _BIN_BITS) >> 3 * (fine.resolution - coarse.resolution)
    return paths << _BIN_BITS | (codes & _BIN) // (coarse.days // fine.days)


def spell(codes: Codes, grid: Grid) -> tuple[Spot, ...]:
    """What codes of a grid mean."""
    shift = 3 * (_DIGITS - grid.resolution)
    rest = _CELL_MODE | grid.resolution << _RESOLUTION_AT | (1 << shift) - 1
    return tuple(
        Spot((code >> _BIN_BITS) << shift | rest, (code & _BIN) * grid.days - _MONDAY, grid.days)
        for code in codes.tolist()
    )


def packed(codes: Codes) -> bytes:
    """Eight bytes each, big-endian."""
    return codes.astype(">i8").tobytes()


def unpacked(data: bytes) -> Codes:
    """What `packed` gave; `Malformed` where the codes are not whole, ascending and distinct."""
    if len(data) % CODE_BYTES:
        raise Malformed("not a whole number of codes", what="codes")
    codes = np.frombuffer(data, dtype=">i8").astype(np.int64)
    if len(codes) and (codes[0] < 0 or not bool(np.all(codes[1:] > codes[:-1]))):
        raise Malformed("not ascending", what="codes")
    return codes
