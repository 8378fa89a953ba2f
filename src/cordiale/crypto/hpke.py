"""HPKE (RFC 9180, and draft-ietf-hpke-pq for the hybrid KEM) for a suite: base mode, one shot.

Sealing and opening are pyca's. Added here, because pyca leaves them out: DeriveKeyPair (RFC 9180 §7.1.3;
draft-ietf-hpke-pq §2 for the hybrid, a SHAKE256 derivation of the 32-byte seed) and the raw forms of private keys.
Both are checked by the published vectors.
"""

import hashlib
from types import MappingProxyType
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cordiale.crypto.entropy import fresh
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
_KEM_HASHES: Final = MappingProxyType[Kem, hashes.HashAlgorithm](
    {
        Kem.X25519: hashes.SHA256(),
        Kem.P256: hashes.SHA256(),
        Kem.P384: hashes.SHA384(),
        Kem.P521: hashes.SHA512(),
    }
)
_CURVES: Final = MappingProxyType[Kem, ec.EllipticCurve](
    {Kem.P256: ec.SECP256R1(), Kem.P384: ec.SECP384R1(), Kem.P521: ec.SECP521R1()}
)
_SEED_BYTES: Final = 32
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1184
_P521_TOP_MASK: Final = 0x01

PrivateKey = x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey | hpke.MLKEM768X25519PrivateKey
PublicKey = x25519.X25519PublicKey | ec.EllipticCurvePublicKey | hpke.MLKEM768X25519PublicKey


class KeyPair(msgspec.Struct, frozen=True):
    """An HPKE key pair in raw form. `repr` shows only the public half."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public[:6].hex()}…)"


def generate(suite: Suite) -> KeyPair:
    """A fresh key pair."""
    return derive_key_pair(suite, fresh(suite.hash_bytes))


def derive_key_pair(suite: Suite, key_material: bytes) -> KeyPair:
    """DeriveKeyPair: the same key material always gives the same pair."""
    kem = suite.kem
    if kem is Kem.MLKEM768_X25519:
        private = hashlib.shake_256(_labelled_ikm(kem, key_material)).digest(_SEED_BYTES)
    elif kem is Kem.X25519:
        private = _expand(kem, _dkp_prk(kem, key_material), b"sk", b"", _SEED_BYTES)
    else:
        private = _scalar(kem, _dkp_prk(kem, key_material))
    return KeyPair(private, public_of(suite, private))


def public_of(suite: Suite, private: bytes) -> bytes:
    """The public half of a raw private key, or `Malformed`."""
    try:
        match suite.kem:
            case Kem.X25519:
                return x25519.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
            case Kem.MLKEM768_X25519:
                lattice, curve = _hybrid_parts(private)
                return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
            case _:
                point = _curve_key(suite.kem, private).public_key()
                return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    except ValueError:
        raise Malformed("not a private key of the suite", what="HPKE private key") from None


def seal(suite: Suite, public: bytes, info: bytes, plaintext: bytes) -> Sealed:
    """SealBase with empty associated data, to a public key from elsewhere; `Malformed` if it is none of the suite's."""
    try:
        both = _pyca_suite(suite).encrypt(plaintext, load_public(suite.kem, public), info)
    except ValueError:
        raise Malformed("not a public key of the suite", what="HPKE public key") from None
    cut = _KEMS[suite.kem].enc_length()
    return Sealed(both[:cut], both[cut:])


def open_sealed(suite: Suite, private: bytes, info: bytes, sealed: Sealed) -> bytes:
    """OpenBase with empty associated data, or `CannotDecrypt`."""
    if len(sealed.kem_output) != _KEMS[suite.kem].enc_length():
        raise CannotDecrypt(f"HPKE encapsulation of {len(sealed.kem_output)} bytes")
    try:
        both = sealed.kem_output + sealed.ciphertext
        return _pyca_suite(suite).decrypt(both, load_private(suite.kem, private), info)
    except (InvalidTag, ValueError):
        raise CannotDecrypt("HPKE ciphertext") from None


def load_public(kem: Kem, raw: bytes) -> PublicKey:
    """pyca's object of a raw public key; `ValueError` if it is none."""
    match kem:
        case Kem.X25519:
            return x25519.X25519PublicKey.from_public_bytes(raw)
        case Kem.MLKEM768_X25519:
            lattice, curve = raw[:_MLKEM_PUBLIC_BYTES], raw[_MLKEM_PUBLIC_BYTES:]
            return hpke.MLKEM768X25519PublicKey(
                mlkem.MLKEM768PublicKey.from_public_bytes(lattice), x25519.X25519PublicKey.from_public_bytes(curve)
            )
        case _:
            return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kem], raw)


def load_private(kem: Kem, raw: bytes) -> PrivateKey:
    """pyca's object of a raw private key; `ValueError` if it is none."""
    match kem:
        case Kem.X25519:
            return x25519.X25519PrivateKey.from_private_bytes(raw)
        case Kem.MLKEM768_X25519:
            return hpke.MLKEM768X25519PrivateKey(*_hybrid_parts(raw))
        case _:
            return _curve_key(kem, raw)


def _pyca_suite(suite: Suite) -> hpke.Suite:
    return hpke.Suite(_KEMS[suite.kem], _KDFS[suite.hash_name], _AEADS[suite.aead])


def _hybrid_parts(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    if len(seed) != _SEED_BYTES:
        raise ValueError("seed length")
    both = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + _SEED_BYTES)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(both[:_MLKEM_SEED_BYTES]),
        x25519.X25519PrivateKey.from_private_bytes(both[_MLKEM_SEED_BYTES:]),
    )


def _curve_key(kem: Kem, raw: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw, "big"), _CURVES[kem])


def _scalar(kem: Kem, prk: bytes) -> bytes:
    """RFC 9180 §7.1.3, NIST curves: the first candidate within the group's order."""
    curve = _CURVES[kem]
    size = (curve.key_size + 7) // 8
    for counter in range(256):
        candidate = bytearray(_expand(kem, prk, b"candidate", bytes([counter]), size))
        if kem is Kem.P521:
            candidate[0] &= _P521_TOP_MASK
        if 0 < int.from_bytes(candidate, "big") < curve.group_order:
            return bytes(candidate)
    raise Malformed("no candidate is a scalar", what="HPKE key material")


def _labelled_ikm(kem: Kem, key_material: bytes) -> bytes:
    """draft-ietf-hpke-hpke, LabeledDerive's input for "DeriveKeyPair" and an empty context."""
    label = b"DeriveKeyPair"
    return b"".join(
        (key_material, b"HPKE-v1", _kem_id(kem), len(label).to_bytes(2, "big"), label, _SEED_BYTES.to_bytes(2, "big"))
    )


def _dkp_prk(kem: Kem, key_material: bytes) -> bytes:
    return HKDF.extract(_KEM_HASHES[kem], b"", b"HPKE-v1" + _kem_id(kem) + b"dkp_prk" + key_material)


def _expand(kem: Kem, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """RFC 9180 §4, LabeledExpand with the KEM's suite id."""
    full = length.to_bytes(2, "big") + b"HPKE-v1" + _kem_id(kem) + label + info
    return HKDFExpand(_KEM_HASHES[kem], length, full).derive(prk)


def _kem_id(kem: Kem) -> bytes:
    return b"KEM" + kem.value.to_bytes(2, "big")
