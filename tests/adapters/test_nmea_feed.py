"""Sentences over real sockets: nothing mixed, nothing lost in silence, connections made again."""

import selectors
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import polars as pl
import pytest

from cordiale.adapters import nmea_feed
from cordiale.adapters.nmea_feed import Feed
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.vocab.moment import Moment
from desks.maritime.ingest.forge import lines, position, sentences, voyage

NOW = Moment(1_720_396_800_000)
(SENTENCE,) = sentences(position())


def feed(kind: str, port: int = 0) -> Feed:
    return Feed(kind, "127.0.0.1", port, clock=lambda: NOW)


def gathered(found: Iterator[Batch], count: int, seconds: float = 20) -> list[Batch]:
    """Batches until there are so many positions and identities."""
    until, batches = time.monotonic() + seconds, list[Batch]()
    for batch in found:
        batches.append(batch)
        if sum(len(each.positions) + len(each.statics) for each in batches) >= count or time.monotonic() > until:
            break
    return batches


def rows(batches: list[Batch]) -> tuple[int, int]:
    return sum(len(each.positions) for each in batches), sum(len(each.statics) for each in batches)


def send_datagrams(port: int, *datagrams: bytes) -> socket.socket:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for each in datagrams:
        sender.sendto(each, ("127.0.0.1", port))
    return sender


def test_datagrams_with_and_without_line_ends() -> None:
    with closing(feed("udp")) as found:
        send_datagrams(
            found.port, SENTENCE.encode(), f"{SENTENCE}\r\n{SENTENCE}\r\n".encode(), b"\xff\x00rubbish"
        ).close()
        batches = gathered(found.batches(), 3)
        assert rows(batches) == (3, 0)
        assert pl.concat(each.positions for each in batches)["time"].unique().to_list() == [NOW]


def test_parts_of_two_senders_are_not_mixed() -> None:
    one, two = (sentences(voyage(200_000_001 + number), parts=2, sequence="1") for number in range(2))
    with closing(feed("udp")) as found:
        first = send_datagrams(found.port, one[0].encode())
        second = send_datagrams(found.port, two[0].encode())
        second.sendto(two[1].encode(), ("127.0.0.1", found.port))
        first.sendto(one[1].encode(), ("127.0.0.1", found.port))
        batches = gathered(found.batches(), 2)
        assert sorted(pl.concat(each.statics for each in batches)["mmsi"]) == [200_000_001, 200_000_002]
        first.close()
        second.close()


def test_receivers_connect_and_a_line_may_come_in_pieces() -> None:
    with closing(feed("tcp")) as found, socket.create_connection(("127.0.0.1", found.port)) as sender:
        batches = found.batches()
        for piece in (SENTENCE[:20], SENTENCE[20:] + "\n" + SENTENCE):
            sender.sendall(piece.encode())
            time.sleep(0.15)
        sender.sendall(b"\n")
        assert rows(gathered(batches, 2)) == (2, 0)
        assert found.counters.connections == 1


def test_a_lost_connection_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nmea_feed, "_RETRY_SECONDS", (0.05,))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            for _ in range(3):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(lines([SENTENCE]) + b"!AIVDM,cut")

        served = threading.Thread(target=serve)
        served.start()
        with closing(feed("connect", port)) as found:
            assert rows(gathered(found.batches(), 3)) == (3, 0)
            served.join()
        assert found.counters.connections >= 3
        assert found.counters.lost >= 2


def test_a_server_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nmea_feed, "_RETRY_SECONDS", (0.05,))
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with closing(feed("connect", port)) as found:
        time.sleep(0.2)
        with socket.create_server(("127.0.0.1", port)) as server:
            connection, _ = server.accept()
            with connection:
                connection.sendall(lines([SENTENCE]))
                assert rows(gathered(found.batches(), 1)) == (1, 0)


def test_what_finds_no_room_is_dropped_or_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nmea_feed, "WAITING_BYTES", 1_000)
    monkeypatch.setattr(nmea_feed, "_READ_BYTES", 500)
    with closing(feed("udp")) as found:
        send_datagrams(found.port, *[SENTENCE.encode()] * 100).close()
        until = time.monotonic() + 10
        while not found.counters.dropped and time.monotonic() < until:
            time.sleep(0.01)
        assert found.counters.dropped > 0
        assert found.counters.received > found.counters.dropped
    with closing(feed("tcp")) as found, socket.create_connection(("127.0.0.1", found.port)) as sender:
        sender.sendall(lines([SENTENCE] * 100))
        assert rows(gathered(found.batches(), 100)) == (100, 0)
        assert found.counters.dropped == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how many datagrams it dropped")
def test_datagrams_that_the_system_drops_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nmea_feed, "_SYSTEM_BYTES", 4_096)
    may_read, waits, select = threading.Event(), threading.Event(), selectors.DefaultSelector.select

    def held(self: selectors.DefaultSelector, timeout: float | None = None) -> object:
        waits.set()
        may_read.wait(60)
        return select(self, timeout)

    monkeypatch.setattr(selectors.DefaultSelector, "select", held)
    with closing(feed("udp")) as found:
        waits.wait(60)
        send_datagrams(found.port, *[SENTENCE.encode()] * 500).close()
        may_read.set()
        taken = sum(rows(gathered(found.batches(), 1)))
        send_datagrams(found.port, SENTENCE.encode()).close()  # with it comes how many were dropped before
        taken += sum(rows(gathered(found.batches(), 1)))
        assert 0 < found.counters.overflowed == 501 - taken


def test_a_line_without_an_end_is_given_up() -> None:
    with closing(feed("tcp")) as found, socket.create_connection(("127.0.0.1", found.port)) as sender:
        sender.sendall(b"x" * 200_000 + b"\n" + lines([SENTENCE]))
        assert rows(gathered(found.batches(), 1)) == (1, 0)
        assert found.tally.refused["line too long"].count >= 1


def test_batches_come_even_if_nothing_does_and_end_when_it_is_closed() -> None:
    found = feed("udp")
    batches = found.batches()
    begun = time.monotonic()
    assert rows([next(batches)]) == (0, 0)
    assert time.monotonic() - begun < 5
    found.close()
    assert rows(list(batches)) == (0, 0)
