"""Kernels of the exercise: where a ship is, when its transponder reports, and whether anybody hears it.

A ship's course is a row of SEGMENTs, straight in longitude and latitude, on which it wanders by smooth noise that vanishes at
both ends, so that nothing jumps where a segment begins. Reporting intervals are those of ITU-R M.1371-5, annex 1, tables 1
and 2, without the shorter ones for a changing course. All chance is a hash of ship and time: the same whatever the order of work.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import (
    DEGREE,
    HEADING_UNAVAILABLE,
    LAT_UNAVAILABLE,
    LON_UNAVAILABLE,
    SOG_UNAVAILABLE,
)

SEGMENT: Final = np.dtype(
    [
        ("begin", "<i8"),  # ms
        ("end", "<i8"),
        ("lon0", "<f8"),  # degrees
        ("lat0", "<f8"),
        ("lon1", "<f8"),
        ("lat1", "<f8"),
        ("wander", "<f4"),  # m: how far it strays
        ("period", "<f4"),  # s: how fast
        ("radius", "<f4"),  # m: of the circle that a false position runs on; 0
        ("rate", "<f4"),  # radians a second on it
        ("status", "u1"),
        ("silent", "u1"),  # 1 where the transponder is off
        ("beam", "u1"),  # 1 where it lies across its course
    ],
    align=True,
)
SHIP: Final = np.dtype(
    [
        ("seed", "<u8"),
        ("next", "<i8"),  # ms: when it reports next
        ("segment", "<i8"),  # the segment that it is on
        ("last", "<i8"),  # the number behind its last segment
        ("mmsi", "<u4"),
        ("class_b", "u1"),
        ("no_heading", "u1"),
    ],
    align=True,
)
OUTAGE: Final = np.dtype(
    [("begin", "<i8"), ("end", "<i8"), ("west", "<f8"), ("south", "<f8"), ("east", "<f8"), ("north", "<f8")]
)
WAKE: Final = np.dtype([("lon", "<f8"), ("lat", "<f8"), ("status", "u1"), ("beam", "u1")], align=True)
"""Where a ship says it is, degrees, NaN where it says nothing; its status; 1 where it lies across its course."""

WEST: Final = -14.0
SOUTH: Final = 45.0
CELL: Final = 0.1
COLUMNS: Final = 180
ROWS: Final = 80
"""The grid of reception: probability of hearing one report, [ROWS, COLUMNS]."""

AREA_WEST: Final = -13.5
AREA_EAST: Final = 3.5
"""Where what is collected ends: nothing is heard beyond, as in files that were cut to an area."""

SATELLITE: Final = 0.45
"""Probability of hearing a class A report from orbit, during a pass."""
PASS_MS: Final = 900_000
ORBIT_MS: Final = 3_600_000
_METRES: Final = 111_195.0
_KNOT: Final = 0.514444
_TURN: Final = 2 * np.pi


@kernel
def _mix(x: Any) -> Any:
    """SplitMix64: 64 bits that look like chance."""
    x = np.uint64(x) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def _unit(seed: Any, number: Any) -> float:
    """0 to 1, of a seed and a number."""
    return float(_mix(np.uint64(seed) ^ _mix(np.uint64(number))) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def _smooth(seed: Any, x: float) -> float:
    """−1 to 1, smooth in `x`, with a hill or a valley at about each whole number."""
    cell = np.floor(x)
    f = x - cell
    a = _unit(seed, np.int64(cell))
    b = _unit(seed, np.int64(cell) + 1)
    return 2.0 * (a + (b - a) * f * f * (3.0 - 2.0 * f)) - 1.0


@kernel
def _where(segment: Any, seed: Any, t: float) -> tuple[float, float]:
    """Longitude and latitude in degrees at `t` ms."""
    f = (t - segment.begin) / max(1.0, float(segment.end - segment.begin))
    lon = segment.lon0 + f * (segment.lon1 - segment.lon0)
    lat = segment.lat0 + f * (segment.lat1 - segment.lat0)
    east = 0.0
    north = 0.0
    if segment.wander > 0.0:
        reach = segment.wander * max(0.0, min(1.0, min(t - segment.begin, segment.end - t) / 600_000.0))
        east = reach * _smooth(seed, t / (1000.0 * segment.period))
        north = reach * _smooth(seed + np.uint64(1), t / (1000.0 * segment.period))
    if segment.radius > 0.0:
        angle = segment.rate * (t - segment.begin) / 1000.0
        east += segment.radius * np.cos(angle)
        north += segment.radius * np.sin(angle)
    return lon + east / (_METRES * np.cos(np.radians(lat))), lat + north / _METRES


@kernel
def _interval(ship: Any, knots: float, status: int) -> float:
    """ms between two reports."""
    if ship.class_b:
        return 180_000.0 if knots <= 2.0 else 30_000.0
    if knots <= 3.0 and (status == 1 or status == 5):
        return 180_000.0
    return 10_000.0 if knots <= 14.0 else (6_000.0 if knots <= 23.0 else 2_000.0)


@kernel
def _heard(ship: Any, t: int, lon: float, lat: float, grid: Any, outages: Any) -> bool:
    """Whether a receiver got it."""
    x = int((lon - WEST) / CELL)
    y = int((lat - SOUTH) / CELL)
    if not (0 <= x < COLUMNS and 0 <= y < ROWS and AREA_WEST < lon < AREA_EAST):
        return False
    p = grid[y, x]
    if ship.class_b:
        p *= 0.8
    elif t % ORBIT_MS < PASS_MS:
        p = max(p, SATELLITE)
    for each in range(len(outages)):
        o = outages[each]
        if o.begin <= t < o.end and o.west <= lon < o.east and o.south <= lat < o.north:
            p = 0.0
    return p > 0.0 and _unit(ship.seed + np.uint64(2), t) < p


@kernel
def _write(row: Any, ship: Any, segment: Any, t: int, lon: float, lat: float, knots: float, course: float) -> None:
    """One report, with a receiver's noise and now and then without a position or speed."""
    chance = _unit(ship.seed + np.uint64(3), t)
    row.time = t
    row.mmsi = ship.mmsi
    row.status = 15 if ship.class_b else segment.status
    row.kind = 18 if ship.class_b else 1
    east = 4.0 * (_unit(ship.seed + np.uint64(4), t) - _unit(ship.seed + np.uint64(5), t))
    north = 4.0 * (_unit(ship.seed + np.uint64(6), t) - _unit(ship.seed + np.uint64(7), t))
    row.lon = int(np.rint((lon + east / (_METRES * np.cos(np.radians(lat)))) * DEGREE))
    row.lat = int(np.rint((lat + north / _METRES) * DEGREE))
    row.sog = min(1022, int(np.rint(10.0 * max(0.0, knots + 0.2 * (chance - 0.5)))))
    stray = 2.0 if knots > 1.0 else 120.0
    row.cog = int(np.rint(10.0 * (course + stray * (chance - 0.5)))) % 3600
    across = 80.0 if segment.beam else 0.0
    row.heading = HEADING_UNAVAILABLE if ship.no_heading else int(course + across + 3.0 * (chance - 0.5)) % 360
    if chance < 0.0004:
        row.lon = LON_UNAVAILABLE
        row.lat = LAT_UNAVAILABLE
    elif chance > 0.9996:
        row.sog = SOG_UNAVAILABLE


