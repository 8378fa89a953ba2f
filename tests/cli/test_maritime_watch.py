"""`maritime watch` as people call it: what is told, and that a kill loses nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.kit import Cordiale
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.schema import DEGREE, POSITION
from desks.maritime.kit import everything

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sea")
    exercise(folder, seed=8, days=1, vessels=6)
    return folder


@pytest.fixture(scope="module")
def feed(store: Path) -> Path:
    """The same reports as a file, some of them late."""
    archive = Archive(store)
    rows = np.concatenate([np.zeros(0, POSITION), *(part for day in archive.days() for part in archive.positions(day))])
    dice = np.random.default_rng(1)
    rows = rows[np.argsort(rows["time"] + dice.integers(0, 300_000, len(rows)), kind="stable")]
    lines = ["time,mmsi,lat,lon,sog,cog,heading,status"]
    for row in rows:
        when = np.datetime64(int(row["time"]), "ms")
        lat, lon = int(row["lat"]) / DEGREE, int(row["lon"]) / DEGREE
        sog = "" if row["sog"] == 1023 else f"{row['sog'] / 10:.1f}"
        cog = "" if row["cog"] == 3600 else f"{row['cog'] / 10:.1f}"
        heading = "" if row["heading"] == 511 else row["heading"]
        lines.append(f"{when}Z,{row['mmsi']},{lat:.7f},{lon:.7f},{sog},{cog},{heading},{row['status']}")
    path = store / "feed.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def watched(store: Path, feed: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "cordiale", "maritime", "watch", "--store", str(store), "--replay", str(feed), *more]


def answered(arguments: list[str]) -> Any:
    return json.loads(subprocess.run(arguments, capture_output=True, check=True).stdout)


def test_lines_add_up_to_the_document_and_a_kill_loses_nothing(feed: Path, tmp_path: Path) -> None:
    whole = answered(watched(tmp_path / "one", feed, "--json"))
    assert whole["reports"]["too_late"] == 0
    assert whole["alerts"]
    lines = subprocess.run(watched(tmp_path / "two", feed, "--json-lines"), capture_output=True, check=True).stdout
    standing = dict[str, Any]()
    for line in lines.splitlines():
        change = json.loads(line)
        act = change.pop("act")
        assert (act == "raised") == (change["id"] not in standing)
        standing.pop(change["id"], None)
        if act != "retracted":
            standing[change["id"]] = change
    assert sorted(standing) == sorted(alert["id"] for alert in whole["alerts"])
    with subprocess.Popen(watched(tmp_path / "three", feed, "--json-lines"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    again = answered(watched(tmp_path / "three", feed, "--json"))
    assert again["alerts"] == whole["alerts"]
    assert again["reports"]["taken"] == whole["reports"]["taken"]
    assert everything(tmp_path / "three").equals(everything(tmp_path / "one"))


@pytest.mark.parametrize("sources", [[], ["--udp", "10110", "--tcp", "a:1"], ["--tcp", "nobody"], ["--udp", "70000"]])
def test_one_source_is_wanted(cordiale: Cordiale, sources: list[str], tmp_path: Path) -> None:
    assert cordiale("maritime", "watch", "--store", str(tmp_path), *sources).status == 2


def maritime(*words: str) -> list[str]:
    return [sys.executable, "-m", "cordiale", "maritime", *words, "--json"]


def where(store: Path) -> dict[str, Any]:
    """Where the picture has each vessel."""
    features = answered(maritime("picture", "--store", str(store)))["features"]
    return {each["id"]: each["geometry"] for each in features if each["properties"]["kind"] == "vessel"}


def test_a_sea_that_is_only_heard_live_has_a_picture_and_tracks(store: Path, tmp_path: Path) -> None:
    heard = answered(watched(tmp_path, store, "--json"))
    for kind in ("positions", "statics", "apart"):
        assert everything(tmp_path, kind).equals(everything(store, kind))
    assert heard["added"] == len(everything(store)) > 0
    again = answered(watched(tmp_path, store, "--json"))
    assert (again["added"], again["repeated"]) == (0, heard["added"])
    seen = where(tmp_path)
    assert seen == where(store)
    assert len(seen) > 5
    detected = answered(maritime("detect", "--store", str(tmp_path), "--workers", "1"))
    assert detected["changes"] == {}
    assert detected["alerts"] == heard["alerts"]


def test_a_replayed_archive_ends_in_the_alerts_of_detect(store: Path, tmp_path: Path) -> None:
    given = store / "exercise"
    places = [
        word for name in ("cables", "zones", "anchorages") for word in (f"--{name}", str(given / f"{name}.geojson"))
    ]
    detect = [sys.executable, "-m", "cordiale", "maritime", "detect", "--store", str(store), "--json", "--workers", "1"]
    wanted = answered([*detect, *places])
    live = answered(watched(tmp_path, store, "--json", *places))
    assert wanted["alerts"]
    assert sorted(live["alerts"], key=lambda alert: alert["id"]) == sorted(
        wanted["alerts"], key=lambda alert: alert["id"]
    )
    assert live["reports"]["too_late"] == 0


def test_a_pace_is_a_number_and_goes_with_a_replay(cordiale: Cordiale, feed: Path, tmp_path: Path) -> None:
    for words in (["--replay", str(feed), "--speed", "-1"], ["--udp", "10110", "--speed", "2"]):
        assert cordiale("maritime", "watch", "--store", str(tmp_path), *words).status == 2
