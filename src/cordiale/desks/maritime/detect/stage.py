"""Stage one: position reports of one shard of vessels in time order, to events, ticks of slow vessels, and what was heard where.

A shard is every vessel whose MMSI falls to it. The rows of all shards are read by each, which keeps what is its own; together
they emit what one would. State is carried from one call to the next: a day's end, a file's or a row group's is nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.branch import (
    alternation_pending,
    alternation_step,
    choose,
    jump_step,
    new_branch,
)
from cordiale.desks.maritime.detect.heard import COLUMNS, HEARD, HOUR_MS, ROWS, Hour, close_hour, hear, spread
from cordiale.desks.maritime.detect.index import VESSEL_KIND, Index, mixed, mmsi_kind, place_of, reindex
from cordiale.desks.maritime.detect.motion import KNOT_KMH, distance
from cordiale.desks.maritime.detect.profile import Thresholds
from cordiale.desks.maritime.detect.silence import count, gap_pending, gap_step
from cordiale.desks.maritime.detect.slow import slow_pending, slow_step, tick_step
from cordiale.desks.maritime.detect.step import EVENTS, TICKS, UNKNOWN, Counts, Out, Report
from cordiale.desks.maritime.detect.vessel import VESSEL, Vessels
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import (
    COG_UNAVAILABLE,
    DEGREE,
    EVENT,
    POSITION,
    TICK,
    Positions,
)

ROOM: Final = 64
"""Events that one report, or one vessel at the end, can emit at the very most."""
TICK_ROOM: Final = 1024
NEEDS_ROOM: Final = 0
NEEDS_HOUR: Final = 1
DONE: Final = 2

SEEN: Final = 0
REPORTS: Final = 1
NOT_A_VESSEL: Final = 2
NO_POSITION: Final = 3
DISORDERED: Final = 4
REPEATED: Final = 5
"""Places in `Stage.tally`."""
TALLY: Final = ("seen", "reports", "not_a_vessel", "no_position", "disordered", "repeated")


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


class Found(NamedTuple):
    """What a call emitted."""

    events: NDArray[np.void]
    """[n] of EVENT, closed"""
    ticks: NDArray[np.void]
    """[n] of TICK"""
    heard: NDArray[np.void]
    """[n] of HEARD, of hours that are over"""


def columns(rows: Positions) -> Columns:
    """The columns of [n] of POSITION."""
    return Columns(*(np.ascontiguousarray(rows[name]) for name in POSITION.names or ()))


def ordered(events: NDArray[np.void]) -> NDArray[np.void]:
    """Events in their order: by begin, detector, MMSI, branch, other, zone."""
    names = ("zone", "other_branch", "other", "branch", "mmsi", "detector", "begin")
    return events[np.lexsort(tuple(events[name] for name in names))]


class Stage:
    """One shard's pass. `shard` of `shards`; without reception counts where `hearing` is false."""

    def __init__(self, thresholds: Thresholds, *, shard: int = 0, shards: int = 1, hearing: bool = True) -> None:
        self._t, self._shard, self._shards = thresholds, shard, shards
        self._table = _table(1024)
        cells = ROWS * COLUMNS if hearing else 0
        self._hour = Hour(
            np.zeros(cells, np.uint32),
            np.zeros(cells, np.uint32),
            np.zeros(cells, np.int32),
            np.full(1024, -1, np.int64),
            np.array([-1, 0, 0], np.int64),
        )
        self._out = _out(4096, 65_536)
        self.tally: Final[Counts] = np.zeros(len(TALLY), np.int64)
        """What became of the rows, by TALLY."""

    def advance(self, c: Columns) -> Found:
        """Take rows in time order. Events are of what ended; `pending` has what goes on."""
        found, at, why = _Gathered(), 0, NEEDS_ROOM
        while why != DONE:
            at, why = advance(c, at, self._shard, self._shards, self._table, self._t, self._hour, self._out, self.tally)
            if why == NEEDS_HOUR:
                found.heard.append(self._close_hour(int(c.time[at]) // HOUR_MS))
            found.take(self._out)
            self._grow()
        return found.all()

    def pending(self, now: int) -> NDArray[np.void]:
        """What goes on at `now` (ms, not before the last row), and what has ended without a report to say so: [n] of EVENT."""
        found, at = _Gathered(), 0
        while at < self._table.used[0]:
            at = pending(self._table, at, now, self._t, self._out)
            found.take(self._out)
        return found.all().events

    def finish(self) -> NDArray[np.void]:
        """The counts of the hour that runs, as [n] of HEARD; to be called once, when there are no more rows."""
        return self._close_hour(-1)

    def checkpoint(self) -> dict[str, NDArray[Any]]:
        """Everything carried, as arrays by name: what `restore` takes."""
        used, hour = self._table.used[0], self._hour
        touched = hour.touched[: hour.used[1]]
        return {
            "vessels": self._table.vessels[:used].copy(),
            "touched": touched.copy(),
            "messages": hour.messages[touched],
            "distinct": hour.vessels[touched],
            "known": np.sort(hour.known[hour.known >= 0]),
            "hour": hour.used.copy(),
            "tally": self.tally.copy(),
        }

    def restore(self, saved: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a checkpoint of the same shard and thresholds."""
        vessels = saved["vessels"]
        self._table = _table(max(1024, 2 * len(vessels)))
        self._table.vessels[: len(vessels)] = vessels
        self._table.used[0] = len(vessels)
        reindex(self._table.lookup, self._table.vessels, len(vessels))
        touched = saved["touched"]
        self._hour.touched[: len(touched)] = touched
        self._hour.messages[touched], self._hour.vessels[touched] = saved["messages"], saved["distinct"]
        self._hour.used[:] = saved["hour"]
        self._hour = self._hour._replace(known=_known(saved["known"], max(1024, 4 * len(saved["known"]))))
        self.tally[:] = saved["tally"]

    def _close_hour(self, hour: int) -> NDArray[np.void]:
        rows = np.zeros(self._hour.used[1], HEARD)
        close_hour(self._hour, rows)
        self._hour.used[0] = hour
        return rows

    def _grow(self) -> None:
        """Room for more vessels, and in the set of the hour."""
        used, known = int(self._table.used[0]), int(self._hour.used[2])
        if used + 2 > len(self._table.vessels):
            grown = _table(4 * used)
            grown.vessels[:used] = self._table.vessels[:used]
            grown.used[0] = used
            reindex(grown.lookup, grown.vessels, used)
            self._table = grown
        if 2 * (known + 1) > len(self._hour.known):
            held = self._hour.known[self._hour.known >= 0]
            self._hour = self._hour._replace(known=_known(held, 8 * len(held)))


class _Gathered:
    """What several calls of the kernel emitted."""

    def __init__(self) -> None:
        self.events: list[NDArray[np.void]] = []
        self.ticks: list[NDArray[np.void]] = []
        self.heard: list[NDArray[np.void]] = []

    def take(self, out: Out) -> None:
        """Copy what is in the buffers, and empty them."""
        self.events.append(out.events[: out.used[EVENTS]].copy())
        self.ticks.append(out.ticks[: out.used[TICKS]].copy())
        out.used[:] = 0

    def all(self) -> Found:
        """Everything taken."""
        return Found(_joined(self.events, EVENT), _joined(self.ticks, TICK), _joined(self.heard, HEARD))


def _joined(parts: Iterable[NDArray[np.void]], kind: np.dtype[np.void]) -> NDArray[np.void]:
    filled = [part for part in parts if len(part)]
    return filled[0] if len(filled) == 1 else np.concatenate([np.zeros(0, kind), *filled])


def _table(vessels: int) -> Table:
    slots = 1 << (2 * vessels).bit_length()
    index = Index(np.zeros(slots, np.uint32), np.zeros(slots, np.int32))
    return Table(np.zeros(vessels, VESSEL), index, np.zeros(1, np.int64))


def _out(events: int, ticks: int) -> Out:
    return Out(np.zeros(events, EVENT), np.zeros(ticks, TICK), np.zeros(2, np.int64))


def _known(keys: NDArray[Any], room: int) -> NDArray[np.int64]:
    table = np.full(1 << room.bit_length(), -1, np.int64)
    hold(table, keys.astype(np.int64))
    return table


@kernel
def hold(known: NDArray[np.int64], keys: NDArray[np.int64]) -> None:
    """Enter keys into an empty set of an `Hour`."""
    mask = len(known) - 1
    for key in keys:
        place = spread(key) & mask
        while known[place] >= 0:
            place = (place + 1) & mask
        known[place] = key


@kernel
def advance(
    c: Columns,
    start: int,
    shard: int,
    shards: int,
    table: Table,
    t: Thresholds,
    hour: Hour,
    out: Out,
    tally: Counts,
) -> tuple[int, int]:
    """Rows from `start` on. The first row not taken, and why: NEEDS_ROOM in a buffer, NEEDS_HOUR to be closed, or DONE."""
    v, hearing = table.vessels, len(hour.touched) > 0
    for k in range(start, len(c.time)):
        mmsi = c.mmsi[k]
        if shards > 1 and mixed(mmsi) % shards != shard:
            continue
        used = table.used[0]
        if (
            out.used[EVENTS] + ROOM > len(out.events)
            or out.used[TICKS] + TICK_ROOM > len(out.ticks)
            or used + 2 > len(v)
            or 2 * (hour.used[2] + 1) > len(hour.known)
        ):
            return k, NEEDS_ROOM
        lon, lat, time = c.lon[k], c.lat[k], c.time[k]
        if hearing and time // HOUR_MS != hour.used[0]:
            return k, NEEDS_HOUR
        tally[SEEN] += 1
        if mmsi_kind(mmsi) != VESSEL_KIND or c.kind[k] == 4 or c.kind[k] == 9 or c.kind[k] == 21:
            tally[NOT_A_VESSEL] += 1
        elif abs(lon) > 180 * DEGREE or abs(lat) > 90 * DEGREE or (lon == 0 and lat == 0):
            tally[NO_POSITION] += 1
        else:
            _take(c, k, table, t, out, tally)
            if hearing:
                hear(hour, mmsi, lon, lat)
    return len(c.time), DONE


@kernel
def _take(c: Columns, k: int, table: Table, t: Thresholds, out: Out, tally: Counts) -> None:
    """One valid report: find or make its record, run the detectors, remember it."""
    v, used = table.vessels, table.used[0]
    time, lon, lat, first = c.time[k], c.lon[k], c.lat[k], False
    place = place_of(table.lookup, c.mmsi[k])
    if table.lookup.key[place] == 0:
        table.lookup.key[place], table.lookup.head[place] = c.mmsi[k], used
        v[used]["mmsi"], v[used]["next"] = c.mmsi[k], -1
        table.used[0], head, j, first = used + 1, used, used, True
    else:
        head = table.lookup.head[place]
        j = choose(v, head, time, lon, lat, t)
        if j < 0:
            j, first = new_branch(v, head, time, used), True
            table.used[0] += int(j == used)
        elif time < v[j]["time"]:
            tally[DISORDERED] += 1
            return
        elif time == v[j]["time"]:
            tally[REPEATED] += 1
            return
    tally[REPORTS] += 1
    r = _report(c, k, v, j, first)
    if first:
        v[j]["born"] = time // 1000
    else:
        jump_step(v, j, head, r, t, out)
    if v[head]["next"] >= 0:
        alternation_step(v, j, head, r, t, out)
    gap_step(v, j, head, r, t, out)
    tick_step(v, j, r, t, out)
    slow_step(v, j, r, t, out)
    count(v, j, time, first)
    v[j]["time"], v[j]["lon"], v[j]["lat"], v[j]["sog"] = time, lon, lat, c.sog[k]
    v[j]["reports"] = min(255, v[j]["reports"] + 1)


@kernel
def _report(c: Columns, k: int, v: Vessels, j: int, first: bool) -> Report:
    sog = c.sog[k] * 0.1 if c.sog[k] < 1022 else UNKNOWN
    cog = c.cog[k] * 0.1 if c.cog[k] < COG_UNAVAILABLE else UNKNOWN
    heading = c.heading[k] * 1.0 if c.heading[k] < 360 else UNKNOWN
    hours, km, implied = 0.0, 0.0, UNKNOWN
    if not first:
        hours = (c.time[k] - v[j]["time"]) / 3_600_000.0
        km = distance(v[j]["lon"], v[j]["lat"], c.lon[k], c.lat[k])
        implied = km / KNOT_KMH / hours
    return Report(c.time[k], c.lon[k], c.lat[k], sog, cog, heading, c.status[k], first, hours, km, implied)


@kernel
def pending(table: Table, start: int, now: int, t: Thresholds, out: Out) -> int:
    """What goes on with the vessels from number `start`; the first for which there was no more room, or how many there are."""
    v = table.vessels
    for j in range(start, table.used[0]):
        if out.used[EVENTS] + ROOM > len(out.events):
            return j
        head = table.lookup.head[place_of(table.lookup, v[j]["mmsi"])]
        if j == head:
            alternation_pending(v, j, now, out)
        gap_pending(v, j, head, now, t, out)
        slow_pending(v, j, now, t, out)
    return table.used[0]
