"""Labelled key derivation and public-key encryption (RFC 9420 §5.1.3, §8). Every function here takes a secret."""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Final

import msgspec

from cordiale.crypto import hpke, kdf
from cordiale.crypto.kdf import Expander
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.suite import Suite, suite_of
from cordiale.mls.syntax import opaque, u16, u32

_GENERATION_BYTES: Final = 4
_GENERATION: Final = Struct(">BI")
"""A generation as the context of a label: its length, and a uint32."""


def expand_with_label(suite: Suite, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """ExpandWithLabel."""
    return kdf.expand(suite, secret, _head(label, length) + opaque(context), length)


@lru_cache(maxsize=64)
def _head(label: bytes, length: int) -> bytes:
    """KDFLabel up to its context; cached, because there are only a few labels."""
    return u16(length) + opaque(b"MLS 1.0 " + label)


class MessageKey(msgspec.Struct, frozen=True):
    """For one message only."""

    key: bytes
    nonce: bytes

    def __repr__(self) -> str:
        return "MessageKey(…)"


@lru_cache(maxsize=16)
def _heads(suite_id: int) -> tuple[bytes, bytes, bytes]:
    """What every message derives key, nonce and the next secret under. None is longer than a block of its suite's HKDF."""
    suite = suite_of(suite_id)
    return _head(b"key", suite.key_bytes), _head(b"nonce", suite.nonce_bytes), _head(b"secret", suite.hash_bytes)


class MessageKeys:
    """ExpandWithLabel of one secret under "key" and "nonce", for many contexts: all before a context is hashed once."""

    __slots__ = ("_key", "_key_bytes", "_nonce", "_nonce_bytes")

    def __init__(self, suite: Suite, secret: bytes) -> None:
        key, nonce, _ = _heads(suite.id)
        self._key, self._key_bytes = Expander(suite, secret, key), suite.key_bytes
        self._nonce, self._nonce_bytes = Expander(suite, secret, nonce), suite.nonce_bytes

    def of(self, context: bytes) -> MessageKey:
        """Key and nonce of one context."""
        info = opaque(context)
        return MessageKey(self._key.block(info)[: self._key_bytes], self._nonce.block(info)[: self._nonce_bytes])


def ratchet_step(suite: Suite, secret: bytes, generation: int) -> tuple[MessageKey, bytes]:
    """DeriveTreeSecret of a generation's key and nonce, and of the secret of the next (RFC 9420 §9.1)."""
    one, two, three = _heads(suite.id)
    context = _GENERATION.pack(_GENERATION_BYTES, generation)
    key, nonce, following = kdf.three_blocks(suite, secret, one + context, two + context, three + context)
    return MessageKey(key[: suite.key_bytes], nonce[: suite.nonce_bytes]), following


def derive_secret(suite: Suite, secret: bytes, label: bytes) -> bytes:
    """DeriveSecret: Nh bytes, without context."""
    return expand_with_label(suite, secret, label, b"", suite.hash_bytes)


def derive_tree_secret(suite: Suite, secret: bytes, label: bytes, generation: int, length: int) -> bytes:
    """DeriveTreeSecret (RFC 9420 §9.1)."""
    return expand_with_label(suite, secret, label, u32(generation), length)


def encrypt_with_label(suite: Suite, public: bytes, label: str, context: bytes, plaintext: bytes) -> Sealed:
    """EncryptWithLabel."""
    return hpke.seal(suite, public, _encrypt_context(label, context), plaintext)


def encrypt_to_each(suite: Suite, label: str, context: bytes, messages: Sequence[tuple[bytes, bytes]]) -> list[Sealed]:
    """EncryptWithLabel of (public key, plaintext) pairs under one label and context, which may be long."""
    return hpke.seal_to_each(suite, _encrypt_context(label, context), messages)


def decrypt_with_label(suite: Suite, private: bytes, label: str, context: bytes, sealed: Sealed) -> bytes:
    """DecryptWithLabel, or `CannotDecrypt`."""
    return hpke.open_sealed(suite, private, _encrypt_context(label, context), sealed)


def _encrypt_context(label: str, context: bytes) -> bytes:
    return opaque(b"MLS 1.0 " + label.encode()) + opaque(context)
