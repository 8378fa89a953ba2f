"""Drifting, and dragging at anchor.

A report drifts if its status is "not under command" and it moves, or if it is slow, under way, and its course over ground is
far from its heading. Up to two reports in a row that don't fit are passed over. The angle must be to one side, more or less:
the course of a vessel that hardly moves is noise to both. Vessels that fish, sail, or are restricted in their ability to
manoeuvre go sideways by trade and don't count.

A vessel with status "at anchor" has its anchor where it settled: the mean of its positions while it stays within the
profile's radius of that. Outside it for long, and too slow to be under way, it drags.
"""

import math
from typing import Final

from cordiale.desks.maritime.detect.detectors import DRAG, DRIFT
from cordiale.desks.maritime.detect.motion import between, distance, east
from cordiale.desks.maritime.detect.step import Out, Record, emit
from cordiale.desks.maritime.kernel import kernel

PASSED_OVER: Final = 2
BRIDGE_H: Final = 1.0
SOON_H: Final = 1.0 / 6.0
"""A report that does not fit, later than that, says that it was over."""
LEAST_REPORTS: Final = 3
MEAN_OF_ANGLES: Final = 16
SETTLE_S: Final = 1_800
SETTLED_REPORTS: Final = 5
DRAG_MOST_S: Final = 21_600
"""After six hours outside, wherever it is is where it is at anchor."""
MEAN_OF: Final = 50


@kernel
def drifting(r: Record, t: Record) -> bool:
    """Whether this report drifts."""
    if r.sog < t.drift_least_kn or r.sog > t.drift_most_kn:
        return False
    if r.status == 2:
        return True
    if r.status == 1 or 3 <= r.status <= 8 or r.cog < 0.0 or r.heading < 0.0:
        return False
    return between(r.cog, r.heading) >= t.drift_angle_degrees


@kernel
def drift_ends(s: Record, r: Record, t: Record) -> bool:
    """Whether what drifted has stopped doing so."""
    if s.drift_since == 0 or drifting(r, t):
        return s.drift_since > 0 and r.hours > BRIDGE_H
    return r.hours > SOON_H or s.drift_misses >= PASSED_OVER or r.status == 1 or r.status == 5


@kernel
def drift_go(s: Record, r: Record, t: Record) -> None:
    """Begin, go on with, or pass over."""
    if not drifting(r, t):
        if s.drift_since > 0:
            s.drift_misses += 1
        return
    if s.drift_since == 0:
        s.drift_since, s.drift_lon, s.drift_lat = r.seconds, r.lon, r.lat
        s.drift_reports, s.drift_ahead, s.drift_aside = 0, 0, 0
    s.drift_misses = 0
    s.drift_reports = min(255, s.drift_reports + 1)
    if r.cog >= 0.0 and r.heading >= 0.0 and between(r.cog, r.heading) >= t.drift_angle_degrees:
        angle, weight = math.radians(r.cog - r.heading), 1.0 / min(MEAN_OF_ANGLES, s.drift_reports)
        s.drift_ahead = round(s.drift_ahead + (100.0 * math.cos(angle) - s.drift_ahead) * weight)
        s.drift_aside = round(s.drift_aside + (100.0 * math.sin(angle) - s.drift_aside) * weight)


@kernel
def mean_angle(s: Record) -> float:
    """Degrees between heading and course, of the mean; 0 where neither was known."""
    return math.degrees(math.atan2(abs(s.drift_aside), s.drift_ahead))


@kernel
def drifts(s: Record, t: Record) -> bool:
    """Whether there are reports enough, and their angles to one side; a vessel that says it is not under command needs none."""
    plain = s.drift_ahead == 0 and s.drift_aside == 0
    return s.drift_since > 0 and s.drift_reports >= LEAST_REPORTS and (plain or mean_angle(s) >= t.drift_angle_degrees)


@kernel
def drift_emit(out: Out, s: Record, open: int, t: Record) -> None:
    """The drift up to the last report, where it was long and far enough."""
    minutes = (s.time // 1000 - s.drift_since) / 60.0
    km = distance(s.drift_lon, s.drift_lat, s.lon, s.lat)
    if not drifts(s, t) or minutes < t.drift_duration_min or km < t.drift_distance_km:
        return
    event = emit(out, DRIFT, s, s.drift_since * 1000, s.drift_lon, s.drift_lat, s.time, open)
    event.values[0], event.values[1], event.values[2] = minutes, km, km / 1.852 / (minutes / 60.0)
    event.values[3], event.values[4] = mean_angle(s), s.drift_reports


@kernel
def anchor_ends(s: Record, r: Record, t: Record) -> bool:
    """Whether it is not at anchor any more, is back, or has been away for so long that it is at anchor elsewhere."""
    if s.anchor_since == 0:
        return False
    if r.status != 1 or r.speed > t.drag_most_kn:
        return True
    if s.anchor_out == 0:
        return False
    return r.seconds - s.anchor_out > DRAG_MOST_S or not _outside(s, r, t)


@kernel
def _outside(s: Record, r: Record, t: Record) -> bool:
    return distance(s.anchor_lon, s.anchor_lat, r.lon, r.lat) > t.drag_radius_km


@kernel
def anchor_over(s: Record, r: Record, t: Record) -> None:
    """After `anchor_ends`: forget the anchor, unless the vessel came back to it."""
    s.anchor_since *= int(r.status == 1 and r.speed <= t.drag_most_kn and not _outside(s, r, t))
    s.anchor_out = 0


@kernel
def anchor_go(s: Record, r: Record, t: Record) -> None:
    """Settle, stay, or leave."""
    if r.status != 1 or r.speed > t.drag_most_kn:
        return
    if s.anchor_since == 0:
        s.anchor_since, s.anchor_lon, s.anchor_lat, s.anchor_reports, s.anchor_out = r.seconds, r.lon, r.lat, 1, 0
    elif not _outside(s, r, t):
        s.anchor_reports = min(MEAN_OF, s.anchor_reports + 1)
        s.anchor_lon += int(east(s.anchor_lon, r.lon) / s.anchor_reports)
        s.anchor_lat += int((r.lat - s.anchor_lat) / s.anchor_reports)
    elif s.anchor_out == 0:
        if r.seconds - s.anchor_since < SETTLE_S or s.anchor_reports < SETTLED_REPORTS:
            s.anchor_since, s.anchor_lon, s.anchor_lat, s.anchor_reports = r.seconds, r.lon, r.lat, 1
        else:
            s.anchor_out = r.seconds


@kernel
def drag_emit(out: Out, s: Record, open: int, t: Record) -> None:
    """The dragging up to the last report, where it was long enough."""
    minutes = (s.time // 1000 - s.anchor_out) / 60.0
    if s.anchor_out == 0 or minutes < t.drag_duration_min:
        return
    km = distance(s.anchor_lon, s.anchor_lat, s.lon, s.lat)
    event = emit(out, DRAG, s, s.anchor_out * 1000, s.anchor_lon, s.anchor_lat, s.time, open)
    event.values[0], event.values[1] = 1000.0 * km, minutes
    event.values[2], event.values[3] = (s.anchor_out - s.anchor_since) / 3600.0, km / 1.852 / (minutes / 60.0)
