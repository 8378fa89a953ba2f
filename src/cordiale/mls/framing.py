"""Framing (RFC 9420 §6): the two forms in which a content travels.

    AuthenticatedContent ──membership tag──> PublicMessage   (handshakes: the node reads and checks them)
                         ──seal──>           PrivateMessage  (application data)

Only structures are here, so that the blind node can use them; the membership tag needs a member's key (`schedule`),
sealing needs the secret tree (`private_message`).
"""

from functools import cached_property
from typing import Final, Self

import msgspec

from cordiale.errors import LimitExceeded
from cordiale.mls.content import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    SenderType,
    read_auth_data,
    read_content_type,
    read_sender,
    sender_data_aad,
)
from cordiale.mls.syntax import Reader, opaque, parse, varint
from cordiale.mls.wire_format import WireFormat, expect, header, read_header
from cordiale.vocab.identifier import Epoch
from cordiale.wire import limits


class PublicMessage(msgspec.Struct, frozen=True):
    """A content in the clear; `membership_tag` is there for members only."""

    content: AuthenticatedContent
    membership_tag: bytes

    def encode(self) -> bytes:
        """As an MLSMessage."""
        framed = self.content.framed
        tag = opaque(self.membership_tag) if framed.sender.type is SenderType.MEMBER else b""
        return header(WireFormat.PUBLIC_MESSAGE) + framed.encode() + self.content.auth_data() + tag

    @classmethod
    def decode(cls, message: bytes) -> Self:
        """From an MLSMessage of that wire format."""
        return parse(message, cls._read, "handshake message", limit=limits.BODY_BYTES)

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        expect(reader, WireFormat.PUBLIC_MESSAGE)
        framed = FramedContent.read(reader)
        # RFC 9420 §6: application data must not be sent in the clear.
        if framed.type is ContentType.APPLICATION:
            reader.fail("application data in a PublicMessage", rule="RFC 9420 §6 (3)")
        content = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, framed, *read_auth_data(reader, framed.type))
        return cls(content, reader.opaque() if framed.sender.type is SenderType.MEMBER else b"")


class PrivateMessage(msgspec.Struct, frozen=True, dict=True):
    """A sealed content. Group, epoch, type and authenticated data are readable by all who carry it."""

    group_id: bytes
    epoch: Epoch
    type: ContentType
    authenticated_data: bytes
    encrypted_sender_data: bytes
    ciphertext: bytes

    @cached_property
    def sender_data_aad(self) -> bytes:
        """SenderDataAAD (RFC 9420 §6.3.2)."""
        return sender_data_aad(self.group_id, self.epoch, self.type)

    @cached_property
    def content_aad(self) -> bytes:
        """PrivateContentAAD (RFC 9420 §6.3.1)."""
        return self.sender_data_aad + opaque(self.authenticated_data)

    def encode(self) -> bytes:
        """As an MLSMessage."""
        return private_message(self.content_aad, self.encrypted_sender_data, self.ciphertext)

    @classmethod
    def decode(cls, message: bytes) -> Self:
        """From an MLSMessage of that wire format."""
        return parse(message, cls._read, "encrypted message", limit=limits.BODY_BYTES)

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        expect(reader, WireFormat.PRIVATE_MESSAGE)
        start = reader.position()
        group_id, epoch, kind = reader.opaque(), Epoch(reader.u64()), read_content_type(reader)
        sender_data_aad = reader.since(start)
        authenticated_data = reader.opaque()
        content_aad = reader.since(start)
        message = cls(group_id, epoch, kind, authenticated_data, reader.opaque(), reader.opaque())
        # What the cached properties would come to: a message has one encoding, and it begins with these.
        vars(message).update(sender_data_aad=sender_data_aad, content_aad=content_aad)
        return message


def private_message(content_aad: bytes, encrypted_sender_data: bytes, ciphertext: bytes) -> bytes:
    """A PrivateMessage as an MLSMessage; `content_aad` is PrivateContentAAD, as which it begins."""
    return b"".join((_PRIVATE, content_aad, opaque(encrypted_sender_data), varint(len(ciphertext)), ciphertext))


_PRIVATE: Final = header(WireFormat.PRIVATE_MESSAGE)


class MessageHeader(msgspec.Struct, frozen=True):
    """What anybody who carries a message can see of it."""

    group_id: bytes
    epoch: Epoch
    wire_format: WireFormat
    content_type: ContentType
    authenticated_data: bytes


def peek(message: bytes) -> MessageHeader:
    """The readable head of a PublicMessage or PrivateMessage; nothing of it is verified and the rest is not parsed."""
    if len(message) > limits.BODY_BYTES:
        raise LimitExceeded(f"MLS message: {len(message)} bytes, {limits.BODY_BYTES} allowed")
    reader = Reader(message, "MLS message")
    wire_format = read_header(reader)
    if wire_format not in (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE):
        reader.fail(f"{wire_format.name} is addressed to no epoch")
    group_id, epoch = reader.opaque(), Epoch(reader.u64())
    if wire_format is WireFormat.PUBLIC_MESSAGE:
        read_sender(reader)
        authenticated_data = reader.opaque()
        return MessageHeader(group_id, epoch, wire_format, read_content_type(reader), authenticated_data)
    kind = read_content_type(reader)
    return MessageHeader(group_id, epoch, wire_format, kind, reader.opaque())
