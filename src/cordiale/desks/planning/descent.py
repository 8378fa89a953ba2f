"""A program minimised in one objective after another, each held at its value before the next, and every value proven.

A step solves the relaxed program. Its multipliers give a bound that is computed again here (`linear.dual_bound`), and that is
rounded up to the next value which whole numbers can have. If the relaxed solution is whole, it is the best. Otherwise HiGHS
branches, until its bound is within the gap asked for.

Held is a value v by the row c·x ≤ v; and a column stays at 0 where one unit of it would cost more than v: bound + reduced cost
> v. Where v is the relaxed optimum itself, this row cuts out a face of the polytope, whose corners are corners of it: a
totally unimodular program stays one through all stages.
"""

from collections.abc import Sequence
from functools import reduce
from math import ceil, gcd
from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.planning.demand import Proof
from cordiale.desks.planning.linear import Bools, Floats, Linear, Rows, dual_bound, fits, stacked
from cordiale.desks.planning.rounding import Search, near
from cordiale.desks.planning.solver import Deadline, Solver

SLACK: Final = 1e-4
"""By how much, of the smallest step an objective can make, a bound may lie above a value of whole numbers by rounding alone."""


class Reached(NamedTuple):
    """A value, what nothing can be below, and how that was proven."""

    value: float
    bound: float
    proof: Proof


class Descent:
    """A program, what is left of it, and the best solution so far, in whole numbers; it begins with one."""

    def __init__(self, program: Linear, crowded: Bools, start: Floats) -> None:
        self.program, self.best = program, start
        self._crowded: Final = crowded
        self._solver = Solver(program)

    def descend(self, objectives: Sequence[Floats], wish: Floats, gap: float, deadline: Deadline) -> list[Reached]:
        """Minimise c·x for each of these (non-negative integers) in turn, and hold it; at last a wish, which is not held.

        First all are relaxed, and whole numbers are looked for once, that reach every bound. If there are none at hand, each is
        brought to whole numbers before the next. What time does not allow is left, and the bounds say so.
        """
        before = self.program
        bounds = self._chained(objectives, wish, gap, deadline)
        if bounds is None:
            self.program, self._solver = before, Solver(before)
            held = [self.minimise(costs, gap, deadline) for costs in objectives]
            reached, _ = self._relaxed(wish, (1, 2), gap, deadline)
            return [*held, reached]
        return [
            *(Reached(bound, bound, "dual") for bound in bounds[:-1]),
            Reached(self.value(wish), bounds[-1], "dual"),
        ]

    def _chained(
        self, objectives: Sequence[Floats], wish: Floats, gap: float, deadline: Deadline
    ) -> list[float] | None:
        bounds: list[float] = []
        x = self.best
        for costs in objectives:
            step, floor = _step(costs), float(costs @ self.program.lower)
            if not step or floor == float(costs @ x):
                bounds.append(floor)
                self._hold(costs, floor, None)
                continue
            relaxed = self._solver.relaxed(costs, deadline)
            if relaxed.ended != "optimal":
                return None
            x = relaxed.x
            least, reduced = dual_bound(self.program, costs, relaxed.multipliers)
            bounds.append(max(floor, ceil(least / step - SLACK) * step))
            self._hold(costs, bounds[-1], reduced + least)
        relaxed = self._solver.relaxed(wish, deadline)
        if relaxed.ended != "optimal":
            return None
        least, _ = dual_bound(self.program, wish, relaxed.multipliers)
        bounds.append(ceil(least - SLACK))
        found = self._taken(np.rint(relaxed.x)) or any(
            self._taken(near(self.program, relaxed.x, wish, self.search(gap, deadline, hops))) for hops in (1, 2)
        )
        return bounds if found else None

    def minimise(self, costs: Floats, gap: float, deadline: Deadline) -> Reached:
        """One objective, in whole numbers, held."""
        reached, if_left = self._relaxed(costs, (1,), gap, deadline)
        if apart(reached, gap):
            reached = self._branched(costs, gap, deadline, reached)
        self._hold(costs, reached.value, if_left)
        return reached

    def _relaxed(
        self, costs: Floats, hops: Sequence[int], gap: float, deadline: Deadline
    ) -> tuple[Reached, Floats | None]:
        """What is reached without branching, and what `_hold` takes."""
        step, floor = _step(costs), float(costs @ self.program.lower)
        if not step or floor == self.value(costs):
            return Reached(floor, floor, "dual"), None
        relaxed = self._solver.relaxed(costs, deadline)
        if relaxed.ended != "optimal":
            return Reached(self.value(costs), floor, "none"), None
        least, reduced = dual_bound(self.program, costs, relaxed.multipliers)
        bound = max(floor, ceil(least / step - SLACK) * step)
        self._offer(np.rint(relaxed.x), costs)
        for each in hops:
            if apart(Reached(self.value(costs), bound, "dual"), gap):
                self._offer(near(self.program, relaxed.x, costs, self.search(gap, deadline, each)), costs)
        return Reached(self.value(costs), bound, "dual"), reduced + least

    def tightened(self, costs: Floats, gap: float, deadline: Deadline, before: Reached) -> Reached:
        """A wish once more, by branching."""
        return self._branched(costs, gap, deadline, before)

    def search(self, gap: float, deadline: Deadline, hops: int) -> Search:
        """In all of the program; rows that hold objectives are in neither mask."""
        held = np.zeros(len(self.program.rows.low) - len(self._crowded), np.bool_)
        return Search(gap, deadline, np.append(self._crowded, held), np.append(~self._crowded, held), hops)

    def value(self, costs: Floats) -> float:
        """c·x of the best solution."""
        return float(costs @ self.best)

    def _branched(self, costs: Floats, gap: float, deadline: Deadline, before: Reached) -> Reached:
        step = _step(costs)
        known = self.best if fits(self.program, self.best) else None
        found = self._solver.branched(costs, gap, deadline.half(), known)
        self._offer(found.x, costs)
        bound = ceil(found.bound / step - SLACK) * step if np.isfinite(found.bound) else before.bound
        value = self.value(costs)
        if bound <= before.bound:
            return before._replace(value=value)
        return Reached(value, min(bound, value), "branch")

    def _offer(self, x: Floats | None, costs: Floats) -> None:
        if x is not None and costs @ x < self.value(costs):
            self._taken(x)

    def _taken(self, x: Floats | None) -> bool:
        if x is None or not fits(self.program, x):
            return False
        self.best = x
        return True

    def _hold(self, costs: Floats, value: float, if_left: Floats | None) -> None:
        """`if_left` is what a solution costs at least in which a column is one above its lower bound."""
        used = np.flatnonzero(costs).astype(np.int32)
        row = Rows(np.array([-np.inf]), np.array([value]), np.array([0, len(used)], np.int32), used, costs[used])
        program = self.program
        upper = program.upper
        if if_left is not None:
            upper = np.where(if_left > value + SLACK, program.lower, upper)
        self.program = program._replace(upper=upper, rows=stacked((program.rows, row), (0, 0)))
        self._solver.add(row)
        self._solver.bounds(program.lower, upper)


def _step(costs: Floats) -> int:
    return reduce(gcd, costs.astype(np.int64).tolist(), 0)


def apart(reached: Reached, gap: float) -> bool:
    """Whether a value is further from its bound than the gap allows."""
    return reached.value - reached.bound > gap * reached.value
