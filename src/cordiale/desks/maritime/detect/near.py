"""What a report is near: the segments of a cell, distances to them, crossings, the inside of a zone.

Distances are those of the plane that touches the sphere at the place: exact to a few metres over the few kilometres asked.
"""

import math

from cordiale.desks.maritime.detect.areas import COLUMNS, ROWS, Lines, Zones
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE

DEGREE_KM = 111.19508
"""Of a great circle on a sphere of WGS 84's mean radius."""
TENTH = DEGREE // 10


@kernel
def cell_at(lon: int, lat: int) -> int:
    """The cell of a position in AIS units."""
    column = min(COLUMNS - 1, (lon + 180 * DEGREE) // TENTH)
    return min(ROWS - 1, (lat + 90 * DEGREE) // TENTH) * COLUMNS + column


@kernel
def items(lines: Lines, cell: int) -> tuple[int, int]:
    """Where a cell's items begin and end."""
    first, last = 0, len(lines.cell)  # `numpy.searchsorted` takes twice as long in compiled code
    while first < last:
        middle = (first + last) >> 1
        if lines.cell[middle] < cell:
            first = middle + 1
        else:
            last = middle
    if first == len(lines.cell) or lines.cell[first] != cell:
        return 0, 0
    return lines.first[first], lines.first[first + 1]


@kernel
def _shift(x: float) -> float:
    """A difference of longitudes, the shorter way."""
    return x - 360.0 * math.floor(x / 360.0 + 0.5)


@kernel
def away(lines: Lines, n: int, lon: float, lat: float) -> float:
    """Kilometres from a place in degrees to segment `n`."""
    along = DEGREE_KM * math.cos(math.radians(lat))
    ax, ay = _shift(lines.ends[n, 0] - lon) * along, (lines.ends[n, 1] - lat) * DEGREE_KM
    dx, dy = (lines.ends[n, 2] - lines.ends[n, 0]) * along, (lines.ends[n, 3] - lines.ends[n, 1]) * DEGREE_KM
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / square))
    return math.sqrt((ax + t * dx) ** 2 + (ay + t * dy) ** 2)


@kernel
def nearest(lines: Lines, lon: int, lat: int, reach: float) -> int:
    """The segment nearest to a position, no farther than `reach` km; −1."""
    best, x, y = -1, lon / DEGREE, lat / DEGREE
    first, last = items(lines, cell_at(lon, lat))
    for k in range(first, last):
        km = away(lines, lines.item[k], x, y)
        if km <= reach:
            best, reach = lines.item[k], km
    return best


@kernel
def foot(lines: Lines, n: int, lon: int, lat: int) -> tuple[int, int]:
    """The position on segment `n` that is nearest to another, in AIS units; not beyond ±180° for what is not."""
    x, y = lon / DEGREE, lat / DEGREE
    flat = math.cos(math.radians(y))
    ax, ay = _shift(lines.ends[n, 0] - x) * flat, lines.ends[n, 1] - y
    dx, dy = (lines.ends[n, 2] - lines.ends[n, 0]) * flat, lines.ends[n, 3] - lines.ends[n, 1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / square))
    return lon + int((ax + t * dx) / max(flat, 1e-6) * DEGREE), lat + int((ay + t * dy) * DEGREE)


@kernel
def past_end(lines: Lines, n: int, lon: int, lat: int) -> bool:
    """Whether a position lies before the beginning or behind the end of segment `n`, and its line does not go on there."""
    x, y = lon / DEGREE, lat / DEGREE
    flat = math.cos(math.radians(y))
    ax, ay = _shift(lines.ends[n, 0] - x) * flat, lines.ends[n, 1] - y
    dx, dy = (lines.ends[n, 2] - lines.ends[n, 0]) * flat, lines.ends[n, 3] - lines.ends[n, 1]
    along = -(ax * dx + ay * dy)
    if along < 0.0:
        return n == 0 or not _goes_on(lines, n - 1, n)
    return along > dx * dx + dy * dy and (n + 1 == len(lines.owner) or not _goes_on(lines, n, n + 1))


