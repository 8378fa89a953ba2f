"""Which proposals may stand in one commit (RFC 9420 §12.2), and applying them (§12.3).

A list is a member's or that of somebody who joins by an external commit; each kind has its own rules.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from cordiale.errors import LimitExceeded, ProtocolViolation
from cordiale.mls.content import Sender, read_sender
from cordiale.mls.extension import Extension
from cordiale.mls.group_context import GroupContext
from cordiale.mls.leaf_node import DEFAULT_PROPOSALS, LeafNode
from cordiale.mls.proposal import (
    Add,
    ExternalInit,
    ExternalPsk,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalType,
    PskId,
    ReInit,
    Remove,
    SelfRemove,
    Update,
    read_proposal,
)
from cordiale.mls.syntax import Reader, opaque, optional
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_edit import TreeEdit
from cordiale.mls.tree_validation import check_members
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

_WITHOUT_PATH: Final = frozenset({ProposalType.ADD, ProposalType.PSK, ProposalType.REINIT})
_FROM_JOINER: Final = frozenset(
    {ProposalType.EXTERNAL_INIT, ProposalType.REMOVE, ProposalType.PSK, ProposalType.SELF_REMOVE}
)


class Proposed(msgspec.Struct, frozen=True):
    """A proposal and who made it. `reference` is `None` if it stands in the commit itself."""

    sender: Sender
    proposal: Proposal
    reference: bytes | None = None


def encode_proposed(item: Proposed) -> bytes:
    """For a group's state."""
    reference = None if item.reference is None else opaque(item.reference)
    return item.sender.encode() + optional(reference) + item.proposal.encode()


def read_proposed(reader: Reader) -> Proposed:
    """What `encode_proposed` wrote."""
    sender, reference = read_sender(reader), reader.optional(Reader.opaque)
    return Proposed(sender, read_proposal(reader), reference)


class Applied(msgspec.Struct, frozen=True):
    """What a list of proposals makes of a group. `updated` are the leaves replaced by Update proposals.

    `added` has the leaves of those whom a Welcome serves, or the leaf of the joiner of an external commit.
    """

    tree: RatchetTree
    extensions: tuple[Extension, ...]
    added: tuple[LeafIndex, ...]
    removed: tuple[LeafIndex, ...]
    updated: tuple[LeafIndex, ...]
    psks: tuple[PskId, ...]
    kem_output: bytes | None = None
    reinit: ReInit | None = None


def check_list(tree: RatchetTree, committer: LeafIndex, items: Sequence[Proposed]) -> None:
    """The proposals of a member's commit together, each valid by itself."""
    _check_any(tree, items)
    count = Counter(item.proposal.type for item in items)
    if count[ProposalType.GROUP_CONTEXT_EXTENSIONS] > 1:
        raise ProtocolViolation("the group context's extensions are set twice", rule="RFC 9420 §12.2 (8)")
    if count[ProposalType.REINIT] and len(items) > 1:
        raise ProtocolViolation("a ReInit together with another proposal", rule="RFC 9420 §12.2 (9)")
    for item in items:
        _check_not_oneself(item, committer)


def check_external_list(tree: RatchetTree, items: Sequence[Proposed]) -> None:
    """The proposals of an external commit together (§12.2, §12.4.3.2), each valid by itself."""
    _check_any(tree, items)
    count = Counter(item.proposal.type for item in items)
    if count[ProposalType.EXTERNAL_INIT] != 1:
        raise ProtocolViolation("an external commit without exactly one ExternalInit", rule="RFC 9420 §12.2 (13)")
    if count[ProposalType.REMOVE] > 1:
        raise ProtocolViolation("a joiner removes more than its old self", rule="RFC 9420 §12.2 (14)")
    for item in items:
        if item.proposal.type not in _FROM_JOINER:
            raise ProtocolViolation(f"{item.proposal.type.name} in an external commit", rule="RFC 9420 §12.2 (16)")
        if item.reference is not None and not isinstance(item.proposal, SelfRemove):
            raise ProtocolViolation("an external commit names a waiting proposal", rule="RFC 9420 §12.4.3.2 (2)")


