"""`maritime detect` as people and machines see it."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.kit import Cordiale
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.exercise.make import exercise

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("store")
    exercise(store, seed=12, days=2, vessels=6)
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    for kind in ("positions", "statics"):
        (tmp_path / "sea").mkdir(exist_ok=True)
        (tmp_path / "sea" / kind).symlink_to(made / kind)
    return tmp_path / "sea"


def _json(cordiale: Cordiale, *arguments: str) -> dict[str, Any]:
    found = cordiale("maritime", "detect", *arguments, "--json")
    assert found.status == 0, found.err
    return json.loads(found.out)


def test_what_is_found_is_told_and_stands(cordiale: Cordiale, store: Path) -> None:
    told = _json(cordiale, "--store", "sea", "--workers", "1")
    assert told["findings"] == len(told["alerts"]) > 0
    assert told["changes"] == {"raised": told["findings"]}
    alert = told["alerts"][0]
    assert alert["begin"].endswith("Z")
    assert all(isinstance(each, int) for each in alert["mmsi"])
    assert "EXERCISE" in alert["explanation"]
    assert [finding.id for finding in Alerts(store).findings("ours")] == [each["id"] for each in told["alerts"]]
    again = _json(cordiale, "--store", "sea", "--workers", "1")
    assert (again["positions"], again["changes"], again["alerts"]) == (0, {}, told["alerts"])
    shown = cordiale("maritime", "detect", "--store", "sea", "--workers", "1", "--lang", "fr")
    assert "Silences qui ne disent rien" in shown.out


def test_days_can_be_chosen(cordiale: Cordiale, store: Path) -> None:
    first = _json(cordiale, "--store", "sea", "--workers", "1", "--until", "2025-01-06")
    assert first["through"].startswith("2025-01-06T23:59:5")
    both = _json(cordiale, "--store", "sea", "--workers", "1")
    assert both["through"].startswith("2025-01-07T23:59:5")
    assert both["findings"] >= first["findings"] > 0


def test_what_cannot_be_is_refused(cordiale: Cordiale, store: Path, tmp_path: Path) -> None:
    assert cordiale("maritime", "detect", "--store", "sea", "--until", "yesterday").status == 2
    assert cordiale("maritime", "detect", "--store", "sea", "--workers", "1000").status == 2
    unknown = cordiale("maritime", "detect", "--store", "sea", "--profile", "theirs")
    assert unknown.status == 2
    assert "theirs" in unknown.err
    empty = cordiale("maritime", "detect", "--store", "nowhere")
    assert empty.status == 1
    assert "no such maritime store here: nowhere" in empty.err
    (tmp_path / "bare").mkdir()
    assert "no such day in the archive" in cordiale("maritime", "detect", "--store", "bare").err
    broken = tmp_path / "cluster.toml"
    broken.write_text('scheduler = "tcp://127.0.0.1:1"\nauthority_file = "a"\ncertificate_file = "b"\nkey_file = "c"\n')
    refused = cordiale("maritime", "detect", "--store", "sea", "--cluster", "cluster.toml")
    assert refused.status == 2
    assert "tls://" in refused.err
