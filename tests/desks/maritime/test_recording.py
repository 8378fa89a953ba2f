"""What a watch hears gets into the archive: whole, once, and while others read or write."""

import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from cordiale.desks.maritime import recording as recordings
from cordiale.desks.maritime.archive import Archive, Merged
from cordiale.desks.maritime.ingest.batch import Batch, nothing
from cordiale.desks.maritime.recording import Recording
from cordiale.desks.maritime.schema import POSITION
from cordiale.desks.maritime.spool import Runs, Spool
from cordiale.desks.maritime.table import Kind, frame
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import DAY
from desks.maritime.kit import everything

BEGIN = 19_911 * DAY


def heard(first: int, count: int) -> Batch:
    """Rows of two days, no two alike, and base stations."""
    found = np.zeros(count, POSITION)
    found["time"] = BEGIN + (np.arange(first, first + count) * 7_919_000) % (2 * DAY)
    found["mmsi"], found["kind"] = 200_000_000 + np.arange(first, first + count), 1
    stations = found[:1].copy()
    stations["kind"] = 4
    return nothing()._replace(positions=frame(found), apart=frame(stations))


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_all_is_in_the_archive_at_the_end(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "sea", tmp_path / "aside")
    for first in range(0, 300, 30):
        recording.take(heard(first, 30))
    assert recording.close()
    assert len(everything(tmp_path / "sea")) == 300 == recording.added
    assert sum(Archive(tmp_path / "sea").count(day, "apart") for day in Archive(tmp_path / "sea").days("apart")) == 10
    again = Recording(tmp_path / "sea", tmp_path / "aside")
    again.take(heard(100, 50))
    again.close()
    assert (again.added, again.repeated) == (0, 50)


def test_it_is_in_the_archive_while_the_watch_goes_on(tmp_path: Path) -> None:
    recording = Recording(tmp_path, tmp_path / "aside", rest_seconds=0.01)
    for first in (0, 40):
        recording.take(heard(first, 40))
        until(lambda wanted=first + 40: recording.added == wanted)
        assert len(everything(tmp_path)) == first + 40
    recording.close()


def test_what_a_killed_watch_had_laid_down_is_merged_by_the_next(tmp_path: Path) -> None:
    killed = Recording(tmp_path, tmp_path / "one")
    killed.take(heard(0, 20))
    killed.lay_down()
    assert not Archive(tmp_path).days()
    other = Recording(tmp_path, tmp_path / "two")
    other.take(heard(20, 20))
    other.close()
    assert len(everything(tmp_path)) == 40
    killed.close()
    assert (killed.added, killed.repeated) == (0, 0)


def test_it_waits_while_another_reads_into_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "_LAST_WAIT_SECONDS", 0.1)
    with FileLock(tmp_path / "ingest.lock"):
        recording = Recording(tmp_path, tmp_path / "aside", rest_seconds=0.01)
        recording.take(heard(0, 20))
        until(lambda: bool(Spool(tmp_path / "heard").days()))
        recording.take(heard(20, 20))
        assert not recording.close()
    assert not Archive(tmp_path).days()
    assert Recording(tmp_path, tmp_path / "aside").close()
    assert len(everything(tmp_path)) == 40


def test_runs_that_come_while_a_day_is_merged_are_kept_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, merge = Spool(tmp_path / "heard"), Archive.merge

    def slow(archive: Archive, day: date, kind: Kind, runs: Runs) -> Merged:
        found = merge(archive, day, kind, runs)
        if not came.is_set():
            came.set()
            spool.add("positions", heard(20, 20).positions)
        return found

    came = threading.Event()
    monkeypatch.setattr(Archive, "merge", slow)
    recording = Recording(tmp_path, tmp_path / "aside")
    recording.take(heard(0, 20))
    recording.close()
    Recording(tmp_path, tmp_path / "aside").close()
    assert len(everything(tmp_path)) == 40


def test_a_merge_that_fails_is_said_and_loses_nothing(tmp_path: Path) -> None:
    recording = Recording(tmp_path, tmp_path / "aside", rest_seconds=0.01)
    (tmp_path / "positions").write_text("in the way")
    recording.take(heard(0, 20))
    with pytest.raises(StorageFailed):
        until(lambda: recording.take(heard(20, 20)) is not None)
    with pytest.raises(StorageFailed):
        recording.close()
    (tmp_path / "positions").unlink()
    assert Recording(tmp_path, tmp_path / "aside").close()
    assert len(everything(tmp_path)) == 40
