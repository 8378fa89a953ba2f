"""A group as anybody may see it who reads its handshakes: members, keys, context, but no secret (RFC 9420 §8, §12).

The blind node tracks rooms with it, and members build on it. What needs a secret is not checked here: membership tags
and confirmation tags. Everything else is, and a group never changes: `process` gives a new one or raises.

    from_group_info ──> PublicGroup ── proposal ──> PublicGroup (proposal waits)
                             ├──────── commit ────> PublicGroup (next epoch, nothing waits)
                             └── commit of ReInit ─> PublicGroup (`reinit` says what comes after; takes nothing more)

Commits come from members or, as external commits (§12.4.3.2), from whoever joins by one; proposals from members, the
external senders that the context names, and people who ask to be added (§12.1.8). Which of these a group wants, the
application decides by the event: it keeps the group that it had, or takes the new one.
"""

from functools import cached_property
from typing import Final, Self

import msgspec

from cordiale.crypto.suite import Suite
from cordiale.errors import IllegalStep, LimitExceeded, ProtocolViolation, Replayed, StaleEpoch
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.content import AuthenticatedContent, SenderType
from cordiale.mls.credential import Authenticate
from cordiale.mls.events import CommitSeen, Member, ProposalSeen, PublicEvent, member_at
from cordiale.mls.extension import Extension
from cordiale.mls.external_sender import external_sender
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_context import GroupContext
from cordiale.mls.group_extensions import check_group_extensions
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.proposal import Add, ReInit, SelfRemove, read_reinit
from cordiale.mls.proposal_check import check_kind, check_proposal
from cordiale.mls.proposal_list import Applied, Proposed, encode_proposed, needs_path, read_proposed
from cordiale.mls.roster import TreeRoster
from cordiale.mls.same_client import SameClient, same_credential
from cordiale.mls.staging import (
    apply_external,
    apply_list,
    describe,
    merge_path,
    next_context,
    provisional_context,
    resolve,
)
from cordiale.mls.syntax import Reader, opaque, optional, parse, u8, vector
from cordiale.mls.transcript import interim_hash
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_validation import check_whole_tree
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.vocab.moment import Moment
from cordiale.wire import limits

