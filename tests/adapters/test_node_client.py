"""The agent's client against real servers: a node, a node that comes and goes, and what is no node at all."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from adapters.kit import HOST, DeviceKit, RunningNode, found, free_port, person
from adapters.rooms import make_room
from cordiale.adapters.node_client import HttpNodeClient
from cordiale.crypto.digest import sha256
from cordiale.errors import (
    CordialeError,
    LimitExceeded,
    Malformed,
    NotFound,
    NotReleasable,
    Unauthorised,
    Unreachable,
)
from cordiale.federation import api
from cordiale.federation.api import Outcome, Problem
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.wire import canonical, limits

UK = found("uk")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    running = RunningNode(UK, tmp_path / "node.db").start()
    yield running
    running.stop()


@pytest.fixture
def alice() -> DeviceKit:
    return person(UK, "alice")


@pytest.fixture
def client(node: RunningNode, alice: DeviceKit) -> Iterator[HttpNodeClient]:
    made = alice.client(node.agent_url)
    yield made
    made.close()


@contextmanager
def server(*answers: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Answers each request with the next bytes, or hangs up for None; then hangs up for ever."""
    listening = socket.create_server((HOST, 0))
    asked: list[bytes] = []
    pending = list(answers)

    def run() -> None:
        while True:
            try:
                wire, _ = listening.accept()
            except OSError:
                return
            with wire:
                data = wire.recv(1 << 20)
                if not data:
                    continue
                asked.append(data)
                answer = pending.pop(0) if pending else None
                if answer is not None:
                    wire.sendall(answer)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}", asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def answer(status: int, body: bytes, extra: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{extra}\r\n".encode() + body


def test_everything_that_an_agent_asks(node: RunningNode, client: HttpNodeClient, alice: DeviceKit) -> None:
    with pytest.raises(Unauthorised):
        client.trust()
    client.enrol(alice.chain)
    client.enrol(alice.chain)
    assert client.trust() == b"trust"
    assert client.sync({}, 0) == api.SyncAnswer((), 0)
    node.link(RunningNode(found("fr"), node.path))
    room = make_room(alice, node)
    first, second = client.submit([room.message(node), room.message(node)])
    assert (first, second) == (Outcome(0, 1), Outcome(1, 2))
    (batch,) = client.sync({room.log: 0}, 0).batches
    assert len(batch.leaves) == 2
    assert client.stored(sha256(batch.envelopes[0])) == batch.envelopes[0]
    with pytest.raises(NotFound):
        client.prove(room.id, Digest(bytes(32)))
    with pytest.raises(NotFound):
        client.take("nobody@uk")
    with pytest.raises(Malformed):
        client.publish([b"junk"])
    assert client.submit([]) == []


def test_more_than_fits_one_request_goes_in_several(
    node: RunningNode, client: HttpNodeClient, alice: DeviceKit
) -> None:
    client.enrol(alice.chain)
    found_ = client.submit([b"%d" % number for number in range(limits.BATCH_ENTRIES * 2 + 3)])
    assert len(found_) == limits.BATCH_ENTRIES * 2 + 3
    assert {type(outcome) for outcome in found_} == {Malformed}


def test_a_refusal_keeps_its_rule_and_facts(node: RunningNode, client: HttpNodeClient, alice: DeviceKit) -> None:
    node.link(RunningNode(found("fr"), node.path))
    client.enrol(alice.chain)
    room = make_room(alice, node)
    (refused,) = client.submit([room.message(node, "OFFICIAL-SENSITIVE UK EYES ONLY")])
    assert isinstance(refused, NotReleasable)
    assert refused.rule.startswith("uk")
    assert "border of uk refused release to fr" in str(refused)


def test_a_node_that_restarts_is_reached_again_over_the_same_client(
    node: RunningNode, client: HttpNodeClient, alice: DeviceKit
) -> None:
    client.enrol(alice.chain)
    node.stop()
    with pytest.raises(Unreachable) as caught:
        client.trust()
    assert str(caught.value).startswith("the node of uk cannot be reached")
    node.start()
    assert client.trust() == b"trust"
    node.stop()
    node.start()
    assert client.trust() == b"trust"


