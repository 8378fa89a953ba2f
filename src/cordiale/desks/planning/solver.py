"""HiGHS behind one class: a program that is solved again and again, each time with another objective and less room.

One thread and one seed: the same program gives the same solution. (HiGHS: Q. Huangfu, J. A. J. Hall, “Parallelizing the dual
revised simplex method”, Math. Prog. Comp. 10, 2018.)
"""

import time
from typing import Any, Final, Literal, NamedTuple

import highspy
import numpy as np

from cordiale.desks.planning.linear import Bools, Floats, Linear, Rows

Ended = Literal["optimal", "infeasible", "stopped"]
_SEED: Final = 0
_ROUNDING: Final = 1e-6
_NO_TIME: Final = 0.0


class Deadline:
    """So many seconds from now, of the monotonic clock; the only thing by which two runs can differ."""

    def __init__(self, seconds: float) -> None:
        self._end: Final = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds."""
        return max(_NO_TIME, self._end - time.monotonic())

    def half(self) -> "Deadline":
        """Half of the time left: what one branching may take at most."""
        return Deadline(self.left / 2)


class Relaxed(NamedTuple):
    """A solution of the relaxed program and the multipliers of its rows."""

    ended: Ended
    x: Floats
    multipliers: Floats


class Branched(NamedTuple):
    """A solution in whole numbers, None if there is none yet, and HiGHS's bound."""

    ended: Ended
    x: Floats | None
    bound: float


class _Quiet(highspy.Highs):
    def enableCallbacks(self) -> None:  # noqa: N802
        """We use none, and setting them prints a banner to standard output."""


class Solver:
    """Holds a program; rows and tighter bounds may be added."""

    def __init__(self, program: Linear) -> None:
        self._highs: Any = _Quiet()
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", _SEED), ("parallel", "off")):
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_model(program))
        self._columns = np.arange(program.columns, dtype=np.int32)
        self._whole = program.whole

    def add(self, rows: Rows) -> None:
        """Further rows about the same columns."""
        count, entries = len(rows.low), len(rows.column)
        self._highs.addRows(count, rows.low, rows.high, entries, rows.start[:-1], rows.column, rows.value)

    def bounds(self, lower: Floats, upper: Floats) -> None:
        """New bounds of all columns."""
        self._highs.changeColsBounds(len(self._columns), self._columns, lower, upper)

    def ceilings(self, first: int, high: Floats) -> None:
        """New upper bounds of so many rows from the first on, which have no lower ones."""
        rows = np.arange(first, first + len(high), dtype=np.int32)
        self._highs.changeRowsBounds(len(rows), rows, np.full(len(rows), -np.inf), high)

    def relaxed(self, costs: Floats, deadline: Deadline) -> Relaxed:
        """Solve without asking for whole numbers."""
        if not deadline.left:
            return Relaxed("stopped", np.zeros(len(self._columns)), np.zeros(0))
        self._integrality(np.zeros(len(self._columns), np.bool_))
        ended = self._run(costs, deadline)
        found = self._highs.getSolution()
        return Relaxed(ended, np.array(found.col_value), np.array(found.row_dual))

    def branched(self, costs: Floats, gap: float, deadline: Deadline) -> Branched:
        """Solve in whole numbers to a relative gap."""
        if not deadline.left:
            return Branched("stopped", None, -np.inf)
        self._integrality(self._whole)
        self._highs.setOptionValue("mip_rel_gap", gap)
        ended = self._run(costs, deadline)
        info = self._highs.getInfo()
        if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return Branched(ended, None, float(info.mip_dual_bound))
        x = np.array(self._highs.getSolution().col_value)
        rounded = np.rint(x)
        x = np.where(self._whole | (np.abs(x - rounded) < _ROUNDING), rounded, x)
        return Branched(ended, x, float(info.mip_dual_bound))

    def _integrality(self, whole: Bools) -> None:
        self._highs.changeColsIntegrality(len(self._columns), self._columns, whole.astype(np.uint8))

    def _run(self, costs: Floats, deadline: Deadline) -> Ended:
        self._highs.changeColsCost(len(self._columns), self._columns, costs)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + deadline.left)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return "optimal"
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return "infeasible"
        return "stopped"


def _model(program: Linear) -> Any:
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.columns, len(program.rows.low)
    lp.col_cost_ = np.zeros(program.columns)
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.rows.low, program.rows.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = (
        program.rows.start,
        program.rows.column,
        program.rows.value,
    )
    return lp
