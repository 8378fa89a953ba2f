"""SHA-256 and constant-time comparison."""

import hashlib
import hmac

from cordiale.vocab.identifier import Digest


def sha256(data: bytes) -> Digest:
    """SHA-256 of `data`. (The standard library's, OpenSSL's implementation.)"""
    return Digest(hashlib.sha256(data).digest())


def equal(left: bytes, right: bytes) -> bool:
    """Compare in constant time; different lengths are unequal."""
    return hmac.compare_digest(left, right)
