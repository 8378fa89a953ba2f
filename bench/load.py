"""A light load generator: requests are prepared before the clock starts and sent as raw HTTP/1.1 over kept connections.

    closed loop   `lanes` senders, each sends its next request as soon as the one before is answered
    open loop     a request every 1/rate seconds by the clock, whether or not earlier ones were answered

The clock of a closed loop ends when the last accepted message is durable on both sides, which the target is asked for.
Time is `time.monotonic()` everywhere.
"""

import asyncio
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bench.table import percentile

OK: Final = 200
DRAIN_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.005
_IDLE_LANES: Final = 8


@dataclass(frozen=True)
class Shot:
    """One prepared request: its bytes on the wire, and the digests of the messages in it."""

    wire: bytes
    messages: tuple[bytes, ...]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


Heard = Callable[[bytes], None]
"""Told the digest of a message that the far side's reader has received."""


class Target(Protocol):
    """Two processes: messages are submitted to the first and read at the second."""

    @property
    def address(self) -> tuple[str, int]:
        """Where to submit."""
        ...

    @property
    def pids(self) -> tuple[int, int]:
        """The accepting and the receiving process."""
        ...

    def shots(self, messages: int, batch: int) -> list[Shot]:
        """Fresh requests with that many messages, `batch` in each."""
        ...

    def accepted(self, shot: Shot, answer: Answer) -> list[bytes]:
        """The digests of those messages that the answer acknowledges as durable."""
        ...

    def arrived(self) -> int:
        """How many messages the far side holds durably, all time."""
        ...

    def missing(self, digests: Iterable[bytes]) -> int:
        """How many of these the far side does not hold, compared one by one."""
        ...

    def listening(self, heard: Heard) -> AbstractContextManager[None]:
        """A reader on the far side that waits for messages by long poll."""
        ...


@dataclass(frozen=True)
class Sustained:
    """One window of a closed loop. CPU is milliseconds per accepted message, of the accepting and receiving process."""

    seconds: float
    sent: int
    accepted: int
    missing: int
    drain: float
    cpu: tuple[float, float]

    @property
    def rate(self) -> float:
        """Messages a second, accepted and durable on both sides."""
        return self.accepted / self.seconds


@dataclass(frozen=True)
class Latency:
    """One open loop: milliseconds from the scheduled sending to the far reader's hands, of every message."""

    sent: int
    accepted: int
    delivered: int
    milliseconds: tuple[float, ...]

    def at(self, percent: int) -> float:
        """A percentile."""
        return percentile(self.milliseconds, percent)


class Wire(asyncio.Protocol):
    """One kept HTTP/1.1 connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(self._buffer) < end + 4 + length or self._waiting is None:
            return
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        self._buffer.clear()
        self._waiting.set_result(Answer(int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("the server hung up"))

    async def ask(self, data: bytes) -> Answer:
        """Send and wait for the answer."""
        if self._transport is None or self.closed:
            raise ConnectionResetError("not connected")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._waiting

    def close(self) -> None:
        """Hang up."""
        self._waiting = None
        if self._transport is not None:
            self._transport.close()


async def connected(address: tuple[str, int]) -> Wire:
    """A new connection."""
    _, wire = await asyncio.get_running_loop().create_connection(Wire, *address)
    return wire


def request(method: str, path: str, host: str, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The bytes of a request on the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def digest(message: bytes) -> bytes:
    """How a message is recognised on the other side."""
    return hashlib.sha256(message).digest()


def sustained(target: Target, shots: Sequence[Shot], *, seconds: float, lanes: int) -> Sustained:
    """Send for `seconds` from `lanes` senders at once, then wait until everything accepted is durable on both sides."""
    before, weighed = target.arrived(), [cpu_seconds(pid) for pid in target.pids]
    begun = time.monotonic()
    answers = asyncio.run(_closed_loop(target.address, deque(shots), seconds, lanes))
    sent_at = time.monotonic()
    taken = [found for shot, answer in answers for found in target.accepted(shot, answer)]
    deadline = time.monotonic() + DRAIN_SECONDS
    while target.arrived() - before < len(taken) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    ended = time.monotonic()
    spent = [cpu_seconds(pid) - was for pid, was in zip(target.pids, weighed, strict=True)]
    cpu = [1000 * each / max(len(taken), 1) for each in spent]
    sent = sum(len(shot.messages) for shot, _ in answers)
    return Sustained(
        ended - begun, sent, len(taken), target.missing(taken), ended - sent_at, (round(cpu[0], 4), round(cpu[1], 4))
    )


async def _closed_loop(
    address: tuple[str, int], shots: deque[Shot], seconds: float, lanes: int
) -> list[tuple[Shot, Answer]]:
    wires = [await connected(address) for _ in range(lanes)]
    until = time.monotonic() + seconds
    answers: list[tuple[Shot, Answer]] = []

    async def send(wire: Wire) -> None:
        while shots and time.monotonic() < until:
            shot = shots.popleft()
            answers.append((shot, await wire.ask(shot.wire)))

    await asyncio.gather(*(send(wire) for wire in wires))
    for wire in wires:
        wire.close()
    return answers


def latency(target: Target, shots: Sequence[Shot], *, rate: float) -> Latency:
    """Send by the clock; what never arrives counts as the whole time that was waited for it."""
    heard: dict[bytes, float] = {}

    def note(message: bytes) -> None:
        heard.setdefault(message, time.monotonic())

    with target.listening(note):
        due, answers = asyncio.run(_open_loop(target.address, shots, rate))
        taken = {found for shot, answer in answers for found in target.accepted(shot, answer)}
        deadline = time.monotonic() + DRAIN_SECONDS
        while not taken <= heard.keys() and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        ended = time.monotonic()
    late = tuple(
        1000 * (heard.get(message, ended) - due[message])
        for shot in shots
        for message in shot.messages
        if message in due
    )
    return Latency(len(due), len(taken), len(taken & heard.keys()), late)


async def _open_loop(
    address: tuple[str, int], shots: Sequence[Shot], rate: float
) -> tuple[dict[bytes, float], list[tuple[Shot, Answer]]]:
    idle = [await connected(address) for _ in range(_IDLE_LANES)]
    due: dict[bytes, float] = {}

    async def fire(shot: Shot) -> tuple[Shot, Answer]:
        wire = idle.pop() if idle else None
        if wire is None or wire.closed:  # the server hangs up on who was silent for long
            wire = await connected(address)
        answer = await wire.ask(shot.wire)
        idle.append(wire)
        return shot, answer

    begun = time.monotonic() + 0.1
    flying: list[asyncio.Task[tuple[Shot, Answer]]] = []
    for place, shot in enumerate(shots):
        at = begun + place / rate
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        due.update(dict.fromkeys(shot.messages, at))
        flying.append(asyncio.create_task(fire(shot)))
    answers = await asyncio.gather(*flying)
    for wire in idle:
        wire.close()
    return due, answers


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 where the system does not tell (no procfs)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
