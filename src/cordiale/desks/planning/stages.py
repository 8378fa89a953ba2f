"""The stages of a matching, in their order, and what each minimises.

    shortfall-1 … shortfall-9   Σ weight × thousandths missing, over one priority's requirements; a lesser one gives way
    caveats                     units given under a caveat that is unwelcome where they serve, once for each such caveat
    fairness                    max over nations of units given ÷ the nation's key
    total                       units given

Shortfalls and caveats are minimised in each part by itself (`descent`), fairness and the total in all together (`joint`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from cordiale.desks.planning.demand import WHOLE, Proof, Stage
from cordiale.desks.planning.descent import Descent, Reached, apart
from cordiale.desks.planning.fit import Tables
from cordiale.desks.planning.joint import Joint, Terms
from cordiale.desks.planning.linear import Floats
from cordiale.desks.planning.part import Part

_STRENGTH: Final[tuple[Proof, ...]] = ("dual", "enumerated", "branch", "none")


class Outcome(NamedTuple):
    """Units of every pair, part by part, and the stages."""

    units: list[list[int]]
    stages: tuple[Stage, ...]


def run(tables: Tables, parts: Sequence[Part], terms: Terms) -> Outcome:
    """All stages."""
    descents = [Descent(part.program, part.crowded, _nothing(part)) for part in parts]
    names, objectives = _objectives(tables, parts)
    wishes = [_units(part) for part in parts]
    reached = [
        each.descend(rows, wish, terms.gap, terms.deadline)
        for each, rows, wish in zip(descents, objectives, wishes, strict=True)
    ]
    totals = _tightened(descents, wishes, [own[-1] for own in reached], terms)
    joint = Joint(tables, parts, descents, terms)
    last = joint.minimise(_summed(totals))
    found = joint.split([part.program.columns for part in parts])
    hopeless = _hopeless(tables, parts)
    stages: list[Stage] = []
    for at, name in enumerate(names):
        _, bound, proof = _summed([own[at] for own in reached])
        value = sum(float(rows[at] @ x) for rows, x in zip(objectives, found, strict=True))
        besides = hopeless.get(name, 0)
        stages.append(Stage(name, besides + value, besides + bound, proof))
    stages += [Stage(name, *each) for name, each in zip(("fairness", "total"), last, strict=True)]
    units = [x[: len(part.pairs)].astype(np.int64).tolist() for part, x in zip(parts, found, strict=True)]
    return Outcome(units, tuple(stages))


def _tightened(
    descents: Sequence[Descent], wishes: Sequence[Floats], before: Sequence[Reached], terms: Terms
) -> list[Reached]:
    """Totals of the parts, those that are furthest from their bounds tightened until the sum is within the gap."""
    found = list(before)
    for at in sorted(range(len(found)), key=lambda each: before[each].bound - before[each].value):
        if apart(_summed(found), terms.gap):
            found[at] = descents[at].tightened(wishes[at], terms.gap, terms.deadline, found[at])
    return found


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


def _units(part: Part) -> Floats:
    row = np.zeros(part.program.columns)
    row[: len(part.pairs)] = 1
    return row


def _summed(reached: Sequence[Reached]) -> Reached:
    """Parts share nothing, so that their values and their bounds add up; the weakest proof is the proof."""
    proof = _STRENGTH[max((_STRENGTH.index(each.proof) for each in reached), default=0)]
    return Reached(sum(each.value for each in reached), sum(each.bound for each in reached), proof)
