"""What is remembered of a vessel between two of its reports: one record, the same in batch and live.

A record is one physical vessel (a branch) under an MMSI. Records of one MMSI hang in a chain from the first; the MMSI's index
finds that one. Moments inside are seconds since 1970 in 32 bits (to 2106), 0 where there is none; the last report's is in ms.
"""

from typing import Any, Final

import numpy as np

VESSEL: Final = np.dtype(
    [
        # the last report, and the chain of branches
        ("time", "<i8"),
        ("mmsi", "<u4"),
        ("next", "<i4"),  # the next branch of this MMSI; −1
        ("lon", "<i4"),
        ("lat", "<i4"),
        ("sog", "<u2"),
        ("branch", "u1"),
        ("reports", "u1"),  # how many, to 255
        ("born", "<u4"),
        # reports in each of the last six spans of two hours: what a gap is judged by
        ("heard", "u1", (6,)),
        # a run of slow reports
        ("slow_since", "<u4"),
        ("slow_lon", "<i4"),
        ("slow_lat", "<i4"),
        ("slow_path", "<f4"),  # km
        ("slow_reports", "<u2"),
        ("slow_moored", "<u2"),  # of these, with status at anchor, moored or aground
        # of an MMSI, in its first record: the branch heard last and how they alternate
        ("last_branch", "u1"),
        ("switches", "u1"),
        ("switch_since", "<u4"),
        ("switch_last", "<u4"),
        # reports whose motion cannot be
        ("odd", "u1"),
        ("odd_since", "<u4"),
        ("odd_speed", "<u2"),  # 0.1 kn: the greatest
        # a circle: three points to fit it, then hits and misses; offsets are in units of 10 m
        ("ring_lon", "<i4"),
        ("ring_lat", "<i4"),
        ("ring_x", "<i2", (2,)),
        ("ring_y", "<i2", (2,)),
        ("ring_since", "<u4"),
        ("ring_last", "<u4"),
        ("ring_sectors", "<u2"),
        ("ring_hits", "u1"),
        ("ring_misses", "u1"),
        ("ring_phase", "u1"),
        # on land
        ("land", "u1"),
        ("land_since", "<u4"),
        # drifting
        ("drift_since", "<u4"),
        ("drift_lon", "<i4"),
        ("drift_lat", "<i4"),
        ("drift_ahead", "i1"),  # mean of cosine and sine of the angle from heading to course, in units of 1/100
        ("drift_aside", "i1"),
        ("drift_reports", "u1"),
        ("drift_misses", "u1"),
        # at anchor
        ("anchor_since", "<u4"),
        ("anchor_lon", "<i4"),
        ("anchor_lat", "<i4"),
        ("anchor_out", "<u4"),
        ("anchor_reports", "u1"),
        # cables: this vessel's own pace, and the last crossing
        ("pace", "<f4"),  # kn, over some ten minutes
        ("cruise", "<f4"),  # kn, its usual speed under way
        ("way_since", "<u4"),
        ("cable", "<i2"),
        ("cable_state", "u1"),
        ("cable_pace", "<u2"),  # 0.01 kn
        ("cable_at", "<u4"),
        ("cable_lon", "<i4"),
        ("cable_lat", "<i4"),
        ("cable_slow", "<u4"),
        ("cable_crossings", "u1"),
        ("cable_still", "u1"),  # since the crossing, in ten minutes: when it was last as slow as there
        # zones it is in, and against a lane
        ("zone", "<i2", (3,)),
        ("zone_since", "<u4", (3,)),
        ("wrong_since", "<u4"),
        ("wrong_reports", "u1"),
    ]
)
"""At most 200 bytes; of which each detector reads and writes its own."""

STATE_BYTES: Final = 200
if VESSEL.itemsize > STATE_BYTES:
    raise AssertionError(f"a vessel's record has {VESSEL.itemsize} bytes, {STATE_BYTES} allowed")

Vessels = Any
"""[n] of VESSEL."""
