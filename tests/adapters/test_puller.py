"""Replication between two running nodes: messages cross, outages heal, forged histories stop it loudly."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import httpx2
import pytest

from adapters.kit import DeviceKit, Home, RunningNode, found, person
from adapters.rooms import RoomKit, make_room
from cordiale.adapters.clock import system_clock
from cordiale.adapters.puller import LONGEST_PAUSE, STOPPED_PAUSE, Following, Replication
from cordiale.federation.session import border_log, origin
from cordiale.ledger import checkpoint, witness
from cordiale.node import books, guard
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits

UK, FR = Nation("uk"), Nation("fr")
OUT = border_log(UK, FR)
HOMES: dict[str, Home] = {}


def home(code: str) -> Home:
    return HOMES.setdefault(code, found(code))


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[RunningNode, RunningNode]]:
    uk, fr = RunningNode(home("uk"), tmp_path / "uk.db"), RunningNode(home("fr"), tmp_path / "fr.db")
    uk.link(fr)
    fr.link(uk)
    uk.start()
    fr.start()
    yield uk, fr
    uk.stop()
    fr.stop()


@pytest.fixture
def alice(nodes: tuple[RunningNode, RunningNode]) -> DeviceKit:
    device = person(home("uk"), "alice")
    client = device.client(nodes[0].agent_url)
    client.enrol(device.chain)
    client.close()
    return device


@pytest.fixture
def room(nodes: tuple[RunningNode, RunningNode], alice: DeviceKit) -> RoomKit:
    return make_room(alice, *nodes)


def say(node: RunningNode, room: RoomKit, count: int) -> None:
    client = room.speaker.client(node.agent_url)
    outcomes = client.submit([room.message(node) for _ in range(count)])
    client.close()
    assert {getattr(outcome, "code", "") for outcome in outcomes} == {""}


def until(what: Callable[[], bool], seconds: float = 10.0) -> float:
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it did not happen"
        time.sleep(0.01)
    return time.monotonic() - begun


def size(node: RunningNode, log: str = OUT) -> int:
    with node.store.read() as tx:
        return tx.logs.state(log).size


def cosigned(node: RunningNode, log: str = OUT) -> int:
    with node.store.read() as tx:
        note = tx.logs.cosigned(log)
    return checkpoint.parse(note).checkpoint.size if note else 0


def state(node: RunningNode) -> str:
    return ",".join(f"{link.state} {link.code}".strip() for link in node.puller.health())


def metrics(node: RunningNode) -> str:
    return httpx2.get(f"{node.ops_url}/metrics").text


def test_messages_cross_once_and_both_hold_the_proof(nodes: tuple[RunningNode, RunningNode], room: RoomKit) -> None:
    uk, fr = nodes
    say(uk, room, 5)
    until(lambda: size(fr, room.log) == 5)
    say(uk, room, 3)
    until(lambda: size(fr, room.log) == 8 and cosigned(uk) == 8)
    authority = fr.authority
    assert authority is not None
    with uk.store.read() as tx:
        note, leaves = tx.logs.cosigned(OUT), tx.logs.leaves(OUT, 0, 99)
    witness.verify_cosigned(
        note,
        origin=origin(UK, OUT),
        log=(books.checkpoint_name(UK), home("uk").key.public),
        witnesses={books.checkpoint_name(FR): home("fr").key.public},
        at_least=1,
    )
    with fr.store.read() as tx:
        assert tx.logs.leaves(OUT, 0, 99) == tx.logs.leaves(room.log, 0, 99) == leaves
    assert state(fr) == "following"
    until(lambda: state(uk) == "following")
    assert 'cordiale_imported_total{peer="uk"} 8.0' in metrics(fr)
    assert httpx2.get(f"{fr.ops_url}/healthz").json()["status"] == "ok"


def test_after_an_outage_of_either_side_it_is_caught_up_at_once(
    nodes: tuple[RunningNode, RunningNode], room: RoomKit
) -> None:
    uk, fr = nodes
    say(uk, room, 2)
    until(lambda: size(fr) == 2)
    fr.stop()
    say(uk, room, 300)
    until(lambda: state(uk).startswith("unreachable"))
    assert httpx2.get(f"{uk.ops_url}/healthz").json()["links"][0]["unread"] == 300
    fr.start()
    until(lambda: size(fr, room.log) == 302 and cosigned(uk) == 302)
    assert until(lambda: state(uk) == "following", 3) < 3
    uk.stop()
    until(lambda: state(fr).startswith("unreachable"))
    time.sleep(1.5)
    uk.start()
    assert until(lambda: state(fr) == "following", 3) < 3
    say(uk, room, 1)
    assert until(lambda: size(fr, room.log) == 303, 3) < 3


def test_an_entry_that_is_not_admitted_is_kept_as_evidence_and_counted(
    nodes: tuple[RunningNode, RunningNode], alice: DeviceKit
) -> None:
    uk, fr = nodes
    unknown_there = make_room(alice, uk)
    say(uk, unknown_there, 2)
    until(lambda: size(fr) == 2 and cosigned(uk) == 2)
    assert size(fr, unknown_there.log) == 0
    with fr.store.read() as tx:
        verdicts = [
            canonical.decode(leaf, guard.Verdict, limit=limits.BINDING_BYTES)
            for leaf in tx.logs.leaves(guard.LOG, 0, 99)
        ]
    assert [(verdict.release, verdict.direction) for verdict in verdicts] == [(False, "in")] * 2
    assert 'cordiale_refused_imports_total{peer="uk",rule="' in metrics(fr)
    assert state(fr) == "following"


def test_a_new_link_is_followed_and_an_ended_one_no_longer(tmp_path: Path) -> None:
    uk, fr = RunningNode(home("uk"), tmp_path / "uk.db"), RunningNode(home("fr"), tmp_path / "fr.db")
    fr.link()
    uk.link(fr)
    uk.start()
    fr.start()
    try:
        until(lambda: state(uk) == "refused unauthorised")
        assert state(fr) == ""
        fr.link(uk)
        until(lambda: state(fr) == "following", 3)
        until(lambda: state(uk) == "following", 8)
        fr.link()
        until(lambda: state(fr) == "", 3)
    finally:
        uk.stop()
        fr.stop()


def rewrite_history(node: RunningNode, room: RoomKit, count: int) -> None:
    """What an administrator who wants the past otherwise would do: begin the border log anew."""
    node.stop()
    raw = apsw.Connection(str(node.path))
    raw.execute("UPDATE log SET name = 'the true past' WHERE name = ?", (OUT,))
    raw.close()
    node.start()
    say(node, room, count)


@pytest.mark.parametrize(("again", "code"), [(4, "split-view"), (1, "proof-invalid"), (6, "proof-invalid")])
def test_a_rewritten_log_stops_replication_loudly_and_changes_nothing(
    nodes: tuple[RunningNode, RunningNode], room: RoomKit, again: int, code: str
) -> None:
    uk, fr = nodes
    say(uk, room, 4)
    until(lambda: size(fr) == 4)
    with fr.store.read() as tx:
        before = tx.logs.leaves(OUT, 0, 99), tx.logs.cosigned(OUT)
    fr.stop()
    rewrite_history(uk, room, again)
    fr.start()
    until(lambda: state(fr).startswith("stopped"))
    assert state(fr) == f"stopped {code}"
    assert httpx2.get(f"{fr.ops_url}/healthz").json()["status"] == "stopped"
    with fr.store.read() as tx:
        assert (tx.logs.leaves(OUT, 0, 99), tx.logs.cosigned(OUT)) == before


def test_pauses_grow_up_to_a_bound_and_are_never_quite_the_same() -> None:
    following = Following(FR, Moment(0))
    following.turn(Replication.UNREACHABLE, system_clock(), "unreachable")
    pauses = [following.next_pause() for _ in range(12)]
    assert 0.1 <= pauses[0] <= 0.3
    assert all(LONGEST_PAUSE * 0.5 <= pause <= LONGEST_PAUSE * 1.5 for pause in pauses[6:])
    assert len(set(pauses[6:])) > 1
    following.turn(Replication.STOPPED, system_clock(), "split-view")
    assert following.next_pause() == STOPPED_PAUSE
