"""What the nodes know of a room: its parameters (a GroupContext extension, so every member agrees on them) and the bodies
that travel as its handshakes. Titles and content are never here.
"""

from functools import lru_cache
from typing import Final

from cordiale.errors import Malformed
from cordiale.labels.label import Label, decode_label
from cordiale.vocab.party import Address, Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

_VERSION: Final = 1


class RoomParameters(Record, frozen=True):
    """`ceiling` is the canonical label that no message may exceed; `hub` is the nation that orders handshakes."""

    version: int
    ceiling: bytes
    nations: tuple[Nation, ...]
    hub: Nation
    founder: str

    def encode(self) -> bytes:
        return canonical.encode(self)

    @property
    def ceiling_label(self) -> Label:
        return decode_label(self.ceiling)


def room_parameters(ceiling: bytes, nations: set[Nation], hub: Nation, founder: Address) -> RoomParameters:
    """Parameters in canonical form."""
    return RoomParameters(_VERSION, ceiling, tuple(sorted(nations)), hub, str(founder))


@lru_cache(maxsize=1024)
def parse_parameters(data: bytes) -> RoomParameters:
    """Parse strictly: sorted, unique nations, the hub one of them, a readable ceiling."""
    parameters = canonical.decode(data, RoomParameters, limit=limits.LABEL_BYTES * 2)
    nations = [parse_nation(nation) for nation in parameters.nations]
    if parameters.version != _VERSION or nations != sorted(set(nations)) or parameters.hub not in nations:
        raise Malformed("nations must be sorted and unique, with the hub among them", what="RoomParameters")
    if len(nations) > limits.ROOM_NATIONS:
        raise Malformed(f"{len(nations)} nations", what="RoomParameters")
    Address.parse(parameters.founder)
    decode_label(parameters.ceiling)
    return parameters


class CommitBody(Record, frozen=True):
    """A commit with the Welcome for whom it adds: accepted together or not at all."""

    commit: bytes
    welcome: bytes = b""

    def encode(self) -> bytes:
        return canonical.encode(self)


def parse_commit(body: bytes) -> CommitBody:
    return canonical.decode(body, CommitBody, limit=limits.BODY_BYTES)


class Notice(Record, frozen=True):
    """A node's word to agents: what became of a handshake, or that a person was revoked."""

    code: str
    message: bytes = b""
    address: str = ""
    detail: str = ""

    def encode(self) -> bytes:
        return canonical.encode(self)


def parse_notice(body: bytes) -> Notice:
    return canonical.decode(body, Notice, limit=limits.BINDING_BYTES)
