"""The HPKE key schedule (RFC 9180 §5.1, base mode) and Export (§5.3), for what pyca's HPKE leaves out.

Held against the published vectors. A schedule's key and nonce serve one message (sequence number 0), which is all that
MLS asks of HPKE.
"""

from types import MappingProxyType
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes

from cordiale.crypto.kem_keys import labelled_expand, labelled_extract
from cordiale.crypto.suite import Suite

_BASE_MODE: Final = b"\x00"
_KDF_IDS: Final = MappingProxyType({"sha256": 1, "sha384": 2, "sha512": 3})
_HASHES: Final = MappingProxyType({"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()})


class Schedule(msgspec.Struct, frozen=True):
    """What both sides derive from a shared secret. Every field is secret; `repr` shows none."""

    suite: Suite
    key: bytes
    nonce: bytes
    exporter: bytes

    def export(self, context: bytes, length: int) -> bytes:
        """Export (§5.3): `length` bytes bound to `context`."""
        return _expand(self.suite, self.exporter, b"sec", context, length)

    def __repr__(self) -> str:
        return f"Schedule({self.suite.name})"


def schedule(suite: Suite, shared_secret: bytes, info: bytes) -> Schedule:
    """KeySchedule in base mode: no pre-shared key."""
    return schedule_under(suite, shared_secret, info_context(suite, info))


def info_context(suite: Suite, info: bytes) -> bytes:
    """What of KeySchedule `info` alone decides, so that a long one is hashed once however many it is sealed to."""
    return _BASE_MODE + _extract(suite, b"", b"psk_id_hash", b"") + _extract(suite, b"", b"info_hash", info)


def schedule_under(suite: Suite, shared_secret: bytes, context: bytes) -> Schedule:
    """The rest of KeySchedule; `context` comes from `info_context`."""
    secret = _extract(suite, shared_secret, b"secret", b"")
    return Schedule(
        suite,
        _expand(suite, secret, b"key", context, suite.key_bytes),
        _expand(suite, secret, b"base_nonce", context, suite.nonce_bytes),
        _expand(suite, secret, b"exp", context, suite.hash_bytes),
    )


def _extract(suite: Suite, salt: bytes, label: bytes, material: bytes) -> bytes:
    return labelled_extract(_HASHES[suite.hash_name], _suite_id(suite), salt, label, material)


def _expand(suite: Suite, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return labelled_expand(_HASHES[suite.hash_name], _suite_id(suite), secret, label, info, length)


def _suite_id(suite: Suite) -> bytes:
    ids = (suite.kem.value, _KDF_IDS[suite.hash_name], suite.aead.value)
    return b"HPKE" + b"".join(number.to_bytes(2, "big") for number in ids)
