"""The stages of a matching, in their order, and what each minimises.

    shortfall-1 … shortfall-9   Σ weight × thousandths missing, of the requirements of one priority; a lesser one gives way entirely
    caveats                     units given under a caveat that is unwelcome where they serve, once for each such caveat
    fairness                    max over nations of units given ÷ the nation's key
    total                       units given

Shortfalls and caveats are minimised in each part by itself. Fairness joins all parts: the relaxed program gives a bound for the
greatest share, then the least share that whole units can have (one of k ÷ key) is searched by bisection, each candidate with
⌊share × key⌋ units at most for each nation. The last stage runs under these ceilings.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.planning.demand import WHOLE, Proof, Stage
from cordiale.desks.planning.descent import SLACK, Descent, Reached
from cordiale.desks.planning.fit import Tables
from cordiale.desks.planning.linear import Drawing, Floats, Linear, beside, dual_bound, stacked
from cordiale.desks.planning.part import Part
from cordiale.desks.planning.solver import Deadline, Solver
from cordiale.vocab.party import Nation

_STRENGTH: Final[tuple[Proof, ...]] = ("dual", "enumerated", "branch", "none")


class Terms(NamedTuple):
    """How far a stage must be proven, by when, and each nation's key."""

    gap: float
    deadline: Deadline
    keys: Mapping[Nation, int]


class Outcome(NamedTuple):
    """Units of every pair, part by part, and the stages."""

    units: list[list[int]]
    stages: tuple[Stage, ...]


def run(tables: Tables, parts: Sequence[Part], terms: Terms) -> Outcome:
    """All stages."""
    descents = [Descent(part.program, _nothing(part)) for part in parts]
    names, objectives = _objectives(tables, parts)
    reached = [
        each.descend(rows, terms.gap, terms.deadline) for each, rows in zip(descents, objectives, strict=True)
    ]
    hopeless = _hopeless(tables, parts)
    stages = [_stage(name, [own[at] for own in reached], hopeless.get(name, 0)) for at, name in enumerate(names)]
    joint = _Joint(tables, parts, descents, terms)
    stages += [joint.fairness(), joint.total()]
    offsets = np.cumsum([0, *(part.program.columns for part in parts)])
    units = [
        joint.descent.best[offset : offset + len(part.pairs)].astype(np.int64).tolist()
        for part, offset in zip(parts, offsets[:-1].tolist(), strict=True)
    ]
    return Outcome(units, tuple(stages))


def _nothing(part: Part) -> Floats:
    """Nobody gives anything: always a solution."""
    x = np.zeros(part.program.columns)
    for column, _ in part.shortfalls.values():
        x[column] = part.program.upper[column]
    return x


def _objectives(tables: Tables, parts: Sequence[Part]) -> tuple[list[str], list[list[Floats]]]:
    """The names of the stages that do not join the parts, and their costs in each part."""
    priorities = sorted({each.priority for each in tables.requirements})
    names = [*(f"shortfall-{priority}" for priority in priorities), "caveats"]
    return names, [[*(_missing(tables, part, each) for each in priorities), _against(part)] for part in parts]


def _missing(tables: Tables, part: Part, priority: int) -> Floats:
    row = np.zeros(part.program.columns)
    for number, (column, unit) in part.shortfalls.items():
        if tables.requirements[number].priority == priority:
            row[column] = tables.requirements[number].weight * unit
    return row


def _hopeless(tables: Tables, parts: Sequence[Part]) -> dict[str, float]:
    """What is missing in requirements that nothing fits, by stage."""
    found: dict[str, float] = {}
    for number in set(range(len(tables.requirements))).difference(*(part.shortfalls for part in parts)):
        required, name = tables.requirements[number], f"shortfall-{tables.requirements[number].priority}"
        found[name] = found.get(name, 0) + required.weight * required.quantity * WHOLE
    return found


def _against(part: Part) -> Floats:
    row = np.zeros(part.program.columns)
    row[: len(part.pairs)] = [len(pair.against) for pair in part.pairs]
    return row


