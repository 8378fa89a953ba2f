"""A group as one of its members holds it (RFC 9420): the public group and the secrets of its epochs.

    create / join / join_external ──> MemberGroup ──┬── encrypt, decrypt ──> MemberGroup (a key spent)
                                                    ├── propose_*, process(proposal) ──> MemberGroup (a proposal waits)
                                                    ├── commit ──> CommitResult.pending, adopted once it is accepted
                                                    ├── process(commit) ──> MemberGroup (next epoch), or evicted
                                                    └── reinit, branch ──> CommitResult of another group's first commit

Nothing ever changes in place: an operation gives a new group or raises, and what raises leaves no trace. The caller
stores the new group before it sends what the operation made. RFC 9420 §12.4 asks members to commit waiting proposals
before they send application data; the room's hub decides when, so that talk goes on while it is out of reach.

`authenticate` says whom the application believes, `same` whether one credential may take another's place (§5.3.1).
"""

from collections.abc import Container, Sequence

import msgspec

from cordiale.crypto.signature import Signer
from cordiale.errors import AlreadyExists, IllegalStep
from cordiale.mls.commit_making import CommitOptions, make_group_info
from cordiale.mls.credential import Authenticate, Credential
from cordiale.mls.entering import Entered, enter, found, new_leaf
from cordiale.mls.extension import Extension
from cordiale.mls.external_commit import JoinWish, make_external_commit, outside_view
from cordiale.mls.external_init import external_pub_extension
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.group_policy import DEFAULT_POLICY, GroupPolicy
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.leaf_node import Capabilities, default_capabilities
from cordiale.mls.member_committing import CommitResult, CommittingMember
from cordiale.mls.member_speaking import Received
from cordiale.mls.proposal import ResumptionUsage
from cordiale.mls.psk import PskLookup, no_psks, resumption_psk
from cordiale.mls.resumption import check_complete, check_subset
from cordiale.mls.same_client import SameClient, same_credential
from cordiale.mls.secret_tree import SecretTree
from cordiale.vocab.identifier import LeafIndex
from cordiale.vocab.moment import Moment

__all__ = ["CommitResult", "GroupInfoSeen", "JoinWish", "MemberGroup", "Received"]


class GroupInfoSeen(msgspec.Struct, frozen=True):
    """What the Welcome's GroupInfo said: its extensions (a room's title) and who signed it."""

    extensions: tuple[Extension, ...]
    signer: LeafIndex


