"""HPKE against the published vectors: RFC 9180's and draft-ietf-hpke-pq's, as `cryptography_vectors` carries them.

pyca does the sealing where it has the KEM; key derivation, raw key forms, Export and all of X448 are composed here, so
each step of them is compared: DeriveKeyPair, Encap, Decap, KeySchedule, Export, Seal and Open.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import cryptography_vectors
import msgspec
import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke as pyca

from cordiale.crypto import aead, hpke, kem_keys
from cordiale.crypto.encapsulation import decapsulate, encapsulate, encapsulation_bytes
from cordiale.crypto.hpke_schedule import schedule
from cordiale.crypto.kem_keys import curve_private, derive_private
from cordiale.crypto.kem_public import HYBRIDS
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.suite import HYBRID, SUITES, Aead, Kem, Suite
from cordiale.errors import CannotDecrypt, Malformed

FOLDER = Path(next(iter(cryptography_vectors.__path__))) / "HPKE"
BASE_MODE = 0
SUITE_OF_KEM = {suite.kem: suite for suite in SUITES.values()}
KEY_BYTES = {Aead.AES_128_GCM: 16, Aead.AES_256_GCM: 32, Aead.CHACHA20_POLY1305: 32}
HASHES = {1: ("sha256", 32), 2: ("sha384", 48), 3: ("sha512", 64)}
PYCA_KDFS = {1: pyca.KDF.HKDF_SHA256, 2: pyca.KDF.HKDF_SHA384, 3: pyca.KDF.HKDF_SHA512, 17: pyca.KDF.SHAKE256}
AEAD_IDS = {kind.value for kind in Aead}
LABEL = b"MLS 1.0 external init secret"

Case = dict[str, Any]

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
composed_kem = pytest.mark.parametrize("kem", [Kem.X25519, Kem.MLKEM768_X25519, Kem.MLKEM1024_P384], ids=str)


@cache
def cases() -> list[Case]:
    """Base-mode cases of our KEMs."""
    found: list[Case] = []
    for name in ("test-vectors.json", "hpke-pq-test-vectors.json"):
        found.extend(json.loads((FOLDER / name).read_text()))
    kems = {kem.value for kem in Kem}
    return [case for case in found if case["mode"] == BASE_MODE and case["kem_id"] in kems]


def scheduled_cases() -> list[tuple[Suite, Case]]:
    """Those whose KDF is HKDF and whose AEAD encrypts, each with a suite of its algorithms."""
    return [(suite_of(case), case) for case in cases() if case["kdf_id"] in HASHES and case["aead_id"] in AEAD_IDS]


def suite_of(case: Case) -> Suite:
    """A suite of the case's algorithms; the vectors combine more of them than MLS does."""
    kind = Aead(case["aead_id"])
    name, size = HASHES[case["kdf_id"]]
    changes = {"aead": kind, "key_bytes": KEY_BYTES[kind], "hash_name": name, "hash_bytes": size}
    return msgspec.structs.replace(SUITE_OF_KEM[Kem(case["kem_id"])], **changes)


def raw(case: Case, name: str) -> bytes:
    """A field in bytes."""
    return bytes.fromhex(case[name])


def plain(case: Case) -> bytes:
    """The message of a case; RFC 9180's file names it once, the other for each encryption."""
    return bytes.fromhex(case["encryptions"][0].get("pt", case.get("pt", "")))


def clamped(kem: Kem, private: bytes) -> bytes:
    """RFC 7748 §5: the X448 scalar that the bytes stand for; one of the two files writes that instead."""
    if kem is not Kem.X448:
        return private
    return bytes([private[0] & 0xFC]) + private[1:-1] + bytes([private[-1] | 0x80])


def test_every_kem_has_published_cases() -> None:
    assert {case["kem_id"] for case in cases()} == {kem.value for kem in Kem}
    assert {suite.kem for suite, _ in scheduled_cases()} == set(Kem) - {Kem.P384}


def test_derive_key_pair() -> None:
    for case in cases():
        kem = Kem(case["kem_id"])
        pair = hpke.derive_key_pair(SUITE_OF_KEM[kem], raw(case, "ikmR"))
        assert pair.public == raw(case, "pkRm")
        assert clamped(kem, pair.private) == clamped(kem, raw(case, "skRm"))
        assert hpke.public_of(SUITE_OF_KEM[kem], raw(case, "skRm")) == pair.public


def test_decapsulation() -> None:
    for case in cases():
        assert decapsulate(Kem(case["kem_id"]), raw(case, "skRm"), raw(case, "enc")) == raw(case, "shared_secret")


def test_encapsulation() -> None:
    """With the published ephemeral key; pyca's ML-KEM takes no coins, so the hybrids' is checked against pyca below."""
    compared = 0
    for case in cases():
        kem = Kem(case["kem_id"])
        if kem not in HYBRIDS:
            ephemeral = curve_private(kem, derive_private(kem, raw(case, "ikmE")))
            made = encapsulate(kem, raw(case, "pkRm"), ephemeral)
            assert made == (raw(case, "shared_secret"), raw(case, "enc"))
            compared += 1
    assert compared >= 30


def test_schedule_and_exports() -> None:
    exported = 0
    for suite, case in scheduled_cases():
        keys = schedule(suite, raw(case, "shared_secret"), raw(case, "info"))
        assert (keys.key, keys.nonce) == (raw(case, "key"), raw(case, "base_nonce"))
        assert keys.exporter == raw(case, "exporter_secret")
        for export in case["exports"]:
            value = keys.export(raw(export, "exporter_context"), export["L"])
            assert value == raw(export, "exported_value")
            exported += 1
    assert exported >= 80


