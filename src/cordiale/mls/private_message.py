"""Sealing and opening PrivateMessages (RFC 9420 §6.3): content under a sender's ratchet, the sender under the epoch's.

Whoever opens also verifies: `open_message` gives a content only after its signature held, together with the secret
tree that has forgotten the key. Where many are opened, `unseal` and `Unverified.verified` are the two halves of it.
"""

from types import MappingProxyType
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
    content_type,
    encode_content,
    member,
    read_auth_data,
    read_content,
    sender_data_aad,
)
from cordiale.mls.epoch_keys import EpochKeys
from cordiale.mls.events import Member
from cordiale.mls.framing import PrivateMessage, private_message
from cordiale.mls.group_context import GroupContext
from cordiale.mls.secret_tree import RatchetKind, SecretTree
from cordiale.mls.sender_data import GUARD_BYTES, SenderData, SenderDataSecret
from cordiale.mls.syntax import Reader, opaque
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

RATCHET_OF: Final = MappingProxyType(
    {
        ContentType.APPLICATION: RatchetKind.APPLICATION,
        ContentType.PROPOSAL: RatchetKind.HANDSHAKE,
        ContentType.COMMIT: RatchetKind.HANDSHAKE,
    }
)
"""Which of its sender's ratchets a content is sealed under."""


class Opened(msgspec.Struct, frozen=True):
    """A verified content and its generation."""

    content: AuthenticatedContent
    sender: Member
    generation: int

    def application_data(self) -> bytes:
        """The content, where it is application data."""
        content = self.content.framed.content
        if not isinstance(content, bytes):
            raise ProtocolViolation("a handshake where application data is expected", rule="RFC 9420 §6 (4)")
        return content


class Unverified(msgspec.Struct, frozen=True):
    """What a message says, by whom it claims to be, and the secret tree once this proves true."""

    opened: Opened
    context: GroupContext
    secret_tree: SecretTree

    def verified(self) -> Opened:
        """RFC 9420 §6.1: the content, if its signature holds."""
        opened, context = self.opened, self.context
        opened.content.verify(context.suite, opened.sender.signature_key, context.encoded)
        return opened


def seal_message(
    content: AuthenticatedContent,
    sender_data: SenderDataSecret,
    tree: SecretTree,
    suite: Suite,
    entropy: Entropy = fresh,
) -> tuple[bytes, SecretTree]:
    """A signed content as an MLSMessage, padded and sealed under its sender's next key; the tree without that key."""
    framed = content.framed
    kind, leaf = content_type(framed.content), framed.sender.leaf
    generation, key, after = tree.next(suite, leaf, RATCHET_OF[kind])
    guard = entropy(GUARD_BYTES)
    body, auth_data = encode_content(framed.content), content.auth_data()
    length = len(body) + len(auth_data)
    padded = b"".join((body, auth_data, bytes(padded_length(length) - length)))
    group = sender_data_aad(framed.group_id, framed.epoch, kind)
    associated = group + opaque(framed.authenticated_data)
    ciphertext = seal(suite, key.key, _guarded(key.nonce, guard), associated, padded)
    sender = sender_data.seal(SenderData(leaf, generation, guard), group, ciphertext)
    return private_message(associated, sender, ciphertext), after


def open_message(message: PrivateMessage, keys: EpochKeys, own_leaf: LeafIndex) -> tuple[Opened, SecretTree]:
    """The verified content of a message of the keys' epoch, and the secret tree from now on."""
    found = unseal(message, keys, own_leaf)
    return found.verified(), found.secret_tree


def unseal(message: PrivateMessage, keys: EpochKeys, own_leaf: LeafIndex) -> Unverified:
    """A message of the keys' epoch, all but verified."""
    suite = keys.context.suite
    sealed_sender, ciphertext = message.encrypted_sender_data, message.ciphertext
    sender = keys.sender_data.open(sealed_sender, message.sender_data_aad, ciphertext)
    leaf, generation = sender.leaf, sender.generation
    who = keys.members.at(leaf)
    if who is None:
        raise ProtocolViolation(f"nobody is at leaf {leaf}", rule="RFC 9420 §6.3.2 (1)")
    key, after = keys.secret_tree.at(suite, leaf, RATCHET_OF[message.type], generation)
    if leaf == own_leaf:
        raise CannotDecrypt("one's own message, from a state that this store does not have")
    nonce = _guarded(key.nonce, sender.guard)
    plain = open_sealed(suite, key.key, nonce, message.content_aad, ciphertext, what="message content")
    content = _read_plain(message, leaf, plain)
    return Unverified(Opened(content, who, generation), keys.context, after)


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


def _guarded(nonce: bytes, guard: bytes) -> bytes:
    """RFC 9420 §6.3.1: a random guard, so that a state used twice by mistake does not use a nonce twice."""
    length = len(nonce)
    mask = int.from_bytes(guard, "big") << 8 * (length - GUARD_BYTES)
    return (int.from_bytes(nonce, "big") ^ mask).to_bytes(length, "big")
