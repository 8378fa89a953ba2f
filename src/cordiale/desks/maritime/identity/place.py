"""Where a vessel was when it said something: its last report of a position before, and whether that is at sea."""

from collections.abc import Callable
from typing import Final, NamedTuple

from cordiale.desks.maritime.coast import coast, inland
from cordiale.desks.maritime.detect.motion import distance
from cordiale.desks.maritime.schema import DEGREE

_MOORED: Final = 5
_SHORE_M: Final = 2_000.0
"""The coastline is good to about a kilometre, and piers reach out."""
_WAY: Final = 30
"""Three knots, in AIS's tenths: whoever makes them is at no berth."""
_UNKNOWN: Final = 1022


class Fix(NamedTuple):
    """A position report, in AIS's units."""

    time: int
    lon: int
    lat: int
    sog: int
    status: int


Where = Callable[[int, int, int], Fix | None]
"""(MMSI, ms, most ms before): its last position at that time, not older."""


def at_sea(fix: Fix) -> bool:
    """Under way, or off the shore and not moored."""
    if _WAY <= fix.sog < _UNKNOWN:
        return True
    away = inland(coast(), fix.lon / DEGREE, fix.lat / DEGREE, _SHORE_M) <= -_SHORE_M
    return bool(away) and fix.status != _MOORED


def apart(one: Fix, other: Fix) -> float:
    """km."""
    return float(distance(one.lon, one.lat, other.lon, other.lat))
