"""A group as anybody may see it who reads its handshakes: members, keys, context, but no secret (RFC 9420 §8, §12).

The blind node tracks rooms with it, and members build on it. What needs a secret is not checked here: membership tags
and confirmation tags. Everything else is, and a group never changes: `process` gives a new one or raises.

    from_group_info ──> PublicGroup ── proposal ──> PublicGroup (proposal waits)
                             └──────── commit ────> PublicGroup (next epoch, nothing waits)
"""

from functools import cached_property
from typing import Final, Self

import msgspec

from cordiale.crypto.suite import Suite
from cordiale.errors import IllegalStep, LimitExceeded, ProtocolViolation, Replayed, StaleEpoch
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.content import AuthenticatedContent, Sender, SenderType
from cordiale.mls.credential import Authenticate
from cordiale.mls.events import CommitSeen, Member, ProposalSeen, PublicEvent, member_at
from cordiale.mls.extension import Extension
from cordiale.mls.external_sender import external_sender
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_context import GroupContext
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.proposal_list import (
    Applied,
    Proposed,
    check_proposal,
    encode_proposed,
    needs_path,
    read_proposed,
)
from cordiale.mls.staging import apply_list, describe, merge_path, next_context, provisional_context, resolve
from cordiale.mls.syntax import Reader, opaque, parse, u8, vector
from cordiale.mls.transcript import interim_hash
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_validation import check_whole_tree
from cordiale.vocab.identifier import Epoch
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

    def process(self, message: bytes, *, authenticate: Authenticate, now: Moment) -> "tuple[PublicGroup, PublicEvent]":
        """A proposal or commit as an MLSMessage of type PublicMessage."""
        del now
        content = PublicMessage.decode(message).content
        self.check_sender(content)
        if isinstance(content.framed.content, Commit):
            staged = self.stage(content, authenticate)
            return staged.group, staged.event
        return self.with_proposal(content, authenticate)

    def check_sender(self, content: AuthenticatedContent) -> None:
        """Group, epoch and signature of a handshake (RFC 9420 §6.1)."""
        self.check_place(content.framed.group_id, content.framed.epoch)
        content.verify(self.suite, self._sender_key(content.framed.sender), self.context.encoded)

    def check_place(self, group_id: bytes, epoch: Epoch) -> None:
        """A handshake must be for this group and epoch (RFC 9420 §12.4.2)."""
        if group_id != self.group_id:
            raise ProtocolViolation("the message is for another group", rule="RFC 9420 §12.4.2")
        if epoch != self.epoch:
            raise StaleEpoch(f"made in epoch {epoch}, the room is in {self.epoch}")

    def _sender_key(self, sender: Sender) -> bytes:
        match sender.type:
            case SenderType.MEMBER:
                return self.tree.member(sender.leaf, rule="RFC 9420 §6.1").signature_key
            case SenderType.EXTERNAL:
                return external_sender(self.extensions, sender.index).signature_key
            case _:
                raise ProtocolViolation("joining from outside is not supported", rule="RFC 9420 §12.4.3.2")

    def with_proposal(
        self, content: AuthenticatedContent, authenticate: Authenticate
    ) -> "tuple[PublicGroup, ProposalSeen]":
        """The group with a proposal waiting, whose signature is verified already."""
        proposal = content.framed.content
        if isinstance(proposal, bytes | Commit):
            raise IllegalStep("the content is no proposal")
        reference = content.reference(self.suite)
        if any(reference == seen.reference for seen in self.waiting):
            raise Replayed("the proposal waits already")
        if len(self.waiting) >= limits.MLS_PROPOSALS:
            raise LimitExceeded(f"{limits.MLS_PROPOSALS} proposals wait in this epoch")
        item = Proposed(content.framed.sender, proposal, reference)
        check_proposal(self.tree, self.context, item, authenticate)
        event = ProposalSeen(item.sender, proposal, reference)
        return msgspec.structs.replace(self, waiting=(*self.waiting, item)), event

    def stage(self, content: AuthenticatedContent, authenticate: Authenticate) -> StagedCommit:
        """The public side of a commit (RFC 9420 §12.4.2) whose signature is verified already."""
        framed, commit = content.framed, content.framed.content
        if not isinstance(commit, Commit):
            raise IllegalStep("the content is no commit")
        if framed.sender.type is not SenderType.MEMBER:
            raise ProtocolViolation("a commit from outside the group", rule="RFC 9420 §12.4")
        committer = framed.sender.leaf
        items = resolve(self.waiting, commit, framed.sender)
        applied = apply_list(self.tree, self.context, committer, items, authenticate)
        if commit.path is None and needs_path(items):
            raise ProtocolViolation("the commit lacks its update path", rule="RFC 9420 §12.4")
        if commit.path is not None:
            applied = merge_path(self.context, applied, committer, commit.path, authenticate)
        return self.conclude(content, applied, commit.path)

    def conclude(self, content: AuthenticatedContent, applied: Applied, path: UpdatePath | None) -> StagedCommit:
        """The next epoch, from what its commit made of the tree."""
        provisional = provisional_context(self.context, applied)
        context = next_context(provisional, self.interim_transcript_hash, content)
        event = describe(self.tree, self.context, content.framed.sender.leaf, applied, context)
        group = PublicGroup(context, applied.tree, content.confirmation_tag)
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
        return cls(context, tree, reader.opaque(), reader.many(read_proposed))
