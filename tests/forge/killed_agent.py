"""An agent that is really killed, at one write of its store after the other, and what has become of its room afterwards.

Run as a program: `killed_agent.py FIRST STEP`. For N = FIRST, FIRST + STEP, … a fresh copy of the scene is taken, a child
process plays a conversation as Alice and kills itself (SIGKILL) at its N-th write that changes something, before the commit
or right after it; then the agent is started again, finishes the conversation, and everything is looked at. It ends with the
first N that the conversation does not reach, and says how many times it killed.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from cordiale.adapters.agent_state import SqliteState
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.errors import CordialeError, NotFound
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address
from forge import scene as scenes
from forge.device import Device
from forge.scene import FR, PEOPLE, TO_FRANCE, TO_UK, Scene
from forge.sealing import watched

ME = "alice@uk"
FILE = b"EXERCISE " * 40_000
BEFORE, AFTER = "before", "after"


# --- the conversation -----------------------------------------------------------------------------------------------


def prepare(scene: Scene) -> None:
    """What waits for Alice when she begins: messages of both nations, an invitation, and an epoch that has ended."""
    claire = scene.agent("claire@fr").engine
    third = claire.create_room("EXERCISE third", {scenes.UK}, claire.label(TO_UK))
    scene.settle()
    claire.invite(third, [Address.parse(ME), Address.parse("bob@uk")])
    scene.say("bob@uk", "EXERCISE by bob")
    scene.agent("bob@uk").engine._change(scene.room, (), ())
    scene.say("claire@fr", "EXERCISE by claire")
    for node, other in (("fr", "uk"), ("uk", "fr")):
        scene.node(node).replicate(scene.node(other))


def _room(scene: Scene, title: str) -> RoomId | None:
    with suppress(NotFound):
        return scene.agent(ME).engine.find_room(title)
    return None


def _members(scene: Scene, room: RoomId) -> set[str]:
    return {member.address for member in scene.agent(ME).engine.room(room).members}


def _say(text: str, title: str = "EXERCISE Channel") -> tuple[Callable[[Scene], bool], Callable[[Scene], object]]:
    def said(scene: Scene) -> bool:
        room = _room(scene, title)
        return room is not None and text in scene.agent(ME).texts(room)

    def say(scene: Scene) -> None:
        engine, room = scene.agent(ME).engine, _room(scene, title)
        assert room is not None
        engine.send_text(room, text, engine.label(TO_FRANCE))
        engine.flush()

    return said, say


def _found(scene: Scene) -> None:
    engine = scene.agent(ME).engine
    engine.create_room("EXERCISE second", {FR}, engine.label(TO_FRANCE))


def _invited(scene: Scene) -> bool:
    room = _room(scene, "EXERCISE second")
    return room is not None and _members(scene, room) == {ME, "bob@uk", "claire@fr"}


def _invite(scene: Scene) -> None:
    room = _room(scene, "EXERCISE second")
    assert room is not None
    scene.agent(ME).engine.invite(room, [Address.parse("bob@uk"), Address.parse("claire@fr")])


def _send_file(scene: Scene) -> None:
    engine = scene.agent(ME).engine
    engine.send_file(scene.room, "map.bin", FILE, "EXERCISE file", engine.label(TO_FRANCE))
    engine.flush()


def _left(scene: Scene) -> bool:
    room = _room(scene, "EXERCISE third")
    return room is not None and not scene.agent(ME).engine.room(room).member


def _leave(scene: Scene) -> None:
    room = _room(scene, "EXERCISE third")
    if room is not None:
        scene.agent(ME).engine.leave(room)


STEPS: tuple[tuple[Callable[[Scene], bool], Callable[[Scene], object]], ...] = (
    _say("EXERCISE one"),
    (lambda scene: False, lambda scene: scene.agent(ME).engine.sync_all()),
    (lambda scene: _room(scene, "EXERCISE second") is not None, _found),
    (_invited, _invite),
    _say("EXERCISE two", "EXERCISE second"),
    (lambda scene: "EXERCISE file" in scene.texts(ME), _send_file),
    (
        lambda scene: "denis@fr" not in _members(scene, scene.room),
        lambda scene: scene.agent(ME).engine.remove(scene.room, Address.parse("denis@fr")),
    ),
    _say("EXERCISE three"),
    (_left, _leave),
    (lambda scene: False, lambda scene: scene.agent(ME).engine.sync_all()),
)


def play(scene: Scene) -> None:
    """Every step that isn't done yet."""
    for done, do in STEPS:
        if not done(scene):
            do(scene)


# --- dying ----------------------------------------------------------------------------------------------------------


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@contextmanager
def _write(store: EncryptedAgentStore) -> Iterator[SqliteState]:
    with store._database.write() as connection:
        before = connection._raw.total_changes()
        yield SqliteState(connection)
        Mortal.point(BEFORE, changed=connection._raw.total_changes() != before)
    Mortal.point(AFTER, changed=Mortal.wrote)
    store._empty_log()


