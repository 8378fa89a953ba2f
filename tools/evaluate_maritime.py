"""How good the maritime desk's detectors are: precision and recall on exercises, and how often they alert on real traffic.

    python -m tools.evaluate_maritime                     exercises of the seeds kept for reporting; a table on the screen
    python -m tools.evaluate_maritime --write             the same, and into METHOD.md
    python -m tools.evaluate_maritime --tuning            exercises of the seeds that thresholds were looked at with

Real files are read from ../shared/data/maritime where they are; they are not labelled, so that for them every alert counts.
A finding is right where an injected behaviour that it may tell of has its vessel (of an encounter: both) at its time, or where
it was so by definition (`tools.maritime_definitions`), whoever did it.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from cordiale.analysis.finding import Finding
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.detect.areas import Drawings
from cordiale.desks.maritime.detect.detectors import BY_NAME, DETECTORS, GAP, IDENTITY
from cordiale.desks.maritime.exercise.behaviour import Truth
from cordiale.desks.maritime.exercise.make import exercise, planned
from cordiale.desks.maritime.ingest.run import ingest
from cordiale.wiring.maritime_batch import Order, run
from tools.maritime_definitions import World

ROOT: Final = Path(__file__).resolve().parent.parent
METHOD: Final = ROOT / "src" / "cordiale" / "desks" / "maritime" / "METHOD.md"
DATA: Final = ROOT.parent / "shared" / "data" / "maritime"
TUNING: Final = (1, 2)
REPORTING: Final = (101, 102, 103, 104)
DAYS: Final = 4
VESSELS: Final = 400
REAL: Final = (
    ("Dover Strait, 7–8 July 2024", ("dover-strait-2024-07-07.csv",)),
    ("Solent, 12 January 2016", ("solent-2016-01-12.csv",)),
    ("West Australia, January 2019 (OMTAD, hourly)", ("omtad-2019-01",)),
)
CABLES: Final = DATA / "telecom-cables-2021.geojson.gz"
"""Schematic routes: so that real traffic can be wrong about cables at all."""
BEGIN: Final = "<!-- evaluation: written by tools/evaluate_maritime.py -->"
END: Final = "<!-- end of evaluation -->"
_SLACK_MS: Final = 1_800_000
SLOT_MS: Final = 600_000


class Score(NamedTuple):
    """Of one detector."""

    injected: int
    found: int
    heard: int
    """of the injected, those that were heard in nine of ten of their ten minutes"""
    heard_found: int
    told: int
    right: int
    """that tell of what was injected"""
    so: int
    """others that were so by definition"""


def matches(truth: Truth, finding: Finding) -> bool:
    """Whether the finding is of this behaviour's vessels and time."""
    who = {int(subject[5:14]) for subject in finding.subjects}
    same = who == set(truth.mmsi) if finding.detector == "encounter" else bool(who & set(truth.mmsi))
    at_the_time = finding.begin - _SLACK_MS <= truth.end and truth.begin <= finding.end + _SLACK_MS
    return same and at_the_time


def tells(truth: Truth, finding: Finding) -> bool:
    """Whether the finding is what the behaviour should give."""
    return finding.detector in truth.detectors and matches(truth, finding)


def rightly(truth: Truth, finding: Finding) -> bool:
    """Whether the finding is right about it, as its own or as something that goes with it."""
    return finding.detector in (*truth.detectors, *truth.also) and matches(truth, finding)


