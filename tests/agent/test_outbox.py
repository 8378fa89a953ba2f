"""cordiale.agent.outbox: whatever is killed when, each message is sent once, in order, under a key used once."""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from cordiale.adapters.clock import system_clock
from cordiale.adapters.record_index import RecordIndex
from cordiale.agent.engine import Engine
from cordiale.agent.outbox import REFUSED
from cordiale.errors import CordialeError, LocalMisuse, Malformed, StaleEpoch, TooBusy, Unreachable
from cordiale.federation.api import Outcome
from cordiale.federation.envelope import open_envelope
from cordiale.labels import binding as bindings
from cordiale.mls.framing import PrivateMessage
from forge import dump
from forge import scene as scenes
from forge.device import Device
from forge.mortal import Killed, MortalStore
from forge.scene import TO_FRANCE, Scene

WORDS = ["EXERCISE one", "EXERCISE two", "EXERCISE three"]


def _keys_used(scene: Scene, sent: Sequence[bytes]) -> dict[tuple[int, int, int], set[bytes]]:
    """Bodies by (epoch, leaf, generation): two bodies in one place would be one key and nonce used twice."""
    group, found = Device(scene.agent("bob@uk"), scene.room).group, defaultdict(set)
    for data in sent:
        opened = open_envelope(data)
        if opened.binding.kind == bindings.CLAIM:
            continue
        body = opened.envelope.body
        message = PrivateMessage.decode(body)
        keys = group.keys_of(message.group_id, message.epoch)
        sender = keys.sender_data.open(message.encrypted_sender_data, message.sender_data_aad, message.ciphertext)
        found[message.epoch, sender.leaf, sender.generation].add(body)
    return found


