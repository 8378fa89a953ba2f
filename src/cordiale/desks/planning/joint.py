"""Fairness and the total, which join all parts: a row for each nation says what it gives.

The greatest share T of a nation, units given ÷ key, can be no less than what keeps Σ λₙ⌊T·keyₙ⌋ ≥ D, where D is the least of
Σ λₙ·givenₙ, for whatever λ: nations give whole units, nation n at most ⌊T·keyₙ⌋. First λ is 1 for all, and D what the parts'
least totals come to. Units are then moved between nations (`balance`) until the least such share is reached, or nearly. Nothing
is given more for it, so that the total is proven as well.

Where some nations cannot be relieved by others, that bound is too low. Then λ are the multipliers of the nations' rows in the
relaxed program that minimises T, and shares from the bound on are tried one by one: each gives the nations these ceilings and
minimises the total. A column whose reduced cost takes it above the share that is tried stays at 0.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain
from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.planning.balance import Balance
from cordiale.desks.planning.demand import Proof
from cordiale.desks.planning.descent import SLACK, Descent, Reached, apart
from cordiale.desks.planning.fit import Tables
from cordiale.desks.planning.linear import Drawing, Floats, Linear, beside, dual_bound, fits, stacked
from cordiale.desks.planning.part import Part
from cordiale.desks.planning.rounding import Search, near, priced
from cordiale.desks.planning.solver import Deadline, Ended, Solver
from cordiale.vocab.party import Nation

_STRIDE: Final = 8
"""One column in so many is there when a relaxed program is begun."""
_ROUNDING: Final = 1e-9


class Terms(NamedTuple):
    """How far a stage must be proven, by when, and each nation's key."""

    gap: float
    deadline: Deadline
    keys: Mapping[Nation, int]


class _Price(NamedTuple):
    """Σ price · units given is at least `least`; a column that is one above 0 adds `reduced` to that."""

    price: Floats
    least: float
    reduced: Floats

    def most(self, ceilings: Floats) -> float:
        """What that sum can be under these ceilings of the nations."""
        return float(self.price @ ceilings) + _ROUNDING * max(1.0, self.least)


