"""cordiale.ledger.proof: edges and wrong calls; the laws over all sizes are in tests/laws."""

import pytest

from cordiale.errors import IllegalStep, ProofInvalid
from cordiale.ledger import proof
from cordiale.ledger.merkle import EMPTY_ROOT, leaf_hash
from cordiale.ledger.tile import MemoryTiles
from ledger import reference

LEAVES = [leaf_hash(b"%d" % index) for index in range(700)]
TILES = MemoryTiles()
TILES.extend(LEAVES)
ROOT = TILES.frontier.root()


def test_a_failed_inclusion_names_its_entry():
    found = proof.inclusion_proof(TILES, 41, 700)
    with pytest.raises(ProofInvalid) as caught:
        proof.verify_inclusion(LEAVES[42], 41, 700, found, ROOT)
    assert caught.value.facts["entry"] == 41
    assert "entry 41" in str(caught.value)


@pytest.mark.parametrize(("index", "size"), [(-1, 700), (700, 700), (0, 0), (0, 2**63), (0, -5)])
def test_entries_outside_the_log_are_refused(index, size):
    with pytest.raises(ProofInvalid):
        proof.verify_inclusion(LEAVES[0], index, size, (), ROOT)


def test_each_tile_is_read_once_for_a_proof():
    class Counting:
        calls: list[tuple[int, int, int]] = []

        def tile(self, level, index, width):
            self.calls.append((level, index, width))
            return TILES.tile(level, index, width)

    proof.inclusion_proof(Counting(), 300, 700)
    assert sorted(Counting.calls) == [(0, 1, 256), (0, 2, 188), (1, 0, 2)]


def test_proofs_for_older_sizes_come_from_the_same_tiles():
    found = proof.inclusion_proof(TILES, 3, 300)
    assert list(found) == reference.path(3, LEAVES[:300])
    assert list(proof.consistency_proof(TILES, 130, 300)) == reference.proof(130, LEAVES[:300])


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0)])
def test_a_proof_of_nothing_cannot_be_asked_for(index, size):
    with pytest.raises(IllegalStep):
        proof.inclusion_proof(TILES, index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_nor_a_consistency_that_cannot_be(old, new):
    with pytest.raises(IllegalStep):
        proof.consistency_proof(TILES, old, new)


def test_equal_logs_need_no_proof():
    proof.verify_consistency(700, 700, (), ROOT, ROOT)
    proof.verify_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(ProofInvalid):
        proof.verify_consistency(0, 700, (), EMPTY_ROOT, ROOT)
    with pytest.raises(ProofInvalid):
        proof.verify_consistency(0, 0, (), ROOT, ROOT)


def test_a_page_is_proved_by_itself():
    page = reference.mth(LEAVES[256:512])
    found = proof.subtree_inclusion_proof(TILES, 300, 256, 512)
    proof.verify_subtree_inclusion(LEAVES[300], 300, 256, 512, found, page)
    with pytest.raises(ProofInvalid):
        proof.verify_subtree_inclusion(LEAVES[300], 255, 256, 512, found, page)
    with pytest.raises(IllegalStep):
        proof.subtree_inclusion_proof(TILES, 512, 256, 512)
