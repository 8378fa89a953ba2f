"""HPKE (RFC 9180, and draft-ietf-hpke-pq for the hybrid KEMs) for a suite: base mode, one message or one export.

Opening and single seals are pyca's wherever pyca has the KEM. It has no X448 and no Export (§5.3, for MLS external
initialisation), and hashes `info` anew for each of many seals: those are composed of pyca's primitives in `encapsulation` and
`hpke_schedule`, and held against the published vectors.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x448, x25519

from cordiale.crypto import aead, kem_keys
from cordiale.crypto.encapsulation import decapsulate, encapsulate, encapsulation_bytes
from cordiale.crypto.entropy import fresh
from cordiale.crypto.hpke_schedule import info_context, schedule, schedule_under
from cordiale.crypto.kem_keys import KeyPair
from cordiale.crypto.kem_public import HYBRIDS, curve_public, hybrid_public
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.suite import Aead, Kem, Suite
from cordiale.errors import CannotDecrypt, Malformed

_KEMS: Final = MappingProxyType(
    {
        Kem.P256: hpke.KEM.P256,
        Kem.P384: hpke.KEM.P384,
        Kem.P521: hpke.KEM.P521,
        Kem.X25519: hpke.KEM.X25519,
        Kem.MLKEM768_X25519: hpke.KEM.MLKEM768_X25519,
        Kem.MLKEM1024_P384: hpke.KEM.MLKEM1024_P384,
    }
)
_KDFS: Final = MappingProxyType(
    {"sha256": hpke.KDF.HKDF_SHA256, "sha384": hpke.KDF.HKDF_SHA384, "sha512": hpke.KDF.HKDF_SHA512}
)
_AEADS: Final = MappingProxyType(
    {
        Aead.AES_128_GCM: hpke.AEAD.AES_128_GCM,
        Aead.AES_256_GCM: hpke.AEAD.AES_256_GCM,
        Aead.CHACHA20_POLY1305: hpke.AEAD.CHACHA20_POLY1305,
    }
)

PrivateKey = (
    x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey | hpke.MLKEM768X25519PrivateKey | hpke.MLKEM1024P384PrivateKey
)
PublicKey = (
    x25519.X25519PublicKey | ec.EllipticCurvePublicKey | hpke.MLKEM768X25519PublicKey | hpke.MLKEM1024P384PublicKey
)


def generate(suite: Suite) -> KeyPair:
    """A fresh key pair."""
    return derive_key_pair(suite, fresh(suite.hash_bytes))


def derive_key_pair(suite: Suite, key_material: bytes) -> KeyPair:
    """DeriveKeyPair: the same key material always gives the same pair."""
    try:
        return kem_keys.derive_key_pair(suite.kem, key_material)
    except ValueError:
        raise Malformed("no key pair comes of it", what="HPKE key material") from None


def public_of(suite: Suite, private: bytes) -> bytes:
    """The public half of a raw private key, or `Malformed`."""
    try:
        return kem_keys.public_of(suite.kem, private)
    except ValueError:
        raise Malformed("not a private key of the suite", what="HPKE private key") from None


def seal(suite: Suite, public: bytes, info: bytes, plaintext: bytes) -> Sealed:
    """SealBase with empty associated data, to a public key from elsewhere; `Malformed` if it is none of the suite's."""
    try:
        if suite.kem not in _KEMS:
            return _seal_composed(suite, public, info, plaintext)
        both = _pyca_suite(suite).encrypt(plaintext, load_public(suite.kem, public), info)
    except ValueError:
        raise Malformed("not a public key of the suite", what="HPKE public key") from None
    cut = encapsulation_bytes(suite.kem)
    return Sealed(both[:cut], both[cut:])


def seal_to_each(suite: Suite, info: bytes, messages: Sequence[tuple[bytes, bytes]]) -> list[Sealed]:
    """SealBase of (public key, plaintext) pairs under one `info`, each as `seal` would; composed, to hash `info` once."""
    context = info_context(suite, info)
    try:
        return [_seal_under(suite, public, context, plaintext) for public, plaintext in messages]
    except ValueError:
        raise Malformed("not a public key of the suite", what="HPKE public key") from None


