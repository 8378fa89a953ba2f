"""What a benchmark prints: rows of ours beside a named peer's, as a table for people, JSON for machines, Markdown for the docs.

`ratio` says how many times better ours is than the peer's: above 1 is in our favour, whether the unit counts up (messages/s)
or down (ms). A peer that was measured elsewhere says so in its name.
"""

import argparse
import json
import os
import platform
import signal
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any, Final, Literal, cast

from rich.console import Console
from rich.table import Table

COLUMNS: Final = ("work", "ours", "peer", "peer_value", "unit", "ratio", "goal", "met")
RELEASES: Final = ("cryptography", "uvicorn", "apsw-sqlite3mc")
_COMMITS: Final = 200
_WIDE: Final = 150

Better = Literal["more", "less"]


@dataclass(frozen=True)
class Row:
    """One measured piece of work; `met` is None where there is no goal, `peer_value` where there is no peer."""

    work: str
    ours: float
    peer: str
    peer_value: float | None
    unit: str
    ratio: float | None
    goal: str
    met: bool | None


@dataclass(frozen=True)
class Work:
    """What is measured, in which unit, and whether more or less of it is better; `goal` is a bound in that unit."""

    name: str
    unit: str
    better: Better = "more"
    goal: float | None = None

    def row(self, ours: float, peer: str = "", value: float | None = None) -> Row:
        """Ours beside one peer's."""
        ratio = None
        if value and ours:
            ratio = ours / value if self.better == "more" else value / ours
        met = None if self.goal is None else (ours >= self.goal if self.better == "more" else ours <= self.goal)
        sign = "≥" if self.better == "more" else "≤"
        goal = "" if self.goal is None else f"{sign} {self.goal:g}"
        return Row(self.name, _short(ours), peer, _maybe(value), self.unit, _maybe(ratio), goal, met)

    def rows(self, ours: float, peers: Iterable[tuple[str, float | None]]) -> list[Row]:
        """Ours beside each peer's; alone where no peer did this work."""
        found = [self.row(ours, peer, value) for peer, value in peers if value is not None]
        return found or [self.row(ours)]


@dataclass(frozen=True)
class Report:
    """One benchmark's outcome. `facts` are counts by which a reader can check it; `notes` say how it was measured."""

    name: str
    title: str
    rows: list[Row]
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    notes: list[str] = field(default_factory=list[str])
    machine: dict[str, Any] = field(default_factory=dict[str, Any])
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Effort:
    """How long to measure: `seconds` per window, `windows` of which the median counts."""

    seconds: float
    windows: int


@dataclass(frozen=True)
class Benchmark:
    """What a module of this package offers. `options` adds arguments of its own to the command line."""

    name: str
    title: str
    measure: Callable[[Effort, argparse.Namespace], Report]
    quick: Effort
    full: Effort
    options: Callable[[argparse.ArgumentParser], object] = lambda parser: None

    def run(self, arguments: Sequence[str] | None = None) -> int:
        """The command line of one benchmark. A missed goal is shown, not failed: it depends on the machine."""
        parser = argparse.ArgumentParser(prog=f"python -m bench.{self.name}", description=self.title)
        parser.add_argument("--quick", action="store_true", help="short windows: within 45 seconds")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--seconds", type=float, help="length of one window")
        parser.add_argument("--windows", type=int, help="how many windows; their median counts")
        self.options(parser)
        given = parser.parse_args(arguments)
        signal.signal(signal.SIGTERM, _end)  # what was started is stopped on the way out
        planned = self.quick if given.quick else self.full
        effort = Effort(given.seconds or planned.seconds, given.windows or planned.windows)
        begun, before = time.monotonic(), machine()
        report = self.measure(effort, given)
        report = Report(
            report.name, report.title, report.rows, report.facts, report.notes, before, time.monotonic() - begun
        )
        if given.json:
            print(json.dumps(report.document(), ensure_ascii=False))
        else:
            show(report)
        return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def machine() -> dict[str, Any]:
    """What the numbers depend on: processors and their load, Python, libraries, how fast the disk commits."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cpus": os.cpu_count(),
        "load": load,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "commits_per_second": _commits(),
        "libraries": {name: metadata.version(name) for name in RELEASES},
        "date": datetime.now(UTC).date().isoformat(),
    }


def _commits() -> int:
    """Durable SQLite commits of 1 KB a second, one after the other: what an acknowledged write costs here at least."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "commits.db", isolation_level=None)
        with closing(database):
            database.execute("PRAGMA journal_mode = wal")
            database.execute("PRAGMA synchronous = full")
            database.execute("CREATE TABLE line (data BLOB)")
            begun = time.perf_counter()
            for _ in range(_COMMITS):
                database.execute("INSERT INTO line VALUES (?)", (bytes(1024),))
            return round(_COMMITS / (time.perf_counter() - begun))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which `percent` of the values lie (inclusive method)."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def show(report: Report) -> None:
    """A table on standard output."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    table = Table(title=f"{report.title} ({report.seconds:.0f} s)")
    for column in COLUMNS:
        table.add_column(
            column.replace("_", " "), justify="right" if column in ("ours", "peer_value", "ratio") else "left"
        )
    for row in report.rows:
        table.add_row(*cells(row))
    console.print(table)
    for note in report.notes:
        console.print(f"· {note}", markup=False, highlight=False)
    console.print_json(json.dumps({**report.facts, "machine": report.machine}))


def cells(row: Row) -> list[str]:
    """A row as text, in the order of `COLUMNS`."""
    met = {True: "yes", False: "no", None: ""}[row.met]
    ratio = "" if row.ratio is None else f"× {row.ratio:g}"
    return [row.work, f"{row.ours:g}", row.peer, _text(row.peer_value), row.unit, ratio, row.goal, met]


def markdown(report: Report) -> str:
    """A section of docs/benchmarks.md."""
    lines = [f"## {report.title}", "", "| " + " | ".join(name.replace("_", " ") for name in COLUMNS) + " |"]
    lines.append(
        "| " + " | ".join("---:" if name in ("ours", "peer_value", "ratio") else "---" for name in COLUMNS) + " |"
    )
    lines += ["| " + " | ".join(cells(row)) + " |" for row in report.rows]
    lines += ["", *(f"- {note}" for note in report.notes)]
    facts = ", ".join(f"{name.replace('_', ' ')} {_fact(value)}" for name, value in report.facts.items())
    lines.append(f"- Counted: {facts}." if facts else "")
    return "\n".join(lines).rstrip() + "\n"


def _fact(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return " / ".join(str(each) for each in cast("list[object]", value))


def _short(value: float) -> float:
    """Three significant digits from 100 down, whole numbers above."""
    return float(f"{value:.3g}") if abs(value) < 1000 else float(round(value))


def _maybe(value: float | None) -> float | None:
    return None if value is None else _short(value)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