def _stage(name: str, reached: Sequence[Reached], besides: float) -> Stage:
    """Parts share nothing, so that their values and their bounds add up; the weakest proof is the proof."""
    proof = max((each.proof for each in reached), key=_STRENGTH.index, default="dual")
    return Stage(name, besides + sum(each.value for each in reached), besides + sum(each.bound for each in reached), proof)


class _Joint:
    """All parts with a row for each nation: what it gives."""

    def __init__(self, tables: Tables, parts: Sequence[Part], descents: Sequence[Descent], terms: Terms) -> None:
        self._terms = terms
        program = beside([each.program for each in descents])
        self._given = self._columns_of(tables, parts)
        self._nations = sorted(self._given)
        self._keys = [terms.keys[nation] for nation in self._nations]
        self._first = len(program.rows.low)
        drawing = Drawing()
        for nation in self._nations:
            drawing.row([(column, 1) for column in self._given[nation]], high=float(program.columns) * 1e9)
        self._free = program
        rows = stacked((program.rows, drawing.done().rows), (0, 0))
        best = np.concatenate([np.zeros(0), *(each.best for each in descents)])
        self.descent = Descent(program._replace(rows=rows), best)
        self._costs = np.zeros(program.columns)
        self._costs[list(chain.from_iterable(self._given.values()))] = 1

    @staticmethod
    def _columns_of(tables: Tables, parts: Sequence[Part]) -> dict[Nation, list[int]]:
        found: dict[Nation, list[int]] = {}
        offset = 0
        for part in parts:
            for column, pair in enumerate(part.pairs, offset):
                found.setdefault(tables.offers[pair.offer].nation, []).append(column)
            offset += part.program.columns
        return found

    def fairness(self) -> Stage:
        """The least greatest share, and the ceilings that follow from it."""
        reached = self._searched()
        self._ceilings(reached.value)
        return Stage("fairness", *reached)

    def total(self) -> Stage:
        """The fewest units, under the ceilings."""
        return Stage("total", *self.descent.minimise(self._costs, self._terms.gap, self._terms.deadline))

    def _searched(self) -> Reached:
        bound, proof = self._relaxed()
        shares = self._shares(bound)
        low, high, aim, reach = 0, len(shares) - 1, 0, 64
        while low < high and shares[high] - shares[low] > self._terms.gap * shares[high]:
            self._ceilings(shares[aim])
            found = self.descent.feasible(self._costs, self._terms.deadline)
            if found is None:
                break
            if found:
                high = shares.index(self._share())
            else:
                low, proof = aim + 1, "branch"
            aim = min((low + high) // 2, low + reach)
            reach *= 2
        value = self._share()
        return Reached(value, min(max(bound, shares[low]), value) if shares else value, proof)

    def _relaxed(self) -> tuple[float, Proof]:
        """A bound for the greatest share, from a program with one more column."""
        if not self._nations:
            return 0.0, "dual"
        free, share = self._free, self._free.columns
        drawing = Drawing()
        for nation, key in zip(self._nations, self._keys, strict=True):
            drawing.row([*((column, 1) for column in self._given[nation]), (share, -key)], high=0)
        program = Linear(
            np.append(free.lower, 0.0),
            np.append(free.upper, self._share()),
            np.append(free.whole, False),
            stacked((free.rows, drawing.done().rows), (0, 0)),
        )
        costs = np.zeros(program.columns)
        costs[share] = 1
        found = Solver(program).relaxed(costs, self._terms.deadline)
        if found.ended != "optimal":
            return 0.0, "none"
        return max(0.0, dual_bound(program, costs, found.multipliers)[0]), "dual"

    def _share(self) -> float:
        """The greatest share of the best solution."""
        given = (float(self.descent.best[self._given[nation]].sum()) for nation in self._nations)
        return max((units / key for units, key in zip(given, self._keys, strict=True)), default=0.0)

    def _shares(self, bound: float) -> list[float]:
        """Every share from the bound up to what there is already, that some nation's whole units can have."""
        most = self._share()
        return sorted(
            {
                units / key
                for key in self._keys
                for units in range(max(0, ceil(bound * key - SLACK)), floor(most * key + SLACK) + 1)
            }
            | {most}
        )

    def _ceilings(self, share: float) -> None:
        self.descent.ceiling(self._first, np.array([float(floor(share * key + SLACK)) for key in self._keys]))


