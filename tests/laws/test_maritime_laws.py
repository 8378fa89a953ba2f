"""What the maritime desk tells hangs on what was heard until then, and on nothing else: not on what comes later, not on how
it came.

1. No look-ahead: whoever hears only the beginning of a file is told what others are told up to there; and no alert is told
   before the last report that it speaks of.
2. Any order: days, or any parts of what was heard, read in whatever order with `detect` after each of them, end in what one
   reading of all ends in. So does the watch.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cordiale.analysis.finding import Change, Finding
from cordiale.desks.maritime.detect.areas import Drawings
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.vocab.moment import DAY, HOUR
from cordiale.wiring.maritime_batch import Order, run
from cordiale.wiring.maritime_replay import AT_ONCE, of_file
from cordiale.wiring.maritime_watch import Watching
from desks.maritime import incidents, publishers
from desks.maritime.incidents import VESSELS, Incident
from desks.maritime.kit import read

pytestmark = pytest.mark.timeout(900)  # the first run compiles the kernels

Rows = NDArray[np.void]


@cache
def sea() -> tuple[Incident, ...]:
    """Some of each: over a cable, two together, one silent among others, a shared number."""
    return (
        incidents.eagle_s(),
        incidents.fitburg(),
        incidents.meeting(),
        incidents.silence(),
        incidents.shared_number(),
    )


@cache
def reports() -> Rows:
    return incidents.rows(sea())


def order(store: Path, cables: Path) -> Order:
    return Order(store, drawings=Drawings(str(incidents.lay_cables(sea(), cables))))


# --- no look-ahead --------------------------------------------------------------------------------------------------


def heard(folder: Path, batches: Iterable[Batch]) -> list[tuple[int, list[Change]]]:
    """After each batch: the latest time heard, and what was told."""
    watching = Watching(order(folder / "store", folder / "cables.geojson"))
    found = [(watching.watch.live.now, told) for told in map(watching.take, batches)]
    watching.close()
    return found


def laid_down(late: int, folder: Path) -> Path:
    """What was heard, each report up to so many seconds late, as aisstream sends it."""
    rows = reports()
    arriving = rows["time"] + np.random.default_rng(late).integers(0, 1000 * late + 1, len(rows))
    (path,) = publishers.aisstream(rows[np.argsort(arriving, kind="stable")], VESSELS, folder)
    return path


@cache
def told_of_all(late: int) -> list[tuple[int, list[Change]]]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        return heard(folder, of_file(laid_down(late, folder), Tally()))


@pytest.mark.parametrize("late", [0, 1_800])
def test_nothing_is_told_before_its_last_report(late: int) -> None:
    told = [(now, change.after) for now, changes in told_of_all(late) for change in changes if change.after is not None]
    assert len({finding.id for _, finding in told}) > 5
    assert all(finding.end <= now for now, finding in told)


@settings(max_examples=6, deadline=None)
@given(late=st.sampled_from([0, 1_800]), share=st.floats(0.02, 0.98))
def test_whoever_hears_only_the_beginning_is_told_the_same_up_to_there(late: int, share: float) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = laid_down(late, folder)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: int(share * len(lines))]))
        beginning = heard(folder, of_file(path, Tally()))
    whole = told_of_all(late)
    assert beginning[:-1] == whole[: len(beginning) - 1], f"all but the last, which may be shorter than {AT_ONCE}"


# --- any order ------------------------------------------------------------------------------------------------------


def found_of(folder: Path, parts: Sequence[Rows]) -> tuple[Finding, ...]:
    """Part by part into a store, with a look at all after each."""
    found = list[Finding]()
    for number, part in enumerate(parts):
        (folder / str(number)).mkdir()
        read(folder / "store", *publishers.aisstream(part, VESSELS, folder / str(number)))
        found = run(order(folder / "store", folder / "cables.geojson")).findings
    return tuple(found)


@cache
def found_at_once(shift: int) -> tuple[Finding, ...]:
    with TemporaryDirectory() as name:
        return found_of(Path(name), [shifted(shift)])


def shifted(hours: int) -> Rows:
    """The same so many hours later: midnight falls elsewhere."""
    rows = reports().copy()
    rows["time"] += hours * HOUR
    return rows


@settings(max_examples=8, deadline=None)
@given(hours=st.sampled_from([0, 12, 18]), cuts=st.lists(st.floats(0.05, 0.95), max_size=2), seed=st.integers(0, 1_000))
def test_days_and_parts_in_any_order_end_in_the_same(hours: int, cuts: list[float], seed: int) -> None:
    rows = shifted(hours)
    days = rows["time"] // DAY
    edges = sorted(
        {int(np.searchsorted(days, day)) for day in np.unique(days)} | {int(cut * len(rows)) for cut in cuts}
    )
    parts = [part for part in np.split(rows, edges) if len(part)]
    order_of = np.random.default_rng(seed).permutation(len(parts))
    with TemporaryDirectory() as name:
        found = found_of(Path(name), [parts[number] for number in order_of])
    assert found == found_at_once(hours)


def test_the_second_day_before_the_first_ends_in_the_same_for_the_watch(tmp_path: Path) -> None:
    rows = shifted(12)
    days = rows["time"] // DAY
    late = np.concatenate([rows[days > days.min()], rows[days == days.min()]])
    (path,) = publishers.aisstream(late, VESSELS, tmp_path)
    watching = Watching(order(tmp_path / "store", tmp_path / "cables.geojson"))
    for batch in of_file(path, Tally()):
        watching.take(batch)
    watching.settle()
    wanted = {each.id: each for each in found_at_once(12)}
    assert watching.findings() == wanted
    assert watching.watch.live.counted.too_late == 0
    watching.close()
    assert len(wanted) > 5
