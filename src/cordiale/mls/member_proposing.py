"""What a member proposes (RFC 9420 §12.1): each proposal waits, here and at all who process it, for a commit."""

from typing import Self

import msgspec

from cordiale.crypto import hpke
from cordiale.errors import IllegalStep
from cordiale.mls.content import AuthenticatedContent, member
from cordiale.mls.credential import Authenticate, Credential
from cordiale.mls.events import ProposalSeen
from cordiale.mls.extension import Extension
from cordiale.mls.handshake_framing import frame
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.leaf_node import Source
from cordiale.mls.member_speaking import SpeakingMember
from cordiale.mls.proposal import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalType,
    PskId,
    ReInit,
    Remove,
    SelfRemove,
    Update,
)
from cordiale.mls.same_client import SameClient, same_credential
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from cordiale.vocab.moment import Moment


class ProposingMember(SpeakingMember, frozen=True, dict=True):
    """Proposals; each gives the state in which it waits, and the message to send."""

    def propose_add(
        self, key_package: bytes | KeyPackage, *, authenticate: Authenticate, now: Moment
    ) -> tuple[Self, bytes]:
        """Propose that somebody enters."""
        return self.propose(Add(usable_package(key_package, now)), authenticate=authenticate)

    def propose_remove(self, leaf: LeafIndex) -> tuple[Self, bytes]:
        """Propose that somebody leaves; oneself, too."""
        return self.propose(Remove(leaf), authenticate=_trust)

    def propose_self_remove(self) -> tuple[Self, bytes]:
        """Leave, so that even somebody who joins by an external commit can commit it; once in an epoch.

        draft-ietf-mls-extensions §6.3: always a PublicMessage, and only where every member supports it.
        """
        me = member(self.own_leaf)
        if any(item.sender == me and isinstance(item.proposal, SelfRemove) for item in self.public.waiting):
            raise IllegalStep("our leaving is proposed already")
        leaves = self.public.tree.members()
        if not all(leaf.capabilities.knows_proposal(ProposalType.SELF_REMOVE) for _, leaf in leaves):
            raise IllegalStep("not every member supports SelfRemove: propose a Remove of oneself")
        return self.propose(SelfRemove(), authenticate=_trust, wire_format=WireFormat.PUBLIC_MESSAGE)

    def propose_update(self) -> tuple[Self, bytes]:
        """Propose a fresh key of one's own; it is in force once another member commits it."""
        self.require_active()
        pair = hpke.generate(self.suite)
        leaf = msgspec.structs.replace(
            self.public.tree.member(self.own_leaf, rule="RFC 9420 §6.1 (2)"),
            encryption_key=pair.public,
            source=Source.UPDATE,
            lifetime=None,
            parent_hash=b"",
        ).signed(self.signer, self.group_id, self.own_leaf)
        group, message = self.propose(Update(leaf), authenticate=_trust)
        return msgspec.structs.replace(group, updates=(*self.updates, pair)), message

    def propose_psk(self, psk: PskId) -> tuple[Self, bytes]:
        """Propose that a pre-shared key enters the key schedule; the committer must have it, the proposer need not."""
        return self.propose(PreSharedKey(psk), authenticate=_trust)

    def propose_group_context_extensions(
        self, extensions: tuple[Extension, ...], *, authenticate: Authenticate
    ) -> tuple[Self, bytes]:
        """Propose to replace all of the group context's extensions."""
        return self.propose(GroupContextExtensions(extensions), authenticate=authenticate)

    def propose_reinit(
        self, group_id: bytes, suite_id: int, extensions: tuple[Extension, ...] = ()
    ) -> tuple[Self, bytes]:
        """Propose that the group ends and goes on as another (RFC 9420 §11.2)."""
        return self.propose(ReInit(group_id, suite_id, extensions), authenticate=_trust)

    def propose(
        self,
        proposal: Proposal,
        *,
        authenticate: Authenticate,
        authenticated_data: bytes = b"",
        wire_format: WireFormat | None = None,
        same: SameClient = same_credential,
    ) -> tuple[Self, bytes]:
        """Any proposal, checked as the others will check it; the group's policy chooses the form if nobody does."""
        self.require_active()
        content = self.signed(wire_format or self.policy.handshakes, proposal, authenticated_data)
        framed = frame(self, content)
        is_public = framed.secret_tree is self.secret_tree
        spent = self if is_public else msgspec.structs.replace(self, secret_tree=framed.secret_tree)
        if self.waits(content) is not None:
            return spent, framed.message
        group, _ = self.public.with_proposal(content, authenticate, same)
        return msgspec.structs.replace(spent, public=group), framed.message

    def waits(self, content: AuthenticatedContent) -> ProposalSeen | None:
        """Our own proposal, made before: come back from the hub, or made again (a signature may be deterministic)."""
        reference = content.reference(self.suite)
        for item in self.public.waiting:
            if item.reference == reference:
                return ProposalSeen(item.sender, item.proposal, reference)
        return None


def usable_package(package: bytes | KeyPackage, now: Moment) -> KeyPackage:
    """Parsed, and within its lifetime."""
    parsed = package if isinstance(package, KeyPackage) else KeyPackage.decode(package)
    parsed.check_lifetime(now)
    return parsed


def _trust(credential: Credential, signature_key: bytes) -> None:
    """For one's own proposals that bring in nobody new."""
