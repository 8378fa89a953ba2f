"""Sealing and opening PrivateMessages (RFC 9420 §6.3): content under a sender's ratchet, the sender under the epoch's.

Whoever opens also verifies: `open_message` gives a content only after its signature held, together with the secret
tree that has forgotten the key.
"""

from typing import Final

import msgspec

from cordiale.crypto.aead import open_sealed, seal
from cordiale.crypto.entropy import Entropy, fresh
from cordiale.crypto.suite import Suite
from cordiale.errors import CannotDecrypt, ProtocolViolation
from cordiale.mls.content import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    encode_content,
    member,
    read_auth_data,
    read_content,
)
from cordiale.mls.derivation import expand_with_label
from cordiale.mls.epoch_keys import EpochKeys
from cordiale.mls.events import Member
from cordiale.mls.framing import PrivateMessage
from cordiale.mls.secret_tree import MessageKey, RatchetKind, SecretTree
from cordiale.mls.syntax import Reader, opaque, u8, u32, u64
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

_GUARD_BYTES: Final = 4


class Opened(msgspec.Struct, frozen=True):
    """A verified content, its generation and the secret tree from now on."""

    content: AuthenticatedContent
    sender: Member
    generation: int
    secret_tree: SecretTree

    def application_data(self) -> bytes:
        """The content, where it is application data."""
        content = self.content.framed.content
        if not isinstance(content, bytes):
            raise ProtocolViolation("a handshake where application data is expected", rule="RFC 9420 §6 (4)")
        return content


def seal_message(
    content: AuthenticatedContent, sender_data: bytes, tree: SecretTree, suite: Suite, entropy: Entropy = fresh
) -> tuple[PrivateMessage, SecretTree]:
    """A signed content sealed under its sender's next key, padded, and the tree without that key."""
    framed = content.framed
    kind = _ratchet_kind(framed.type)
    generation, key, after = tree.next(suite, framed.sender.leaf, kind)
    guard = entropy(_GUARD_BYTES)
    body = encode_content(framed.content) + content.auth_data()
    padded = body.ljust(padded_length(len(body)), b"\x00")
    group = opaque(framed.group_id) + u64(framed.epoch) + u8(framed.type)
    associated = group + opaque(framed.authenticated_data)
    ciphertext = seal(suite, key.key, _guarded(key, guard), associated, padded)
    sender = u32(framed.sender.index) + u32(generation) + guard
    outer = _sender_key(suite, sender_data, ciphertext)
    sealed_sender = seal(suite, outer.key, outer.nonce, group, sender)
    message = PrivateMessage(
        framed.group_id, framed.epoch, framed.type, framed.authenticated_data, sealed_sender, ciphertext
    )
    return message, after


def open_message(message: PrivateMessage, keys: EpochKeys, own_leaf: LeafIndex) -> Opened:
    """The verified content of a message of the keys' epoch."""
    suite = keys.context.suite
    leaf, generation, guard = _open_sender(message, keys, suite)
    who = keys.members.at(leaf)
    if who is None:
        raise ProtocolViolation(f"nobody is at leaf {leaf}", rule="RFC 9420 §6.3.2 (1)")
    key, after = keys.secret_tree.at(suite, leaf, _ratchet_kind(message.type), generation)
    if leaf == own_leaf:
        raise CannotDecrypt("one's own message, from a state that this store does not have")
    associated = _group(message) + opaque(message.authenticated_data)
    plain = open_sealed(suite, key.key, _guarded(key, guard), associated, message.ciphertext, what="message content")
    content = _read_plain(message, leaf, plain)
    content.verify(suite, who.signature_key, keys.context.encoded)
    return Opened(content, who, generation, after)


def _open_sender(message: PrivateMessage, keys: EpochKeys, suite: Suite) -> tuple[LeafIndex, int, bytes]:
    outer = _sender_key(suite, keys.sender_data, message.ciphertext)
    plain = open_sealed(
        suite, outer.key, outer.nonce, _group(message), message.encrypted_sender_data, what="message sender"
    )
    reader = Reader(plain, "sender data")
    found = LeafIndex(reader.u32()), reader.u32(), reader.take(_GUARD_BYTES)
    reader.finish()
    return found


def _read_plain(message: PrivateMessage, leaf: LeafIndex, plain: bytes) -> AuthenticatedContent:
    reader = Reader(plain, "message content")
    body = read_content(reader, message.type)
    auth = read_auth_data(reader, message.type)
    # RFC 9420 §6.3.1: padding is zero, or the message is malformed.
    padding = reader.rest()
    if padding != bytes(len(padding)):
        reader.fail("padding that is not zero", rule="RFC 9420 §6.3.1 (1)")
    framed = FramedContent(message.group_id, message.epoch, member(leaf), message.authenticated_data, body)
    return AuthenticatedContent(WireFormat.PRIVATE_MESSAGE, framed, *auth)


def padded_length(length: int) -> int:
    """The bucket of a content's length: a power of two up to `MLS_PADDING_STEP`, then a multiple of it."""
    if length <= limits.MLS_PADDING_STEP:
        return max(limits.MLS_PADDING_FLOOR, 1 << (length - 1).bit_length())
    return -(-length // limits.MLS_PADDING_STEP) * limits.MLS_PADDING_STEP


def _ratchet_kind(kind: ContentType) -> RatchetKind:
    return RatchetKind.APPLICATION if kind is ContentType.APPLICATION else RatchetKind.HANDSHAKE


def _group(message: PrivateMessage) -> bytes:
    """SenderDataAAD, with which PrivateContentAAD begins."""
    return opaque(message.group_id) + u64(message.epoch) + u8(message.type)


def _sender_key(suite: Suite, sender_data: bytes, ciphertext: bytes) -> MessageKey:
    """RFC 9420 §6.3.2: derived from a sample of the ciphertext, so that each message has its own."""
    sample = ciphertext[: suite.hash_bytes]
    return MessageKey(
        expand_with_label(suite, sender_data, b"key", sample, suite.key_bytes),
        expand_with_label(suite, sender_data, b"nonce", sample, suite.nonce_bytes),
    )


def _guarded(key: MessageKey, guard: bytes) -> bytes:
    """RFC 9420 §6.3.1: a random guard, so that a state used twice by mistake does not use a nonce twice."""
    head = int.from_bytes(key.nonce[:_GUARD_BYTES], "big") ^ int.from_bytes(guard, "big")
    return head.to_bytes(_GUARD_BYTES, "big") + key.nonce[_GUARD_BYTES:]
