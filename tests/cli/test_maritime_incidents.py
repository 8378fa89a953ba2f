"""Incidents in the files of every publisher, through the command line alone: the same alerts, by the batch and by the watch."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from desks.maritime import publishers
from desks.maritime.incidents import ALL, VESSELS, Incident, Told, lay_cables, rows
from desks.maritime.publishers import Publisher

pytestmark = pytest.mark.timeout(900)  # the first run compiles the kernels


@pytest.fixture(scope="module")
def sea() -> tuple[Incident, ...]:
    return tuple(make() for make in ALL)


@pytest.fixture(scope="module")
def reports(sea: tuple[Incident, ...]) -> NDArray[np.void]:
    found = rows(sea)
    found.flags.writeable = False
    return found


@pytest.fixture(scope="module")
def cables(sea: tuple[Incident, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_cables(sea, tmp_path_factory.mktemp("cables") / "cables.geojson")


def cordiale(*arguments: object) -> Any:
    """A process of its own; its document."""
    command = [sys.executable, "-m", "cordiale", "maritime", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def detected(store: Path, files: Sequence[Path], cables: Path) -> list[dict[str, Any]]:
    for read in cordiale("ingest", *files, "--store", store)["files"]:
        assert (read["refused"], read["changed"]) == ({}, {}), read
    return cordiale("detect", "--store", store, "--cables", cables, "--workers", 1)["alerts"]


def watched(store: Path, files: Sequence[Path], cables: Path) -> list[dict[str, Any]]:
    given = [word for file in files for word in ("--replay", file)]
    answer = cordiale("watch", "--store", store, "--cables", cables, *given)
    assert (answer["refused"], answer["reports"]["too_late"]) == ({}, 0)
    return answer["alerts"]


def told(alerts: Sequence[dict[str, Any]]) -> set[Told]:
    return {(alert["detector"], mmsi) for alert in alerts for mmsi in alert["mmsi"]}


def by_id(alerts: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {alert["id"]: alert for alert in alerts}


@pytest.fixture(scope="module")
def wanted(
    reports: NDArray[np.void], cables: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What `detect` tells of the reports as aisstream sends them."""
    folder = tmp_path_factory.mktemp("wanted")
    return by_id(detected(folder / "sea", publishers.aisstream(reports, VESSELS, folder), cables))


def test_every_incident_is_told_and_nothing_else(sea: tuple[Incident, ...], wanted: dict[str, dict[str, Any]]) -> None:
    assert told(list(wanted.values())) == {each for incident in sea for each in incident.told}


@pytest.mark.parametrize("publisher", [*publishers.EXACT, *publishers.ROUNDED])
def test_the_same_is_told_of_every_publishers_files(
    publisher: Publisher, reports: NDArray[np.void], cables: Path, wanted: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    files = publisher(reports, VESSELS, tmp_path)
    batch, live = detected(tmp_path / "sea", files, cables), watched(tmp_path / "live", files, cables)
    assert by_id(live) == by_id(batch)
    assert told(batch) == told(list(wanted.values()))
    if publisher in publishers.EXACT:
        assert sorted(by_id(batch)) == sorted(wanted)


@pytest.mark.parametrize("late", [600, 7_200])
def test_out_of_order_and_repeated_the_watch_ends_in_the_same(
    late: int, reports: NDArray[np.void], cables: Path, wanted: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Each report up to so many seconds late, and one in ten heard by two stations."""
    dice = np.random.default_rng(late)
    twice = np.concatenate([reports, reports[dice.random(len(reports)) < 0.1]])
    arriving = twice[np.argsort(twice["time"] + dice.integers(0, 1000 * late, len(twice)), kind="stable")]
    assert by_id(watched(tmp_path / "live", publishers.aisstream(arriving, VESSELS, tmp_path), cables)) == wanted
