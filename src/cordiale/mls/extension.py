"""Extensions (RFC 9420 §13, §17.3): typed data of a leaf, key package, group context or group info.

Data of types that this engine does not interpret stays opaque. A list names each type at most once (§13.4).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from cordiale.mls.syntax import Reader, opaque, parse, u16, vector
from cordiale.wire import limits

APPLICATION_ID: Final = 1
RATCHET_TREE: Final = 2
REQUIRED_CAPABILITIES: Final = 3
EXTERNAL_PUB: Final = 4
EXTERNAL_SENDERS: Final = 5
LAST_RESORT: Final = 0x000A
"""Marks a key package that may be used more than once (draft-ietf-mls-extensions-04 §5.3)."""
DEFAULT_TYPES: Final = frozenset({APPLICATION_ID, RATCHET_TREE, REQUIRED_CAPABILITIES, EXTERNAL_PUB, EXTERNAL_SENDERS})
"""Every client supports these and does not list them (RFC 9420 §7.2)."""

ROOM_PARAMETERS: Final = 0xF0A1
"""Private use: a room's parameters, in the group context."""
ROOM_TITLE: Final = 0xF0A2
"""Private use: a room's title, in a group info, which only the invited can read."""
REQUIRED_SIGNATURES: Final = 0xF0A3
"""Private use: the signature schemes that every member's credential must hold a key of, in the group context."""


class Extension(msgspec.Struct, frozen=True):
    """One typed value."""

    type: int
    data: bytes

    def encode(self) -> bytes:
        """As in a list."""
        return u16(self.type) + opaque(self.data)


class RequiredCapabilities(msgspec.Struct, frozen=True):
    """What every member must support (RFC 9420 §11.1)."""

    extensions: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """The extension's data."""
        return b"".join(vector(map(u16, types)) for types in (self.extensions, self.proposals, self.credentials))


def read_extension(reader: Reader) -> Extension:
    """One extension."""
    return Extension(reader.u16(), reader.opaque())


def read_extensions(reader: Reader) -> tuple[Extension, ...]:
    """Extension extensions<V>, each type once."""
    found = reader.many(read_extension)
    if len({extension.type for extension in found}) != len(found):
        reader.fail("an extension type twice in one list", rule="RFC 9420 §13.4 (1)")
    return found


def encode_extensions(extensions: Sequence[Extension]) -> bytes:
    """Extension extensions<V>."""
    return vector(extension.encode() for extension in extensions)


def find(extensions: Sequence[Extension], kind: int) -> bytes | None:
    """The data of the extension of that type, if it is there."""
    return next((extension.data for extension in extensions if extension.type == kind), None)


def required_capabilities(extensions: Sequence[Extension]) -> RequiredCapabilities:
    """A group context's required capabilities; none if it has no such extension."""
    data = find(extensions, REQUIRED_CAPABILITIES)
    if data is None:
        return RequiredCapabilities()
    return parse(data, _read_required, "required capabilities", limit=limits.MLS_EXTENSION_BYTES)


def _read_required(reader: Reader) -> RequiredCapabilities:
    return RequiredCapabilities(reader.many(Reader.u16), reader.many(Reader.u16), reader.many(Reader.u16))
