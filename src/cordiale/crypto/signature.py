"""Signatures of every scheme that a suite names: Ed25519 through `signing`, ECDSA over the NIST curves beside it.

Public keys are 32 raw bytes (Ed25519) or uncompressed points (ECDSA); ECDSA signatures are DER (RFC 9420 §5.1.2).
"""

from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
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


def signer_from_seed(scheme: Scheme, seed: bytes) -> Signer:
    """The private key that `seed()` wrote, or `Malformed`."""
    try:
        if scheme is Scheme.ED25519:
            if len(seed) != SEED_BYTES:
                raise Malformed(f"{len(seed)} bytes", what="signing key")
            return SigningKey.from_seed(seed)
        return EcdsaKey(scheme, ec.derive_private_key(int.from_bytes(seed, "big"), _CURVES[scheme][0]))
    except ValueError:
        raise Malformed("not a private key of the scheme", what="signing key") from None


@lru_cache(maxsize=1024)
def _public(scheme: Scheme, raw: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[scheme][0], raw)


def verify(scheme: Scheme, public: bytes, signature: bytes, message: bytes, *, what: str) -> None:
    """Raise `BadSignature` naming `what` unless the signature holds."""
    if scheme is Scheme.ED25519:
        signing.verify(public, signature, message, what=what)
        return
    try:
        _public(scheme, public).verify(signature, message, ec.ECDSA(_CURVES[scheme][1]))
    except (InvalidSignature, ValueError):
        raise BadSignature(what) from None
