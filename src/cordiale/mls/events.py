"""What processing a handshake tells: a proposal was seen, a commit moved the group on, or it put us out."""

import msgspec

from cordiale.mls.content import Sender
from cordiale.mls.credential import Credential
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.proposal import Proposal, PskId, ReInit
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
    """A valid proposal waits for a commit to name its reference.

    A `sender` of type new_member_proposal asks for its own entry: whether it may is the application's decision.
    """

    sender: Sender
    proposal: Proposal
    reference: bytes


class CommitSeen(msgspec.Struct, frozen=True):
    """The group is in `epoch` now. `updated` are those whose credential or signature key changed.

    `external`: the sender was outside and entered by this commit (RFC 9420 §12.4.3.2); it is the one in `added`, and an
    old version of itself is in `removed` where it replaced one. `psks` were injected. After `reinit` the group only
    reads: it goes on as the group that this names (§11.2). An application that allows none of these keeps the group
    that it had before.
    """

    sender: LeafIndex
    epoch: Epoch
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    updated: tuple[Member, ...]
    group_context_changed: bool
    external: bool = False
    psks: tuple[PskId, ...] = ()
    reinit: ReInit | None = None


class Evicted(msgspec.Struct, frozen=True):
    """A commit put us out: the group is in `epoch` now, without us. `external` as in `CommitSeen`."""

    sender: LeafIndex
    epoch: Epoch
    external: bool = False


PublicEvent = ProposalSeen | CommitSeen
MemberEvent = ProposalSeen | CommitSeen | Evicted
