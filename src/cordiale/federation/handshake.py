"""What this house asks of a handshake beyond RFC 9420: the same checks at the hub, at every other node and at every agent.

- the device that signed the envelope is the member who made the handshake (rule `cordiale room 9`);
- a waiting proposal is Remove or Update only: whatever a commit must name, but policy would refuse, could block the room
  (rule `cordiale room 10`);
- nobody becomes somebody else: an update keeps credential and signature key (rule `cordiale room 11`, stricter than §5.3.1);
- nations, hub and ceiling never change (rule `cordiale room 7`);
- people enter by invitation, and a room does not go on as another: no external commit, no ReInit (rule `cordiale room 12`).
"""

from cordiale.crypto.digest import equal
from cordiale.errors import ProtocolViolation
from cordiale.federation.room import RoomParameters, parse_parameters
from cordiale.mls.content import SenderType
from cordiale.mls.events import CommitSeen, ProposalSeen
from cordiale.mls.extension import ROOM_PARAMETERS, Extension, find
from cordiale.mls.proposal import Remove, Update
from cordiale.mls.public_group import PublicGroup
from cordiale.vocab.identifier import LeafIndex


def parameters_of(extensions: tuple[Extension, ...]) -> RoomParameters:
    """The room's parameters out of a GroupContext."""
    found = find(extensions, ROOM_PARAMETERS)
    if found is None:
        raise ProtocolViolation("the group names no room parameters", rule="cordiale room 5")
    return parse_parameters(found)


def check_sender(before: PublicGroup, event: CommitSeen | ProposalSeen, signature_key: bytes) -> None:
    """Raise `ProtocolViolation` unless the envelope's device is the member who made the handshake."""
    if isinstance(event, CommitSeen):
        leaf = event.sender
    elif event.sender.type is SenderType.MEMBER:
        leaf = LeafIndex(event.sender.index)
    else:
        raise ProtocolViolation("only members propose", rule="cordiale room 9")
    if not equal(key_of(before, leaf), signature_key):
        raise ProtocolViolation("the envelope's device did not make the handshake in it", rule="cordiale room 9")


def check_proposal(before: PublicGroup, event: ProposalSeen) -> None:
    """Refuse a proposal that must not wait for a commit."""
    proposal = event.proposal
    if isinstance(proposal, Update):
        leaf = before.tree.leaf(LeafIndex(event.sender.index))
        if (
            leaf is None
            or proposal.leaf_node.signature_key != leaf.signature_key
            or proposal.leaf_node.credential != leaf.credential
        ):
            raise ProtocolViolation("an update keeps credential and signature key", rule="cordiale room 11")
    elif not isinstance(proposal, Remove):
        raise ProtocolViolation("only Remove and Update wait for a commit", rule="cordiale room 10")


def check_commit(parameters: bytes, after: PublicGroup, event: CommitSeen) -> None:
    """Refuse a commit that changes what is fixed."""
    if event.external or event.reinit is not None:
        raise ProtocolViolation("a room is entered by invitation and goes on as itself", rule="cordiale room 12")
    if event.updated:
        raise ProtocolViolation("an update keeps credential and signature key", rule="cordiale room 11")
    if parameters_of(after.extensions).encode() != parameters:
        raise ProtocolViolation("nations, hub and ceiling of a room are fixed", rule="cordiale room 7")


def key_of(group: PublicGroup, leaf: LeafIndex) -> bytes:
    """The signature key at a leaf; empty where nobody is."""
    return next((member.signature_key for member in group.members if member.leaf_index == leaf), b"")
