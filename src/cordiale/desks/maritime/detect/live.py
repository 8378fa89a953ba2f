"""The live picture: reports in whatever order they arrive end in the same events as the batch.

Each vessel's recent reports are kept in segments, each with the vessel's records as they were before it and the events that
closed within it. Reports in order are taken by one pass over all their vessels. One that comes late opens the segment that it
belongs to: the records go back to where they were, and the reports from there on are taken again, with it among them. What had
been told in the meantime and is not true any more is gone from `events`; whoever compares sees it retracted.

Reports older than the horizon, which shrinks while more than `rows` are kept in all, can't be placed any more: they are
counted, and nothing changes. A report that is there already, equal in all columns, is counted and dropped.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.areas import Places
from cordiale.desks.maritime.detect.profile import Thresholds
from cordiale.desks.maritime.detect.stage import Stage, columns, ordered, setting
from cordiale.desks.maritime.detect.vessel import VESSEL
from cordiale.desks.maritime.schema import DEGREE, EVENT, POSITION, TICK, Positions
from cordiale.vocab.moment import HOUR, MINUTE

SEGMENT: Final = 128
"""Reports in a full segment: so many are taken again at most for a report that is a little late."""
HORIZON: Final = 48 * HOUR
ROWS: Final = 4_000_000
"""Reports kept at most, 29 bytes each."""
SWEEP: Final = 5 * MINUTE
"""By the reports' own time, so often it is looked at what silence has made of every vessel."""


class Segment(NamedTuple):
    """A stretch of one vessel's reports."""

    before: NDArray[np.void]
    """[n] of VESSEL: the MMSI's records before the first of them"""
    rows: Positions
    """[n] of POSITION, in order"""
    events: NDArray[np.void]
    """[n] of EVENT that closed in it"""
    ticks: NDArray[np.void]
    """[n] of TICK"""


class Counted(NamedTuple):
    """What became of arriving reports."""

    taken: int = 0
    late: int = 0
    """of those taken, the ones that others had overtaken"""
    repeated: int = 0
    too_late: int = 0


_NO_EVENTS: Final = np.zeros(0, EVENT)
_NO_TICKS: Final = np.zeros(0, TICK)
_NO_VESSELS: Final = np.zeros(0, VESSEL)


class _Ship:
    """What is kept of one MMSI."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.vessels = _NO_VESSELS
        self.floor = -1
        """ms: what is not later can't be placed any more"""
        self.final = _NO_EVENTS
        self.open = _NO_EVENTS
        self.last = -1
        """ms: the latest report's time"""

    @property
    def events(self) -> list[NDArray[np.void]]:
        return [self.final, *(segment.events for segment in self.segments), self.open]

    @property
    def room(self) -> int:
        """How many reports the last segment still takes, or a new one."""
        left = SEGMENT - len(self.segments[-1].rows) if self.segments else 0
        return left or SEGMENT

    def append(self, new: Segment) -> None:
        """To the last segment where it has room, or as the next."""
        if self.segments and len(self.segments[-1].rows) + len(new.rows) <= SEGMENT:
            new = _joined(self.segments.pop(), new)
        self.segments.append(new)
        self.last = int(new.rows["time"][-1])