class MemberGroup(CommittingMember, frozen=True, dict=True):
    """A member's operations on its state."""

    # Entering

    @classmethod
    def create(
        cls,
        suite_id: int,
        group_id: bytes,
        signer: Signer,
        credential: Credential,
        *,
        extensions: tuple[Extension, ...] = (),
        now: Moment,
        policy: GroupPolicy = DEFAULT_POLICY,
    ) -> "MemberGroup":
        """A new group with oneself in it (RFC 9420 §11)."""
        return cls._entered(found(suite_id, group_id, signer, credential, extensions, now), signer, policy)

    @classmethod
    def join(
        cls,
        welcome: bytes,
        key_package: KeyPackage,
        secrets: KeyPackageSecrets,
        signer: Signer,
        *,
        authenticate: Authenticate,
        now: Moment,
        ratchet_tree: bytes | None = None,
        psks: PskLookup = no_psks,
        old: "MemberGroup | None" = None,
        same: SameClient = same_credential,
        others: Container[bytes] = (),
        policy: GroupPolicy = DEFAULT_POLICY,
    ) -> "tuple[MemberGroup, GroupInfoSeen]":
        """By a Welcome for our key package (RFC 9420 §12.4.3.1).

        `old` is the group that this one continues or branches from (§11.2, §11.3); `others` are the ids of our groups.
        """
        entered, info = enter(
            welcome,
            key_package,
            secrets,
            signer,
            authenticate=authenticate,
            now=now,
            ratchet_tree=ratchet_tree,
            psks=psks,
            old=old,
            same=same,
        )
        _check_new(entered.public.group_id, others)
        return cls._entered(entered, signer, policy), GroupInfoSeen(info.extensions, info.signer)

    @classmethod
    def join_external(
        cls,
        group_info: bytes,
        signer: Signer,
        credential: Credential,
        *,
        authenticate: Authenticate,
        now: Moment,
        wish: JoinWish | None = None,
        ratchet_tree: bytes | None = None,
        psks: PskLookup = no_psks,
        authenticated_data: bytes = b"",
        capabilities: Capabilities | None = None,
        same: SameClient = same_credential,
        others: Container[bytes] = (),
        policy: GroupPolicy = DEFAULT_POLICY,
    ) -> "CommitResult[MemberGroup]":
        """By an external commit (RFC 9420 §12.4.3.2), from a GroupInfo with an external key.

        With `wish.remove`, our own leaf of before is replaced (resync). We are in once the commit is accepted.
        """
        info, wish = GroupInfo.decode(group_info), wish or JoinWish()
        _check_new(info.context.group_id, others)
        group = outside_view(info, ratchet_tree, wish, authenticate, now)
        leaf, _ = new_leaf(group.suite, signer, credential, capabilities or default_capabilities(), now)
        made = make_external_commit(
            group,
            info,
            leaf,
            signer,
            wish,
            authenticate=authenticate,
            same=same,
            psks=psks,
            options=CommitOptions(authenticated_data),
        )
        event = made.staged.event
        entered = Entered(made.staged.group, event.sender, made.keys, made.secrets, made.encryption_secret)
        pending = cls._entered(entered, signer, policy)
        message = PublicMessage(made.content, b"").encode()
        return CommitResult(message, None, pending, event.added, event.removed, None)

    @classmethod
    def _entered(cls, entered: Entered, signer: Signer, policy: GroupPolicy) -> "MemberGroup":
        tree = SecretTree.plant(entered.public.tree.leaves, entered.encryption_secret)
        return cls(entered.public, entered.own_leaf, signer, entered.keys, entered.secrets, tree, policy=policy)

    def group_info(
        self, *, with_tree: bool = True, with_external_pub: bool = False, extensions: tuple[Extension, ...] = ()
    ) -> bytes:
        """The group's public state as an MLSMessage, signed by us: for a node, or for whoever may join by itself."""
        self.require_active()
        if with_external_pub:
            extensions = (external_pub_extension(self.suite, self.secrets), *extensions)
        return make_group_info(self.public, self.own_leaf, self.signer, extensions, with_tree=with_tree).encode()

    # Going on as another group

    def reinit(
        self,
        packages: Sequence[bytes | KeyPackage],
        *,
        authenticate: Authenticate,
        now: Moment,
        signer: Signer | None = None,
        credential: Credential | None = None,
        same: SameClient = same_credential,
    ) -> "CommitResult[MemberGroup]":
        """After a ReInit: found the group that it names, with a key package of every other member (RFC 9420 §11.2).

        `signer` and `credential` are ours in the new group, where its suite asks for others.
        """
        to = self.public.reinit
        if to is None:
            raise IllegalStep("no commit has reinitialised this group")
        first = MemberGroup.create(
            to.suite_id,
            to.group_id,
            signer or self.signer,
            credential or self.credential,
            extensions=to.extensions,
            now=now,
            policy=self.policy,
        )
        result = self._continued(first, packages, ResumptionUsage.REINIT, authenticate, now, same)
        check_complete(self, [person.credential for person in result.pending.members], same)
        return result

    def branch(
        self,
        group_id: bytes,
        packages: Sequence[bytes | KeyPackage],
        *,
        extensions: tuple[Extension, ...] = (),
        authenticate: Authenticate,
        now: Moment,
        same: SameClient = same_credential,
    ) -> "CommitResult[MemberGroup]":
        """Found a subgroup of some members, by a new key package of each (RFC 9420 §11.3)."""
        self.require_active()
        first = MemberGroup.create(
            self.public.suite_id,
            group_id,
            self.signer,
            self.credential,
            extensions=extensions,
            now=now,
            policy=self.policy,
        )
        return self._continued(first, packages, ResumptionUsage.BRANCH, authenticate, now, same)

    def _continued(
        self,
        first: "MemberGroup",
        packages: Sequence[bytes | KeyPackage],
        usage: ResumptionUsage,
        authenticate: Authenticate,
        now: Moment,
        same: SameClient,
    ) -> "CommitResult[MemberGroup]":
        """The new group's first commit, tied to this epoch; nobody enters it who is not in this group."""
        link = resumption_psk(first.suite, usage, self.group_id, self.epoch)
        lookup = self.with_resumption(no_psks)
        result = first.commit(add=packages, inject=[link], authenticate=authenticate, now=now, psks=lookup)
        before = [person.credential for person in self.members]
        check_subset(before, [person.credential for person in result.pending.members], same)
        return result


def _check_new(group_id: bytes, others: Container[bytes]) -> None:
    if group_id in others:
        raise AlreadyExists(group_id.hex()[:12], what="group", rule="RFC 9420 §12.4.3 (1)")
