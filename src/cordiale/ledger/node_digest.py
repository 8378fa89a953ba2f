"""SHA-256 for inner nodes: the interpreter's own implementation where it has one.

Measured on Python 3.11 with OpenSSL 3.0: 65 bytes take 0.9 µs here and 1.7 µs through OpenSSL, whose look-up of the
algorithm costs more than the hashing. Tree nodes are public and tiny, so neither timing nor throughput argues for
OpenSSL; entries, which are larger, are hashed by `cordiale.crypto.digest`.
"""

import hashlib
from collections.abc import Callable
from importlib import import_module
from typing import Final, Protocol, cast


class _Hash(Protocol):
    def digest(self) -> bytes: ...


def _fastest() -> Callable[[bytes], _Hash]:
    for module in ("_sha2", "_sha256"):
        try:
            return cast("Callable[[bytes], _Hash]", import_module(module).sha256)
        except ImportError:
            continue
    return hashlib.sha256


node_digest: Final = _fastest()
