"""The fabric: labelled, end-to-end encrypted messages a second across a border, their delay, and what they cost.

Two real node processes (UK, France) on loopback over real HTTP, SQLite in write-ahead mode with synchronous FULL. A message
counts when the UK's node has answered for it (which it does after its commit) *and* it stands in the room's home log in
France's database (verified, admitted by France's guard, committed); the clock ends with the last one. Afterwards every accepted
envelope is looked for in France by its SHA-256.

The load: several enrolled UK devices in a joint room with a French one, each within the rate limit that all devices have. Each
message has 1 KB of text and is encrypted (hybrid suite), bound to its label and signed by the agent's own outbox *before* the
clock starts; what that costs is a row of its own. Requests are signed then too, for sending is not what is measured. The loads:

    closed loop, 64 at once, one request per message    │ the same pair of loads for every peer that runs here, in turns,
    closed loop, 16 at once, 32 messages per request    │ round by round; the median round counts
    open loop, 50 a second by the clock, and 8          │ delay from the scheduled sending to France's reader's long poll
    two UK agents and a French one, as processes        │ from the first text handed to an agent to the last one decrypted

Peers in the same run: a bare relay (`bench.relay`) that commits each message alone, and the same with group commit: the
floor, without encryption, labels, signatures or logs. Two federated Synapse servers (`bench.synapse`) are installed from PyPI
for a full run, or taken from an environment that has them (`--synapse PYTHON`); beside them, for scale, stand the figures of
two Synapse nodes that were measured elsewhere.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.ground import LABEL, TEXT_BYTES, Ground, NodePair, joint_room, people
from bench.load import Latency, Sustained, Target, latency, sustained
from bench.peers import relay_pair
from bench.synapse import install, synapse_pair, version
from bench.table import Benchmark, Effort, Report, Row, Work
from cordiale.wiring.stage import expect

LANES: Final = 64
BATCH: Final = 32
BATCH_LANES: Final = 16
RATE: Final = 50.0
CALM_RATE: Final = 8.0
"""What every peer keeps up with."""
QUEUE_MS: Final = 1000.0
"""A median delay above this is a growing queue's length, not a delivery time: such a row is left out."""
DEVICES: Final = 5
FIRST_GUESS: Final = 700
"""Messages a second to prepare for before the first window is known."""
SPARE: Final = 1.5
AGENTS_RATE: Final = 20
"""Messages for each second of a window that go through real agents."""

ALONE: Final = "bare relay, a commit per message"
GROUPED: Final = "bare relay, group commit"
ELSEWHERE: Final = "Synapse ×2 (measured elsewhere)"
ELSEWHERE_RATE: Final = 22.0
ELSEWHERE_P95: Final = 507.0

ACROSS: Final = Work("across the border, a request per message", "messages/s", goal=500)
BATCHED: Final = Work("across the border, 32 per request", "messages/s")
P50: Final = Work("delivery at 50/s, p50", "ms", "less")
P95: Final = Work("delivery at 50/s, p95", "ms", "less", goal=250)
CALM: Final = Work("delivery at 8/s, p95", "ms", "less", goal=250)
NEAR_CPU: Final = Work("CPU of the accepting node", "ms/message", "less")
FAR_CPU: Final = Work("CPU of the receiving node", "ms/message", "less")
OUTBOX: Final = Work("agent's outbox: store, encrypt, bind", "CPU ms/message", "less")
AGENTS: Final = Work("typed to read, through real agents", "messages/s")


@dataclass
class Measured:
    """All windows of one target."""

    singles: list[Sustained] = field(default_factory=list[Sustained])
    batches: list[Sustained] = field(default_factory=list[Sustained])
    delays: list[Latency] = field(default_factory=list[Latency])
    calm: list[Latency] = field(default_factory=list[Latency])

    @property
    def rate(self) -> float:
        """The median window's."""
        return statistics.median(window.rate for window in self.singles)

    @property
    def windows(self) -> list[Sustained]:
        """Of both closed loops."""
        return [*self.singles, *self.batches]

    def cpu(self, side: int) -> float:
        """The median window's, of the accepting (0) or the receiving (1) process."""
        return statistics.median(window.cpu[side] for window in self.singles)

    def delay(self, percent: int) -> float:
        """The median of the windows' percentiles at 50/s."""
        return statistics.median(window.at(percent) for window in self.delays)

    def kept_up(self, percent: int) -> float | None:
        """The same; None where 50/s were too much."""
        return None if self.delay(50) > QUEUE_MS else self.delay(percent)

    @property
    def calm_delay(self) -> float:
        """The median window's 95th percentile at 8/s."""
        return statistics.median(window.at(95) for window in self.calm)

    @property
    def slow(self) -> list[Latency]:
        """Of both open loops."""
        return [*self.delays, *self.calm]