def open_sealed(suite: Suite, private: bytes, info: bytes, sealed: Sealed) -> bytes:
    """OpenBase with empty associated data, or `CannotDecrypt`."""
    if len(sealed.kem_output) != encapsulation_bytes(suite.kem):
        raise CannotDecrypt(f"HPKE encapsulation of {len(sealed.kem_output)} bytes")
    try:
        if suite.kem not in _KEMS:
            return _open_composed(suite, private, info, sealed)
        both = sealed.kem_output + sealed.ciphertext
        return _pyca_suite(suite).decrypt(both, load_private(suite.kem, private), info)
    except (InvalidTag, ValueError):
        raise CannotDecrypt("HPKE ciphertext") from None


def setup_export(suite: Suite, public: bytes, label: bytes, length: int) -> tuple[bytes, bytes]:
    """SendExportBase with empty info: (encapsulation, `length` bytes of secret), or `Malformed` for no public key."""
    try:
        shared, kem_output = encapsulate(suite.kem, public)
    except ValueError:
        raise Malformed("not a public key of the suite", what="HPKE public key") from None
    return kem_output, schedule(suite, shared, b"").export(label, length)


def open_export(suite: Suite, private: bytes, kem_output: bytes, label: bytes, length: int) -> bytes:
    """ReceiveExportBase with empty info: what `setup_export` gave, or `CannotDecrypt`.

    Another encapsulation than the sender's gives another secret, or the error: nothing authenticates it here.
    """
    if len(kem_output) != encapsulation_bytes(suite.kem):
        raise CannotDecrypt(f"HPKE encapsulation of {len(kem_output)} bytes")
    try:
        shared = decapsulate(suite.kem, private, kem_output)
    except ValueError:
        raise CannotDecrypt("HPKE encapsulation") from None
    return schedule(suite, shared, b"").export(label, length)


def load_public(kem: Kem, raw: bytes) -> PublicKey:
    """pyca's object of a raw public key; `ValueError` if it is none."""
    if kem in HYBRIDS:
        match hybrid_public(kem, raw):
            case mlkem.MLKEM768PublicKey() as lattice, x25519.X25519PublicKey() as curve:
                return hpke.MLKEM768X25519PublicKey(lattice, curve)
            case mlkem.MLKEM1024PublicKey() as lattice, ec.EllipticCurvePublicKey() as curve:
                return hpke.MLKEM1024P384PublicKey(lattice, curve)
            case _:
                raise ValueError("no hybrid of pyca's")
    public = curve_public(kem, raw)
    if isinstance(public, x448.X448PublicKey):
        raise ValueError("no KEM of pyca's")
    return public


def load_private(kem: Kem, raw: bytes) -> PrivateKey:
    """pyca's object of a raw private key; `ValueError` if it is none."""
    if kem in HYBRIDS:
        match kem_keys.hybrid_private(kem, raw):
            case mlkem.MLKEM768PrivateKey() as lattice, x25519.X25519PrivateKey() as curve:
                return hpke.MLKEM768X25519PrivateKey(lattice, curve)
            case mlkem.MLKEM1024PrivateKey() as lattice, ec.EllipticCurvePrivateKey() as curve:
                return hpke.MLKEM1024P384PrivateKey(lattice, curve)
            case _:
                raise ValueError("no hybrid of pyca's")
    private = kem_keys.curve_private(kem, raw)
    if isinstance(private, x448.X448PrivateKey):
        raise ValueError("no KEM of pyca's")
    return private


def _seal_composed(suite: Suite, public: bytes, info: bytes, plaintext: bytes) -> Sealed:
    return _seal_under(suite, public, info_context(suite, info), plaintext)


def _seal_under(suite: Suite, public: bytes, context: bytes, plaintext: bytes) -> Sealed:
    shared, kem_output = encapsulate(suite.kem, public)
    keys = schedule_under(suite, shared, context)
    return Sealed(kem_output, aead.seal(suite, keys.key, keys.nonce, b"", plaintext))


def _open_composed(suite: Suite, private: bytes, info: bytes, sealed: Sealed) -> bytes:
    keys = schedule(suite, decapsulate(suite.kem, private, sealed.kem_output), info)
    return aead.open_sealed(suite, keys.key, keys.nonce, b"", sealed.ciphertext, what="HPKE ciphertext")


def _pyca_suite(suite: Suite) -> hpke.Suite:
    return hpke.Suite(_KEMS[suite.kem], _KDFS[suite.hash_name], _AEADS[suite.aead])
