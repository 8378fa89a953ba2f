"""Distances, speeds and angles between positions in AIS units.

Up to some 100 km the plane that touches the sphere between two points is exact to a few parts in 10,000, less than AIS's own
error; beyond, and near the poles, the haversine formula is used.
"""

import math
from typing import Final

from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE

EARTH_KM: Final = 6371.0088
"""Mean radius R1 of WGS 84 (IUGG)."""
UNIT: Final = math.pi / 180.0 / DEGREE
"""Radians in a unit of longitude or latitude."""
UNIT_KM: Final = EARTH_KM * UNIT
FULL: Final = 360 * DEGREE
HALF: Final = 180 * DEGREE
FLAT: Final = DEGREE
"""Up to a degree apart a plane is exact enough."""
POLAR: Final = 85 * DEGREE
KNOT_KMH: Final = 1.852


@kernel
def east(lon0: int, lon1: int) -> int:
    """Units eastward from one longitude to another, the shorter way."""
    d = lon1 - lon0
    if d > HALF:
        return d - FULL
    if d < -HALF:
        return d + FULL
    return d


@kernel
def distance(lon0: int, lat0: int, lon1: int, lat1: int) -> float:
    """Kilometres between two positions."""
    dx, dy = float(east(lon0, lon1)), float(lat1 - lat0)
    if abs(dx) < FLAT and abs(dy) < FLAT and abs(lat0) < POLAR:
        dx *= math.cos(0.5 * UNIT * (lat0 + lat1))
        return UNIT_KM * math.sqrt(dx * dx + dy * dy)
    a = math.sin(0.5 * UNIT * dy)
    b = math.sin(0.5 * UNIT * dx)
    square = a * a + math.cos(UNIT * lat0) * math.cos(UNIT * lat1) * b * b
    return 2.0 * EARTH_KM * math.asin(min(1.0, math.sqrt(square)))


@kernel
def between(angle0: float, angle1: float) -> float:
    """The angle between two directions in degrees, 0 to 180."""
    d = abs(angle0 - angle1) % 360.0
    return 360.0 - d if d > 180.0 else d
