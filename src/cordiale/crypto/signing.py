"""Ed25519 (RFC 8032) signing keys and verification that raises instead of answering.

Invariant: a failed verification can't be ignored, because there is no result to ignore.
"""

from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cordiale.errors import BadSignature

SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


class SigningKey:
    """A private Ed25519 key. Its `repr` shows only the public half."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: Final[bytes] = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Self:
        """A fresh key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """From the 32-byte seed that `seed()` gives."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def seed(self) -> bytes:
        """The secret seed, for an encrypted store only."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """A 64-byte signature."""
        return self._key.sign(message)

    def pyca(self) -> Ed25519PrivateKey:
        """The library's own object, for certificates; stays within `cordiale.crypto`."""
        return self._key

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public[:6].hex()}…)"


@lru_cache(maxsize=4096)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def verify(public: bytes, signature: bytes, message: bytes, *, what: str, rule: str = "") -> None:
    """Raise `BadSignature` naming `what` unless the signature holds."""
    try:
        _public(bytes(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature(what, rule=rule) from None
