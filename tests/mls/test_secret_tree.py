"""Forward secrecy of the secret tree; its values are held by the published vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.suite import suite_of
from cordiale.errors import LimitExceeded
from cordiale.mls.secret_tree import Ratchet, RatchetKind, SecretTree
from cordiale.mls.syntax import parse
from cordiale.vocab.identifier import LeafIndex
from mls.people import FAST

SUITE = suite_of(FAST)
TALK = RatchetKind.APPLICATION


def test_what_was_used_is_gone() -> None:
    tree = SecretTree.plant(8, b"s" * 32)
    _, first, tree = tree.next(SUITE, LeafIndex(3), TALK)
    assert b"s" * 32 not in tree.nodes.values()
    assert first.key not in tree.encode()
    key, tree = tree.at(SUITE, LeafIndex(3), TALK, 4)
    assert key.key not in tree.encode()
    assert [*tree.ratchets[LeafIndex(3), TALK].kept] == [1, 2, 3]
    assert "3 kept" in repr(tree.ratchets[LeafIndex(3), TALK])


@given(st.permutations(range(7)))
def test_the_order_of_reading_does_not_matter(order: list[int]) -> None:
    in_order = Ratchet(b"r" * 32)
    expected = []
    for _ in order:
        key, in_order = in_order.next(SUITE)
        expected.append(key)
    ratchet = Ratchet(b"r" * 32)
    for generation in order:
        key, ratchet = ratchet.at(SUITE, generation)
        assert key == expected[generation]
        assert parse(ratchet.encode(), Ratchet.read, "ratchet", limit=10_000) == ratchet
    assert ratchet == in_order


def test_generations_end() -> None:
    last, ratchet = Ratchet(b"r" * 32, 2**32 - 1).next(SUITE)
    assert len(last.key) == SUITE.key_bytes
    with pytest.raises(LimitExceeded, match="used up"):
        ratchet.next(SUITE)
    assert parse(ratchet.encode(), Ratchet.read, "ratchet", limit=10_000) == ratchet
