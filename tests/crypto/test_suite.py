"""The suite table, and the operations that take their sizes from it."""

import pytest

from cordiale.crypto import aead, kdf
from cordiale.crypto.entropy import fresh
from cordiale.crypto.suite import (
    DEFAULT_ID,
    HIGH,
    HIGH_ID,
    HYBRID,
    HYBRID_ID,
    ML_DSA_ID,
    SUITES,
    Aead,
    Kem,
    Scheme,
    Suite,
    suite_of,
)
from cordiale.errors import CannotDecrypt, ProtocolViolation

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)


def test_the_default_is_hybrid_and_its_code_point_private() -> None:
    assert suite_of(DEFAULT_ID) is HYBRID
    assert HYBRID.kem is Kem.MLKEM768_X25519
    assert HYBRID.scheme is Scheme.ED25519


def test_the_suite_of_the_highest_markings_is_hybrid_at_the_level_above() -> None:
    assert suite_of(HIGH_ID) is HIGH
    assert (HIGH.kem, HIGH.aead, HIGH.hash_name) == (Kem.MLKEM1024_P384, Aead.AES_256_GCM, "sha384")
    assert HIGH.scheme is Scheme.ECDSA_P384_SHA384


def test_our_own_code_points_are_private() -> None:
    # RFC 9420 §17.1: 0xF000–0xFFFF is for private use.
    assert all(0xF000 <= suite_id <= 0xFFFF for suite_id in (HYBRID_ID, HIGH_ID, ML_DSA_ID))
    assert set(SUITES) == {*range(1, 8), HYBRID_ID, HIGH_ID, ML_DSA_ID}


@pytest.mark.parametrize("suite_id", [0, 8, 0xF0C0, 0xF0C4])
def test_unknown_suites_are_refused(suite_id: int) -> None:
    with pytest.raises(ProtocolViolation, match="not supported"):
        suite_of(suite_id)


@every_suite
def test_sizes(suite: Suite) -> None:
    assert len(suite.hash(b"")) == suite.hash_bytes
    assert len(kdf.extract(suite, b"", b"material")) == suite.hash_bytes
    assert len(kdf.expand(suite, bytes(suite.hash_bytes), b"info", 77)) == 77
    assert len(kdf.mac(suite, b"key", b"message")) == suite.hash_bytes


@every_suite
def test_seal_and_open(suite: Suite) -> None:
    key, nonce = fresh(suite.key_bytes), fresh(suite.nonce_bytes)
    sealed = aead.seal(suite, key, nonce, b"associated", b"plain")
    assert len(sealed) == len(b"plain") + aead.TAG_BYTES
    assert aead.open_sealed(suite, key, nonce, b"associated", sealed, what="test") == b"plain"
    for associated, text in ((b"other", sealed), (b"associated", sealed[:-1]), (b"associated", b"")):
        with pytest.raises(CannotDecrypt, match="test"):
            aead.open_sealed(suite, key, nonce, associated, text, what="test")
