"""The program of a part of the plan: requirements and offers that are joined by what fits, and nothing else.

Columns: for each pair the units x given; for a requirement its shortfall s, and with a minimum whether it is served at all (y);
for a pair with an exclusive offer whether the offer serves there (z). Rows, for requirement r, offer o, pair p of both:

    Σ rate·x + s            ≥ 1000·quantity                what is missing
    Σ rate·x                ≥ 1000·minimum·y               all or nothing, of the minimum
    Σ rate·x                ≤ (1000·quantity + top)·y      top: the greatest rate less one; more would serve nothing
    s                       ≥ 1000·quantity·(1 − y)        follows from these, and makes the relaxation tighter
    Σ (⌊rate/d⌋·f + min(rate mod d, f))·x + s ≥ f·⌈1000·quantity/d⌉      likewise, for each rate d of r
    Σ x over a crowd of o   ≤ quantity of o                a crowd: pairs whose windows share an instant, or all of o's
    x ≤ most·z,  Σ z over a crowd ≤ 1                      an exclusive offer

with f = 1000·quantity mod d, where d does not divide it: mixed-integer rounding of the first row divided by d (Nemhauser & Wolsey
1990). It says that a unit cannot be given in part: seven units need six of a substitute at 1250, not 5.6.

Without minima, exclusive and reusable offers, and with rates all alike, these are the rows of a transport problem: totally
unimodular, so that the relaxed program has its optimum in whole numbers (Hoffman & Kruskal 1956). Each requirement's rows are
divided by what its numbers have in common.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import gcd
from typing import NamedTuple

import numpy as np

from cordiale.desks.planning.demand import WHOLE, Offer
from cordiale.desks.planning.fit import Pair, Tables
from cordiale.desks.planning.linear import Bools, Drawing, Linear


class Part(NamedTuple):
    """A program, and what its columns are: `pairs` first, in their order."""

    program: Linear
    pairs: tuple[Pair, ...]
    shortfalls: dict[int, tuple[int, int]]
    """By requirement: the column, and how many thousandths of a unit it counts in."""
    crowded: Bools
    """Rows in which requirements meet; each other row is one requirement's own."""


def parts(tables: Tables, pairs: Sequence[Pair]) -> list[Part]:
    """The plan in parts that share no offer, each with its program; a requirement that nothing fits is in none."""
    return [_part(tables, group) for group in _joined(pairs)]


def _joined(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Connected components, by union of sets; in the order of their first pair."""
    above: dict[tuple[bool, int], tuple[bool, int]] = {}

    def top(node: tuple[bool, int]) -> tuple[bool, int]:
        while above.setdefault(node, node) != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for pair in pairs:
        above[top((True, pair.offer))] = top((False, pair.requirement))
    found: dict[tuple[bool, int], list[Pair]] = {}
    for pair in pairs:
        found.setdefault(top((False, pair.requirement)), []).append(pair)
    return list(found.values())


def _part(tables: Tables, pairs: Sequence[Pair]) -> Part:
    drawing = Drawing()
    columns = [drawing.column(pair.most, whole=True) for pair in pairs]
    shortfalls = {
        number: _requirement(drawing, tables, number, [(column, pairs[column]) for column in own])
        for number, own in _grouped(columns, [pair.requirement for pair in pairs])
    }
    crowded: list[int] = []
    for number, own in _grouped(columns, [pair.offer for pair in pairs]):
        crowded += _offer(drawing, tables, tables.offers[number], [(column, pairs[column]) for column in own])
    program = drawing.done()
    return Part(program, tuple(pairs), shortfalls, np.isin(np.arange(len(program.rows.low)), crowded))


def _grouped(columns: Iterable[int], keys: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for column, key in zip(columns, keys, strict=True):
        found.setdefault(key, []).append(column)
    yield from found.items()


def _requirement(drawing: Drawing, tables: Tables, number: int, own: list[tuple[int, Pair]]) -> tuple[int, int]:
    required = tables.requirements[number]
    unit = gcd(required.quantity * WHOLE, required.minimum * WHOLE, *(pair.rate for _, pair in own))
    needed, least = required.quantity * WHOLE // unit, required.minimum * WHOLE // unit
    served = [(column, pair.rate // unit) for column, pair in own]
    shortfall = drawing.column(needed, whole=False)
    drawing.row([*served, (shortfall, 1)], low=needed)
    for rate in sorted({rate for _, rate in served if needed % rate}):
        left = needed % rate
        rounded = [(column, each // rate * left + min(each % rate, left)) for column, each in served]
        drawing.row([*rounded, (shortfall, 1)], low=left * -(-needed // rate))
    if least:
        any_ = drawing.column(1, whole=True)
        drawing.row([*served, (any_, -least)], low=0)
        drawing.row([*served, (any_, 1 - needed - max(rate for _, rate in served))], high=0)
        drawing.row([(shortfall, 1), (any_, needed)], low=needed)
    return shortfall, unit


def _offer(drawing: Drawing, tables: Tables, offer: Offer, own: list[tuple[int, Pair]]) -> Iterator[int]:
    """The rows in which requirements meet."""
    serving = {column: drawing.column(1, whole=True) for column, _ in own} if offer.exclusive and len(own) > 1 else {}
    for column, pair in own:
        if serving:
            drawing.row([(column, 1), (serving[column], -pair.most)], high=0)
    for crowd in crowds(tables, offer, own):
        if sum(pair.most for _, pair in crowd) > offer.left:
            yield drawing.row([(column, 1) for column, _ in crowd], high=offer.left)
        if serving:
            yield drawing.row([(serving[column], 1) for column, _ in crowd], high=1)


_Own = list[tuple[int, Pair]]


def crowds(tables: Tables, offer: Offer, own: _Own) -> list[_Own]:
    """Pairs that cannot have the same unit: all, or of a reusable offer those that are on at one instant (the largest only)."""
    if not offer.reusable:
        return [own]
    windows = {column: tables.requirements[pair.requirement].window for column, pair in own}
    found: list[_Own] = []
    for begin in sorted({window.begin for window in windows.values()}):
        on = [(column, pair) for column, pair in own if windows[column].begin <= begin < windows[column].end]
        if found and {column for column, _ in found[-1]} <= {column for column, _ in on}:
            found.pop()
        found.append(on)
    return found
