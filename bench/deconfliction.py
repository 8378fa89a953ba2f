"""Private deconfliction: how long two nations take to learn where their plans meet, and how much crosses.

Two processes, one for each nation, each on one thread, joined by a pipe: everything that a run does is inside the clock
(commitments, hashing to the curve, blinding, padding, signing, parsing, counting, both outcomes); starting Python is not. The
clock ends when both have the result, which is compared with the plain intersection. Rows:

    10^5 cells a side     one pass; as many cells in common as not, drawn from a seed
    a year of plans       3,000 activities a side (`bench.plans`) from shapes to meetings: cover, then four passes from coarse to
                          fine: H3 resolution 2, 3 and 4 × week, resolution 4 × day

Peers in the same run: the floor, which is nothing but the X25519 exchanges that a run makes, by two processes on keys parsed
beforehand; and OpenMined's PSI (`bench.psi`), installed from PyPI for a full run or taken from an environment that has it
(`--psi PYTHON`).
"""

import argparse
import multiprocessing
import os
import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from bench import plans, psi
from bench.table import Benchmark, Effort, Report, Row, Work
from cordiale.crypto.curve25519 import hash_to_curve
from cordiale.crypto.signing import SigningKey
from cordiale.register.deconfliction import seat as seats
from cordiale.register.deconfliction.cells import cover
from cordiale.register.deconfliction.grid import Codes, Grid
from cordiale.register.deconfliction.log import Admitted
from cordiale.register.deconfliction.run import Secret
from cordiale.register.deconfliction.seat import Seat
from cordiale.register.deconfliction.terms import ELEMENTS, Budget, Terms, size_class
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation

CELLS: Final = 100_000
QUICK_CELLS: Final = 5_000
NATIONS: Final = (Nation("uk"), Nation("fr"))
KEYS: Final = tuple(SigningKey.from_seed(bytes([n] * 32)) for n in (1, 2))
NOW: Final = Moment(1_780_000_000_000)
BUDGET: Final = Budget(100, 10**9, 30)
FLAT: Final = (Grid(5, 1),)
YEAR: Final = (Grid(2, 7), Grid(3, 7), Grid(4, 7), Grid(4, 1))
MEGABYTE: Final = 1_000_000
FLOOR: Final = "floor: the X25519 exchanges alone"
SHARES: Final = ((1 / 3, "a third"), (1.0, "all"))

_SECONDS: Final = 600


@dataclass(frozen=True)
class Outcome:
    """One run: seconds until both were done, CPU seconds of each side, bytes both ways, codes found."""

    seconds: float
    cpu: tuple[float, ...]
    sent: int
    asked: tuple[tuple[int, int], ...]
    met: list[int]


# --- one side -----------------------------------------------------------------------------------------------------


