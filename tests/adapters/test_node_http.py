"""The doors of a running node: strangers learn nothing, known callers get typed answers, nothing wrong changes anything."""

import os
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import apsw
import httpx2
import pytest

from adapters.kit import HOST, DeviceKit, RunningNode, found, person
from adapters.rooms import NATIONAL, RoomKit, make_room
from cordiale.adapters.clock import system_clock
from cordiale.adapters.door import status_of
from cordiale.adapters.node_client import HttpNodeClient
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import (
    AboveCeiling,
    AlreadyExists,
    BadSignature,
    IllegalStep,
    LimitExceeded,
    Malformed,
    NotFound,
    StaleEpoch,
    StorageFailed,
    TooBusy,
    Unauthorised,
    Unreachable,
)
from cordiale.federation import api
from cordiale.federation.session import Pull, border_log, inbox_log
from cordiale.node import accept, books, guard
from cordiale.node.ports import Device
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from cordiale.wire.http_signature import sign_request

FRANCE = Nation("fr")
OpenClient = Callable[[DeviceKit], HttpNodeClient]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    france = RunningNode(found("fr"), Path("/nowhere"))
    running = RunningNode(found("uk"), tmp_path_factory.mktemp("uk") / "node.db")
    running.link(france)
    running.france = france  # type: ignore[attr-defined]
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def alice(node: RunningNode) -> DeviceKit:
    device = person(node.home, "alice")
    client = device.client(node.agent_url)
    client.enrol(device.chain)
    client.close()
    return device


@pytest.fixture(scope="module")
def room(node: RunningNode, alice: DeviceKit) -> RoomKit:
    return make_room(alice, node)


@pytest.fixture
def open_client(node: RunningNode) -> Iterator[OpenClient]:
    """Clients that are closed after the test, however it ends."""
    with ExitStack() as stack:

        def opened(device: DeviceKit) -> HttpNodeClient:
            client = device.client(node.agent_url)
            stack.callback(client.close)
            return client

        yield opened


def signed(
    key: SigningKey,
    key_id: str,
    port: int,
    path: str,
    body: bytes,
    *,
    method: str = "POST",
    host: str = "",
    age: int = 0,
    nonce: str = "",
) -> list[tuple[str, str]]:
    """The headers of a request, honest unless told otherwise."""
    host = host or f"{HOST}:{port}"
    headers = sign_request(
        method,
        path,
        body,
        authority=host,
        key_id=key_id,
        created=system_clock() // 1000 - age,
        nonce=nonce or b64encode(os.urandom(18)).decode(),
        sign=key.sign,
    )
    return [("host", host), ("content-length", str(len(body))), *headers.items()]


