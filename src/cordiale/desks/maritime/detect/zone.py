"""Zones with hysteresis, traffic lanes, and land.

A vessel is in a zone from its first report inside until the first that is farther outside than the profile's hysteresis. Three
zones at once are followed. It goes against a lane while it makes way in the lane and its course is nearly opposite to
the lane's, for enough reports. It is on land while it is farther inland than the map and rivers can be wrong.
"""

import math
from typing import Final

from cordiale.desks.maritime.coast import Coast, inland
from cordiale.desks.maritime.detect.areas import Lines, Zones
from cordiale.desks.maritime.detect.detectors import ON_LAND, WRONG_WAY, ZONE
from cordiale.desks.maritime.detect.motion import UNIT, between, distance
from cordiale.desks.maritime.detect.near import (
    bearing,
    cell_at,
    crossed,
    foot,
    items,
    nearest,
    past_end,
    still_within,
    within,
)
from cordiale.desks.maritime.detect.profile import NEVER
from cordiale.desks.maritime.detect.step import HOUR_MS, Out, Record, emit
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE

SLOTS: Final = 3
WRONG_BRIDGE_H: Final = 0.5
BEND: Final = 35.0
"""Degrees: so far from abeam of its arrow a position may be at a bend."""
END: Final = 10.0
"""Degrees: so far from abeam at an end of a lane; farther, a position is before or behind it."""
LANE_KM: Final = 6.0
"""So far from its arrow a lane is looked for where its edges are drawn: no lane is wider than some six nautical miles."""
INLAND_REACH_M: Final = 50_000.0


@kernel
def zone_step(out: Out, zones: Zones, s: Record, r: Record, t: Record, flagged: bool) -> None:
    """Leave zones, then enter others; `s` still has the last report."""
    for k in range(SLOTS):
        if s.zone_since[k] > 0 and not (flagged and still_within(zones, s.zone[k], r.lon, r.lat, t.zone_hysteresis_km)):
            zone_emit(out, s, k, 0)
            s.zone_since[k] = 0
    if not flagged:
        return
    cell = cell_at(r.lon, r.lat)
    first, last = items(zones.inside, cell)
    for k in range(first, last):
        _enter(s, r, zones.inside.item[k])
    first, last = items(zones.edge, cell)
    asked = -1
    for k in range(first, last):
        zone = zones.edge.owner[zones.edge.item[k]]
        if zone != asked and within(zones, zone, r.lon, r.lat):
            _enter(s, r, zone)
        asked = zone


@kernel
def _enter(s: Record, r: Record, zone: int) -> None:
    free = -1
    for k in range(SLOTS):
        if s.zone_since[k] == 0:
            free = k if free < 0 else free
        elif s.zone[k] == zone:
            return
    if free >= 0:
        s.zone[free], s.zone_since[free] = zone, r.seconds


@kernel
def zone_emit(out: Out, s: Record, k: int, open: int) -> None:
    """The stay in the zone of slot `k`, up to the last report."""
    begin = s.zone_since[k] * 1000
    event = emit(out, ZONE, s, begin, s.lon, s.lat, max(begin, s.time), open)
    event.zone = s.zone[k]
    event.values[0] = (max(begin, s.time) - begin) / HOUR_MS


@kernel
def in_zones(s: Record) -> bool:
    """Whether it is in any."""
    return s.zone_since[0] > 0 or s.zone_since[1] > 0 or s.zone_since[2] > 0


@kernel
def lane_at(lanes: Lines, barriers: Lines, lon: int, lat: int, width: float) -> int:
    """The lane that a position is in; −1. Near its arrow, or farther, where the edges of lanes are drawn and none is between."""
    drawn = len(barriers.owner) > 0
    n = nearest(lanes, lon, lat, LANE_KM if drawn else width)
    if n >= 0 and drawn:
        x, y = foot(lanes, n, lon, lat)
        beside = between(math.degrees(math.atan2((lon - x) * math.cos(UNIT * lat), lat - y)), bearing(lanes, n))
        far, ended = distance(lon, lat, x, y) > width, past_end(lanes, n, lon, lat)
        if (far or ended) and abs(beside - 90.0) > (END if ended else BEND):
            return -1
        if crossed(barriers, lon, lat, x, y, LANE_KM) >= 0:
            return -1
    return n


@kernel
def wrong_way(lanes: Lines, barriers: Lines, r: Record, t: Record) -> int:
    """The lane segment against which the vessel goes; −1."""
    if r.cog < 0.0 or r.speed < t.lane_speed_kn:
        return -1
    n = lane_at(lanes, barriers, r.lon, r.lat, t.lane_width_km)
    if n < 0 or between(r.cog, bearing(lanes, n)) < t.lane_angle_degrees:
        return -1
    return n


@kernel
def wrong_emit(out: Out, lanes: Lines, s: Record, open: int, t: Record) -> None:
    """The way against a lane up to the last report, where it is long enough."""
    minutes = (s.time // 1000 - s.wrong_since) / 60.0
    if s.wrong_reports < t.lane_run_reports or minutes < t.lane_duration_min:
        return
    event = emit(out, WRONG_WAY, s, s.wrong_since * 1000, s.lon, s.lat, s.time, open)
    n = nearest(lanes, s.lon, s.lat, max(LANE_KM, 10.0 * t.lane_width_km))
    event.zone = lanes.owner[n] if n >= 0 else -1
    event.values[0], event.values[1] = s.wrong_reports, minutes
    event.values[2], event.values[3] = t.lane_angle_degrees, s.pace


@kernel
def wrong_asked(s: Record, r: Record, t: Record, flagged: bool) -> bool:
    """Whether lanes matter to this report at all."""
    return s.wrong_reports > 0 or (flagged and r.cog >= 0.0 and r.speed >= t.lane_speed_kn)


@kernel
def wrong_step(out: Out, lanes: Lines, barriers: Lines, s: Record, r: Record, t: Record, flagged: bool) -> None:
    """Begin, go on with, or end."""
    n = wrong_way(lanes, barriers, r, t) if flagged else -1
    if s.wrong_reports > 0 and (n < 0 or r.hours > WRONG_BRIDGE_H):
        wrong_emit(out, lanes, s, 0, t)
        s.wrong_reports = 0
    if n >= 0:
        if s.wrong_reports == 0:
            s.wrong_since = r.seconds
        s.wrong_reports = min(255, s.wrong_reports + 1)


@kernel
def land_step(out: Out, coast: Coast, s: Record, r: Record, t: Record, flagged: bool) -> None:
    """Begin, go on with, or end."""
    least = 1000.0 * t.land_inland_km
    ashore = flagged and least < NEVER and inland(coast, r.lon / DEGREE, r.lat / DEGREE, least) >= least
    if s.land > 0 and not ashore:
        land_emit(out, coast, s, 0, t)
        s.land = 0
    if ashore:
        if s.land == 0:
            s.land_since = r.seconds
        s.land = min(255, s.land + 1)


@kernel
def land_emit(out: Out, coast: Coast, s: Record, open: int, t: Record) -> None:
    """The run on land up to the last report, where it is long enough."""
    if s.land < t.land_run_reports:
        return
    event = emit(out, ON_LAND, s, s.land_since * 1000, s.lon, s.lat, s.time, open)
    event.values[0], event.values[1] = s.land, (s.time // 1000 - s.land_since) / 60.0
    event.values[2] = inland(coast, s.lon / DEGREE, s.lat / DEGREE, INLAND_REACH_M) / 1000.0