class Joint:
    """All parts side by side, and the best solution of all, in whole numbers."""

    def __init__(self, tables: Tables, parts: Sequence[Part], descents: Sequence[Descent], terms: Terms) -> None:
        self._terms = terms
        self._program = beside([each.program for each in descents])
        self.best: Floats = np.concatenate([np.zeros(0), *(each.best for each in descents)])
        self._given = _given(tables, parts)
        self._keys = np.array([terms.keys[nation] for nation in self._given], dtype=np.float64)
        self._costs = np.zeros(self._program.columns)
        self._costs[list(chain.from_iterable(self._given.values()))] = 1
        self._pairs: Final = np.flatnonzero(self._costs)
        pairs = list(chain.from_iterable(part.pairs for part in parts))
        self._balance: Final = Balance(tables, pairs, self.best[self._pairs], list(self._given))
        own = [each.search(terms.gap, terms.deadline) for each in descents]
        joins = np.zeros(len(self._given), np.bool_)
        self._search: Final = Search(
            terms.gap,
            terms.deadline,
            np.concatenate([*(each.crowded for each in own), joins]),
            np.concatenate([*(each.own for each in own), joins]),
        )

    def minimise(self, total: Reached) -> tuple[Reached, Reached]:
        """The greatest share, then the total; given the parts' totals, which nothing can be below."""
        if not self._given:
            return Reached(0, 0, "dual"), Reached(0, 0, "dual")
        price = _Price(np.ones(len(self._keys)), total.bound, np.zeros(self._program.columns))
        shares = self._shares(price)
        fairness = self._balanced(shares, total.proof)
        if not (apart(fairness, self._terms.gap) or apart(total, self._terms.gap)):
            return fairness, total
        return self._searched(fairness, total)

    def split(self, columns: Sequence[int]) -> list[Floats]:
        """The best solution, part by part."""
        return np.split(self.best, np.cumsum(columns)[:-1]) if columns else []

    def _balanced(self, shares: Sequence[float], proof: Proof) -> Reached:
        """Units moved between nations to the least of these shares, or to one within the gap; the last is there already."""
        low, high, aim = 0, len(shares) - 1, 0
        enough = self._enough(shares, shares[0])
        while low < high and high > enough:
            units = self._balance.under(self._ceilings(shares[aim]), self._terms.deadline)
            if units is None:
                low = aim + 1
            else:
                high = aim
                self.best[self._pairs] = units
            aim = max(low, min(enough, high - 1)) if low <= enough else (low + high) // 2
        return Reached(self._share(), shares[0], proof)

    def _searched(self, fairness: Reached, free: Reached) -> tuple[Reached, Reached]:
        self._active = (self._costs == 0) | (self.best > 0)
        self._active[::_STRIDE] = True
        price, proof = self._priced()
        shares = [share for share in self._shares(price) if share >= fairness.bound]
        bound, known, total = shares[0], True, None
        if fairness.bound == bound:
            proof = fairness.proof
        low, high, reach = 0, len(shares) - 1, 1
        while low < high and apart(Reached(shares[high], bound, proof), self._terms.gap) and self._terms.deadline.left:
            further = self._enough(shares, max(bound, shares[low]), reach)
            aim = max(low, min(further, (low + high) // 2 if reach > 1 else high - 1))
            found = self._tried(shares[aim], price)
            if isinstance(found, Reached):
                high, total = shares.index(self._share()), found
            else:
                low, known = aim + 1, known and found == "infeasible"
                bound, proof = (shares[low], "enumerated") if known else (bound, proof)
                reach *= 2
        if total is None:
            total = self._tried(shares[high], price)
        if not isinstance(total, Reached):
            total = free._replace(value=float(self._costs @ self.best))
        finished = self._finished(total, shares[high])
        return Reached(self._share(), bound, proof), finished

    def _enough(self, shares: Sequence[float], bound: float, reach: int = 1) -> int:
        """The greatest share that is within so many gaps of a bound."""
        return bisect_right(shares, bound / (1 - self._terms.gap) ** reach) - 1

    def _priced(self) -> tuple[_Price, Proof]:
        """The relaxed program, with a column for the greatest share."""
        free, share = self._program, self._program.columns
        drawing = Drawing()
        for columns, key in zip(self._given.values(), self._keys.tolist(), strict=True):
            drawing.row([*((column, 1) for column in columns), (share, -key)], high=0)
        program = Linear(
            np.append(free.lower, 0.0),
            np.append(free.upper, self._share()),
            np.append(free.whole, False),
            stacked((free.rows, drawing.done().rows), (0, 0)),
        )
        costs, active = np.zeros(share + 1), np.append(self._active, True)
        costs[share] = 1
        found = priced(program, costs, active, self._terms.deadline)
        self._active |= active[:share]
        price = np.maximum(0.0, -found.multipliers[len(free.rows.low) :])
        weighed = np.zeros(share)
        for columns, each in zip(self._given.values(), price.tolist(), strict=True):
            weighed[columns] = each
        least, reduced = dual_bound(free, weighed, found.multipliers[: len(free.rows.low)])
        return _Price(price, least, reduced), "dual" if found.ended == "optimal" else "none"

    def _shares(self, price: _Price) -> list[float]:
        """Every share that whole units of some nation can have, from the least that is possible up to what there is already."""
        most = self._share()
        found = [np.array([most])]
        for columns, key in zip(self._given.values(), self._keys.tolist(), strict=True):
            units = min(floor(most * key + SLACK), int(self._program.upper[columns].sum()))
            found.append(np.arange(units + 1, dtype=np.float64) / key)
        shares = np.unique(np.concatenate(found))
        shares = shares[shares <= most].tolist()
        first = bisect_left(shares, True, key=lambda share: price.most(self._ceilings(share)) >= price.least)
        return shares[min(first, len(shares) - 1) :]

    def _tried(self, share: float, price: _Price) -> Reached | Ended:
        """Whether all can be below a share, and the least total if so; the solution is then the best."""
        program = self._under(share)
        above = price.least + price.reduced > price.most(self._ceilings(share))
        program = program._replace(upper=np.where(above, program.lower, program.upper))
        relaxed = priced(program, self._costs, self._active, self._terms.deadline)
        if relaxed.ended != "optimal":
            return relaxed.ended
        bound = float(ceil(relaxed.bound - SLACK))
        for hops in (0, 1, 2):
            if self._taken(program, near(program, relaxed.x, self._costs, self._search._replace(hops=hops))):
                return Reached(float(self._costs @ self.best), bound, "dual")
        branched = Solver(program).branched(self._costs, self._terms.gap, self._terms.deadline.half())
        if self._taken(program, branched.x):
            return Reached(float(self._costs @ self.best), bound, "dual")
        return "stopped" if branched.ended == "optimal" else branched.ended

    def _finished(self, total: Reached, share: float) -> Reached:
        """The total brought to within the gap, by branching if it isn't yet."""
        if not apart(total, self._terms.gap):
            return total
        program = self._under(share)
        found = Solver(program).branched(self._costs, self._terms.gap, self._terms.deadline.half())
        self._taken(program, found.x)
        value = float(self._costs @ self.best)
        bound = float(ceil(found.bound - SLACK)) if np.isfinite(found.bound) else 0.0
        return Reached(value, min(bound, value), "branch") if bound > total.bound else total._replace(value=value)

    def _under(self, share: float) -> Linear:
        """The program with a ceiling for each nation."""
        drawing = Drawing()
        for columns, high in zip(self._given.values(), self._ceilings(share).tolist(), strict=True):
            drawing.row([(column, 1) for column in columns], high=high)
        return self._program._replace(rows=stacked((self._program.rows, drawing.done().rows), (0, 0)))

    def _taken(self, program: Linear, x: Floats | None) -> bool:
        if x is None or not fits(program, x):
            return False
        self.best = x
        return True

    def _share(self) -> float:
        """The greatest share of the best solution."""
        given = np.array([self.best[columns].sum() for columns in self._given.values()])
        return float((given / self._keys).max())

    def _ceilings(self, share: float) -> Floats:
        return np.floor(share * self._keys + SLACK)


def _given(tables: Tables, parts: Sequence[Part]) -> dict[Nation, list[int]]:
    """The columns of all pairs by the nation that gives."""
    found: dict[Nation, list[int]] = {}
    offset = 0
    for part in parts:
        for column, pair in enumerate(part.pairs, offset):
            found.setdefault(tables.offers[pair.offer].nation, []).append(column)
        offset += part.program.columns
    return dict(sorted(found.items()))
