"""A program minimised in one objective after another, each held at its value before the next, and every value proven.

A step solves the relaxed program. Its multipliers give a bound that is computed again here (`linear.dual_bound`), and that is
rounded up to the next value which whole numbers can have. If the relaxed solution is whole, it is the best. Otherwise whole
numbers are looked for close to it; and if they do not reach the bound, HiGHS branches, among what would be better by more than
the gap only: either it finds that, or there is nothing, and that is the proof.

Held is a value v by the row c·x ≤ v; and a column stays at its bound where one unit off it would cost more than v: bound +
reduced cost > v. Where v is the relaxed optimum itself, this row cuts out a face of the polytope, whose corners are corners of
it: a totally unimodular program stays one through all stages.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from math import ceil, gcd
from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.planning.demand import Proof
from cordiale.desks.planning.linear import Bools, Floats, Linear, Rows, dual_bound, fits, stacked
from cordiale.desks.planning.rounding import Search, between, near
from cordiale.desks.planning.solver import Deadline, Solver

_SHAKES: Final = 3
"""How many other relaxed solutions are looked around."""
_SHAKEN: Final = 1e-4
"""How much shaken costs differ, in the smallest step that an objective can make."""
SLACK: Final = 1e-4
"""By how much, of the smallest step an objective can make, a bound may lie above a value of whole numbers by rounding alone."""


class Reached(NamedTuple):
    """A value, what nothing can be below, and how that was proven."""

    value: float
    bound: float
    proof: Proof


class Dual(NamedTuple):
    """A bound by weak duality, and what a unit of each column adds to it."""

    least: float
    reduced: Floats

    def within(self, program: Linear, value: float) -> Linear:
        """The program without what costs more than a value: columns that are at a bound because one off it would be too much."""
        above, below = self.least + self.reduced > value + SLACK, self.least - self.reduced > value + SLACK
        return program._replace(
            lower=np.where(below, program.upper, program.lower),
            upper=np.where(above, program.lower, program.upper),
        )


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
            reached, _ = self._relaxed(wish, gap, deadline)
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
            self._hold(costs, bounds[-1], Dual(least, reduced))
        relaxed = self._solver.relaxed(wish, deadline)
        if relaxed.ended != "optimal":
            return None
        found = Dual(*dual_bound(self.program, wish, relaxed.multipliers))
        bounds.append(ceil(found.least - SLACK))
        nearby = self._nearby(wish, relaxed.x, found.within(self.program, bounds[-1] * (1 + gap)), gap, deadline)
        return bounds if any(self._taken(each) for each in nearby) else None

    def _nearby(
        self, costs: Floats, x: Floats, program: Linear, gap: float, deadline: Deadline
    ) -> Iterator[Floats | None]:
        """Whole numbers near relaxed solutions: `x`, and others as good as it, for the costs are shaken by next to nothing.

        Of the many solutions that are equally good, the solver gives one corner; near another there may be what is not near this.
        """
        random, search = np.random.default_rng(0), self.search(gap, deadline)
        yield np.rint(x)
        yield near(program, x, costs, search)
        for _ in range(_SHAKES):
            shaken = self._solver.relaxed(costs + _SHAKEN * _step(costs) * random.random(len(costs)), deadline)
            if shaken.ended == "optimal":
                yield near(program, shaken.x, costs, search)

    def minimise(self, costs: Floats, gap: float, deadline: Deadline) -> Reached:
        """One objective, in whole numbers, held."""
        reached, dual = self._relaxed(costs, gap, deadline)
        if apart(reached, gap):
            reached = self._branched(costs, gap, deadline, reached, dual)
        self._hold(costs, reached.value, dual)
        return reached

    def _relaxed(self, costs: Floats, gap: float, deadline: Deadline) -> tuple[Reached, Dual | None]:
        """What is reached without branching, and what the bound comes from."""
        step, floor = _step(costs), float(costs @ self.program.lower)
        if not step or floor == self.value(costs):
            return Reached(floor, floor, "dual"), None
        relaxed = self._solver.relaxed(costs, deadline)
        if relaxed.ended != "optimal":
            return Reached(self.value(costs), floor, "none"), None
        found = Dual(*dual_bound(self.program, costs, relaxed.multipliers))
        bound = max(floor, ceil(found.least / step - SLACK) * step)
        self._offer(np.rint(relaxed.x), costs)
        if apart(Reached(self.value(costs), bound, "dual"), gap):
            self._offer(between(self.program, relaxed.x, self.best, costs, gap, deadline), costs)
        return Reached(self.value(costs), bound, "dual"), found

    def tightened(self, costs: Floats, gap: float, deadline: Deadline, before: Reached) -> Reached:
        """A wish once more, by branching."""
        relaxed = self._solver.relaxed(costs, deadline)
        dual = Dual(*dual_bound(self.program, costs, relaxed.multipliers)) if relaxed.ended == "optimal" else None
        return self._branched(costs, gap, deadline, before, dual)

    def search(self, gap: float, deadline: Deadline) -> Search:
        """In all of the program; rows that hold objectives are in neither mask."""
        held = np.zeros(len(self.program.rows.low) - len(self._crowded), np.bool_)
        return Search(gap, deadline, np.append(self._crowded, held), np.append(~self._crowded, held))

    def value(self, costs: Floats) -> float:
        """c·x of the best solution."""
        return float(costs @ self.best)

    def _branched(self, costs: Floats, gap: float, deadline: Deadline, before: Reached, dual: Dual | None) -> Reached:
        """Only what is better by more than the gap is looked for; that there is nothing is a proof, too."""
        step, value = _step(costs), self.value(costs)
        better = (ceil(value * (1 - gap) / step - SLACK) - 1) * step
        program = self.program if dual is None else dual.within(self.program, better)
        solver = Solver(program)
        solver.add(_at_most(costs, better))
        found = solver.branched(costs, gap, deadline.half())
        self._offer(found.x, costs)
        if found.ended == "infeasible":
            bound = better + step
        else:
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

    def _hold(self, costs: Floats, value: float, dual: Dual | None) -> None:
        row = _at_most(costs, value)
        program = dual.within(self.program, value) if dual is not None else self.program
        self.program = program._replace(rows=stacked((program.rows, row), (0, 0)))
        self._solver.add(row)
        self._solver.bounds(program.lower, program.upper)


def _at_most(costs: Floats, value: float) -> Rows:
    """The row c·x ≤ v."""
    used = np.flatnonzero(costs).astype(np.int32)
    return Rows(np.array([-np.inf]), np.array([value]), np.array([0, len(used)], np.int32), used, costs[used])


def _step(costs: Floats) -> int:
    return reduce(gcd, costs.astype(np.int64).tolist(), 0)


def apart(reached: Reached, gap: float) -> bool:
    """Whether a value is further from its bound than the gap allows."""
    return reached.value - reached.bound > gap * reached.value
