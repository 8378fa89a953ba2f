"""The batch: an archive to events, in two stages over partitions.

Stage one takes each shard of vessels through the days (`shard`), stage two finds what is seen only of all together (`sea`).
What both carry is kept in the store at the end of the last day and of the one before, so that further days, or more of the
last, go on from there. What is found depends on the data and the options alone: not on how many workers there were, nor on
where earlier runs ended.
"""

import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from cordiale.analysis.partition import Runner
from cordiale.crypto.digest import sha256
from cordiale.desks.maritime import carried, sea
from cordiale.desks.maritime.anchorage import Points, distance, from_dwell
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.coast import coast
from cordiale.desks.maritime.detect.areas import Drawings, Places, drawn
from cordiale.desks.maritime.detect.cable import RECOVERED_GROUND
from cordiale.desks.maritime.detect.detectors import CABLE_SLOWDOWN, GAP, LOITERING
from cordiale.desks.maritime.detect.judge import offshore, standing
from cordiale.desks.maritime.detect.profile import Profile
from cordiale.desks.maritime.detect.stage import CHECKPOINT, Stage, ordered
from cordiale.desks.maritime.detect.vessel import VESSEL
from cordiale.desks.maritime.program import program
from cordiale.desks.maritime.reception import Reception
from cordiale.desks.maritime.rules import Rules, rules
from cordiale.desks.maritime.schema import EVENT
from cordiale.desks.maritime.shard import TOLD, ShardTask, lay_places, load, run_shard, save
from cordiale.errors import Malformed, NotFound, StorageFailed, StoreLocked
from cordiale.vocab.moment import DAY, Moment

Progress = Callable[[int, int], None]
"""(positions done, positions in all)"""
_KEPT: Final = 2
_WENT: Final = 1
"""Its place among the values of a gap: km."""
_BEFORE, _AFTER = 3, 4
"""Places of the speeds before and after it: kn, −1 where not known, or while it lasts."""
_STILL_KN, _STILL_KM = 0.5, 0.5
_MEAN_SPEED: Final = 2
"""Its place among the values of a slow run."""
_TOGETHER: Final = 3
"""Its place among the values of an encounter: kn, the mean speed."""
_GROUNDS: Final = 4
"""Its place among the values of a slow crossing."""
_FROM_ANCHORAGE: Final = 4
"""Its place among the values of an encounter."""
_LOOK_SECONDS: Final = 0.2


def unseen(_done: int, _all: int) -> None:
    """Nobody looks at the progress."""


class Span(NamedTuple):
    """Which days: both included, open where None."""

    since: date | None = None
    until: date | None = None


ALL: Final = Span()
NO_DRAWINGS: Final = Drawings()


class Found(NamedTuple):
    """What a run came to."""

    events: NDArray[np.void]
    """[n] of EVENT that alert, in their order"""
    naive: NDArray[np.void]
    """[n] of EVENT: silences that say nothing, for nobody was heard there, or too little is known"""
    now: Moment
    """the time of the last position"""
    positions: int
    """looked at in this run"""
    vessels: int
    tally: NDArray[np.int64]
    places: Points
    """anchorages and berths, found and given"""


def detect(
    store: Path, profile: Profile, runner: Runner, *, span: Span = ALL, anchorages: Sequence[Points] = (),
    drawings: Drawings = NO_DRAWINGS, progress: Progress = unseen,
) -> Found:  # fmt: skip
    """Look at all days of a store, or those of `span`; what was looked at before and has not changed is not read again.

    Raises `NotFound` where there is no day, `StoreLocked` where another process detects in this store, `StorageFailed` where the
    disk does not take what is laid down.
    """
    archive, want, places = Archive(store), rules(profile), drawn(drawings)
    days = [day for day in archive.days() if (span.since or day) <= day <= (span.until or day)]
    if not days:
        raise NotFound(str(store), what="day in the archive")
    folder = store / "state" / "detect"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / "lock", timeout=0), _scratch(folder) as scratch:
            still = archive.still(days, scratch / "days")
            state = States(folder / _key(profile, span.since, drawings), still, days)
            before, new = _forward(state, profile, runner, want, scratch, progress, places)
            return found_of(before, new, profile, want, anchorages, scratch, places)
    except Timeout:
        raise StoreLocked(str(store)) from None
    except OSError as fault:
        raise StorageFailed(f"{folder}: {fault.strerror or fault}") from None


_KINDS: Final[dict[str, np.dtype[Any]]] = {
    **{f"stage_{name}": kind for name, kind in CHECKPOINT.items()},
    **{f"sea_{name}": array.dtype for name, array in sea.empty()._asdict().items()},
    "last": np.dtype(np.int64),
}
"""The arrays of a state that is kept."""


class Carried(NamedTuple):
    """The whole state at the end of a day."""

    stage: dict[str, NDArray[Any]]
    """`Stage.checkpoint` of all shards together; empty at the beginning"""
    sea: sea.Sea
    last: int
    """ms: the last position's time"""


