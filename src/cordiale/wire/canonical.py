"""One byte string per value: deterministic CBOR (RFC 8949 §4.2.1) of frozen records.

`decode` accepts exactly what `encode` writes: a value that re-encodes differently, has unknown fields, duplicate
keys, indefinite lengths, tags, trailing bytes or the wrong types is `Malformed`, and its size is checked first.
"""

from typing import Any, TypeVar, cast

import cbor2
import msgspec

from cordiale.errors import LimitExceeded, Malformed
from cordiale.wire import limits, typed


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all records that are signed, hashed or sent; subclasses say `frozen=True` again."""


R = TypeVar("R", bound=msgspec.Struct)


def encode(record: msgspec.Struct) -> bytes:
    """The canonical bytes of a record."""
    return cbor2.dumps(msgspec.to_builtins(record, builtin_types=(bytes,)), canonical=True)


def decode(data: bytes, kind: type[R], *, limit: int) -> R:
    """Parse canonical bytes strictly as `kind`; at most `limit` bytes."""
    what = kind.__name__
    plain = _plain(data, what, limit)
    try:
        record = typed.convert(plain, kind)
        if encode(record) != data:
            raise Malformed("not in canonical form", what=what)
        return record
    except (cbor2.CBORError, msgspec.ValidationError, ValueError, TypeError, OverflowError) as fault:
        raise Malformed(_brief(fault), what=what) from None


def decode_map(data: bytes, *, limit: int) -> dict[str, Any]:
    """The canonical bytes of a record that this program may not know: its fields by name, of at most `limit` bytes."""
    plain = _plain(data, "record", limit)
    if not isinstance(plain, dict):
        raise Malformed("no record", what="record")
    fields = cast("dict[Any, Any]", plain)
    try:
        sound = cbor2.dumps(fields, canonical=True) == data
    except (cbor2.CBORError, ValueError, TypeError, OverflowError) as fault:
        raise Malformed(_brief(fault), what="record") from None
    if not sound or not all(isinstance(name, str) for name in fields):
        raise Malformed("not a record in canonical form", what="record")
    return fields


def _plain(data: bytes, what: str, limit: int) -> Any:
    if len(data) > limit:
        raise LimitExceeded(f"{what}: {len(data)} bytes, {limit} allowed")
    try:
        return cbor2.loads(data, max_depth=limits.CBOR_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError) as fault:
        raise Malformed(_brief(fault), what=what) from None


def _brief(fault: Exception) -> str:
    return str(fault).splitlines()[0][:160] if str(fault) else type(fault).__name__
