"""Erasable records: each is sealed under a key of its own, so that overwriting the key's 32 bytes erases every copy of it.

A database moves what it stores: copies of a record stay in the unused part of a page, in a log, in a freed page. None of
them can be opened once the key is gone (RFC 9420 §9.2 asks that a used secret be erased). Invariant: a key seals once.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cordiale.crypto.entropy import Entropy, fresh
from cordiale.errors import StorageFailed

KEY_BYTES: Final = 32
_NONCE: Final = bytes(12)
"""One nonce does for a key that seals once."""


def seal_record(name: str, plaintext: bytes, entropy: Entropy = fresh) -> tuple[bytes, bytes]:
    """A fresh key and the record sealed under it, bound to its name."""
    key = entropy(KEY_BYTES)
    return key, AESGCM(key).encrypt(_NONCE, plaintext, name.encode())


def open_record(name: str, key: bytes, sealed: bytes) -> bytes:
    """The record; `StorageFailed` if its key is another's or erased."""
    try:
        return AESGCM(key).decrypt(_NONCE, sealed, name.encode())
    except (InvalidTag, ValueError):
        raise StorageFailed(f"the record {name.partition('/')[0]} does not open") from None
