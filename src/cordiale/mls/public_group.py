"""A group as anybody may see it who reads its handshakes: members, keys, context, but no secret (RFC 9420 §8, §12).

The blind node tracks rooms with it, and members build on it. What needs a secret is not checked here: membership tags
and confirmation tags. Everything else is, and a group never changes: `process` gives a new one or raises.

    from_group_info ──> PublicGroup ── proposal ──> PublicGroup (proposal waits)
                             └──────── commit ────> PublicGroup (next epoch, nothing waits)
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, Self

import msgspec

from cordiale.crypto.suite import Suite
from cordiale.errors import IllegalStep, LimitExceeded, ProtocolViolation, Replayed, StaleEpoch
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.credential import Authenticate
from cordiale.mls.events import CommitSeen, Member, ProposalSeen, PublicEvent, member_at
from cordiale.mls.extension import Extension
from cordiale.mls.external_sender import external_sender
from cordiale.mls.framing import AuthenticatedContent, PublicMessage, Sender, SenderType
from cordiale.mls.group_context import GroupContext
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import LeafNode, Source
from cordiale.mls.parent_hash import path_parents
from cordiale.mls.proposal import Proposal, ProposalRef
from cordiale.mls.proposal_list import Applied, Proposed, apply, check_list, check_proposal, needs_path
from cordiale.mls.syntax import Reader, opaque, parse, u8, vector
from cordiale.mls.transcript import confirmed_hash, interim_hash
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_edit import TreeEdit
from cordiale.mls.tree_validation import check_members, check_whole_tree
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.vocab.moment import Moment
from cordiale.wire import limits

_STATE_VERSION: Final = 1
_LAST_EPOCH: Final = 2**64 - 1


class StagedCommit(msgspec.Struct, frozen=True):
    """A commit whose public side holds. `provisional` is the context under which its path was encrypted."""

    group: "PublicGroup"
    event: CommitSeen
    applied: Applied
    path: UpdatePath | None
    provisional: GroupContext


class PublicGroup(msgspec.Struct, frozen=True, dict=True):
    """One epoch's context, tree and waiting proposals (in the order in which they were seen)."""

    context: GroupContext
    tree: RatchetTree
    confirmation_tag: bytes
    waiting: tuple[Proposed, ...] = ()

    # Looking

    @property
    def group_id(self) -> bytes:
        """The group's name; a room's id."""
        return self.context.group_id

    @property
    def epoch(self) -> Epoch:
        """How many commits happened since the group was made."""
        return self.context.epoch

    @property
    def suite_id(self) -> int:
        """The cipher suite's code point."""
        return self.context.suite_id

    @property
    def suite(self) -> Suite:
        """The cipher suite's row."""
        return self.tree.suite

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The group context's extensions."""
        return self.context.extensions

    @property
    def confirmed_transcript_hash(self) -> bytes:
        """Commits to everything that happened."""
        return self.context.confirmed_transcript_hash

    @property
    def tree_hash(self) -> bytes:
        """Commits to all members and keys."""
        return self.context.tree_hash

    @cached_property
    def interim_transcript_hash(self) -> bytes:
        """RFC 9420 §8.2."""
        return interim_hash(self.suite, self.context.confirmed_transcript_hash, self.confirmation_tag)

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Everybody in the group, by leaf."""
        return tuple(member_at(index, leaf) for index, leaf in self.tree.members())

    # Entering

    @classmethod
    def from_group_info(cls, message: bytes, *, authenticate: Authenticate, now: Moment) -> Self:
        """From an MLSMessage with a GroupInfo that carries its ratchet tree; everything public is verified."""
        return cls.from_verified(GroupInfo.decode(message), None, authenticate=authenticate, now=now)

    @classmethod
    def from_verified(
        cls, info: GroupInfo, ratchet_tree: bytes | None, *, authenticate: Authenticate, now: Moment
    ) -> Self:
        """RFC 9420 §12.4.3.1, the checks that need no secret: tree hash, signature, parent hashes, every leaf."""
        del now  # Lifetimes bind whoever uses a key package (see KeyPackage.check_lifetime), not those who read later.
        tree = info.tree(ratchet_tree)
        info.verify(tree)
        check_whole_tree(tree, info.context.group_id, info.context.extensions, authenticate)
        return cls(info.context, tree, info.confirmation_tag)

    # Moving on

    def process(self, message: bytes, *, authenticate: Authenticate, now: Moment) -> tuple[Self, PublicEvent]:
        """A proposal or commit as an MLSMessage of type PublicMessage."""
        del now
        content = PublicMessage.decode(message).content
        self.check_sender(content)
        if isinstance(content.framed.content, Commit):
            staged = self.stage(content, authenticate)
            return _own_kind(self, staged.group), staged.event
        return self.with_proposal(content, authenticate)

    def check_sender(self, content: AuthenticatedContent) -> None:
        """Group, epoch and signature of a handshake (RFC 9420 §6.1)."""
        framed = content.framed
        if framed.group_id != self.group_id:
            raise ProtocolViolation("the message is for another group", rule="RFC 9420 §6")
        if framed.epoch != self.epoch:
            raise StaleEpoch(f"made in epoch {framed.epoch}, the room is in {self.epoch}")
        content.verify(self.suite, self._sender_key(framed.sender), self.context.encoded)

    def _sender_key(self, sender: Sender) -> bytes:
        match sender.type:
            case SenderType.MEMBER:
                return self.tree.member(sender.leaf, rule="RFC 9420 §6.1").signature_key
            case SenderType.EXTERNAL:
                return external_sender(self.extensions, sender.index).signature_key
            case SenderType.NEW_MEMBER_PROPOSAL | SenderType.NEW_MEMBER_COMMIT:
                raise ProtocolViolation("joining from outside is not supported", rule="RFC 9420 §12.4.3.2")

    def with_proposal(self, content: AuthenticatedContent, authenticate: Authenticate) -> tuple[Self, ProposalSeen]:
        """The group with a verified proposal waiting."""
        proposal = content.framed.content
        if isinstance(proposal, bytes | Commit):
            raise IllegalStep("the content is no proposal")
        item = Proposed(content.framed.sender, proposal, content.reference(self.suite))
        check_proposal(self.tree, self.context, item, authenticate)
        if any(item.reference == seen.reference for seen in self.waiting):
            raise Replayed("the proposal waits already")
        if len(self.waiting) >= limits.MLS_PROPOSALS:
            raise LimitExceeded(f"{limits.MLS_PROPOSALS} proposals wait in this epoch")
        event = ProposalSeen(item.sender, proposal, content.reference(self.suite))
        return msgspec.structs.replace(self, waiting=(*self.waiting, item)), event

    def stage(self, content: AuthenticatedContent, authenticate: Authenticate) -> StagedCommit:
        """The public side of processing a commit (RFC 9420 §12.4.2); its signature is verified already."""
        framed, commit = content.framed, content.framed.content
        if not isinstance(commit, Commit):
            raise IllegalStep("the content is no commit")
        if framed.sender.type is not SenderType.MEMBER:
            raise ProtocolViolation("a commit from outside the group", rule="RFC 9420 §12.4")
        committer = framed.sender.leaf
        items = self.resolve(commit, framed.sender)
        applied = self.apply(committer, items, authenticate)
        if commit.path is None and needs_path(items):
            raise ProtocolViolation("the commit lacks its update path", rule="RFC 9420 §12.4")
        if commit.path is not None:
            applied = self.merge_path(applied, committer, commit.path, authenticate)
        return self.conclude(content, applied, commit.path)

    def resolve(self, commit: Commit, sender: Sender) -> tuple[Proposed, ...]:
        """A commit's list with references looked up; each must be waiting in this epoch (RFC 9420 §12.4.2)."""
        waiting = {item.reference: item for item in self.waiting}
        items: list[Proposed] = []
        for item in commit.proposals:
            if not isinstance(item, ProposalRef):
                items.append(Proposed(sender, item))
            elif item.reference in waiting:
                items.append(waiting.pop(item.reference))
            else:
                raise ProtocolViolation("a proposal named is unknown, or named twice", rule="RFC 9420 §12.4.2")
        return tuple(items)

    def apply(self, committer: LeafIndex, items: Sequence[Proposed], authenticate: Authenticate) -> Applied:
        """The members and extensions after a list of proposals, all checked."""
        for item in items:
            if item.reference is None or not isinstance(item.proposal, _CHECKED_WHEN_SEEN):
                check_proposal(self.tree, self.context, item, authenticate)
        check_list(self.tree, committer, items)
        return apply(self.tree, self.context, items)

    def merge_path(
        self, applied: Applied, committer: LeafIndex, path: UpdatePath, authenticate: Authenticate
    ) -> Applied:
        """The tree with an update path merged, after the checks of RFC 9420 §12.4.2 that need no secret."""
        rule, leaf = "RFC 9420 §12.4.2", path.leaf_node
        old = applied.tree.member(committer, rule=rule)
        if leaf.source is not Source.COMMIT:
            raise ProtocolViolation("the path's leaf is not made for a commit", rule=rule)
        leaf.verify(self.suite, self.group_id, committer)
        # RFC 9420 §7.3, §12.4.2: the committer's key must be new.
        if leaf.encryption_key == old.encryption_key:
            raise ProtocolViolation("the committer's encryption key stays the same", rule=rule)
        if (leaf.credential, leaf.signature_key) != (old.credential, old.signature_key):
            authenticate(leaf.credential, leaf.signature_key)
        _check_path_shape(applied, committer, path)
        parents, leaf_hash = path_parents(applied.tree, committer, [node.encryption_key for node in path.nodes])
        # RFC 9420 §7.9.2: the leaf commits to the whole path.
        if leaf.parent_hash != leaf_hash:
            raise ProtocolViolation("the path's parent hash is wrong", rule="RFC 9420 §7.9.2")
        return self.place_path(applied, committer, leaf, parents)

    def place_path(self, applied: Applied, committer: LeafIndex, leaf: LeafNode, parents: "_Parents") -> Applied:
        """The tree with a path's nodes in place; members must still be consistent (RFC 9420 §7.3)."""
        known = {node.encryption_key for node in self.tree.nodes if node is not None}
        # RFC 9420 §12.4.2: none of the path's keys was in the tree.
        if any(parent.encryption_key in known for _, parent in parents):
            raise ProtocolViolation("a path key is in the tree already", rule="RFC 9420 §12.4.2")
        edit = TreeEdit(applied.tree)
        edit.apply_path(committer, leaf, parents)
        tree = edit.frozen()
        check_members(tree, applied.extensions, (committer,))
        return msgspec.structs.replace(applied, tree=tree)

    def provisional(self, applied: Applied) -> GroupContext:
        """The next epoch's context as far as the path needs it (RFC 9420 §12.4.1)."""
        if self.epoch == _LAST_EPOCH:
            raise LimitExceeded("the group is in its last epoch")
        return GroupContext(
            self.suite_id,
            self.group_id,
            Epoch(self.epoch + 1),
            applied.tree.tree_hash(),
            self.context.confirmed_transcript_hash,
            applied.extensions,
        )

    def conclude(self, content: AuthenticatedContent, applied: Applied, path: UpdatePath | None) -> StagedCommit:
        """The next epoch, its transcript hash running on over `content`."""
        provisional = self.provisional(applied)
        confirmed = confirmed_hash(self.suite, self.interim_transcript_hash, content)
        context = msgspec.structs.replace(provisional, confirmed_transcript_hash=confirmed)
        group = PublicGroup(context, applied.tree, content.framed_tag())
        event = self._describe(content.framed.sender.leaf, applied, path, context)
        return StagedCommit(group, event, applied, path, provisional)

    def _describe(
        self, committer: LeafIndex, applied: Applied, path: UpdatePath | None, context: GroupContext
    ) -> CommitSeen:
        changed = (*applied.updated, committer) if path is not None else applied.updated
        before = {index: member_at(index, leaf) for index in changed if (leaf := self.tree.leaf(index))}
        after = [member_at(index, leaf) for index in changed if (leaf := applied.tree.leaf(index))]
        return CommitSeen(
            sender=committer,
            epoch=context.epoch,
            added=tuple(member_at(index, leaf) for index in applied.added if (leaf := applied.tree.leaf(index))),
            removed=tuple(member_at(index, leaf) for index in applied.removed if (leaf := self.tree.leaf(index))),
            updated=tuple(member for member in after if member != before[member.leaf_index]),
            group_context_changed=context.extensions != self.extensions,
        )
