"""Handshakes on their way (RFC 9420 §6.2, §6.3): a member's contents framed for the others, and theirs opened.

Both forms are understood from others; which form one's own take, the group's policy says. Contents from outside the
group come as PublicMessages only (§12.1.8).
"""

import msgspec

from cordiale.errors import ProtocolViolation
from cordiale.mls.content import AuthenticatedContent, ContentType, SenderType
from cordiale.mls.framing import PrivateMessage, PublicMessage, peek
from cordiale.mls.member_state import MemberState
from cordiale.mls.private_message import open_message, seal_message
from cordiale.mls.schedule import check_membership, membership_tag
from cordiale.mls.secret_tree import SecretTree
from cordiale.mls.wire_format import WireFormat


class Framed(msgspec.Struct, frozen=True):
    """An MLSMessage, and the secret tree from now on."""

    message: bytes
    secret_tree: SecretTree


def frame(state: MemberState, content: AuthenticatedContent) -> Framed:
    """A signed handshake of ours in the form that its signature covers."""
    if content.wire_format is WireFormat.PUBLIC_MESSAGE:
        tag = membership_tag(state.public.context, state.secrets, content)
        return Framed(PublicMessage(content, tag).encode(), state.secret_tree)
    return Framed(*seal_message(content, state.secrets.sender_data, state.secret_tree, state.suite))


class OpenedHandshake(msgspec.Struct, frozen=True):
    """A proposal or commit whose framing and signature hold, and the secret tree from now on."""

    content: AuthenticatedContent
    secret_tree: SecretTree


def open_handshake(state: MemberState, message: bytes) -> OpenedHandshake:
    """A proposal or commit as an MLSMessage of either form. One's own encrypted one was opened by making it: `Replayed`."""
    if peek(message).wire_format is WireFormat.PUBLIC_MESSAGE:
        return _open_public(state, PublicMessage.decode(message))
    return _open_private(state, PrivateMessage.decode(message))


def _open_public(state: MemberState, parsed: PublicMessage) -> OpenedHandshake:
    content, framed = parsed.content, parsed.content.framed
    state.public.check_place(framed.group_id, framed.epoch)
    if framed.sender.type is SenderType.MEMBER:
        check_membership(state.public.context, state.secrets, content, parsed.membership_tag)
    state.public.check_sender(content)
    return OpenedHandshake(content, state.secret_tree)


def _open_private(state: MemberState, sealed: PrivateMessage) -> OpenedHandshake:
    state.public.check_place(sealed.group_id, sealed.epoch)
    if sealed.type is ContentType.APPLICATION:
        raise ProtocolViolation("application data where a handshake is expected", rule="RFC 9420 §6 (5)")
    opened, tree = open_message(sealed, state.current_keys(), state.own_leaf)
    return OpenedHandshake(opened.content, tree)
