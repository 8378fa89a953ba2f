"""The batch: the same findings for any number of shards and wherever earlier runs ended, and as a brute force says."""

import resource
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl
import pytest

from cordiale.analysis.partition import Here, Processes, Runner
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.detect.detectors import ENCOUNTER, GAP
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.exercise.make import FIRST_DAY, exercise
from cordiale.desks.maritime.run import Found, Span, detect
from cordiale.desks.maritime.spool import Spool
from cordiale.desks.maritime.table import frame
from cordiale.errors import NotFound, StorageFailed, StoreLocked
from cordiale.vocab.moment import DAY
from desks.maritime.detect.voyages import Ship, table

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

T = TypeVar("T")
R = TypeVar("R")
OURS = shipped("ours")
DAYS = 3


class Shards:
    """So many shards, one after the other: what machines do, without machines."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        return map(function, tasks)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("whole")
    exercise(store, seed=12, days=DAYS, vessels=12)
    return store


@pytest.fixture(scope="module")
def wanted(whole: Path) -> Found:
    return detect(whole, OURS, Here(), span=Span(FIRST_DAY))


def _same(found: Found, wanted: Found) -> None:
    assert found.events.tobytes() == wanted.events.tobytes()
    assert found.naive.tobytes() == wanted.naive.tobytes()
    assert (found.now, found.vessels, found.tally.tolist()) == (wanted.now, wanted.vessels, wanted.tally.tolist())


def _copied(whole: Path, store: Path, days: int) -> Path:
    for kind in ("positions", "statics"):
        (store / kind).mkdir(parents=True, exist_ok=True)
        for number in range(days):
            name = f"{FIRST_DAY + timedelta(number)}.parquet"
            if not (store / kind / name).exists():
                (store / kind / name).symlink_to(whole / kind / name)
    return store


def test_there_is_something_to_find(wanted: Found) -> None:
    assert {ENCOUNTER, GAP} <= set(wanted.events["detector"].tolist())
    assert len(wanted.naive) > 10


@pytest.mark.parametrize(
    "runner",
    [Here(), Shards(2), Shards(3), Shards(7), Shards(13), Processes(2)],
    ids=["1", "2", "3", "7", "13", "processes"],
)
def test_findings_do_not_depend_on_the_workers(whole: Path, wanted: Found, tmp_path: Path, runner: Runner) -> None:
    _same(detect(_copied(whole, tmp_path, DAYS), OURS, runner), wanted)


def test_findings_do_not_depend_on_where_earlier_runs_ended(whole: Path, wanted: Found, tmp_path: Path) -> None:
    found = None
    for days, shards in ((1, 3), (2, 1), (3, 2)):
        found = detect(_copied(whole, tmp_path, days), OURS, Shards(shards))
        day = FIRST_DAY + timedelta(days - 1)
        assert found.positions == Archive(whole).count(day)
    assert found is not None
    _same(found, wanted)
    again = detect(tmp_path, OURS, Here())
    assert again.positions == 0
    _same(again, wanted)
    assert not list((tmp_path / "state" / "detect").glob("run-*"))


def test_more_of_the_last_day_is_taken_up_from_the_day_before(whole: Path, wanted: Found, tmp_path: Path) -> None:
    last = FIRST_DAY + timedelta(DAYS - 1)
    _copied(whole, tmp_path, DAYS)
    path = tmp_path / "positions" / f"{last}.parquet"
    full = pl.read_parquet(path)
    path.unlink()
    _merge(tmp_path, full.head(len(full) // 3), last)
    detect(tmp_path, OURS, Here())
    _merge(tmp_path, full, last)
    found = detect(tmp_path, OURS, Here())
    assert found.positions == len(full)
    _same(found, wanted)


def _merge(store: Path, rows: pl.DataFrame, day: date) -> None:
    spool = Spool(store / "spool")
    spool.add("positions", rows)
    Archive(store).merge(day, "positions", spool.runs("positions", day))
    spool.drop()


def test_two_who_lie_still_at_a_quay_where_nobody_lay_before_do_not_meet(tmp_path: Path) -> None:
    rows = table([
        Ship(lon, lat, mmsi=mmsi, at=at).sail(30, 6, 0).sail(150, 0.1).sail(60, 6, 180)
        for lon, lat, mmsi, at in (
            (1.330, 51.105, 227_000_001, 0), (1.331, 51.105, 227_000_002, 60),  # into the port of Dover
            (-8.000, 48.000, 227_000_003, 0), (-7.999, 48.000, 227_000_004, 60),
        )
    ])  # fmt: skip
    for day, part in frame(rows).group_by(pl.col("time") // DAY):
        _merge(tmp_path, part, date(1970, 1, 1) + timedelta(int(day[0])))
    found = detect(tmp_path, OURS, Here()).events
    assert found[found["detector"] == ENCOUNTER]["mmsi"].tolist() == [227_000_003]


def test_an_earlier_day_that_changed_is_looked_at_again(whole: Path, tmp_path: Path) -> None:
    _copied(whole, tmp_path, DAYS)
    path = tmp_path / "positions" / f"{FIRST_DAY}.parquet"
    path.unlink()
    first = detect(tmp_path, OURS, Here())
    path.symlink_to(whole / "positions" / path.name)
    second = detect(tmp_path, OURS, Here())
    assert second.positions > first.positions > 0


def test_encounters_are_those_of_a_brute_force(whole: Path, wanted: Found) -> None:
    """Every pair of vessels, every ten minutes, from the reports themselves."""
    pairs = _brute(whole)
    assert pairs
    found = {(int(e["mmsi"]), int(e["other"])) for e in wanted.events[wanted.events["detector"] == ENCOUNTER]}
    assert found <= pairs
    truth = [t["mmsi"] for t in _truth(whole) if t["behaviour"] == "encounter"]
    assert all(tuple(who) in found and tuple(who) in pairs for who in truth)


def _truth(store: Path) -> list[Any]:
    import json

    return json.loads((store / "exercise" / "truth.json").read_text())["truths"]


def _brute(store: Path) -> set[tuple[int, int]]:
    """Who was within 600 m of whom at 11 full ten minutes or more, both below 2.5 knots by their own report."""
    rows = pl.read_parquet(store / "positions" / "*.parquet").filter(
        (pl.col("lat") < 54_000_000) & (pl.col("sog") < 25)
    )
    slot = pl.col("time") // 600_000
    near = rows.group_by("mmsi", slot.alias("tick")).first()
    both = near.join(near, on="tick").filter(pl.col("mmsi") < pl.col("mmsi_right")).with_columns(
        m=(
            ((pl.col("lon") - pl.col("lon_right")) * (pl.col("lat") / 600_000).radians().cos()) ** 2
            + (pl.col("lat") - pl.col("lat_right")) ** 2
        ).sqrt() * (1852 / 10_000)
    )  # fmt: skip
    counts = both.filter(pl.col("m") < 600).group_by("mmsi", "mmsi_right").len()
    return {(a, b) for a, b, n in counts.rows() if n >= 11}


def test_a_store_without_days_and_a_store_in_use_are_refused(whole: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    with pytest.raises(NotFound):
        detect(tmp_path, OURS, Here())
    _copied(whole, tmp_path, 1)
    (tmp_path / "state" / "detect").mkdir(parents=True)
    with FileLock(tmp_path / "state" / "detect" / "lock"), pytest.raises(StoreLocked):
        detect(tmp_path, OURS, Here())


def test_a_full_disk_leaves_nothing_half_written(whole: Path, wanted: Found, tmp_path: Path) -> None:
    """By a limit on the size of files."""
    store = _copied(whole, tmp_path, DAYS)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(StorageFailed, match="too large"):
            detect(store, OURS, Here())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((store / "state").rglob("*.np*"))
    _same(detect(store, OURS, Here()), wanted)


def test_progress_ends_at_the_end(whole: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = detect(_copied(whole, tmp_path, 2), OURS, Here(), progress=lambda done, most: told.append((done, most)))
    assert told[-1] == (found.positions, found.positions)
    assert all(0 <= done <= most for done, most in told)
    assert np.all(np.diff([done for done, _ in told]) >= 0)


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "flipped", "another shape", "less in it", "another name"])
def test_a_damaged_state_is_passed_over_and_made_anew(whole: Path, wanted: Found, tmp_path: Path, damage: str) -> None:
    store = _copied(whole, tmp_path, DAYS)
    detect(store, OURS, Here())
    kept = sorted((store / "state" / "detect").rglob("*.npz"))
    assert len(kept) == 2
    for path in kept:
        data = path.read_bytes()
        arrays = dict(np.load(path))
        middle = len(data) // 2
        changed = {
            "cut": data[:middle],
            "empty": b"",
            "noise": np.random.default_rng(1).bytes(5_000),
            "flipped": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
        }
        if damage in changed:
            path.write_bytes(changed[damage])
        elif damage == "another shape":
            np.savez(path, **(arrays | {"stage_vessels": arrays["stage_vessels"]["mmsi"]}))
        elif damage == "less in it":
            np.savez(path, **{name: array for name, array in arrays.items() if name != "stage_hour"})
        else:
            path.rename(path.with_stem("2025-01-01-0"))
    found = detect(store, OURS, Here())
    assert found.positions == sum(Archive(store).count(day) for day in Archive(store).days())
    _same(found, wanted)
    assert detect(store, OURS, Here()).positions == 0


@pytest.mark.parametrize("place", ["state", "state/detect"])
def test_a_store_that_takes_no_state_is_named(whole: Path, tmp_path: Path, place: str) -> None:
    store = _copied(whole, tmp_path, 1)
    (store / place).parent.mkdir(exist_ok=True)
    (store / place).write_text("in the way")
    with pytest.raises(StorageFailed, match="state"):
        detect(store, OURS, Here())
