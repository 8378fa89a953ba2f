"""Sender data that whoever knows the epoch's secret can seal, well formed or not."""

import pytest

from cordiale.crypto.aead import seal
from cordiale.crypto.suite import SUITES, Suite
from cordiale.errors import CannotDecrypt, Malformed
from cordiale.mls.framing import PrivateMessage, private_message
from cordiale.mls.sender_data import SenderData, SenderDataSecret
from cordiale.vocab.identifier import LeafIndex
from mls.people import group_of

SENDER = SenderData(LeafIndex(7), 2**32 - 1, b"1234")


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
def test_it_opens_beside_its_own_ciphertext_only(suite: Suite) -> None:
    secret = SenderDataSecret(suite, b"s" * suite.hash_bytes)
    sealed = secret.seal(SENDER, b"associated", b"ciphertext")
    assert secret.open(sealed, b"associated", b"ciphertext") == SENDER
    for associated, ciphertext in ((b"other", b"ciphertext"), (b"associated", b"other")):
        with pytest.raises(CannotDecrypt, match="message sender"):
            secret.open(sealed, associated, ciphertext)
    assert "s" * 8 not in repr(secret)


@pytest.mark.parametrize("length", [0, 11, 13])
def test_another_length_is_malformed(length: int) -> None:
    first, second = group_of(["bob"])
    honest = PrivateMessage.decode(first.encrypt(b"text", b"")[1])
    key = first.secrets.sender_data.key(honest.ciphertext)
    forged = seal(first.suite, key.key, key.nonce, honest.sender_data_aad, bytes(length))
    before = second.encode()
    with pytest.raises(Malformed, match=f"{length} bytes, not 12"):
        second.decrypt(private_message(honest.content_aad, forged, honest.ciphertext))
    assert second.encode() == before
