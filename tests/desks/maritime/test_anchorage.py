"""Files of ports and anchorages: what is a place counts, what is none is named."""

import json
from pathlib import Path

import pytest

from cordiale.desks.maritime.anchorage import read
from cordiale.desks.maritime.schema import DEGREE
from cordiale.errors import LimitExceeded, Malformed, StorageFailed


def test_a_table_with_broken_rows(tmp_path: Path) -> None:
    path = tmp_path / "ports.csv"
    path.write_text("Name,Latitude,Longitude\nDover,51.1,1.3\nNowhere,,\nPole,95,0\nCut,51\nCalais,50.97,1.87\n")
    found = read(path)
    assert found.points.tolist() == [[1.3 * DEGREE, 51.1 * DEGREE], [1.87 * DEGREE, 50.97 * DEGREE]]
    assert found.broken == tuple(f"ports.csv: line {line}: no place" for line in (3, 4, 5))


def test_geojson_with_a_broken_feature(tmp_path: Path) -> None:
    path = tmp_path / "anchorages.geojson"
    good = {"geometry": {"type": "Polygon", "coordinates": [[[1, 50], [1.5, 50], [1, 50.5], [1, 50]]]}}
    bad = {"geometry": {"type": "Point", "coordinates": ["x", None]}}
    off = {"geometry": {"type": "Point", "coordinates": [1, 99]}}
    path.write_text(json.dumps({"features": [good, bad, off]}))
    found = read(path)
    assert len(found.points) == 4
    assert set(found.broken) == {f"anchorages.geojson: feature {number}: no place" for number in (2, 3)}


def test_what_has_no_place_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "{", "[1, 2", "a,b\n1,2\n", '{"features": 3}', '{"features": []}'):
        (tmp_path / "x").write_text(text)
        with pytest.raises(Malformed):
            read(tmp_path / "x")
    with pytest.raises(StorageFailed):
        read(tmp_path)
    monkeypatch.setattr("cordiale.desks.maritime.anchorage.FILE_BYTES", 3)
    with pytest.raises(LimitExceeded):
        read(tmp_path / "x")
