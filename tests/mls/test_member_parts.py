"""A member's state in parts: what is put together again is the same, and what was erased is in no part."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.errors import CannotDecrypt, IllegalStep, Malformed
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.member_parts import GROUP, OWN, assemble, difference
from cordiale.mls.secret_tree import RatchetKind
from cordiale.vocab.identifier import LeafIndex
from mls.people import FAST, NOW, anybody, group_of

STEPS = ("say", "hear", "skip", "commit", "follow", "propose")


class Kept:
    """A store of parts, and the state that was last written to it."""

    def __init__(self, group: MemberGroup) -> None:
        self.parts: dict[str, bytes] = {}
        self.group: MemberGroup | None = None
        self.keep(group)

    def keep(self, group: MemberGroup) -> dict[str, bytes]:
        """Write what differs; what was written."""
        made = difference(self.group, group)
        assert not made.put.keys() & set(made.drop)
        self.parts.update(made.put)
        for name in made.drop:
            del self.parts[name]
        self.group = group
        return made.put

    def again(self) -> MemberGroup:
        return assemble(self.parts, MemberGroup)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=14))
def test_parts_make_the_state_again_whatever_happened(steps: list[str]) -> None:
    alice, bob = group_of(["bob"])
    kept = Kept(alice)
    for step in steps:
        match step:
            case "say":
                alice, _ = alice.encrypt(b"EXERCISE", b"")
            case "hear":
                bob, message = bob.encrypt(b"EXERCISE", b"")
                alice, _ = alice.decrypt(message)
            case "skip":
                bob, _ = bob.encrypt(b"EXERCISE", b"")
            case "propose":
                alice, message = alice.propose_update()
                bob, _ = bob.process(message, authenticate=anybody, now=NOW)
            case _:
                first, second = (alice, bob) if step == "commit" else (bob, alice)
                made = first.commit(authenticate=anybody, now=NOW)
                second, _ = second.process(made.message, authenticate=anybody, now=NOW)
                alice, bob = (made.pending, second) if step == "commit" else (second, made.pending)
        kept.keep(alice)
        assert kept.again().encode() == alice.encode()


def test_a_message_rewrites_one_ratchet_and_no_more() -> None:
    alice, bob, *_ = group_of(["bob", "carol", "dave"])
    first, second = Kept(alice), Kept(bob)
    alice, message = alice.encrypt(b"EXERCISE", b"")
    bob, _ = bob.decrypt(message)
    for kept, group in ((first, alice), (second, bob)):
        assert set(kept.keep(group)) == {"tree/1", "ratchet/1/0/1", "ratchet/1/0/2"}
    alice, message = alice.encrypt(b"EXERCISE", b"")
    bob, _ = bob.decrypt(message)
    for kept, group in ((first, alice), (second, bob)):
        assert set(kept.keep(group)) == {"ratchet/1/0/2"}


def test_a_commit_writes_the_group_and_drops_the_oldest_epoch() -> None:
    alice, bob = group_of(["bob"])
    kept = Kept(alice)
    for _ in range(9):
        made = bob.commit(authenticate=anybody, now=NOW)
        bob = made.pending
        bob, message = bob.encrypt(b"EXERCISE", b"")
        alice, _ = alice.process(made.message, authenticate=anybody, now=NOW)
        alice, _ = alice.decrypt(message)
        assert {GROUP, OWN} <= set(kept.keep(alice))
    epochs = {int(name.split("/")[1]) for name in kept.parts if "/" in name}
    assert epochs == {keys.context.epoch for keys in alice.past} | {alice.epoch}


def test_what_was_erased_is_in_no_part() -> None:
    alice, bob = group_of(["bob"])
    bob, message = bob.encrypt(b"EXERCISE", b"")
    kept = Kept(alice)
    before = b"".join(kept.parts.values())
    root = next(iter(alice.secret_tree.nodes.values()))
    assert root in before
    alice, _ = alice.decrypt(message)
    kept.keep(alice)
    used = alice.secret_tree.ratchets[LeafIndex(1), RatchetKind.APPLICATION].secret
    assert root not in b"".join(kept.parts.values())
    assert used in b"".join(kept.parts.values())
    alice, _ = alice.decrypt(bob.encrypt(b"EXERCISE", b"")[1])
    kept.keep(alice)
    assert used not in b"".join(kept.parts.values())


def test_what_one_has_left_holds_no_secret_and_reads_nothing() -> None:
    alice, bob = group_of(["bob"])
    _, message = bob.encrypt(b"EXERCISE", b"")
    kept = Kept(alice)
    held = [alice.secrets.init, alice.secrets.exporter, *alice.secret_tree.nodes.values()]
    held += [pair.private for pair in alice.keys.values()]
    assert all(secret in b"".join(kept.parts.values()) for secret in held)
    kept.keep(alice.forgotten())
    assert not any(secret in b"".join(kept.parts.values()) for secret in held)
    gone = kept.again()
    assert gone.members == alice.members and gone.evicted
    with pytest.raises(CannotDecrypt):
        gone.decrypt(message)
    with pytest.raises(IllegalStep):
        gone.encrypt(b"EXERCISE", b"")


def test_a_pending_state_keeps_what_was_read_meanwhile() -> None:
    alice, bob = group_of(["bob"])
    bob, message = bob.encrypt(b"EXERCISE", b"")
    pending = MemberGroup.decode(alice.commit(authenticate=anybody, now=NOW).pending.without_past().encode())
    alice, _ = alice.decrypt(message)
    after = alice.succeeded_by(pending)
    assert after.epoch == 2 and after.past[0].secret_tree == alice.secret_tree
    with pytest.raises(IllegalStep):
        after.succeeded_by(pending)


def test_a_missing_part_is_noticed() -> None:
    alice, _ = group_of(["bob"])
    parts = Kept(alice).parts
    for name in (GROUP, OWN, "tree/1"):
        with pytest.raises(Malformed):
            assemble({key: data for key, data in parts.items() if key != name}, MemberGroup)


def test_numbers_are_skipped_forwards_only() -> None:
    alice, bob = group_of(["bob"])
    assert alice.generation == 0
    alice, message = alice.encrypt(b"EXERCISE", b"", generation=64)
    assert alice.generation == 65
    bob, received = bob.decrypt(message)
    assert received.generation == 64
    with pytest.raises(IllegalStep):
        alice.encrypt(b"EXERCISE", b"", generation=64)
    kept = alice.secret_tree.ratchets[LeafIndex(0), RatchetKind.APPLICATION].kept
    assert not kept, "the sender keeps no key that nobody will use"
    assert alice.suite.id == FAST
