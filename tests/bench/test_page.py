"""docs/benchmarks.md: one table renewed leaves the others as they are."""

import subprocess
import sys
from typing import Any

from bench.__main__ import page
from bench.table import Report, Row

MACHINE: dict[str, Any] = {
    "date": "2026-01-01",
    "cpus": 2,
    "system": "Linux",
    "load": 0.5,
    "python": "3.11",
    "libraries": {"cryptography": "50"},
    "commits_per_second": 1000,
}


def report(title: str, ours: float) -> Report:
    row = Row(work="work", ours=ours, peer="", peer_value=None, unit="s", ratio=None, goal="", met=None)
    return Report(title, title, [row], {}, [], MACHINE, 1.0)


def test_one_table_is_renewed_and_the_others_stay() -> None:
    both = page("", [report("Beta", 2), report("Alpha", 1)])
    assert both.index("## Alpha") < both.index("## Beta")
    assert page(both, []) == both
    renewed = page(both, [report("Alpha", 7)])
    assert "| work | 7 |" in renewed
    assert "| work | 1 |" not in renewed
    assert renewed[renewed.index("## Beta") :] == both[both.index("## Beta") :]
    assert page("", [report("Beta", 2)]).startswith("# Benchmarks\n")


def test_an_unknown_name_is_wrong_usage_and_runs_nothing() -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no benchmark nothing; there are activities, " in done.stderr
