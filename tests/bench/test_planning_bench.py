"""The benchmark of the matcher, in small: it runs, its rows have their shape, and everything in it is proven."""

import json
import subprocess
import sys
from pathlib import Path

from bench.planning import GAP
from bench.table import COLUMNS

ROOT = Path(__file__).resolve().parents[2]


def test_it_runs_and_proves() -> None:
    command = [sys.executable, "-m", "bench.planning", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr.decode()
    document = json.loads(done.stdout)
    rows = document["rows"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [row["unit"] for row in rows] == ["CPU s", "CPU s", "%"] * 2
    assert all(row["ours"] <= 100 * GAP for row in rows if row["unit"] == "%")
    stages = document["facts"]["a transport problem, world 1"]
    for name in ("shortfall-1", "shortfall-2", "shortfall-3", "caveats", "fairness", "total"):
        assert name in stages
    assert "(none)" not in stages
