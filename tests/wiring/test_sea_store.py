"""The demonstration's day at sea: made once, kept under what made it, copied to each."""

from pathlib import Path

import pytest

from cordiale.wiring import sea_store
from cordiale.wiring.sea_store import SeaStores, kept_at
from cordiale.wiring.stage import Stage
from desks.maritime import sea


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_kept_is_copied_to_each(tmp_path: Path) -> None:
    sea.store(kept_at(None))
    into = [tmp_path / "uk.sea", tmp_path / "fr.sea"]
    with Stage(tmp_path / "stage") as stage:
        stores = SeaStores(stage, None, into)
        stores._thread.join(20)
    for folder in into:
        assert (folder / "findings.json").read_bytes() == (kept_at(None) / "findings.json").read_bytes()


def test_another_day_or_another_desk_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "day.csv").write_text("EXERCISE")
    names = {kept_at(None), kept_at(tmp_path / "day.csv")}
    monkeypatch.setattr(sea_store, "_sources", lambda folder: iter([b"another desk"]))
    names.add(kept_at(None))
    assert len(names) == 3


def test_a_day_that_cannot_be_read_leaves_the_stores_empty_and_nothing_kept(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "day.csv").write_bytes(b"\x00 no AIS")
    with Stage(tmp_path / "stage") as stage:
        (tmp_path / "stage").mkdir()
        SeaStores(stage, tmp_path / "day.csv", [tmp_path / "uk.sea"])._thread.join(60)
    assert list((tmp_path / "uk.sea").iterdir()) == []
    assert list((cache / "cordiale").iterdir()) == []
