"""The pass itself: every row to its vessel, every vessel's report to the detectors, in one compiled loop.

What nearly every report needs is here, by reference to its vessel's record; whatever needs arrays is called where it is due.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.areas import NEAR_CABLE, NEAR_LAND, NEAR_LANE, NEAR_ZONE, Areas
from cordiale.desks.maritime.detect.branch import (
    alternation_pending,
    alternation_step,
    choose,
    jump_step,
    new_branch,
    within_reach,
)
from cordiale.desks.maritime.detect.cable import (
    AT_CABLE,
    cable_asked,
    cable_located,
    cable_pending,
    pace_forget,
    pace_go,
)
from cordiale.desks.maritime.detect.drift import (
    anchor_ends,
    anchor_go,
    anchor_over,
    drag_emit,
    drift_emit,
    drift_ends,
    drift_go,
)
from cordiale.desks.maritime.detect.heard import HOUR_MS, Hour, cell_of, hear, spread
from cordiale.desks.maritime.detect.index import VESSEL_KIND, Index, mmsi_kind, place_of, shard_of
from cordiale.desks.maritime.detect.motion import KNOT_KMH, distance
from cordiale.desks.maritime.detect.near import cell_at
from cordiale.desks.maritime.detect.odd import odd, odd_emit, odd_go, odd_judged
from cordiale.desks.maritime.detect.ring import (
    ring_due,
    ring_emit,
    ring_ends,
    ring_found,
    ring_go,
    ring_pending,
    ring_restart,
)
from cordiale.desks.maritime.detect.silence import elsewhere, gap_ended, gap_pending, heard_go
from cordiale.desks.maritime.detect.slow import slow_emit, slow_ends, slow_go, slow_pending, tick_due, tick_emit
from cordiale.desks.maritime.detect.step import EVENTS, TICKS, UNKNOWN, Counts, Out, Record, Records
from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.detect.zone import (
    in_zones,
    land_emit,
    land_step,
    wrong_asked,
    wrong_emit,
    wrong_step,
    zone_emit,
    zone_step,
)
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import COG_UNAVAILABLE, DEGREE

ROOM: Final = 64
"""Events that one report, or one vessel at the end, can emit at the very most."""
TICK_ROOM: Final = 1024
TICK_DUE, SLOW_ENDS, ODD_ENDS, RING_ENDS, DRIFT_ENDS, ANCHOR_ENDS, GAP_ENDS, SHARED = 1, 2, 4, 8, 16, 32, 64, 128
NEEDS_ROOM: Final = 0
NEEDS_HOUR: Final = 1
DONE: Final = 2

SEEN: Final = 0
REPORTS: Final = 1
NOT_A_VESSEL: Final = 2
NO_POSITION: Final = 3
DISORDERED: Final = 4
REPEATED: Final = 5
TALLY: Final = ("seen", "reports", "not_a_vessel", "no_position", "disordered", "repeated")
"""What became of rows, by place."""


class Columns(NamedTuple):
    """[n] each: the columns of POSITION, one by one and contiguous, as Parquet has them."""

    time: NDArray[np.int64]
    mmsi: NDArray[np.uint32]
    lon: NDArray[np.int32]
    lat: NDArray[np.int32]
    sog: NDArray[np.uint16]
    cog: NDArray[np.uint16]
    heading: NDArray[np.uint16]
    status: NDArray[np.uint8]
    kind: NDArray[np.uint8]


class Table(NamedTuple):
    """The shard's vessels and how they are found."""

    vessels: Vessels
    """[capacity] of VESSEL; those from `used` on are empty"""
    lookup: Index
    used: Counts
    """[1]"""


@kernel
def hold(known: NDArray[np.int64], keys: NDArray[np.int64]) -> None:
    """Enter keys into an empty set of an `Hour`."""
    mask = len(known) - 1
    for key in keys:
        place = spread(key) & mask
        while known[place] >= 0:
            place = (place + 1) & mask
        known[place] = key


