"""All detectors of the maritime desk over 10^8 positions on two cores, beside single queries over the same Parquet files.

The positions are an EXERCISE's, made once into a temporary folder: thirty days of the Channel with some 830 vessels. Ours is the
command `cordiale maritime detect` in a process of its own, with two workers: stage one with all detectors of the profile, stage
two with encounters and reception, and the findings written. Peers do one thing of it each: who was silent for an hour or more.
Memory is the greatest sum of resident sets of a process and all its descendants, looked at twenty times a second (what they
share is counted for each, so it is an upper bound). Compiling is not in it: a small store is looked at first.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.table import Benchmark, Effort, Report, Row, Work

DAYS: Final = 30
VESSELS: Final = 840
QUICK_DAYS: Final = 4
QUICK_VESSELS: Final = 150
WORKERS: Final = 2
FULL: Final = 95_000_000
"""Positions from which on the goals count."""
_LOOK_SECONDS: Final = 0.05
_PLAIN_ROWS: Final = 2_000_000
NOTES: Final = [
    "Ours: the whole command, from its start to the findings on disk, every detector of the profile `ours`, with cables, lanes, "
    "zones and anchorages of the exercise; two workers. Compiled before.",
    "Peers: one query each, silences of an hour by MMSI, over the same Parquet files with two threads; plain Python over the "
    "first two million rows, scaled.",
    "The floor is PyArrow reading all columns of all row groups with two threads.",
    "Wall time and CPU are both given: on a machine with other work on it only CPU can be compared.",
]

_DUCKDB: Final = """
import duckdb, sys
db = duckdb.connect(config={"threads": 2, "temp_directory": sys.argv[2]})
print(db.sql(f"select count(*) from (select time - lag(time) over (partition by mmsi order by time) gap "
             f"from '{sys.argv[1]}/positions/*.parquet') where gap >= 3600000").fetchall()[0][0])
"""
_POLARS: Final = """
import polars, sys
rows = polars.scan_parquet(sys.argv[1] + "/positions/*.parquet").select("time", "mmsi")
gaps = rows.select(gap=polars.col("time").diff().over("mmsi")).filter(polars.col("gap") >= 3600000)
print(gaps.select(polars.len()).collect().item())
"""
_PYTHON: Final = """
import sys
from pathlib import Path
import pyarrow.parquet as pq
last, gaps, rows = {}, 0, 0
for path in sorted(Path(sys.argv[1], "positions").glob("*.parquet")):
    for batch in pq.ParquetFile(path).iter_batches(columns=["time", "mmsi"]):
        for time, mmsi in zip(batch["time"].to_pylist(), batch["mmsi"].to_pylist()):
            before = last.get(mmsi)
            if before is not None and time - before >= 3600000:
                gaps += 1
            last[mmsi] = time
        rows += len(batch)
        if rows >= int(sys.argv[2]):
            print(rows)
            raise SystemExit
print(rows)
"""
_FLOOR: Final = """
import sys
from pathlib import Path
import pyarrow, pyarrow.parquet as pq
pyarrow.set_cpu_count(2)
rows = 0
for path in sorted(Path(sys.argv[1], "positions").glob("*.parquet")):
    file = pq.ParquetFile(path)
    for number in range(file.num_row_groups):
        rows += len(file.read_row_group(number))
print(rows)
"""


class Cost(NamedTuple):
    """What a process and its descendants took."""

    wall: float
    """s"""
    cpu: float
    """s"""
    memory: float
    """MiB, at most"""
    out: str


def watched(command: list[str], environment: dict[str, str]) -> Cost:
    """Run it to its end; raises where it fails."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            most[0] = max(most[0], _resident(process.pid))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    out, _ = process.communicate()
    over.set()
    watcher.join()
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, most[0] * os.sysconf("SC_PAGE_SIZE") / 2**20, out)


