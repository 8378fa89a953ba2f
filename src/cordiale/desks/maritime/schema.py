"""Columns of this desk: what it reads, in the units of ITU-R M.1371-5 (annex 8), and what its stages pass on.

Positions keep AIS's own fixed-point integers, so that nothing is rounded twice and a row has 29 bytes. Sentinels stay as they
were sent ("not available" is information); whoever computes with a column handles its sentinel first.

Order is total: by time, then MMSI, then every other column. Two rows that are equal in all columns are one report heard twice.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

DEGREE: Final = 600_000
"""Units of longitude and latitude in a degree: 1/10,000 minute (0.185 m along a meridian), WGS 84."""

LON_UNAVAILABLE: Final = 181 * DEGREE
LAT_UNAVAILABLE: Final = 91 * DEGREE
SOG_UNAVAILABLE: Final = 1023
"""Speed over ground in 0.1 knot; 1022 means 102.2 knots or more."""
COG_UNAVAILABLE: Final = 3600
"""Course over ground in 0.1 degree."""
HEADING_UNAVAILABLE: Final = 511
"""True heading in degrees."""
STATUS_UNDEFINED: Final = 15
"""Navigational status: 0 under way using engine, 1 at anchor, 2 not under command, 3 restricted manoeuvrability, 5 moored,
7 fishing."""

POSITION: Final = np.dtype(
    [
        ("time", "<i8"),  # ms since 1970-01-01T00:00:00Z (`cordiale.vocab.moment.Moment`): when it was received
        ("mmsi", "<u4"),
        ("lon", "<i4"),  # 1/10,000 minute, east positive; LON_UNAVAILABLE
        ("lat", "<i4"),  # 1/10,000 minute, north positive; LAT_UNAVAILABLE
        ("sog", "<u2"),  # 0.1 knot; SOG_UNAVAILABLE
        ("cog", "<u2"),  # 0.1 degree; COG_UNAVAILABLE
        ("heading", "<u2"),  # degree; HEADING_UNAVAILABLE
        ("status", "u1"),  # navigational status; STATUS_UNDEFINED
        (
            "kind",
            "u1",
        ),  # message type 1, 2, 3, 5, 18, 19, 24, 27; 4, 9, 21 are kept apart; 0 where the source doesn't say
    ]
)
"""One position report: a row of the archive, `positions/YYYY-MM-DD.parquet`."""

Positions = NDArray[np.void]
"""[n] of POSITION."""

STATIC: Final[dict[str, str]] = {
    "time": "ms since the Unix epoch: when it was received",
    "mmsi": "u32",
    "imo": "u32: IMO number as sent; 0 is none",
    "call_sign": "text up to the first @, without blanks around it",
    "name": "text, the same",
    "ship_type": "u8: type of ship and cargo, 0 to 99",
    "to_bow": "u16 m, from the antenna",
    "to_stern": "u16 m",
    "to_port": "u8 m",
    "to_starboard": "u8 m",
    "draught": "u8, 0.1 m; 0 is not available",
    "destination": "text",
    "eta": "u32: month, day, hour, minute as MMDDhhmm; 0 where it is not available",
    "kind": "u8: message type 5, 19 or 24; 0 where the source doesn't say",
}
"""One identity report: a row of the archive, `statics/YYYY-MM-DD.parquet`. What a message doesn't carry is 0 or empty."""

EVENT: Final = np.dtype(
    [
        ("detector", "u1"),  # a number of `cordiale.desks.maritime.detect.DETECTORS`
        ("mmsi", "<u4"),
        ("branch", "u1"),  # which physical vessel under that MMSI: 0 where it is not shared
        ("other", "<u4"),  # the other vessel's MMSI where two take part; 0
        ("other_branch", "u1"),
        ("zone", "<i4"),  # which area, corridor or cable; −1
        ("begin", "<i8"),  # ms
        ("end", "<i8"),  # ms
        ("lon0", "<i4"),  # where it began, in AIS units
        ("lat0", "<i4"),
        ("lon1", "<i4"),  # where it ended
        ("lat1", "<i4"),
        ("open", "u1"),  # 1 while it still goes on at the end of the data
        ("values", "<f4", (8,)),  # the detector's measures; their names and units stand beside it in DETECTORS
    ]
)
"""What a kernel emits, and findings are made of. Sorted by begin, detector, mmsi, branch, other, zone."""

TICK: Final = np.dtype(
    [
        ("tick", "<i4"),  # number of ten minutes since the Unix epoch
        ("mmsi", "<u4"),
        ("branch", "u1"),
        ("lon", "<i4"),  # AIS units, interpolated along the great circle between two reports
        ("lat", "<i4"),
        ("sog", "<u2"),  # 0.1 knot: the mean between the two reports
    ]
)
"""Where a slow vessel was at a full ten minutes: what pairs of vessels are searched in."""

TICK_MS: Final = 600_000
