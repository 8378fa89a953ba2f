"""Synergy(d, τ): activities of two nations within d kilometres and τ days of each other.

Every volume is made wider by d/2 on all sides and longer by τ/2 at both ends; those that then conflict are near. So the
sweep of conflicts finds them, with a matrix that is against two nations and for one. Altitude does not matter.
"""

import math
from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from cordiale.desks.activity import ring
from cordiale.desks.activity.few import distance, pairs
from cordiale.desks.activity.judge import COMPATIBLE, Columns
from cordiale.desks.activity.kernel import fit
from cordiale.desks.activity.rules import Rules
from cordiale.desks.activity.sphere import EARTH_KM
from cordiale.desks.activity.table import Table
from cordiale.desks.activity.volume import WIDEST_KM, Activity, ActivityId
from cordiale.errors import WrongUsage
from cordiale.vocab.moment import DAY

MOST_DAYS: Final = 366.0


class Synergy(msgspec.Struct, frozen=True):
    """Two activities of two nations that are near; 0 where they share place or time. `a` is the lesser id."""

    a: ActivityId
    b: ActivityId
    volumes: tuple[int, int]
    """Their nearest: least in kilometres, then in days."""
    km: float
    days: float


def synergies(activities: Iterable[Activity], rules: Rules, km: float, days: float) -> tuple[Synergy, ...]:
    """All pairs nearer than `km` (by more than a metre) and `days`, nearest first. `WrongUsage` for a distance out of range."""
    if not (0 <= km <= WIDEST_KM and 0 <= days <= MOST_DAYS):
        raise WrongUsage(f"a synergy is within 0 to {WIDEST_KM:g} km and 0 to {MOST_DAYS:g} days")
    table = Table(activities, rules)
    nearest: dict[tuple[int, int], Synergy] = {}
    for i, j in np.sort(pairs(_widened(table.columns, km, days), _between_nations(rules)), axis=1).tolist():
        found = _near(table, i, j)
        pair = (int(table.columns.activity[i]), int(table.columns.activity[j]))
        if pair not in nearest or _rank(found) < _rank(nearest[pair]):
            nearest[pair] = found
    return tuple(sorted(nearest.values(), key=_rank))


def _widened(c: Columns, km: float, days: float) -> Columns:
    shapes = c.shapes._replace(radius=c.shapes.radius + km / 2 / EARTH_KM)
    box = np.empty_like(c.box)
    fit(ring.boxes, len(shapes.corner))(shapes, 0, len(box), box)
    half = math.ceil(days * DAY / 2)
    everywhere = np.tile(np.array((0.0, 1.0, 0.0, 1.0)), (len(box), 1))
    return c._replace(shapes=shapes, box=box, begin=c.begin - half, end=c.end + half, altitude=everywhere)


def _between_nations(rules: Rules) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    matrix = np.zeros_like(rules.matrix)
    matrix[1] = COMPATIBLE
    return matrix


def _near(table: Table, i: int, j: int) -> Synergy:
    c, one, other = table.columns, table.rows[i], table.rows[j]
    apart = -distance(c, i, j) * EARTH_KM
    gap = max(int(c.begin[i]) - int(c.end[j]), int(c.begin[j]) - int(c.end[i]), 0)
    return Synergy(one.activity.id, other.activity.id, (one.place, other.place), max(0.0, float(apart)), gap / DAY)


def _rank(found: Synergy) -> tuple[float, float, str, str, tuple[int, int]]:
    return found.km, found.days, found.a, found.b, found.volumes
