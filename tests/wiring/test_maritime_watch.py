"""The watch's own files: another version's, damaged ones, a full disk. Nothing is lost, and nothing half is read as whole."""

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.ingest.batch import Batch, nothing
from cordiale.desks.maritime.schema import POSITION
from cordiale.desks.maritime.table import frame
from cordiale.errors import IllegalStep, Malformed, StorageFailed
from cordiale.vocab.moment import DAY
from cordiale.wiring import maritime_watch
from cordiale.wiring.maritime_batch import Order, run
from cordiale.wiring.maritime_watch import Watching

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Half a day of five vessels and what they say of themselves."""
    folder = tmp_path_factory.mktemp("sea")
    exercise(folder, seed=4, days=1, vessels=5)
    archive = Archive(folder)
    (day,) = archive.days()
    rows = np.concatenate(list(archive.positions(day)))
    return nothing()._replace(
        positions=frame(rows[: len(rows) // 2]), statics=pl.concat(list(archive.tables(day, "statics")))
    )


@pytest.fixture
def store(heard: Batch, tmp_path: Path) -> Path:
    watching = Watching(Order(tmp_path))
    watching.take(heard)
    watching.close()
    return tmp_path


def folder_of(store: Path) -> Path:
    (folder,) = (store / "state" / "watch").iterdir()
    return folder


def everything(store: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder_of(store).iterdir() if path.is_file()}


def taken(store: Path) -> int:
    watching = Watching(Order(store))
    try:
        return watching.watch.live.counted.taken
    finally:
        watching.close()


def test_it_goes_on_from_what_was_laid_down(store: Path, heard: Batch) -> None:
    assert taken(store) == len(heard.positions)


@pytest.mark.parametrize("how", ["without a shape", "another shape", "another program"])
def test_the_state_of_another_version_is_refused_and_kept(
    store: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = folder_of(store) / "shape"
    with monkeypatch.context() as patched:
        if how == "without a shape":
            shape.unlink()
        elif how == "another shape":
            shape.write_text("0" * 32)
        else:
            patched.setattr(maritime_watch, "VESSEL", np.dtype([*POSITION.descr, ("more", "<u4")]))
        before = everything(store)
        with pytest.raises(IllegalStep, match="another version") as caught:
            Watching(Order(store))
        assert "conservé" in str(caught.value.facts["detail_fr"])
        assert everything(store) == before
    if how == "another program":
        assert taken(store) > 0


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "no archive", "less in it"])
def test_a_damaged_state_is_named_and_kept(store: Path, damage: str) -> None:
    (path,) = folder_of(store).glob("*.npz")
    data = path.read_bytes()
    middle = len(data) // 2
    damaged = {
        "cut": data[:middle],
        "flipped": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
        "empty": b"",
        "no archive": b"\x93NUMPY" + data,
    }
    if damage == "less in it":
        np.savez(path, scalars=np.zeros(3))
    else:
        path.write_bytes(damaged[damage])
    before = everything(store)
    with pytest.raises(Malformed, match=str(path)):
        Watching(Order(store))
    assert everything(store) == before


def test_a_damaged_journal_is_named(store: Path) -> None:
    (journal,) = folder_of(store).glob("*.said")
    journal.write_bytes(b"[1,\n" + b"[")
    with pytest.raises(Malformed, match=str(journal)):
        Watching(Order(store))


@pytest.mark.parametrize("ending", ["rows", "apart"])
def test_a_journal_of_something_else_is_named_and_kept(store: Path, ending: str) -> None:
    (journal,) = folder_of(store).glob(f"*.{ending}")
    journal.write_bytes(bytes(range(256)) * POSITION.itemsize)
    before = everything(store)
    with pytest.raises(Malformed, match=str(journal)):
        Watching(Order(store))
    assert everything(store) == before


def test_a_kill_just_after_a_state_was_laid_down_loses_nothing_of_the_batch(
    heard: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(maritime_watch, "LAID_DOWN", 1)
        killed = Watching(Order(tmp_path))
        killed.take(heard)
    killed.recording.close()
    killed._journal.close()
    killed._leave()
    again = Watching(Order(tmp_path))
    for mmsi in heard.statics["mmsi"].unique().to_list():
        assert again._who.roll.history(mmsi) == killed._who.roll.history(mmsi) != {}
    assert again.watch.live.counted.taken == len(heard.positions)
    again.close()


def test_half_a_record_and_half_a_line_are_dropped(store: Path, heard: Batch) -> None:
    """As a kill leaves them."""
    (rows,), (said,) = (list(folder_of(store).glob(pattern)) for pattern in ("*.rows", "*.said"))
    rows.write_bytes(b"\x01" * (POSITION.itemsize - 1))
    said.write_bytes(b'[1,2,"')
    assert taken(store) == len(heard.positions)


@contextmanager
def full(most: int) -> Generator[None]:
    """A disk that takes no file larger than that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_and_what_stood_is_whole(store: Path, heard: Batch) -> None:
    def ids() -> list[str]:
        return sorted(each.id for each in maritime_watch.Alerts(store).findings("ours"))

    stood, watching = ids(), Watching(Order(store))
    later: NDArray[np.void] = maritime_watch.rows(heard.positions)
    later["time"] += 43_200_000
    with full(2_000), pytest.raises(StorageFailed):
        watching.take(nothing()._replace(positions=frame(later)))
    assert ids() == stood
    with full(2_000), pytest.raises(StorageFailed):
        watching.close()
    watching.close()
    assert not list(folder_of(store).glob("*.new"))
    assert taken(store) >= len(heard.positions)


def test_what_a_batch_found_of_earlier_times_stands_beside_what_the_watch_hears(tmp_path: Path) -> None:
    """The archive has two days and was looked at; the watch hears a third: it can't know better of the first two."""
    exercise(tmp_path, seed=12, days=2, vessels=6)
    found = {each.id: each for each in run(Order(tmp_path)).findings}
    archive = Archive(tmp_path)
    rows = np.concatenate(list(archive.positions(archive.days()[-1])))
    rows["time"] += 2 * DAY
    heard = nothing()._replace(positions=frame(rows))
    for batch in (heard, nothing()):  # and once more, out of what was laid down
        watching = Watching(Order(tmp_path))
        watching.take(batch)
        watching.settle()
        own = watching.findings()
        watching.close()
        stands = {each.id: each for each in maritime_watch.Alerts(tmp_path).findings("ours")}
        assert own
        assert stands == {**found, **own}
    assert all(line.act == "raise" for line in maritime_watch.Alerts(tmp_path).history() if line.finding.id in found)