def test_stopping_the_node_ends_a_long_poll_at_once(
    node: RunningNode, client: HttpNodeClient, alice: DeviceKit
) -> None:
    client.enrol(alice.chain)
    done: list[float] = []

    def wait() -> None:
        with suppress(CordialeError):
            client.sync({"inbox/alice@uk": 0}, 20)
        done.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    begun = time.monotonic()
    node.stop()
    waiting.join(10)
    assert done[0] - begun < 2
    node.start()


def test_several_threads_share_a_client(node: RunningNode, client: HttpNodeClient, alice: DeviceKit) -> None:
    client.enrol(alice.chain)
    found_: list[bytes] = []
    threads = [threading.Thread(target=lambda: found_.extend(client.trust() for _ in range(5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found_ == [b"trust"] * 20


PROBLEM = canonical.encode(Problem("not-found", "", {"what": "thing", "detail": "it"}))


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(404, b""), Unauthorised),
        (answer(404, PROBLEM), NotFound),
        (answer(404, b"<html>not here</html>"), Unreachable),
        (answer(502, b"<html>bad gateway</html>"), Unreachable),
        (answer(301, b"", "location: http://elsewhere/\r\n"), Unreachable),
        (answer(200, b"junk"), Malformed),
        (answer(200, b""), Malformed),
        (b"not http at all\r\n\r\n", Unreachable),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\nshort", Unreachable),
        (None, Unreachable),
    ],
)
def test_what_comes_back_becomes_a_typed_error(
    alice: DeviceKit, given: bytes | None, kind: type[CordialeError]
) -> None:
    with server(given, given) as (url, _):
        client = alice.client(url)
        with pytest.raises(kind):
            client.trust()
        client.close()


def test_an_answer_without_end_is_cut_off(alice: DeviceKit) -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + bytes(limits.REQUEST_BYTES + (1 << 20))
    with server(endless) as (url, _):
        client = alice.client(url)
        with pytest.raises(LimitExceeded):
            client.trust()
        client.close()


def test_a_dead_connection_is_tried_once_more_with_a_new_signature(alice: DeviceKit) -> None:
    good = answer(200, canonical.encode(api.Blob(b"trust")))
    with server(None, good) as (url, asked):
        client = alice.client(url)
        assert client.trust() == b"trust"
        client.close()
    assert len(asked) == 2
    assert asked[0] != asked[1]


def test_nobody_there_is_unreachable(alice: DeviceKit) -> None:
    client = alice.client(f"http://{HOST}:{free_port()}")
    calls: tuple[Callable[[], object], ...] = (
        client.trust,
        lambda: client.submit([b"x"]),
        lambda: client.sync({}, 0),
        lambda: client.enrol(alice.chain),
        lambda: client.prove(RoomId(bytes(32)), Digest(bytes(32))),
    )
    for call in calls:
        with pytest.raises(Unreachable):
            call()
    client.close()


def test_what_the_node_would_not_read_is_not_sent(alice: DeviceKit) -> None:
    client = alice.client(f"http://{HOST}:{free_port()}")
    with pytest.raises(LimitExceeded):
        client.submit([bytes(limits.REQUEST_BYTES)])
    client.close()


def test_when_a_later_part_fails_the_earlier_answers_count(alice: DeviceKit) -> None:
    outcomes = api.Outcomes(tuple(Outcome(number, 1) for number in range(limits.BATCH_ENTRIES)))
    with server(answer(200, canonical.encode(outcomes), "connection: close\r\n")) as (url, _):
        client = alice.client(url)
        found_ = client.submit([b"x"] * (limits.BATCH_ENTRIES + 2))
        client.close()
    assert found_[: limits.BATCH_ENTRIES] == list(outcomes.outcomes)
    assert [type(outcome) for outcome in found_[limits.BATCH_ENTRIES :]] == [Unreachable] * 2


def test_a_wrong_number_of_outcomes_is_malformed(alice: DeviceKit) -> None:
    with server(answer(200, canonical.encode(api.Outcomes(())))) as (url, _):
        client = alice.client(url)
        with pytest.raises(Malformed):
            client.submit([b"x"])
        client.close()


def test_no_secret_is_shown(alice: DeviceKit) -> None:
    client = alice.client("http://node.invalid")
    assert alice.key.seed().hex() not in repr(client) + repr(client.__dict__)
    client.close()
