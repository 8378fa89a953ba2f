"""Requirements × offers: who serves what, proven to within a gap, with a reason for everything that is missing. See METHOD.md."""

from collections.abc import Iterable, Mapping
from typing import Final

from cordiale.desks.planning import stages
from cordiale.desks.planning.demand import Allocation, Burden, Matching, Offer, Requirement
from cordiale.desks.planning.fit import Pair, Tables
from cordiale.desks.planning.gap import gaps
from cordiale.desks.planning.joint import Terms
from cordiale.desks.planning.part import parts
from cordiale.desks.planning.solver import Deadline
from cordiale.errors import WrongUsage
from cordiale.vocab.party import Nation

GAP: Final = 0.001
SECONDS: Final = 60.0


def match(
    requirements: Iterable[Requirement],
    offers: Iterable[Offer],
    *,
    keys: Mapping[Nation, int] | None = None,
    gap: float = GAP,
    seconds: float = SECONDS,
) -> Matching:
    """The best proposal, stage after stage (`stages`); the same whatever order requirements and offers come in.

    `keys` say what a nation's units are measured by in fairness; without them, by all the units that it offers. Each stage is
    proven to within `gap`, unless `seconds` are over first: then its bound says how far it may be off. `AlreadyExists` for an id
    that is there twice, `LimitExceeded` beyond the limits of `fit`, `WrongUsage` for a nation without a key.
    """
    tables = Tables(requirements, offers)
    if not (0 <= gap < 1 and seconds > 0):
        raise WrongUsage("a gap is a share below 1, and there must be time")
    measured = _keys(tables, keys)
    groups = parts(tables, tables.pairs())
    outcome = stages.run(tables, groups, Terms(gap, Deadline(seconds), measured))
    used = [
        (pair, units)
        for group, row in zip(groups, outcome.units, strict=True)
        for pair, units in zip(group.pairs, row, strict=True)
        if units
    ]
    used.sort(key=lambda each: (each[0].requirement, each[0].offer))
    allocations = tuple(_allocation(tables, pair, units) for pair, units in used)
    return Matching(allocations, outcome.stages, gaps(tables, allocations), _burdens(allocations, measured))


def _keys(tables: Tables, keys: Mapping[Nation, int] | None) -> dict[Nation, int]:
    offered: dict[Nation, int] = {}
    for offer in tables.offers:
        offered[offer.nation] = offered.get(offer.nation, 0) + offer.quantity
    if keys is None:
        return offered
    if missing := sorted(nation for nation in offered if keys.get(nation, 0) < 1):
        raise WrongUsage(f"{', '.join(missing)}: a nation that offers needs a key of at least 1")
    return {nation: keys[nation] for nation in offered}


def _allocation(tables: Tables, pair: Pair, units: int) -> Allocation:
    required, offer = tables.requirements[pair.requirement], tables.offers[pair.offer]
    return Allocation(required.id, offer.id, offer.nation, units, pair.rate, pair.against)


def _burdens(allocations: Iterable[Allocation], keys: Mapping[Nation, int]) -> tuple[Burden, ...]:
    given = dict.fromkeys(keys, 0)
    for each in allocations:
        given[each.nation] += each.quantity
    return tuple(Burden(nation, given[nation], keys[nation]) for nation in sorted(keys))
