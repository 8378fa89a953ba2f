"""A key from a passphrase: Argon2id (RFC 9106), by default with its second recommended choice (64 MiB, 3 passes)."""

import unicodedata
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cordiale.wire.canonical import Record

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
_MEMORY_MOST: Final = 1 << 20
_PASSES_MOST: Final = 64
_LANES_MOST: Final = 16


class Cost(Record, frozen=True):
    """What one guess costs: memory in KiB, passes over it, and lanes that may run side by side."""

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    @property
    def sound(self) -> bool:
        """Whether Argon2id can be run at this cost on an ordinary machine."""
        within = 0 < self.passes <= _PASSES_MOST and 0 < self.lanes <= _LANES_MOST
        return within and 8 * self.lanes <= self.memory <= _MEMORY_MOST


def derive_key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """32 bytes. The passphrase is normalised (NFKC), so that every keyboard types the same one."""
    text = unicodedata.normalize("NFKC", passphrase).encode()
    function = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return function.derive(text)