class Mortal:
    """At which write, and on which side of its commit, this process ends."""

    last, side, writes, wrote = 0, "", 0, False

    @classmethod
    def point(cls, side: str, *, changed: bool) -> None:
        if side == BEFORE:
            cls.wrote = changed
            cls.writes += changed
        if changed and side == cls.side and cls.writes == cls.last:
            _die()


def _child(directory: Path, room: RoomId, last: int, side: str) -> NoReturn:
    Mortal.last, Mortal.side = last, side
    EncryptedAgentStore.write = _write  # type: ignore[method-assign, assignment]
    try:
        play(Scene(scenes.reopened(directory, (ME,)), room))
    except BaseException as fault:
        sys.stderr.write(f"the conversation failed before write {last}: {fault!r}\n")
        os._exit(2)
    os._exit(0)


def killed(directory: Path, room: RoomId, last: int, side: str) -> bool:
    """Whether a child that plays the conversation was killed at its `last` write."""
    child = os.fork()
    if child == 0:
        _child(directory, room, last, side)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), f"{last} {side}: exit status {code}"
    return code != 0


# --- looking --------------------------------------------------------------------------------------------------------


@contextmanager
def noted(path: Path) -> Iterator[None]:
    """Write every sealing to a file, which outlives the process."""
    notes = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def note_key(key: bytes, nonce: bytes) -> None:
        os.write(notes, f"{key.hex()} {nonce.hex()}\n".encode())

    with watched(lambda place: os.write(notes, f"{place}\n".encode()) and None, note_key):
        yield
    os.close(notes)


def check(scene: Scene, notes: Path) -> None:
    """Everything arrived once, in one order, all agree, and nothing was sealed twice in one place."""
    joint = ["EXERCISE by bob", "EXERCISE by claire", "EXERCISE one", "EXERCISE file", "EXERCISE three"]
    told = {who: scene.texts(who) for who in (ME, "bob@uk", "claire@fr")}
    assert all(sorted(texts) == sorted(joint) for texts in told.values()), told
    assert len({tuple(texts) for texts in told.values()}) == 1, told
    mine = [text for text in told[ME] if text in ("EXERCISE one", "EXERCISE file", "EXERCISE three")]
    assert mine == ["EXERCISE one", "EXERCISE file", "EXERCISE three"], mine
    for reader in ("bob@uk", "claire@fr"):
        engine = scene.agent(reader).engine
        row = next(view.row for view in engine.messages(scene.room, "en") if view.row.text == "EXERCISE file")
        assert engine.file(scene.room, row.id) == ("map.bin", FILE)
    second = _room(scene, "EXERCISE second")
    assert second is not None
    for who in (ME, "bob@uk", "claire@fr"):
        assert scene.agent(who).texts(second) == ["EXERCISE two"], who
        assert scene.agent(who).engine.status().queued == 0
    for room in (scene.room, second):
        groups = [Device(scene.agent(who), room).group for who in (ME, "bob@uk", "claire@fr")]
        assert len({group.epoch_authenticator for group in groups}) == 1
        assert all(len(group.members) == 3 for group in groups)
    assert _left(scene)
    sealed = Counter(notes.read_text().splitlines())
    assert len(sealed) > 20 and not [line for line, count in sealed.items() if count > 1]


def recover(directory: Path, room: RoomId, notes: Path) -> None:
    """Start everybody again, let Alice finish, and look."""
    scene = Scene(scenes.reopened(directory), room)
    try:
        scene.settle()
        for _ in range(3):
            with suppress(CordialeError):
                play(scene)
            scene.settle(3)
        check(scene, notes)
    finally:
        scene.world.close()


def once(last: int, side: str) -> bool:
    """One scene, killed at one point; False if the conversation ended before."""
    with scenes.staged() as scene, noted(scene.world.directory / "notes"):
        prepare(scene)
        scene.world.close()
        scene.world.agents.clear()
        scene.world.nodes.clear()
        was_killed = killed(scene.world.directory, scene.room, last, side)
        if was_killed:
            recover(scene.world.directory, scene.room, scene.world.directory / "notes")
        return was_killed


def main(first: int, step: int) -> None:
    """Kill at every `step`-th write from `first` on."""
    count, last, sides = 0, first, [BEFORE, AFTER]
    while sides:
        for side in list(sides):
            try:
                if not once(last, side):
                    sides.remove(side)
                    continue
            except BaseException:
                sys.stderr.write(f"killed {side} the commit of write {last}\n")
                raise
            count += 1
        last += step
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    assert PEOPLE[0] == ME
    main(int(sys.argv[1]), int(sys.argv[2]))
