"""cordiale.ledger.witness: cosignatures (C2SP cosignature/v1) and split views."""

from base64 import b64decode

import pytest

from cordiale.crypto import signing
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, IllegalStep, Malformed, ProofInvalid, SplitView
from cordiale.ledger import checkpoint as checkpoints
from cordiale.ledger import note as notes
from cordiale.ledger import witness as witnesses
from cordiale.ledger.log import LogState
from cordiale.ledger.merkle import Frontier, leaf_hash
from cordiale.ledger.proof import consistency_proof
from cordiale.ledger.tile import MemoryTiles
from cordiale.ledger.witness import Witness
from cordiale.vocab.moment import LATEST, Moment

LOG, FR, DE = (SigningKey.from_seed(bytes([seed] * 32)) for seed in (1, 2, 3))
ENTRIES = [b"%d" % index for index in range(20)]
FORK = [*ENTRIES[:3], b"other", *ENTRIES[4:]]
NOW = Moment(1_679_315_147_500)


def signed(count, entries=ENTRIES):
    state, _ = LogState.empty("uk/fr").append(entries[:count])
    note = checkpoints.sign(state.checkpoint(), "uk", LOG)
    return checkpoints.verify(note, origin="uk/fr", name="uk", key=LOG.public)


def proof(old, new, entries=ENTRIES):
    tiles = MemoryTiles()
    tiles.extend([leaf_hash(entry) for entry in entries])
    return consistency_proof(tiles, old, new)


def verify(note, at_least=1, **keys):
    return witnesses.verify_cosigned(note, origin="uk/fr", log=("uk", LOG.public), witnesses=keys, at_least=at_least)


def test_a_cosignature_is_verified_and_dated():
    note = witnesses.cosign(signed(3).note, "fr", FR, NOW)
    note = witnesses.cosign(note, "de", DE, NOW)
    verified = verify(note, at_least=2, fr=FR.public, de=DE.public)
    assert verified.checkpoint == signed(3).checkpoint
    assert verified.cosigned == {"fr": 1_679_315_147_000, "de": 1_679_315_147_000}
    assert verified.note == note


def test_the_signed_message_is_the_specifications():
    note = witnesses.cosign(signed(3).note, "fr", FR, NOW)
    text, _, lines = note.decode().partition("\n\n")
    blob = b64decode(lines.splitlines()[1].split(" ")[2])
    assert blob[:4] == notes.key_id("fr", 4, FR.public)
    assert int.from_bytes(blob[4:12], "big") == 1679315147
    message = f"cosignature/v1\ntime 1679315147\n{text}\n".encode()
    signing.verify(FR.public, blob[12:], message, what="cosignature")


def test_cosigning_again_replaces_the_line():
    once = witnesses.cosign(signed(3).note, "fr", FR, NOW)
    twice = witnesses.cosign(once, "fr", FR, Moment(NOW + 1000))
    assert len(twice) == len(once)
    assert verify(twice, fr=FR.public).cosigned["fr"] == 1_679_315_148_000


def test_too_few_cosignatures_are_no_proof():
    note = witnesses.cosign(signed(3).note, "fr", FR, NOW)
    assert verify(note, at_least=1, fr=FR.public, de=DE.public).cosigned.keys() == {"fr"}
    assert verify(signed(3).note, at_least=0, fr=FR.public).cosigned == {}
    with pytest.raises(ProofInvalid):
        verify(note, at_least=2, fr=FR.public, de=DE.public)


def test_one_key_under_two_names_counts_once():
    note = witnesses.cosign(witnesses.cosign(signed(3).note, "fr", FR, NOW), "de", FR, NOW)
    with pytest.raises(ProofInvalid):
        verify(note, at_least=2, fr=FR.public, de=FR.public)


def _with_blob(blob):
    note = notes.parse(signed(3).note)
    line = notes.Signature("fr", notes.key_id("fr", notes.COSIGNATURE_V1, FR.public), blob)
    return note.signed(line).encode()


def test_a_false_cosignature_spoils_the_note():
    with pytest.raises(BadSignature):
        verify(_with_blob(bytes(72)), at_least=0, fr=FR.public)
    too_late = (LATEST // 1000 + 1).to_bytes(8, "big")
    for blob in (bytes(71), bytes(73), too_late + bytes(64)):
        with pytest.raises(Malformed):
            verify(_with_blob(blob), at_least=0, fr=FR.public)


def test_a_log_signature_is_no_cosignature():
    with pytest.raises(ProofInvalid):
        verify(signed(3).note, uk=LOG.public)


def test_the_first_checkpoint_needs_no_evidence():
    assert Witness().observe(signed(5)).seen["uk/fr"] == signed(5)


def test_a_log_that_grows_is_followed():
    witness = Witness().observe(signed(0)).observe(signed(5))
    witness = witness.observe(signed(9), proof(5, 9))
    assert witness.seen["uk/fr"].size == 9
    assert witness.observe(signed(9)) is witness
    assert witness.observe(signed(5), proof(5, 9)) is witness


def test_a_kept_replica_is_evidence():
    frontier = Frontier.empty().extend([leaf_hash(entry) for entry in ENTRIES[:9]])
    witness = Witness().observe(signed(5)).observe(signed(9), frontier)
    assert witness.seen["uk/fr"].size == 9
    with pytest.raises(SplitView):
        witness.observe(signed(10, FORK), frontier)


@pytest.mark.parametrize("evidence", [(), proof(5, 9), proof(5, 9, FORK), Frontier.empty()])
def test_a_fork_is_a_split_view(evidence):
    witness = Witness().observe(signed(5))
    with pytest.raises(SplitView) as caught:
        witness.observe(signed(9, FORK), evidence)
    assert caught.value.facts["origin"] == "uk/fr"


def test_one_size_and_two_roots_is_a_split_view_whatever_the_evidence():
    frontier = Frontier.empty().extend([leaf_hash(entry) for entry in FORK[:5]])
    for evidence in ((), frontier):
        with pytest.raises(SplitView):
            Witness().observe(signed(5)).observe(signed(5, FORK), evidence)


def test_an_older_checkpoint_teaches_nothing_without_a_proof():
    witness = Witness().observe(signed(9))
    with pytest.raises(IllegalStep):
        witness.observe(signed(5))
    with pytest.raises(SplitView):
        witness.observe(signed(5, FORK), proof(5, 9))


def test_a_witness_signs_only_the_latest_that_it_observed():
    witness = Witness().observe(signed(5))
    assert verify(witness.cosign(signed(5), "fr", FR, NOW), fr=FR.public).size == 5
    for other in (signed(4), signed(6), signed(5, FORK)):
        with pytest.raises(IllegalStep):
            witness.cosign(other, "fr", FR, NOW)
    with pytest.raises(IllegalStep):
        Witness().cosign(signed(5), "fr", FR, NOW)
