"""What a member says and reads in a group that stays as it is (RFC 9420 §6.3, §8.5)."""

from typing import Self

import msgspec

from cordiale.errors import LimitExceeded
from cordiale.mls import schedule
from cordiale.mls.content import AuthenticatedContent, Content, FramedContent, member, sign
from cordiale.mls.credential import Credential
from cordiale.mls.framing import PrivateMessage
from cordiale.mls.member_state import MemberState
from cordiale.mls.private_message import open_message, seal_message
from cordiale.mls.secret_tree import RatchetKind
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.wire import limits


class Received(msgspec.Struct, frozen=True):
    """A decrypted, verified application message."""

    plaintext: bytes
    authenticated_data: bytes
    sender: LeafIndex
    sender_credential: Credential
    sender_signature_key: bytes
    epoch: Epoch
    generation: int


class SpeakingMember(MemberState, frozen=True, dict=True):
    """Messages and exported secrets; each message read or written gives a state without its key."""

    @property
    def generation(self) -> int:
        """The number that our next application message would have in this epoch, as far as this state knows."""
        return self.secret_tree.generation(self.own_leaf, RatchetKind.APPLICATION)

    def encrypt(
        self, plaintext: bytes, authenticated_data: bytes, *, generation: int | None = None
    ) -> tuple[Self, bytes]:
        """An application message (RFC 9420 §6.3); `authenticated_data` is readable by all who carry it.

        `generation` is its number, where an outside counter knows which are free: those before it are given up.
        """
        self.require_active()
        if len(plaintext) + len(authenticated_data) > limits.MESSAGE_BYTES - limits.MLS_PADDING_STEP:
            raise LimitExceeded(f"a message of {len(plaintext)} bytes, {limits.MESSAGE_BYTES} allowed with framing")
        content = self.signed(WireFormat.PRIVATE_MESSAGE, plaintext, authenticated_data)
        tree = self.secret_tree
        if generation is not None:
            tree = tree.skipped_to(self.suite, self.own_leaf, RatchetKind.APPLICATION, generation)
        sealed, tree = seal_message(content, self.secrets.sender_data, tree, self.suite)
        return msgspec.structs.replace(self, secret_tree=tree), sealed.encode()

    def decrypt(self, message: bytes) -> tuple[Self, Received]:
        """An application message of this epoch or one of the last; each opens once."""
        if len(message) > limits.MESSAGE_BYTES:
            raise LimitExceeded(f"a message of {len(message)} bytes, {limits.MESSAGE_BYTES} allowed")
        sealed = PrivateMessage.decode(message)
        keys = self.keys_of(sealed.group_id, sealed.epoch)
        opened = open_message(sealed, keys, self.own_leaf)
        framed, who = opened.content.framed, opened.sender
        received = Received(
            opened.application_data(),
            framed.authenticated_data,
            who.leaf_index,
            who.credential,
            who.signature_key,
            framed.epoch,
            opened.generation,
        )
        return self.without_key(keys, opened.secret_tree), received

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """A secret that all members of the epoch share (RFC 9420 §8.5), for another use than messages."""
        return schedule.export(self.suite, self.secrets, label, context, length)

    def signed(self, wire_format: WireFormat, content: Content, authenticated_data: bytes) -> AuthenticatedContent:
        """A content of ours, signed for one wire format in this epoch."""
        framed = FramedContent(self.group_id, self.epoch, member(self.own_leaf), authenticated_data, content)
        return sign(self.signer, wire_format, framed, self.public.context.encoded)