class Work(NamedTuple):
    """Everything that a pass works with."""

    shard: int
    shards: int
    table: Table
    areas: Areas
    thresholds: Records
    """[1] of THRESHOLDS"""
    scratch: Records
    """[1] of REPORT"""
    hour: Hour
    out: Out
    tally: Counts
    """[len(TALLY)]"""


@kernel
def advance(c: Columns, start: int, w: Work) -> tuple[int, int]:
    """Rows from `start` on. The first row not taken, and why: NEEDS_ROOM in a buffer, NEEDS_HOUR to be closed, or DONE."""
    shard, shards, table, areas, thresholds, scratch, hour, out, tally = w
    v, key, heads, used = table.vessels, table.lookup.key, table.lookup.head, table.used
    t, r, cables, land = thresholds[0], scratch[0], len(areas.cable.owner) > 0, areas.near
    messages, hours, hearing = hour.messages, hour.used, int(len(hour.touched) > 1)
    times, mmsis, lons, lats, kinds = c.time, c.mmsi, c.lon, c.lat, c.kind
    most_events, most_ticks, most_known = len(out.events) - ROOM, len(out.ticks) - TICK_ROOM, len(hour.known) // 2
    for k in range(start, len(times)):
        mmsi = mmsis[k]
        if shards > 1 and shard_of(mmsi, shards) != shard:
            continue
        time, lon, lat = times[k], lons[k], lats[k]
        full = used[0] + 2 > len(v) or hours[2] >= most_known
        full = full or out.used[EVENTS] > most_events or out.used[TICKS] > most_ticks
        if full or (hearing > 0 and time // HOUR_MS != hours[0]):
            return k, NEEDS_ROOM if full else NEEDS_HOUR
        tally[SEEN] += 1
        why = _why_not(mmsi, lon, lat, kinds[k])
        if why != REPORTS:
            tally[why] += 1
            continue
        place = place_of(key, mmsi)
        head = heads[place] if key[place] != 0 else -1
        j, first = head, False
        km = distance(v[head].lon, v[head].lat, lon, lat) if head >= 0 else 0.0
        if head < 0 or v[head].next >= 0 or not within_reach(time - v[head].time, km, t):
            j, first = _record(table, place, mmsi, time, lon, lat, t)
            head, km = heads[place], 0.0 if first else distance(v[j].lon, v[j].lat, lon, lat)
        s, cell = v[j], cell_of(lon, lat) * hearing
        messages[cell] += 1
        if hearing > 0 and (
            messages[cell] == 1 or first or s.time // HOUR_MS != time // HOUR_MS or cell_of(s.lon, s.lat) != cell
        ):
            hear(hour, mmsi, cell)
        if not first and time <= s.time:
            tally[DISORDERED if time < s.time else REPEATED] += 1
            continue
        tally[REPORTS] += 1
        _report(r, s, time, lon, lat, km, c.sog[k], c.cog[k], c.heading[k], c.status[k], first)
        ended = _ended(s, r, t) | (SHARED if v[head].next >= 0 else 0)
        if ended > 0:
            _tell(out, v, j, head, r, t, ended)
        _go(s, r, t, ended, cables)
        near = land[cell_at(lon, lat)]
        asked = _asked(s, r, t, near, cables)
        if asked & AT_CABLE:
            cable_located(out, areas.cable, s, r, t, asked)
        if asked & NEAR_LANE:
            wrong_step(out, areas.lane, areas.barrier, s, r, t, near & NEAR_LANE > 0)
        if asked & (NEAR_ZONE | NEAR_LAND):
            _locate(out, areas, s, r, t, near)
        s.time, s.lon, s.lat, s.sog, s.reports = time, lon, lat, c.sog[k], min(255, s.reports + 1)
    return len(times), DONE


@kernel
def _why_not(mmsi: int, lon: int, lat: int, kind: int) -> int:
    """REPORTS where a row is a position of a vessel, or else why it is none."""
    if mmsi_kind(mmsi) != VESSEL_KIND or kind == 4 or kind == 9 or kind == 21:
        return NOT_A_VESSEL
    if abs(lon) > 180 * DEGREE or abs(lat) > 90 * DEGREE or (lon == 0 and lat == 0):
        return NO_POSITION
    return REPORTS


@kernel
def cells(c: Columns) -> NDArray[np.int64]:
    """[n] the reception cell of each row that is a position of a vessel; −1 of others."""
    found = np.full(len(c.time), -1, np.int64)
    for k in range(len(c.time)):
        if _why_not(c.mmsi[k], c.lon[k], c.lat[k], c.kind[k]) == REPORTS:
            found[k] = cell_of(c.lon[k], c.lat[k])
    return found


@kernel
def branches(c: Columns, w: Work) -> NDArray[np.int64]:
    """[n] the branch that each row of one MMSI belongs to, in order; −1 where it is no position of a vessel."""
    found, v, t = np.full(len(c.time), -1, np.int64), w.table.vessels, w.thresholds[0]
    for k in range(len(c.time)):
        if _why_not(c.mmsi[k], c.lon[k], c.lat[k], c.kind[k]) == REPORTS:
            j, _new = _record(
                w.table, place_of(w.table.lookup.key, c.mmsi[k]), c.mmsi[k], c.time[k], c.lon[k], c.lat[k], t
            )
            v[j].time, v[j].lon, v[j].lat = c.time[k], c.lon[k], c.lat[k]
            v[j].reports = min(255, v[j].reports + 1)
            found[k] = v[j].branch
    return found


@kernel
def _record(table: Table, place: int, mmsi: int, time: int, lon: int, lat: int, t: Record) -> tuple[int, bool]:
    """The record of the report's vessel, and whether it is new."""
    v, used = table.vessels, table.used[0]
    if table.lookup.key[place] == 0:
        table.lookup.key[place], table.lookup.head[place] = mmsi, used
        v[used].mmsi, v[used].next, v[used].born = mmsi, -1, time // 1000
        table.used[0] = used + 1
        return used, True
    head = table.lookup.head[place]
    j = choose(v, head, time, lon, lat, t)
    if j >= 0:
        return j, False
    j = new_branch(v, head, time, used)
    table.used[0] += int(j == used)
    v[j].born = time // 1000
    return j, True


@kernel
def _report(
    r: Record,
    s: Record,
    time: int,
    lon: int,
    lat: int,
    km: float,
    sog: int,
    cog: int,
    heading: int,
    status: int,
    first: bool,
) -> None:
    r.time, r.seconds, r.lon, r.lat, r.status, r.first = time, time // 1000, lon, lat, status, first
    r.sog = sog * 0.1 if sog < 1022 else UNKNOWN
    r.cog = cog * 0.1 if cog < COG_UNAVAILABLE else UNKNOWN
    r.heading = heading * 1.0 if heading < 360 else UNKNOWN
    r.km, r.hours, r.implied = km, 0.0, UNKNOWN
    if not first:
        r.hours = (time - s.time) / 3_600_000.0
        r.implied = km / KNOT_KMH / r.hours
    r.speed = r.sog if r.sog >= 0.0 else r.implied


@kernel
def _ended(s: Record, r: Record, t: Record) -> int:
    """Which of what went on without places this report ends: bits."""
    ended = GAP_ENDS if r.hours >= t.gap_silent_h else 0
    if not r.first and tick_due(s, r, t):
        ended |= TICK_DUE
    if slow_ends(s, r, t):
        ended |= SLOW_ENDS
    if s.odd > 0 and odd_judged(r) and not odd(s, r, t):
        ended |= ODD_ENDS
    if ring_due(s, r, t) and ring_ends(s, r):
        ended |= RING_ENDS
    if drift_ends(s, r, t):
        ended |= DRIFT_ENDS
    if anchor_ends(s, r, t):
        ended |= ANCHOR_ENDS
    return ended


@kernel
def _tell(out: Out, v: Vessels, j: int, head: int, r: Record, t: Record, ended: int) -> None:
    """Emit what ended, and forget it."""
    s = v[j]
    if ended & SHARED:
        jump_step(out, v, j, head, r, t)
        alternation_step(out, v, j, head, r, t)
    if ended & GAP_ENDS and not elsewhere(v, j, head):
        gap_ended(out, s, r)
    if ended & TICK_DUE:
        tick_emit(out, s, r)
    if ended & SLOW_ENDS:
        slow_emit(out, s, 0, t)
        s.slow_since = 0
    if ended & ODD_ENDS:
        odd_emit(out, s, 0, t)
        s.odd = 0
    if ended & RING_ENDS:
        if ring_found(s, t):
            pace_forget(s)
        ring_emit(out, s, 0, t)
        ring_restart(s, r)
    if ended & DRIFT_ENDS:
        drift_emit(out, s, 0, t)
        s.drift_since = 0
    if ended & ANCHOR_ENDS:
        drag_emit(out, s, 0, t)
        anchor_over(s, r, t)


@kernel
def _go(s: Record, r: Record, t: Record, ended: int, cables: bool) -> None:
    """Take the report into what needs no places."""
    slow_go(s, r, t)
    if odd_judged(r) and odd(s, r, t):
        odd_go(s, r)
    if ended & RING_ENDS == 0 and ring_due(s, r, t):
        ring_go(s, r, t)
        if ring_found(s, t):
            pace_forget(s)
    drift_go(s, r, t)
    anchor_go(s, r, t)
    heard_go(s, r)
    if cables:
        pace_go(s, r, t)


@kernel
def _asked(s: Record, r: Record, t: Record, near: int, cables: bool) -> int:
    """Which detectors that need places are asked about this report: bits of `near`, and those of `cable_asked`.

    Others take no part, as to pass the places on costs more than most reports do.
    """
    asked = cable_asked(s, r, t, near & NEAR_CABLE) if cables else 0
    if near & NEAR_ZONE or in_zones(s):
        asked |= NEAR_ZONE
    if wrong_asked(s, r, t, near & NEAR_LANE > 0):
        asked |= NEAR_LANE
    if near & NEAR_LAND or s.land > 0:
        asked |= NEAR_LAND
    return asked


@kernel
def _locate(out: Out, areas: Areas, s: Record, r: Record, t: Record, near: int) -> None:
    """Zones and land."""
    if near & NEAR_ZONE or in_zones(s):
        zone_step(out, areas.zone, s, r, t, near & NEAR_ZONE > 0)
    if near & NEAR_LAND or s.land > 0:
        land_step(out, areas.coast, s, r, t, near & NEAR_LAND > 0)


@kernel
def pending(start: int, now: int, w: Work) -> int:
    """What goes on with the vessels from number `start`; the first for which there was no more room, or how many there are."""
    table, areas, out = w.table, w.areas, w.out
    v, t = table.vessels, w.thresholds[0]
    for j in range(start, table.used[0]):
        if out.used[EVENTS] + ROOM > len(out.events):
            return j
        head, s = table.lookup.head[place_of(table.lookup.key, v[j].mmsi)], v[j]
        if j == head:
            alternation_pending(out, v, j, now, t)
        gap_pending(out, v, j, head, now, t)
        slow_pending(out, s, now, t)
        ring_pending(out, s, now, t)
        quiet = (now - s.time) / 3_600_000.0
        if s.odd > 0:
            odd_emit(out, s, int(quiet <= 1.0), t)
        drift_emit(out, s, int(quiet <= 1.0), t)
        drag_emit(out, s, int(quiet <= t.gap_silent_h), t)
        cable_pending(out, s, now, t)
        for k in range(len(s.zone_since)):
            if s.zone_since[k] > 0:
                zone_emit(out, s, k, 1)
        if s.wrong_reports > 0:
            wrong_emit(out, areas.lane, s, int(quiet <= 0.5), t)
        if s.land > 0:
            land_emit(out, areas.coast, s, 1, t)
    return table.used[0]
