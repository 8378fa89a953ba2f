"""How far two shapes on the sphere reach into each other: the horizontal half of a conflict.

With cores A and B, and r the sum of their radii, `overlap` is

    r − distance(A, B)     where the cores are apart: exact;
    r + deepest            where a core is inside the other's area: the depth of the deepest witness below, a lower bound.

Two shapes share interior where the overlap is more than 0, and are said to where it is more than `sphere.TOUCH`.
Witnesses are every corner, three points of each piece into which the other's ring cuts an edge, and a point well inside each
area. They decide rightly for simple areas: if two of them share interior, then a piece of one ring is inside the other, or the
areas are the same and so are their inner points. The value is the same, bit for bit, whichever shape is named first.
"""

import math

import numpy as np

from cordiale.desks.activity.angle import cosine, sine
from cordiale.desks.activity.kernel import Floats, kernel
from cordiale.desks.activity.sphere import (
    POLYGON,
    TOUCH,
    Shapes,
    angle,
    chord,
    crossing,
    depth,
    edges,
    inner,
    tip,
    to_corner,
    to_edges,
)


@kernel
def overlap(s: Shapes, i: int, j: int, enough: float) -> float:
    """How far shapes `i` and `j` reach into each other, in radians; negative where they are apart.

    Any value above `enough` may be returned as soon as it is known that the overlap is at least that. Pieces are not looked
    at where the radii alone suffice: rings that cross are no distance apart.
    """
    reach = s.radius[i] + s.radius[j]
    wanted = max(0.0, enough - reach)
    deepest = _inner(s, i, j)
    if deepest <= wanted:
        deepest = max(deepest, _corners(s, i, j, wanted))
    if deepest <= wanted:
        deepest = max(deepest, _corners(s, j, i, wanted))
    if deepest <= wanted and (reach <= enough or math.isinf(enough)):
        deepest = max(deepest, _pieces(s, i, j, wanted))
        deepest = max(deepest, _pieces(s, j, i, wanted))
    if deepest > 0.0:
        return reach + deepest
    if reach == 0.0 and not math.isinf(enough):
        return 0.0
    return reach - apart(s, i, j, reach - enough)


@kernel
def apart(s: Shapes, i: int, j: int, near: float) -> float:
    """The angle between the rings or paths of two cores; any angle below `near` ends the search."""
    least, close = 4.0, chord(near)
    for k in range(s.first[i], s.first[i] + edges(s, i)):
        for m in range(s.first[j], s.first[j] + edges(s, j)):
            if crossing(s, k, tip(s, i, k), m, tip(s, j, m)):
                return 0.0
    for k in range(s.first[i], s.first[i] + s.corners[i]):
        least = min(least, to_edges(s, j, s.corner[k, 0], s.corner[k, 1], s.corner[k, 2]))
        if least < close:
            return angle(least)
    for m in range(s.first[j], s.first[j] + s.corners[j]):
        least = min(least, to_edges(s, i, s.corner[m, 0], s.corner[m, 1], s.corner[m, 2]))
        if least < close:
            return angle(least)
    return angle(least)


@kernel
def _inner(s: Shapes, i: int, j: int) -> float:
    """The lesser depth, in both areas, of a point well inside one of them."""
    if s.form[i] != POLYGON or s.form[j] != POLYGON:
        return -1.0
    x, y, z = s.inner[i, 0], s.inner[i, 1], s.inner[i, 2]
    first = depth(s, j, x, y, z)
    first = min(first, depth(s, i, x, y, z)) if first > 0.0 else first
    x, y, z = s.inner[j, 0], s.inner[j, 1], s.inner[j, 2]
    second = depth(s, i, x, y, z)
    second = min(second, depth(s, j, x, y, z)) if second > 0.0 else second
    return max(first, second)


@kernel
def _corners(s: Shapes, i: int, j: int, wanted: float) -> float:
    """The deepest corner of core `i` in area `j`."""
    deepest = -1.0
    if s.form[j] == POLYGON:
        for k in range(s.first[i], s.first[i] + s.corners[i]):
            deepest = max(deepest, depth(s, j, s.corner[k, 0], s.corner[k, 1], s.corner[k, 2]))
            if deepest > wanted:
                return deepest
    return deepest


