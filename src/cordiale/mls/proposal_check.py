"""Which proposals are valid, each by itself (RFC 9420 §12.1), and who may make them (§12.1.8)."""

from types import MappingProxyType
from typing import Final

from cordiale.errors import ProtocolViolation
from cordiale.mls.content import Sender, SenderType
from cordiale.mls.credential import Authenticate
from cordiale.mls.group_context import GroupContext
from cordiale.mls.group_extensions import check_group_extensions
from cordiale.mls.leaf_node import LeafNode, Source
from cordiale.mls.proposal import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalType,
    PskId,
    Remove,
    ResumptionPsk,
    ResumptionUsage,
    Update,
)
from cordiale.mls.proposal_list import Proposed
from cordiale.mls.same_client import SameClient, check_successor
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_validation import check_leaf
from cordiale.vocab.identifier import Epoch

_MAY_SEND: Final = MappingProxyType(
    {
        SenderType.MEMBER: frozenset(ProposalType) - {ProposalType.EXTERNAL_INIT},
        SenderType.EXTERNAL: frozenset(
            {
                ProposalType.ADD,
                ProposalType.REMOVE,
                ProposalType.PSK,
                ProposalType.REINIT,
                ProposalType.GROUP_CONTEXT_EXTENSIONS,
            }
        ),
        SenderType.NEW_MEMBER_PROPOSAL: frozenset({ProposalType.ADD}),
        SenderType.NEW_MEMBER_COMMIT: frozenset({ProposalType.EXTERNAL_INIT, ProposalType.REMOVE, ProposalType.PSK}),
    }
)
_SENDER_RULES: Final = MappingProxyType(
    {
        SenderType.MEMBER: "RFC 9420 §12.1.6 (1)",
        SenderType.EXTERNAL: "RFC 9420 §12.1.8 (1)",
        SenderType.NEW_MEMBER_PROPOSAL: "RFC 9420 §6.1 (5)",
        SenderType.NEW_MEMBER_COMMIT: "RFC 9420 §12.2 (16)",
    }
)


def check_proposal(
    tree: RatchetTree, context: GroupContext, item: Proposed, authenticate: Authenticate, same: SameClient
) -> None:
    """One proposal by itself; `ProtocolViolation`, `BadSignature`, or what the application raises."""
    check_kind(item.sender, item.proposal)
    match item.proposal:
        case Add(package):
            package.verify(tree.suite)
            check_leaf(package.leaf_node, context.extensions, tree.suite)
            authenticate(package.leaf_node.credential, package.leaf_node.signature_key)
        case Update() as update:
            _check_update(tree, context, item.sender, update, authenticate, same)
        case Remove(removed):
            tree.member(removed, rule="RFC 9420 §12.1.3 (1)")
        case PreSharedKey(psk):
            _check_psk(context, item.sender, psk)
        case GroupContextExtensions(extensions):
            check_group_extensions(extensions, context.extensions, authenticate)
        case _:
            pass


def check_kind(sender: Sender, proposal: Proposal) -> None:
    """Who may make which proposal; of members' only an ExternalInit is never valid (§12.1.6, §12.2)."""
    if proposal.type not in _MAY_SEND[sender.type]:
        kind = sender.type.name.lower().replace("_", " ")
        raise ProtocolViolation(f"{proposal.type.name} from {kind} sender", rule=_SENDER_RULES[sender.type])


def _check_update(
    tree: RatchetTree,
    context: GroupContext,
    sender: Sender,
    update: Update,
    authenticate: Authenticate,
    same: SameClient,
) -> None:
    leaf, old = update.leaf_node, tree.member(sender.leaf, rule="RFC 9420 §6.1 (2)")
    if leaf.source is not Source.UPDATE:
        raise ProtocolViolation("the leaf is not made for an update", rule="RFC 9420 §7.3 (9)")
    check_replacement(leaf, old, same, rule="RFC 9420 §5.3.1 (6)")
    leaf.verify(tree.suite, context.group_id, sender.leaf)
    check_leaf(leaf, context.extensions, tree.suite)
    authenticate(leaf.credential, leaf.signature_key)


def check_replacement(leaf: LeafNode, old: LeafNode, same: SameClient, *, rule: str) -> None:
    """What an Update, a commit's path and a resync ask of a leaf that takes another's place; `rule`: for its owner."""
    if leaf.encryption_key == old.encryption_key:
        raise ProtocolViolation("the encryption key stays the same", rule="RFC 9420 §7.3 (10)")
    check_successor(old.credential, leaf.credential, same, rule=rule)


def _check_psk(context: GroupContext, sender: Sender, psk: PskId) -> None:
    if len(psk.nonce) != context.suite.hash_bytes:
        raise ProtocolViolation("a pre-shared key's nonce has the wrong length", rule="RFC 9420 §12.1.4 (3)")
    # RFC 9420 §11.2, §11.3: only the founder's first commit continues another group.
    first = context.epoch == Epoch(0) and sender.type is SenderType.MEMBER
    if first or not isinstance(psk, ResumptionPsk) or psk.usage is ResumptionUsage.APPLICATION:
        return
    rule = "RFC 9420 §12.1.4 (1)" if psk.usage is ResumptionUsage.REINIT else "RFC 9420 §12.1.4 (2)"
    raise ProtocolViolation("a resumption key for another purpose", rule=rule)
