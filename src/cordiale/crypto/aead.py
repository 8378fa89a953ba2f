"""Authenticated encryption with a suite's AEAD (RFC 5116)."""

from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from cordiale.crypto.suite import Aead, Suite
from cordiale.errors import CannotDecrypt

TAG_BYTES: Final = 16
_CIPHERS: Final = MappingProxyType(
    {Aead.AES_128_GCM: AESGCM, Aead.AES_256_GCM: AESGCM, Aead.CHACHA20_POLY1305: ChaCha20Poly1305}
)


def seal(suite: Suite, key: bytes, nonce: bytes, associated: bytes, plaintext: bytes) -> bytes:
    """Ciphertext with its tag. A (key, nonce) pair must never be used twice."""
    return _CIPHERS[suite.aead](key).encrypt(nonce, plaintext, associated)


def open_sealed(suite: Suite, key: bytes, nonce: bytes, associated: bytes, ciphertext: bytes, *, what: str) -> bytes:
    """The plaintext, or `CannotDecrypt` naming `what`."""
    try:
        return _CIPHERS[suite.aead](key).decrypt(nonce, ciphertext, associated)
    except (InvalidTag, ValueError):
        raise CannotDecrypt(what) from None
