"""cordiale.ledger.log: author, replica, auditor."""

import pytest

from cordiale.crypto.signing import SigningKey
from cordiale.errors import IllegalStep, Malformed, ProofInvalid, SplitView
from cordiale.ledger import checkpoint as checkpoints
from cordiale.ledger.log import AUDIT_BATCH, LogState, advance, audit
from cordiale.ledger.merkle import leaf_hash
from cordiale.ledger.proof import consistency_proof
from cordiale.ledger.tile import MemoryTiles
from ledger import reference

KEY = SigningKey.from_seed(bytes(32))
ENTRIES = [b"entry %d" % index for index in range(700)]
HASHES = [leaf_hash(entry) for entry in ENTRIES]


def at(count, entries=ENTRIES, origin="uk/fr"):
    state, _ = LogState.empty(origin).append(entries[:count])
    return state


def signed(count, entries=ENTRIES, origin="uk/fr"):
    note = checkpoints.sign(at(count, entries, origin).checkpoint(), "uk", KEY)
    return checkpoints.verify(note, origin=origin, name="uk", key=KEY.public)


def test_the_author_appends():
    state, hashes = at(3).append(ENTRIES[3:5])
    assert list(hashes) == HASHES[3:5]
    assert (state.size, state.checkpoint().root) == (5, reference.mth(HASHES[:5]))
    assert at(3).size == 3


def test_an_origin_is_a_name():
    with pytest.raises(Malformed):
        LogState.empty("uk fr")


def test_the_replica_follows():
    state = LogState.empty("uk/fr")
    for start, end in [(0, 0), (0, 100), (100, 100), (100, 700)]:
        state = advance(state, ENTRIES[start:end], signed(end))
    assert state == at(700)


def test_a_page_before_the_checkpoint_needs_a_proof():
    tiles = MemoryTiles()
    tiles.extend(HASHES)
    proof = consistency_proof(tiles, 256, 700)
    assert advance(at(100), ENTRIES[100:256], signed(700), proof) == at(256)
    with pytest.raises(ProofInvalid):
        advance(at(100), ENTRIES[100:256], signed(700))
    with pytest.raises(ProofInvalid):
        advance(at(100), [*ENTRIES[100:255], b"other"], signed(700), proof)


def test_entries_that_were_not_signed_are_refused():
    for page in (ENTRIES[3:5], [ENTRIES[3], b"other"], [ENTRIES[4], ENTRIES[3]], ENTRIES[3:6], []):
        with pytest.raises(ProofInvalid) as caught:
            advance(at(3), page, signed(5 if page != ENTRIES[3:5] else 6))
        assert caught.value.facts["entry"] in {3, 5}


def test_a_contradiction_is_a_split_view():
    fork = [*ENTRIES[:2], b"other", *ENTRIES[3:]]
    with pytest.raises(SplitView):
        advance(at(5), [], signed(5, fork))
    with pytest.raises(SplitView):
        advance(at(5), [], signed(4))


def test_another_logs_checkpoint_is_the_callers_mistake():
    with pytest.raises(IllegalStep):
        advance(at(3), [], signed(3, origin="fr/uk"))


def test_an_intact_log_passes_the_audit():
    for count in (0, 1, 700):
        audit(ENTRIES[:count], iter(HASHES[:count]), signed(count), earlier=[signed(each) for each in (0, count // 2)])
    long = [b"%d" % index for index in range(2 * AUDIT_BATCH + 1)]
    audit(long, map(leaf_hash, long), signed(len(long), long))


@pytest.mark.parametrize("index", [0, 1, 255, 256, 699])
def test_the_audit_names_the_altered_entry(index):
    altered = [*ENTRIES[:index], ENTRIES[index] + b".", *ENTRIES[index + 1 :]]
    hashes = [*HASHES[:index], leaf_hash(b"other"), *HASHES[index + 1 :]]
    for leaves, stored in [(altered, HASHES), (ENTRIES, hashes), (altered, hashes)]:
        with pytest.raises(ProofInvalid) as caught:
            audit(leaves, stored, signed(700))
        assert caught.value.facts["entry"] == index
        assert f"entry {index}:" in str(caught.value)


def test_entry_and_hash_altered_together_are_narrowed_by_earlier_checkpoints():
    altered = [*ENTRIES[:300], b"other", *ENTRIES[301:]]
    hashes = [leaf_hash(entry) for entry in altered]
    with pytest.raises(ProofInvalid) as caught:
        audit(altered, hashes, signed(700), earlier=[signed(301), signed(300), signed(100)])
    assert (caught.value.facts["entry"], caught.value.facts["last"]) == (300, 300)
    with pytest.raises(ProofInvalid) as caught:
        audit(altered, hashes, signed(700))
    assert (caught.value.facts["entry"], caught.value.facts["last"]) == (0, 699)


@pytest.mark.parametrize(
    ("leaves", "hashes", "entry"),
    [
        (ENTRIES[:699], HASHES[:699], 699),
        (ENTRIES[:699], HASHES, 699),
        (ENTRIES, HASHES[:10], 10),
        ([], [], 0),
        ([*ENTRIES, b"more"], [*HASHES, leaf_hash(b"more")], 700),
        ([*ENTRIES, b"more"], HASHES, 700),
    ],
)
def test_missing_and_surplus_entries_are_named(leaves, hashes, entry):
    with pytest.raises(ProofInvalid) as caught:
        audit(leaves, hashes, signed(700))
    assert caught.value.facts["entry"] == entry