def raw(port: int, path: str, headers: list[tuple[str, str]], body: bytes, *, method: str = "POST") -> bytes:
    """Everything that comes back, byte for byte."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    with socket.create_connection((HOST, port), timeout=10) as wire:
        wire.sendall(f"{method} {path} HTTP/1.1\r\n{lines}connection: close\r\n\r\n".encode() + body)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    return answer


def problem(answer: bytes) -> api.Problem:
    return api.parse_problem(answer.partition(b"\r\n\r\n")[2])


def dump(path: Path) -> list[tuple[str, list[tuple[object, ...]]]]:
    connection = apsw.Connection(str(path))
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    found_rows = [(table, connection.execute(f"SELECT * FROM {table}").fetchall()) for table in tables]
    connection.close()
    return found_rows


NOTHING = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


# --- strangers ------------------------------------------------------------------------------------------------------


def test_an_unknown_caller_gets_the_same_bytes_for_every_reason(
    node: RunningNode, alice: DeviceKit, room: RoomKit
) -> None:
    port, key_id = node.ports[0], sha256(alice.chain).hex()
    body = canonical.encode(api.Submit((room.message(node),)))
    wrong, stranger = SigningKey.generate(), person(node.home, "stranger")
    foreign = person(found("de"), "hans")
    good = signed(alice.key, key_id, port, api.SUBMIT, body)
    submit, enrol = api.SUBMIT, api.ENROL
    other_chain = person(node.home, "eve").chain
    before = dump(node.path)
    answers = {
        "no signature": raw(port, submit, good[:2], body),
        "unknown device": raw(port, submit, signed(stranger.key, "00" * 32, port, submit, body), body),
        "certified, not enrolled": raw(
            port, submit, signed(stranger.key, sha256(stranger.chain).hex(), port, submit, body), body
        ),
        "another key": raw(port, submit, signed(wrong, key_id, port, submit, body), body),
        "altered body": raw(port, submit, good, body[:-1] + bytes([body[-1] ^ 1])),
        "for another path": raw(port, api.SYNC, good, body),
        "for another host": raw(port, submit, signed(alice.key, key_id, port, submit, body, host="fr:1"), body),
        "host lies": raw(
            port,
            submit,
            [("host", f"{HOST}:{port}"), *signed(alice.key, key_id, port, submit, body, host="fr:1")[1:]],
            body,
        ),
        "too old": raw(port, submit, signed(alice.key, key_id, port, submit, body, age=301), body),
        "from the future": raw(port, submit, signed(alice.key, key_id, port, submit, body, age=-302), body),
        "before this node began": raw(port, submit, signed(alice.key, key_id, port, submit, body, age=200), body),
        "get": raw(port, submit, signed(alice.key, key_id, port, submit, b"", method="GET"), b"", method="GET"),
        "no such path": raw(port, "/v1/none", signed(alice.key, key_id, port, "/v1/none", body), body),
        "the root": raw(port, "/", [("host", "x")], b"", method="GET"),
        "a query": raw(port, submit + "?a=1", signed(alice.key, key_id, port, submit + "?a=1", body), body),
        "repeated header": raw(port, submit, [*good, ("x-twice", "1"), ("x-twice", "2")], body),
        "key id in capitals": raw(port, submit, signed(alice.key, key_id.upper(), port, submit, body), body),
        "key id too short": raw(port, submit, signed(alice.key, key_id[:-2], port, submit, body), body),
        "key id of no device": raw(port, submit, signed(alice.key, "enrol", port, submit, body), body),
        "signature of no form": raw(
            port, submit, [(n, v if n != "signature" else "cordiale=:AAAA:") for n, v in good], body
        ),
        "length of no form": raw(port, submit, [("host", f"{HOST}:{port}"), ("content-length", "0"), *good[2:]], b""),
        "declared too long": raw(
            port, submit, [good[0], ("content-length", str(limits.REQUEST_BYTES + 1)), *good[2:]], b""
        ),
        "enrol nothing": raw(port, enrol, signed(alice.key, "enrol", port, enrol, b""), b""),
        "enrol by digest": raw(port, enrol, signed(alice.key, key_id, port, enrol, alice.chain), alice.chain),
        "enrol another's device": raw(port, enrol, signed(alice.key, "enrol", port, enrol, other_chain), other_chain),
        "enrol a foreigner": raw(port, enrol, signed(foreign.key, "enrol", port, enrol, foreign.chain), foreign.chain),
        "pull from the agents' door": raw(port, api.PULL, signed(alice.key, key_id, port, api.PULL, b""), b""),
    }
    assert {name: answer for name, answer in answers.items() if answer != NOTHING} == {}
    assert dump(node.path) == before
    assert raw(port, submit, good, body).startswith(b"HTTP/1.1 200")


def test_a_strange_nation_gets_the_same_bytes(node: RunningNode, alice: DeviceKit) -> None:
    port = node.ports[1]
    body = canonical.encode(Pull(border_log(Nation("uk"), FRANCE), 0))
    france = node.france.home  # type: ignore[attr-defined]
    stranger = SigningKey.generate()
    answers = [
        raw(port, api.PULL, signed(stranger, "fr", port, api.PULL, body), body),
        raw(port, api.PULL, signed(france.key, "de", port, api.PULL, body), body),
        raw(port, api.PULL, signed(france.key, "FR", port, api.PULL, body), body),
        raw(port, api.PULL, signed(node.home.key, "uk", port, api.PULL, body), body),
        raw(port, api.PULL, signed(alice.key, sha256(alice.chain).hex(), port, api.PULL, body), body),
        raw(port, api.SUBMIT, signed(france.key, "fr", port, api.SUBMIT, body), body),
        raw(node.ports[0], api.PULL, signed(france.key, "fr", node.ports[0], api.PULL, body), body),
    ]
    assert set(answers) == {NOTHING}
    assert raw(port, api.PULL, signed(france.key, "fr", port, api.PULL, body), body).startswith(b"HTTP/1.1 200")


def test_a_replayed_request_is_a_strangers_and_reordered_ones_are_fine(node: RunningNode, alice: DeviceKit) -> None:
    port, key_id = node.ports[0], sha256(alice.chain).hex()
    body = canonical.encode(api.SyncRequest({}))
    first = signed(alice.key, key_id, port, api.SYNC, body)
    second = signed(alice.key, key_id, port, api.SYNC, body)
    assert raw(port, api.SYNC, second, body).startswith(b"HTTP/1.1 200")
    assert raw(port, api.SYNC, first, body).startswith(b"HTTP/1.1 200")
    before = dump(node.path)
    assert raw(port, api.SYNC, first, body) == raw(port, api.SYNC, second, body) == NOTHING
    assert dump(node.path) == before


def test_a_body_that_never_ends_or_is_cut_off_changes_nothing(node: RunningNode, alice: DeviceKit) -> None:
    port, key_id = node.ports[0], sha256(alice.chain).hex()
    body = canonical.encode(api.SyncRequest({}))
    headers = signed(alice.key, key_id, port, api.SYNC, body)
    before = dump(node.path)
    with socket.create_connection((HOST, port), timeout=10) as wire:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        wire.sendall(f"POST {api.SYNC} HTTP/1.1\r\n{lines}\r\n".encode() + body[:-1])
        wire.shutdown(socket.SHUT_WR)
    chunked = [header for header in headers if header[0] != "content-length"] + [("transfer-encoding", "chunked")]
    with socket.create_connection((HOST, port), timeout=20) as wire:
        lines = "".join(f"{name}: {value}\r\n" for name, value in chunked)
        wire.sendall(f"POST {api.SYNC} HTTP/1.1\r\n{lines}\r\n".encode())
        chunk = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        answer = b""
        try:
            for _ in range(limits.REQUEST_BYTES // (1 << 20) + 1):
                wire.sendall(chunk)
            answer = wire.recv(4096)
        except OSError:
            pass
    assert answer in (b"", NOTHING.replace(b"connection: close\r\n", b""))
    assert dump(node.path) == before


# --- known callers --------------------------------------------------------------------------------------------------


def test_errors_come_back_typed_and_change_nothing(node: RunningNode, alice: DeviceKit) -> None:
    port, key_id = node.ports[0], sha256(alice.chain).hex()
    before = dump(node.path)

    def ask(path: str, body: bytes) -> tuple[int, str]:
        answer = raw(port, path, signed(alice.key, key_id, port, path, body), body)
        return int(answer[9:12]), problem(answer).code

    assert ask(api.SYNC, b"junk") == (400, "malformed")
    assert ask(api.SYNC, canonical.encode(api.SyncRequest({}, 26))) == (400, "malformed")
    assert ask(api.SYNC, canonical.encode(api.SyncRequest({}, -1))) == (400, "malformed")
    assert ask(api.SYNC, canonical.encode(api.SyncRequest({"guard": 0}))) == (403, "unauthorised")
    assert ask(api.SYNC, canonical.encode(api.SyncRequest({inbox_log("bob@uk"): 0}))) == (403, "unauthorised")
    assert ask(api.SUBMIT, canonical.encode(api.Submit((b"",) * 257))) == (413, "limit-exceeded")
    assert ask(api.SUBMIT, b"") == (400, "malformed")
    assert ask(api.TAKE, canonical.encode(api.Take("Nobody"))) == (400, "malformed")
    assert ask(api.TAKE, canonical.encode(api.Take("nobody@uk"))) == (404, "not-found")
    assert ask(api.TAKE, canonical.encode(api.Take("nobody@de"))) == (404, "not-found")
    assert ask(api.TAKE, canonical.encode(api.Take("nobody@fr"))) == (503, "unreachable")
    assert ask(api.STORED, canonical.encode(api.Stored(Digest(bytes(32))))) == (404, "not-found")
    assert ask(api.PROVE, canonical.encode(api.Prove(RoomId(bytes(32)), Digest(bytes(32))))) == (403, "unauthorised")
    assert ask(api.KEY_PACKAGES, canonical.encode(api.Packages((b"x",)))) == (400, "malformed")
    assert ask(api.KEY_PACKAGES, canonical.encode(api.Packages((b"x",) * 101))) == (413, "limit-exceeded")
    assert dump(node.path) == before


def test_every_family_has_its_status() -> None:
    expected = {
        LimitExceeded: 413,
        NotFound: 404,
        AlreadyExists: 409,
        IllegalStep: 409,
        StaleEpoch: 409,
        TooBusy: 429,
        Unauthorised: 403,
        AboveCeiling: 403,
        Unreachable: 503,
        StorageFailed: 503,
        Malformed: 400,
        BadSignature: 400,
    }
    assert {kind: status_of(kind()) for kind in expected} == expected


def test_a_mistake_in_the_node_shows_nothing_of_itself(
    node: RunningNode, alice: DeviceKit, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def secret() -> bytes:
        raise ValueError("do not show this")

    monkeypatch.setitem(node.context.__dict__, "trust", secret)
    client = open_client(alice)
    with pytest.raises(StorageFailed) as caught:
        client.trust()
    client.close()
    assert "show" not in str(caught.value)


def test_messages_are_taken_in_order_each_for_itself(
    node: RunningNode, alice: DeviceKit, room: RoomKit, open_client: OpenClient
) -> None:
    client = open_client(alice)
    with node.store.read() as tx:
        start, decided = tx.logs.state(room.log).size, tx.logs.state(guard.LOG).size
    one, two = room.message(node), room.message(node)
    found_ = client.submit([one, b"junk", room.message(node, NATIONAL), two, one])
    assert [getattr(outcome, "offset", None) for outcome in found_] == [start, None, None, start + 1, start]
    assert [getattr(outcome, "code", None) for outcome in found_] == [None, "malformed", "not-releasable", None, None]
    with node.store.read() as tx:
        assert tx.logs.state(room.log).size == start + 2
        verdicts = tx.logs.leaves(guard.LOG, decided, 9)
    rules = [canonical.decode(leaf, guard.Verdict, limit=limits.BINDING_BYTES).release for leaf in verdicts]
    assert rules == [True, False, True]


def test_a_mistake_over_one_envelope_costs_its_own_answer_only(
    node: RunningNode, alice: DeviceKit, room: RoomKit, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = accept.submit

    def mistaken(*arguments: Any) -> Any:
        if arguments[3] == b"boom":
            raise ValueError("do not show this")
        return honest(*arguments)

    monkeypatch.setattr(accept, "submit", mistaken)
    first, second = open_client(alice).submit([b"boom", room.message(node)])
    assert isinstance(first, StorageFailed)
    assert "show" not in str(first)
    assert isinstance(second, api.Outcome)


def test_a_mistake_before_anyone_is_proven_shows_nothing(
    node: RunningNode, alice: DeviceKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, key_id = node.ports[0], sha256(alice.chain).hex()
    headers = signed(alice.key, key_id, port, api.TRUST, b"")

    def broken() -> int:
        raise ValueError

    monkeypatch.setitem(node.context.__dict__, "clock", broken)
    assert raw(port, api.TRUST, headers, b"") == NOTHING


def test_a_refusal_by_rule_leaves_one_line_of_the_guard_and_nothing_else(
    node: RunningNode, alice: DeviceKit, room: RoomKit, open_client: OpenClient
) -> None:
    outsider = person(node.home, "outsider")
    client = open_client(outsider)
    client.enrol(outsider.chain)
    intruding = RoomKit(room.id, outsider, make_room(outsider, node).group, room.ceiling)
    envelope = intruding.message(node)
    before = dict(dump(node.path))
    (refused,) = client.submit([envelope])
    assert getattr(refused, "code", "") == "not-member"
    after = dict(dump(node.path))
    assert {table for table in after if after[table] != before[table]} == {"entry", "log"}
    with node.store.read() as tx:
        size = tx.logs.state(guard.LOG).size
        verdict = canonical.decode(tx.logs.leaves(guard.LOG, size - 1, 1)[0], guard.Verdict, limit=limits.BINDING_BYTES)
    assert (verdict.release, verdict.rule, verdict.envelope) == (False, "not-member", sha256(envelope))


def test_a_revoked_device_hears_so_at_every_endpoint_even_in_mid_wait(
    node: RunningNode, room: RoomKit, open_client: OpenClient
) -> None:
    carol = person(node.home, "carol")
    client = open_client(carol)
    client.enrol(carol.chain)
    log, heard = inbox_log("carol@uk"), list[BaseException]()

    def wait() -> None:
        try:
            client.sync({log: 0}, 10)
        except BaseException as error:  # handed to the test's own thread
            heard.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    with node.store.write() as tx:
        tx.registry.revoke(Address("carol", Nation("uk")))
    waiting.join(5)
    assert not waiting.is_alive()
    calls = (
        client.trust,
        lambda: client.sync({}, 0),
        lambda: client.publish([b"x"]),
        lambda: client.take("bob@uk"),
        lambda: client.take("bob@fr"),
        lambda: client.prove(RoomId(bytes(32)), Digest(bytes(32))),
        lambda: client.stored(Digest(bytes(32))),
        lambda: client.enrol(carol.chain),
    )
    for call in calls:
        with pytest.raises(Exception) as caught:
            call()
        heard.append(caught.value)
    (refused,) = client.submit([RoomKit(room.id, carol, make_room(carol, node).group, room.ceiling).message(node)])
    assert {getattr(error, "code", error) for error in [*heard, refused]} == {"revoked"}


def test_rate_limits_are_per_device(tmp_path: Path, node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DEVICE_REQUESTS_PER_SECOND", 4)
    limited = RunningNode(node.home, tmp_path / "node.db").start()
    busy, calm = person(node.home, "busy"), person(node.home, "calm")
    clients = [device.client(limited.agent_url) for device in (busy, calm)]
    for client, device in zip(clients, (busy, calm), strict=True):
        client.enrol(device.chain)
    codes = list[str]()
    for _ in range(12):
        try:
            codes.append("ok" if clients[0].sync({}, 0) else "")
        except TooBusy as error:
            codes.append(error.code)
    assert codes[0] == "ok"
    assert "too-busy" in codes
    clients[1].sync({}, 0)
    for client in clients:
        client.close()
    limited.stop()


# --- waiting --------------------------------------------------------------------------------------------------------


def test_a_long_poll_wakes_for_its_own_log_only(
    node: RunningNode, alice: DeviceKit, room: RoomKit, open_client: OpenClient
) -> None:
    client, other = open_client(alice), open_client(alice)
    with node.store.read() as tx:
        size = tx.logs.state(room.log).size
    answered = list[tuple[float, int]]()

    def wait() -> None:
        answer = client.sync({room.log: size}, 8)
        answered.append((time.monotonic(), len(answer.batches)))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    assert not answered
    said = time.monotonic()
    other.submit([room.message(node)])
    waiting.join(8)
    assert answered[0][1] == 1
    assert answered[0][0] - said < 2


def test_a_long_poll_ends_with_nothing_when_its_time_is_over(
    node: RunningNode, alice: DeviceKit, open_client: OpenClient
) -> None:
    client, begun = open_client(alice), time.monotonic()
    assert client.sync({inbox_log("alice@uk"): 10_000}, 1).batches == ()
    assert 0.9 < time.monotonic() - begun < 5


def test_what_another_process_writes_is_noticed_within_a_second_or_two(
    node: RunningNode, alice: DeviceKit, room: RoomKit, open_client: OpenClient
) -> None:
    client, log = open_client(alice), inbox_log("alice@uk")
    client.submit([room.message(node)])
    with node.store.read() as tx:
        size = tx.logs.state(log).size
        leaf = tx.logs.leaves(border_log(Nation("uk"), FRANCE), 0, 1)[0]
    found_ = list[int]()
    waiting = threading.Thread(target=lambda: found_.append(len(client.sync({log: size}, 10).batches)))
    waiting.start()
    time.sleep(0.2)
    authority = node.authority
    assert authority is not None
    with node.store.write() as tx:
        books.append(authority, tx.logs, log, [leaf])
    waiting.join(5)
    assert found_ == [1]


def test_one_caller_may_wait_only_so_often_at_a_time_and_leaving_frees_the_place(
    node: RunningNode, alice: DeviceKit
) -> None:
    port, key_id = node.ports[0], sha256(alice.chain).hex()
    body = canonical.encode(api.SyncRequest({inbox_log("alice@uk"): 10_000}, 20))
    wires = list[socket.socket]()
    for _ in range(16):
        wire = socket.create_connection((HOST, port), timeout=10)
        lines = "".join(f"{n}: {v}\r\n" for n, v in signed(alice.key, key_id, port, api.SYNC, body))
        wire.sendall(f"POST {api.SYNC} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        wires.append(wire)
    deadline = time.monotonic() + 5
    while len(waiting(node)) < 16:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    answer = raw(port, api.SYNC, signed(alice.key, key_id, port, api.SYNC, body), body)
    assert problem(answer).code == "too-busy"
    for wire in wires:
        wire.close()
    while waiting(node):
        assert time.monotonic() < deadline + 5
        time.sleep(0.02)


def waiting(node: RunningNode) -> set[object]:
    return {ear for ears in list(node.context.polls._ears.values()) for ear in list(ears)}


# --- peers ----------------------------------------------------------------------------------------------------------


def test_a_peer_reads_its_own_log_and_no_other(
    node: RunningNode, room: RoomKit, alice: DeviceKit, open_client: OpenClient
) -> None:
    port, france = node.ports[1], node.france.home  # type: ignore[attr-defined]
    client = open_client(alice)
    client.submit([room.message(node)])

    def pull(request: Pull) -> bytes:
        body = canonical.encode(request)
        return raw(port, api.PULL, signed(france.key, "fr", port, api.PULL, body), body)

    log = border_log(Nation("uk"), FRANCE)
    assert pull(Pull(log, 0)).startswith(b"HTTP/1.1 200")
    before = dump(node.path)
    for wrong in ("guard", border_log(FRANCE, Nation("uk")), border_log(Nation("uk"), Nation("de"))):
        assert problem(pull(Pull(wrong, 0))).code == "unauthorised"
    assert problem(pull(Pull(log, 10_000))).code == "proof-invalid"
    assert problem(pull(Pull(log, -1))).code == "malformed"
    assert problem(pull(Pull(log, 0, b"forged"))).code == "malformed"
    with node.store.read() as tx:
        note = tx.logs.checkpoint(log)
    assert problem(pull(Pull(log, 0, note))).code == "proof-invalid"
    take = canonical.encode(api.Take("nobody@fr"))
    assert problem(raw(port, api.TAKE, signed(france.key, "fr", port, api.TAKE, take), take)).code == "not-found"
    assert dump(node.path) == before


# --- the operator ---------------------------------------------------------------------------------------------------


def test_health_and_metrics(node: RunningNode, alice: DeviceKit, room: RoomKit, open_client: OpenClient) -> None:
    client = open_client(alice)
    client.submit([room.message(node), room.message(node, NATIONAL)])
    raw(node.ports[0], "/", [("host", "x")], b"")
    health = httpx2.get(f"{node.ops_url}/healthz").json()
    assert health["nation"] == "uk"
    assert health["status"] == "degraded"
    (link,) = health["links"]
    assert (link["nation"], link["state"], link["code"]) == ("fr", "unreachable", "unreachable")
    assert link["unread"] >= 1
    text = httpx2.get(f"{node.ops_url}/metrics").text
    for name in ("accepted_total", 'refused_total{rule="', "strangers_total", "queue_depth", "batch_jobs_bucket"):
        assert f"cordiale_{name}" in text
    assert httpx2.get(f"{node.ops_url}/other").status_code == 404


def test_health_says_when_storage_fails(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def read(self) -> object:
            raise StorageFailed("the disk is gone")

    monkeypatch.setitem(node.context.__dict__, "store", Closed())
    answer = httpx2.get(f"{node.ops_url}/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")


def test_known_device_row_is_what_was_enrolled(node: RunningNode, alice: DeviceKit) -> None:
    with node.store.read() as tx:
        device = tx.registry.device(sha256(alice.chain))
    assert device == Device(sha256(alice.chain), alice.address, "laptop", alice.key.public)
