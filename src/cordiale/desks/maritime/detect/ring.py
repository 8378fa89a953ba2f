"""Tracks on a circle, as false positions draw them: three points make a circle, and what comes after must lie on it.

Only reports of a vessel that moves count (reported or travelled speed). The three are taken a minute apart; where they make no
circle, or what follows does not lie on it, the next three are taken two, four, eight minutes apart and again one, so that
small and wide circles are both met. On the circle is what is within a tenth of the radius and 30 m, and goes along it the same
way round as the three did, where the step to it was short enough to tell: within a wide circle's tenth there is room for a
small one. The circle is told when enough reports were on it, few were off, and they went all round it (sixteen sectors as seen
from the centre).
"""

import math
from typing import Final

from cordiale.desks.maritime.detect.detectors import CIRCLE
from cordiale.desks.maritime.detect.motion import UNIT, UNIT_KM, east
from cordiale.desks.maritime.detect.step import Out, Record, emit
from cordiale.desks.maritime.kernel import kernel

GRAIN_KM: Final = 0.01
"""Offsets are kept in units of 10 m."""
REACH: Final = 30_000
"""The widest offset kept, 300 km."""
NEAREST: Final = 5
"""Points nearer than 50 m to each other don't make a circle."""
NOTHING, ONE, TWO, TESTING = 0, 1, 2, 3
STILL: Final = 3.0
"""30 m: a shorter step has no direction."""
SHORT: Final = 0.5
"""A step of so many radii turns by less than half a radian."""
ALONG: Final = 0.5
"""The cosine of 60°: so far from the circle's own direction noise may turn a step."""
SECTORS: Final = 14
"""Of sixteen: all round."""
FORGET_S: Final = 7_200
"""Two hours without a moving report end it."""


@kernel
def ring_due(s: Record, r: Record, t: Record) -> bool:
    """Whether this report counts."""
    spacing = 60 << (s.ring_phase >> 2) if s.ring_phase & 3 < TESTING else 30
    return r.seconds - s.ring_last >= spacing and max(r.sog, r.implied) >= t.circle_speed_kn


@kernel
def ring_ends(s: Record, r: Record) -> bool:
    """Whether the circle is over: too many reports off it, or a long silence."""
    if s.ring_phase & 3 != TESTING:
        return False
    misses = s.ring_misses + int(not _on(s, r))
    return r.seconds - s.ring_last > FORGET_S or misses * 6 > s.ring_hits + 6


@kernel
def _offset(s: Record, lon: int, lat: int) -> tuple[float, float]:
    """From the anchor, in units of 10 m, on the plane that touches the sphere there."""
    x = east(s.ring_lon, lon) * math.cos(UNIT * s.ring_lat) * (UNIT_KM / GRAIN_KM)
    return x, (lat - s.ring_lat) * (UNIT_KM / GRAIN_KM)


@kernel
def _on(s: Record, r: Record) -> bool:
    x, y = _offset(s, r.lon, r.lat)
    radius = s.ring_x[0]
    far = math.sqrt(x * x + y * y)
    if abs(far - radius) > 0.1 * radius + 3.0:
        return False
    a, b = _offset(s, s.lon, s.lat)
    step = math.sqrt((x - a) * (x - a) + (y - b) * (y - b))
    if not STILL <= step <= SHORT * radius:
        return True
    return s.ring_y[0] * (x * (y - b) - y * (x - a)) >= ALONG * far * step


@kernel
def ring_restart(s: Record, r: Record) -> None:
    """Begin anew here, with the next spacing."""
    level = ((s.ring_phase >> 2) + 1) & 3
    s.ring_phase = ONE | (level << 2)
    s.ring_lon, s.ring_lat, s.ring_last = r.lon, r.lat, r.seconds
    s.ring_hits, s.ring_misses, s.ring_sectors = 0, 0, 0


@kernel
def ring_go(s: Record, r: Record, t: Record) -> None:
    """Take the report as one of the three, or as on or off the circle."""
    phase, level = s.ring_phase & 3, s.ring_phase & 12
    if phase == NOTHING or r.seconds - s.ring_last > FORGET_S:
        s.ring_phase = level
        ring_restart(s, r)
        return
    x, y = _offset(s, r.lon, r.lat)
    if phase == TESTING:
        _test(s, r, x, y)
    elif abs(x) > REACH or abs(y) > REACH:
        ring_restart(s, r)
    elif abs(x) + abs(y) < NEAREST:
        s.ring_last = r.seconds
    elif phase == ONE:
        s.ring_x[0], s.ring_y[0], s.ring_last = int(x), int(y), r.seconds
        s.ring_phase = TWO | level
    elif not _fit(s, r, x, y, t):
        ring_restart(s, r)


@kernel
def _test(s: Record, r: Record, x: float, y: float) -> None:
    s.ring_last = r.seconds
    if _on(s, r):
        s.ring_hits = min(255, s.ring_hits + 1)
        s.ring_sectors |= 1 << (int((math.atan2(y, x) + math.pi) * (8.0 / math.pi)) & 15)
    else:
        s.ring_misses = min(255, s.ring_misses + 1)


@kernel
def _fit(s: Record, r: Record, x: float, y: float, t: Record) -> bool:
    """The circle through the anchor, the point kept and (x, y); its centre becomes the anchor."""
    a, b = s.ring_x[0] * 1.0, s.ring_y[0] * 1.0
    twice = 2.0 * (a * y - b * x)
    one, other = a * a + b * b, x * x + y * y
    if abs(twice) < 1e-3 * (one + other):  # as good as straight
        return False
    cx, cy = (y * one - b * other) / twice, (a * other - x * one) / twice
    radius = math.sqrt(cx * cx + cy * cy)
    if not t.circle_least_km <= radius * GRAIN_KM <= t.circle_most_km:
        return False
    lon = s.ring_lon + cx * (GRAIN_KM / UNIT_KM) / max(0.05, math.cos(UNIT * s.ring_lat))
    s.ring_lat, s.ring_lon = int(s.ring_lat + cy * (GRAIN_KM / UNIT_KM)), int(lon)
    s.ring_x[0], s.ring_phase = int(radius), TESTING | (s.ring_phase & 12)
    s.ring_y[0] = 1 if twice > 0.0 else -1  # anticlockwise, clockwise
    s.ring_since = s.ring_last = r.seconds
    return True


@kernel
def _sectors(s: Record) -> int:
    count = 0
    for k in range(16):
        count += (s.ring_sectors >> k) & 1
    return count


@kernel
def ring_found(s: Record, t: Record) -> bool:
    """Whether there was enough of the circle."""
    hits = s.ring_hits
    enough = s.ring_phase & 3 == TESTING and hits >= t.circle_hits_reports and s.ring_misses * 4 <= hits
    return enough and _sectors(s) >= SECTORS


@kernel
def ring_emit(out: Out, s: Record, open: int, t: Record) -> None:
    """The circle, where there was enough of it."""
    if not ring_found(s, t):
        return
    event = emit(out, CIRCLE, s, s.ring_since * 1000, s.ring_lon, s.ring_lat, s.ring_last * 1000, open)
    minutes = (s.ring_last - s.ring_since) / 60.0
    radius = s.ring_x[0] * GRAIN_KM
    event.values[0], event.values[1], event.values[2], event.values[3] = radius, s.ring_hits, s.ring_misses, _sectors(s)
    event.values[4] = minutes


@kernel
def ring_pending(out: Out, s: Record, now: int, t: Record) -> None:
    """The circle that still goes on, or that a silence has ended."""
    ring_emit(out, s, int(now // 1000 - s.ring_last <= FORGET_S), t)