def _check_any(tree: RatchetTree, items: Sequence[Proposed]) -> None:
    """What holds of every list."""
    if len(items) > limits.MLS_PROPOSALS:
        raise LimitExceeded(f"{len(items)} proposals in one commit, {limits.MLS_PROPOSALS} allowed")
    touched = [leaf for item in items if (leaf := _leaf_touched(item)) is not None]
    if len(set(touched)) != len(touched):
        raise ProtocolViolation("one leaf is updated or removed twice", rule="RFC 9420 §12.2 (4)")
    if any(isinstance(item.proposal, SelfRemove) and item.reference is None for item in items):
        raise ProtocolViolation(
            "a SelfRemove that is not named by reference", rule="draft-ietf-mls-extensions §6.3 (1)"
        )
    _check_supported(tree, items)
    psks = [item.proposal.psk for item in items if isinstance(item.proposal, PreSharedKey)]
    # RFC 9420 §12.2: no two that reference the same key, whatever their nonces.
    if len(set(map(_psk_name, psks))) != len(psks):
        raise ProtocolViolation("one pre-shared key is used twice", rule="RFC 9420 §12.2 (7)")


def _check_supported(tree: RatchetTree, items: Sequence[Proposed]) -> None:
    """§12.2, §13.2: a type beyond the default ones must be known to all who stay."""
    kinds = {item.proposal.type for item in items} - DEFAULT_PROPOSALS
    if not kinds:
        return
    gone = {_leaf_touched(item) for item in items if isinstance(item.proposal, Remove | SelfRemove)}
    for index, leaf in tree.members():
        if index not in gone and not all(map(leaf.capabilities.knows_proposal, kinds)):
            raise ProtocolViolation("a proposal of a type that a member does not support", rule="RFC 9420 §12.2 (11)")


def _check_not_oneself(item: Proposed, committer: LeafIndex) -> None:
    if _leaf_touched(item) != committer:
        return
    match item.proposal:
        case Update():
            raise ProtocolViolation("the committer updates itself by proposal", rule="RFC 9420 §12.2 (2)")
        case SelfRemove():
            raise ProtocolViolation("the committer removes itself", rule="draft-ietf-mls-extensions §6.3 (2)")
        case _:
            raise ProtocolViolation("the committer removes itself", rule="RFC 9420 §12.2 (3)")


def _leaf_touched(item: Proposed) -> LeafIndex | None:
    match item.proposal:
        case Update() | SelfRemove():
            return item.sender.leaf
        case Remove(removed):
            return removed
        case _:
            return None


def _psk_name(psk: PskId) -> tuple[object, ...]:
    if isinstance(psk, ExternalPsk):
        return (psk.psk_id,)
    return (psk.usage, psk.group_id, psk.epoch)


def needs_path(items: Sequence[Proposed]) -> bool:
    """RFC 9420 §12.4: an empty list, or any type but Add, PSK and ReInit, asks for an update path."""
    return not items or any(item.proposal.type not in _WITHOUT_PATH for item in items)


def apply(
    tree: RatchetTree, context: GroupContext, items: Sequence[Proposed], joiner: LeafNode | None = None
) -> Applied:
    """The group after a valid list, in the order of RFC 9420 §12.3; `ProtocolViolation` if its members then clash.

    The `joiner` of an external commit enters last, at the leftmost free leaf (§12.4.3.2).
    """
    edit, proposals = TreeEdit(tree), [item.proposal for item in items]
    replaced = [proposal.extensions for proposal in proposals if isinstance(proposal, GroupContextExtensions)]
    extensions = replaced[0] if replaced else context.extensions
    updated = tuple(item.sender.leaf for item in items if isinstance(item.proposal, Update))
    for item in items:
        if isinstance(item.proposal, Update):
            edit.update(item.sender.leaf, item.proposal.leaf_node)
    removed = _removed(items)
    for leaf in removed:
        edit.remove(leaf)
    entering = [proposal.key_package.leaf_node for proposal in proposals if isinstance(proposal, Add)]
    if joiner is not None:
        entering.append(joiner)
    added = tuple(map(edit.add, entering))
    after = edit.frozen()
    touched = (*added, *updated) if extensions == context.extensions else [leaf for leaf, _ in after.members()]
    # RFC 9420 §12.2: unique keys (so nobody is added twice) and supported capabilities, after all is applied.
    check_members(after, extensions, touched)
    return Applied(
        after,
        extensions,
        added,
        removed,
        updated,
        tuple(proposal.psk for proposal in proposals if isinstance(proposal, PreSharedKey)),
        next((proposal.kem_output for proposal in proposals if isinstance(proposal, ExternalInit)), None),
        next((proposal for proposal in proposals if isinstance(proposal, ReInit)), None),
    )


def _removed(items: Sequence[Proposed]) -> tuple[LeafIndex, ...]:
    """draft-ietf-mls-extensions §6.3: those who leave by themselves first."""
    leaving = tuple(item.sender.leaf for item in items if isinstance(item.proposal, SelfRemove))
    return (*leaving, *(item.proposal.removed for item in items if isinstance(item.proposal, Remove)))
