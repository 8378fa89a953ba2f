"""The benchmark of the console, in small: it runs in a real Chromium, and each figure that is asked for has its row."""

import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.table import COLUMNS, Effort, Report

from bench import console, console_map
from cordiale.desks.maritime.picture.reel import reel

pytestmark = [
    pytest.mark.skipif(shutil.which("chromium") is None, reason="the console's benchmark needs Chromium on the PATH"),
    pytest.mark.timeout(600),
]
GOALS = {
    "both consoles of the demonstration are ready": "≤ 10",
    "first useful paint, nothing kept by the browser": "≤ 300",
    "room of 100,000 messages opens": "≤ 200",
    "scrolling up in it: messages left out": "≤ 0",
    "search over 100,000, 100 results as a page": "≤ 100",
    "script without the map": "≤ 300",
    "UK keyboard to FR screen, p95": "≤ 250",
    "twelve tabs at once: show a message from Paris": "≥ 12",
    "5,000 vessels moving: the page's script for a frame": "≤ 16.7",
}


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "MANY", 200)
        patch.setattr(console, "STEPS", 12)
        patch.setattr(console, "CROSSINGS", 2)
        patch.setattr(console_map, "VESSELS", 50)
        yield console.measure(Effort(0.5, 1), Namespace())


def test_every_goal_has_its_row(report: Report) -> None:
    rows = {row.work: row for row in report.rows}
    assert {work: rows[work].goal for work in GOALS} == GOALS
    assert all(tuple(row.__dataclass_fields__) == COLUMNS for row in report.rows)


def test_figures_are_of_what_happened(report: Report) -> None:
    rows = {row.work: row.ours for row in report.rows}
    none = {work for work, ours in rows.items() if ours == 0}
    assert none <= {
        "scrolling up in it: messages left out",
        "scrolling up in it: frames with a place not filled yet",
    }
    assert rows["scrolling up in it: messages left out"] == 0
    assert rows["twelve tabs at once: show a message from Paris"] == console.TABS
    assert report.facts["scrolled past"] > 40
    assert report.facts["messages"] == 200


def test_vessels_of_the_map_all_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_map, "VESSELS", 50)
    found = reel(console_map.store(tmp_path / "sea"))
    assert found is not None
    assert len(found.mmsi) == 50
    assert (found.sog > 5).all()
    assert found.apart == 0
