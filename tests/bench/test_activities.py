"""The benchmark of activities, in small: it runs, all ways of searching find the same, and goals are only of a million."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.table import COLUMNS

from bench import activities
from cordiale.desks.activity.conflict import conflicts
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.sweep import sweep
from cordiale.desks.activity.table import columns

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "bench.activities",
        "--quick",
        "--json",
        "--no-peer",
        "--count",
        "20000",
        "--inserts",
        "50",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=570, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout.decode())
    return found


def test_all_ways_of_searching_find_the_same(document: dict[str, Any]) -> None:
    facts = document["facts"]
    assert facts["dense"] > 100
    assert facts["dense_tenth"] == facts["dense_tenth_without_cubes"] > 0
    assert facts["found_by_insertions"] > 0


def test_rows_have_their_shape(document: dict[str, Any]) -> None:
    rows = document["rows"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert all(row["ours"] > 0 for row in rows)
    assert activities.SWEEP in {row["peer"] for row in rows}


def test_no_goal_is_met_by_less_than_a_million(document: dict[str, Any]) -> None:
    assert {row["met"] for row in document["rows"]} == {None}
    assert not any("elsewhere" in row["peer"] for row in document["rows"])


def test_records_are_the_same_world_as_columns() -> None:
    """As many conflicts by records as by columns, but for rows that were left out."""
    plan, rules = activities.world(3_000, activities.DENSE), shipped()
    planned = activities.activities(plan, 0, 3_000)
    kept = {int(each.id[1:]) for each in planned}
    pairs = sweep(columns(plan), rules.matrix)
    names = {tuple(sorted((f"a{i:08}", f"a{j:08}"))) for i, j in pairs.tolist() if {i, j} <= kept}
    assert len(kept) > 2_900
    assert {(each.a, each.b) for each in conflicts(planned, rules)} == names