def _resident(pid: int) -> int:
    """Pages of a process and its descendants; 0 for those that have ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages + sum(_resident(int(child)) for child in children)


def detect(store: Path, workers: int = WORKERS) -> Cost:
    """Ours, from nothing: no state of an earlier run is there."""
    shutil.rmtree(store / "state", ignore_errors=True)
    given = store / "exercise"
    command = [
        *(
            sys.executable,
            "-m",
            "cordiale",
            "maritime",
            "detect",
            "--store",
            str(store),
            "--workers",
            str(workers),
            "--json",
        ),
        *("--cables", str(given / "cables.geojson"), "--zones", str(given / "zones.geojson")),
        *("--anchorages", str(given / "anchorages.geojson")),
    ]
    return watched(command, dict(os.environ))


def script(source: str, *arguments: str) -> Cost:
    """A peer in a process of its own, with two threads."""
    return watched([sys.executable, "-c", source, *arguments], {**os.environ, "POLARS_MAX_THREADS": "2"})


def make(store: Path, days: int, vessels: int) -> dict[str, Any]:
    """An exercise."""
    command = [sys.executable, "-m", "cordiale", "maritime", "exercise", "--store", str(store), "--seed", "1"]
    done = subprocess.run(
        [*command, "--days", str(days), "--vessels", str(vessels), "--json"], check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def half_of(store: Path, other: Path) -> int:
    """A store with the first half of the days of another; their number of positions."""
    days = sorted((store / "positions").glob("*.parquet"))
    for kind in ("positions", "statics"):
        (other / kind).mkdir(parents=True)
        for day in days[: len(days) // 2]:
            if (store / kind / day.name).exists():
                (other / kind / day.name).symlink_to(store / kind / day.name)
    (other / "exercise").symlink_to(store / "exercise")
    return len(days) // 2


def measure(_effort: Effort, given: argparse.Namespace) -> Report:
    """Everything, once: at this size a run is its own average."""
    days, vessels = (QUICK_DAYS, QUICK_VESSELS) if given.quick else (given.days, given.vessels)
    with tempfile.TemporaryDirectory(prefix="cordiale-maritime-", dir=given.folder or None) as name:
        folder = Path(name)
        make(folder / "small", 1, 3)
        compiling = detect(folder / "small", 1)
        begun = time.monotonic()
        positions = int(make(folder / "whole", days, vessels)["positions"])
        making = time.monotonic() - begun
        half_of(folder / "whole", folder / "half")
        half, whole = detect(folder / "half"), detect(folder / "whole")
        told = json.loads(whole.out)
        part = int(json.loads(half.out)["positions"])
        peers = _peers(folder, positions)
        size = sum(path.stat().st_size for path in (folder / "whole" / "positions").glob("*.parquet"))
    facts = {
        "positions": positions, "half": part, "bytes_of_parquet": size, "findings": told["findings"],
        "by_detector": [f"{name} {count}" for name, count in told["by_detector"].items()],
        "exercise_made_s": round(making), "compiling_s": round(compiling.wall),
    }  # fmt: skip
    return Report(BENCHMARK.name, BENCHMARK.title, _rows(positions, part, half, whole, peers), facts, NOTES)


def _peers(folder: Path, positions: int) -> dict[str, Cost]:
    whole, spill = str(folder / "whole"), str(folder / "spill")
    plain = script(_PYTHON, whole, str(_PLAIN_ROWS))
    scale = positions / int(plain.out)
    return {
        "DuckDB, gap window": script(_DUCKDB, whole, spill),
        "Polars, gap scan": script(_POLARS, whole),
        "plain Python, gap scan (scaled)": plain._replace(wall=plain.wall * scale, cpu=plain.cpu * scale),
        "floor: PyArrow decodes": script(_FLOOR, whole),
    }


def _rows(positions: int, part: int, half: Cost, whole: Cost, peers: dict[str, Cost]) -> list[Row]:
    full = positions >= FULL
    share = positions / part / 2
    name = f"all detectors over {positions / 1e6:.3g} million positions"
    return [
        *Work(name, "s wall", "less", 60.0 if full else None).rows(whole.wall, [(n, c.wall) for n, c in peers.items()]),
        *Work(f"{name}, CPU", "s CPU", "less").rows(whole.cpu, [(n, c.cpu) for n, c in peers.items()]),
        *Work(f"{name}, memory of all processes", "MiB", "less", 2048.0 if full else None).rows(
            whole.memory, [(n, c.memory) for n, c in peers.items() if "Python" not in n]
        ),
        Work("a position", "µs CPU", "less").row(1e6 * whole.cpu / positions),
        Work("twice the input, time", "×", "less", 2.1 if full else None).row(whole.wall / half.wall / share),
        Work("twice the input, CPU", "×", "less", 2.1 if full else None).row(whole.cpu / half.cpu / share),
        Work("twice the input, memory", "×", "less", 1.2 if full else None).row(whole.memory / half.memory),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--vessels", type=int, default=VESSELS)
    parser.add_argument("--folder", help="where the temporary folder is made (default: the system's)")


BENCHMARK: Final = Benchmark(
    "maritime", "Maritime desk: behaviours in 10^8 positions", measure, quick=Effort(0.0, 1), full=Effort(0.0, 1),
    options=_options,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(BENCHMARK.run())
