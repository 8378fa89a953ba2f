"""Columns with room to grow: rows keep their numbers, corners move up when those of rows that are gone make way."""

import numpy as np

from cordiale.desks.activity.judge import Columns
from cordiale.desks.activity.kernel import Ints, Longs
from cordiale.desks.activity.sphere import Shapes


def empty(rows: int, corners: int) -> Columns:
    """Room for so many rows and corners, all zeros."""
    small, ints, spots = np.zeros(rows, np.int8), np.zeros(rows, np.int32), np.zeros((corners, 3))
    areas = (np.zeros(rows), np.zeros((rows, 9)), np.zeros((rows, 3)))
    shapes = Shapes(ints, ints.copy(), small, *areas, spots, spots.copy(), np.zeros((corners, 2)))
    longs, shorts = np.zeros(rows, np.int64), np.zeros(rows, np.int16)
    timed = (np.zeros((rows, 6)), longs, longs.copy(), np.zeros((rows, 4)), small.copy())
    return Columns(shapes, *timed, shorts, shorts.copy(), ints.copy())


def copied(new: Columns, into: Columns, rows: Longs, used: int, number: int) -> None:
    """Write new rows, their corners from place `used` on; `number` is that of their first activity."""
    place = slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) and bool((np.diff(rows) == 1).all()) else rows
    for source, target in zip((*new[1:], *_of_rows(new.shapes)), (*into[1:], *_of_rows(into.shapes)), strict=True):
        target[place] = source
    into.activity[place] += number
    into.shapes.first[place] += used
    for source, target in zip(_of_corners(new.shapes), _of_corners(into.shapes), strict=True):
        target[used : used + len(source)] = source


def moved(old: Columns, into: Columns, alive: Ints) -> int:
    """Copy everything, of the corners those of rows that are `alive`; how many corners these are."""
    rows = len(old.begin)
    for source, target in zip((*old[1:], *_of_rows(old.shapes)), (*into[1:], *_of_rows(into.shapes)), strict=True):
        target[:rows] = source
    counts = old.shapes.corners[alive]
    first = (np.cumsum(counts) - counts).astype(np.int32)
    kept: Longs = np.repeat(old.shapes.first[alive] - first, counts) + np.arange(int(counts.sum()))
    for source, target in zip(_of_corners(old.shapes), _of_corners(into.shapes), strict=True):
        target[: len(kept)] = source[kept]
    into.shapes.first[alive] = first
    return len(kept)


def _of_rows(shapes: Shapes) -> tuple[np.ndarray, ...]:
    return shapes[:6]


def _of_corners(shapes: Shapes) -> tuple[np.ndarray, ...]:
    return shapes[6:]
