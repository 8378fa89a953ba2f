"""Authenticated encryption with a suite's AEAD (RFC 5116)."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from cordiale.crypto.suite import Aead, Suite
from cordiale.errors import CannotDecrypt

TAG_BYTES: Final = 16
_CHACHA20: Final = Aead.CHACHA20_POLY1305


def seal(suite: Suite, key: bytes, nonce: bytes, associated: bytes, plaintext: bytes) -> bytes:
    """Ciphertext with its tag. A (key, nonce) pair must never be used twice."""
    cipher = ChaCha20Poly1305 if suite.aead is _CHACHA20 else AESGCM
    return cipher(key).encrypt(nonce, plaintext, associated)


def open_sealed(suite: Suite, key: bytes, nonce: bytes, associated: bytes, ciphertext: bytes, *, what: str) -> bytes:
    """The plaintext, or `CannotDecrypt` naming `what`."""
    try:
        cipher = ChaCha20Poly1305 if suite.aead is _CHACHA20 else AESGCM
        return cipher(key).decrypt(nonce, ciphertext, associated)
    except (InvalidTag, ValueError):
        raise CannotDecrypt(what) from None
