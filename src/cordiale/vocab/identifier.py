"""Named integers and byte strings, so that one cannot be passed for another."""

from typing import NewType

RoomId = NewType("RoomId", bytes)
"""32 random bytes; also the MLS group id."""

MessageId = NewType("MessageId", bytes)
"""16 random bytes chosen by the author's agent; sending again with the same id is idempotent."""

Digest = NewType("Digest", bytes)
"""SHA-256, 32 bytes."""

Epoch = NewType("Epoch", int)
LeafIndex = NewType("LeafIndex", int)
Offset = NewType("Offset", int)
"""Position in a log, from 0."""

ROOM_ID_BYTES = 32
MESSAGE_ID_BYTES = 16
DIGEST_BYTES = 32


def short(identifier: bytes) -> str:
    """The first six bytes in hexadecimal: enough for people to tell identifiers apart, never for machines."""
    return identifier[:6].hex()
