"""The same answers as `sweep` and `overlap`, for as few rows as one room has: nothing is compiled before that is worth it.

Of all pairs, those that cannot conflict are sorted out by comparing whole columns; the rest are judged by the kernels of `judge`.
"""

import math
from typing import Final

import numpy as np

from cordiale.desks.activity.judge import COMPATIBLE, Columns
from cordiale.desks.activity.kernel import Ints, Shorts, fit
from cordiale.desks.activity.overlap import overlap
from cordiale.desks.activity.sphere import TOUCH
from cordiale.desks.activity.sweep import sweep

FEW: Final = 1_000
"""Rows of which every one is compared with every other."""


def pairs(c: Columns, matrix: Shorts) -> Ints:
    """Every pair of rows that conflict, once each: [k, 2], in no order."""
    if len(c.begin) > FEW:
        return sweep(c, matrix)
    found = [pair for pair in candidates(c, matrix).tolist() if meets(c, *pair)]
    return np.array(found, np.int32).reshape(-1, 2)


def candidates(c: Columns, matrix: Shorts) -> Ints:
    """The pairs that are `judge.opposed` and whose boxes meet: [k, 2], the lesser row first."""
    found = [np.zeros((0, 2), np.int32)]
    for row in range(len(c.begin) - 1):
        after = slice(row + 1, None)
        same = (c.nation[after] == c.nation[row]).astype(np.int8)
        opposed = (
            (c.activity[after] != c.activity[row])
            & (c.begin[after] < c.end[row])
            & (c.begin[row] < c.end[after])
            & (matrix[same, c.kind[row], c.kind[after]] != COMPATIBLE)
            & (_shared_altitude(c, row) > 0.0)
            & (c.box[after, :3] <= c.box[row, 3:]).all(axis=1)
            & (c.box[row, :3] <= c.box[after, 3:]).all(axis=1)
        )
        others = np.flatnonzero(opposed).astype(np.int32) + np.int32(row + 1)
        found.append(np.column_stack([np.full(len(others), row, np.int32), others]))
    return np.concatenate(found)


def _shared_altitude(c: Columns, row: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """`judge.shared_altitude` of a row and each that comes after it."""
    own, others = c.altitude[row], c.altitude[row + 1 :]
    alike = np.minimum(own[1], others[:, 1]) - np.maximum(own[0], others[:, 0])
    wide = np.minimum(own[3], others[:, 3]) - np.maximum(own[2], others[:, 2])
    return np.where(c.reference[row + 1 :] == c.reference[row], alike, wide)


def meets(c: Columns, i: int, j: int) -> bool:
    """Whether the shapes of two rows share interior."""
    return bool(fit(overlap, _steps(c, i, j))(c.shapes, i, j, TOUCH) > TOUCH)


def distance(c: Columns, i: int, j: int) -> float:
    """How far the shapes of two rows reach into each other, in radians; negative where they are apart."""
    return float(fit(overlap, _steps(c, i, j))(c.shapes, i, j, math.inf))


def _steps(c: Columns, i: int, j: int) -> int:
    one, other = int(c.shapes.corners[i]), int(c.shapes.corners[j])
    return (one + 1) * (other + 1)