@kernel
def _pieces(s: Shapes, i: int, j: int, wanted: float) -> float:
    """The deepest point found in area `j` on the edges of core `i`, cut wherever they meet the ring of `j`.

    An edge that meets it nowhere is inside or outside as a whole, as its corners are.
    """
    deepest = -1.0
    if s.form[j] != POLYGON or s.corners[i] < 2:
        return deepest
    cuts = np.empty(2 * s.corners[j] + 2)
    for k in range(s.first[i], s.first[i] + edges(s, i)):
        found, meets = _cut(s, i, j, k, cuts)
        if meets:
            deepest = max(deepest, _deepest_between(s, j, k, cuts, found))
            if deepest > wanted:
                return deepest
    return deepest


@kernel
def _deepest_between(s: Shapes, j: int, k: int, cuts: Floats, found: int) -> float:
    """Of the pieces of the edge from corner `k` between two cuts, the depth of points a quarter, half, three quarters on."""
    ax, ay, az = s.corner[k, 0], s.corner[k, 1], s.corner[k, 2]
    nx, ny, nz = s.side[k, 0], s.side[k, 1], s.side[k, 2]
    bx, by, bz = ny * az - nz * ay, nz * ax - nx * az, nx * ay - ny * ax
    sort(cuts, found)
    deepest = -1.0
    for n in range(found - 1):
        for quarter in range(1, 4):
            turn = cuts[n] + (cuts[n + 1] - cuts[n]) * quarter / 4.0
            c, e = cosine(turn), sine(turn)
            deepest = max(deepest, depth(s, j, ax * c + bx * e, ay * c + by * e, az * c + bz * e))
    return deepest


@kernel
def sort(values: Floats, count: int) -> None:
    """The first `count` values, in place; there are few."""
    for n in range(1, count):
        value, m = values[n], n
        while m > 0 and values[m - 1] > value:
            values[m] = values[m - 1]
            m -= 1
        values[m] = value


@kernel
def _cut(s: Shapes, i: int, j: int, k: int, cuts: Floats) -> tuple[int, bool]:
    """Angles along the edge from corner `k` of core `i` at which it meets the ring of `j`, its own ends first; how many, and
    whether it meets the ring at all: crosses it, or has an end or a corner of the ring on the same line."""
    end = tip(s, i, k)
    whole = angle(to_corner(s, end, s.corner[k, 0], s.corner[k, 1], s.corner[k, 2]))
    cuts[0], cuts[1], found, meets = 0.0, whole, 2, False
    for m in range(s.first[j], s.first[j] + s.corners[j]):
        if crossing(s, k, end, m, tip(s, j, m)):
            cuts[found] = min(_crossing_at(s, k, end, m), whole)
            found += 1
        elif abs(inner(s.side, m, s.corner, k)) <= TOUCH or abs(inner(s.side, m, s.corner, end)) <= TOUCH:
            meets = True
        if abs(inner(s.side, k, s.corner, m)) <= TOUCH:
            cuts[found] = min(angle(to_corner(s, m, s.corner[k, 0], s.corner[k, 1], s.corner[k, 2])), whole)
            found += 1
    return found, meets or found > 2


@kernel
def _crossing_at(s: Shapes, k: int, end: int, m: int) -> float:
    """The angle from corner `k` to where its edge crosses the edge of corner `m`."""
    x, y, z = s.side[k, 0], s.side[k, 1], s.side[k, 2]
    u, v, w = s.side[m, 0], s.side[m, 1], s.side[m, 2]
    px, py, pz = y * w - z * v, z * u - x * w, x * v - y * u
    size = math.sqrt(px * px + py * py + pz * pz)
    if size == 0.0:
        return 0.0
    ahead = px * (s.corner[k, 0] + s.corner[end, 0])
    ahead += py * (s.corner[k, 1] + s.corner[end, 1]) + pz * (s.corner[k, 2] + s.corner[end, 2])
    size = size if ahead > 0.0 else -size
    return angle(to_corner(s, k, px / size, py / size, pz / size))
