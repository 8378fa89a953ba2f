"""The public side of a commit (RFC 9420 §12.4): from an epoch's tree and context to the next epoch's.

Makers and receivers of commits go through the same functions, so that what one makes the other accepts.

    resolve ─> apply_list / apply_external ─> merge_path / place_path ─> provisional_context ─> next_context
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from cordiale.crypto.kem_public import check_public
from cordiale.errors import LimitExceeded, ProtocolViolation
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.content import AuthenticatedContent, Sender, SenderType
from cordiale.mls.credential import Authenticate
from cordiale.mls.events import CommitSeen, Member, member_at
from cordiale.mls.group_context import GroupContext
from cordiale.mls.leaf_node import LeafNode, Source
from cordiale.mls.parent_hash import path_parents
from cordiale.mls.proposal import ProposalRef, Remove
from cordiale.mls.proposal_check import check_proposal, check_replacement
from cordiale.mls.proposal_list import Applied, Proposed, apply, check_external_list, check_list
from cordiale.mls.same_client import SameClient
from cordiale.mls.transcript import confirmed_hash
from cordiale.mls.tree import ParentNode, RatchetTree
from cordiale.mls.tree_edit import TreeEdit
from cordiale.mls.tree_math import NodeIndex
from cordiale.mls.tree_validation import check_members
from cordiale.vocab.identifier import Epoch, LeafIndex

_LAST_EPOCH: Final = 2**64 - 1


def resolve(waiting: Sequence[Proposed], commit: Commit, sender: Sender) -> tuple[Proposed, ...]:
    """A commit's list with references looked up; each must be waiting in this epoch (RFC 9420 §12.4.2)."""
    known = {item.reference: item for item in waiting}
    items: list[Proposed] = []
    for item in commit.proposals:
        if not isinstance(item, ProposalRef):
            items.append(Proposed(sender, item))
        elif item.reference in known:
            items.append(known.pop(item.reference))
        else:
            raise ProtocolViolation("a proposal is named that is unknown, or named twice", rule="RFC 9420 §12.4 (3)")
    return tuple(items)


def apply_list(
    tree: RatchetTree,
    context: GroupContext,
    committer: LeafIndex,
    items: Sequence[Proposed],
    authenticate: Authenticate,
    same: SameClient,
) -> Applied:
    """The members and extensions after a list; proposals that waited were checked when they came, in this epoch."""
    _check_each(tree, context, items, authenticate, same)
    check_list(tree, committer, items)
    return apply(tree, context, items)


def apply_external(
    tree: RatchetTree,
    context: GroupContext,
    joiner: LeafNode,
    items: Sequence[Proposed],
    authenticate: Authenticate,
    same: SameClient,
) -> Applied:
    """The members after an external commit's list; `added` is the joiner's leaf alone (RFC 9420 §12.4.3.2)."""
    _check_each(tree, context, items, authenticate, same)
    check_external_list(tree, items)
    for item in items:
        # RFC 9420 §12.2: only an old version of oneself is removed, as by an Update of that leaf.
        if isinstance(item.proposal, Remove):
            old = tree.member(item.proposal.removed, rule="RFC 9420 §12.1.3 (1)")
            check_replacement(joiner, old, same, rule="RFC 9420 §12.2 (15)")
    return apply(tree, context, items, joiner)


def _check_each(
    tree: RatchetTree,
    context: GroupContext,
    items: Sequence[Proposed],
    authenticate: Authenticate,
    same: SameClient,
) -> None:
    for item in items:
        if item.reference is None:
            check_proposal(tree, context, item, authenticate, same)


def merge_path(
    context: GroupContext,
    applied: Applied,
    committer: LeafIndex,
    path: UpdatePath,
    authenticate: Authenticate,
    same: SameClient,
) -> Applied:
    """The tree with a received path merged, after the checks of RFC 9420 §12.4.2 that need no secret."""
    tree, leaf = applied.tree, path.leaf_node
    old = None if committer in applied.added else tree.member(committer, rule="RFC 9420 §6.1 (2)")
    if leaf.source is not Source.COMMIT:
        raise ProtocolViolation("the path's leaf is not made for a commit", rule="RFC 9420 §7.3 (11)")
    leaf.verify(tree.suite, context.group_id, committer)
    if old is not None:
        # RFC 9420 §12.4.2: the committer's encryption key must be new, and §7.5: all else that an Update must satisfy.
        check_replacement(leaf, old, same, rule="RFC 9420 §5.3.1 (6)")
    if old is None or (leaf.credential, leaf.signature_key) != (old.credential, old.signature_key):
        authenticate(leaf.credential, leaf.signature_key)
    _check_shape(applied, committer, path)
    _check_keys(applied, committer, path)
    parents, leaf_hash = path_parents(tree, committer, [node.encryption_key for node in path.nodes])
    # RFC 9420 §7.9: the leaf commits to the whole path.
    if leaf.parent_hash != leaf_hash:
        raise ProtocolViolation("the path's parent hash is wrong", rule="RFC 9420 §7.9.2 (2)")
    return place_path(applied, committer, leaf, parents)


