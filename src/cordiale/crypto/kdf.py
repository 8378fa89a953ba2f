"""HKDF (RFC 5869) and HMAC (RFC 2104) with a suite's hash. Every input here is secret.

All is pyca's, but that `Expander` composes a single block of HKDF-Expand of pyca's HMAC, so that a secret from which several
values come is keyed once: that is most of what a block costs. Held against the published vectors and `expand`.
"""

import hmac
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from cordiale.crypto.suite import Suite

_HASHES: Final = MappingProxyType({"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()})


def extract(suite: Suite, salt: bytes, key_material: bytes) -> bytes:
    """HKDF-Extract: `hash_bytes` of uniform key from uneven key material."""
    return HKDF.extract(_HASHES[suite.hash_name], salt, key_material)


def expand(suite: Suite, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand: `length` bytes (at most 255 × `hash_bytes`) from a uniform `secret`."""
    return HKDFExpand(_HASHES[suite.hash_name], length, info).derive(secret)


class Expander:
    """HKDF-Expand of one secret by the block: RFC 5869 §2.3 makes the first one T(1) = HMAC(secret, info ‖ 0x01).

    `head` is what every info begins with: it is hashed once.
    """

    __slots__ = ("_keyed",)

    def __init__(self, suite: Suite, secret: bytes, head: bytes = b"") -> None:
        self._keyed: Final = HMAC(secret, _HASHES[suite.hash_name])
        self._keyed.update(head)

    def block(self, info: bytes) -> bytes:
        """The first `hash_bytes` bytes; `expand` to a shorter length gives their beginning."""
        keyed = self._keyed.copy()
        keyed.update(info + b"\x01")
        return keyed.finalize()


def three_blocks(suite: Suite, secret: bytes, one: bytes, two: bytes, three: bytes) -> tuple[bytes, bytes, bytes]:
    """The first block for each of three infos, of a secret that is asked for nothing else: as every message's is."""
    first = HMAC(secret, _HASHES[suite.hash_name])
    second, third = first.copy(), first.copy()
    first.update(one + b"\x01")
    second.update(two + b"\x01")
    third.update(three + b"\x01")
    return first.finalize(), second.finalize(), third.finalize()


def mac(suite: Suite, key: bytes, message: bytes) -> bytes:
    """HMAC, `hash_bytes` long."""
    return hmac.digest(key, message, suite.hash_name)
