"""Private keys of every KEM: raw forms, and DeriveKeyPair (RFC 9180 §7.1.3; draft-ietf-hpke-pq §2 for the hybrids).

A hybrid's private key is a 32-byte seed; SHAKE256 stretches it into the seeds of its two halves, the lattice's first
(draft-irtf-cfrg-concrete-hybrid-kems). `ValueError` leaves this module for whatever is no key.
"""

import hashlib
from types import MappingProxyType
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x448, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from cordiale.crypto.kem_public import CURVES, HYBRIDS, curve_bytes, group_of
from cordiale.crypto.suite import Kem

CurvePrivate = x25519.X25519PrivateKey | x448.X448PrivateKey | ec.EllipticCurvePrivateKey
LatticePrivate = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey


class KeyPair(msgspec.Struct, frozen=True):
    """An HPKE key pair in raw form. `repr` shows only the public half."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public[:6].hex()}…)"


SEED_BYTES: Final = 32
_LATTICE_SEED_BYTES: Final = 64
_P521_TOP_MASK: Final = 0x01

_LATTICES: Final = MappingProxyType[Kem, type[mlkem.MLKEM768PrivateKey] | type[mlkem.MLKEM1024PrivateKey]](
    {Kem.MLKEM768_X25519: mlkem.MLKEM768PrivateKey, Kem.MLKEM1024_P384: mlkem.MLKEM1024PrivateKey}
)


def derive_key_pair(kem: Kem, key_material: bytes) -> KeyPair:
    """DeriveKeyPair; `ValueError` in the negligible case that no candidate is a scalar."""
    if kem in HYBRIDS:
        private = hashlib.shake_256(_labelled_material(kem, key_material)).digest(SEED_BYTES)
        return KeyPair(private, public_of(kem, private))
    private = derive_private(kem, key_material)
    return KeyPair(private, public_of(kem, private))


def derive_private(kem: Kem, key_material: bytes) -> bytes:
    """The private half alone of DeriveKeyPair on a curve, for those who load it themselves."""
    curve = CURVES[kem]
    prk = labelled_extract(curve.hash, _kem_id(kem), b"", b"dkp_prk", key_material)
    if curve.group is None:
        return labelled_expand(curve.hash, _kem_id(kem), prk, b"sk", b"", curve.private_bytes)
    return _scalar(kem, curve.group, prk)


def public_of(kem: Kem, private: bytes) -> bytes:
    """The public half of a raw private key."""
    if kem in HYBRIDS:
        lattice, curve = hybrid_private(kem, private)
        return lattice.public_key().public_bytes_raw() + curve_bytes(curve.public_key())
    return curve_bytes(curve_private(kem, private).public_key())


def curve_private(kem: Kem, raw: bytes) -> CurvePrivate:
    """pyca's object of a raw private key on a curve."""
    if kem is Kem.X25519:
        return x25519.X25519PrivateKey.from_private_bytes(raw)
    if kem is Kem.X448:
        return x448.X448PrivateKey.from_private_bytes(raw)
    return ec.derive_private_key(int.from_bytes(raw, "big"), group_of(kem))


def curve_generate(kem: Kem) -> CurvePrivate:
    """A fresh private key on a curve, as pyca draws it: for one encapsulation, of which nobody keeps the raw form."""
    if kem is Kem.X25519:
        return x25519.X25519PrivateKey.generate()
    if kem is Kem.X448:
        return x448.X448PrivateKey.generate()
    return ec.generate_private_key(group_of(kem))


def hybrid_private(kem: Kem, seed: bytes) -> tuple[LatticePrivate, CurvePrivate]:
    """The two private keys that a hybrid's seed stands for."""
    if len(seed) != SEED_BYTES:
        raise ValueError("seed length")
    hybrid = HYBRIDS[kem]
    both = hashlib.shake_256(seed).digest(_LATTICE_SEED_BYTES + CURVES[hybrid.curve].private_bytes)
    lattice, curve = both[:_LATTICE_SEED_BYTES], both[_LATTICE_SEED_BYTES:]
    return _LATTICES[kem].from_seed_bytes(lattice), curve_private(hybrid.curve, curve)


def labelled_extract(hash_: hashes.HashAlgorithm, suite_id: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    """RFC 9180 §4, LabeledExtract."""
    return HKDF.extract(hash_, salt, b"HPKE-v1" + suite_id + label + material)


def labelled_expand(
    hash_: hashes.HashAlgorithm, suite_id: bytes, secret: bytes, label: bytes, info: bytes, length: int
) -> bytes:
    """RFC 9180 §4, LabeledExpand, of `length` bytes."""
    return HKDFExpand(hash_, length, labelled_info(suite_id, label, info, length)).derive(secret)


def labelled_info(suite_id: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """What LabeledExpand expands under."""
    return length.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + info


def shared_secret(kem: Kem, exchanged: bytes, context: bytes) -> bytes:
    """RFC 9180 §4.1, ExtractAndExpand: as long as the KEM's hash."""
    hash_ = CURVES[kem].hash
    prk = labelled_extract(hash_, _kem_id(kem), b"", b"eae_prk", exchanged)
    return labelled_expand(hash_, _kem_id(kem), prk, b"shared_secret", context, hash_.digest_size)


def _scalar(kem: Kem, group: ec.EllipticCurve, prk: bytes) -> bytes:
    """RFC 9180 §7.1.3, NIST curves: the first candidate within the group's order."""
    curve = CURVES[kem]
    for counter in range(256):
        candidate = bytearray(
            labelled_expand(curve.hash, _kem_id(kem), prk, b"candidate", bytes([counter]), curve.private_bytes)
        )
        if kem is Kem.P521:
            candidate[0] &= _P521_TOP_MASK
        if 0 < int.from_bytes(candidate, "big") < group.group_order:
            return bytes(candidate)
    raise ValueError("no candidate is a scalar")


def _labelled_material(kem: Kem, key_material: bytes) -> bytes:
    """draft-ietf-hpke-hpke, LabeledDerive's input for "DeriveKeyPair" and an empty context."""
    label = b"DeriveKeyPair"
    return b"".join(
        (key_material, b"HPKE-v1", _kem_id(kem), len(label).to_bytes(2, "big"), label, SEED_BYTES.to_bytes(2, "big"))
    )


def _kem_id(kem: Kem) -> bytes:
    return b"KEM" + kem.value.to_bytes(2, "big")