def _check_shape(applied: Applied, committer: LeafIndex, path: UpdatePath) -> None:
    """RFC 9420 §7.5, §7.6: one node per filtered path node, one ciphertext per old node of each resolution."""
    steps = applied.tree.filtered_path(committer)
    if len(path.nodes) != len(steps):
        raise ProtocolViolation("the path has the wrong number of nodes", rule="RFC 9420 §7.6 (1)")
    for node, (_, beside) in zip(path.nodes, steps, strict=True):
        if len(node.secrets) != len(recipients(applied, beside)):
            raise ProtocolViolation("a path node has the wrong number of ciphertexts", rule="RFC 9420 §7.6 (2)")


def _check_keys(applied: Applied, committer: LeafIndex, path: UpdatePath) -> None:
    """RFC 9420 §12.4.2: every key of the path is new, also against those that the path will take the place of."""
    leaf, parents = path.leaf_node.encryption_key, [node.encryption_key for node in path.nodes]
    for key in parents:
        check_public(applied.tree.suite, key, rule="RFC 9420 §7.1 (2)")
    # The leaf of somebody who joins by this commit is in the tree already.
    new = parents if committer in applied.added else [leaf, *parents]
    if len({leaf, *parents}) != 1 + len(parents) or any(key in applied.tree.census.encryption_keys for key in new):
        raise ProtocolViolation("a key of the path is in the tree already", rule="RFC 9420 §12.4.2 (4)")


def recipients(applied: Applied, beside: NodeIndex) -> tuple[NodeIndex, ...]:
    """A copath child's resolution without those who enter by this commit: a Welcome serves them (§12.4.1)."""
    new = {2 * leaf for leaf in applied.added}
    return tuple(node for node in applied.tree.resolution(beside) if node not in new)


def place_path(
    applied: Applied, committer: LeafIndex, leaf: LeafNode, parents: Sequence[tuple[NodeIndex, ParentNode]]
) -> Applied:
    """The tree with a path's nodes in place; §12.4.2 and §7.3: no key may then be in two places."""
    edit = TreeEdit(applied.tree)
    edit.apply_path(committer, leaf, parents)
    tree = edit.frozen()
    check_members(tree, applied.extensions, (committer,))
    return msgspec.structs.replace(applied, tree=tree)


def provisional_context(context: GroupContext, applied: Applied) -> GroupContext:
    """The next epoch's context as far as a path's encryption knows it (RFC 9420 §12.4.1): the old transcript."""
    if context.epoch == _LAST_EPOCH:
        raise LimitExceeded("the group is in its last epoch")
    return GroupContext(
        context.suite_id,
        context.group_id,
        Epoch(context.epoch + 1),
        applied.tree.tree_hash(),
        context.confirmed_transcript_hash,
        applied.extensions,
    )


def next_context(provisional: GroupContext, interim: bytes, content: AuthenticatedContent) -> GroupContext:
    """The next epoch's context, its transcript hash run on over the commit (RFC 9420 §8.2)."""
    confirmed = confirmed_hash(provisional.suite, interim, content)
    return msgspec.structs.replace(provisional, confirmed_transcript_hash=confirmed)


def describe(
    before: RatchetTree,
    context: GroupContext,
    committer: LeafIndex,
    sender: Sender,
    applied: Applied,
    after: GroupContext,
) -> CommitSeen:
    """What the commit did, for the application."""
    external = sender.type is SenderType.NEW_MEMBER_COMMIT
    kept = applied.updated if external else (*applied.updated, committer)
    was = _members(before, kept)
    return CommitSeen(
        sender=committer,
        epoch=after.epoch,
        added=_members(applied.tree, applied.added),
        removed=_members(before, applied.removed),
        updated=tuple(member for member in _members(applied.tree, kept) if member not in was),
        group_context_changed=after.extensions != context.extensions,
        external=external,
        psks=applied.psks,
        reinit=applied.reinit,
    )


def _members(tree: RatchetTree, leaves: Sequence[LeafIndex]) -> tuple[Member, ...]:
    return tuple(member_at(index, leaf) for index in leaves if (leaf := tree.leaf(index)) is not None)
