"""`maritime exercise` as people and machines see it."""

import json
from pathlib import Path

from cli.kit import Cordiale


def test_a_store_is_filled_once(cordiale: Cordiale, tmp_path: Path) -> None:
    options = ("--store", "sea", "--days", "1", "--vessels", "3", "--json")
    found = cordiale("maritime", "exercise", *options)
    assert found.status == 0
    told = json.loads(found.out)
    assert told["positions"] > 1000
    assert any(truth["behaviour"] == "encounter" for truth in told["truths"])
    assert json.loads((tmp_path / "sea" / "exercise" / "cables.geojson").read_text())["type"] == "FeatureCollection"
    again = cordiale("maritime", "exercise", *options)
    assert again.status == 1
    assert "exists already" in again.err


def test_senseless_sizes_are_wrong_usage(cordiale: Cordiale) -> None:
    for option in ("--days", "--vessels"):
        found = cordiale("maritime", "exercise", "--store", "sea", option, "0")
        assert found.status == 2
