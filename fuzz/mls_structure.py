"""Every structure of RFC 9420 by itself: the first byte chooses which; only declared errors, and one encoding each."""

from collections.abc import Callable
from typing import Any, Final

from cordiale.errors import CordialeError
from cordiale.mls.commit import read_sealed
from cordiale.mls.content import ContentType, read_auth_data, read_content, read_sender
from cordiale.mls.credential import read_credential
from cordiale.mls.extension import read_extension, read_extensions
from cordiale.mls.group_context import GroupContext
from cordiale.mls.leaf_node import read_leaf_node
from cordiale.mls.proposal import read_proposal, read_psk_id
from cordiale.mls.proposal_list import read_proposed
from cordiale.mls.syntax import Reader, parse
from cordiale.mls.wire_format import read_header
from fuzz.afresh import encodes_to

READERS: Final[tuple[Callable[[Reader], Any], ...]] = (
    read_sealed,
    read_sender,
    read_credential,
    read_extension,
    read_extensions,
    read_leaf_node,
    read_proposal,
    read_psk_id,
    read_proposed,
    read_header,
    GroupContext.read,
    *(lambda reader, kind=kind: read_content(reader, kind) for kind in ContentType),
    *(lambda reader, kind=kind: read_auth_data(reader, kind) for kind in ContentType),
    lambda reader: reader.many(Reader.opaque),
    lambda reader: reader.optional(Reader.varint),
)
_LIMIT: Final = 1 << 20


def TestOneInput(data: bytes) -> None:
    """One input."""
    read, rest = READERS[data[0] % len(READERS)] if data else READERS[0], data[1:]
    try:
        found = parse(rest, read, "structure", limit=_LIMIT)
    except CordialeError:
        return
    if (hasattr(found, "encode") or hasattr(found, "encoded")) and not encodes_to(found, rest):
        raise AssertionError("decoded to what encodes otherwise")


def seeds() -> list[bytes]:
    """Small beginnings for each structure."""
    return [
        bytes([which]) + rest for which in range(len(READERS)) for rest in (b"", b"\x00", b"\x00\x01\x20" + bytes(40))
    ]
