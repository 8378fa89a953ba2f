"""What processing a handshake tells: a proposal was seen, a commit moved the group on, or it put us out."""

import msgspec

from cordiale.mls.content import Sender
from cordiale.mls.credential import Credential
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.proposal import Proposal
from cordiale.vocab.identifier import Epoch, LeafIndex


class Member(msgspec.Struct, frozen=True):
    """One member as others see it."""

    leaf_index: LeafIndex
    credential: Credential
    signature_key: bytes


def member_at(index: LeafIndex, leaf: LeafNode) -> Member:
    """The member of a leaf."""
    return Member(index, leaf.credential, leaf.signature_key)


class ProposalSeen(msgspec.Struct, frozen=True):
    """A valid proposal waits for a commit to name its reference."""

    sender: Sender
    proposal: Proposal
    reference: bytes


class CommitSeen(msgspec.Struct, frozen=True):
    """The group is in `epoch` now. `updated` are those whose credential or signature key changed."""

    sender: LeafIndex
    epoch: Epoch
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    updated: tuple[Member, ...]
    group_context_changed: bool


class Evicted(msgspec.Struct, frozen=True):
    """A commit put us out: the group is in `epoch` now, without us."""

    sender: LeafIndex
    epoch: Epoch


PublicEvent = ProposalSeen | CommitSeen
MemberEvent = ProposalSeen | CommitSeen | Evicted
