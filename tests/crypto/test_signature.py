"""Signatures of every scheme of the suite table."""

import pytest

from cordiale.crypto.signature import EcdsaKey, Signer, signer_from_seed, verify
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import Scheme
from cordiale.errors import BadSignature, Malformed

every_scheme = pytest.mark.parametrize("scheme", Scheme)


def fresh(scheme: Scheme) -> Signer:
    """A key of the scheme."""
    return SigningKey.generate() if scheme is Scheme.ED25519 else EcdsaKey.generate(scheme)


@every_scheme
def test_sign_and_verify(scheme: Scheme) -> None:
    key = fresh(scheme)
    verify(scheme, key.public, key.sign(b"message"), b"message", what="test")


@every_scheme
def test_what_does_not_hold_raises(scheme: Scheme) -> None:
    key = fresh(scheme)
    signature = key.sign(b"message")
    wrong = [
        (key.public, signature, b"other message"),
        (fresh(scheme).public, signature, b"message"),
        (key.public, b"", b"message"),
        (key.public, signature[:-1], b"message"),
        (b"", signature, b"message"),
        (bytes(len(key.public)), signature, b"message"),
        (key.public[:-1], signature, b"message"),
    ]
    for public, given, message in wrong:
        with pytest.raises(BadSignature, match="test"):
            verify(scheme, public, given, message, what="test")


@every_scheme
def test_a_key_comes_back_from_its_seed(scheme: Scheme) -> None:
    key = fresh(scheme)
    assert signer_from_seed(scheme, key.seed()).public == key.public
    assert key.seed().hex() not in repr(key)


@every_scheme
@pytest.mark.parametrize("seed", [b"", b"\x00", b"\xff" * 80])
def test_what_is_no_seed_is_malformed(scheme: Scheme, seed: bytes) -> None:
    with pytest.raises(Malformed):
        signer_from_seed(scheme, seed)