def flat_codes(side: int, cells: int) -> Codes:
    """Half of each side's codes are the other's too."""
    random = np.random.default_rng(20_260_101)
    pool = random.permutation(np.unique(random.integers(0, 1 << 54, size=2 * cells)))
    return np.sort(pool[side * (cells // 2) : side * (cells // 2) + cells])


def inputs(side: int, cells: int, common: float) -> Callable[[], Codes]:
    """What a side begins with; for plans, covering them is part of the work."""
    if cells:
        ready = flat_codes(side, cells)
        return lambda: ready
    activities = plans.year(side, common)
    return lambda: cover(activities, YEAR[-1], (plans.FIRST_DAY, plans.LAST_DAY))


def terms_of(cells: int, run: bytes) -> Terms:
    """Both sides' terms."""
    most = size_class(cells) if cells else ELEMENTS
    grids = FLAT if cells else YEAR
    days, people = (plans.FIRST_DAY, plans.LAST_DAY), ("alice@uk", "claire@fr")
    return Terms(run, *NATIONS, "EXERCISE", b"activities", grids, *days, most, BUDGET, NOW, people, Moment(NOW + DAY))


def side_process(side: int, cells: int, common: float, run: bytes, wire: Connection, control: Connection) -> None:
    """One nation: wait for the word, go through the run, report."""
    hash_to_curve([b"compiled before the clock starts"])
    prepare, terms = inputs(side, cells, common), terms_of(cells, run)
    control.send("ready")
    control.recv()
    cpu = time.process_time()
    secret = Secret(os.urandom(32), prepare())
    seat, sent = played(side, terms, secret, wire)
    cpu = time.process_time() - cpu
    found = seat.run.found
    control.send((cpu, sent, tuple(each.sizes for each in found), found[-1].codes.tolist()))


def played(side: int, terms: Terms, secret: Secret, wire: Connection) -> tuple[Seat, int]:
    """From the invitation to the end; a thread takes in what arrives, so that both sides may send at once."""
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, heard), daemon=True).start()
    admitted = Admitted(terms, NATIONS[side], (), BUDGET, NOW)
    own, other = KEYS[side], KEYS[1 - side].public
    if side == 0:
        seat = seats.invite(admitted, secret, own, other)
    else:
        seat = seats.asked(heard.get(timeout=_SECONDS), NATIONS[1], own, other).accept(admitted, secret)
    sent = 0
    while seat.run.phase not in ("done", "ended"):
        if seat.is_due:
            seat, data, _ = seat.send()
            wire.send_bytes(data)
            sent += len(data)
        else:
            seat, _ = seat.receive(heard.get(timeout=_SECONDS))
    return seat, sent


def _listen(wire: Connection, heard: "queue.SimpleQueue[bytes]") -> None:
    while True:
        try:
            heard.put(wire.recv_bytes())
        except (EOFError, OSError):
            return


def floor_process(exchanges: int, control: Connection) -> None:
    """The part of a side's work that nothing in this protocol can save: so many multiplications."""
    multiply = X25519PrivateKey.generate().exchange
    keys = [X25519PublicKey.from_public_bytes(point) for point in hash_to_curve([bytes((n,)) for n in range(250)])]
    control.send("ready")
    control.recv()
    cpu = time.process_time()
    for at in range(exchanges):
        multiply(keys[at % len(keys)])
    control.send(time.process_time() - cpu)


# --- both ---------------------------------------------------------------------------------------------------------


def both(cells: int, common: float = 0.0) -> Outcome:
    """One run of two processes; raises if the sides differ."""
    wires, run = multiprocessing.get_context("spawn").Pipe(), os.urandom(16)
    seconds, reports = _timed(side_process, [(side, cells, common, run, wires[side]) for side in range(2)])
    if reports[0][2:] != reports[1][2:]:
        raise RuntimeError("the two sides found different things")
    return Outcome(
        seconds, tuple(each[0] for each in reports), sum(each[1] for each in reports), reports[0][2], reports[0][3]
    )


def floor(elements: int) -> tuple[float, float]:
    """Seconds and both sides' CPU seconds of the multiplications alone: two for each element of a side's list."""
    seconds, reports = _timed(floor_process, [(2 * elements,)] * 2)
    return seconds, sum(reports)


def _timed(work: Callable[..., None], given: Sequence[tuple[Any, ...]]) -> tuple[float, list[Any]]:
    """Two processes told to begin at once; seconds until both have reported, and what they reported."""
    context = multiprocessing.get_context("spawn")
    controls = [context.Pipe() for _ in given]
    processes = [
        context.Process(target=work, args=(*each, control)) for each, (_, control) in zip(given, controls, strict=True)
    ]
    for process in processes:
        process.start()
    try:
        for ours, _ in controls:
            ours.recv()
        begun = time.perf_counter()
        for ours, _ in controls:
            ours.send("go")
        reports: list[Any] = [ours.recv() for ours, _ in controls]
        return time.perf_counter() - begun, reports
    finally:
        for process in processes:
            process.terminate()
            process.join()


def measured(windows: int, cells: int, common: float = 0.0) -> tuple[Outcome, list[float]]:
    """The median run of so many, checked against the plain intersection, and all their seconds."""
    sets = [inputs(side, cells, common)() for side in range(2)]
    plain = np.intersect1d(*sets).tolist()
    runs = [both(cells, common) for _ in range(windows)]
    if any(run.met != plain for run in runs):
        raise RuntimeError("the result is not the plain intersection")
    middle = statistics.median_low(run.seconds for run in runs)
    return next(run for run in runs if run.seconds == middle), [round(run.seconds, 2) for run in runs]


def works(name: str, seconds: float | None, megabytes: float | None) -> tuple[Work, Work, Work]:
    """Three rows of one piece of work, with goals where it has its full size."""
    return (
        Work(f"{name}: time", "s", "less", seconds),
        Work(f"{name}: CPU, both sides", "CPU s", "less"),
        Work(f"{name}: crossing", "MB", "less", megabytes),
    )


def rows_of(
    found: Outcome, three: tuple[Work, Work, Work], alone: tuple[float, float], peer: tuple[str, psi.Measured] | None
) -> list[Row]:
    """Ours beside the floor, and beside the peer where it ran."""
    ours = (found.seconds, sum(found.cpu), found.sent / MEGABYTE)
    theirs = (peer[1].seconds, peer[1].cpu, peer[1].sent / MEGABYTE) if peer else (None,) * 3
    name = peer[0] if peer else ""
    return [
        row
        for work, our, least, their in zip(three, ours, (*alone, None), theirs, strict=True)
        for row in work.rows(our, [*([(FLOOR, least)] if least else []), (name, their)])
    ]


def peer_of(given: argparse.Namespace, cells: int) -> tuple[str, psi.Measured] | None:
    """OpenMined's PSI over the same two sets, if it can be had; its counts are checked too."""
    with tempfile.TemporaryDirectory() as made:
        python: Path | None = given.psi
        if python is None and not given.quick:
            python = psi.install(Path(made) / "psi")
        if python is None:
            return None
        sets = [flat_codes(side, cells).tolist() for side in range(2)]
        found = psi.both_ways(python, Path(made), (sets[0], sets[1]))
        shared = len(set(sets[0]) & set(sets[1]))
        if any(abs(count - shared) > 2 for count in found.met):
            raise RuntimeError("the peer found something else")
        return f"OpenMined PSI {psi.version(python)}, two runs at once", found


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """All rows."""
    cells = QUICK_CELLS if given.quick else CELLS
    peer = peer_of(given, cells)
    flat, times = measured(effort.windows, cells)
    name = "10^5 cells a side, both directions" if cells == CELLS else f"{cells} cells a side, both directions"
    alone = floor(_asked(flat))
    rows = rows_of(flat, works(name, *((9, 10) if cells == CELLS else (None, None))), alone, peer)
    facts: dict[str, Any] = {"seconds": times, "met": len(flat.met), "CPU of each side": _rounded(flat.cpu)}
    for share, words in SHARES if not given.quick else SHARES[:1]:
        year, times = measured(effort.windows, 0, share)
        rows += rows_of(year, works(f"a year of plans, {words} in common seas", 5, 2), floor(_asked(year)), None)
        facts |= {
            f"year ({words}) seconds": times,
            f"year ({words}) met": len(year.met),
            f"year ({words}) asked by pass": [f"{one} and {other}" for one, other in year.asked],
            f"year ({words}) CPU of each side": _rounded(year.cpu),
        }
    return Report("deconfliction", "Private deconfliction: where two plans meet", rows, facts, _notes(effort, peer))


def _asked(found: Outcome) -> int:
    """Elements of one side in all passes."""
    return sum(sum(pair) for pair in found.asked) // 2


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [round(value, 2) for value in values]


def _notes(effort: Effort, peer: object) -> list[str]:
    return [
        f"Rounds: {effort.windows}; the median counts. The peer ran once." if peer else f"Rounds: {effort.windows}.",
        "Two processes of one thread each, as two nations' machines would be; starting them is outside the clock.",
        "A year of plans begins with shapes: covering 3,000 areas with cells is inside the clock.",
        "Beyond the floor: hashing to the curve, parsing keys, sorting, tags, signing, and one side waiting for the other.",
        "The peer commits to nothing, pads nothing and tells one side only: its two directions ran at once, one process each.",
        *([] if peer else ["OpenMined PSI did not run: it could not be installed here, or this was a quick run."]),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--psi", type=Path, help="the Python of an environment that has openmined.psi")


BENCHMARK: Final = Benchmark(
    "deconfliction",
    "Private deconfliction: where two plans meet",
    measure,
    quick=Effort(1, 1),
    full=Effort(1, 3),
    options=_options,
)

if __name__ == "__main__":
    raise SystemExit(BENCHMARK.run())
