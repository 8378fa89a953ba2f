"""MLSMessage's head (RFC 9420 §6): protocol version and what follows."""

from enum import IntEnum
from typing import Final

from cordiale.mls.syntax import Reader, u16

MLS10: Final = 1
"""The protocol version."""


class WireFormat(IntEnum):
    """RFC 9420 §17.2."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


_HEADERS: Final = tuple(u16(MLS10) + u16(value) for value in range(max(WireFormat) + 1))


def header(wire_format: WireFormat) -> bytes:
    """The first four bytes of an MLSMessage, and of what is signed in that form."""
    return _HEADERS[wire_format]


def read_header(reader: Reader) -> WireFormat:
    """The first four bytes of an MLSMessage."""
    if (version := reader.u16()) != MLS10:
        reader.fail(f"protocol version {version}", rule="RFC 9420 §6 (1)")
    wire_format = reader.u16()
    if not WireFormat.PUBLIC_MESSAGE <= wire_format <= WireFormat.KEY_PACKAGE:
        reader.fail(f"wire format {wire_format}")
    return WireFormat(wire_format)


def expect(reader: Reader, wire_format: WireFormat) -> None:
    """Read an MLSMessage's head and refuse any other wire format."""
    if not reader.skip(_HEADERS[wire_format]):
        reader.fail(f"{read_header(reader).name}, where {wire_format.name} is expected")