_STATE_VERSION: Final = 1


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
    reinit: ReInit | None = None

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

    @cached_property
    def roster(self) -> TreeRoster:
        """The members as an epoch's keys keep them."""
        return TreeRoster(self.tree)

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
        check_group_extensions(info.context.extensions, (), authenticate)
        return cls(info.context, tree, info.confirmation_tag)

    # Moving on

    def process(
        self, message: bytes, *, authenticate: Authenticate, now: Moment, same: SameClient = same_credential
    ) -> "tuple[PublicGroup, PublicEvent]":
        """A proposal or commit as an MLSMessage of type PublicMessage."""
        del now
        content = PublicMessage.decode(message).content
        self.check_sender(content)
        if isinstance(content.framed.content, Commit):
            staged = self.stage(content, authenticate, same)
            return staged.group, staged.event
        return self.with_proposal(content, authenticate, same)

    def check_sender(self, content: AuthenticatedContent) -> None:
        """Group, epoch and signature of a handshake (RFC 9420 §6.1)."""
        self.check_place(content.framed.group_id, content.framed.epoch)
        content.verify(self.suite, self._sender_key(content), self.context.encoded)

    def check_place(self, group_id: bytes, epoch: Epoch) -> None:
        """A handshake must be for this group and epoch (RFC 9420 §12.4.2), and the group must still take any."""
        if group_id != self.group_id:
            raise ProtocolViolation("the message is for another group", rule="RFC 9420 §6 (2)")
        if epoch != self.epoch:
            raise StaleEpoch(f"made in epoch {epoch}, the room is in {self.epoch}", rule="RFC 9420 §12.4.2 (1)")
        if self.reinit is not None:
            raise ProtocolViolation("the group has ended and goes on as another", rule="RFC 9420 §12.4.2 (6)")

    def _sender_key(self, content: AuthenticatedContent) -> bytes:
        """RFC 9420 §6.1: whose key must have signed; who may send what kind of content."""
        sender, said = content.framed.sender, content.framed.content
        if sender.type is SenderType.MEMBER:
            return self.tree.member(sender.leaf, rule="RFC 9420 §6.1 (2)").signature_key
        if sender.type is SenderType.NEW_MEMBER_COMMIT:
            return joiner_leaf(content).signature_key
        if isinstance(said, bytes | Commit):
            rule = "RFC 9420 §6.1 (3)" if sender.type is SenderType.EXTERNAL else "RFC 9420 §6.1 (5)"
            raise ProtocolViolation("a commit from outside the group", rule=rule)
        check_kind(sender, said)
        if sender.type is SenderType.NEW_MEMBER_PROPOSAL and isinstance(said, Add):
            return said.key_package.leaf_node.signature_key
        return external_sender(self.extensions, sender.index).signature_key

    def with_proposal(
        self, content: AuthenticatedContent, authenticate: Authenticate, same: SameClient
    ) -> "tuple[PublicGroup, ProposalSeen]":
        """The group with a proposal waiting, whose signature is verified already."""
        proposal = content.framed.content
        if isinstance(proposal, bytes | Commit):
            raise IllegalStep("the content is no proposal")
        # Whoever joins by an external commit must be able to read it.
        if isinstance(proposal, SelfRemove) and content.wire_format is not WireFormat.PUBLIC_MESSAGE:
            raise ProtocolViolation("a SelfRemove that is encrypted", rule="draft-ietf-mls-extensions §6.3 (3)")
        reference = content.reference(self.suite)
        if any(reference == seen.reference for seen in self.waiting):
            raise Replayed("the proposal waits already")
        if len(self.waiting) >= limits.MLS_PROPOSALS:
            raise LimitExceeded(f"{limits.MLS_PROPOSALS} proposals wait in this epoch")
        item = Proposed(content.framed.sender, proposal, reference)
        check_proposal(self.tree, self.context, item, authenticate, same)
        event = ProposalSeen(item.sender, proposal, reference)
        return msgspec.structs.replace(self, waiting=(*self.waiting, item)), event

    def stage(self, content: AuthenticatedContent, authenticate: Authenticate, same: SameClient) -> StagedCommit:
        """The public side of a commit (RFC 9420 §12.4.2) whose signature is verified already."""
        framed, commit = content.framed, content.framed.content
        if not isinstance(commit, Commit):
            raise IllegalStep("the content is no commit")
        items = resolve(self.waiting, commit, framed.sender)
        if framed.sender.type is SenderType.NEW_MEMBER_COMMIT:
            leaf = joiner_leaf(content)
            applied = apply_external(self.tree, self.context, leaf, items, authenticate, same)
            committer = applied.added[0]
        else:
            committer = framed.sender.leaf
            applied = apply_list(self.tree, self.context, committer, items, authenticate, same)
        if commit.path is None and needs_path(items):
            raise ProtocolViolation("the commit lacks its update path", rule="RFC 9420 §12.4 (2)")
        if commit.path is not None:
            applied = merge_path(self.context, applied, committer, commit.path, authenticate, same)
        return self.conclude(content, committer, applied, commit.path)

    def conclude(
        self, content: AuthenticatedContent, committer: LeafIndex, applied: Applied, path: UpdatePath | None
    ) -> StagedCommit:
        """The next epoch, from what its commit made of the tree."""
        provisional = provisional_context(self.context, applied)
        context = next_context(provisional, self.interim_transcript_hash, content)
        event = describe(self.tree, self.context, committer, content.framed.sender, applied, context)
        group = PublicGroup(context, applied.tree, content.confirmation_tag, reinit=applied.reinit)
        return StagedCommit(group, event, applied, path, provisional)

    # Keeping

    def encode(self) -> bytes:
        """The whole state; equal groups have equal bytes."""
        return self._encoded

    @cached_property
    def _encoded(self) -> bytes:
        return b"".join(
            (
                u8(_STATE_VERSION),
                self.context.encoded,
                self.tree.encode(),
                opaque(self.confirmation_tag),
                vector(map(encode_proposed, self.waiting)),
                optional(None if self.reinit is None else self.reinit.encode_body()),
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """What `encode` wrote. Signatures are not verified again: the bytes come from one's own store."""
        return parse(data, cls.read, "group state", limit=limits.MLS_STATE_BYTES)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """What `encode` wrote."""
        if (version := reader.u8()) != _STATE_VERSION:
            reader.fail(f"state version {version}")
        context = GroupContext.read(reader)
        tree = RatchetTree.read(reader, context.suite)
        return cls(context, tree, reader.opaque(), reader.many(read_proposed), reader.optional(read_reinit))


def joiner_leaf(content: AuthenticatedContent) -> LeafNode:
    """The leaf of an external commit's sender, which its path must bring (RFC 9420 §12.4.3.2)."""
    commit = content.framed.content
    if not isinstance(commit, Commit):
        raise ProtocolViolation("a proposal in place of an external commit", rule="RFC 9420 §6.1 (4)")
    if commit.path is None:
        raise ProtocolViolation("an external commit without a path", rule="RFC 9420 §12.4.3.2 (1)")
    return commit.path.leaf_node
