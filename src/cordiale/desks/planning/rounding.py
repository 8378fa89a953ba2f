"""Whole numbers near a relaxed solution, and large programs relaxed a few columns at a time."""

from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.planning.linear import Bools, Floats, Linear, dual_bound, neighbours, without
from cordiale.desks.planning.solver import Deadline, Ended, Solver

_WHOLE: Final = 1e-6
_ROUNDS: Final = 12
_EXACT: Final = 1e-7
_PRICED: Final = -1e-9


class Search(NamedTuple):
    """How near to its best a solution must be, by when, and where it is looked for."""

    gap: float
    deadline: Deadline
    crowded: Bools
    """Rows in which requirements meet."""
    own: Bools
    """Rows of one requirement. What is in neither mask joins everything, and makes no neighbours."""
    hops: int = 1


def near(program: Linear, x: Floats, costs: Floats, search: Search) -> Floats | None:
    """The best in whole numbers that is `x`, rounded, but for some requirements; None if there is none.

    Those are the requirements where `x` is not whole, and those served now by what they might take; with more hops, again.
    """
    free = program.whole & (np.abs(x - np.rint(x)) > _WHOLE)
    for _ in range(search.hops):
        free |= neighbours(program.rows, free, search.crowded | search.own) & (x > _WHOLE)
        for _ in range(2):  # from units to what is missing and whether an offer serves, and from there to all units
            free = neighbours(program.rows, free, search.own)
    free |= ~program.whole
    fixed = np.clip(np.rint(x), program.lower, program.upper)
    bounded = program._replace(lower=np.where(free, program.lower, fixed), upper=np.where(free, program.upper, fixed))
    return Solver(bounded).branched(costs, search.gap, search.deadline.half()).x


def between(program: Linear, x: Floats, best: Floats, costs: Floats, gap: float, deadline: Deadline) -> Floats | None:
    """The best in whole numbers that is as `best` wherever `x` is so, too (Danna, Rothberg & Le Pape 2005)."""
    free = (np.abs(x - best) > _WHOLE) | ~program.whole
    fixed = np.clip(best, program.lower, program.upper)
    bounded = program._replace(lower=np.where(free, program.lower, fixed), upper=np.where(free, program.upper, fixed))
    return Solver(bounded).branched(costs, gap, deadline.half()).x


class Priced(NamedTuple):
    """A solution of the relaxed program, a bound for all solutions of it, and what the bound rests on."""

    ended: Ended
    x: Floats
    bound: float
    reduced: Floats
    multipliers: Floats


def priced(program: Linear, costs: Floats, active: Bools, deadline: Deadline) -> Priced:
    """Solve the relaxed program with the active columns only, add those that would have made it better, until none would.

    The bound is always one of the whole program: columns that were left out are in it (Dantzig & Wolfe 1960). `active`
    grows. Columns that are not active must be able to be 0.
    """
    active |= program.lower > 0
    x, reduced = np.zeros(program.columns), costs
    multipliers, bound = np.zeros(len(program.rows.low)), -np.inf
    for _ in range(_ROUNDS):
        found = Solver(without(program, ~active)).relaxed(costs[active], deadline)
        possible = program.upper > program.lower
        if found.ended == "infeasible" and not (active | ~possible).all():
            active |= possible
            continue
        if found.ended != "optimal":
            return Priced(found.ended, x, bound, reduced, multipliers)
        x = np.zeros(program.columns)
        x[active] = found.x
        multipliers = found.multipliers
        bound, reduced = dual_bound(program, costs, multipliers)
        if costs @ x - bound <= _EXACT * max(1.0, abs(bound)):
            break
        active |= (reduced < _PRICED) & possible
    return Priced("optimal", x, bound, reduced, multipliers)
