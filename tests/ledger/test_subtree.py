"""cordiale.ledger.subtree: every small subtree of every small log."""

import pytest

from cordiale.errors import IllegalStep, ProofInvalid
from cordiale.ledger.merkle import EMPTY_ROOT, leaf_hash
from cordiale.ledger.proof import subtree_consistency_proof
from cordiale.ledger.subtree import is_subtree, verify_subtree_consistency
from cordiale.ledger.tile import MemoryTiles
from ledger import reference

LEAVES = [leaf_hash(b"%d" % index) for index in range(40)]
TILES = MemoryTiles()
TILES.extend(LEAVES)


def test_which_ranges_are_subtrees():
    assert all(is_subtree(0, end) for end in range(9))
    assert all(is_subtree(at, at) and is_subtree(at, at + 1) for at in range(9))
    assert is_subtree(4, 7) and is_subtree(8, 13) and is_subtree(2, 4)
    for start, end in [(1, 3), (2, 5), (2, 6), (3, 5), (1, 15), (-1, 0), (2, 1), (0, 2**63)]:
        assert not is_subtree(start, end)


@pytest.mark.parametrize("size", range(1, 25))
def test_every_subtree_is_proved(size):
    root = reference.mth(LEAVES[:size])
    for start in range(size):
        for end in range(start + 1, size + 1):
            if is_subtree(start, end):
                inner = reference.mth(LEAVES[start:end])
                found = subtree_consistency_proof(TILES, start, end, size)
                verify_subtree_consistency(start, end, size, found, inner, root)
                _every_change_is_noticed(start, end, size, found, inner, root)


def _every_change_is_noticed(start, end, size, found, inner, root):
    other = leaf_hash(b"other")
    changed = [(*found[:at], other, *found[at + 1 :]) for at in range(len(found))]
    for wrong in [(*found, other), (other, *found), found[:-1] if found else (root,), *changed]:
        with pytest.raises(ProofInvalid):
            verify_subtree_consistency(start, end, size, wrong, inner, root)
    for wrong_inner, wrong_root in [(other, root), (inner, other), (inner[:31], root), (inner, b"")]:
        with pytest.raises(ProofInvalid):
            verify_subtree_consistency(start, end, size, found, wrong_inner, wrong_root)


def test_an_empty_subtree_has_only_the_empty_root():
    verify_subtree_consistency(1, 1, 2, (), EMPTY_ROOT, LEAVES[0])
    for proof, root in [((LEAVES[0],), EMPTY_ROOT), ((), LEAVES[0])]:
        with pytest.raises(ProofInvalid):
            verify_subtree_consistency(1, 1, 2, proof, root, LEAVES[0])


@pytest.mark.parametrize(("start", "end", "size"), [(1, 3, 8), (0, 9, 8), (3, 3, 8), (0, 2**63, 2**63)])
def test_no_subtree_no_proof(start, end, size):
    with pytest.raises(IllegalStep):
        subtree_consistency_proof(TILES, start, end, size)
