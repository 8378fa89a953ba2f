"""The same service by other nations: a flow from what requirements get to the nations that give it.

What a requirement gets is kept by kind, so that no earlier stage can change: units of one rate and of as many unwelcome caveats
stand in for each other. Of each kind as many units as before go through pairs to nations, within what offers have. That is a flow
in a network, whose relaxed program has its optimum in whole numbers (Hoffman & Kruskal 1956). To make it one, an exclusive offer
serves where it serves already, and a pair of a reusable offer has so much room that it is free whatever the others do.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from cordiale.desks.planning.fit import Pair, Tables
from cordiale.desks.planning.linear import Floats, Ints, Linear, stacked, sums
from cordiale.desks.planning.part import crowds
from cordiale.desks.planning.solver import Deadline, Solver
from cordiale.vocab.party import Nation

_NOTHING: Final = 1e-6


class Balance:
    """A solution's units, pair by pair, and the network in which they may move."""

    def __init__(self, tables: Tables, pairs: Sequence[Pair], units: Floats, nations: Sequence[Nation]) -> None:
        room, offers = _room(tables, pairs, units.astype(np.int64).tolist())
        self._units: Final = units
        self._used: Final = np.flatnonzero(room)
        used = [pairs[at] for at in self._used.tolist()]
        kinds = _numbers((pair.requirement, pair.rate, len(pair.against)) for pair in used)
        giver = {nation: number for number, nation in enumerate(nations)}
        kept = np.bincount(kinds, units[self._used]).astype(np.float64)
        capacity = np.array([tables.offers[offer].left for offer in offers], dtype=np.float64)
        beyond, none = np.arange(len(nations), dtype=np.int32), np.full(len(nations), -1, np.int32)
        shared = np.array([offers.get(pair.offer, -1) for pair in used], np.int32)
        given = np.array([giver[tables.offers[pair.offer].nation] for pair in used], np.int32)
        ones = np.append(np.ones(len(used)), np.full(len(nations), -1.0))
        rows = (
            sums(np.append(kinds, none), ones, kept, kept),
            sums(np.append(shared, none), ones, np.full(len(capacity), -np.inf), capacity),
            sums(np.append(given, beyond), ones, np.full(len(nations), -np.inf), np.zeros(len(nations))),
        )
        self._costs: Final = (ones < 0).astype(np.float64)
        upper = np.append(room[self._used], np.full(len(nations), units.sum()))
        program = Linear(np.zeros(len(ones)), upper, ones > 0, stacked(rows, (0, 0, 0)))
        self._solver: Final = Solver(program)
        self._first: Final = len(kept) + len(capacity)

    def under(self, ceilings: Floats, deadline: Deadline) -> Floats | None:
        """Units of all pairs with which no nation gives more than its ceiling; None if the network has none."""
        self._solver.ceilings(self._first, ceilings)
        found = self._solver.relaxed(self._costs, deadline)
        if found.ended != "optimal" or self._costs @ found.x > _NOTHING:
            return None
        units = self._units.copy()
        units[self._used] = np.rint(found.x[: len(self._used)])
        return units


def _room(tables: Tables, pairs: Sequence[Pair], units: Sequence[int]) -> tuple[Floats, dict[int, int]]:
    """The most units that each pair may give in the network; offers whose pairs share what it has, and their numbers."""
    by_offer: dict[int, list[tuple[int, Pair]]] = {}
    for at, pair in enumerate(pairs):
        by_offer.setdefault(pair.offer, []).append((at, pair))
    room, shared = np.zeros(len(pairs)), dict[int, int]()
    for number, own in by_offer.items():
        offer = tables.offers[number]
        together = [[at for at, _ in crowd] for crowd in crowds(tables, offer, own)]
        if offer.exclusive and len(own) > 1:
            served = [(at, pair.most) for at, pair in own if units[at]]
            for at, most in served or [max(((at, pair.most) for at, pair in own), key=lambda each: each[1])]:
                room[at] = most
        elif len(together) == 1:
            room[[at for at, _ in own]] = [pair.most for _, pair in own]
            shared[number] = len(shared)
        else:
            for at, most in _apart(own, together, units, offer.left):
                room[at] = most
    return room, shared


def _apart(
    own: Sequence[tuple[int, Pair]], together: Sequence[Sequence[int]], units: Sequence[int], quantity: int
) -> Iterable[tuple[int, int]]:
    """What every pair of an offer may give at once: what it gives, and, first come, what is left in all its crowds."""
    room = {at: units[at] for at, _ in own}
    for at, pair in own:
        left = min(quantity - sum(room[each] for each in crowd) for crowd in together if at in crowd)
        room[at] = min(pair.most, room[at] + left)
    return room.items()


def _numbers(keys: Iterable[tuple[int, int, int]]) -> Ints:
    found: dict[tuple[int, int, int], int] = {}
    return np.array([found.setdefault(key, len(found)) for key in keys], dtype=np.int32)
