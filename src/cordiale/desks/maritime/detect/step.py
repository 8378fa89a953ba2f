"""One report and the step that led to it, as the detectors' kernels take them, and where they emit."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.kernel import kernel

Counts = NDArray[np.int64]
EVENTS: Final = 0
TICKS: Final = 1
"""Places in `Out.used`."""
UNKNOWN: Final = -1.0
"""A speed, course or heading that was not sent."""


class Report(NamedTuple):
    """A valid position report of a vessel."""

    time: int
    """ms"""
    lon: int
    lat: int
    sog: float
    """kn; UNKNOWN"""
    cog: float
    """degrees; UNKNOWN"""
    heading: float
    """degrees; UNKNOWN"""
    status: int
    first: bool
    """There is no report before it."""
    hours: float
    """since the one before"""
    km: float
    """from the one before"""
    implied: float
    """kn, from the two; UNKNOWN where no time passed"""


class Out(NamedTuple):
    """Where kernels emit. `used` counts what is filled."""

    events: NDArray[np.void]
    """[n] of EVENT"""
    ticks: NDArray[np.void]
    """[n] of TICK"""
    used: Counts
    """[2]"""


@kernel
def speed(r: Report) -> float:
    """Reported, or else implied; UNKNOWN where neither is there."""
    return r.sog if r.sog >= 0.0 else r.implied


@kernel
def moored(status: int) -> bool:
    """At anchor, moored or aground (navigational status 1, 5, 6)."""
    return status == 1 or status == 5 or status == 6


@kernel
def emit(
    out: Out,
    detector: int,
    v: Vessels,
    j: int,
    begin: int,
    lon: int,
    lat: int,
    end: int,
    lon1: int,
    lat1: int,
    open: int,
) -> int:
    """A new event of vessel `j`; its number in `out.events`, for zone and values."""
    n = out.used[EVENTS]
    event = out.events[n]
    event["detector"], event["mmsi"], event["branch"] = detector, v[j]["mmsi"], v[j]["branch"]
    event["other"], event["other_branch"], event["zone"] = 0, 0, -1
    event["begin"], event["end"] = begin, end
    event["lon0"], event["lat0"], event["lon1"], event["lat1"] = lon, lat, lon1, lat1
    event["open"] = open
    for k in range(8):
        event["values"][k] = 0.0
    out.used[EVENTS] = n + 1
    return n
