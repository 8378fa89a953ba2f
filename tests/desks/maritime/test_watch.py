"""The watch ends as the batch does, tells each change once, and goes on from a checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cordiale.analysis.finding import Change, Finding, FindingId
from cordiale.analysis.partition import Here
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.detect.detectors import ENCOUNTER
from cordiale.desks.maritime.detect.findings import findings
from cordiale.desks.maritime.detect.heard import HOUR_MS
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.rules import sections
from cordiale.desks.maritime.run import detect
from cordiale.desks.maritime.watch import Heard, Watch

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

OURS = shipped("ours")


def tell(events: NDArray[np.void]) -> Sequence[Finding]:
    return findings(events, "ours", {**OURS.sections, **sections("ours")}, named={}, areas={})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sea")
    exercise(folder, seed=5, days=2, vessels=10)
    return folder


@pytest.fixture(scope="module")
def rows(store: Path) -> NDArray[np.void]:
    archive = Archive(store)
    return np.concatenate([part for day in archive.days() for part in archive.positions(day)])


def apply(standing: dict[FindingId, Finding], told: list[Change]) -> None:
    for change in told:
        assert standing.get(change.finding.id) == change.before
        if change.after is None:
            del standing[change.finding.id]
        else:
            standing[change.after.id] = change.after


@pytest.mark.parametrize("spread", [0, 900])
def test_the_watch_ends_as_the_batch(store: Path, rows: NDArray[np.void], spread: int, tmp_path: Path) -> None:
    wanted = detect(store, OURS, Here())
    assert ENCOUNTER in wanted.events["detector"].tolist()
    assert len(wanted.naive), "there are silences to judge"
    dice = np.random.default_rng(3)
    arriving = rows[np.argsort(rows["time"] + dice.integers(0, 1000 * spread + 1, len(rows)), kind="stable")]
    watch, standing = Watch(OURS, tell, tmp_path), dict[FindingId, Finding]()
    for number, part in enumerate(np.array_split(arriving, 40)):
        apply(standing, watch.take(part))
        if number == 20:
            saved = watch.checkpoint()
            watch = Watch(OURS, tell, tmp_path)
            watch.restore(saved)
    apply(standing, watch.settle())
    found = watch.found()
    assert found.events.tobytes() == wanted.events.tobytes()
    assert found.naive.tobytes() == wanted.naive.tobytes()
    assert standing == watch.findings() == {each.id: each for each in tell(wanted.events)}


def test_what_is_kept_of_reception_is_bounded_and_counts_stay(rows: NDArray[np.void]) -> None:
    first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    whole, closed = Heard(), Heard()
    whole.add(rows)
    closed.add(first)
    before = int(first["time"][-1]) // HOUR_MS
    closed.close(before)
    closed.add(second)
    assert closed.rows().tobytes() == whole.rows().tobytes()
    assert closed.kept < whole.kept
    closed.add(first[first["time"] < before * HOUR_MS])
    again = Heard()
    again.restore(closed.checkpoint())
    assert again.rows().tobytes() == whole.rows().tobytes(), "a closed hour takes nothing, also after a restart"
    again.close(int(rows["time"][-1]) // HOUR_MS + 1)
    assert (again.kept, again.rows().tobytes()) == (0, whole.rows().tobytes())