@kernel
def transmit(ships: Any, segments: Any, until: int, grid: Any, outages: Any, rows: Any, which: Any) -> int:
    """Let every ship report until `until` (ms), and keep what is heard: how many rows were written.

    `rows` is POSITION and has room for a report each 2 s of every ship; `which` gets the ship's number of each row.
    """
    count = 0
    for number in range(len(ships)):
        ship = ships[number]
        at = ship.segment
        t = ship.next
        while t < until and at < ship.last:
            segment = segments[at]
            if t >= segment.end:
                at += 1
                continue
            if segment.silent:
                t = segment.end + int(_unit(ship.seed, segment.end) * 10_000.0)
                continue
            lon, lat = _where(segment, ship.seed, float(t))
            ahead = min(float(t) + 10_000.0, float(segment.end))
            span = ahead - t
            if span < 1000.0:
                ahead = float(t) - 10_000.0
                span = -10_000.0
            lon1, lat1 = _where(segment, ship.seed, ahead)
            east = (lon1 - lon) * np.cos(np.radians(lat)) * _METRES
            north = (lat1 - lat) * _METRES
            knots = np.hypot(east, north) / (abs(span) / 1000.0) / _KNOT
            course = np.degrees(np.arctan2(east * np.sign(span), north * np.sign(span))) % 360.0
            if _heard(ship, t, lon, lat, grid, outages):
                _write(rows[count], ship, segment, t, lon, lat, knots, course)
                which[count] = number
                count += 1
            wait = _interval(ship, knots, segment.status)
            t += int(wait * (0.9 + 0.2 * _unit(ship.seed + np.uint64(8), t)))
        ship.segment = at
        ship.next = t
    return count


@kernel
def sail(ships: Any, first: Any, segments: Any, times: Any, rows: Any) -> None:
    """[ships, times] of WAKE; `first` has the number of each ship's first segment."""
    for number in range(len(ships)):
        at = first[number]
        for k in range(len(times)):
            t, row = times[k], rows[number, k]
            while at < ships[number].last and segments[at].end <= t:
                at += 1
            row.lon, row.lat, row.status, row.beam = np.nan, np.nan, 15, 0
            if at < ships[number].last and segments[at].begin <= t and not segments[at].silent:
                row.lon, row.lat = _where(segments[at], ships[number].seed, float(t))
                row.status, row.beam = segments[at].status, segments[at].beam


def reception(receivers: tuple[tuple[float, float, float], ...]) -> NDArray[np.float32]:
    """Probability of hearing a report in each cell, from receivers of (longitude, latitude, range in m)."""
    lon = WEST + CELL * (np.arange(COLUMNS) + 0.5)[None, :]
    lat = SOUTH + CELL * (np.arange(ROWS) + 0.5)[:, None]
    best = np.zeros((ROWS, COLUMNS))
    for east, north, reach in receivers:
        d = np.hypot((lon - east) * np.cos(np.radians(lat)), lat - north) * _METRES / reach
        best = np.maximum(best, np.clip(0.97 * (1.2 - d**4), 0.0, 0.97))
    return best.astype(np.float32)
