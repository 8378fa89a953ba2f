"""cordiale.node.serve: a device reads its own logs and nobody else's."""

import pytest

from cordiale.errors import CordialeError, LocalMisuse, NotFound, PeerViolation
from cordiale.federation.api import FROM_ADMISSION, SyncRequest
from cordiale.node import serve
from cordiale.wire import limits
from forge import dump
from forge.device import fresh_id
from forge.scene import Scene
from forge.verdict import refused


@pytest.mark.parametrize(
    "log",
    [
        "guard",
        "enrolment",
        "border/uk-fr",
        "inbox/alice@uk",
        "inbox/",
        "home/",
        "home/zz",
        "home/" + "00" * 32,
        "",
        "x" * 999,
    ],
)
def test_another_log_is_as_if_it_were_not_there(scene: Scene, log: str) -> None:
    node = scene.node("uk")
    bob, before = node.device(scene.agent("bob@uk").engine.own.digest), dump.of_node(node, but=())
    with refused(PeerViolation), node.store.read() as tx:
        serve.sync(tx, bob, SyncRequest({log: 0}))
    assert dump.of_node(node, but=()) == before


@pytest.mark.parametrize("size", [10**6, 2**70, -2, -(2**70)])
def test_an_impossible_position_gets_nothing(scene: Scene, size: int) -> None:
    node = scene.node("uk")
    bob = node.device(scene.agent("bob@uk").engine.own.digest)
    with node.store.read() as tx:
        answer = serve.sync(tx, bob, SyncRequest({f"home/{scene.room.hex()}": size}))
    assert answer.batches == ()


def test_a_newcomer_reads_from_their_admission_only(scene: Scene) -> None:
    node = scene.node("uk")
    bob = node.device(scene.agent("bob@uk").engine.own.digest)
    for size in (0, FROM_ADMISSION):
        with node.store.read() as tx:
            answer = serve.sync(tx, bob, SyncRequest({f"home/{scene.room.hex()}": size}))
        assert all(batch.start >= 2 for batch in answer.batches)


def test_too_many_logs_at_once(scene: Scene) -> None:
    node = scene.node("uk")
    bob = node.device(scene.agent("bob@uk").engine.own.digest)
    many = {f"home/{number:064x}": 0 for number in range(limits.BATCH_ENTRIES * 16 + 1)}
    with refused(PeerViolation), node.store.read() as tx:
        serve.sync(tx, bob, SyncRequest(many))


def test_who_is_not_in_the_room_proves_nothing_of_it(scene: Scene) -> None:
    scene.world.enrol("anne@uk", "secret")
    node = scene.node("uk")
    scene.say("alice@uk", "EXERCISE")
    scene.settle()
    message = scene.agent("alice@uk").engine.messages(scene.room, "en")[0].row.id
    anne = node.device(scene.agent("anne@uk").engine.own.digest)
    with refused(CordialeError), node.store.read() as tx:
        serve.prove(node.authority(), tx, anne, scene.room, message)


def test_nothing_is_proved_of_what_is_not_there(scene: Scene) -> None:
    node = scene.node("uk")
    bob = node.device(scene.agent("bob@uk").engine.own.digest)
    for message in (fresh_id(), b""):
        with refused(NotFound), node.store.read() as tx:
            serve.prove(node.authority(), tx, bob, scene.room, message)
    with refused(LocalMisuse), node.store.read() as tx:
        serve.envelope_row(tx, bob, bytes(32))


def test_who_is_not_in_the_room_sees_no_envelope_of_it(scene: Scene) -> None:
    scene.world.enrol("anne@uk", "secret")
    node = scene.node("uk")
    scene.say("alice@uk", "EXERCISE")
    scene.settle()
    digest = scene.agent("alice@uk").engine.messages(scene.room, "en")[0].row.envelope
    anne = node.device(scene.agent("anne@uk").engine.own.digest)
    with refused(PeerViolation), node.store.read() as tx:
        serve.envelope_row(tx, anne, digest)
