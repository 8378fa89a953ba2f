"""cordiale.ledger.checkpoint: C2SP tlog-checkpoint."""

from base64 import b64encode

import pytest

from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, LocalMisuse, Malformed
from cordiale.ledger import checkpoint as checkpoints
from cordiale.ledger.checkpoint import Checkpoint, VerifiedCheckpoint
from cordiale.ledger.merkle import EMPTY_ROOT, leaf_hash
from cordiale.vocab.identifier import Digest

KEY = SigningKey.from_seed(bytes(32))
ROOT = leaf_hash(b"entry")
ONE = Checkpoint("uk/fr", 1, ROOT)
NOTE = checkpoints.sign(ONE, "uk", KEY)
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeM"
    "cTOAYQ8=\n"
).encode()
"""From c2sp.org/tlog-checkpoint."""


def verify(note=NOTE, origin="uk/fr", name="uk", key=KEY.public):
    return checkpoints.verify(note, origin=origin, name=name, key=key)


def test_a_signed_checkpoint_is_verified():
    verified = verify()
    assert verified.checkpoint == ONE
    assert (verified.origin, verified.size, verified.root, verified.note) == ("uk/fr", 1, ROOT, NOTE)
    assert verify(verified.note) == verified
    assert str(verified.checkpoint) == "uk/fr at 1"


def test_the_specifications_example_is_read():
    signed = checkpoints.parse(EXAMPLE)
    assert (signed.checkpoint.origin, signed.checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert signed.note.encode() == EXAMPLE


def test_the_bytes_are_the_specifications():
    assert NOTE.decode().startswith(f"uk/fr\n1\n{b64encode(ROOT).decode()}\n\n— uk ")
    assert checkpoints.sign(ONE, "uk", KEY) == NOTE


@pytest.mark.parametrize(
    "wrong", [{"name": "fr"}, {"key": SigningKey.from_seed(bytes([1] * 32)).public}, {"key": b"not a key"}]
)
def test_another_key_did_not_sign_it(wrong):
    with pytest.raises(BadSignature):
        verify(**wrong)


def test_every_flipped_bit_is_noticed():
    for at in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[at] ^= 1
        with pytest.raises((Malformed, BadSignature)):
            verify(bytes(changed))


def test_another_logs_checkpoint_is_not_this_ones():
    with pytest.raises(Malformed):
        verify(origin="fr/uk")


def test_unknown_signatures_are_ignored():
    other = checkpoints.sign(ONE, "fr", SigningKey.generate()).split(b"\n\n")[1]
    assert verify(NOTE + other).size == 1


def test_only_the_verifier_makes_a_verified_checkpoint():
    with pytest.raises(TypeError):
        VerifiedCheckpoint(ONE, NOTE)  # type: ignore[call-arg]
    verified = verify()
    with pytest.raises(AttributeError):
        verified.checkpoint = ONE  # type: ignore[misc]


TAIL = NOTE.decode().partition("\n\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "uk/fr\n01\n{root}\n",
        "uk/fr\n-1\n{root}\n",
        "uk/fr\n+1\n{root}\n",
        "uk/fr\n١\n{root}\n",
        "uk/fr\n\n{root}\n",
        "uk/fr\n9223372036854775808\n{root}\n",
        "uk/fr\n10000000000000000000\n{root}\n",
        "uk/fr\n0\n{root}\n",
        "uk/fr\n1\n{root}\nextension\n",
        "uk/fr\n1\n",
        "uk/fr\n1\nAAAA\n",
        "uk/fr\n1\n{root}=\n",
        "uk fr\n1\n{root}\n",
        "\n1\n{root}\n",
    ],
)
def test_other_texts_are_malformed(text):
    with pytest.raises(Malformed):
        checkpoints.parse((text.format(root=b64encode(ROOT).decode()) + "\n" + TAIL).encode())


def test_an_empty_log_has_the_empty_root_and_no_other_has():
    assert Checkpoint("uk/fr", 0, EMPTY_ROOT).size == 0
    for size, root in [(0, ROOT), (1, EMPTY_ROOT), (-1, ROOT), (1, Digest(b""))]:
        with pytest.raises(Malformed):
            Checkpoint("uk/fr", size, root)


@pytest.mark.parametrize("name", ["", "u k", "u+k", "u\nk", "u" * 256])
def test_names_that_cannot_be_written_are_not_signed(name):
    with pytest.raises(Malformed):
        checkpoints.sign(ONE, name, KEY)
    with pytest.raises(Malformed):
        Checkpoint(name, 1, ROOT)


def test_errors_blame_the_sender():
    with pytest.raises(BadSignature) as caught:
        verify(name="fr")
    assert not isinstance(caught.value, LocalMisuse)
