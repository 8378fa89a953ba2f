"""HKDF (RFC 5869) and HMAC (RFC 2104) with a suite's hash. Every input here is secret."""

import hmac
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from cordiale.crypto.suite import Suite

_HASHES: Final = MappingProxyType({"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()})


def extract(suite: Suite, salt: bytes, key_material: bytes) -> bytes:
    """HKDF-Extract: `hash_bytes` of uniform key from uneven key material."""
    return HKDF.extract(_HASHES[suite.hash_name], salt, key_material)


def expand(suite: Suite, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand: `length` bytes (at most 255 × `hash_bytes`) from a uniform `secret`."""
    return HKDFExpand(_HASHES[suite.hash_name], length, info).derive(secret)


def mac(suite: Suite, key: bytes, message: bytes) -> bytes:
    """HMAC, `hash_bytes` long."""
    return hmac.digest(key, message, suite.hash_name)
