"""Signatures of every scheme; Ed448 and ML-DSA-65 also against published vectors (`cryptography_vectors`)."""

from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa

from cordiale.crypto.signature import generate, signer_from_seed, verify
from cordiale.crypto.suite import Scheme
from cordiale.errors import BadSignature, Malformed

FOLDER = Path(next(iter(cryptography_vectors.__path__))) / "asymmetric"

every_scheme = pytest.mark.parametrize("scheme", Scheme)


@every_scheme
def test_sign_and_verify(scheme: Scheme) -> None:
    key = generate(scheme)
    verify(scheme, key.public, key.sign(b"message"), b"message", what="test")


@every_scheme
def test_what_does_not_hold_raises(scheme: Scheme) -> None:
    key = generate(scheme)
    signature = key.sign(b"message")
    wrong = [
        (key.public, signature, b"other message"),
        (generate(scheme).public, signature, b"message"),
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
    key = generate(scheme)
    assert signer_from_seed(scheme, key.seed()).public == key.public
    assert key.seed().hex() not in repr(key)


@every_scheme
@pytest.mark.parametrize("seed", [b"", b"\x00", b"\xff" * 80])
def test_what_is_no_seed_is_malformed(scheme: Scheme, seed: bytes) -> None:
    with pytest.raises(Malformed):
        signer_from_seed(scheme, seed)


def records(text: str) -> list[dict[str, str]]:
    """The blocks of a response file of the NIST form."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    pairs = [[line.split(" =", 1) for line in block if " =" in line] for block in blocks]
    return [{name.strip().lower(): value.strip() for name, value in block} for block in pairs if block]


def test_published_ed448() -> None:
    """RFC 8032 §7.4, the cases with an empty context; Ed448 signatures are deterministic."""
    plain = [case for case in records((FOLDER / "Ed448/rfc8032.txt").read_text()) if "context" not in case]
    for case in plain:
        key = signer_from_seed(Scheme.ED448, bytes.fromhex(case["secret"]))
        message, signature = bytes.fromhex(case["message"]), bytes.fromhex(case["signature"])
        assert key.public.hex() == case["public"]
        assert key.sign(message) == signature
        verify(Scheme.ED448, key.public, signature, message, what="test")
    assert len(plain) >= 8


def test_published_ml_dsa_65() -> None:
    """The seed gives the public key; a published signature holds under it, with the context that it was made for."""
    text = (FOLDER / "MLDSA/kat_MLDSA_65_det_pure.rsp").read_text()
    cases = [case for case in records(text.replace("count =", "\ncount =")) if "xi" in case]
    for case in cases[:10]:
        key = signer_from_seed(Scheme.ML_DSA_65, bytes.fromhex(case["xi"]))
        message, context = bytes.fromhex(case["msg"]), bytes.fromhex(case["ctx"])
        signature = bytes.fromhex(case["sm"])[: -len(message) or None]
        assert key.public.hex() == case["pk"]
        mldsa.MLDSA65PublicKey.from_public_bytes(key.public).verify(signature, message, context)
        with pytest.raises(BadSignature):
            # Our signatures have an empty context, so one made for another does not pass.
            verify(Scheme.ML_DSA_65, key.public, signature, message, what="test")
    assert len(cases) >= 10


@pytest.mark.parametrize(
    "scheme", [Scheme.ECDSA_P256_SHA256, Scheme.ECDSA_P384_SHA384, Scheme.ECDSA_P521_SHA512], ids=str
)
def test_a_compressed_point_is_no_key(scheme: Scheme) -> None:
    key = generate(scheme)
    compressed = bytes([2 + (key.public[-1] & 1)]) + key.public[1 : (len(key.public) + 1) // 2]
    with pytest.raises(BadSignature):
        verify(scheme, compressed, key.sign(b"message"), b"message", what="test")