class Live:
    """All vessels. Reports may arrive in any order."""

    def __init__(
        self, thresholds: Thresholds, places: Places | None = None, *, horizon: int = HORIZON, rows: int = ROWS
    ) -> None:
        self._work = setting(thresholds, places, hearing=False)
        self._ships: dict[int, _Ship] = {}
        self._most, self._kept, self._swept = rows, 0, 0
        self.horizon = horizon
        """ms: how far back a report may be; less than what was asked for while there are too many."""
        self.now = 0
        """ms: the latest report's time"""
        self.counted = Counted()

    def take(self, rows: Positions) -> set[int]:
        """Reports as they arrived, [n] of POSITION. The MMSIs whose events may have changed."""
        if not len(rows):
            return set()
        self.now = max(self.now, int(rows["time"].max()))
        fresh = _distinct(_by_vessel(rows))
        self._count(repeated=len(rows) - len(fresh))
        ships, late, in_order = dict[int, _Ship](), set[int](), dict[int, Positions]()
        for mmsi, part in _split(fresh).items():
            ship = ships[mmsi] = self._ships.setdefault(mmsi, _Ship())
            if part["time"][0] > max(ship.last, ship.floor) and len(part) <= ship.room:
                in_order[mmsi] = part
            else:
                self._ship(ship, part)
                late.add(mmsi)
        changed = late | self._together(in_order) | self._look(ships)
        if self.now - self._swept >= SWEEP:
            changed |= self.sweep()
        return changed

    def sweep(self) -> set[int]:
        """Look at every vessel as of now, and forget what is older than the horizon. The MMSIs whose events changed."""
        self._swept = self.now
        while self._kept > self._most and self.horizon > MINUTE:
            self.horizon //= 2
            self._prune()
        self._prune()
        return self._look(self._ships)

    def events(self, mmsis: Iterable[int] | None = None) -> NDArray[np.void]:
        """[n] of EVENT as they stand, in order: of some MMSIs or of all. Exact for all after `sweep`."""
        ships = self._ships.values() if mmsis is None else [self._ships[mmsi] for mmsi in mmsis]
        return ordered(_all((part for ship in ships for part in ship.events), EVENT))

    def last(self, mmsi: int, time: int, within: int) -> Positions:
        """The last kept report of an MMSI with a position at `time` ms, not older than `within` ms: none or one of POSITION."""
        ship = self._ships.get(mmsi)
        for segment in reversed(ship.segments if ship else ()):
            rows = segment.rows[: np.searchsorted(segment.rows["time"], time, side="right")]
            placed = rows[placeable(rows)]
            if len(placed):
                return placed[-1:][placed["time"][-1:] >= time - within]
        return np.zeros(0, POSITION)

    def closed(self) -> NDArray[np.void]:
        """[n] of EVENT that have ended."""
        return ordered(_all((part for ship in self._ships.values() for part in ship.events[:-1]), EVENT))

    def vessels(self) -> NDArray[np.void]:
        """[n] of VESSEL: all records as of the latest report, by MMSI and branch."""
        found = _all((ship.vessels for ship in self._ships.values()), VESSEL)
        found = found[np.lexsort((found["branch"], found["mmsi"]))]
        more = np.append(found["mmsi"][1:] == found["mmsi"][:-1], [False] * (len(found) > 0))
        found["next"] = np.where(more, np.arange(len(found)) + 1, -1)
        return found

    def ticks(self) -> NDArray[np.void]:
        """[n] of TICK within the horizon."""
        parts = (segment.ticks for ship in self._ships.values() for segment in ship.segments)
        ticks = _all(parts, TICK)
        return ticks[np.lexsort((ticks["branch"], ticks["mmsi"], ticks["tick"]))]

    def _together(self, reports: Mapping[int, Positions]) -> set[int]:
        """Take rows that are later than all others of their vessels, and have room. The MMSIs with events that closed."""
        if not reports:
            return set()
        ships = {mmsi: self._ships[mmsi] for mmsi in reports}
        stage = Stage.of_few(self._work, _chained(ships))
        rows = _all(reports.values(), POSITION)
        found = stage.advance(columns(rows))
        events, ticks, vessels = _split(found.events), _split(found.ticks), _records(stage.vessels)
        for mmsi, ship in ships.items():
            ship.append(Segment(ship.vessels, reports[mmsi], events.get(mmsi, _NO_EVENTS), ticks.get(mmsi, _NO_TICKS)))
            ship.vessels = vessels.get(mmsi, _NO_VESSELS)
        self._kept += len(rows)
        self._count(taken=len(rows))
        return set(events)

    def _ship(self, ship: _Ship, rows: Positions) -> None:
        """Take rows of one vessel, in order, wherever they belong."""
        placed = rows[rows["time"] > ship.floor]
        self._count(too_late=len(rows) - len(placed))
        if len(placed) and placed["time"][0] > ship.last:
            self._count(taken=len(placed))
            self._run(ship, placed)
        elif len(placed):
            self._again(ship, placed)

    def _again(self, ship: _Ship, rows: Positions) -> None:
        """Go back to the segment in which the first of `rows` belongs, and take everything from there."""
        starts = np.array([segment.rows["time"][0] for segment in ship.segments], np.int64)
        first = max(0, int(np.searchsorted(starts, int(rows["time"][0]), side="left")) - 1)
        undone = ship.segments[first:]
        known = _all((segment.rows for segment in undone), POSITION)
        merged = _distinct(_by_vessel(_all((known, rows), POSITION)))
        fresh, later = len(merged) - len(known), int((rows["time"] > ship.last).sum())
        if fresh:
            del ship.segments[first:]
            ship.vessels = undone[0].before
            self._kept -= len(known)
            self._run(ship, merged)
        self._count(taken=fresh, late=fresh - later, repeated=len(rows) - fresh)

    def _run(self, ship: _Ship, rows: Positions) -> None:
        """Take rows that are in order and later than all others."""
        self._kept += len(rows)
        stage = Stage.of_few(self._work, ship.vessels)
        for part in np.split(rows, range(ship.room, len(rows), SEGMENT)):
            before = stage.vessels
            found = stage.advance(columns(part))
            ship.append(Segment(before, part, found.events, found.ticks))
        ship.vessels = stage.vessels

    def _look(self, ships: Mapping[int, _Ship]) -> set[int]:
        """What goes on as of now. The MMSIs of which it is not what it was."""
        pending = _split(Stage.of_few(self._work, _chained(ships)).pending(self.now))
        changed = set[int]()
        for mmsi, ship in ships.items():
            goes_on = pending.get(mmsi, _NO_EVENTS)
            if goes_on.tobytes() != ship.open.tobytes():
                changed.add(mmsi)
            ship.open = goes_on
        return changed

    def _prune(self) -> None:
        """Forget segments that end before the horizon; their events are final."""
        oldest = self.now - self.horizon
        for ship in self._ships.values():
            over = 0
            while over < len(ship.segments) and ship.segments[over].rows["time"][-1] < oldest:
                over += 1
            if over:
                gone = ship.segments[:over]
                ship.final = _all((ship.final, *(segment.events for segment in gone)), EVENT)
                ship.floor = int(gone[-1].rows["time"][-1])
                self._kept -= sum(len(segment.rows) for segment in gone)
                del ship.segments[:over]

    def _count(self, **more: int) -> None:
        self.counted = Counted(*(have + more.get(name, 0) for name, have in self.counted._asdict().items()))

    def checkpoint(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays by name: what `restore` takes."""
        ships = list(self._ships.items())
        segments = [segment for _, ship in ships for segment in ship.segments]
        return {
            "scalars": np.array([self.now, self.horizon, self._swept, *self.counted], np.int64),
            "mmsi": np.array([mmsi for mmsi, _ in ships], np.uint32),
            "floor": np.array([ship.floor for _, ship in ships], np.int64),
            "sizes": np.array([(len(s.segments), len(s.vessels), len(s.final)) for _, s in ships], np.int64).reshape(
                -1, 3
            ),
            "vessels": _all((ship.vessels for _, ship in ships), VESSEL),
            "final": _all((ship.final for _, ship in ships), EVENT),
            "lengths": np.array([[len(part) for part in segment] for segment in segments], np.int64).reshape(-1, 4),
            **{
                name: _all((getattr(segment, name) for segment in segments), kind)
                for name, kind in zip(Segment._fields, (VESSEL, POSITION, EVENT, TICK), strict=True)
            },
        }

    def restore(self, saved: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a checkpoint of the same thresholds and places."""
        self.now, self.horizon, self._swept, *counted = (int(value) for value in saved["scalars"])
        self.counted = Counted(*counted)
        lengths = saved["lengths"]
        parts = [np.split(saved[name], np.cumsum(lengths[:, k])) for k, name in enumerate(Segment._fields)]
        segments = [Segment(*(part[n] for part in parts)) for n in range(len(lengths))]
        counts, vessels, final = (np.cumsum(saved["sizes"][:, k]) for k in range(3))
        records, events = np.split(saved["vessels"], vessels), np.split(saved["final"], final)
        self._ships.clear()
        for n, mmsi in enumerate(saved["mmsi"].tolist()):
            ship = self._ships[mmsi] = _Ship()
            ship.segments = segments[counts[n] - saved["sizes"][n, 0] : counts[n]]
            ship.vessels, ship.final, ship.floor = records[n], events[n], int(saved["floor"][n])
            ship.last = int(ship.segments[-1].rows["time"][-1]) if ship.segments else -1
        self._look(self._ships)
        self._kept = len(saved["rows"])


def placeable(rows: Positions) -> NDArray[np.bool_]:
    """Which reports have a position."""
    lon, lat = rows["lon"], rows["lat"]
    return (np.abs(lon) <= 180 * DEGREE) & (np.abs(lat) <= 90 * DEGREE) & ((lon != 0) | (lat != 0))


def _joined(one: Segment, other: Segment) -> Segment:
    kinds = (POSITION, EVENT, TICK)
    return Segment(one.before, *(_all(pair, kind) for *pair, kind in zip(one[1:], other[1:], kinds, strict=True)))


def _by_vessel(rows: Positions) -> Positions:
    """By MMSI, and of each in the order of `POSITION`."""
    if len(rows) < 2:
        return rows
    return rows[np.lexsort((*(rows[name] for name in reversed(POSITION.names or ())), rows["mmsi"]))]


def _distinct(rows: Positions) -> Positions:
    """Without rows that are equal to the one before."""
    if len(rows) < 2:
        return rows
    plain = np.frombuffer(rows.tobytes(), np.uint8).reshape(len(rows), -1)
    return rows[np.append(True, (plain[1:] != plain[:-1]).any(axis=1))]


def _split(found: NDArray[np.void]) -> dict[int, NDArray[np.void]]:
    """Records by their MMSI, of each in their order; each its own copy, so that one that is kept keeps no others."""
    if not len(found):
        return {}
    who = found["mmsi"]
    if (who[1:] < who[:-1]).any():
        found = found[np.argsort(who, kind="stable")]
        who = found["mmsi"]
    data, size = found.tobytes(), found.dtype.itemsize
    cuts = [0, *(np.flatnonzero(who[1:] != who[:-1]) + 1).tolist(), len(found)]
    return {
        mmsi: np.frombuffer(data[begin * size : end * size], found.dtype)
        for mmsi, (begin, end) in zip(who[cuts[:-1]].tolist(), pairwise(cuts), strict=True)
    }


def _chained(ships: Mapping[int, _Ship]) -> NDArray[np.void]:
    """[n] of VESSEL: the records of all; their chains count from the first of each MMSI, here from the first of all."""
    found = _all((ship.vessels for ship in ships.values()), VESSEL)
    counts = np.array([len(ship.vessels) for ship in ships.values()], np.int64)
    found["next"] += np.where(found["next"] >= 0, np.repeat(np.cumsum(counts) - counts, counts), 0).astype(np.int32)
    return found


def _records(vessels: NDArray[np.void]) -> dict[int, NDArray[np.void]]:
    """By MMSI what `_chained` put together, and those that are new."""
    order = np.argsort(vessels["mmsi"], kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    found = vessels[order]
    first = np.searchsorted(found["mmsi"], found["mmsi"])
    found["next"] = np.where(found["next"] >= 0, place[found["next"]] - first, -1)
    return _split(found)


def _all(parts: Iterable[NDArray[np.void]], kind: np.dtype[np.void]) -> NDArray[np.void]:
    """One after the other, by their bytes: NumPy takes a structured type apart for each of them."""
    return np.frombuffer(bytearray().join(part.tobytes() for part in parts), kind)
