"""Signatures of every scheme: Ed25519 through `signing`; ECDSA over the NIST curves, Ed448 and ML-DSA-65 here.

Public keys are raw bytes (Ed25519 32, Ed448 57, ML-DSA-65 1,952) or uncompressed points (ECDSA); ECDSA signatures are
DER (RFC 9420 §5.1.2), Ed448 is pure (RFC 8032 §5.2) and so is ML-DSA (FIPS 204), both with an empty context.
"""

from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, mldsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cordiale.crypto import signing
from cordiale.crypto.signing import SEED_BYTES, SigningKey
from cordiale.crypto.suite import Scheme
from cordiale.errors import BadSignature, Malformed

_Curve = tuple[ec.EllipticCurve, hashes.HashAlgorithm]
_CURVES: Final = MappingProxyType[Scheme, _Curve](
    {
        Scheme.ECDSA_P256_SHA256: (ec.SECP256R1(), hashes.SHA256()),
        Scheme.ECDSA_P384_SHA384: (ec.SECP384R1(), hashes.SHA384()),
        Scheme.ECDSA_P521_SHA512: (ec.SECP521R1(), hashes.SHA512()),
    }
)
_UNCOMPRESSED: Final = 0x04


class Signer(Protocol):
    """A private signing key of any scheme; `SigningKey` is the usual one."""

    @property
    def public(self) -> bytes:
        """The public half, as leaf nodes carry it."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign `message`."""
        ...

    def seed(self) -> bytes:
        """The secret, for an encrypted store only."""
        ...


class EcdsaKey:
    """A private ECDSA key. Its `repr` shows only the public half."""

    __slots__ = ("_key", "_scheme", "public")

    def __init__(self, scheme: Scheme, key: ec.EllipticCurvePrivateKey) -> None:
        self._scheme, self._key = scheme, key
        self.public: Final[bytes] = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @classmethod
    def generate(cls, scheme: Scheme) -> Self:
        """A fresh key on the scheme's curve."""
        return cls(scheme, ec.generate_private_key(_CURVES[scheme][0]))

    def sign(self, message: bytes) -> bytes:
        """A DER signature."""
        return self._key.sign(message, ec.ECDSA(_CURVES[self._scheme][1]))

    def seed(self) -> bytes:
        """The secret scalar, big-endian."""
        scalar = self._key.private_numbers().private_value
        return scalar.to_bytes((self._key.key_size + 7) // 8, "big")

    def __repr__(self) -> str:
        return f"EcdsaKey(public={self.public[1:7].hex()}…)"


class RawKey:
    """A private key whose forms are raw bytes: Ed448 or ML-DSA-65. Its `repr` shows only the public half."""

    __slots__ = ("_key", "public")

    def __init__(self, key: ed448.Ed448PrivateKey | mldsa.MLDSA65PrivateKey) -> None:
        self._key = key
        self.public: Final[bytes] = key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """A signature of 114 bytes (Ed448) or 3,309 (ML-DSA-65)."""
        return self._key.sign(message)

    def seed(self) -> bytes:
        """The secret seed: 57 bytes (Ed448) or 32 (ML-DSA-65)."""
        return self._key.private_bytes_raw()

    def __repr__(self) -> str:
        return f"RawKey(public={self.public[:6].hex()}…)"


def generate(scheme: Scheme) -> Signer:
    """A fresh key of the scheme."""
    match scheme:
        case Scheme.ED25519:
            return SigningKey.generate()
        case Scheme.ED448:
            return RawKey(ed448.Ed448PrivateKey.generate())
        case Scheme.ML_DSA_65:
            return RawKey(mldsa.MLDSA65PrivateKey.generate())
        case _:
            return EcdsaKey.generate(scheme)


def signer_from_seed(scheme: Scheme, seed: bytes) -> Signer:
    """The private key that `seed()` wrote, or `Malformed`."""
    try:
        match scheme:
            case Scheme.ED25519:
                if len(seed) != SEED_BYTES:
                    raise Malformed(f"{len(seed)} bytes", what="signing key")
                return SigningKey.from_seed(seed)
            case Scheme.ED448:
                return RawKey(ed448.Ed448PrivateKey.from_private_bytes(seed))
            case Scheme.ML_DSA_65:
                return RawKey(mldsa.MLDSA65PrivateKey.from_seed_bytes(seed))
            case _:
                return EcdsaKey(scheme, ec.derive_private_key(int.from_bytes(seed, "big"), _CURVES[scheme][0]))
    except ValueError:
        raise Malformed("not a private key of the scheme", what="signing key") from None


def verify(scheme: Scheme, public: bytes, signature: bytes, message: bytes, *, what: str, rule: str = "") -> None:
    """Raise `BadSignature` naming `what`, and the rule that asks for it, unless the signature holds."""
    try:
        match scheme:
            case Scheme.ED25519:
                signing.verify(public, signature, message, what=what, rule=rule)
            case Scheme.ED448:
                ed448.Ed448PublicKey.from_public_bytes(public).verify(signature, message)
            case Scheme.ML_DSA_65:
                _lattice(public).verify(signature, message)
            case _:
                _point(scheme, public).verify(signature, message, ec.ECDSA(_CURVES[scheme][1]))
    except (InvalidSignature, ValueError):
        raise BadSignature(what, rule=rule) from None


@lru_cache(maxsize=1024)
def _point(scheme: Scheme, raw: bytes) -> ec.EllipticCurvePublicKey:
    # A compressed point would be a second form of one key.
    if not raw or raw[0] != _UNCOMPRESSED:
        raise ValueError("compressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[scheme][0], raw)


@lru_cache(maxsize=1024)
def _lattice(raw: bytes) -> mldsa.MLDSA65PublicKey:
    return mldsa.MLDSA65PublicKey.from_public_bytes(raw)
