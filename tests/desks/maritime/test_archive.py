"""The archive: days whole and in order, whatever came when."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.desks.maritime import archive as archives
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.schema import POSITION, Positions
from cordiale.desks.maritime.spool import Spool
from cordiale.desks.maritime.table import COLUMNS, Kind, frame, in_order, rows
from cordiale.errors import NotFound, StorageFailed
from cordiale.vocab.moment import DAY
from desks.maritime.kit import everything

DAY_ONE = date(2024, 7, 7)
BEGIN = 19911 * DAY


def some(seed: int, count: int, days: int = 1) -> Positions:
    """Random rows."""
    random = np.random.default_rng(seed)
    found = np.zeros(count, POSITION)
    found["time"] = BEGIN + random.integers(0, days * DAY, count)
    found["mmsi"] = random.integers(200_000_000, 200_000_010, count)
    found["lon"] = random.integers(-180 * 600_000, 180 * 600_000, count)
    found["lat"] = random.integers(-90 * 600_000, 90 * 600_000, count)
    found["kind"] = random.integers(1, 4, count)
    return found


def add(store: Path, *parts: Positions) -> list[archives.Merged]:
    """Lay down and merge."""
    spool = Spool(store / "incoming")
    for part in parts:
        spool.add("positions", frame(part))
    found = [Archive(store).merge(day, kind, spool.runs(kind, day)) for kind, day in spool.days()]
    spool.drop()
    return found


def test_rows_and_tables_are_the_same() -> None:
    given_rows = some(1, 100)
    assert (rows(frame(given_rows)) == given_rows).all()


@given(st.lists(st.tuples(*(st.integers(0, 2) for _ in range(3))), max_size=12))
def test_order_is_by_all_columns_and_each_row_is_there_once(given_rows: list[tuple[int, int, int]]) -> None:
    table = pl.DataFrame(given_rows, schema={"a": pl.Int64, "b": pl.Int64, "c": pl.Int64}, orient="row")
    assert in_order(table).rows() == sorted(set(given_rows))


def test_what_came_in_any_order_is_by_day_and_in_order(tmp_path: Path) -> None:
    whole = some(2, 5_000, days=3)
    add(tmp_path / "one", whole)
    add(tmp_path / "two", whole[::-2], whole[::3])
    add(tmp_path / "two", whole[::2], whole[:10])
    assert Archive(tmp_path / "one").days() == [DAY_ONE, date(2024, 7, 8), date(2024, 7, 9)]
    assert everything(tmp_path / "one").equals(everything(tmp_path / "two"))
    for day in Archive(tmp_path / "one").days():
        one, two = (Archive(tmp_path / name).path(day) for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
        assert one.stat().st_mode & 0o777 == 0o600
    assert everything(tmp_path / "one").equals(in_order(frame(whole)))


def test_repeated_rows_are_counted(tmp_path: Path) -> None:
    whole = some(3, 1_000)
    assert add(tmp_path, whole, whole[:100]) == [archives.Merged(1_000, 100)]
    assert add(tmp_path, whole[500:]) == [archives.Merged(0, 500)]


def test_a_day_is_merged_in_spans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = some(4, 3_000)
    add(tmp_path / "one", whole)
    monkeypatch.setattr(archives, "SPAN_ROWS", 100)
    add(tmp_path / "two", whole[:1_000])
    add(tmp_path / "two", whole[900:])
    assert everything(tmp_path / "one").equals(everything(tmp_path / "two"))


def test_positions_of_some_vessels(tmp_path: Path) -> None:
    whole = some(5, 1_000)
    add(tmp_path, whole)
    wanted = {200_000_001, 200_000_004}
    found = np.concatenate(list(Archive(tmp_path).positions(DAY_ONE, mmsi=wanted)))
    assert set(found["mmsi"].tolist()) == wanted
    assert len(found) == np.isin(whole["mmsi"], list(wanted)).sum()


def test_what_is_not_there(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.days() == []
    assert archive.count(DAY_ONE) == 0
    with pytest.raises(NotFound):
        next(archive.tables(DAY_ONE))


def test_a_damaged_day_is_named(tmp_path: Path) -> None:
    add(tmp_path, some(6, 10))
    path = Archive(tmp_path).path(DAY_ONE)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(StorageFailed, match=str(path)):
        next(Archive(tmp_path).tables(DAY_ONE))
    with pytest.raises(StorageFailed, match=str(path)):
        add(tmp_path, some(7, 10))


def test_every_kind_has_its_columns() -> None:
    assert COLUMNS["positions"].names() == list(POSITION.names or ())
    assert COLUMNS["statics"]["mmsi"] == pl.UInt32
    assert COLUMNS["statics"]["name"] == pl.String


@pytest.mark.parametrize("links", [True, False])
def test_days_held_still_stay_as_they_were(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(archives.os, "link", none)
    whole = some(8, 200)
    add(tmp_path, whole[:100])
    archive = Archive(tmp_path)
    still = archive.still(archive.days(), tmp_path / "still")
    before = archive.path(DAY_ONE).stat()
    add(tmp_path, whole[100:])
    assert (archive.count(DAY_ONE), still.count(DAY_ONE)) == (200, 100)
    assert still.path(DAY_ONE).stat().st_mtime_ns == before.st_mtime_ns
    assert still.days() == archive.days()


@pytest.mark.parametrize("kind", ["positions", "statics"])
def test_a_day_as_another_program_writes_it_is_named(kind: Kind, tmp_path: Path) -> None:
    """Columns that are not there, of another type, or with nothing in them; more of them do no harm."""
    archive, day = Archive(tmp_path), date(2024, 7, 7)
    path = archive.path(day, kind)
    path.parent.mkdir()
    whole = pl.DataFrame({name: ["1"] for name in COLUMNS[kind].names()}).cast(dict(COLUMNS[kind]))
    for wrong in (whole.drop("mmsi"), whole.with_columns(time=pl.lit("x")), whole.with_columns(mmsi=pl.lit(None))):
        wrong.write_parquet(path)
        with pytest.raises(StorageFailed, match=str(path)):
            list(archive.tables(day, kind))
    whole.with_columns(more=pl.lit(1)).write_parquet(path)
    assert [table.equals(whole) for table in archive.tables(day, kind)] == [True]
