"""What is replayed comes in the order of time, at its pace, and nothing of it twice."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.ingest.batch import nothing
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.desks.maritime.schema import POSITION
from cordiale.desks.maritime.table import frame
from cordiale.errors import NotFound
from cordiale.wiring.maritime_replay import AT_ONCE, of_store, paced, replay


def test_an_archive_is_heard_whole_and_in_order(tmp_path: Path) -> None:
    exercise(tmp_path, seed=3, days=2, vessels=3)
    archive = Archive(tmp_path)
    heard, said = list[pl.DataFrame](), list[pl.DataFrame]()
    for batch in of_store(tmp_path):
        assert len(batch.positions) <= AT_ONCE
        if len(batch.positions) and len(batch.statics):
            assert batch.statics["time"].max() <= batch.positions["time"].max()
        heard.append(batch.positions)
        said.append(batch.statics)
    for found, kind in ((heard, "positions"), (said, "statics")):
        kept = [table for day in archive.days(kind) for table in archive.tables(day, kind)]
        assert pl.concat(found).equals(pl.concat(kept))


def test_a_store_without_days_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        list(replay([tmp_path], Tally()))


def test_a_batch_waits_until_its_last_position_is_due() -> None:
    waits = list[float]()
    rows = np.zeros(3, POSITION)
    rows["time"] = [0, 60_000, 120_000]
    batches = [nothing()._replace(positions=frame(rows[number : number + 1])) for number in range(3)]
    assert len(list(paced(batches, 60.0, waits.append))) == 3
    assert waits == pytest.approx([1.0, 2.0], abs=0.2)  # nobody slept: both are due from the beginning
