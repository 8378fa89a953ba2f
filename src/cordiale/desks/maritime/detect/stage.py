"""Stage one: position reports of one shard of vessels in time order, to events, ticks of slow vessels, and what was heard where.

A shard is every vessel whose MMSI falls to it. The rows of all shards are read by each, which keeps what is its own; together
they emit what one would. State is carried from one call to the next: a day's end, a file's or a row group's is nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.areas import Places, nothing
from cordiale.desks.maritime.detect.heard import COLUMNS, HEARD, HOUR_MS, ROWS, Hour, close_hour
from cordiale.desks.maritime.detect.index import Index, reindex
from cordiale.desks.maritime.detect.passing import (
    DONE,
    NEEDS_HOUR,
    NEEDS_ROOM,
    TALLY,
    Columns,
    Table,
    Work,
    advance,
    hold,
    pending,
)
from cordiale.desks.maritime.detect.profile import Thresholds
from cordiale.desks.maritime.detect.step import EVENTS, REPORT, TICKS, Out
from cordiale.desks.maritime.detect.vessel import VESSEL
from cordiale.desks.maritime.schema import EVENT, POSITION, TICK, Positions

CHECKPOINT: Final = {
    "vessels": VESSEL,
    "touched": np.dtype(np.int32),
    "messages": np.dtype(np.uint32),
    "distinct": np.dtype(np.uint32),
    "known": np.dtype(np.int64),
    "hour": np.dtype(np.int64),
    "tally": np.dtype(np.int64),
}
"""The arrays of `Stage.checkpoint`."""


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


def setting(thresholds: Thresholds, places: Places | None = None, *, hearing: bool) -> Work:
    """What a pass works with, of no vessels yet. Several stages may share all but the table, one after the other."""
    cells = ROWS * COLUMNS if hearing else 1
    hour = Hour(
        np.zeros(cells, np.uint32),
        np.zeros(cells, np.uint32),
        np.zeros(cells, np.int32),
        np.full(1024, -1, np.int64),
        np.array([-1, 0, 0], np.int64),
    )
    scratch, tally, areas = np.zeros(1, REPORT), np.zeros(len(TALLY), np.int64), (places or nothing()).areas
    return Work(0, 1, _table(1024), areas, thresholds, scratch, hour, _out(4096, 65_536), tally)


class Stage:
    """One shard's pass. `shard` of `shards`; without reception counts where `hearing` is false."""

    def __init__(
        self,
        thresholds: Thresholds,
        places: Places | None = None,
        *,
        shard: int = 0,
        shards: int = 1,
        hearing: bool = True,
    ) -> None:
        self._work = setting(thresholds, places, hearing=hearing)._replace(shard=shard, shards=shards)
        self.tally: Final = self._work.tally
        """What became of the rows, by TALLY."""

    @classmethod
    def of_few(cls, work: Work, vessels: NDArray[np.void]) -> "Stage":
        """A small stage that goes on from these records and shares the rest of `work` with others."""
        few = cls.__new__(cls)
        few._work = work._replace(table=_table(max(4, 2 * len(vessels))))
        few._fill(vessels)
        return few

    @property
    def vessels(self) -> NDArray[np.void]:
        """[n] of VESSEL: a copy of all records."""
        return self._work.table.vessels[: self._work.table.used[0]].copy()

    def advance(self, c: Columns) -> Found:
        """Take rows in time order. Events are of what ended; `pending` has what goes on."""
        found, at, why = _Gathered(), 0, NEEDS_ROOM
        while why != DONE:
            at, why = advance(c, at, self._work)
            if why == NEEDS_HOUR:
                found.heard.append(self._close_hour(int(c.time[at]) // HOUR_MS))
            found.take(self._work.out)
            self._grow()
        return found.all()

    def pending(self, now: int) -> NDArray[np.void]:
        """What goes on at `now` (ms, not before the last row), and what has ended without a report to say so: [n] of EVENT."""
        found, at = _Gathered(), 0
        while at < self._work.table.used[0]:
            at = pending(at, now, self._work)
            found.take(self._work.out)
        return found.all().events

    def finish(self) -> NDArray[np.void]:
        """The counts of the hour that runs, as [n] of HEARD; to be called once, when there are no more rows."""
        return self._close_hour(-1)

    def checkpoint(self) -> dict[str, NDArray[Any]]:
        """Everything carried, as arrays by name: what `restore` takes."""
        hour = self._work.hour
        touched = hour.touched[: hour.used[1]]
        return {
            "vessels": self.vessels,
            "touched": touched.copy(),
            "messages": hour.messages[touched],
            "distinct": hour.vessels[touched],
            "known": np.sort(hour.known[hour.known >= 0]),
            "hour": hour.used.copy(),
            "tally": self.tally.copy(),
        }

    def restore(self, saved: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a checkpoint of the same shard and thresholds."""
        vessels, hour = saved["vessels"], self._work.hour
        known = _known(saved["known"], max(1024, 4 * len(saved["known"])))
        self._work = self._work._replace(table=_table(max(1024, 2 * len(vessels))), hour=hour._replace(known=known))
        self._fill(vessels)
        touched = saved["touched"]
        hour.touched[: len(touched)] = touched
        hour.messages[touched], hour.vessels[touched] = saved["messages"], saved["distinct"]
        hour.used[:] = saved["hour"]
        self.tally[:] = saved["tally"]

    def _fill(self, vessels: NDArray[np.void]) -> None:
        table, count = self._work.table, len(vessels)
        table.vessels[:count], table.used[0] = vessels, count
        reindex(table.lookup, table.vessels, count)

    def _close_hour(self, number: int) -> NDArray[np.void]:
        hour = self._work.hour
        rows = np.zeros(hour.used[1], HEARD)
        close_hour(hour, rows)
        hour.used[0] = number
        return rows

    def _grow(self) -> None:
        """Room for more vessels, and in the set of the hour."""
        table, hour = self._work.table, self._work.hour
        used, known = int(table.used[0]), int(hour.used[2])
        if used + 2 > len(table.vessels):
            self._work = self._work._replace(table=_table(4 * used))
            self._fill(table.vessels[:used])
        if 2 * (known + 1) > len(hour.known):
            held = hour.known[hour.known >= 0]
            self._work = self._work._replace(hour=hour._replace(known=_known(held, 8 * len(held))))


class _Gathered:
    """What several calls of the kernel emitted."""

    def __init__(self) -> None:
        self.events: list[NDArray[np.void]] = []
        self.ticks: list[NDArray[np.void]] = []
        self.heard: list[NDArray[np.void]] = []

    def take(self, out: Out) -> None:
        """Copy what is in the buffers, and empty them."""
        if out.used[EVENTS]:
            self.events.append(out.events[: out.used[EVENTS]].copy())
        if out.used[TICKS]:
            self.ticks.append(out.ticks[: out.used[TICKS]].copy())
        out.used[:] = 0

    def all(self) -> Found:
        """Everything taken."""
        return Found(_joined(self.events, EVENT), _joined(self.ticks, TICK), _joined(self.heard, HEARD))


def _joined(parts: Iterable[NDArray[np.void]], kind: np.dtype[np.void]) -> NDArray[np.void]:
    filled = list(parts)
    if not filled:
        return np.zeros(0, kind)
    return filled[0] if len(filled) == 1 else np.concatenate(filled)


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
