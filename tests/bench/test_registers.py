"""bench.registers: a quick run answers with rows that stand for what they say."""

import json
import subprocess
import sys
from typing import Any

import pytest
from bench.registers import ACTS, QUESTIONS, QUICK, RECORDS
from bench.table import COLUMNS


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """One quick run."""
    command = [sys.executable, "-m", "bench.registers", "--quick", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_rows_have_their_shape(document: dict[str, Any]) -> None:
    assert all(set(row) == set(COLUMNS) for row in document["rows"])
    assert [row["goal"] for row in document["rows"]] == ["≤ 1", "≤ 1024", "≤ 1", "≤ 50", "≤ 50"]
    assert all(row["met"] == (row["ours"] <= float(row["goal"].removeprefix("≤ "))) for row in document["rows"])


def test_everything_was_folded_and_every_question_answered(document: dict[str, Any]) -> None:
    facts = document["facts"]
    assert facts["acts"] == ACTS // QUICK
    assert facts["bound"] == facts["acts"] // 10
    assert {f"answers {kind}" for kind in QUESTIONS} <= facts.keys()
    assert f"{RECORDS // QUICK:,} records" in document["rows"][3]["work"]
