"""Conflicts among activities: all of a million at once, and one insertion, beside Shapely's STRtree and a sweep without cubes.

CPU seconds of one thread. Two worlds of made-up volumes, 10 to 60 km large (areas of four to eight corners, one in four a
corridor), one to fourteen days long: `sparse` all over the Earth in five years, `dense` around Europe in one year. No shape
crosses the antimeridian, which the planar peer could not draw.
The clock starts with the columns in memory and stops with every conflicting pair; compiling is reported apart.

Shapely comes from PyPI into a throw-away environment. It has the same shapes as planar geometries in degrees, made before its
clock starts, builds its tree, asks for all pairs that intersect and filters them by time, altitude and rule with NumPy.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numba
import numpy as np

from bench.table import Benchmark, Effort, Report, Work, percentile
from cordiale.desks.activity.board import Board
from cordiale.desks.activity.judge import Columns, conflict
from cordiale.desks.activity.rules import Rules, shipped
from cordiale.desks.activity.sphere import EARTH_KM
from cordiale.desks.activity.sweep import sweep
from cordiale.desks.activity.table import Plan, columns
from cordiale.desks.activity.volume import (
    Activity,
    ActivityId,
    AltitudeBand,
    Corridor,
    Interval,
    Polygon,
    Shape,
    Volume,
)
from cordiale.errors import CordialeError
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation

T = TypeVar("T")

MILLION: Final = 1_000_000
SPARSE: Final = ((-175.0, 175.0, -70.0, 75.0), 1826)
DENSE: Final = ((-30.0, 30.0, 35.0, 65.0), 365)
SHAPELY: Final = "Shapely STRtree"
SWEEP: Final = "sweep in time, no cubes (Numba)"
ELSEWHERE: Final = "Numba grid (measured elsewhere)"
_BANDS: Final = np.array([[0, 300], [0, 3000], [5000, 12000], [300, 2000], [-300, 0]], float)
NOTES: Final = [
    "CPU seconds of one thread; compiling is not in them but in its own row (once for each version of the sources).",
    "Volumes are 10 to 60 km large and last one to fourteen days; sparse: the Earth, five years; dense: 30° W to 30° E, 35° "
    "to 65° N, one year. How dense the world of what was measured elsewhere is, is not known.",
    "Shapely is planar, in degrees, so that its shapes differ a little: hence its other count. Its geometries were made before.",
]
_INSTALL_SECONDS: Final = 300
_PEER_SECONDS: Final = 900

_PEER: Final = """
import json, sys, time
import numpy as np, shapely
d = np.load(sys.argv[1])
parts = shapely.linestrings(d["degrees"], indices=np.repeat(np.arange(len(d["corners"])), d["corners"]))
path = d["form"] == 1
shapes = np.empty(len(path), object)
shapes[path] = shapely.buffer(parts[path], np.degrees(d["radius"][path]))
rings = [np.append(np.arange(f, f + c), f) for f, c in zip(d["first"][~path], d["corners"][~path])]
who = np.repeat(np.arange(len(rings)), [len(r) for r in rings])
shapes[~path] = shapely.polygons(shapely.linearrings(d["degrees"][np.concatenate(rings)], indices=who))
begun = time.process_time()
tree = shapely.STRtree(shapes)
found = 0
for at in range(0, len(shapes), 20_000):
    i, j = tree.query(shapes[at:at + 20_000], predicate="intersects")
    i = i + at
    i, j = i[i < j], j[i < j]
    ok = (d["begin"][i] < d["end"][j]) & (d["begin"][j] < d["end"][i])
    i, j = i[ok], j[ok]
    a = d["altitude"]
    ok = np.minimum(a[i, 1], a[j, 1]) > np.maximum(a[i, 0], a[j, 0])
    i, j = i[ok], j[ok]
    same = (d["nation"][i] == d["nation"][j]).astype(int)
    found += int((d["matrix"][same, d["kind"][i], d["kind"][j]] != -1).sum())
