"""What a plan occupies, as plain values, and how far a place on the sphere is from it.

    one position        a disc
    several, open       a corridor along great circles
    several, closed     a polygon with great circles as edges; what winds around a place any number of times holds it

All with a margin in kilometres on every side. Everything is computed on unit vectors, so that neither the antimeridian
nor a pole is a special place; the inside of a polygon on the gnomonic projection about its middle, where great circles
are straight. Positions are WGS 84 latitude and longitude in degrees; the sphere is H3's (radius 6371.007 km), on which
great-circle distances are within 0.6 % of the ellipsoid's: give a margin where that matters.
"""

import math
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.errors import Malformed
from cordiale.vocab.moment import Moment

Vectors = NDArray[np.float64]

EARTH_KM: Final = 6371.007180918475
REACH: Final = math.radians(80)
"""A shape fits in a cap of this radius: within a hemisphere."""
POSITIONS: Final = 4_096


class Area(msgspec.Struct, frozen=True):
    """Positions (latitude, longitude), open or closed, and the margin around them. `Malformed` if it can't be."""

    positions: tuple[tuple[float, float], ...]
    margin_km: float = 0.0
    closed: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.positions) <= POSITIONS or (self.closed and len(self.positions) < 3):
            raise Malformed(f"{len(self.positions)} positions", what="area")
        if not all(abs(latitude) <= 90 and abs(longitude) <= 360 for latitude, longitude in self.positions):
            raise Malformed("a position is not on the globe", what="area")
        if not 0 <= self.margin_km <= EARTH_KM:
            raise Malformed("the margin is out of range", what="area")

    def parts(self) -> "tuple[Area, ...]":
        """The same as smaller pieces: a corridor leg by leg."""
        if self.closed or len(self.positions) <= 2:
            return (self,)
        legs = zip(self.positions, self.positions[1:], strict=False)
        return tuple(Area(leg, self.margin_km) for leg in legs)


class Activity(msgspec.Struct, frozen=True):
    """Areas occupied from `begins` until `ends` (exclusive, UTC), give or take `slack` milliseconds."""

    areas: tuple[Area, ...]
    begins: Moment
    ends: Moment
    slack: int = 0


def vectors(positions: tuple[tuple[float, float], ...]) -> Vectors:
    """Unit vectors, one row each."""
    latitude, longitude = np.radians(np.array(positions, dtype=np.float64)).T
    level = np.cos(latitude)
    return np.stack((level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)), axis=1)


def cross(left: Vectors, right: Vectors) -> Vectors:
    """The cross product, row by row. NumPy's own spends most of its time on which axis is meant."""
    a, b, c = left[..., 0], left[..., 1], left[..., 2]
    x, y, z = right[..., 0], right[..., 1], right[..., 2]
    return np.stack((b * z - c * y, c * x - a * z, a * y - b * x), axis=-1)


def cap(corners: Vectors) -> tuple[Vectors, float]:
    """A cap that holds the shape: its middle and its radius (radians); `Malformed` if it nears a hemisphere."""
    total = corners.sum(axis=0)
    length = float(np.linalg.norm(total))
    middle = total / length if length > 1e-9 else corners[0]
    radius = float(_angles(corners, middle).max())
    if radius > REACH:
        raise Malformed("wider than a hemisphere; give it in parts", what="area")
    return middle, radius


def distances(places: Vectors, area: Area, corners: Vectors, middle: Vectors) -> Vectors:
    """How far each place is from the area without its margin, in radians; 0 inside."""
    found = _angles(places, corners[0])
    for start, end in zip(corners, np.roll(corners, -1, axis=0) if area.closed else corners[1:], strict=False):
        found = np.minimum(found, _from_arc(places, start, end))
    return np.where(_inside(places, corners, middle), 0.0, found) if area.closed else found


def _angles(places: Vectors, place: Vectors) -> Vectors:
    chords = np.linalg.norm(places - place, axis=1)
    return 2 * np.arcsin(np.minimum(chords / 2, 1.0))


def _from_arc(places: Vectors, start: Vectors, end: Vectors) -> Vectors:
    ends = np.minimum(_angles(places, start), _angles(places, end))
    normal = cross(start, end)
    length = float(np.linalg.norm(normal))
    if length < 1e-15:
        return ends
    normal = normal / length
    beside = (places @ cross(normal, start) >= 0) & (places @ cross(normal, end) <= 0)
    across = np.abs(np.arcsin(np.clip(places @ normal, -1.0, 1.0)))
    return np.where(beside, np.minimum(across, ends), ends)


def _inside(places: Vectors, corners: Vectors, middle: Vectors) -> NDArray[np.bool_]:
    """Winding number, not zero (D. Sunday's form: upward and downward crossings to the right of the place)."""
    axis = np.eye(3)[int(np.argmin(np.abs(middle)))]
    east = cross(axis, middle)
    east /= np.linalg.norm(east)
    north = cross(middle, east)
    depth = places @ middle
    ahead = np.where(depth > 1e-9, depth, 1.0)
    x, y = places @ east / ahead, places @ north / ahead
    cx, cy = corners @ east / (corners @ middle), corners @ north / (corners @ middle)
    winding = np.zeros(len(places), dtype=np.int64)
    for ax, ay, bx, by in zip(cx, cy, np.roll(cx, -1), np.roll(cy, -1), strict=True):
        left = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        winding += (ay <= y) & (by > y) & (left > 0)
        winding -= (ay > y) & (by <= y) & (left < 0)
    return (winding != 0) & (depth > 1e-9)
