"""Law: whatever is restored, killed or copied when, no generation of an epoch and no (key, nonce) is ever used twice.

What is watched is every sealing, whether it left the agent or not. The node is the honest one and is never put back.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cordiale.agent.leases import Claimed, Leases
from cordiale.agent.outbox import REFUSED
from cordiale.errors import CordialeError, IllegalStep, ProtocolViolation, TooBusy, Unreachable
from cordiale.federation.api import Outcome
from cordiale.federation.claim import Claim
from cordiale.federation.envelope import open_envelope
from cordiale.labels import binding as bindings
from cordiale.vocab.identifier import Epoch, RoomId
from cordiale.vocab.party import Address
from cordiale.wire import limits
from forge.border import Border
from forge.device import Device
from forge.home import Home
from forge.mortal import Killed, MortalStore
from forge.scene import PEOPLE, Scene, staged
from forge.sealing import watched

ACTORS = PEOPLE[:3]
NATIONAL = {"uk": "OFFICIAL-SENSITIVE UK EYES ONLY", "fr": "SECRET SPÉCIAL FRANCE"}


class UsedTwice(AssertionError):
    """The law is broken."""


@contextmanager
def _watched() -> Iterator[set[object]]:
    """Everything that was sealed while this lasts; `UsedTwice` as soon as something is again."""
    used: set[object] = set()

    def note(*entry: object) -> None:
        if entry in used:
            raise UsedTwice(entry)
        used.add(entry)

    with watched(note, note):
        yield used


def _claims(envelopes: Sequence[bytes]) -> list[bool]:
    return [open_envelope(data).binding.kind == bindings.CLAIM for data in envelopes]


class Play:
    """A scene whose agents are copied, put back, killed and cut off."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene, self.folder = scene, folder
        self.copies: dict[str, list[Path]] = {who: [] for who in ACTORS}
        self.spoken = 0
        for who in ACTORS:
            self.snapshot(who)

    def act(self, what: str, who: str, number: int) -> None:
        with suppress(CordialeError, Killed):
            getattr(self, what)(who, number)

    def snapshot(self, who: str, _number: int = 0) -> None:
        """The folder as it is now, while the agent runs."""
        copy = self.folder / f"{who}-{len(self.copies[who])}"
        shutil.copytree(self.scene.agent(who).directory, copy)
        self.copies[who].append(copy)

    def restore(self, who: str, number: int = 0) -> None:
        """One of the copies takes the folder's place, and the agent is started on it."""
        agent, copy = self.scene.agent(who), self.copies[who][number % len(self.copies[who])]
        agent.store.close()
        shutil.rmtree(agent.directory)
        shutil.copytree(copy, agent.directory)
        self.scene.world.start(who)

    def restart(self, who: str, _number: int = 0) -> None:
        self.scene.restart(who)

    def say(self, who: str, _number: int = 0) -> None:
        self.spoken += 1
        self.scene.say(who, f"EXERCISE {self.spoken}")

    def say_what_is_refused(self, who: str, _number: int = 0) -> None:
        """It leaves the agent and no log knows of it."""
        self.scene.say(who, "EXERCISE national", NATIONAL[who[-2:]], precheck=False)

    def say_into_the_void(self, who: str, number: int = 0) -> None:
        """The ciphertext leaves the agent; it is lost (even numbers), or its answer is."""
        agent = self.scene.agent(who)
        honest = agent.client.submit

        def submit(envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
            if _claims(envelopes) == [True]:
                return honest(envelopes)
            if number % 2:
                honest(envelopes)
            raise Unreachable("lost on the way", what="the node")

        agent.client.submit = submit  # type: ignore[method-assign]
        try:
            self.say(who)
        finally:
            agent.client.submit = honest  # type: ignore[method-assign]

    def die(self, who: str, number: int = 0) -> None:
        """Killed at a write while it queues, sends and reads; then started again."""
        agent = self.scene.agent(who)
        agent.engine._store = MortalStore(agent.store, 1 + number % 6, late=number % 2 == 0)  # type: ignore[assignment]
        try:
            self.say(who)
            agent.engine.sync_all()
        finally:
            self.scene.restart(who)

    def change(self, who: str, _number: int = 0) -> None:
        """A new epoch."""
        self.scene.agent(who).engine._change(self.scene.room, (), ())

    def read(self, who: str, _number: int = 0) -> None:
        self.scene.agent(who).engine.sync_all()

    def settle(self, _who: str = "", _number: int = 0) -> None:
        self.scene.settle(1)

    def in_the_room(self) -> list[str]:
        """Those whose store still follows the room."""
        return [who for who in ACTORS if self.scene.agent(who).engine.room(self.scene.room).member]


MOVES = (
    *("say", "say", "snapshot", "restore", "restore", "restart", "change", "read", "settle"),
    *("say_what_is_refused", "say_into_the_void", "die"),
)
STEPS = st.tuples(st.sampled_from(MOVES), st.sampled_from(ACTORS), st.integers(0, 11))
ALICE = [(what, "alice@uk", 0) for what in ("change", "say", "restore", "say")]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@example([("say", "bob@uk", 0), ("restore", "bob@uk", 0), ("say", "bob@uk", 0)])
@example([("say_what_is_refused", "bob@uk", 0), ("restore", "bob@uk", 0), ("say", "bob@uk", 0)])
@example([("say_into_the_void", "claire@fr", 0), ("restore", "claire@fr", 0), ("say", "claire@fr", 0)])
@example([("change", "bob@uk", 0), ("settle", "bob@uk", 0), ("say", "alice@uk", 0), ("restore", "alice@uk", 0)])
@example(ALICE)
@given(st.lists(STEPS, min_size=4, max_size=14))
def test_nothing_is_ever_sealed_twice_in_one_place(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    with staged() as scene, _watched() as used:
        play = Play(scene, tmp_path_factory.mktemp("copies"))
        for what, who, number in steps:
            play.act(what, who, number)
        scene.settle(4)
        speakers = play.in_the_room()
        for who in speakers:
            scene.say(who, f"EXERCISE end of {who}")
        scene.settle(3)
        assert used, "the watch saw what was sealed"
        for reader in play.in_the_room():
            assert {f"EXERCISE end of {who}" for who in speakers} <= set(scene.texts(reader)), reader


def test_without_claims_the_law_breaks_and_the_watch_sees_it(scene: Scene, tmp_path: Path) -> None:
    play = Play(scene, tmp_path)
    with (
        _watched(),
        patch.object(Leases, "holds", lambda _self, _group: True),
        patch.object(Leases, "take", lambda _self, group: group.generation),
    ):
        play.say("bob@uk")
        play.restore("bob@uk")
        with pytest.raises(UsedTwice):
            play.say("bob@uk")


def test_a_store_put_back_before_its_own_commit_says_so_and_comes_back_by_invitation(
    scene: Scene, tmp_path: Path
) -> None:
    play = Play(scene, tmp_path)
    play.say("bob@uk")
    play.change("bob@uk")
    scene.settle()
    play.restore("bob@uk")
    scene.settle()
    bob = scene.agent("bob@uk").engine
    assert any("older than the room" in alarm for alarm in bob.status().alarms)
    with pytest.raises(IllegalStep):
        play.say("bob@uk")
    alice = scene.agent("alice@uk").engine
    alice.remove(scene.room, Address.parse("bob@uk"))
    scene.settle()
    alice.invite(scene.room, [Address.parse("bob@uk")])
    scene.settle(3)
    scene.require_alive()
    play.say("bob@uk")
    scene.settle()
    assert all(f"EXERCISE {play.spoken}" in scene.texts(reader) for reader in PEOPLE)


def test_an_answer_that_is_late_does_not_cost_the_room(scene: Scene) -> None:
    """The node took the commit and says that it is too busy: the commit's state is kept until the log tells."""
    client = scene.agent("bob@uk").client
    honest, busy = client.submit, [TooBusy("forged")]

    def submit(envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
        outcomes = honest(envelopes)
        return [busy.pop()] if busy else outcomes

    client.submit = submit  # type: ignore[method-assign]
    with pytest.raises(TooBusy):
        scene.agent("bob@uk").engine._change(scene.room, (), ())
    scene.settle()
    assert Device(scene.agent("bob@uk"), scene.room).group.epoch == 2
    scene.require_alive()


# --- the node's side of it ------------------------------------------------------------------------------------------


def _claim(scene: Scene, who: str, first: int, count: int = 1, epoch: int | None = None) -> bytes:
    device = Device(scene.agent(who), scene.room)
    return device.envelope(device.header(), Claim(first, count).encode(), kind=bindings.CLAIM, epoch=epoch)


def _granted(scene: Scene, who: str, data: bytes) -> int:
    (outcome,) = scene.agent(who).client.submit([data])
    assert isinstance(outcome, Outcome)
    return outcome.offset


def test_a_number_is_granted_once(scene: Scene) -> None:
    first, second = _claim(scene, "bob@uk", 0, 5), _claim(scene, "bob@uk", 0, 64)
    assert [_granted(scene, "bob@uk", data) for data in (first, second, first)] == [0, 5, 0]
    assert _granted(scene, "bob@uk", _claim(scene, "bob@uk", 70)) == 70
    assert _granted(scene, "bob@uk", _claim(scene, "bob@uk", 0)) == 71
    assert _granted(scene, "bob@uk", _claim(scene, "bob@uk", 0, epoch=2)) == 0
    assert _granted(scene, "alice@uk", _claim(scene, "alice@uk", 0)) == 0


def test_a_claim_is_in_no_log_and_for_members_only(scene: Scene) -> None:
    log = f"home/{scene.room.hex()}"
    before = len(scene.node("uk").leaves(log))
    _granted(scene, "bob@uk", _claim(scene, "bob@uk", 0))
    assert len(scene.node("uk").leaves(log)) == before
    for first, count in ((-1, 1), (2**32, 1), (0, 0), (0, limits.CLAIMED_GENERATIONS + 1)):
        (outcome,) = scene.agent("bob@uk").client.submit([_claim(scene, "bob@uk", first, count)])
        assert isinstance(outcome, CordialeError) and outcome.code == "malformed"
    scene.agent("alice@uk").engine.remove(scene.room, Address.parse("bob@uk"))
    (outcome,) = scene.agent("bob@uk").client.submit([_claim(scene, "bob@uk", 0)])
    assert isinstance(outcome, CordialeError) and outcome.code == "not-member"


def _proposal_as_claim(scene: Scene, who: str) -> bytes:
    """The worst that a claim could carry elsewhere: a proposal that every member would take."""
    device = Device(scene.agent(who), scene.room)
    _, proposal = device.group.propose_remove(device.group.own_leaf)
    return device.envelope(device.header(), proposal, kind=bindings.CLAIM)


def test_a_claim_that_another_nation_passes_on_is_refused(scene: Scene) -> None:
    border = Border(scene.node("fr"), scene.node("uk"))
    border.publish(_proposal_as_claim(scene, "claire@fr"))
    (refusal,) = scene.node("uk").replicate(scene.node("fr"))
    assert (refusal.code, refusal.rule) == ("protocol-violation", "cordiale claim 2")
    scene.require_alive()


def test_a_claim_in_a_log_moves_no_agent(scene: Scene) -> None:
    Home(scene.node("uk"), scene.room).publish(_proposal_as_claim(scene, "alice@uk"))
    before = Device(scene.agent("bob@uk"), scene.room).group.encode()
    scene.agent("bob@uk").engine.sync_all()
    assert Device(scene.agent("bob@uk"), scene.room).group.encode() == before
    assert any("cordiale claim 2" in alarm for alarm in scene.agent("bob@uk").engine.status().alarms)


def test_who_was_put_out_sees_the_message_refused(scene: Scene) -> None:
    scene.agent("alice@uk").engine.remove(scene.room, Address.parse("bob@uk"))
    scene.say("bob@uk", "EXERCISE too late")
    (row,) = [view.row for view in scene.agent("bob@uk").engine.messages(scene.room, "en")]
    assert (row.state, row.rule) == (REFUSED, "not-member")
    assert scene.agent("bob@uk").engine.status().queued == 0


# --- the agent's side of it -----------------------------------------------------------------------------------------


def _always(scene: Scene, who: str, number: int) -> None:
    """From now on the node answers every claim with one number, whatever was granted."""
    client = scene.agent(who).client
    honest = client.submit

    def submit(envelopes: Sequence[bytes]) -> Sequence[Outcome | CordialeError]:
        answers = zip(_claims(envelopes), honest(envelopes), strict=True)
        return [Outcome(number, 0) if claim else answer for claim, answer in answers]

    client.submit = submit  # type: ignore[method-assign]


def test_a_node_that_grants_what_was_used_is_not_believed(scene: Scene) -> None:
    scene.say("bob@uk", "EXERCISE one")
    scene.restart("bob@uk")
    _always(scene, "bob@uk", 0)
    with pytest.raises(ProtocolViolation, match="claimed"):
        scene.say("bob@uk", "EXERCISE two")
    assert scene.agent("bob@uk").engine.status().queued == 1


def test_a_number_too_far_ahead_waits_for_a_new_epoch(scene: Scene) -> None:
    """Readers refuse to derive so many keys; the agent makes an epoch in which it starts from nothing."""
    _granted(scene, "alice@uk", _claim(scene, "alice@uk", limits.MLS_FORWARD_GENERATIONS))
    scene.say("alice@uk", "EXERCISE far")
    assert scene.texts("bob@uk") == []
    assert scene.agent("alice@uk").engine.status().queued == 1
    scene.settle(5)
    assert Device(scene.agent("bob@uk"), scene.room).group.epoch == 2
    assert all(scene.texts(reader) == ["EXERCISE far"] for reader in PEOPLE)


class _Group:
    """As much of a group as a lease looks at."""

    def __init__(self, epoch: int, generation: int) -> None:
        self.group_id, self.epoch, self.generation = b"r" * 32, epoch, generation


def test_a_lease_gives_each_number_once_even_if_the_state_is_rolled_back() -> None:
    leases, group, room = Leases(), _Group(3, 0), RoomId(b"r" * 32)
    assert not leases.holds(group)  # type: ignore[arg-type]
    leases.grant(Claimed(room, Epoch(3), 0, 9, b""), 7)
    taken = []
    while leases.holds(group):  # type: ignore[arg-type]
        taken.append(leases.take(group))  # type: ignore[arg-type]
    assert taken == list(range(7, 16))
    leases.grant(Claimed(room, Epoch(3), 0, 9, b""), 16)
    assert leases.take(_Group(3, 20)) == 20  # type: ignore[arg-type]
    assert not leases.holds(_Group(4, 0))  # type: ignore[arg-type]
    assert not leases.holds(_Group(3, 25))  # type: ignore[arg-type]
    for start in (-1, 2**32):
        with pytest.raises(ProtocolViolation):
            leases.grant(Claimed(room, Epoch(3), 0, 1, b""), start)


def test_who_writes_once_claims_once_and_who_writes_much_claims_more() -> None:
    leases, room, counts = Leases(), RoomId(b"r" * 32), []
    for waiting in (0, 1, 3, 1, 1, 1, 1, 1):
        counts.append(leases.count(room, waiting))
        leases.grant(Claimed(room, Epoch(1), 0, counts[-1], b""), 0)
    assert counts == [1, 2, 4, 8, 16, 32, 64, 64]
    assert leases.count(RoomId(b"o" * 32), 200) == limits.CLAIMED_GENERATIONS


def test_a_process_that_sends_what_waits_gives_up_no_number(scene: Scene) -> None:
    for number in range(3):
        scene.say("alice@uk", f"EXERCISE {number}")
        scene.restart("alice@uk")
    assert Device(scene.agent("alice@uk"), scene.room).group.generation == 3