def _listen(scene: Scene, who: str, sent: list[bytes]) -> None:
    """Note everything that an agent hands to its node."""
    client = scene.agent(who).client
    honest = client.submit

    def submit(envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
        sent.extend(envelopes)
        return honest(envelopes)

    client.submit = submit  # type: ignore[method-assign]


def _write_until_killed(scene: Scene, last: int, *, late: bool, sent: list[bytes]) -> int:
    """Queue and send `WORDS`, dying at the `last` write; how many were queued."""
    agent = scene.agent("alice@uk")
    _listen(scene, "alice@uk", sent)
    engine = Engine(agent.store, agent.client, RecordIndex(), system_clock)
    engine.connect()
    engine._store = MortalStore(agent.store, last, late=late)  # type: ignore[assignment]
    queued = 0
    try:
        for text in WORDS:
            engine.send_text(scene.room, text, engine.label(TO_FRANCE))
            queued += 1
            engine.flush()
        engine.sync_all()
    except Killed:
        pass
    return queued


@pytest.mark.parametrize("late", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("last", range(1, 20))
def test_killed_at_any_write_nothing_is_lost_and_nothing_sent_twice(scene: Scene, last: int, late: bool) -> None:
    sent: list[bytes] = []
    queued = _write_until_killed(scene, last, late=late, sent=sent)
    scene.restart("alice@uk")
    _listen(scene, "alice@uk", sent)
    scene.settle()
    kept = WORDS[: len(scene.texts("alice@uk"))]
    assert queued <= len(kept) <= queued + late
    for reader in scenes.PEOPLE:
        assert scene.texts(reader) == kept, reader
    scene.say("alice@uk", "EXERCISE after")
    scene.settle()
    assert all(scene.texts(reader) == [*kept, "EXERCISE after"] for reader in scenes.PEOPLE)
    assert all(len(bodies) == 1 for bodies in _keys_used(scene, sent).values())


_CHILD = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from forge import scene as scenes
from cordiale.vocab.identifier import RoomId
with scenes.quickly():
    world = scenes.reopened(Path(sys.argv[1]), ("alice@uk",))
    scene = scenes.Scene(world, RoomId(bytes.fromhex(sys.argv[2])))
    engine = scene.agent("alice@uk").engine
    for text in {words!r}:
        engine.send_text(scene.room, text, engine.label(scenes.TO_FRANCE))
    client, honest = scene.agent("alice@uk").client, scene.agent("alice@uk").client.submit
    def submit(envelopes):
        if sys.argv[3] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        honest(envelopes)
        os.kill(os.getpid(), signal.SIGKILL)
    client.submit = submit
    engine.flush()
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_9_around_the_nodes_answer(scene: Scene, when: str) -> None:
    """A real process, really killed: the node has the message or has it not, the agent doesn't know."""
    world, room = scene.world, scene.room
    world.close()
    path = [str(Path(scenes.__file__).parents[1])]
    script = _CHILD.format(path=path, words=WORDS)
    child = subprocess.run(
        [sys.executable, "-c", script, str(world.directory), room.hex(), when],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    again = scenes.Scene(scenes.reopened(world.directory), room)
    try:
        again.settle()
        for reader in scenes.PEOPLE:
            assert again.texts(reader) == WORDS, reader
    finally:
        again.world.close()


def _answering(scene: Scene, *answers: CordialeError | None) -> list[int]:
    """Answer the next submissions so; afterwards honestly. Counts the calls."""
    client, calls = scene.agent("alice@uk").client, []
    honest, left = client.submit, list(answers)

    def submit(envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
        calls.append(len(envelopes))
        assert len(calls) < 50, "submits for ever"
        answer = left.pop(0) if left else None
        return honest(envelopes) if answer is None else [answer for _ in envelopes]

    client.submit = submit  # type: ignore[method-assign]
    return calls


def test_a_node_that_always_says_stale_does_not_keep_the_agent_busy(scene: Scene) -> None:
    calls = _answering(scene, *[StaleEpoch("forged")] * 40)
    scene.say("alice@uk", "EXERCISE stale")
    assert len(calls) < 10
    assert scene.agent("alice@uk").engine.status().queued == 1


def test_stale_once_is_encrypted_again_and_read_once(scene: Scene) -> None:
    _answering(scene, StaleEpoch("forged"))
    scene.say("alice@uk", "EXERCISE stale")
    scene.settle()
    assert [scene.texts(reader) for reader in scenes.PEOPLE] == [["EXERCISE stale"]] * 4
    scene.require_alive()


@pytest.mark.parametrize("error", [TooBusy("forged"), Unreachable("forged", what="the node")])
def test_what_could_not_be_taken_now_stays(scene: Scene, error: CordialeError) -> None:
    _answering(scene, error)
    before = scene.texts("bob@uk")
    scene.say("alice@uk", "EXERCISE later")
    assert scene.agent("alice@uk").engine.status().queued == 1
    scene.settle()
    assert scene.texts("bob@uk") == [*before, "EXERCISE later"]
    assert scene.agent("alice@uk").engine.status().queued == 0


def test_what_the_node_calls_malformed_is_shown_as_refused_and_holds_up_nothing(scene: Scene) -> None:
    _answering(scene, Malformed("forged", what="Envelope"))
    scene.say("alice@uk", "EXERCISE refused")
    row = scene.agent("alice@uk").engine.messages(scene.room, "en")[-1].row
    assert (row.state, row.rule, row.text) == (REFUSED, "malformed", "EXERCISE refused")
    assert scene.agent("alice@uk").engine.status().queued == 0
    scene.require_alive()


def test_an_answer_that_is_lost_sends_nothing_twice(scene: Scene) -> None:
    client = scene.agent("alice@uk").client
    honest, lost = client.submit, []

    def submit(envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
        outcomes = honest(envelopes)
        if not lost:
            lost.append(outcomes)
            raise Unreachable("forged", what="the node")
        return outcomes

    client.submit = submit  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        scene.say("alice@uk", "EXERCISE lost answer")
    scene.settle()
    assert [scene.texts(reader) for reader in scenes.PEOPLE] == [["EXERCISE lost answer"]] * 4
    scene.require_alive()


def test_order_is_kept_when_the_room_moves_on_while_the_node_is_away(scene: Scene) -> None:
    """One message was encrypted six epochs ago and never taken; the next one is written now. They arrive in order."""
    alice, node = scene.agent("alice@uk").engine, scene.node("uk")
    _answering(scene, TooBusy("forged"))
    scene.say("alice@uk", "EXERCISE first")
    for _ in range(6):
        bob = scene.agent("bob@uk").engine
        bob._change(scene.room, (), ())
    assert node.up
    alice.sync_all()
    scene.say("alice@uk", "EXERCISE second")
    scene.settle()
    assert scene.texts("bob@uk") == ["EXERCISE first", "EXERCISE second"]
    assert scene.texts("claire@fr") == ["EXERCISE first", "EXERCISE second"]


def test_who_left_queues_nothing(scene: Scene) -> None:
    scene.agent("denis@fr").engine.leave(scene.room)
    scene.settle(4)
    before = dump.of_agent(scene.agent("denis@fr"))
    with pytest.raises(LocalMisuse):
        scene.say("denis@fr", "EXERCISE gone")
    assert dump.of_agent(scene.agent("denis@fr")) == before
    scene.require_alive(but=("denis@fr",))
