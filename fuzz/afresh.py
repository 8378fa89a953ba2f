"""Records without the bytes that they were read from, so that encoding them again says something.

Some keep those bytes, because a signature covers them; they have to be what the fields encode to.
"""

from typing import Any

import msgspec

from cordiale.mls.tree import RatchetTree


def afresh(value: Any) -> Any:
    """The same value, made of its fields all the way down."""
    if isinstance(value, msgspec.Struct):
        return type(value)(*(afresh(getattr(value, name)) for name in value.__struct_fields__))
    if isinstance(value, RatchetTree):
        return RatchetTree(value.suite, [afresh(node) for node in value.nodes])
    return tuple(map(afresh, value)) if type(value) is tuple else value


def encodes_to(value: Any, data: bytes) -> bool:
    """Whether it encodes to `data`, as it is and made afresh."""
    return all(_encoded(each) == data for each in (value, afresh(value)))


def _encoded(value: Any) -> bytes:
    return value.encode() if hasattr(value, "encode") else value.encoded
