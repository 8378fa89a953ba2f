"""NMEA 0183 as it comes over the network: a server to connect to (TCP), or receivers that send here (TCP or UDP).

One thread reads; what waits to be decoded is bounded. Over TCP reading stops until there is room, so that the sender waits;
a datagram that finds no room is dropped, and counted, as are those for which the system had none (on Linux). Every sender has
a decoder of its own, so that parts of messages of two receivers aren't mixed. A lost connection is made again, after a second
first and then up to half a minute.
"""

import selectors
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from cordiale.adapters.clock import system_clock
from cordiale.desks.maritime.ingest.batch import Batch, nothing, together
from cordiale.desks.maritime.ingest.nmea import Decoder
from cordiale.desks.maritime.ingest.source import LINE_BYTES
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.errors import StorageFailed, Unreachable
from cordiale.vocab.moment import Clock
from cordiale.wire import limits

DELAY_SECONDS: Final = 0.1
"""How long a sentence waits at most before it is decoded."""
WAITING_BYTES: Final = 16 * limits.MIB
SENDERS: Final = 64
"""Connections at once; datagrams of further senders share a decoder."""
_READ_BYTES: Final = 256 * limits.KIB
_SYSTEM_BYTES: Final = 8 * limits.MIB
"""Asked of the system to hold what comes while nobody reads; it may give less."""
_DATAGRAM_BYTES: Final = 64 * limits.KIB
_RXQ_OVFL: Final = 40
"""Linux's socket option SO_RXQ_OVFL: how many datagrams it has dropped comes with each that follows."""
_COUNT: Final = struct.Struct("=I")
_LINES_AT_ONCE: Final = 2_048
_RETRY_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
_CONNECT_SECONDS: Final = 10.0


@dataclass
class Counters:
    """What came in since the start."""

    received: int = 0
    """Bytes."""
    dropped: int = 0
    """Bytes for which there was no room."""
    overflowed: int = 0
    """Datagrams for which the system had no room."""
    connections: int = 0
    lost: int = 0
    """Connections that ended."""
    refused: int = 0
    """Connections beyond `SENDERS`."""
    connected: int = 0
    """Connections now."""


@dataclass
class _Sender:
    """One receiver's bytes on their way to its decoder."""

    decoder: Decoder
    rest: bytes = b""
    """A line whose end hasn't come."""
    whole: list[bytes] = field(default_factory=list[bytes])


