"""One report with the step that led to it, as the detectors' kernels take them, and where they emit.

Kernels take records by reference (`Record`): one of VESSEL, of REPORT, of THRESHOLDS. A detector has, in its module, `…_ends`
(whether this report ends what went on), `…_go` (take the report into the state) and `…_emit` (tell what went on, if it
was enough). Only the last needs arrays, which in compiled code cost more to pass than most detectors to run.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.kernel import kernel

Record = Any
"""An element of a structured array: in compiled code a pointer, its fields attributes."""
Records = Any
"""[n] of a structured type, to be indexed for records."""
Counts = NDArray[np.int64]
EVENTS: Final = 0
TICKS: Final = 1
"""Places in `Out.used`."""
UNKNOWN: Final = -1.0
"""A speed, course or heading that was not sent."""
HOUR_MS: Final = 3_600_000.0

REPORT: Final = np.dtype(
    [
        ("time", "<i8"),  # ms
        ("seconds", "<i8"),
        ("lon", "<i8"),
        ("lat", "<i8"),
        ("status", "<i8"),
        ("first", "<i8"),  # 1 where there is no report before it
        ("sog", "<f8"),  # kn; UNKNOWN
        ("cog", "<f8"),  # degrees; UNKNOWN
        ("heading", "<f8"),  # degrees; UNKNOWN
        ("hours", "<f8"),  # since the report before
        ("km", "<f8"),  # from the report before
        ("implied", "<f8"),  # kn, of the two; UNKNOWN for a first report
        ("speed", "<f8"),  # kn: reported, or else implied; UNKNOWN
    ]
)
"""A valid position report of a vessel."""


class Out(NamedTuple):
    """Where kernels emit. `used` counts what is filled."""

    events: Records
    """[n] of EVENT"""
    ticks: Records
    """[n] of TICK"""
    used: Counts
    """[2]"""


@kernel
def moored(status: int) -> bool:
    """At anchor, moored or aground (navigational status 1, 5, 6)."""
    return status == 1 or status == 5 or status == 6


@kernel
def emit(out: Out, detector: int, s: Record, begin: int, lon: int, lat: int, end: int, open: int) -> Record:
    """A new event of vessel `s`, which ends where it is; to be given its zone and values."""
    n = out.used[EVENTS]
    event = out.events[n]
    event.detector, event.mmsi, event.branch = detector, s.mmsi, s.branch
    event.other, event.other_branch, event.zone = 0, 0, -1
    event.begin, event.end, event.open = begin, end, open
    event.lon0, event.lat0, event.lon1, event.lat1 = lon, lat, s.lon, s.lat
    for k in range(8):
        event.values[k] = 0.0
    out.used[EVENTS] = n + 1
    return event
