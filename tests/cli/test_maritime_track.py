"""`maritime track`: where a vessel was, with the branches of a shared MMSI kept apart."""

import csv
import json
from pathlib import Path

import pytest

from cli.kit import Cordiale

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

HEADER = "time,mmsi,lat,lon,sog,cog\n"
ROWS = [f"2024-07-08T00:{minute:02d}:00Z,227000001,{51.0 + minute * 0.003:.5f},1.5,10.8,0" for minute in range(30)]
FAR = [f"2024-07-08T00:{minute:02d}:30Z,227000001,{40.0 + minute * 0.003:.5f},-20.0,10.8,0" for minute in range(30)]


@pytest.fixture
def store(tmp_path: Path, cordiale: Cordiale) -> str:
    (tmp_path / "ais.csv").write_text(HEADER + "\n".join(sorted(ROWS + FAR)) + "\n")
    assert cordiale("maritime", "ingest", "ais.csv", "--store", "sea").status == 0
    return "sea"


def test_two_vessels_under_one_mmsi_are_two_branches(cordiale: Cordiale, store: str) -> None:
    found = json.loads(cordiale("maritime", "track", "--store", store, "--mmsi", "227000001", "--json").out)
    lines = [each["geometry"]["coordinates"] for each in found["features"]]
    assert sorted(len(line) for line in lines) == [30, 30]
    assert sorted({lon for lon, _ in line} == {1.5} for line in lines) == [False, True]
    times = found["features"][0]["properties"]["times"]
    assert times == sorted(times)
    shown = cordiale("maritime", "track", "--store", store, "--mmsi", "227000001", "--lang", "fr").out
    assert "30" in shown


def test_as_a_file(cordiale: Cordiale, store: str, tmp_path: Path) -> None:
    arguments = ("--store", store, "--mmsi", "227000001", "--format", "csv", "--out", str(tmp_path / "track.csv"))
    assert cordiale("maritime", "track", *arguments).status == 0
    rows = list(csv.DictReader((tmp_path / "track.csv").read_text().splitlines()))
    assert len(rows) == 60
    assert {row["sog"] for row in rows} == {"10.8"}
    assert {row["heading"] for row in rows} == {""}


def test_a_vessel_that_is_not_there(cordiale: Cordiale, store: str) -> None:
    found = cordiale("maritime", "track", "--store", store, "--mmsi", "1", "--json")
    assert found.status == 1
    assert json.loads(found.out)["error"]["code"] == "not-found"
