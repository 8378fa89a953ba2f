"""The outer label binding (the idea of STANAG 4778): a device signs which label belongs to which ciphertext.

    signature = Ed25519(device, "cordiale label-binding/1" ‖ 0 ‖ canonical {header with label, room, epoch, SHA-256(body), …})

The header is also in the MLS authenticated data, but a gateway can't check that one; this signature is what stops a
compromised hop from lowering a label. The agent compares both. An author's own mislabelling can't be seen here.
"""

from functools import lru_cache
from typing import Final

from cordiale.crypto import statement
from cordiale.crypto.digest import equal, sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, LabelMismatch, Malformed
from cordiale.vocab.identifier import DIGEST_BYTES, MESSAGE_ID_BYTES, ROOM_ID_BYTES, Digest, Epoch, MessageId, RoomId
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

APPLICATION: Final = "application"
COMMIT: Final = "commit"
PROPOSAL: Final = "proposal"
ROOM: Final = "room"
NOTICE: Final = "notice"
CLAIM: Final = "claim"
KINDS: Final = frozenset({APPLICATION, COMMIT, PROPOSAL, ROOM, NOTICE, CLAIM})
HANDSHAKES: Final = frozenset({COMMIT, PROPOSAL, ROOM})

_VERSION: Final = 1
_MOST: Final = 2**63 - 1


class Header(Record, frozen=True):
    """What stands twice: as MLS authenticated data and inside the binding. `heads` counts the messages seen by nation."""

    id: MessageId
    label: bytes
    heads: dict[Nation, int]
    sent: Moment

    def encode(self) -> bytes:
        return canonical.encode(self)


class Binding(Record, frozen=True):
    """What the device signs: this header belongs to this body, in this room and epoch. `signer` names its chain."""

    version: int
    kind: str
    room: RoomId
    epoch: Epoch
    header: bytes
    digest: Digest
    signer: Digest

    def encode(self) -> bytes:
        return canonical.encode(self)


def bind(
    key: SigningKey, signer: Digest, header: Header, body: bytes, *, kind: str, room: RoomId, epoch: Epoch
) -> tuple[bytes, bytes]:
    """The canonical binding of `body` and its signature."""
    binding = Binding(_VERSION, kind, room, epoch, header.encode(), sha256(body), signer).encode()
    return binding, statement.sign(key, statement.BINDING, binding)


def parse_header(data: bytes) -> Header:
    """Parse strictly, checking sizes and ranges."""
    header = canonical.decode(data, Header, limit=limits.BINDING_BYTES)
    sound = (
        len(header.id) == MESSAGE_ID_BYTES,
        0 < len(header.label) <= limits.LABEL_BYTES,
        len(header.heads) <= limits.HEADS,
        0 <= header.sent <= LATEST,
        all(0 <= count <= limits.COUNT_MOST for count in header.heads.values()),
    )
    if not all(sound):
        raise Malformed("a field is outside its range", what="Header")
    for nation in header.heads:
        parse_nation(nation)
    return header


@lru_cache(maxsize=512)
def parse(data: bytes) -> tuple[Binding, Header]:
    """Parse strictly, checking sizes and ranges; the signature is not looked at."""
    binding = canonical.decode(data, Binding, limit=limits.BINDING_BYTES)
    sound = (
        binding.version == _VERSION,
        binding.kind in KINDS,
        len(binding.room) == ROOM_ID_BYTES,
        len(binding.digest) == DIGEST_BYTES,
        len(binding.signer) == DIGEST_BYTES,
        0 <= binding.epoch <= _MOST,
    )
    if not all(sound):
        raise Malformed("a field is outside its range", what="Binding")
    return binding, parse_header(binding.header)


def check_signature(data: bytes, signature: bytes, public: bytes) -> None:
    """Raise `BadSignature` unless the device signed exactly these binding bytes."""
    statement.verify(public, statement.BINDING, data, signature)


def check_body(binding: Binding, body: bytes) -> None:
    """Raise `BadSignature` unless `body` is the one that was bound."""
    if not equal(binding.digest, sha256(body)):
        raise BadSignature("the body is not the one that its label was bound to")


def check_inner(binding: Binding, header: bytes) -> None:
    """Raise `LabelMismatch` unless the header that MLS authenticates is exactly the bound one."""
    if not equal(binding.header, header):
        raise LabelMismatch("authenticated data and label binding differ")
