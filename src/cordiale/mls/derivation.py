"""Labelled key derivation and public-key encryption (RFC 9420 §5.1.3, §8). Every function here takes a secret."""

from collections.abc import Sequence
from functools import lru_cache

from cordiale.crypto import hpke, kdf
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.suite import Suite
from cordiale.mls.syntax import opaque, u16, u32


def expand_with_label(suite: Suite, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """ExpandWithLabel."""
    return kdf.expand(suite, secret, _head(label, length) + opaque(context), length)


@lru_cache(maxsize=64)
def _head(label: bytes, length: int) -> bytes:
    """KDFLabel up to its context; cached, because every message derives under the same few labels."""
    return u16(length) + opaque(b"MLS 1.0 " + label)


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
