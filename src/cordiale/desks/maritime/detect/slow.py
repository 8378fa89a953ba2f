"""Loitering, and where slow vessels were at every full ten minutes.

A run of slow reports begins with one below the profile's speed and ends before the first that is faster than its outer speed,
or that comes after too long a silence. A tick is interpolated between two reports that are slow by the distance between them.
"""

import math

from cordiale.desks.maritime.detect.detectors import LOITERING
from cordiale.desks.maritime.detect.motion import FULL, HALF, KNOT_KMH, POLAR, UNIT, east
from cordiale.desks.maritime.detect.profile import Thresholds
from cordiale.desks.maritime.detect.step import TICKS, Out, Report, emit, moored, speed
from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import TICK_MS


@kernel
def slow_step(v: Vessels, j: int, r: Report, t: Thresholds, out: Out) -> None:
    """Begin, go on with, or end a run."""
    kn = speed(r)
    running = v[j]["slow_since"] > 0
    slow = 0.0 <= kn < (t.loitering_out_kn if running else t.loitering_speed_kn)
    if running and (not slow or r.hours > t.loitering_bridge_h):
        slow_emit(v, j, 0, t, out)
        v[j]["slow_since"] = 0
        running = False
        slow = 0.0 <= kn < t.loitering_speed_kn
    if not slow:
        return
    if running:
        v[j]["slow_path"] += r.km
        v[j]["slow_reports"] = min(65_535, v[j]["slow_reports"] + 1)
    else:
        v[j]["slow_since"] = r.time // 1000
        v[j]["slow_lon"], v[j]["slow_lat"] = r.lon, r.lat
        v[j]["slow_path"], v[j]["slow_reports"], v[j]["slow_moored"] = 0.0, 1, 0
    if moored(r.status):
        v[j]["slow_moored"] = min(65_535, v[j]["slow_moored"] + 1)


@kernel
def slow_emit(v: Vessels, j: int, open: int, t: Thresholds, out: Out) -> None:
    """The run of `j` up to its last report, where it is long enough."""
    begin, end = v[j]["slow_since"] * 1000, v[j]["time"]
    hours = (end - begin) / 3_600_000.0
    if hours < t.loitering_duration_h:
        return
    lon, lat = v[j]["slow_lon"], v[j]["slow_lat"]
    n = emit(out, LOITERING, v, j, begin, lon, lat, end, v[j]["lon"], v[j]["lat"], open)
    values = out.events[n]["values"]
    values[0], values[1] = hours, v[j]["slow_path"]
    values[2] = v[j]["slow_path"] / KNOT_KMH / hours
    values[3] = v[j]["slow_reports"]
    values[4] = v[j]["slow_moored"] / v[j]["slow_reports"]


@kernel
def slow_pending(v: Vessels, j: int, now: int, t: Thresholds, out: Out) -> None:
    """The run that still goes on, or that a silence has ended."""
    if v[j]["slow_since"] > 0:
        slow_emit(v, j, int(now - v[j]["time"] <= t.loitering_bridge_h * 3_600_000.0), t, out)


@kernel
def tick_step(v: Vessels, j: int, r: Report, t: Thresholds, out: Out) -> None:
    """A tick for every full ten minutes after the report before and up to this one."""
    if r.first or r.hours > t.tick_bridge_h or not 0.0 <= r.implied < t.tick_speed_kn:
        return
    begin = v[j]["time"]
    for number in range(begin // TICK_MS + 1, r.time // TICK_MS + 1):
        share = (number * TICK_MS - begin) / (r.time - begin)
        lon, lat = _between(v[j]["lon"], v[j]["lat"], r.lon, r.lat, share)
        n = out.used[TICKS]
        tick = out.ticks[n]
        tick["tick"], tick["mmsi"], tick["branch"] = number, v[j]["mmsi"], v[j]["branch"]
        tick["lon"], tick["lat"], tick["sog"] = lon, lat, int(r.implied * 10.0 + 0.5)
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
