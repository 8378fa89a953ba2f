"""What is prepared once for each shape: its gnomonic plane, a point well inside, its box; and what is wrong with it.

A box is what the shape spans on the three axes of space, unit sphere, its radius included. A great circle bulges between its
ends: its highest point on an axis is where the axis, laid flat into the circle's plane, points to.
"""

import math
from typing import Final

import numpy as np

from cordiale.desks.activity.angle import turned
from cordiale.desks.activity.kernel import Floats, kernel
from cordiale.desks.activity.overlap import sort
from cordiale.desks.activity.sphere import (
    PATH,
    POLYGON,
    REACH,
    TOUCH,
    Shapes,
    along,
    angle,
    crossing,
    depth,
    edges,
    inner,
    inside,
    tip,
    to_corner,
    to_edge,
)

_SLACK: Final = 1e-9
"""Added to every side of a box: 6 mm, far above rounding."""
_SAME: Final = 1e-10
"""Angle (0.6 mm) below which corners are one point and edges meet."""
_LONGEST: Final = math.radians(179)

SOUND, REPEATED, HALF_WAY, TOO_WIDE, CROSSED, FLAT = range(6)


@kernel
def unit(degrees: Floats) -> Floats:
    """Longitudes and latitudes as unit vectors: [m, 2] to [m, 3]."""
    found = np.empty((len(degrees), 3))
    for k in range(len(degrees)):
        flat, up = turned(degrees[k, 1])
        east, north = turned(degrees[k, 0])
        found[k, 0], found[k, 1], found[k, 2] = flat * east, flat * north, up
    return found


@kernel
def prepare(s: Shapes, begin: int, end: int) -> None:
    """Fill `side` of shapes `begin` to `end`, and `frame`, `flat` and `inner` of the areas among them."""
    for i in range(begin, end):
        if s.corners[i] > 1:
            for k in range(s.first[i], s.first[i] + edges(s, i)):
                _side(s, k, tip(s, i, k))
        if s.form[i] == POLYGON:
            _frame(s, i)
            _flatten(s, i)
            _inner(s, i)


@kernel
def fault(s: Shapes, i: int) -> int:
    """What is wrong with a prepared shape: one of the names above, SOUND for nothing."""
    for k in range(s.first[i], s.first[i] + edges(s, i)):
        length = angle(_between(s, k, tip(s, i, k)))
        if length < _SAME and s.corners[i] > 1:
            return REPEATED
        if length > _LONGEST:
            return HALF_WAY
    if s.form[i] == PATH:
        return SOUND
    for k in range(s.first[i], s.first[i] + s.corners[i]):
        if inner(s.corner, k, s.frame, i) < REACH:
            return TOO_WIDE
    if _crosses_itself(s, i):
        return CROSSED
    return SOUND if depth(s, i, s.inner[i, 0], s.inner[i, 1], s.inner[i, 2]) > TOUCH else FLAT


@kernel
def boxes(s: Shapes, begin: int, end: int, box: Floats) -> None:
    """The boxes of shapes `begin` to `end` into `box`: [n, 6], least then greatest."""
    for i in range(begin, end):
        for axis in range(3):
            low, high = _span(s, i, axis)
            box[i, axis] = max(-1.0, low - s.radius[i] - _SLACK)
            box[i, 3 + axis] = min(1.0, high + s.radius[i] + _SLACK)


@kernel
def _between(s: Shapes, k: int, m: int) -> float:
    return to_corner(s, m, s.corner[k, 0], s.corner[k, 1], s.corner[k, 2])


