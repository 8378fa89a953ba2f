"""HPKE: pyca does the sealing; key derivation and raw key forms are ours and are held against the published vectors."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke as pyca

from cordiale.crypto import hpke
from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.suite import SUITES, Aead, Kem, Suite
from cordiale.errors import CannotDecrypt, Malformed

FOLDER = Path(next(iter(cryptography_vectors.__path__))) / "HPKE"
BASE_MODE = 0
KEM_OF_SUITE = {suite.kem: suite for suite in SUITES.values()}
AEADS = {1: Aead.AES_128_GCM, 2: Aead.AES_256_GCM, 3: Aead.CHACHA20_POLY1305}
KDFS = {1: pyca.KDF.HKDF_SHA256, 2: pyca.KDF.HKDF_SHA384, 3: pyca.KDF.HKDF_SHA512, 17: pyca.KDF.SHAKE256}

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)


@cache
def cases() -> list[dict[str, Any]]:
    """Base-mode cases of the KEMs that our suites use, from RFC 9180 and draft-ietf-hpke-pq."""
    found: list[dict[str, Any]] = []
    for name in ("test-vectors.json", "hpke-pq-test-vectors.json"):
        found.extend(json.loads((FOLDER / name).read_text()))
    kems = {kem.value for kem in KEM_OF_SUITE}
    return [case for case in found if case["mode"] == BASE_MODE and case["kem_id"] in kems]


def test_every_kem_has_published_cases() -> None:
    assert {case["kem_id"] for case in cases()} == {kem.value for kem in Kem}


def test_derive_key_pair() -> None:
    for case in cases():
        suite = KEM_OF_SUITE[Kem(case["kem_id"])]
        pair = hpke.derive_key_pair(suite, bytes.fromhex(case["ikmR"]))
        assert pair == KeyPair(bytes.fromhex(case["skRm"]), bytes.fromhex(case["pkRm"]))
        assert hpke.public_of(suite, pair.private) == pair.public


def test_published_ciphertexts_open_with_our_keys() -> None:
    opened = 0
    for case in cases():
        if case["aead_id"] not in AEADS or case["kdf_id"] not in KDFS:
            continue
        suite = KEM_OF_SUITE[Kem(case["kem_id"])]
        key = hpke.load_private(suite.kem, bytes.fromhex(case["skRm"]))
        inner = pyca.Suite(hpke._KEMS[suite.kem], KDFS[case["kdf_id"]], hpke._AEADS[AEADS[case["aead_id"]]])
        first = case["encryptions"][0]
        both = bytes.fromhex(case["enc"] + first["ct"])
        info, associated = bytes.fromhex(case["info"]), bytes.fromhex(first["aad"])
        plain = openssl.hpke._decrypt_with_aad(inner, both, key, info, associated)
        assert plain == bytes.fromhex(first.get("pt", case.get("pt", "")))
        opened += 1
    assert opened >= 20


@every_suite
def test_seal_and_open(suite: Suite) -> None:
    pair = hpke.generate(suite)
    sealed = hpke.seal(suite, pair.public, b"info", b"secret")
    assert hpke.open_sealed(suite, pair.private, b"info", sealed) == b"secret"
    assert pair.private.hex() not in repr(pair)


@every_suite
def test_altered_ciphertexts_do_not_open(suite: Suite) -> None:
    pair = hpke.generate(suite)
    good = hpke.seal(suite, pair.public, b"info", b"secret")
    enc, text = good.kem_output, good.ciphertext
    altered = [
        Sealed(enc, text[:-1]),
        Sealed(enc, b""),
        Sealed(enc[:-1], text),
        Sealed(bytes(len(enc)), text),
        Sealed(enc[:-1] + bytes([enc[-1] ^ 1]), text),
        Sealed(enc, bytes([text[0] ^ 1]) + text[1:]),
    ]
    for sealed in altered:
        with pytest.raises(CannotDecrypt):
            hpke.open_sealed(suite, pair.private, b"info", sealed)
    with pytest.raises(CannotDecrypt):
        hpke.open_sealed(suite, pair.private, b"other info", good)


@every_suite
def test_what_is_no_key_is_malformed(suite: Suite) -> None:
    public = hpke.generate(suite).public
    for bad in (b"", public[:-1], public + b"\x00", bytes(len(public))):
        with pytest.raises(Malformed):
            hpke.seal(suite, bad, b"", b"")
    with pytest.raises(Malformed):
        hpke.public_of(suite, b"")


def test_a_scalar_is_found_by_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9180 §7.1.3: candidates out of range are skipped, and a source of none but those is refused."""
    suite = KEM_OF_SUITE[Kem.P256]
    monkeypatch.setattr(hpke, "_expand", lambda *arguments: b"\xff" * 32)
    with pytest.raises(Malformed):
        hpke.derive_key_pair(suite, b"material")
