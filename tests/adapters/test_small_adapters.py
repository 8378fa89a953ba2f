"""Clock, journal, metrics, rate limits, memory, listeners and the peers' client: the small ones."""

import asyncio
import io
import json
import time
from pathlib import Path

import pytest

from adapters.kit import HOST, RunningNode, found, free_port
from cordiale.adapters import journal, rate_limit
from cordiale.adapters.clock import system_clock
from cordiale.adapters.listener import Listener
from cordiale.adapters.long_poll import LongPolls
from cordiale.adapters.metrics import NodeMetrics
from cordiale.adapters.peer_client import PeerClients
from cordiale.adapters.rate_limit import RateLimit
from cordiale.adapters.remembered import Remembered
from cordiale.errors import NotFound, StorageFailed, TooBusy, Unauthorised, Unreachable
from cordiale.federation.session import Pull, border_log
from cordiale.vocab.party import Address, Nation

UK, FR = Nation("uk"), Nation("fr")


def test_the_clock_is_the_machines() -> None:
    assert abs(system_clock() - time.time() * 1000) < 1000


def test_the_journal_writes_listed_keys_only_one_object_a_line() -> None:
    stream = io.StringIO()
    journal.configure(stream, level="info")
    journal.journal().info("import refused", peer="uk", offset=3, text="SECRET plan", label=b"x", subject="Channel")
    journal.journal().debug("not shown")
    journal.journal().error("fault", fault="x" * 999)
    journal.configure(io.StringIO())
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert {key: first[key] for key in ("event", "level", "peer", "offset")} == {
        "event": "import refused",
        "level": "info",
        "peer": "uk",
        "offset": 3,
    }
    assert set(first) == {"event", "level", "peer", "offset", "time"}
    assert len(second["fault"]) == 200
    assert "SECRET" not in stream.getvalue()


def test_metrics_are_a_registry_of_their_own() -> None:
    first, second = NodeMetrics(), NodeMetrics()
    first.accepted.inc()
    first.committed(3, 0.01)
    assert b"cordiale_accepted_total 1.0" in first.text()
    assert b"cordiale_accepted_total 0.0" in second.text()
    assert b"cordiale_batch_jobs_sum 3.0" in first.text()


def test_a_bucket_holds_a_seconds_worth_and_fills_again() -> None:
    now = [0.0]
    limit = RateLimit(3, clock=lambda: now[0])
    for _ in range(3):
        limit.check("a")
    with pytest.raises(TooBusy):
        limit.check("a")
    limit.check("b")
    now[0] = 0.34
    limit.check("a")
    with pytest.raises(TooBusy):
        limit.check("a")
    now[0] = 99.0
    for _ in range(3):
        limit.check("a")
    with pytest.raises(TooBusy):
        limit.check("a")


def test_the_limits_own_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_CALLERS", 2)
    limit = RateLimit(1, clock=lambda: 0.0)
    for caller in "abc":
        limit.check(caller)
    assert len(limit._buckets) == 1


def test_memory_is_undone_back_to_a_mark_and_bounded() -> None:
    memory: Remembered[str, int] = Remembered()
    memory.put("a", 1)
    mark = memory.mark()
    memory.put("a", 2)
    memory.put("b", 3)
    memory.back_to(mark)
    assert (memory.get("a"), memory.get("b")) == (1, None)
    memory.settle(5)
    memory.back_to(0)
    assert memory.get("a") == 1
    memory.settle(0)
    assert memory.get("a") is None
    memory.put("a", 1)
    memory.forget()
    assert memory.get("a") is None


def test_nothing_falls_between_looking_and_listening() -> None:
    async def main() -> None:
        polls = LongPolls()
        polls.notify(frozenset({"log"}))
        with polls.listen("me", ["log", "other"], 5) as ear:
            await asyncio.to_thread(polls.notify, frozenset({"log"}))
            begun = time.monotonic()
            assert await ear.heard()
            assert time.monotonic() - begun < 0.5
            await asyncio.to_thread(polls.notify, frozenset({"unknown"}))
            assert await ear.heard()
            assert time.monotonic() - begun > 0.9
            polls.close()
            assert not await ear.heard()
        with polls.listen("me", ["log"], 5) as ear:
            assert not await ear.heard()
        assert not polls._ears
        assert not polls._callers

    asyncio.run(main())


def test_a_poll_whose_loop_has_ended_is_not_told() -> None:
    polls = LongPolls()
    left = polls.listen("me", ["log"], 5)

    async def main() -> None:
        left.__enter__()

    asyncio.run(main())
    polls.notify(frozenset({"log"}))
    left.__exit__(None, None, None)


def test_a_listener_says_when_its_port_is_taken_and_can_be_any() -> None:
    async def app(scope: object, receive: object, send: object) -> None: ...

    first = Listener(app, HOST, 0)
    assert first.port > 0
    assert not first.ready
    with pytest.raises(StorageFailed, match=str(first.port)):
        Listener(app, HOST, first.port)
    first._socket.close()


def test_the_peers_client_asks_as_the_nation(tmp_path: Path) -> None:
    uk, fr = RunningNode(found("uk"), tmp_path / "uk.db"), RunningNode(found("fr"), tmp_path / "fr.db")
    fr.link(uk)
    uk.link(fr)
    uk.start()
    authority, stranger = fr.authority, found("fr")
    pull = Pull(border_log(UK, FR), 0)

    async def main() -> None:
        assert authority is not None
        peers = PeerClients(lambda: authority, system_clock)
        batch = await peers.pull(UK, pull)
        assert (batch.start, batch.leaves, batch.checkpoint) == (0, (), b"")
        with pytest.raises(NotFound):
            await peers.take(Address("nobody", UK))
        with pytest.raises(NotFound):
            await peers.pull(Nation("de"), pull)
        await peers.close()
        impostor = PeerClients(lambda: stranger.authority((uk.home, uk.peer_url)), system_clock)
        with pytest.raises(Unauthorised):
            await impostor.pull(UK, pull)
        await impostor.close()
        nowhere = PeerClients(lambda: fr.home.authority((uk.home, f"http://{HOST}:{free_port()}")), system_clock)
        with pytest.raises(Unreachable):
            await nowhere.pull(UK, pull)
        await nowhere.close()
        await PeerClients(lambda: authority, system_clock).close()

    asyncio.run(main())
    uk.stop()