def heard(truth: Truth, slots: Set[tuple[int, int]]) -> bool:
    """Whether its vessels were heard nearly all the time; `slots` are of MMSI and ten minutes."""
    want = {(mmsi, slot) for mmsi in truth.mmsi for slot in range(truth.begin // SLOT_MS + 1, truth.end // SLOT_MS)}
    return len(want & slots) >= 0.9 * len(want)


def scores(
    truths: Sequence[Truth], findings: Sequence[Finding], world: World, slots: Set[tuple[int, int]]
) -> dict[str, Score]:
    """By detector; a behaviour counts for the first of its detectors, and is found where any of them tells of it."""
    found: dict[str, Score] = {}
    for detector in DETECTORS:
        mine = [truth for truth in truths if truth.detectors[:1] == (detector.name,)]
        told = [finding for finding in findings if finding.detector == detector.name]
        others = [finding for finding in told if not any(rightly(truth, finding) for truth in truths)]
        hit = [any(tells(truth, finding) for finding in findings) for truth in mine]
        plain = [heard(truth, slots) for truth in mine]
        both = sum(seen and audible for seen, audible in zip(hit, plain, strict=True))
        so = sum(world.so(finding) for finding in others)
        found[detector.name] = Score(len(mine), sum(hit), sum(plain), both, len(told), len(told) - len(others), so)
    return found


def summed(all_scores: Iterable[dict[str, Score]]) -> dict[str, Score]:
    """Over several exercises."""
    total: dict[str, Score] = {}
    for each in all_scores:
        for name, score in each.items():
            before = total.get(name, Score(0, 0, 0, 0, 0, 0, 0))
            total[name] = Score(*(a + b for a, b in zip(before, score, strict=True)))
    return total


def on_exercise(seed: int, folder: Path, days: int = DAYS, vessels: int = VESSELS) -> dict[str, Score]:
    """Make one, look at it with everything that it comes with, and compare."""
    store = folder / f"exercise-{seed}"
    made = exercise(store, seed=seed, days=days, vessels=vessels)
    given = store / "exercise"
    order = Order(
        store,
        anchorages=[given / "anchorages.geojson"],
        drawings=Drawings(str(given / "cables.geojson"), str(given / "zones.geojson")),
    )
    world = World(planned(seed, days, vessels), days)
    times = pl.scan_parquet(store / "positions" / "*.parquet").select("mmsi", pl.col("time") // SLOT_MS).unique()
    return scores(made.truths, run(order).findings, world, set(times.collect().iter_rows()))


def _unseen(_name: str, _done: int, _all: int) -> None:
    """Nobody looks at the progress."""


class Real(NamedTuple):
    """What a real file gave."""

    name: str
    vessel_days: float
    alerts: Counter[str]


def on_real(name: str, files: Sequence[str], folder: Path) -> Real | None:
    """Alerts of each detector on a real file; None where it is not there."""
    paths = [path for file in files for path in (sorted((DATA / file).glob("*")) or [DATA / file]) if path.exists()]
    if not paths:
        return None
    store = folder / files[0]
    list(ingest(store, paths, _unseen))
    run(Order(store, drawings=Drawings(str(CABLES) if CABLES.exists() else "")))
    rows = pl.scan_parquet(store / "positions" / "*.parquet").select(
        "mmsi", (pl.col("time") // 3_600_000).alias("hour")
    )
    hours = rows.unique().select(pl.len()).collect().item()
    return Real(name, hours / 24, Counter(finding.detector for finding in Alerts(store).findings("ours")))


def table(total: dict[str, Score], real: Sequence[Real]) -> list[str]:
    """Markdown."""
    heads = [
        "detector",
        "injected",
        "found",
        "recall",
        "heard",
        "of these found",
        "told",
        "injected",
        "so by definition",
        "precision",
        *(each.name for each in real),
    ]
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for name, score in total.items():
        plain = BY_NAME[name].number not in (GAP, *IDENTITY)
        precision = _share(score.right + score.so, score.told)
        rates = [f"{1000 * each.alerts[name] / each.vessel_days:.1f} ({each.alerts[name]})" for each in real]
        cells = [
            name,
            score.injected,
            score.found,
            _share(score.found, score.injected),
            score.heard if plain else "–",
            score.heard_found if plain else "–",
            score.told,
            score.right,
            score.so,
            precision,
        ]
        lines.append("| " + " | ".join(map(str, (*cells, *rates))) + " |")
    return lines


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where METHOD.md has no place for it."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.evaluate_maritime", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--write", action="store_true", help="also write it into METHOD.md")
    parser.add_argument("--tuning", action="store_true", help="the seeds that thresholds were looked at with")
    given = parser.parse_args(arguments)
    seeds = TUNING if given.tuning else REPORTING
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        total = summed(on_exercise(seed, folder) for seed in seeds)
        real = [found for each in REAL if (found := on_real(*each, folder)) is not None]
    told = ", ".join(map(str, seeds))
    text = "\n".join([
        f"Exercises of {DAYS} days with {VESSELS} vessels in the background, seeds {told}, profile `ours`. For "
        "real traffic, with the schematic routes of telecom cables: alerts per 1,000 vessel-days (and how many), a vessel-day "
        "being 24 hours in which a vessel was heard. \"Heard\" are behaviours that were heard in nine of ten of their ten "
        "minutes: far out satellites alone hear, for a quarter of each hour. Of what was told, \"injected\" is what a behaviour "
        "explains, \"so by definition\" what besides was as told, by brute force over where each ship was each minute "
        "(`tools/maritime_definitions.py`).",
        "", *table(total, real),
    ])  # fmt: skip
    print(text)  # noqa: T201
    return _write(text) if given.write else 0


def _write(text: str) -> int:
    page = METHOD.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        print(f"{METHOD.name} has no place for it", file=sys.stderr)  # noqa: T201
        return 1
    METHOD.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