print(json.dumps({"seconds": time.process_time() - begun, "found": found, "version": shapely.__version__}))
"""


def world(count: int, place: tuple[tuple[float, float, float, float], int], seed: int = 1) -> Plan:
    """Made-up volumes of `count` activities, spread evenly over a part of the Earth and so many days."""
    (west, east, south, north), days = place
    random = np.random.default_rng(seed)
    longitude = random.uniform(west, east, count)
    latitude = np.degrees(np.arcsin(random.uniform(np.sin(np.radians(south)), np.sin(np.radians(north)), count)))
    path = random.random(count) < 0.25
    corners = np.where(path, random.integers(2, 5, count), random.integers(4, 9, count)).astype(np.int32)
    first = (np.cumsum(corners) - corners).astype(np.int32)
    whose = np.repeat(np.arange(count), corners)
    turn = (np.arange(len(whose)) - first[whose] + random.uniform(0.1, 0.9, len(whose))) / corners[whose]
    size = random.uniform(10.0, 60.0, count)[whose]
    on_path, heading = path[whose], random.uniform(0.0, 2 * np.pi, count)[whose]
    bearing = np.where(on_path, heading + random.uniform(-0.15, 0.15, len(whose)), turn * 2 * np.pi)
    far = np.where(on_path, (2 * turn - 1) * size, size * random.uniform(0.6, 1.0, len(whose)))
    y = latitude[whose] + np.degrees(far * np.cos(bearing) / EARTH_KM)
    x = longitude[whose] + np.degrees(far * np.sin(bearing) / EARTH_KM) / np.cos(np.radians(y))
    begin = random.integers(0, days * DAY, count)
    band = _BANDS[random.integers(0, len(_BANDS), count)]
    return Plan(
        np.stack([(x + 180.0) % 360.0 - 180.0, y], axis=1),
        first,
        corners,
        path.astype(np.int8),
        np.where(path, random.uniform(2.0, 10.0, count), 0.0) / EARTH_KM,
        begin,
        begin + random.integers(DAY, 14 * DAY, count),
        np.concatenate([band, band], axis=1),
        np.zeros(count, np.int8),
        random.integers(1, len(shipped().kinds) + 1, count).astype(np.int16),
        random.integers(0, 2, count).astype(np.int16),
        np.arange(count, dtype=np.int32),
    )


def activities(plan: Plan, begin: int, end: int) -> list[Activity]:
    """The same as records; the few rings that cross themselves are left out."""
    kinds, found = list(shipped().kinds), list[Activity]()
    for row in range(begin, end):
        corners = plan.degrees[plan.first[row] : plan.first[row] + plan.corners[row]]
        ring = tuple((float(x), float(y)) for x, y in corners)
        try:
            shape: Shape = Corridor(ring, float(plan.radius[row]) * EARTH_KM) if plan.form[row] else Polygon(ring)
        except CordialeError:
            continue
        span = Interval(Moment(int(plan.begin[row])), Moment(int(plan.end[row])))
        volume = Volume(shape, AltitudeBand(float(plan.altitude[row, 0]), float(plan.altitude[row, 1])), span)
        nation = Nation(("uk", "fr")[plan.nation[row]])
        found.append(Activity(ActivityId(f"a{row:08}"), nation, kinds[plan.kind[row] - 1], (volume,)))
    return found


@numba.njit(nogil=True)
def _without_cubes(c: Columns, matrix: Any, order: Any) -> int:
    found = 0
    for p in range(len(order)):
        for q in range(p + 1, len(order)):
            if c.begin[order[q]] >= c.end[order[p]]:
                break
            if conflict(c, matrix, order[p], order[q]):
                found += 1
    return found


def cpu(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process, and the result."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def all_at_once(
    count: int, place: tuple[tuple[float, float, float, float], int], windows: int
) -> tuple[float, float, int]:
    """CPU seconds for the columns, and for all conflicts (the median), and how many these are."""
    planned = world(count, place)
    preparing, made = cpu(lambda: columns(planned))
    runs = [cpu(lambda: sweep(made, shipped().matrix)) for _ in range(windows)]
    return preparing, statistics.median(seconds for seconds, _ in runs), len(runs[0][1])


def insertions(standing: int, more: int, rules: Rules) -> tuple[list[float], int, float]:
    """Milliseconds of CPU for each of `more` insertions into a full board; conflicts found; CPU seconds to fill it."""
    plan = world(standing + more, DENSE, seed=2)
    first, new = activities(plan, 0, standing), activities(plan, standing, standing + more)
    filling, board = cpu(lambda: Board(rules, first))
    taken, found = list[float](), 0
    for each in new:
        seconds, told = cpu(lambda each=each: board.insert(each))
        taken.append(seconds * 1000)
        found += len(told)
    return taken, found, filling


def shapely(plan: Plan, rules: Rules, python: Path) -> dict[str, Any]:
    """What Shapely takes for the same, in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.npz"
        np.savez(path, matrix=rules.matrix, **plan._asdict())
        command = [str(python), "-c", _PEER, str(path)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=_PEER_SECONDS)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def install(folder: Path) -> Path | None:
    """An interpreter with Shapely in a new environment, or None if it could not be had."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "shapely", "numpy"]
    try:
        subprocess.run(command, check=True, timeout=_INSTALL_SECONDS, stdout=sys.stderr, stderr=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError):
        return None
    return python


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """Everything. The goals are of a million: with another `--count` nothing is compared with them."""
    rules, count = shipped(), int(given.count)
    compiling, _ = cpu(lambda: (all_at_once(500, SPARSE, 1), insertions(500, 20, rules)))
    preparing, sparse, sparse_found = all_at_once(count, SPARSE, effort.windows)
    _, dense, dense_found = all_at_once(count, DENSE, effort.windows)
    tenth = world(count // 10, DENSE)
    _, small, small_found = all_at_once(count // 10, DENSE, effort.windows)
    brute, brute_found = without_cubes(tenth, rules)
    taken, insert_found, filling = insertions(count, given.inserts, rules)
    facts: dict[str, Any] = {"sparse": sparse_found, "dense": dense_found, "dense_tenth": small_found}
    facts |= {"dense_tenth_without_cubes": brute_found, "found_by_insertions": insert_found}
    facts["board_filled_cpu_s"] = round(filling, 1)
    there = peers(given.peer, {"dense_tenth": tenth, "sparse": world(count, SPARSE)}, rules)
    facts |= {f"{name}_shapely": found for name, (_, _, found) in there.items()}
    seconds = {name: (f"{SHAPELY} ({release})", took) for name, (release, took, _) in there.items()}
    asked = [seconds[name] for name in ("sparse",) if name in seconds]
    rows = [
        *_work(count, "sparse", 1.0).rows(sparse, [*_elsewhere(count, 0.79), *asked]),
        *_work(count, "dense", 20.0).rows(dense, _elsewhere(count, 16.0)),
        *_work(count // 10, "dense").rows(
            small, [(SWEEP, brute), *(seconds[name] for name in ("dense_tenth",) if name in seconds)]
        ),
        _insertion(count, "p50").row(statistics.median(taken)),
        _insertion(count, "p99").row(percentile(taken, 99)),
        Work(f"columns of {count:,} (unit vectors, planes, boxes)", "CPU s", "less").row(preparing),
        Work("compiling or loading all kernels", "CPU s", "less").row(compiling),
    ]
    return Report(BENCHMARK.name, BENCHMARK.title, rows, facts, NOTES)


def without_cubes(plan: Plan, rules: Rules) -> tuple[float, int]:
    """CPU seconds of the sweep in time alone, and how many conflicts it finds."""
    made = columns(plan)
    order = np.argsort(made.begin, kind="stable")
    _without_cubes(made, rules.matrix, order[:10])
    return cpu(lambda: _without_cubes(made, rules.matrix, order))


def peers(wanted: bool, plans: dict[str, Plan], rules: Rules) -> dict[str, tuple[str, float, int]]:
    """Shapely's release, CPU seconds and count for each plan; nothing where it is not wanted or cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        python = install(Path(folder) / "shapely") if wanted else None
        if python is None:
            return {}
        found = {name: shapely(plan, rules, python) for name, plan in plans.items()}
    return {name: (each["version"], each["seconds"], each["found"]) for name, each in found.items()}


def _work(count: int, name: str, goal: float | None = None) -> Work:
    return Work(f"all conflicts, {name}, {count:,}", "CPU s", "less", goal if count == MILLION else None)


def _insertion(count: int, name: str) -> Work:
    return Work(f"one insertion into {count:,}, dense, {name}", "CPU ms", "less", 1.0 if count == MILLION else None)


def _elsewhere(count: int, seconds: float) -> list[tuple[str, float | None]]:
    return [(ELSEWHERE, seconds)] if count == MILLION else []


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=MILLION, help="how many activities (default: a million)")
    parser.add_argument("--inserts", type=int, default=2_000, help="how many insertions")
    parser.add_argument("--no-peer", dest="peer", action="store_false", help="leave Shapely out")


BENCHMARK: Final = Benchmark(
    "activities", "Activities: conflicts", measure, quick=Effort(0.0, 1), full=Effort(0.0, 3), options=_options
)

if __name__ == "__main__":
    sys.exit(BENCHMARK.run())