@kernel
def _goes_on(lines: Lines, n: int, m: int) -> bool:
    """Whether segment `m` begins where `n` ends, in one line."""
    joined = lines.ends[n, 2] == lines.ends[m, 0] and lines.ends[n, 3] == lines.ends[m, 1]
    return joined and lines.owner[n] == lines.owner[m]


@kernel
def crossed(lines: Lines, lon0: int, lat0: int, lon1: int, lat1: int, km: float) -> int:
    """The first segment that a straight way crosses; −1. The way is walked in steps shorter than a cell."""
    x0, y0, y1 = lon0 / DEGREE, lat0 / DEGREE, lat1 / DEGREE
    dx, dy = _shift(lon1 / DEGREE - x0), y1 - y0
    steps = min(256, 1 + int(km / 2.0))
    for step in range(steps):
        share = (step + 0.5) / steps
        lon = int((x0 + share * dx) * DEGREE)
        lon -= 360 * DEGREE * ((lon + 180 * DEGREE) // (360 * DEGREE))
        first, last = items(lines, cell_at(lon, int((y0 + share * dy) * DEGREE)))
        for k in range(first, last):
            if _cross(lines, lines.item[k], x0, y0, dx, dy):
                return lines.item[k]
    return -1


@kernel
def _cross(lines: Lines, n: int, x0: float, y0: float, dx: float, dy: float) -> bool:
    """Whether the way from a place by (dx, dy) crosses segment `n`; half open, so that a way through a corner crosses once."""
    ax, ay = _shift(lines.ends[n, 0] - x0), lines.ends[n, 1] - y0
    ex, ey = lines.ends[n, 2] - lines.ends[n, 0], lines.ends[n, 3] - lines.ends[n, 1]
    side0, side1 = dx * ay - dy * ax, dx * (ay + ey) - dy * (ax + ex)
    if (side0 > 0.0) == (side1 > 0.0):
        return False
    back, ahead = ey * ax - ex * ay, ey * (ax - dx) - ex * (ay - dy)
    return (back > 0.0) != (ahead > 0.0)


@kernel
def within(zones: Zones, zone: int, lon: int, lat: int) -> bool:
    """Whether a position is in a zone: even-odd over all its rings."""
    x = zones.middle[zone] + _shift(lon / DEGREE - zones.middle[zone])
    y, odd = lat / DEGREE, False
    for k in range(zones.ring[zone], zones.ring[zone + 1]):
        x0, y0, x1, y1 = zones.edge.ends[k]
        if (y0 > y) != (y1 > y) and x < x0 + (x1 - x0) * (y - y0) / (y1 - y0):
            odd = not odd
    return odd


@kernel
def still_within(zones: Zones, zone: int, lon: int, lat: int, km: float) -> bool:
    """Whether a position is in a zone or no farther than `km` out of it."""
    cell = cell_at(lon, lat)
    first, last = items(zones.inside, cell)
    for k in range(first, last):
        if zones.inside.item[k] == zone:
            return True
    if within(zones, zone, lon, lat):
        return True
    first, last = items(zones.edge, cell)
    for k in range(first, last):
        n = zones.edge.item[k]
        if zones.edge.owner[n] == zone and away(zones.edge, n, lon / DEGREE, lat / DEGREE) <= km:
            return True
    return False


@kernel
def bearing(lines: Lines, n: int) -> float:
    """Degrees from north in which segment `n` goes."""
    flat = math.cos(math.radians(0.5 * (lines.ends[n, 1] + lines.ends[n, 3])))
    dx, dy = (lines.ends[n, 2] - lines.ends[n, 0]) * flat, lines.ends[n, 3] - lines.ends[n, 1]
    return math.degrees(math.atan2(dx, dy)) % 360.0
