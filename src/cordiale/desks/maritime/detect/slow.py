"""Loitering, and where slow vessels were at every full ten minutes.

A run of slow reports begins with one below the profile's speed and ends before the first that is faster than its outer speed,
or that comes after too long a silence. A tick is interpolated between two reports that are slow by the distance between them.
"""

import math

from cordiale.desks.maritime.detect.detectors import LOITERING
from cordiale.desks.maritime.detect.motion import FULL, HALF, KNOT_KMH, POLAR, UNIT, east
from cordiale.desks.maritime.detect.step import HOUR_MS, TICKS, Out, Record, emit, moored
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import TICK_MS


@kernel
def slow_ends(s: Record, r: Record, t: Record) -> bool:
    """Whether the run ends before this report."""
    return s.slow_since > 0 and (not 0.0 <= r.speed < t.loitering_out_kn or r.hours > t.loitering_bridge_h)


@kernel
def slow_go(s: Record, r: Record, t: Record) -> None:
    """Begin a run, or go on with it."""
    if s.slow_since > 0:
        s.slow_path += r.km
        s.slow_reports = min(65_535, s.slow_reports + 1)
    elif 0.0 <= r.speed < t.loitering_speed_kn:
        s.slow_since, s.slow_lon, s.slow_lat = r.seconds, r.lon, r.lat
        s.slow_path, s.slow_reports, s.slow_moored = 0.0, 1, 0
    else:
        return
    if moored(r.status):
        s.slow_moored = min(65_535, s.slow_moored + 1)


@kernel
def slow_emit(out: Out, s: Record, open: int, t: Record) -> None:
    """The run up to the last report, where it is long enough."""
    begin = s.slow_since * 1000
    hours = (s.time - begin) / HOUR_MS
    if hours < t.loitering_duration_h:
        return
    event = emit(out, LOITERING, s, begin, s.slow_lon, s.slow_lat, s.time, open)
    event.values[0], event.values[1], event.values[2] = hours, s.slow_path, s.slow_path / KNOT_KMH / hours
    event.values[3], event.values[4] = s.slow_reports, s.slow_moored / s.slow_reports


@kernel
def slow_pending(out: Out, s: Record, now: int, t: Record) -> None:
    """The run that still goes on, or that a silence has ended."""
    if s.slow_since > 0:
        slow_emit(out, s, int(now - s.time <= t.loitering_bridge_h * HOUR_MS), t)


@kernel
def tick_due(s: Record, r: Record, t: Record) -> bool:
    """Whether a full ten minutes lies after the report before and up to this one, and the vessel was slow between them."""
    return s.time // TICK_MS != r.time // TICK_MS and 0.0 <= r.implied < t.tick_speed_kn and r.hours <= t.tick_bridge_h


@kernel
def tick_emit(out: Out, s: Record, r: Record) -> None:
    """Those ticks."""
    begin = s.time
    for number in range(begin // TICK_MS + 1, r.time // TICK_MS + 1):
        share = (number * TICK_MS - begin) / (r.time - begin)
        lon, lat = _between(s.lon, s.lat, r.lon, r.lat, share)
        n = out.used[TICKS]
        tick = out.ticks[n]
        tick.tick, tick.mmsi, tick.branch = number, s.mmsi, s.branch
        tick.lon, tick.lat, tick.sog = lon, lat, int(r.implied * 10.0 + 0.5)
        out.used[TICKS] = n + 1


@kernel
def _between(lon0: int, lat0: int, lon1: int, lat1: int, share: float) -> tuple[int, int]:
    """A point of the great circle; but for near the poles a slow vessel's way is a straight line on the map."""
    if abs(lat0) < POLAR and abs(lat1) < POLAR:
        lon = lon0 + math.floor(share * east(lon0, lon1) + 0.5)
        lat = lat0 + math.floor(share * (lat1 - lat0) + 0.5)
    else:
        a, b, c = _vector(lon0, lat0)
        x, y, z = _vector(lon1, lat1)
        x, y, z = a + share * (x - a), b + share * (y - b), c + share * (z - c)
        lon = math.floor(math.atan2(y, x) / UNIT + 0.5)
        lat = math.floor(math.atan2(z, math.sqrt(x * x + y * y)) / UNIT + 0.5)
    if lon > HALF:
        lon -= FULL
    elif lon < -HALF:
        lon += FULL
    return lon, lat


@kernel
def _vector(lon: int, lat: int) -> tuple[float, float, float]:
    flat = math.cos(UNIT * lat)
    return flat * math.cos(UNIT * lon), flat * math.sin(UNIT * lon), math.sin(UNIT * lat)
