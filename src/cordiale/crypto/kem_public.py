"""Every KEM's table, and its public keys as far as whoever holds no private one can judge them. No secret enters here.

A hybrid's public key is the lattice's followed by the curve's (draft-ietf-hpke-pq). A key that cannot be encrypted to would
keep a whole group from its next commit, so it is refused where it comes in. Invariant: one raw form per key.
"""

from types import MappingProxyType
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x448, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cordiale.crypto.suite import Kem, Suite
from cordiale.errors import Malformed

CurvePublic = x25519.X25519PublicKey | x448.X448PublicKey | ec.EllipticCurvePublicKey
LatticePublic = mlkem.MLKEM768PublicKey | mlkem.MLKEM1024PublicKey


class Curve(msgspec.Struct, frozen=True):
    """Sizes of a Diffie-Hellman KEM in bytes, and its hash; `group` is None for the Montgomery curves."""

    hash: hashes.HashAlgorithm
    private_bytes: int
    public_bytes: int
    group: ec.EllipticCurve | None = None


class Hybrid(msgspec.Struct, frozen=True):
    """What joins a lattice KEM and a curve; sizes in bytes. `label` separates its combiner's domain."""

    curve: Kem
    public: type[mlkem.MLKEM768PublicKey] | type[mlkem.MLKEM1024PublicKey]
    public_bytes: int
    ciphertext_bytes: int
    label: bytes


_UNCOMPRESSED: Final = 0x04

CURVES: Final = MappingProxyType(
    {
        Kem.P256: Curve(hashes.SHA256(), 32, 65, ec.SECP256R1()),
        Kem.P384: Curve(hashes.SHA384(), 48, 97, ec.SECP384R1()),
        Kem.P521: Curve(hashes.SHA512(), 66, 133, ec.SECP521R1()),
        Kem.X25519: Curve(hashes.SHA256(), 32, 32),
        Kem.X448: Curve(hashes.SHA512(), 56, 56),
    }
)
HYBRIDS: Final = MappingProxyType(
    {
        Kem.MLKEM768_X25519: Hybrid(Kem.X25519, mlkem.MLKEM768PublicKey, 1184, 1088, b"\\.//^\\"),
        Kem.MLKEM1024_P384: Hybrid(Kem.P384, mlkem.MLKEM1024PublicKey, 1568, 1568, b"MLKEM1024-P384"),
    }
)


def check_public(suite: Suite, raw: bytes, *, rule: str) -> None:
    """Raise `Malformed` naming `rule` unless `raw` is a public key of the suite's KEM in its one form."""
    try:
        if suite.kem in HYBRIDS:
            hybrid_public(suite.kem, raw)
        else:
            curve_public(suite.kem, raw)
    except ValueError:
        raise Malformed("not a public key of the suite", what="HPKE public key", rule=rule) from None


def curve_public(kem: Kem, raw: bytes) -> CurvePublic:
    """pyca's object of a raw public key on a curve."""
    if kem is Kem.X25519:
        return x25519.X25519PublicKey.from_public_bytes(raw)
    if kem is Kem.X448:
        return x448.X448PublicKey.from_public_bytes(raw)
    if not raw or raw[0] != _UNCOMPRESSED:
        raise ValueError("compressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(group_of(kem), raw)


def curve_bytes(public: CurvePublic) -> bytes:
    """The raw form of a public key on a curve."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return public.public_bytes_raw()


def hybrid_public(kem: Kem, raw: bytes) -> tuple[LatticePublic, CurvePublic]:
    """The two public keys of a hybrid's."""
    hybrid = HYBRIDS[kem]
    lattice, curve = raw[: hybrid.public_bytes], raw[hybrid.public_bytes :]
    return hybrid.public.from_public_bytes(lattice), curve_public(hybrid.curve, curve)


def group_of(kem: Kem) -> ec.EllipticCurve:
    """The curve of a KEM over points."""
    group = CURVES[kem].group
    if group is None:
        raise ValueError("no curve of points")
    return group
