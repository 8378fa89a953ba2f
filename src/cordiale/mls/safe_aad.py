"""Safe AAD (draft-ietf-mls-extensions-09 §4.9): several components share a message's authenticated data.

    authenticated_data = SafeAADItem aad_items<V> ‖ rest        SafeAADItem = ComponentID (uint16, §4.1) ‖ opaque data<V>

The items are in ascending order, each component once, so that equal contents have equal bytes. `rest` is what an application adds
outside of this framing. The data is readable by all who carry the message and verified only by members.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import msgspec

from cordiale.mls.syntax import Reader, opaque, parse, u16, vector
from cordiale.wire import limits

LABEL: Final = 0xF0D1
"""Private use: a message's header with its label (`cordiale.labels.binding.Header`)."""


class SafeAad(msgspec.Struct, frozen=True):
    """Authenticated data taken apart: what each component says, and what follows."""

    items: dict[int, bytes]
    rest: bytes = b""

    def encode(self) -> bytes:
        """As a message's authenticated data."""
        return vector(u16(kind) + opaque(self.items[kind]) for kind in sorted(self.items)) + self.rest


def encode(items: Mapping[int, bytes], rest: bytes = b"") -> bytes:
    """Authenticated data of these components."""
    return SafeAad(dict(items), rest).encode()


def split(authenticated_data: bytes) -> SafeAad:
    """What `encode` wrote, or `Malformed`. Components that nobody here knows are kept for the caller to judge."""
    return parse(authenticated_data, _read, "safe authenticated data", limit=limits.MLS_EXTENSION_BYTES)


def component(authenticated_data: bytes, kind: int) -> bytes | None:
    """What one component says, if it says anything."""
    return split(authenticated_data).items.get(kind)


def _read(reader: Reader) -> SafeAad:
    found = reader.many(lambda inner: (inner.u16(), inner.opaque()))
    if any(before >= after for (before, _), (after, _) in pairwise(found)):
        reader.fail("components that are not in ascending order, each once")
    return SafeAad(dict(found), reader.rest())
