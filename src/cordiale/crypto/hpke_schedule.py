"""The HPKE key schedule (RFC 9180 §5.1, base mode) and Export (§5.3), for what pyca's HPKE leaves out.

Held against the published vectors. A schedule's key and nonce serve one message (sequence number 0), which is all that
MLS asks of HPKE.
"""

from struct import Struct
from types import MappingProxyType
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes

from cordiale.crypto.kdf import Expander
from cordiale.crypto.kem_keys import labelled_expand, labelled_extract, labelled_info
from cordiale.crypto.suite import Suite

_HEAD: Final = Struct(">4sHHH")
"""suite_id (§5.1)."""
_BASE_MODE: Final = b"\x00"
_KDF_IDS: Final = MappingProxyType({"sha256": 1, "sha384": 2, "sha512": 3})
_HASHES: Final = MappingProxyType({"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()})


class Schedule(msgspec.Struct, frozen=True):
    """What both sides derive from a shared secret, each value when it is asked for. `repr` shows none."""

    suite: Suite
    secret: Expander
    context: bytes

    @property
    def key(self) -> bytes:
        """The AEAD's key."""
        return self._derive(b"key", self.suite.key_bytes)

    @property
    def nonce(self) -> bytes:
        """The nonce of the first message, which is the only one."""
        return self._derive(b"base_nonce", self.suite.nonce_bytes)

    @property
    def exporter(self) -> bytes:
        """What exports are derived from."""
        return self._derive(b"exp", self.suite.hash_bytes)

    def export(self, context: bytes, length: int) -> bytes:
        """Export (§5.3): `length` bytes bound to `context`."""
        suite = self.suite
        return labelled_expand(_HASHES[suite.hash_name], _suite_id(suite), self.exporter, b"sec", context, length)

    def _derive(self, label: bytes, length: int) -> bytes:
        return self.secret.block(labelled_info(_suite_id(self.suite), label, self.context, length))[:length]

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
    return Schedule(suite, Expander(suite, _extract(suite, shared_secret, b"secret", b"")), context)


def _extract(suite: Suite, salt: bytes, label: bytes, material: bytes) -> bytes:
    return labelled_extract(_HASHES[suite.hash_name], _suite_id(suite), salt, label, material)


def _suite_id(suite: Suite) -> bytes:
    return _HEAD.pack(b"HPKE", suite.kem.value, _KDF_IDS[suite.hash_name], suite.aead.value)
