"""Commits (RFC 9420 §12.4): a member makes one, or follows another's to the next epoch."""

from collections.abc import Sequence
from typing import Generic, Self, TypeVar

import msgspec

from cordiale.errors import IllegalStep
from cordiale.mls.commit import Commit
from cordiale.mls.commit_following import follow
from cordiale.mls.commit_making import CommitOptions, Committer, MadeCommit, make_commit
from cordiale.mls.content import AuthenticatedContent, member
from cordiale.mls.credential import Authenticate
from cordiale.mls.events import CommitSeen, Evicted, Member, MemberEvent
from cordiale.mls.extension import Extension
from cordiale.mls.handshake_framing import frame, open_handshake
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.member_proposing import ProposingMember, usable_package
from cordiale.mls.proposal import Add, GroupContextExtensions, PreSharedKey, Proposal, PskId, ReInit, Remove
from cordiale.mls.proposal_choice import choose
from cordiale.mls.proposal_list import Proposed
from cordiale.mls.psk import PskLookup, no_psks
from cordiale.mls.same_client import SameClient, same_credential
from cordiale.mls.staging import apply_list
from cordiale.vocab.identifier import LeafIndex
from cordiale.vocab.moment import Moment

G = TypeVar("G")
"""The group as its member holds it."""


class CommitResult(msgspec.Struct, Generic[G], frozen=True):
    """A commit to send, a Welcome for those it adds, and our state once it is accepted.

    `before` is our state until then: what it was, but for the key that an encrypted handshake spent. It is the founded
    group where the commit is another group's first, and `None` for whoever joins by the commit.
    """

    message: bytes
    welcome: bytes | None
    pending: G
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    before: G | None


class CommittingMember(ProposingMember, frozen=True, dict=True):
    """Steps to the next epoch: one's own commit is adopted once it is accepted, another's is processed."""

    def commit(
        self,
        *,
        add: Sequence[bytes | KeyPackage] = (),
        remove: Sequence[LeafIndex] = (),
        extensions: tuple[Extension, ...] | None = None,
        inject: Sequence[PskId] = (),
        reinit: ReInit | None = None,
        group_info_extensions: tuple[Extension, ...] = (),
        authenticated_data: bytes = b"",
        authenticate: Authenticate,
        now: Moment,
        psks: PskLookup = no_psks,
        same: SameClient = same_credential,
    ) -> CommitResult[Self]:
        """Commit the changes given and all waiting proposals that go with them, with a fresh path of our own.

        `inject` are pre-shared keys, which `psks` must know; a `reinit` stands alone and leaves all that waits.
        `self` stays in force until the hub accepts `message`; then `pending` takes its place.
        """
        self.require_active()
        wanted: list[Proposal] = [] if extensions is None else [GroupContextExtensions(extensions)]
        wanted.extend(map(Remove, remove))
        wanted.extend(Add(usable_package(package, now)) for package in add)
        wanted.extend(map(PreSharedKey, inject))
        if reinit is not None:
            wanted.append(reinit)
        own = [Proposed(member(self.own_leaf), proposal) for proposal in wanted]
        group, psks = self.public, self.with_resumption(psks)
        items = choose(group.tree, group.context, self.own_leaf, group.waiting, own, psks)
        applied = apply_list(group.tree, group.context, self.own_leaf, items, authenticate, same)
        by = Committer(group, self.own_leaf, self.signer, self.secrets)
        options = CommitOptions(authenticated_data, group_info_extensions, self.policy.handshakes)
        return self._framed(make_commit(by, items, applied, psks, options))

    def _framed(self, made: MadeCommit) -> CommitResult[Self]:
        framed = frame(self, made.content)
        before = msgspec.structs.replace(self, secret_tree=framed.secret_tree)
        keys = {**self.keys, **made.keys}
        pending = before.advanced(made.staged.group, keys, made.secrets, made.encryption_secret)
        event = made.staged.event
        return CommitResult(framed.message, made.welcome, pending, event.added, event.removed, before)

    def process(
        self,
        message: bytes,
        *,
        authenticate: Authenticate,
        now: Moment,
        psks: PskLookup = no_psks,
        same: SameClient = same_credential,
    ) -> tuple[Self, MemberEvent]:
        """A proposal or commit as an MLSMessage, encrypted or not, in the hub's order."""
        del now  # See KeyPackage.check_lifetime: a commit is as valid next month as today.
        self.require_active()
        opened = open_handshake(self, message)
        spent = msgspec.structs.replace(self, secret_tree=opened.secret_tree)
        return spent.process_content(opened.content, authenticate, psks, same)

    def process_content(
        self, content: AuthenticatedContent, authenticate: Authenticate, psks: PskLookup, same: SameClient
    ) -> tuple[Self, MemberEvent]:
        """A handshake whose framing is verified already."""
        is_own = content.framed.sender == member(self.own_leaf)
        if isinstance(content.framed.content, Commit):
            if is_own:
                raise IllegalStep("one's own commit came back: adopt its pending state instead")
            staged = self.public.stage(content, authenticate, same)
            if self.own_leaf in staged.applied.removed:
                return msgspec.structs.replace(self, evicted=True), _evicted(staged.event)
            after = follow(self, staged, self.with_resumption(psks))
            return self.advanced(staged.group, after.keys, after.secrets, after.encryption_secret), staged.event
        if is_own and (known := self.waits(content)) is not None:
            return self, known
        group, event = self.public.with_proposal(content, authenticate, same)
        return msgspec.structs.replace(self, public=group), event


def _evicted(event: CommitSeen) -> Evicted:
    return Evicted(event.sender, event.epoch, event.external)
