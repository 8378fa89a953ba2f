"""What is said (RFC 9420 §6): a content, its sender, group and epoch, and the signature over them.

    FramedContent ──sign──> AuthenticatedContent

Only structures and signatures are here, so that the blind node can use them.
"""

from enum import IntEnum
from functools import lru_cache
from struct import Struct
from types import MappingProxyType
from typing import Final, Self

import msgspec

from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import Suite
from cordiale.mls.commit import Commit
from cordiale.mls.labelled import reference, sign_with_label, verify_with_label
from cordiale.mls.proposal import Proposal, read_proposal
from cordiale.mls.syntax import Reader, opaque, u8, u16, u64
from cordiale.mls.wire_format import WireFormat, header
from cordiale.vocab.identifier import Epoch, LeafIndex


class ContentType(IntEnum):
    """RFC 9420 §6."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3

    __hash__ = int.__hash__  # An enumeration's own is Python code, and every message looks its framing up.


class SenderType(IntEnum):
    """RFC 9420 §6."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


_MEMBER: Final = SenderType.MEMBER
_INDEXED: Final = (SenderType.MEMBER, SenderType.EXTERNAL)
_INDEXED_SENDER: Final = Struct(">BI")
_IN_GROUP: Final = (SenderType.MEMBER, SenderType.NEW_MEMBER_COMMIT)


class Sender(msgspec.Struct, frozen=True):
    """Who: `index` is a leaf for members, a place in the list of external senders for those, else 0."""

    type: SenderType
    index: int = 0

    @property
    def leaf(self) -> LeafIndex:
        """The leaf of a member."""
        return LeafIndex(self.index)

    def encode(self) -> bytes:
        """As in a framed content."""
        return _INDEXED_SENDER.pack(self.type, self.index) if self.type in _INDEXED else u8(self.type)


def member(leaf: LeafIndex) -> Sender:
    """A member as a sender."""
    return Sender(_MEMBER, leaf)


_APPLICATION: Final = ContentType.APPLICATION
_TYPES: Final = tuple(u8(kind) for kind in range(max(ContentType) + 1))

Content = bytes | Proposal | Commit
"""Application data, a proposal or a commit."""


def content_type(content: Content) -> ContentType:
    """The type of a content."""
    if isinstance(content, bytes):
        return _APPLICATION
    return ContentType.COMMIT if isinstance(content, Commit) else ContentType.PROPOSAL


def encode_content(content: Content) -> bytes:
    """The body by itself, as framed and as sealed."""
    return opaque(content) if isinstance(content, bytes) else content.encode()


def read_content(reader: Reader, kind: ContentType) -> Content:
    """The body of a known type."""
    match kind:
        case ContentType.APPLICATION:
            return reader.opaque()
        case ContentType.PROPOSAL:
            return read_proposal(reader)
        case _:
            return Commit.read(reader)


@lru_cache(maxsize=256)
def place(group_id: bytes, epoch: Epoch) -> bytes:
    """Group and epoch, with which all framing begins; cached, because an epoch has many messages."""
    return opaque(group_id) + u64(epoch)


@lru_cache(maxsize=256)
def sender_data_aad(group_id: bytes, epoch: Epoch, kind: ContentType) -> bytes:
    """SenderDataAAD (RFC 9420 §6.3.2)."""
    return place(group_id, epoch) + u8(kind)


class FramedContent(msgspec.Struct, frozen=True):
    """What is said, where and by whom."""

    group_id: bytes
    epoch: Epoch
    sender: Sender
    authenticated_data: bytes
    content: Content

    @property
    def type(self) -> ContentType:
        """The type of its content."""
        return content_type(self.content)

    def encode(self) -> bytes:
        """FramedContent."""
        return self._encode(b"", b"")

    def to_be_signed(self, wire_format: WireFormat, context: bytes) -> bytes:
        """FramedContentTBS: for members and external committers the encoded group context is part of it."""
        tail = context if self.sender.type in _IN_GROUP else b""
        return self._encode(header(wire_format), tail)

    def _encode(self, before: bytes, after: bytes) -> bytes:
        """Between what a signature covers beside it: contents may be long, and are not copied for that."""
        sender, content = self.sender, self.content
        return b"".join(
            (
                before,
                place(self.group_id, self.epoch),
                sender.encode(),
                opaque(self.authenticated_data),
                _TYPES[content_type(content)],
                encode_content(content),
                after,
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """FramedContent."""
        group_id, epoch, sender = reader.opaque(), Epoch(reader.u64()), read_sender(reader)
        authenticated_data = reader.opaque()
        content = read_content(reader, read_content_type(reader))
        return cls(group_id, epoch, sender, authenticated_data, content)


class AuthenticatedContent(msgspec.Struct, frozen=True):
    """A content with its signature and, for a commit, its confirmation tag (else empty)."""

    wire_format: WireFormat
    framed: FramedContent
    signature: bytes
    confirmation_tag: bytes = b""

    def encode(self) -> bytes:
        """AuthenticatedContent."""
        return u16(self.wire_format) + self.framed.encode() + self.auth_data()

    def auth_data(self) -> bytes:
        """FramedContentAuthData."""
        tag = opaque(self.confirmation_tag) if isinstance(self.framed.content, Commit) else b""
        return opaque(self.signature) + tag

    def to_be_confirmed(self) -> bytes:
        """ConfirmedTranscriptHashInput (RFC 9420 §8.2)."""
        return u16(self.wire_format) + self.framed.encode() + opaque(self.signature)

    def reference(self, suite: Suite) -> bytes:
        """ProposalRef (RFC 9420 §5.2) of a proposal."""
        return reference(suite, "MLS 1.0 Proposal Reference", self.encode())

    def verify(self, suite: Suite, public: bytes, context: bytes) -> None:
        """RFC 9420 §6.1: the signature must be by `public` over the content in that group context."""
        content = self.framed.to_be_signed(self.wire_format, context)
        verify_with_label(
            suite, public, "FramedContentTBS", content, self.signature, what="message", rule="RFC 9420 §6.1 (1)"
        )

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """AuthenticatedContent."""
        wire_format = reader.u16()
        if wire_format not in (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE):
            reader.fail(f"wire format {wire_format}")
        framed = FramedContent.read(reader)
        return cls(WireFormat(wire_format), framed, *read_auth_data(reader, framed.type))


def sign(signer: Signer, wire_format: WireFormat, framed: FramedContent, context: bytes) -> AuthenticatedContent:
    """The content signed; a commit's confirmation tag is added later."""
    content = framed.to_be_signed(wire_format, context)
    return AuthenticatedContent(wire_format, framed, sign_with_label(signer, "FramedContentTBS", content))


def read_content_type(reader: Reader) -> ContentType:
    """ContentType."""
    kind = _CONTENT_TYPES.get(value := reader.u8())
    return kind or reader.fail(f"content type {value}")


_CONTENT_TYPES: Final = MappingProxyType({kind.value: kind for kind in ContentType})


def read_auth_data(reader: Reader, kind: ContentType) -> tuple[bytes, bytes]:
    """FramedContentAuthData: signature and, for a commit, confirmation tag."""
    return reader.opaque(), reader.opaque() if kind is ContentType.COMMIT else b""


def read_sender(reader: Reader) -> Sender:
    """Sender."""
    kind = reader.u8()
    if not SenderType.MEMBER <= kind <= SenderType.NEW_MEMBER_COMMIT:
        reader.fail(f"sender type {kind}")
    sender = SenderType(kind)
    return Sender(sender, reader.u32() if sender in _INDEXED else 0)