class Feed:
    """A source of sentences. Close it; what it gives ends then."""

    def __init__(self, kind: str, host: str, port: int, *, clock: Clock = system_clock) -> None:
        """`kind` is "connect" (TCP, to a server), "tcp" or "udp" (listen). Raises `StorageFailed` where it can't listen."""
        self.tally, self.counters = Tally(), Counters()
        self._kind, self._address, self._clock = kind, (host, port), clock
        self._senders: dict[object, _Sender] = {}
        self._waiting = 0
        self._news = threading.Condition()
        self._closing = False
        self._selector = selectors.DefaultSelector()
        self.port = port if kind == "connect" else self._listen()
        self._thread = threading.Thread(target=self._run, name="nmea-feed", daemon=True)
        self._thread.start()

    def batches(self) -> Iterator[Batch]:
        """What came, every `DELAY_SECONDS` at the latest; empty where nothing did, so that time can be told."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closing, DELAY_SECONDS)
                ready = [(each.decoder, b"".join(each.whole)) for each in self._senders.values() if each.whole]
                for each in self._senders.values():
                    each.whole = []
                self._waiting = 0
                self._news.notify_all()
                ended = self._closing
            now = self._clock()
            yield together([nothing(), *(decoder.decode(data, now) for decoder, data in ready)])
            if ended:
                return

    def close(self) -> None:
        """Stop reading; what waits is still handed out."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join(_CONNECT_SECONDS + 1)
        self._selector.close()

    # --- in the reading thread ------------------------------------------------------------------------------------

    def _listen(self) -> int:
        family, kind, _, _, address = _resolved(self._address, self._kind)
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen(SENDERS)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SYSTEM_BYTES)
                if sys.platform == "linux":
                    listener.setsockopt(socket.SOL_SOCKET, _RXQ_OVFL, 1)
        except OSError as fault:
            listener.close()
            raise StorageFailed(f"{self._address[0]}:{self._address[1]}: {fault.strerror}") from None
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, None)
        return int(listener.getsockname()[1])

    def _run(self) -> None:
        attempt, next_try = 0, 0.0
        while not self._closing:
            if self._kind == "connect" and not self._selector.get_map() and time.monotonic() >= next_try:
                attempt = 0 if self._connect() else attempt + 1
                next_try = time.monotonic() + _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
            for key, _ in self._selector.select(DELAY_SECONDS):
                self._ready(key)
        for key in list(self._selector.get_map().values()):
            self._drop(key.fileobj)

    def _connect(self) -> bool:
        try:
            connection = socket.create_connection(self._address, _CONNECT_SECONDS)
        except OSError:
            return False
        self._adopt(connection)
        return True

    def _ready(self, key: selectors.SelectorKey) -> None:
        source = key.fileobj
        if not isinstance(source, socket.socket):
            return
        try:
            if source.type == socket.SOCK_DGRAM:
                self._datagrams(source)
            elif key.data is None:
                self._accept(source)
            else:
                data = source.recv(_READ_BYTES)
                if data:
                    self._take(source, data, wait=True)
                else:
                    self._drop(source)
        except BlockingIOError:
            return
        except OSError:
            if key.data is not None:
                self._drop(source)

    def _datagrams(self, source: socket.socket) -> None:
        """What is there, each sender's together."""
        found, size = dict[object, list[bytes]](), 0
        try:
            while size < _READ_BYTES:
                data, told, _, sender = source.recvmsg(_DATAGRAM_BYTES, socket.CMSG_SPACE(_COUNT.size))
                found.setdefault(sender, []).append(data)
                size += len(data) + 1
                for level, what, count in told:
                    if (level, what) == (socket.SOL_SOCKET, _RXQ_OVFL):
                        self.counters.overflowed = _COUNT.unpack(count)[0]
        except BlockingIOError:
            pass
        for sender, parts in found.items():
            self._take(sender, b"\n".join([*parts, b""]), wait=False)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        if len(self._selector.get_map()) > SENDERS:
            self.counters.refused += 1
            connection.close()
            return
        self._adopt(connection)

    def _adopt(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, connection)
        self.counters.connections += 1
        self.counters.connected += 1

    def _drop(self, source: object) -> None:
        """A connection ended: its last line counts only if it is whole."""
        if not isinstance(source, socket.socket):
            return
        key = self._selector.unregister(source)
        with suppress(OSError):
            source.close()
        if key.data is not None:
            self.counters.lost += 1
            self.counters.connected -= 1

    def _take(self, sender: object, data: bytes, *, wait: bool) -> None:
        """Put bytes to what waits; without `wait` they are dropped where there is no room."""
        self.counters.received += len(data)
        with self._news:
            if wait:
                self._news.wait_for(lambda: self._closing or self._waiting + len(data) <= WAITING_BYTES)
            if self._waiting + len(data) > WAITING_BYTES:
                self.counters.dropped += len(data)
                return
            found = self._sender(sender)
            cut = data.rfind(b"\n") + 1
            if cut:
                found.whole.append(found.rest + data[:cut])
                self._waiting += len(found.rest) + cut
                found.rest = data[cut:]
            else:
                found.rest += data
            if len(found.rest) > LINE_BYTES:
                self.tally.refuse("line too long", [], 1)
                self.counters.dropped += len(found.rest)
                found.rest = b""

    def _sender(self, sender: object) -> _Sender:
        if sender not in self._senders:
            for gone in [each for each, found in self._senders.items() if _closed(each) and not found.whole]:
                del self._senders[gone]
        if sender not in self._senders and len(self._senders) >= SENDERS:
            sender = None
        if sender not in self._senders:
            self._senders[sender] = _Sender(Decoder(self.tally, at_once=_LINES_AT_ONCE))
        return self._senders[sender]


def _closed(sender: object) -> bool:
    return isinstance(sender, socket.socket) and sender.fileno() < 0


def _resolved(address: tuple[str, int], kind: str) -> tuple[int, int, int, str, tuple[str | int | bytes, ...]]:
    wanted = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    try:
        found = socket.getaddrinfo(*address, type=wanted, flags=socket.AI_PASSIVE)[0]
    except OSError as fault:
        raise Unreachable(f"{address[0]} ({fault.strerror})", what="the address") from None
    return (found[0], found[1], found[2], found[3], tuple(found[4]))
