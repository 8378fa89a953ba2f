"""Typed decoding that is safe from several threads.

msgspec builds what it knows of a type at the type's first use, and two threads that do so at once for types that share a part
can crash the interpreter (seen with msgspec 0.22). So the first use of every type happens here, under one lock; every
typed decode of this project goes through this module.
"""

import threading
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

_first_use: Final = threading.Lock()
_ready: Final[set[Any]] = set()


def convert(plain: Any, kind: type[T]) -> T:
    """`plain` (from CBOR, TOML or JSON) as `kind`, strictly; `msgspec.ValidationError` where it isn't one."""
    _prepare(kind)
    return msgspec.convert(plain, kind, strict=True, builtin_types=(bytes,))


def convert_text(plain: Any, kind: type[T]) -> T:
    """As `convert`, for text formats: bytes are base64, dates are ISO 8601."""
    _prepare(kind)
    return msgspec.convert(plain, kind, strict=True)


def decode_json(data: bytes, kind: type[T]) -> T:
    """JSON as `kind`, strictly; `msgspec.DecodeError` where it isn't one."""
    _prepare(kind)
    try:
        return msgspec.json.decode(data, type=kind, strict=True)
    except UnicodeDecodeError as fault:
        raise msgspec.DecodeError(str(fault)) from None


def _prepare(kind: Any) -> None:
    if kind not in _ready:
        with _first_use:
            msgspec.json.Decoder(kind)
            _ready.add(kind)
