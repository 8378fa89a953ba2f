"""The benchmark of the maritime desk, in small: it runs, peers find silences, and goals are only of 10^8 positions."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.table import COLUMNS

pytestmark = pytest.mark.timeout(900)  # the first run compiles the kernels

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.maritime", "--json", "--days", "2", "--vessels", "6"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=850, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout.decode())
    return found


def test_rows_have_their_shape(document: dict[str, Any]) -> None:
    assert all(tuple(row) == COLUMNS for row in document["rows"])
    assert all(row["ours"] > 0 for row in document["rows"])
    assert {"DuckDB, gap window", "Polars, gap scan", "floor: PyArrow decodes"} <= {
        row["peer"] for row in document["rows"]
    }
    assert document["facts"]["positions"] > 100_000
    assert document["facts"]["findings"] > 0


def test_no_goal_is_met_by_less_than_a_hundred_million(document: dict[str, Any]) -> None:
    assert {row["met"] for row in document["rows"]} == {None}
