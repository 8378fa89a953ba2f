"""Which proposals are valid (RFC 9420 §12.1), which may stand in one commit (§12.2), and applying them (§12.3)."""

from collections.abc import Sequence

import msgspec

from cordiale.errors import LimitExceeded, ProtocolViolation
from cordiale.mls.content import Sender, SenderType, read_sender
from cordiale.mls.credential import Authenticate
from cordiale.mls.extension import Extension, required_capabilities
from cordiale.mls.group_context import GroupContext
from cordiale.mls.leaf_node import Source
from cordiale.mls.proposal import (
    Add,
    ExternalPsk,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalType,
    PskId,
    ReInit,
    Remove,
    ResumptionPsk,
    ResumptionUsage,
    Update,
    read_proposal,
)
from cordiale.mls.syntax import Reader, opaque, optional
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_edit import TreeEdit
from cordiale.mls.tree_validation import check_leaf, check_members
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

_WITHOUT_PATH = frozenset({ProposalType.ADD, ProposalType.PSK, ProposalType.REINIT})
_FROM_OUTSIDE = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)


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
    """What a list of proposals makes of a group. `updated` are the leaves replaced by Update proposals."""

    tree: RatchetTree
    extensions: tuple[Extension, ...]
    added: tuple[LeafIndex, ...]
    removed: tuple[LeafIndex, ...]
    updated: tuple[LeafIndex, ...]
    psks: tuple[PskId, ...]


def check_proposal(tree: RatchetTree, context: GroupContext, item: Proposed, authenticate: Authenticate) -> None:
    """One proposal by itself (RFC 9420 §12.1)."""
    # RFC 9420 §12.1.8: what an external sender may propose.
    if item.sender.type is SenderType.EXTERNAL and not isinstance(item.proposal, _FROM_OUTSIDE):
        raise ProtocolViolation(f"{item.proposal.type.name} from an external sender", rule="RFC 9420 §12.1.8")
    match item.proposal:
        case Add(package):
            package.verify(tree.suite)
            check_leaf(package.leaf_node, context.extensions)
            authenticate(package.leaf_node.credential, package.leaf_node.signature_key)
        case Update() as update:
            _check_update(tree, context, item.sender, update, authenticate)
        case Remove(removed):
            tree.member(removed, rule="RFC 9420 §12.1.3")
        case PreSharedKey(psk):
            _check_psk(tree, psk)
        case GroupContextExtensions(extensions):
            required_capabilities(extensions)
        case _:
            raise ProtocolViolation(f"{item.proposal.type.name} is not supported", rule="RFC 9420 §12.1")


def _check_update(
    tree: RatchetTree, context: GroupContext, sender: Sender, update: Update, authenticate: Authenticate
) -> None:
    rule = "RFC 9420 §12.1.2"
    leaf, old = update.leaf_node, tree.member(sender.leaf, rule=rule)
    if leaf.source is not Source.UPDATE:
        raise ProtocolViolation("the leaf is not made for an update", rule=rule)
    # RFC 9420 §7.3: an update must bring a new key.
    if leaf.encryption_key == old.encryption_key:
        raise ProtocolViolation("the encryption key stays the same", rule="RFC 9420 §7.3")
    leaf.verify(tree.suite, context.group_id, sender.leaf)
    check_leaf(leaf, context.extensions)
    authenticate(leaf.credential, leaf.signature_key)


def _check_psk(tree: RatchetTree, psk: PskId) -> None:
    # RFC 9420 §8.4: the nonce is as long as the hash; a plain PSK proposal has no reinit or branch usage.
    if len(psk.nonce) != tree.suite.hash_bytes:
        raise ProtocolViolation("a pre-shared key's nonce has the wrong length", rule="RFC 9420 §12.1.4")
    if isinstance(psk, ResumptionPsk) and psk.usage is not ResumptionUsage.APPLICATION:
        raise ProtocolViolation("a resumption key for another purpose", rule="RFC 9420 §12.1.4")


def check_list(tree: RatchetTree, committer: LeafIndex, items: Sequence[Proposed]) -> None:
    """The proposals of one commit together (RFC 9420 §12.2), each valid by itself."""
    rule = "RFC 9420 §12.2"
    if len(items) > limits.MLS_PROPOSALS:
        raise LimitExceeded(f"{len(items)} proposals in one commit, {limits.MLS_PROPOSALS} allowed")
    touched = [leaf for item in items if (leaf := _leaf_touched(item)) is not None]
    if any(isinstance(item.proposal, Update) and item.sender.leaf == committer for item in items):
        raise ProtocolViolation("the committer updates itself by proposal", rule=rule)
    if any(isinstance(item.proposal, Remove) and item.proposal.removed == committer for item in items):
        raise ProtocolViolation("the committer removes itself", rule=rule)
    if len(set(touched)) != len(touched):
        raise ProtocolViolation("one leaf is updated or removed twice", rule=rule)
    if sum(isinstance(item.proposal, GroupContextExtensions) for item in items) > 1:
        raise ProtocolViolation("the group context's extensions are set twice", rule=rule)
    psks = [item.proposal.psk for item in items if isinstance(item.proposal, PreSharedKey)]
    # RFC 9420 §12.2: no two that reference the same key, whatever their nonces.
    if len(set(map(_psk_name, psks))) != len(psks):
        raise ProtocolViolation("one pre-shared key is used twice", rule=rule)


def _leaf_touched(item: Proposed) -> LeafIndex | None:
    match item.proposal:
        case Update():
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


def apply(tree: RatchetTree, context: GroupContext, items: Sequence[Proposed]) -> Applied:
    """The group after a valid list, in the order of RFC 9420 §12.3; `ProtocolViolation` if its members then clash."""
    edit, extensions = TreeEdit(tree), context.extensions
    proposals = [item.proposal for item in items]
    for proposal in proposals:
        if isinstance(proposal, GroupContextExtensions):
            extensions = proposal.extensions
    updated = tuple(item.sender.leaf for item in items if isinstance(item.proposal, Update))
    for item in items:
        if isinstance(item.proposal, Update):
            edit.update(item.sender.leaf, item.proposal.leaf_node)
    removed = tuple(proposal.removed for proposal in proposals if isinstance(proposal, Remove))
    for leaf in removed:
        edit.remove(leaf)
    added = tuple(edit.add(proposal.key_package.leaf_node) for proposal in proposals if isinstance(proposal, Add))
    psks = tuple(proposal.psk for proposal in proposals if isinstance(proposal, PreSharedKey))
    after = edit.frozen()
    touched = (*added, *updated) if extensions == context.extensions else [leaf for leaf, _ in after.members()]
    # RFC 9420 §12.2: unique keys (so nobody is added twice) and supported capabilities, after all is applied.
    check_members(after, extensions, touched)
    return Applied(after, extensions, added, removed, updated, psks)
