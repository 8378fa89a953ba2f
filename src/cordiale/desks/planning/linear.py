"""Linear programs in integers: columns with bounds, rows with bounds, many programs put side by side.

minimise c·x   where   lower ≤ x ≤ upper,   low ≤ A x ≤ high,   x whole where `whole` says so
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Rows(NamedTuple):
    """k rows, row-wise: the entries of row i are from `start[i]` to `start[i + 1]`."""

    low: Floats
    high: Floats
    start: Ints
    column: Ints
    value: Floats


class Linear(NamedTuple):
    """A program without its objective."""

    lower: Floats
    upper: Floats
    whole: Bools
    rows: Rows

    @property
    def columns(self) -> int:
        return len(self.lower)


class Drawing:
    """A program on the drawing board: `column` and `row` add to it, `done` gives it."""

    def __init__(self) -> None:
        self._columns: list[tuple[float, float, bool]] = []
        self._bounds: list[tuple[float, float]] = []
        self._start, self._index, self._value = [0], list[int](), list[float]()

    def column(self, upper: float, *, whole: bool) -> int:
        """A column from 0 to `upper`; its number."""
        self._columns.append((0.0, upper, whole))
        return len(self._columns) - 1

    def row(self, entries: Sequence[tuple[int, int]], *, low: float = -np.inf, high: float = np.inf) -> int:
        """A row of (column, coefficient); its number."""
        self._index += [column for column, _ in entries]
        self._value += [float(value) for _, value in entries]
        self._start.append(len(self._index))
        self._bounds.append((low, high))
        return len(self._bounds) - 1

    def done(self) -> Linear:
        """The program."""
        columns = np.array(self._columns, dtype=np.float64).reshape(-1, 3)
        bounds = np.array(self._bounds, dtype=np.float64).reshape(-1, 2)
        rows = Rows(
            bounds[:, 0].copy(),
            bounds[:, 1].copy(),
            np.array(self._start, dtype=np.int32),
            np.array(self._index, dtype=np.int32),
            np.array(self._value),
        )
        return Linear(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2] != 0, rows)


NO_ROWS: Final = Drawing().done().rows


def sums(numbers: Ints, values: Floats, low: Floats, high: Floats) -> Rows:
    """Rows of which each column is in one at most: that of its number, or in none if its number is below 0."""
    column = np.argsort(numbers, kind="stable").astype(np.int32)
    column = column[np.count_nonzero(numbers < 0) :]
    start = np.concatenate([[0], np.cumsum(np.bincount(numbers[column], minlength=len(low)))]).astype(np.int32)
    return Rows(low, high, start, column, values[column])


def stacked(parts: Sequence[Rows], offsets: Sequence[int]) -> Rows:
    """All rows, those of each part about columns that begin at its offset."""
    starts, behind = [np.zeros(1, np.int32)], 0
    for part in parts:
        starts.append((part.start[1:] + behind).astype(np.int32))
        behind += len(part.column)
    index = [(part.column + offset).astype(np.int32) for part, offset in zip(parts, offsets, strict=True)]
    return Rows(
        np.concatenate([NO_ROWS.low, *(part.low for part in parts)]),
        np.concatenate([NO_ROWS.high, *(part.high for part in parts)]),
        np.concatenate(starts),
        np.concatenate([NO_ROWS.column, *index]),
        np.concatenate([NO_ROWS.value, *(part.value for part in parts)]),
    )


def beside(parts: Sequence[Linear]) -> Linear:
    """Programs that share nothing, as one: their columns in this order."""
    offsets = np.cumsum([0, *(part.columns for part in parts)])[:-1].tolist()
    empty = Drawing().done()
    return Linear(
        np.concatenate([empty.lower, *(part.lower for part in parts)]),
        np.concatenate([empty.upper, *(part.upper for part in parts)]),
        np.concatenate([empty.whole, *(part.whole for part in parts)]),
        stacked([part.rows for part in parts], offsets),
    )


def products(rows: Rows, x: Floats) -> Floats:
    """A x."""
    number = np.repeat(np.arange(len(rows.low)), np.diff(rows.start))
    return np.bincount(number, rows.value * x[rows.column], len(rows.low)).astype(np.float64)


def reduced_costs(program: Linear, costs: Floats, multipliers: Floats) -> Floats:
    """c − Aᵀy."""
    rows = program.rows
    number = np.repeat(np.arange(len(rows.low)), np.diff(rows.start))
    return costs - np.bincount(rows.column, rows.value * multipliers[number], program.columns)


def dual_bound(program: Linear, costs: Floats, multipliers: Floats) -> tuple[float, Floats]:
    """What no solution of the relaxed program can be below, by weak duality alone; the reduced costs.

    Any y gives a bound, whoever found it: for every feasible x is c·x = (c − Aᵀy)·x + y·Ax, and each term is at least what
    it is at the better of its two bounds. A multiplier that leans on a bound which is not there is taken as zero; a reduced
    cost that does makes the bound −∞. Nothing of the solver has to be believed but that it multiplies as we do.
    """
    rows = program.rows
    leaning = np.where(multipliers > 0, rows.low, rows.high)
    y = np.where((multipliers != 0) & np.isfinite(leaning), multipliers, 0.0)
    reduced = reduced_costs(program, costs, y)
    at = np.where(reduced > 0, program.lower, program.upper)
    used, moved = y != 0, reduced != 0
    return float(y[used] @ leaning[used] + reduced[moved] @ at[moved]), reduced


def fits(program: Linear, x: Floats) -> bool:
    """Whether whole numbers `x` satisfy every bound and row, exactly."""
    found = products(program.rows, x)
    inside = (program.lower <= x) & (x <= program.upper)
    return bool(inside.all() and (program.rows.low <= found).all() and (found <= program.rows.high).all())


def neighbours(rows: Rows, columns: Bools, local: Bools) -> Bools:
    """These columns and all that share one of the local rows with them."""
    number = np.repeat(np.arange(len(rows.low)), np.diff(rows.start))
    touched = np.zeros(len(rows.low), np.bool_)
    touched[number[columns[rows.column]]] = True
    found = columns.copy()
    found[rows.column[(touched & local)[number]]] = True
    return found


def without(program: Linear, gone: Bools) -> Linear:
    """The program with these columns, all of which may be 0, left at 0."""
    rows = program.rows
    kept = ~gone[rows.column]
    number = np.repeat(np.arange(len(rows.low)), np.diff(rows.start))[kept]
    start = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(rows.low)))]).astype(np.int32)
    place = (np.cumsum(~gone) - 1).astype(np.int32)
    fewer = Rows(rows.low, rows.high, start, place[rows.column[kept]], rows.value[kept])
    return Linear(program.lower[~gone], program.upper[~gone], program.whole[~gone], fewer)
