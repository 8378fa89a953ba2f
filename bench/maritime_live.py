"""Live watch: from a message to its alert, at 5,000 messages a second; and how many it takes at most.

    python -m bench.maritime_live [--quick]

Messages arrive in batches of a tenth of a second, as the feed hands them on, a few of them late. What a message waits is the
time until its batch is begun (which is late where the one before took too long) plus the time that its batch takes: the journal,
the detectors, and letting the findings stand in the store, while another thread records everything in the archive.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.table import Benchmark, Effort, Report, Work
from cordiale.desks.maritime.ingest.batch import nothing
from cordiale.desks.maritime.schema import DEGREE, POSITION
from cordiale.desks.maritime.table import frame
from cordiale.wiring.maritime_batch import Order
from cordiale.wiring.maritime_watch import Watching

RATE: Final = 5_000
VESSELS: Final = 5_000
BATCH: Final = 0.1


def messages(seconds: int) -> NDArray[np.void]:
    """EXERCISE traffic off Biscay: each vessel once a second, a third of them slow; one in a hundred is up to a minute late."""
    dice = np.random.default_rng(1)
    count = seconds * RATE
    who = dice.integers(0, VESSELS, count)
    kn = np.where(np.arange(VESSELS) % 3 == 0, 1.0, dice.uniform(8, 18, VESSELS))[who]
    arrives = np.arange(count) / RATE
    at = arrives - np.where(dice.random(count) < 0.01, dice.uniform(0, 60, count), 0.0)
    rows = np.zeros(count, POSITION)
    rows["time"] = 1_700_000_000_000 + (at * 1000).astype(np.int64)
    rows["mmsi"] = 227_000_000 + who
    rows["lon"] = ((-8 + 3 * (who % 71) / 71 + kn * 1.852 * at / 3600 / 77) * DEGREE).astype(np.int32)
    rows["lat"] = ((45 + 2 * (who % 73) / 73) * DEGREE).astype(np.int32)
    rows["sog"], rows["cog"], rows["heading"], rows["kind"] = (kn * 10).astype(np.uint16), 900, 90, 1
    return rows


def delays(rows: NDArray[np.void]) -> tuple[NDArray[np.float64], float, dict[str, int]]:
    """What each message waits at RATE, in seconds; the seconds of work in all; what became of the messages."""
    size = int(RATE * BATCH)
    batches = [nothing()._replace(positions=frame(rows[first : first + size])) for first in range(0, len(rows), size)]
    with tempfile.TemporaryDirectory() as folder:
        watching = Watching(Order(Path(folder)))
        watching.take(batches[0])
        watching.settle()
        free, work, waits = 0.0, 0.0, list[float]()
        for number, batch in enumerate(batches[1:]):
            begin = time.perf_counter()
            watching.take(batch)
            took = time.perf_counter() - begin
            due = (number + 1) * BATCH
            free = max(free, due) + took
            work += took
            waits += [free - due + BATCH] * size
        watching.close()
        recorded = watching.recording.added
        return np.array(waits), work, {**watching.watch.live.counted._asdict(), "recorded": recorded}


def measure(effort: Effort, _given: argparse.Namespace) -> Report:
    """All rows."""
    waits, work, counted = delays(messages(round(effort.seconds)))
    rows = [
        Work("message to alert at 5,000 messages/s: p99", "s", "less", 1.0).row(float(np.quantile(waits, 0.99))),
        Work("message to alert at 5,000 messages/s: worst", "s", "less").row(float(waits.max())),
        Work("messages taken, one core", "/s", "more", RATE).row(len(waits) / work),
    ]
    facts = {"messages": len(waits), "vessels": VESSELS, **counted}
    notes = [
        "No peer takes late reports back: the published figures are EMSA's some 15 minutes and Skylight's some hour.",
        "Messages are rows already: decoding has a benchmark of its own. The first batch compiles and is not counted.",
    ]
    return Report("maritime_live", "Live watch at sea", rows, facts, notes)


BENCHMARK: Final = Benchmark("maritime_live", "Live watch at sea", measure, quick=Effort(15, 1), full=Effort(420, 1))

if __name__ == "__main__":
    raise SystemExit(BENCHMARK.run())
