"""What a member says and reads in a group that stays as it is (RFC 9420 §6.3, §8.5)."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Self

import msgspec

from cordiale.crypto import aside
from cordiale.errors import CordialeError, LimitExceeded
from cordiale.mls import schedule
from cordiale.mls.content import AuthenticatedContent, Content, FramedContent, member, sign
from cordiale.mls.credential import Credential
from cordiale.mls.framing import PrivateMessage
from cordiale.mls.member_state import MemberState
from cordiale.mls.private_message import Unverified, seal_message, unseal
from cordiale.mls.secret_tree import RatchetKind, SecretTree
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


def _received(unsealed: Unverified | CordialeError) -> Received:
    """Verify what was unsealed; what was not is refused for its own reason."""
    if isinstance(unsealed, CordialeError):
        raise unsealed
    opened = unsealed.verified()
    framed, who = opened.content.framed, opened.sender
    return Received(
        opened.application_data(),
        framed.authenticated_data,
        who.leaf_index,
        who.credential,
        who.signature_key,
        framed.epoch,
        opened.generation,
    )


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
        content = self._spoken((plaintext, authenticated_data))
        sealed, tree = seal_message(content, self.secrets.sender_data, self._tree_from(generation), self.suite)
        return msgspec.structs.replace(self, secret_tree=tree), sealed

    def encrypt_each(
        self, messages: Sequence[tuple[bytes, bytes]], pool: Executor, *, generation: int | None = None
    ) -> tuple[Self, list[bytes]]:
        """What `encrypt` gives for one plaintext and its authenticated data after the other; half are signed by the pool.

        `generation` is the number of the first, and those of the rest follow it. One that is refused refuses all.
        """
        self.require_active()
        contents = aside.halves(lambda some: list(map(self._spoken, some)), messages, pool)
        suite, tree, sealed = self.suite, self._tree_from(generation), list[bytes]()
        for content in contents:
            message, tree = seal_message(content, self.secrets.sender_data, tree, suite)
            sealed.append(message)
        return msgspec.structs.replace(self, secret_tree=tree), sealed

    def _spoken(self, message: tuple[bytes, bytes]) -> AuthenticatedContent:
        """Plaintext and authenticated data of an application message, signed."""
        plaintext, authenticated_data = message
        if len(plaintext) + len(authenticated_data) > limits.MESSAGE_BYTES - limits.MLS_PADDING_STEP:
            raise LimitExceeded(f"a message of {len(plaintext)} bytes, {limits.MESSAGE_BYTES} allowed with framing")
        return self.signed(WireFormat.PRIVATE_MESSAGE, plaintext, authenticated_data)

    def _tree_from(self, generation: int | None) -> SecretTree:
        """Our secret tree, whose next application message is this one; `None` for the one that is next anyway."""
        if generation is None:
            return self.secret_tree
        return self.secret_tree.skipped_to(self.suite, self.own_leaf, RatchetKind.APPLICATION, generation)

    def decrypt(self, message: bytes) -> tuple[Self, Received]:
        """An application message of this epoch or one of the last; each opens once."""
        after, unverified = self._unsealed(message)
        return after, _received(unverified)

    def decrypt_each(self, messages: Sequence[bytes], pool: Executor) -> tuple[Self, list[Received | CordialeError]]:
        """What `decrypt` gives for one message after the other, or why it refuses it; half the signatures are left to the pool.

        All are unsealed first, as if every signature held. The first one that does not has spent no key, so that what
        comes after it is taken again, from the state before it and one by one.
        """
        state, before, unsealed = self, [self], list[Unverified | CordialeError]()
        for message in messages:
            try:
                state, found = state._unsealed(message)
            except CordialeError as error:
                found = error
            before.append(state)
            unsealed.append(found)
        outcomes = aside.each(_received, unsealed, pool)
        for place, (found, outcome) in enumerate(zip(unsealed, outcomes, strict=True)):
            if found is not outcome and isinstance(outcome, CordialeError):
                state, rest = before[place]._decrypted(messages[place + 1 :])
                return state, [*outcomes[: place + 1], *rest]
        return state, outcomes

    def _decrypted(self, messages: Sequence[bytes]) -> tuple[Self, list[Received | CordialeError]]:
        state, outcomes = self, list[Received | CordialeError]()
        for message in messages:
            try:
                state, outcome = state.decrypt(message)
            except CordialeError as error:
                outcome = error
            outcomes.append(outcome)
        return state, outcomes

    def _unsealed(self, message: bytes) -> tuple[Self, Unverified]:
        """A message that is yet to be verified, and the state once it is."""
        if len(message) > limits.MESSAGE_BYTES:
            raise LimitExceeded(f"a message of {len(message)} bytes, {limits.MESSAGE_BYTES} allowed")
        sealed = PrivateMessage.decode(message)
        keys = self.keys_of(sealed.group_id, sealed.epoch)
        unverified = unseal(sealed, keys, self.own_leaf)
        return self.without_key(keys, unverified.secret_tree), unverified

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """A secret that all members of the epoch share (RFC 9420 §8.5), for another use than messages."""
        return schedule.export(self.suite, self.secrets, label, context, length)

    def signed(self, wire_format: WireFormat, content: Content, authenticated_data: bytes) -> AuthenticatedContent:
        """A content of ours, signed for one wire format in this epoch."""
        context = self.public.context
        framed = FramedContent(context.group_id, context.epoch, member(self.own_leaf), authenticated_data, content)
        return sign(self.signer, wire_format, framed, context.encoded)