@kernel
def _side(s: Shapes, k: int, m: int) -> None:
    dx, dy, dz = s.corner[m, 0] - s.corner[k, 0], s.corner[m, 1] - s.corner[k, 1], s.corner[m, 2] - s.corner[k, 2]
    sx, sy, sz = s.corner[m, 0] + s.corner[k, 0], s.corner[m, 1] + s.corner[k, 1], s.corner[m, 2] + s.corner[k, 2]
    x, y, z = sy * dz - sz * dy, sz * dx - sx * dz, sx * dy - sy * dx
    size = math.sqrt(x * x + y * y + z * z)
    if size > 0.0:
        s.side[k, 0], s.side[k, 1], s.side[k, 2] = x / size, y / size, z / size


@kernel
def _frame(s: Shapes, i: int) -> None:
    x, y, z = 0.0, 0.0, 0.0
    for k in range(s.first[i], s.first[i] + s.corners[i]):
        x, y, z = x + s.corner[k, 0], y + s.corner[k, 1], z + s.corner[k, 2]
    size = math.sqrt(x * x + y * y + z * z)
    if size == 0.0:
        x, size = 1.0, 1.0
    x, y, z = x / size, y / size, z / size
    s.frame[i, 0], s.frame[i, 1], s.frame[i, 2] = x, y, z
    u, v, w = (-y, x, 0.0) if abs(z) < 0.7 else (0.0, -z, y)  # at right angles to the centre, and never short
    size = math.sqrt(u * u + v * v + w * w)
    u, v, w = u / size, v / size, w / size
    s.frame[i, 3], s.frame[i, 4], s.frame[i, 5] = u, v, w
    s.frame[i, 6], s.frame[i, 7], s.frame[i, 8] = y * w - z * v, z * u - x * w, x * v - y * u


@kernel
def _flatten(s: Shapes, i: int) -> None:
    for k in range(s.first[i], s.first[i] + s.corners[i]):
        x, y, z = s.corner[k, 0], s.corner[k, 1], s.corner[k, 2]
        w = max(s.frame[i, 0] * x + s.frame[i, 1] * y + s.frame[i, 2] * z, REACH)  # beyond it the shape is refused
        s.flat[k, 0] = (s.frame[i, 3] * x + s.frame[i, 4] * y + s.frame[i, 5] * z) / w
        s.flat[k, 1] = (s.frame[i, 6] * x + s.frame[i, 7] * y + s.frame[i, 8] * z) / w


@kernel
def _inner(s: Shapes, i: int) -> None:
    """The centre, or the middle of the widest level stretch halfway between two neighbouring corners' heights: the deeper."""
    first, count = s.first[i], s.corners[i]
    heights, hits = np.empty(count), np.empty(count)
    for n in range(count):
        heights[n] = s.flat[first + n, 1]
    sort(heights, count)
    widest, u, v = -1.0, 0.0, 0.0
    for n in range(count - 1):
        level = 0.5 * (heights[n] + heights[n + 1])
        found = _level_hits(s, i, level, hits)
        for m in range(0, found - 1, 2):
            narrow = min(hits[m + 1] - hits[m], heights[n + 1] - heights[n])
            if narrow > widest:
                widest, u, v = narrow, 0.5 * (hits[m] + hits[m + 1]), level
    cx, cy, cz = s.frame[i, 0], s.frame[i, 1], s.frame[i, 2]
    x, y, z = cx + u * s.frame[i, 3] + v * s.frame[i, 6], cy + u * s.frame[i, 4] + v * s.frame[i, 7], 0.0
    z = cz + u * s.frame[i, 5] + v * s.frame[i, 8]
    size = math.sqrt(x * x + y * y + z * z)
    x, y, z = x / size, y / size, z / size
    if depth(s, i, cx, cy, cz) > depth(s, i, x, y, z):
        x, y, z = cx, cy, cz
    s.inner[i, 0], s.inner[i, 1], s.inner[i, 2] = x, y, z