def planned(measured: Measured, seconds: float) -> int:
    """How many messages to prepare for a window: more than the last one used."""
    rate = SPARE * measured.singles[-1].rate if measured.singles else FIRST_GUESS
    return int(rate * seconds) + LANES


def nodes_round(pair: NodePair, measured: Measured, seconds: float, devices: int) -> float:
    """One round of all three loads on Cordiale's nodes; CPU seconds per message that the agents' outboxes took."""
    single, delayed, calm = planned(measured, seconds), int(RATE * seconds), int(CALM_RATE * seconds)
    turn = BATCH * devices
    batched = max(1, single // turn) * turn
    spent = time.process_time()
    pair.prepare(single + batched + delayed + calm + 4 * devices)
    spent = time.process_time() - spent
    measured.singles.append(sustained(pair, pair.shots(single, 1), seconds=seconds, lanes=LANES))
    measured.batches.append(sustained(pair, pair.shots(batched, BATCH), seconds=seconds, lanes=BATCH_LANES))
    measured.delays.append(latency(pair, pair.shots(delayed, 1), rate=RATE))
    measured.calm.append(latency(pair, pair.shots(calm, 1), rate=CALM_RATE))
    return spent / (single + batched + delayed + calm)


def peer_round(target: Target, measured: Measured, seconds: float) -> None:
    """One round of the loads on a peer: one request per message, and the open loop."""
    guess = planned(measured, seconds) if measured.singles else int(FIRST_GUESS * 2 * seconds)
    measured.singles.append(sustained(target, target.shots(guess, 1), seconds=seconds, lanes=LANES))
    measured.delays.append(latency(target, target.shots(int(RATE * seconds), 1), rate=RATE))
    measured.calm.append(latency(target, target.shots(int(CALM_RATE * seconds), 1), rate=CALM_RATE))


def through_agents(ground: Ground, count: int) -> float:
    """Messages a second from the first text handed to a UK agent to the last one decrypted in France's."""
    writers, reader = ("alice@uk", "bob@uk"), "claire@fr"
    with people(ground, (*writers, reader)) as members:
        room = joint_room(members).hex()
    for address in (*writers, reader):
        ground.start_agent(address)
    ground.ready(*writers, reader)
    texts = {f"{writer} {number:09d}".ljust(TEXT_BYTES, ".") for writer in writers for number in range(count // 2)}
    after = int(ground.call(reader, "follow", wait=0)["after"])
    begun = time.monotonic()
    _together(lambda who=writer: _write(ground, who, room, texts) for writer in writers)
    while texts:
        found = ground.call(reader, "follow", after=after, wait=25)
        expect(found["messages"], f"{reader} still has to read {len(texts)} texts")
        after = int(found["after"])
        texts -= {message["text"] for message in found["messages"]}
    seconds = time.monotonic() - begun
    for address in (*writers, reader):
        ground.stop(address)
    return count // 2 * 2 / seconds


def _write(ground: Ground, writer: str, room: str, texts: Iterable[str]) -> None:
    for text in sorted(text for text in texts if text.startswith(writer)):
        ground.call(writer, "send", room=room, text=text, label=LABEL, wait_seconds=0)


def _together(jobs: Iterable[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(effort: Effort, given: argparse.Namespace) -> Report:
    """Everything, in one temporary folder that is gone afterwards."""
    ours, outbox = Measured(), list[float]()
    peers: dict[str, Measured] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cordiale-bench-")))
        ground = stack.enter_context(Ground(folder))
        ground.links()
        agents = through_agents(ground, int(AGENTS_RATE * effort.seconds))
        senders = [f"sender-{number}@uk" for number in range(given.devices)]
        members = stack.enter_context(people(ground, [*senders, "denis@fr"]))
        pair = NodePair(ground, members[:-1], members[-1], joint_room(members))
        pair.prepare(1)
        size = len(pair.sample())
        targets: dict[str, Target] = {
            name: stack.enter_context(relay_pair(folder / f"relay-{group}", group=group, size=size))
            for name, group in ((ALONE, 1), (GROUPED, 128))
        }
        name, synapse = federated(stack, folder, given)
        if synapse is not None:
            targets[name] = synapse
        for _ in range(effort.windows):
            outbox.append(1000 * nodes_round(pair, ours, effort.seconds, given.devices))
            for name, target in targets.items():
                peer_round(target, peers.setdefault(name, Measured()), effort.seconds)
    rows = table(ours, peers, statistics.median(outbox), agents)
    return Report("fabric", BENCHMARK.title, rows, counted(ours, size), notes(effort, given.devices))


def federated(stack: ExitStack, folder: Path, given: argparse.Namespace) -> tuple[str, Target | None]:
    """Two Synapse servers, if asked for and to be had."""
    python: Path | None = given.synapse
    if python is None and not given.quick:
        python = install(folder / "environment")
    if python is None:
        return "", None
    return f"Synapse {version(python)} ×2", stack.enter_context(synapse_pair(folder / "synapse", python))


def table(ours: Measured, peers: dict[str, Measured], outbox: float, agents: float) -> list[Row]:
    """Ours beside each peer that did the same work."""

    def beside(value: Callable[[Measured], float | None]) -> list[tuple[str, float | None]]:
        return [(name, value(measured)) for name, measured in peers.items()]

    batched = statistics.median(window.rate for window in ours.batches)
    return [
        *ACROSS.rows(ours.rate, [*beside(lambda one: one.rate), (ELSEWHERE, ELSEWHERE_RATE)]),
        BATCHED.row(batched),
        *P50.rows(ours.delay(50), beside(lambda one: one.kept_up(50))),
        *P95.rows(ours.delay(95), [*beside(lambda one: one.kept_up(95)), (ELSEWHERE, ELSEWHERE_P95)]),
        *CALM.rows(ours.calm_delay, beside(lambda one: one.calm_delay)),
        *NEAR_CPU.rows(ours.cpu(0), beside(lambda one: one.cpu(0))),
        *FAR_CPU.rows(ours.cpu(1), beside(lambda one: one.cpu(1))),
        OUTBOX.row(outbox),
        AGENTS.row(agents),
    ]


def counted(ours: Measured, size: int) -> dict[str, Any]:
    """What a reader can check the rows by."""
    accepted = sum(window.accepted for window in ours.windows)
    missing = sum(window.missing for window in ours.windows)
    delayed = sum(window.sent for window in ours.slow)
    return {
        "sent": sum(window.sent for window in ours.windows) + delayed,
        "accepted": accepted + sum(window.accepted for window in ours.slow),
        "delivered": accepted - missing + sum(window.delivered for window in ours.slow),
        "missing": missing,
        "text_bytes": TEXT_BYTES,
        "envelope_bytes": size,
        "rates": [round(window.rate) for window in ours.singles],
        "drain_seconds": [round(window.drain, 2) for window in ours.singles],
        "p95_ms": [round(window.at(95)) for window in ours.delays],
    }


def notes(effort: Effort, devices: int) -> list[str]:
    """How it was measured."""
    return [
        f"Rounds: {effort.windows}, of {effort.seconds:g} s for each load and peer in turns; the median counts.",
        "A message counts once the UK's node has answered after its commit and France's has verified, admitted and committed it.",
        f"{devices} UK devices within their rate limit; messages encrypted (hybrid suite), bound to their label and signed "
        "before the clock starts (their cost is the outbox row).",
        "The bare relays have the same web server and durability, messages as large as our envelopes, and no security at all: "
        "the ratio is what ours costs.",
        "Synapse, where it ran, had plain texts of 1 KB, lifted rate limits and SQLite as it sets it; "
        "at 50/s, which it cannot keep up with, its delay would be a queue's length and is left out.",
    ]


def options(parser: argparse.ArgumentParser) -> None:
    """Arguments of this benchmark alone."""
    parser.add_argument("--devices", type=int, default=DEVICES, help="UK devices that send, 200 requests a second each")
    parser.add_argument("--synapse", type=Path, help="the Python of an environment that has matrix-synapse")


BENCHMARK: Final = Benchmark(
    "fabric", "Fabric: messages across a border", measure, Effort(1.5, 1), Effort(6.0, 3), options
)

if __name__ == "__main__":
    sys.exit(BENCHMARK.run())
