"""The benchmark of the fabric, in small: it runs, its rows have their shape, and nothing that was accepted is lost."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.load import Latency, Sustained
from bench.table import COLUMNS, Report, Work, markdown, percentile

from bench import fabric

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.fabric", "--quick", "--json", "--seconds", "0.7", "--devices", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout.decode())
    return found


def test_nothing_accepted_is_lost(document: dict[str, Any]) -> None:
    facts = document["facts"]
    assert facts["accepted"] > 0
    assert facts["delivered"] == facts["accepted"]
    assert facts["missing"] == 0
    assert facts["envelope_bytes"] > facts["text_bytes"] == 1024


def test_rows_have_their_shape(document: dict[str, Any]) -> None:
    rows = document["rows"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert all(row["ours"] > 0 for row in rows if "CPU" not in row["unit"])
    across = [row for row in rows if row["work"] == fabric.ACROSS.name]
    assert [row["peer"] for row in across] == [fabric.ALONE, fabric.GROUPED, fabric.ELSEWHERE]
    assert all(row["met"] == (row["ours"] >= 500) for row in across)
    assert {row["work"] for row in rows} >= {fabric.P50.name, fabric.P95.name, fabric.AGENTS.name, fabric.OUTBOX.name}


def test_the_machine_is_told(document: dict[str, Any]) -> None:
    assert document["machine"].keys() >= {"cpus", "python", "date", "load", "commits_per_second"}


def test_a_ratio_above_one_is_in_our_favour() -> None:
    more, less = Work("a", "messages/s", goal=500), Work("b", "ms", "less", goal=250)
    assert (more.row(600, "peer", 300).ratio, more.row(600).met) == (2.0, True)
    assert (less.row(100, "peer", 300).ratio, less.row(251).met) == (3.0, False)
    assert more.rows(1.0, [("absent", None)]) == [more.row(1.0)]


def test_a_window_counts_what_is_durable_on_both_sides() -> None:
    window = Sustained(seconds=2.0, sent=12, accepted=10, missing=0, drain=0.5, cpu=(1.0, 1.0))
    assert window.rate == 5.0
    assert Latency(3, 3, 3, (1.0, 2.0, 3.0)).at(50) == 2.0
    assert percentile([7.0], 95) == 7.0


def test_markdown_names_peer_and_goal() -> None:
    report = Report("x", "Title", [Work("w", "ms", "less", goal=250).row(100, "peer", 200)], {"sent": 3}, ["how"])
    text = markdown(report)
    assert "| w | 100 | peer | 200 | ms | × 2 | ≤ 250 | yes |" in text
    assert "- Counted: sent 3." in text