@kernel
def _level_hits(s: Shapes, i: int, level: float, hits: Floats) -> int:
    """Where the ring crosses a level of the gnomonic plane, in order; how often."""
    found = 0
    for m in range(s.first[i], s.first[i] + s.corners[i]):
        n = tip(s, i, m)
        if (s.flat[m, 1] > level) != (s.flat[n, 1] > level):
            part = (level - s.flat[m, 1]) / (s.flat[n, 1] - s.flat[m, 1])
            hits[found] = s.flat[m, 0] + (s.flat[n, 0] - s.flat[m, 0]) * part
            found += 1
    sort(hits, found)
    return found


@kernel
def _crosses_itself(s: Shapes, i: int) -> bool:
    """Whether two edges meet that are no neighbours, or neighbours meet elsewhere than at their corner."""
    first, last = s.first[i], s.first[i] + s.corners[i] - 1
    for k in range(first, last + 1):
        for m in range(k + 1, last + 1):
            if m == k + 1 or (k == first and m == last):
                before, after = (k, m) if m == k + 1 else (m, k)
                if _folds(s, i, before, after):
                    return True
            elif crossing(s, k, tip(s, i, k), m, tip(s, i, m)) or _edges_near(s, i, k, m):
                return True
    return False


@kernel
def _folds(s: Shapes, i: int, before: int, after: int) -> bool:
    """Whether of two edges, one after the other, the far end of one lies on the other."""
    begin, end = before, tip(s, i, after)
    near = _to(s, after, end, begin) if begin != end else 4.0
    return min(near, _to(s, before, after, end) if begin != end else 4.0) < _SAME * _SAME


@kernel
def _edges_near(s: Shapes, i: int, k: int, m: int) -> bool:
    to, end = tip(s, i, k), tip(s, i, m)
    near = min(min(_to(s, m, end, k), _to(s, m, end, to)), min(_to(s, k, to, m), _to(s, k, to, end)))
    return near < _SAME * _SAME


@kernel
def _to(s: Shapes, k: int, m: int, p: int) -> float:
    """The squared chord from corner `p` to the edge from corner `k` to `m`."""
    return to_edge(s, k, m, s.corner[p, 0], s.corner[p, 1], s.corner[p, 2])


@kernel
def _span(s: Shapes, i: int, axis: int) -> tuple[float, float]:
    """The least and greatest of a core on one axis."""
    low, high = 1.0, -1.0
    for k in range(s.first[i], s.first[i] + edges(s, i)):
        m = tip(s, i, k)
        low = min(low, s.corner[k, axis], s.corner[m, axis])
        high = max(high, s.corner[k, axis], s.corner[m, axis])
        if s.corners[i] > 1:
            bulge = _bulge(s, k, m, axis)
            low, high = min(low, bulge), max(high, bulge)
    if s.form[i] == POLYGON:
        x, y, z = 1.0 if axis == 0 else 0.0, 1.0 if axis == 1 else 0.0, 1.0 if axis == 2 else 0.0
        high = 1.0 if inside(s, i, x, y, z) else high
        low = -1.0 if inside(s, i, -x, -y, -z) else low
    return low, high


@kernel
def _bulge(s: Shapes, k: int, m: int, axis: int) -> float:
    """The highest or lowest point on an axis of the edge from corner `k` to `m`, where that is between its ends; else an end."""
    nx, ny, nz = s.side[k, 0], s.side[k, 1], s.side[k, 2]
    slope = s.side[k, axis]
    x, y, z = -nx * slope, -ny * slope, -nz * slope
    if axis == 0:
        x += 1.0
    elif axis == 1:
        y += 1.0
    else:
        z += 1.0
    # on the edge: after its beginning and before its end, both turning the same way
    after = -along(s.corner, k, ny * z - nz * y, nz * x - nx * z, nx * y - ny * x)
    before = along(s.corner, m, ny * z - nz * y, nz * x - nx * z, nx * y - ny * x)
    level = math.sqrt(max(0.0, 1.0 - slope * slope))
    if after > 0.0 and before > 0.0:
        return level
    return -level if after < 0.0 and before < 0.0 else s.corner[k, axis]