def test_published_ciphertexts_open_by_composition() -> None:
    for suite, case in scheduled_cases():
        first = case["encryptions"][0]
        shared = decapsulate(suite.kem, raw(case, "skRm"), raw(case, "enc"))
        keys = schedule(suite, shared, raw(case, "info"))
        opened = aead.open_sealed(suite, keys.key, keys.nonce, raw(first, "aad"), raw(first, "ct"), what="test")
        assert opened == plain(case)
        assert aead.seal(suite, keys.key, keys.nonce, raw(first, "aad"), opened) == raw(first, "ct")


def test_published_ciphertexts_open_by_pyca_with_our_keys() -> None:
    opened = 0
    for case in cases():
        kem = Kem(case["kem_id"])
        if kem is Kem.X448 or case["aead_id"] not in AEAD_IDS or case["kdf_id"] not in PYCA_KDFS:
            continue
        key = hpke.load_private(kem, raw(case, "skRm"))
        inner = pyca.Suite(hpke._KEMS[kem], PYCA_KDFS[case["kdf_id"]], hpke._AEADS[Aead(case["aead_id"])])
        first = case["encryptions"][0]
        both = raw(case, "enc") + raw(first, "ct")
        assert openssl.hpke._decrypt_with_aad(inner, both, key, raw(case, "info"), raw(first, "aad")) == plain(case)
        opened += 1
    assert opened >= 20


@composed_kem
def test_the_composition_and_pyca_understand_each_other(kem: Kem) -> None:
    suite = SUITE_OF_KEM[kem]
    pair = hpke.generate(suite)
    assert hpke._open_composed(suite, pair.private, b"info", hpke.seal(suite, pair.public, b"info", b"a")) == b"a"
    composed = hpke._seal_composed(suite, pair.public, b"info", b"b")
    assert hpke.open_sealed(suite, pair.private, b"info", composed) == b"b"


@every_suite
def test_several_seals_under_one_info_open_one_by_one(suite: Suite) -> None:
    pairs = [hpke.generate(suite) for _ in range(3)]
    wanted = [(pair.public, bytes([number])) for number, pair in enumerate(pairs)]
    for number, (pair, sealed) in enumerate(zip(pairs, hpke.seal_to_each(suite, b"info", wanted), strict=True)):
        assert hpke.open_sealed(suite, pair.private, b"info", sealed) == bytes([number])
    with pytest.raises(Malformed):
        hpke.seal_to_each(suite, b"info", [*wanted, (b"none", b"")])


@every_suite
def test_an_encapsulation_has_the_length_of_the_suite(suite: Suite) -> None:
    sealed = hpke.seal(suite, hpke.generate(suite).public, b"", b"")
    assert len(sealed.kem_output) == encapsulation_bytes(suite.kem)


@every_suite
def test_export(suite: Suite) -> None:
    pair = hpke.generate(suite)
    kem_output, secret = hpke.setup_export(suite, pair.public, LABEL, suite.hash_bytes)
    assert len(secret) == suite.hash_bytes
    assert hpke.open_export(suite, pair.private, kem_output, LABEL, suite.hash_bytes) == secret
    assert hpke.open_export(suite, pair.private, kem_output, b"other", suite.hash_bytes) != secret
    assert hpke.setup_export(suite, pair.public, LABEL, suite.hash_bytes) != (kem_output, secret)


@every_suite
def test_what_is_no_encapsulation_gives_no_secret(suite: Suite) -> None:
    pair = hpke.generate(suite)
    kem_output, secret = hpke.setup_export(suite, pair.public, LABEL, 32)
    for bad in (b"", kem_output[:-1], kem_output + b"\x00", bytes(len(kem_output))):
        with pytest.raises(CannotDecrypt):
            hpke.open_export(suite, pair.private, bad, LABEL, 32)
    other = hpke.setup_export(suite, pair.public, LABEL, 32)[0]
    assert hpke.open_export(suite, pair.private, other, LABEL, 32) != secret


def test_a_schedule_shows_no_secret() -> None:
    keys = schedule(HYBRID, b"shared", b"")
    assert not any(secret.hex() in repr(keys) or repr(secret) in repr(keys) for secret in (keys.key, keys.exporter))


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
            hpke.setup_export(suite, bad, LABEL, 32)
    with pytest.raises(Malformed):
        hpke.public_of(suite, b"")


@pytest.mark.parametrize("kem", [Kem.P256, Kem.P384, Kem.P521], ids=str)
def test_a_compressed_point_is_no_key(kem: Kem) -> None:
    """RFC 9180 §7.1.1: SerializePublicKey is the uncompressed form, so that one key has one encoding."""
    suite = SUITE_OF_KEM[kem]
    public = hpke.generate(suite).public
    compressed = bytes([2 + (public[-1] & 1)]) + public[1 : (len(public) + 1) // 2]
    with pytest.raises(Malformed):
        hpke.seal(suite, compressed, b"", b"")


def test_a_scalar_is_found_by_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9180 §7.1.3: candidates out of range are skipped, and a source of none but those is refused."""
    candidates = [b"\xff" * 32, bytes(32), b"\x01" * 32]
    monkeypatch.setattr(kem_keys, "labelled_expand", lambda *arguments: candidates.pop(0))
    assert hpke.derive_key_pair(SUITE_OF_KEM[Kem.P256], b"material").private == b"\x01" * 32
    monkeypatch.setattr(kem_keys, "labelled_expand", lambda *arguments: b"\xff" * 32)
    with pytest.raises(Malformed):
        hpke.derive_key_pair(SUITE_OF_KEM[Kem.P256], b"material")
