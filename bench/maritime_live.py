"""Live watch: from a sentence on the network to its alert, at 5,000 messages a second; and how many it takes at most.

    python -m bench.maritime_live [--quick]

First a process sends position reports as NMEA 0183 over UDP on loopback, one in a datagram, 5,000 a second, as receivers do; now
and then a vessel jumps farther than any goes, and from then until its alert is told is what is measured: the feed, decoding, the
journal, the detectors, and letting the alert stand in the store, while another thread records everything in the archive.

Then the same from rows on, for longer, some of them late, and nobody waits for the clock: what a message waits is the time until
its batch of a tenth of a second would be begun (late where the one before took too long) plus the time that its batch takes.
"""

import argparse
import multiprocessing
import socket
import tempfile
import time
from contextlib import closing
from functools import reduce
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyais.encode import encode_dict

from bench.table import Benchmark, Effort, Report, Row, Work
from cordiale.adapters.nmea_feed import Feed
from cordiale.desks.maritime.ingest.batch import nothing
from cordiale.desks.maritime.ingest.nmea import Decoder
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.desks.maritime.picture.alert import mmsi_of
from cordiale.desks.maritime.schema import DEGREE, POSITION
from cordiale.desks.maritime.table import frame
from cordiale.wiring.maritime_batch import Order
from cordiale.wiring.maritime_watch import Watching

RATE: Final = 5_000
VESSELS: Final = 5_000
BATCH: Final = 0.1
JUMP_EVERY: Final = 1_000
"""Messages; a fifth of a second."""
SENT_SECONDS: Final = 30
SENT_QUICK: Final = 10
JUMPS: Final = (0, 100, 200, 300, 400, 500)
"""Which of them are the reports of one that jumps."""
JUMPERS: Final = 228_000_000
_STEP: Final = 0.01
"""Seconds; so often some are sent."""
_PATIENCE: Final = 5.0
"""Seconds after the last sentence in which its alert may still come."""


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


class Sentence(NamedTuple):
    """A report as it is sent; `age` in seconds is how long ago it was heard, `jump` the MMSI whose jump it confirms, or 0."""

    line: bytes
    age: int = 0
    jump: int = 0


def sentences(seconds: int) -> list[Sentence]:
    """The same fleet's reports, in the order of sending. In each fifth of a second one vessel's last six come."""
    found = list[Sentence]()
    for number in range(seconds * RATE):
        turn, place = divmod(number, VESSELS)
        jumper, on = divmod(number, JUMP_EVERY)
        mmsi, lon, lat = 227_000_000 + place, -8 + 3 * (place % 71) / 71, 45 + 2 * (place % 73) / 73 + turn / 20_000
        age = jump = 0
        if on in JUMPS:
            age = 40 * (len(JUMPS) - 1 - JUMPS.index(on))
            mmsi, lon, lat = JUMPERS + jumper, -8.0 if age > 80 else -6.0, 45.0
            jump = 0 if age else mmsi
        report: dict[str, str | int | float | bytes | bool] = {
            "msg_type": 1, "mmsi": mmsi, "lon": lon, "lat": lat, "speed": 10.8, "course": 0, "heading": 0, "status": 0,
        }  # fmt: skip
        found.append(Sentence(encode_dict(report, talker_id="BS")[0].encode() + b"\r\n", age, jump))
    return found


def tag(seconds: int) -> bytes:
    """A tag block with a time, as a coastal station puts it before a sentence."""
    body = f"c:{seconds}"
    return f"\\{body}*{reduce(lambda one, other: one ^ other, body.encode()):02X}\\".encode()


def send(port: int, seconds: int, back: Connection) -> None:
    """Send them when they are due; when the jumps were sent goes back, by MMSI, on the system's clock."""
    lines = sentences(seconds)
    sent, at_once = dict[int, float](), round(RATE * _STEP)
    back.send("ready")
    back.recv()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as out:
        begin = time.monotonic()
        for first in range(0, len(lines), at_once):
            time.sleep(max(0.0, begin + first / RATE - time.monotonic()))
            now = int(time.time())
            for line, age, jump in lines[first : first + at_once]:
                out.sendto(tag(now - age) + line, ("127.0.0.1", port))
                if jump:
                    sent[jump] = time.time()
    back.send(sent)


def over_the_network(seconds: int) -> tuple[NDArray[np.float64], dict[str, int]]:
    """What each jump waits for its alert, in seconds, `_PATIENCE` where none came; and what became of all."""
    here, there = multiprocessing.Pipe()
    feed = Feed("udp", "127.0.0.1", 0)
    told, sent, end = dict[int, float](), dict[int, float](), 0.0
    sender = multiprocessing.get_context("spawn").Process(target=send, args=(feed.port, seconds, there), daemon=True)
    with tempfile.TemporaryDirectory() as folder:
        watching = Watching(Order(Path(folder)))
        watching.take(nothing()._replace(positions=frame(messages(1)[:500])))
        watching.settle()
        Decoder(Tally()).decode(b"".join(tag(0) + each.line for each in sentences(1)[:500]))  # both compile
        sender.start()
        there.close()
        here.recv()
        here.send("go")
        for batch in feed.batches():
            for change in watching.take(batch):
                if change.before is None and change.finding.detector == "jump":
                    told[mmsi_of(change.finding)[0]] = time.time()
            if not sent and here.poll():
                sent, end = here.recv(), time.monotonic() + _PATIENCE
            if sent and (told.keys() >= sent.keys() or time.monotonic() > end):
                break
        feed.close()
        for batch in feed.batches():
            watching.take(batch)
        watching.close()
    sender.join()
    waits = [told.get(mmsi, when + _PATIENCE) - when for mmsi, when in sent.items()]
    facts = {
        "sentences_sent": seconds * RATE,
        "sentences_taken": watching.watch.live.counted.taken - 500,
        "bytes_without_room": feed.counters.dropped,
        "datagrams_without_room": feed.counters.overflowed,
        "jumps": len(sent),
        "jumps_told": len(told),
    }
    return np.array(waits), facts


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
    jumps, sent = over_the_network(SENT_SECONDS if effort.seconds > SENT_SECONDS else SENT_QUICK)
    waits, work, counted = delays(messages(round(effort.seconds)))
    rows: list[Row] = [
        Work("sentence over UDP to alert at 5,000 messages/s: p99", "s", "less", 1.0).row(
            float(np.quantile(jumps, 0.99))
        ),
        Work("message to alert at 5,000 messages/s: p99", "s", "less", 1.0).row(float(np.quantile(waits, 0.99))),
        Work("message to alert at 5,000 messages/s: worst", "s", "less").row(float(waits.max())),
        Work("messages taken, one process", "/s", "more", RATE).row(len(waits) / work),
    ]
    facts = {**sent, "messages": len(waits), "vessels": VESSELS, **counted}
    notes = [
        "No peer takes late reports back: the published figures are EMSA's some 15 minutes and Skylight's some hour.",
        "Journal, store and archive included. In the rows after the first messages are rows already: decoding has a benchmark "
        "of its own. What compiles is not counted.",
    ]
    return Report("maritime_live", "Live watch at sea", rows, facts, notes)


BENCHMARK: Final = Benchmark("maritime_live", "Live watch at sea", measure, quick=Effort(10, 1), full=Effort(420, 1))

if __name__ == "__main__":
    raise SystemExit(BENCHMARK.run())
