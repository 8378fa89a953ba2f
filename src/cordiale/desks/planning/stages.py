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
from cordiale.desks.planning.descent import Descent, Reached
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
    hopeless = _hopeless(tables, parts)
    stages = [_stage(name, [own[at] for own in reached], hopeless.get(name, 0)) for at, name in enumerate(names)]
    least = _stage("total", [own[-1] for own in reached], 0)
    joint = Joint(tables, parts, descents, terms)
    fairness, total = joint.minimise(Reached(least.value, least.bound, least.proof))
    stages += [Stage("fairness", *fairness), Stage("total", *total)]
    offsets = np.cumsum([0, *(part.program.columns for part in parts)])
    units = [
        joint.best[offset : offset + len(part.pairs)].astype(np.int64).tolist()
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


def _units(part: Part) -> Floats:
    row = np.zeros(part.program.columns)
    row[: len(part.pairs)] = 1
    return row


def _stage(name: str, reached: Sequence[Reached], besides: float) -> Stage:
    """Parts share nothing, so that their values and their bounds add up; the weakest proof is the proof."""
    proof = _STRENGTH[max((_STRENGTH.index(each.proof) for each in reached), default=0)]
    return Stage(
        name, besides + sum(each.value for each in reached), besides + sum(each.bound for each in reached), proof
    )
