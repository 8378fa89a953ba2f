"""NMEA 0183: how many lines a second become rows, beside pyais on the same lines in the same run.

The lines are made by a seed: position reports of class A and B, identity reports in two sentences, base stations, with tag
blocks as coastal stations send them, one in fifty with a wrong checksum. Both sides check every checksum, put parts together
and decode every field that we keep; ours in one thread, by CPU time. pyais gets fewer lines, as it takes longer.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from pyais.exceptions import AISBaseException
from pyais.stream import IterMessages

from bench.table import Benchmark, Effort, Report, Row, Work
from cordiale.desks.maritime.ingest.nmea import Decoder
from cordiale.desks.maritime.ingest.tally import Tally

LINES: Final = 400_000
QUICK: Final = 100_000
PEER_LINES: Final = 20_000
GOAL: Final = 2_000_000
_BEGIN: Final = 1_720_396_800
_WRONG_EVERY: Final = 50


def made(lines: int, seed: int = 1) -> bytes:
    """About so many lines."""
    random = np.random.default_rng(seed)
    found: list[str] = []
    while len(found) < lines:
        number = len(found)
        kind = str(random.choice(["1", "3", "18", "5", "4"], p=[0.5, 0.2, 0.15, 0.1, 0.05]))
        payload = _payload(int(kind), random)
        pieces = [payload] if len(payload) <= 60 else [payload[:60], payload[60:]]
        for part, piece in enumerate(pieces, 1):
            sequence = number % 10 if len(pieces) > 1 else ""
            fill = 2 if kind == "5" and part == len(pieces) else 0
            body = _checked(f"BSVDM,{len(pieces)},{part},{sequence},{'AB'[number % 2]},{piece},{fill}")
            if number % _WRONG_EVERY == 0:
                body = body[:-2] + "ZZ"
            found.append(f"\\{_checked(f's:257{number % 40:04},c:{_BEGIN + number // 300}')}\\!{body}")
    return ("\n".join(found) + "\n").encode()


def _payload(kind: int, random: np.random.Generator) -> str:
    """Random bits behind a true type, number and, so that it can be kept, place."""
    characters = {5: 71}.get(kind, 28)
    bits = random.integers(0, 2, 6 * characters)
    _put(bits, 0, 6, kind)
    _put(bits, 8, 30, int(random.integers(200_000_000, 780_000_000)))
    lon, lat = {18: (57, 85), 4: (79, 107)}.get(kind, (61, 89))
    if kind != 5:
        _put(bits, lon, 28, int(random.integers(-(10**8), 10**8)) & (2**28 - 1))
        _put(bits, lat, 27, int(random.integers(-5 * 10**7, 5 * 10**7)) & (2**27 - 1))
    values = bits.reshape(-1, 6) @ (1 << np.arange(5, -1, -1))
    return "".join(chr(value + (48 if value < 40 else 56)) for value in values.tolist())


def _put(bits: Any, start: int, length: int, value: int) -> None:
    bits[start : start + length] = [value >> place & 1 for place in range(length - 1, -1, -1)]


def _checked(body: str) -> str:
    check = 0
    for character in body:
        check ^= ord(character)
    return f"{body}*{check:02X}"


def ours(data: bytes) -> int:
    """Messages kept, and others by type."""
    tally = Tally()
    decoder = Decoder(tally)
    decoder.decode(data)
    decoder.finish()
    return tally.kept


def theirs(data: bytes) -> int:
    """Messages that pyais decodes; it takes a wrong checksum as it comes, so that those are looked at here."""
    count = 0
    bare = [line[line.index(b"!") :] for line in data.splitlines()]
    for message in IterMessages(bare):
        if message.is_valid:
            try:
                message.decode()
            except (AISBaseException, ValueError):
                continue
            count += 1
    return count


def _rate(work: Callable[[bytes], int], data: bytes, windows: int) -> tuple[float, int]:
    """Lines for each second of this process's CPU time: the median of the windows, and what came of them."""
    rates, count = list[float](), 0
    for _ in range(windows):
        begun = time.process_time()
        count = work(data)
        rates.append(data.count(b"\n") / (time.process_time() - begun))
    return statistics.median(rates), count


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """Both sides."""
    data = made(QUICK if given.quick else LINES)
    few = b"\n".join(data.split(b"\n")[:PEER_LINES]) + b"\n"
    if ours(few) != theirs(few):
        raise AssertionError("ours and pyais don't keep the same number of messages")
    rate, kept = _rate(ours, data, effort.windows)
    peer, _ = _rate(theirs, few, 1 if given.quick else effort.windows)
    work = Work("NMEA lines decoded, tag blocks and parts included", "lines/CPU s", goal=GOAL)
    rows: list[Row] = [work.row(rate, f"pyais {version('pyais')}", peer)]
    facts = {"lines": data.count(b"\n"), "bytes": len(data), "messages_kept": kept, "peer_lines": PEER_LINES}
    notes = [
        "One thread, to tables of rows in memory; a process compiles the decoder once for its version, outside the clock."
    ]
    return Report("nmea", BENCHMARK.title, rows, facts, notes)


BENCHMARK: Final = Benchmark("nmea", "AIS from NMEA 0183", measure, quick=Effort(1.0, 3), full=Effort(1.0, 5))

if __name__ == "__main__":
    sys.exit(BENCHMARK.run())
