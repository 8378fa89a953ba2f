"""RFC 9420 §14 and §15: the order of changes, and application messages."""

import pytest

from cordiale.errors import CordialeError, LimitExceeded
from cordiale.mls.secret_tree import Ratchet
from cordiale.vocab.identifier import LeafIndex
from mls.people import NOW, anybody, group_of, person


def test_making_a_commit_changes_nothing() -> None:
    first, second = group_of(["bob"])
    before = first.encode()
    result = first.commit(add=[person("eve").package], authenticate=anybody, now=NOW)
    assert first.encode() == before and result.pending.epoch == first.epoch + 1
    rival = second.commit(authenticate=anybody, now=NOW)
    after, _ = first.process(rival.message, authenticate=anybody, now=NOW)
    assert after.epoch_authenticator == rival.pending.epoch_authenticator


def test_generations_end() -> None:
    first, _ = group_of(["bob"])
    last = Ratchet(bytes(32), 2**32 - 1)
    _, after = last.next(first.suite)
    with pytest.raises(LimitExceeded):
        after.next(first.suite)


def test_a_commit_comes_before_what_is_said_next() -> None:
    first, second, third = group_of(["bob", "carol"])
    result = first.commit(remove=[LeafIndex(2)], authenticate=anybody, now=NOW)
    second, _ = second.process(result.message, authenticate=anybody, now=NOW)
    _, message = second.encrypt(b"without carol", b"")
    assert result.pending.decrypt(message)[1].epoch == second.epoch == third.epoch + 1
    for group in (third, third.process(result.message, authenticate=anybody, now=NOW)[0]):
        with pytest.raises(CordialeError):
            group.decrypt(message)
