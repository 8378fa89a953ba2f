"""Stage two: what is seen only of all vessels together. Encounters from ticks, by time × tile; dwelling; what was heard.

Ticks come late: a vessel's are known when it is heard again, within the profile's bridge. Up to that long before the end of the
data they are final and folded into what is carried; the rest waits, and is folded into a copy when findings are asked for. So
what is found at any moment depends on the data alone, not on where earlier runs ended.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.analysis.partition import Here, Runner
from cordiale.desks.maritime.anchorage import DWELL, dwell
from cordiale.desks.maritime.detect.heard import HEARD
from cordiale.desks.maritime.pair import MEETING, PAIR, Tile, encounters, fold, search
from cordiale.desks.maritime.reception import summed
from cordiale.desks.maritime.schema import DEGREE, EVENT, TICK, TICK_MS

_SLICE: Final = 250_000
"""Ticks searched at once, about."""
_TILES: Final = 2
_FEW: Final = 500_000
"""Ticks that are searched faster than processes start."""


class Rule(NamedTuple):
    """When two vessels that are slow side by side have met."""

    metres: float
    hours: float
    bridge: int
    """ticks that may be missing in between"""
    late_ms: int
    """how much later than its own time a tick may become known"""
    knots: float
    """below which both are in the median"""


class Sea(NamedTuple):
    """What is carried from one day to the next."""

    events: NDArray[np.void]
    """[n] of EVENT, closed, of single vessels"""
    met: NDArray[np.void]
    """[n] of EVENT, encounters that are over"""
    meetings: NDArray[np.void]
    """[n] of MEETING that go on"""
    waiting: NDArray[np.void]
    """[n] of TICK, not final yet"""
    dwell: NDArray[np.void]
    heard: NDArray[np.void]


def empty() -> Sea:
    """At the beginning."""
    return Sea(*(np.zeros(0, kind) for kind in (EVENT, EVENT, MEETING, TICK, DWELL, HEARD)))


class SearchTask(msgspec.Struct, frozen=True):
    """One slice of time and one tile."""

    ticks: str
    """A file of TICK, by tick."""
    first: int
    last: int
    """Rows first ≤ row < last."""
    tile: tuple[int, int]
    metres: float


def run_search(task: SearchTask) -> NDArray[np.void]:
    """[n] of PAIR."""
    ticks: NDArray[np.void] = np.load(task.ticks, mmap_mode="r", allow_pickle=False)
    return search(np.array(ticks[task.first : task.last]), task.metres, Tile(*task.tile))


def advance(sea: Sea, new: Sea, end: int, rule: Rule, runner: Runner, folder: Path) -> Sea:
    """Go on with what stage one found up to `end` (ms): `new` has its events, its ticks (waiting) and what it heard."""
    ticks = np.concatenate([sea.waiting, new.waiting])
    until = (end - rule.late_ms) // TICK_MS + 1
    final = ticks["tick"] < until
    ready = ticks[final]
    meetings, over = _folded(sea.meetings, ready, until, rule, runner, folder)
    return Sea(
        events=np.concatenate([sea.events, new.events]),
        met=np.concatenate([sea.met, encounters(over, rule.hours, going_on=False)]),
        meetings=meetings,
        waiting=ticks[~final],
        dwell=dwell(sea.dwell, ready),
        heard=summed(np.concatenate([sea.heard, new.heard])),
    )


def closing(sea: Sea, now: int, rule: Rule, folder: Path) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """All encounters as they stand at `now`, [n] of EVENT, and all DWELL; what is carried is not touched."""
    meetings, over = _folded(sea.meetings, sea.waiting, now // TICK_MS + 1, rule, Here(), folder)
    parts = [encounters(over, rule.hours, going_on=False), encounters(meetings, rule.hours, going_on=True)]
    return np.concatenate([sea.met, *parts]), dwell(sea.dwell, sea.waiting)


def _folded(
    meetings: NDArray[np.void], ticks: NDArray[np.void], until: int, rule: Rule, runner: Runner, folder: Path
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    ticks = ticks[np.argsort(ticks["tick"], kind="stable")]
    path = folder / "ticks.npy"
    np.save(path, ticks)
    slices = list(_slices(ticks))
    tasks = [SearchTask(str(path), first, last, tile, rule.metres) for first, last, tile in slices]
    found = (runner if len(ticks) > _FEW else Here()).run(run_search, tasks)
    ended = [np.zeros(0, MEETING)]
    for number in range(0, len(tasks), _TILES):
        pairs = _by_pair(np.concatenate([next(found) for _ in range(_TILES)]))
        last = slices[number][1]
        meetings, over = fold(
            meetings, pairs, int(ticks["tick"][last]) if last < len(ticks) else until, rule.bridge, rule.knots
        )
        ended.append(over[(over["last"] - over["first"]) * TICK_MS >= rule.hours * 3_600_000])
    if not tasks:
        meetings, over = fold(meetings, np.zeros(0, PAIR), until, rule.bridge, rule.knots)
        ended.append(over)
    path.unlink()
    return meetings, np.concatenate(ended)


def _by_pair(pairs: NDArray[np.void]) -> NDArray[np.void]:
    names = ("tick", "other_branch", "other", "branch", "mmsi")
    return pairs[np.lexsort([pairs[name] for name in names])]


def _slices(ticks: NDArray[np.void]) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Rows of whole ticks, and tiles that cut what is in them in about equal parts."""
    first = 0
    while first < len(ticks):
        edge = min(len(ticks), first + _SLICE)
        last = int(np.count_nonzero(ticks["tick"] <= ticks["tick"][edge - 1]))
        lats: list[int] = np.sort(ticks["lat"][first:last]).tolist()
        middle = lats[len(lats) // 2]
        yield first, last, (-90 * DEGREE, middle)
        yield first, last, (middle, 90 * DEGREE + 1)
        first = last
