"""Points and arcs on the unit sphere: distances, crossings, the inside of an area.

A point is a unit vector, an edge the shorter arc between two of them, an angle radians. There is no map and no longitude
here, so that neither the antimeridian nor a pole is anything special. Whether a point is in an area is asked in the gnomonic
plane about the area's own centre, where great circles are straight lines (all of an area is within `REACH` of its centre).

Distances come from squared chords (`2 asin(|p − q| / 2)`) and from offsets to a plane whose normal is `(a + b) × (b − a)`:
both keep their digits for points a metre apart, where `acos(p · q)` and `a × b` lose them. Coordinates are passed one by
one, and corners by their number: a view of an array in the innermost loop costs more than the arithmetic.
"""

import math
from typing import Final, NamedTuple

from cordiale.desks.activity.angle import arcsine, sine
from cordiale.desks.activity.kernel import Bytes, Floats, Ints, kernel

EARTH_KM: Final = 6371.0088
"""Mean radius R1 of WGS 84 (IUGG)."""
TOUCH_KM: Final = 0.001
"""Areas that reach into each other by no more than this touch. A metre is more than two nations' five-decimal degrees can
differ by along one common border (0.8 m), and less than any activity is planned to."""
TOUCH: Final = TOUCH_KM / EARTH_KM
REACH: Final = 0.17
"""Cosine of the greatest angle (80°) from an area's centre to its corners."""
_HALF_WAY: Final = 1e-3
"""Cosine below which a point has no place in the gnomonic plane, and is outside."""
POLYGON: Final = 0
PATH: Final = 1


class Shapes(NamedTuple):
    """n cores and their radii; a core is the area in a ring of corners, or the line along a path (of one point: that point).

    A shape is every point nearer to its core than its radius. `frame`, `inner` and `flat` are of areas only.
    """

    first: Ints
    """[n] where a shape's corners begin in `corner`, `side` and `flat`."""
    corners: Ints
    """[n] how many there are."""
    form: Bytes
    """[n] POLYGON or PATH."""
    radius: Floats
    """[n] radians."""
    frame: Floats
    """[n, 9] centre of an area and two axes at right angles to it: the gnomonic plane."""
    inner: Floats
    """[n, 3] a point well inside an area."""
    corner: Floats
    """[m, 3] unit vectors."""
    side: Floats
    """[m, 3] of the plane of the edge that begins at a corner: its normal, of length one; zeros where there is no edge."""
    flat: Floats
    """[m, 2] corners in their area's gnomonic plane."""


@kernel
def edges(s: Shapes, i: int) -> int:
    """How many arcs a core has; a single point is an arc of no length."""
    return s.corners[i] if s.form[i] == POLYGON else max(1, s.corners[i] - 1)


@kernel
def tip(s: Shapes, i: int, k: int) -> int:
    """The corner where the edge that begins at corner `k` ends."""
    return k + 1 if k + 1 < s.first[i] + s.corners[i] else s.first[i]


@kernel
def angle(squared: float) -> float:
    """From a squared chord."""
    return 2.0 * arcsine(min(1.0, 0.5 * math.sqrt(squared)))


@kernel
def chord(angle: float) -> float:
    """The squared chord of an angle; none below an angle of 0."""
    half = 2.0 * sine(0.5 * max(0.0, min(math.pi, angle)))
    return half * half


@kernel
def along(points: Floats, k: int, x: float, y: float, z: float) -> float:
    """The inner product of row `k` and a vector."""
    return points[k, 0] * x + points[k, 1] * y + points[k, 2] * z


@kernel
def inner(points: Floats, k: int, others: Floats, m: int) -> float:
    """The inner product of two rows."""
    return points[k, 0] * others[m, 0] + points[k, 1] * others[m, 1] + points[k, 2] * others[m, 2]


@kernel
def to_corner(s: Shapes, k: int, x: float, y: float, z: float) -> float:
    """The squared chord from a point to corner `k`."""
    dx, dy, dz = x - s.corner[k, 0], y - s.corner[k, 1], z - s.corner[k, 2]
    return dx * dx + dy * dy + dz * dz


@kernel
def to_edge(s: Shapes, k: int, m: int, x: float, y: float, z: float) -> float:
    """The squared chord from a point to the nearest of the edge from corner `k` to corner `m`."""
    nx, ny, nz = s.side[k, 0], s.side[k, 1], s.side[k, 2]
    ux, uy, uz = ny * z - nz * y, nz * x - nx * z, nx * y - ny * x
    # the point is over the edge where it is ahead of its beginning and behind its end
    if along(s.corner, k, ux, uy, uz) < 0.0 and along(s.corner, m, ux, uy, uz) > 0.0:
        sine = nx * x + ny * y + nz * z
        square = min(1.0, sine * sine)
        return 2.0 * square / (1.0 + math.sqrt(1.0 - square))
    return min(to_corner(s, k, x, y, z), to_corner(s, m, x, y, z))


@kernel
def crossing(s: Shapes, k: int, to: int, m: int, end: int) -> bool:
    """Whether the edge from corner `k` to `to` and that from `m` to `end` cross at a point inside both."""
    one, other = inner(s.side, k, s.corner, m), -inner(s.side, k, s.corner, end)
    if not ((one > 0.0 and other > 0.0) or (one < 0.0 and other < 0.0)):
        return False
    back, ahead = inner(s.side, m, s.corner, to), -inner(s.side, m, s.corner, k)
    return (one > 0.0 and back > 0.0 and ahead > 0.0) or (one < 0.0 and back < 0.0 and ahead < 0.0)


@kernel
def inside(s: Shapes, i: int, x: float, y: float, z: float) -> bool:
    """Whether a point is in area `i`; a point on the ring may be either."""
    w = s.frame[i, 0] * x + s.frame[i, 1] * y + s.frame[i, 2] * z
    if w <= _HALF_WAY:
        return False
    u = (s.frame[i, 3] * x + s.frame[i, 4] * y + s.frame[i, 5] * z) / w
    v = (s.frame[i, 6] * x + s.frame[i, 7] * y + s.frame[i, 8] * z) / w
    first, count, odd = s.first[i], s.corners[i], False
    u0, v0 = s.flat[first + count - 1, 0], s.flat[first + count - 1, 1]
    for k in range(first, first + count):
        u1, v1 = s.flat[k, 0], s.flat[k, 1]
        if (v0 > v) != (v1 > v) and u < u0 + (u1 - u0) * (v - v0) / (v1 - v0):
            odd = not odd
        u0, v0 = u1, v1
    return odd


@kernel
def to_edges(s: Shapes, i: int, x: float, y: float, z: float) -> float:
    """The squared chord from a point to the ring or path of core `i`."""
    least = 4.0
    for k in range(s.first[i], s.first[i] + edges(s, i)):
        least = min(least, to_edge(s, k, tip(s, i, k), x, y, z))
    return least


@kernel
def depth(s: Shapes, i: int, x: float, y: float, z: float) -> float:
    """The angle by which a point is inside area `i`; −1 outside, or where `i` is no area."""
    if s.form[i] != POLYGON or not inside(s, i, x, y, z):
        return -1.0
    return angle(to_edges(s, i, x, y, z))
