"""Labelled signatures and references (RFC 9420 §5.1.2, §5.2). Nothing here holds a secret but the signer passed in."""

from functools import lru_cache

from cordiale.crypto.signature import Signer, verify
from cordiale.crypto.suite import Suite
from cordiale.mls.syntax import opaque, varint


def sign_with_label(signer: Signer, label: str, content: bytes) -> bytes:
    """SignWithLabel."""
    return signer.sign(b"".join((_head(label), varint(len(content)), content)))


def verify_with_label(
    suite: Suite, public: bytes, label: str, content: bytes, signature: bytes, *, what: str, rule: str = ""
) -> None:
    """VerifyWithLabel; raises `BadSignature` naming `what` and the rule that asks for it."""
    signed = b"".join((_head(label), varint(len(content)), content))
    verify(suite.scheme, public, signature, signed, what=what, rule=rule)


def reference(suite: Suite, label: str, value: bytes) -> bytes:
    """RefHash: an object's short name within its suite; its label stands as it is, without a prefix."""
    return suite.hash(opaque(label.encode()) + opaque(value))


@lru_cache(maxsize=64)
def _head(label: str) -> bytes:
    """SignContent up to its content; cached, because there are only a few labels."""
    return opaque(b"MLS 1.0 " + label.encode())
