"""Laws of the ledger, against RFC 9162's recursion: what was signed is what verifies, and nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError, ProofInvalid, SplitView
from cordiale.ledger import checkpoint as checkpoints
from cordiale.ledger import proof as proofs
from cordiale.ledger.log import LogState, audit
from cordiale.ledger.merkle import Frontier, leaf_hash
from cordiale.ledger.tile import MemoryTiles, changed, growth
from cordiale.ledger.witness import Witness
from ledger import reference

KEY = SigningKey.from_seed(bytes(32))
LEAVES = [leaf_hash(b"%d" % index) for index in range(1200)]
TILES = MemoryTiles()
TILES.extend(LEAVES)
ROOTS = {}

sizes = st.integers(1, len(LEAVES))
digests = st.binary(min_size=32, max_size=32)


def root(size):
    if size not in ROOTS:
        ROOTS[size] = reference.mth(LEAVES[:size])
    return ROOTS[size]


@st.composite
def pairs(draw):
    """(smaller or equal, larger) log sizes, at least 1."""
    new = draw(sizes)
    return draw(st.integers(1, new)), new


@st.composite
def alterations(draw, proof):
    """A proof that differs from `proof`: a bit flipped, a hash gone, one too many, two swapped."""
    at = draw(st.integers(0, max(0, len(proof) - 1)))
    match draw(st.sampled_from(["flip", "drop", "add", "swap"] if len(proof) > 1 else ["add"])):
        case "flip":
            bit = draw(st.integers(0, 255))
            flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
            return (*proof[:at], flipped, *proof[at + 1 :])
        case "drop":
            return (*proof[:at], *proof[at + 1 :])
        case "add":
            return (*proof[:at], draw(digests), *proof[at:])
        case _:
            other = (at + 1) % len(proof)
            swapped = list(proof)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            return tuple(swapped)


@pytest.mark.parametrize("size", range(1, 40))
def test_every_proof_of_every_small_log_is_rfc_9162s(size):
    for index in range(size):
        proof = proofs.inclusion_proof(TILES, index, size)
        assert list(proof) == reference.path(index, LEAVES[:size])
        proofs.verify_inclusion(LEAVES[index], index, size, proof, root(size))
        consistent = proofs.consistency_proof(TILES, index + 1, size)
        assert list(consistent) == reference.proof(index + 1, LEAVES[:size])
        proofs.verify_consistency(index + 1, size, consistent, root(index + 1), root(size))


@given(pairs(), st.data())
@settings(max_examples=150)
def test_only_the_unaltered_inclusion_proof_verifies(pair, data):
    end, size = pair
    index = end - 1
    proof = proofs.inclusion_proof(TILES, index, size)
    proofs.verify_inclusion(LEAVES[index], index, size, proof, root(size))
    wrong_index = data.draw(st.integers(0, len(LEAVES)).filter(lambda each: each != index))
    wrong = data.draw(alterations(proof))
    for arguments in (
        (LEAVES[index], index, size, wrong, root(size)),
        (LEAVES[index], wrong_index, size, proof, root(size)),
        (data.draw(digests), index, size, proof, root(size)),
        (LEAVES[index], index, size, proof, data.draw(digests)),
    ):
        with pytest.raises(ProofInvalid) as caught:
            proofs.verify_inclusion(*arguments)
        assert caught.value.facts["entry"] == arguments[1]


@given(pairs(), st.data())
@settings(max_examples=150)
def test_only_the_unaltered_consistency_proof_verifies(pair, data):
    old, new = pair
    proof = proofs.consistency_proof(TILES, old, new)
    proofs.verify_consistency(old, new, proof, root(old), root(new))
    for wrong, old_root, new_root in (
        (data.draw(alterations(proof)), root(old), root(new)),
        (proof, data.draw(digests), root(new)),
        (proof, root(old), data.draw(digests)),
    ):
        with pytest.raises(ProofInvalid):
            proofs.verify_consistency(old, new, wrong, old_root, new_root)


@given(
    st.integers(-5, 2**64),
    st.integers(-5, 2**64),
    st.lists(st.binary(min_size=30, max_size=33), max_size=70),
    digests,
    digests,
)
def test_arbitrary_proofs_are_refused_quickly_and_cleanly(first, second, proof, left, right):
    with pytest.raises(ProofInvalid):
        proofs.verify_inclusion(left, first, second, proof, right)
    if not (first == second and left == right):
        with pytest.raises(ProofInvalid):
            proofs.verify_consistency(first, second, proof, left, right)


@given(st.lists(st.integers(0, 300), max_size=8))
def test_batches_do_not_matter(steps):
    frontier, at = Frontier.empty(), 0
    for step in steps:
        frontier, at = frontier.extend(LEAVES[at : at + step]), min(at + step, len(LEAVES))
    assert frontier == Frontier.empty().extend(LEAVES[:at])
    assert Frontier.decode(frontier.encode()) == frontier


@given(pairs())
def test_growth_fills_exactly_the_changed_tiles(pair):
    old, new = pair
    frontier = Frontier.empty().extend(LEAVES[:old])
    filled = {
        (row.height // 8, (row.first + at) // 256)
        for row in growth(frontier, LEAVES[old:new])
        for at in range(len(row.hashes))
    }
    assert filled == {(tile.level, tile.index) for tile in changed(old, new)}


def _signed(entries):
    state, hashes = LogState.empty("uk/fr").append(entries)
    note = checkpoints.sign(state.checkpoint(), "uk", KEY)
    return checkpoints.verify(note, origin="uk/fr", name="uk", key=KEY.public), hashes


entries = st.lists(st.binary(max_size=8), min_size=1, max_size=80)


@given(entries, st.data())
def test_the_audit_names_exactly_the_altered_entry(stored, data):
    checkpoint, hashes = _signed(stored)
    audit(stored, hashes, checkpoint)
    index = data.draw(st.integers(0, len(stored) - 1))
    entry = data.draw(st.binary(max_size=8).filter(lambda other: other != stored[index]))
    digest = data.draw(st.binary(max_size=40).filter(lambda other: other != hashes[index]))
    for leaves, column in (
        ([*stored[:index], entry, *stored[index + 1 :]], hashes),
        (stored, [*hashes[:index], digest, *hashes[index + 1 :]]),
    ):
        with pytest.raises(ProofInvalid) as caught:
            audit(leaves, column, checkpoint)
        assert caught.value.facts["entry"] == index


@given(entries, entries, st.data())
def test_no_split_view_passes_a_witness(left, right, data):
    """Two histories, neither a prefix of the other: whatever proof comes with the second, it is refused."""
    (seen, _), (other, hashes) = _signed(left), _signed(right)
    tiles = MemoryTiles()
    tiles.extend(hashes)
    honest = proofs.consistency_proof(tiles, min(len(left), len(right)), len(right))
    evidence = data.draw(st.sampled_from([(), honest, honest[:-1], tuple(hashes[:3])]))
    witness = Witness().observe(seen)
    shorter = min(len(left), len(right))
    if left[:shorter] != right[:shorter]:
        with pytest.raises(CordialeError) as caught:
            witness.observe(other, evidence)
        assert isinstance(caught.value, SplitView) or (len(right) < len(left) and not evidence)
    elif len(right) > len(left):
        assert witness.observe(other, honest).seen["uk/fr"] == other


@given(st.binary(max_size=300))
def test_no_bytes_make_a_verified_checkpoint(data):
    with pytest.raises(CordialeError):
        checkpoints.verify(data, origin="uk/fr", name="uk", key=KEY.public)