class States:
    """What is kept of earlier runs over the same days with the same options."""

    def __init__(self, folder: Path, archive: Archive, days: Sequence[date]) -> None:
        self._folder, self.archive, self.days = folder, archive, list(days)
        self._prints = [_print(archive.path(day)) for day in days]

    def latest(self) -> tuple[Carried, int]:
        """The state that goes furthest, and how many of the days it has seen. A damaged one is passed over, and made anew."""
        for seen in range(len(self.days), 0, -1):
            path = self._path(seen)
            with suppress(Malformed):
                if path.is_file():
                    return _loaded(path), seen
        return Carried({}, sea.empty(), 0), 0

    def keep(self, carried: Carried, seen: int) -> None:
        """Keep a state that has seen so many of the days; older ones are dropped."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(seen)
        temporary = path.with_suffix(".new")
        named = {f"stage_{name}": array for name, array in carried.stage.items()}
        named |= {f"sea_{name}": array for name, array in carried.sea._asdict().items()}
        save(temporary, named | {"last": np.array([carried.last])})
        temporary.replace(path)
        for old in sorted(self._folder.glob("*.npz"), reverse=True)[_KEPT:]:
            old.unlink()

    def _path(self, seen: int) -> Path:
        """Named by the last day, and by all days that it has seen as they were."""
        known = sha256("\0".join(self._prints[:seen]).encode()).hex()[:16]
        return self._folder / f"{self.days[seen - 1].isoformat()}-{known}.npz"


def _print(path: Path) -> str:
    known = path.stat()
    return f"{path.name} {known.st_size} {known.st_mtime_ns}"


def _loaded(path: Path) -> Carried:
    arrays = load(path)
    if {name: array.dtype for name, array in arrays.items()} != _KINDS:
        raise Malformed(str(path), what="state of the maritime desk")
    stage = {name: arrays[f"stage_{name}"] for name in CHECKPOINT}
    return Carried(stage, sea.Sea(*(arrays[f"sea_{name}"] for name in sea.Sea._fields)), int(arrays["last"][0]))


def _key(profile: Profile, since: date | None, drawings: Drawings) -> str:
    """What a state depends on beside the days."""
    layout = (repr(VESSEL.descr), repr(EVENT.descr))
    parts = (repr(profile.thresholds), str(rules(profile)), str(since), *layout, drawings.digest(), program())
    return f"{profile.id}-{sha256(chr(0).join(parts).encode()).hex()[:16]}"


@contextmanager
def _scratch(folder: Path) -> Generator[Path]:
    """A folder for this run. What earlier runs that were stopped have left is removed: this process holds the lock."""
    for left in folder.glob("run-*"):
        shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _forward(
    states: States, profile: Profile, runner: Runner, want: Rules, scratch: Path, progress: Progress, places: Places
) -> tuple[Carried, int]:
    """Go on over the days not seen yet; the state at the end, and how many positions that were."""
    state, seen = states.latest()
    names = [day.isoformat() for day in states.days[seen:]]
    segments = tuple(tuple(part) for part in (names[:-1], names[-1:]) if part)
    if not segments:
        return state, 0
    start, around = scratch / "carried.npz", scratch / "places.npz"
    lay_places(around, places.areas)
    if state.stage:
        save(start, state.stage)
    tasks = [
        ShardTask(
            str(states.archive.folder), profile.id, shard, runner.workers, segments, str(start) if state.stage else "",
            str(scratch), str(around),
        )
        for shard in range(runner.workers)
    ]  # fmt: skip
    rows = sum(states.archive.count(day) for day in states.days[seen:])
    with _watched(scratch, rows, runner.workers, progress):
        laid = list(runner.run(run_shard, tasks))
    for number, segment in enumerate(segments):
        seen += len(segment)
        end = (states.days[seen - 1] - date(1970, 1, 1)).days * DAY + DAY
        state = _joined(state, [load(Path(paths[number])) for paths in laid], end, want, runner, scratch)
        states.keep(state, seen)
    return state, rows


def _joined(
    state: Carried, parts: list[dict[str, NDArray[Any]]], end: int, want: Rules, runner: Runner, scratch: Path
) -> Carried:
    """The state after a segment that ends at `end`, from what its shards laid down."""
    named = "carried_"
    stage = carried.merge([
        {name.removeprefix(named): array for name, array in part.items() if name.startswith(named)} for part in parts
    ])  # fmt: skip
    new = sea.empty()._replace(
        events=np.concatenate([part["events"] for part in parts]),
        waiting=np.concatenate([part["ticks"] for part in parts]),
        heard=np.concatenate([part["heard"] for part in parts]),
    )
    last = max(state.last, *(int(part["last"][0]) for part in parts))
    return Carried(stage, sea.advance(state.sea, new, end, want.encounter, runner, scratch), last)


@contextmanager
def _watched(scratch: Path, rows: int, shards: int, progress: Progress) -> Generator[None]:
    """Tell how far the shards are together, from the sizes of their files."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            told = sum(path.stat().st_size for path in scratch.glob("progress-*"))
            progress(min(rows, told * TOLD // shards), rows)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    progress(rows, rows)


def found_of(
    state: Carried,
    rows: int,
    profile: Profile,
    want: Rules,
    anchorages: Sequence[Points],
    scratch: Path,
    places: Places,
) -> Found:
    """Everything as it stands at the last position."""
    stage = Stage(profile.thresholds, places)
    stage.restore(carried.cut(state.stage, 0, 1))
    single = np.concatenate([state.sea.events, stage.pending(state.last)])
    met, dwell = sea.closing(state.sea, state.last, want.encounter, scratch)
    berths = np.concatenate(
        [from_dwell(dwell, want.anchorage_vessels, want.anchorage_ticks, want.shore_metres), *anchorages]
    )
    silent = single["detector"] == GAP
    gaps = ordered(single[silent])
    heard = np.concatenate([state.sea.heard, stage.finish()])
    likely = (
        Reception(heard).judge(gaps, want.reception) & ~_at_berth(gaps, berths, want.berth_metres) & ~_at_rest(gaps)
    )
    for lon, lat in (("lon0", "lat0"), ("lon1", "lat1")):
        likely &= offshore(
            coast(), np.ascontiguousarray(gaps[lon]), np.ascontiguousarray(gaps[lat]), want.gap_shore_metres
        )
    alone = single[~silent]
    alone = alone[
        standing(alone, profile) & _moves(alone, want.moving_knots) & at_large(alone, berths, want.port_metres)
    ]
    events = ordered(np.concatenate([alone, gaps[likely], _far(met, berths, want)]))
    return Found(
        events,
        gaps[~likely],
        Moment(state.last),
        rows,
        len(np.unique(state.stage["vessels"]["mmsi"])),
        state.stage["tally"],
        berths,
    )


def _at_berth(gaps: NDArray[np.void], places: Points, near: float) -> NDArray[np.bool_]:
    """Whether a vessel fell silent at an anchorage and was heard again there, or is silent since."""
    ends = distance(gaps["lon0"], gaps["lat0"], places), distance(gaps["lon1"], gaps["lat1"], places)
    return (np.maximum(*ends) < near) & (gaps["values"][:, _WENT] * 1000 < near)


def _at_rest(gaps: NDArray[np.void]) -> NDArray[np.bool_]:
    """Whether a vessel lay still when it fell silent, and was heard again at the same place, just leaving it perhaps."""
    before, after = gaps["values"][:, _BEFORE], gaps["values"][:, _AFTER]
    unknown = (before < 0) & (after >= 0) & (after < _STILL_KN)
    still = unknown | ((before >= 0) & (before < _STILL_KN))
    return still & (gaps["open"] == 0) & (gaps["values"][:, _WENT] < _STILL_KM)


def _moves(events: NDArray[np.void], least: float) -> NDArray[np.bool_]:
    """False for slow runs of vessels that lie still, at anchor or at a berth."""
    return (events["detector"] != LOITERING) | (events["values"][:, _MEAN_SPEED] >= least)


def at_large(events: NDArray[np.void], places: Points, least: float) -> NDArray[np.bool_]:
    """False for slow crossings of cables nearer than that to an anchorage or a berth, unless the vessel fell short just there."""
    found, values = np.ones(len(events), np.bool_), events["values"]
    slow = np.flatnonzero((events["detector"] == CABLE_SLOWDOWN) & (values[:, _GROUNDS] < RECOVERED_GROUND))
    found[slow] = distance(events["lon0"][slow], events["lat0"][slow], places) >= least
    return found


def _far(met: NDArray[np.void], places: Points, want: Rules) -> NDArray[np.void]:
    """Encounters that began and ended so far from every anchorage, with how far that was (−1 where none is known)."""
    away = np.minimum(distance(met["lon0"], met["lat0"], places), distance(met["lon1"], met["lat1"], places))
    met["values"][:, _FROM_ANCHORAGE] = np.where(np.isfinite(away), away / 1000, -1.0)
    return met[(away >= want.anchorage_metres) & ~_berthed(met, want.shore_metres)]


def _berthed(met: NDArray[np.void], near: float) -> NDArray[np.bool_]:
    """Meetings of two that lie still so near to land: that is a berth, also where nobody has lain for long yet."""
    found = met["values"][:, _TOGETHER] < _STILL_KN
    still = np.flatnonzero(found)
    for lon, lat in (("lon0", "lat0"), ("lon1", "lat1")):
        found[still] &= ~offshore(coast(), met[lon][still].copy(), met[lat][still].copy(), near)
    return found
