"""A group as one of its members holds it (RFC 9420): the public group and the secrets of its epochs.

    create / join ──> MemberGroup ──┬── encrypt, decrypt ──> MemberGroup (a key spent)
                                    ├── propose_*, process(proposal) ──> MemberGroup (a proposal waits)
                                    ├── commit ──> CommitResult.pending, adopted once the hub took the message
                                    └── process(commit) ──> MemberGroup (next epoch), or evicted

Nothing ever changes in place: an operation gives a new group or raises, and what raises leaves no trace. The caller
stores the new group before it sends what the operation made. RFC 9420 §12.4 asks members to commit waiting proposals
before they send application data; the room's hub decides when, so that talk goes on while it is out of reach.
"""

from collections.abc import Sequence

import msgspec

from cordiale.crypto import hpke
from cordiale.crypto.signature import Signer
from cordiale.errors import IllegalStep, LimitExceeded
from cordiale.mls import schedule
from cordiale.mls.commit import Commit
from cordiale.mls.commit_following import follow
from cordiale.mls.commit_making import Committer, make_commit, make_group_info
from cordiale.mls.content import AuthenticatedContent, Content, FramedContent, SenderType, member, sign
from cordiale.mls.credential import Authenticate, Credential
from cordiale.mls.entering import Entered, enter, found
from cordiale.mls.events import Evicted, Member, MemberEvent, ProposalSeen
from cordiale.mls.extension import Extension
from cordiale.mls.framing import PrivateMessage, PublicMessage
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.leaf_node import Source
from cordiale.mls.member_state import MemberState
from cordiale.mls.private_message import open_message, seal_message
from cordiale.mls.proposal import Add, GroupContextExtensions, Proposal, Remove, Update
from cordiale.mls.proposal_choice import choose
from cordiale.mls.proposal_list import Proposed
from cordiale.mls.psk import PskLookup, no_psks
from cordiale.mls.secret_tree import SecretTree
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.vocab.moment import Moment
from cordiale.wire import limits


class GroupInfoSeen(msgspec.Struct, frozen=True):
    """What the Welcome's GroupInfo said: its extensions (a room's title) and who signed it."""

    extensions: tuple[Extension, ...]
    signer: LeafIndex


class Received(msgspec.Struct, frozen=True):
    """A decrypted, verified application message."""

    plaintext: bytes
    authenticated_data: bytes
    sender: LeafIndex
    sender_credential: Credential
    sender_signature_key: bytes
    epoch: Epoch
    generation: int


class CommitResult(msgspec.Struct, frozen=True):
    """A commit to send, a Welcome for those it adds, and our state once it is accepted."""

    message: bytes
    welcome: bytes | None
    pending: "MemberGroup"
    added: tuple[Member, ...]
    removed: tuple[Member, ...]


class MemberGroup(MemberState, frozen=True, dict=True):
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
    ) -> "MemberGroup":
        """A new group with oneself in it (RFC 9420 §11)."""
        return cls._entered(found(suite_id, group_id, signer, credential, extensions, now), signer)

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
    ) -> "tuple[MemberGroup, GroupInfoSeen]":
        """By a Welcome for our key package (RFC 9420 §12.4.3.1)."""
        entered, info = enter(
            welcome,
            key_package,
            secrets,
            signer,
            authenticate=authenticate,
            now=now,
            ratchet_tree=ratchet_tree,
            psks=psks,
        )
        return cls._entered(entered, signer), GroupInfoSeen(info.extensions, info.signer)

    @classmethod
    def _entered(cls, entered: Entered, signer: Signer) -> "MemberGroup":
        tree = SecretTree.plant(entered.public.tree.leaves, entered.encryption_secret)
        return cls(entered.public, entered.own_leaf, signer, entered.keys, entered.secrets, tree)

    def group_info(self, *, with_tree: bool = True, extensions: tuple[Extension, ...] = ()) -> bytes:
        """The group's public state as an MLSMessage, signed by us; for the node's public group."""
        self._require_member()
        return make_group_info(self.public, self.own_leaf, self.signer, extensions, with_tree=with_tree).encode()

    # Changing

    def propose_add(
        self, key_package: bytes | KeyPackage, *, authenticate: Authenticate, now: Moment
    ) -> "tuple[MemberGroup, bytes]":
        """Propose that somebody enters."""
        return self._propose(Add(_package(key_package, now)), authenticate)

    def propose_remove(self, leaf: LeafIndex) -> "tuple[MemberGroup, bytes]":
        """Propose that somebody leaves; oneself, too."""
        return self._propose(Remove(leaf), _trust)

    def propose_update(self) -> "tuple[MemberGroup, bytes]":
        """Propose a fresh key of one's own; it is in force once another member commits it."""
        pair = hpke.generate(self.suite)
        leaf = msgspec.structs.replace(
            self.public.tree.member(self.own_leaf, rule="RFC 9420 §12.1.2"),
            encryption_key=pair.public,
            source=Source.UPDATE,
            lifetime=None,
            parent_hash=b"",
        ).signed(self.signer, self.group_id, self.own_leaf)
        group, message = self._propose(Update(leaf), _trust)
        return msgspec.structs.replace(group, updates=(*self.updates, pair)), message

    def _propose(self, proposal: Proposal, authenticate: Authenticate) -> "tuple[MemberGroup, bytes]":
        self._require_member()
        content = self._signed(WireFormat.PUBLIC_MESSAGE, proposal, b"")
        tag = schedule.membership_tag(self.public.context, self.secrets, content)
        message = PublicMessage(content, tag).encode()
        if self._waiting(content) is not None:
            return self, message
        group, _ = self.public.with_proposal(content, authenticate)
        return msgspec.structs.replace(self, public=group), message

    def commit(
        self,
        *,
        add: Sequence[bytes | KeyPackage] = (),
        remove: Sequence[LeafIndex] = (),
        extensions: tuple[Extension, ...] | None = None,
        group_info_extensions: tuple[Extension, ...] = (),
        authenticated_data: bytes = b"",
        authenticate: Authenticate,
        now: Moment,
        psks: PskLookup = no_psks,
    ) -> CommitResult:
        """Commit the changes given and all waiting proposals that go with them, with a fresh path of our own.

        `self` stays in force until the hub accepts `message`; then `pending` takes its place.
        """
        self._require_member()
        me, psks = member(self.own_leaf), self.with_resumption(psks)
        wanted: list[Proposal] = [] if extensions is None else [GroupContextExtensions(extensions)]
        wanted.extend(map(Remove, remove))
        wanted.extend(Add(_package(package, now)) for package in add)
        own = [Proposed(me, proposal) for proposal in wanted]
        tree, context = self.public.tree, self.public.context
        items = choose(tree, context, self.own_leaf, self.public.waiting, own, psks)
        made = make_commit(
            Committer(self.public, self.own_leaf, self.signer, self.secrets),
            items,
            authenticate=authenticate,
            psks=psks,
            authenticated_data=authenticated_data,
            info_extensions=group_info_extensions,
        )
        keys = {**self.keys, **made.keys}
        pending = self.advanced(made.staged.group, keys, made.secrets, made.encryption_secret)
        event = made.staged.event
        return CommitResult(made.message, made.welcome, pending, event.added, event.removed)

    def process(
        self, message: bytes, *, authenticate: Authenticate, now: Moment, psks: PskLookup = no_psks
    ) -> "tuple[MemberGroup, MemberEvent]":
        """A proposal or commit as an MLSMessage of type PublicMessage, in the hub's order."""
        del now  # See KeyPackage.check_lifetime: a commit is as valid next month as today.
        self._require_member()
        parsed = PublicMessage.decode(message)
        content, framed = parsed.content, parsed.content.framed
        self.public.check_place(framed.group_id, framed.epoch)
        if framed.sender.type is SenderType.MEMBER:
            schedule.check_membership(self.public.context, self.secrets, content, parsed.membership_tag)
        self.public.check_sender(content)
        return self.process_content(content, authenticate, psks)

    def process_content(
        self, content: AuthenticatedContent, authenticate: Authenticate, psks: PskLookup
    ) -> "tuple[MemberGroup, MemberEvent]":
        """A handshake whose framing is verified already."""
        is_own = content.framed.sender == member(self.own_leaf)
        if isinstance(content.framed.content, Commit):
            if is_own:
                raise IllegalStep("one's own commit came back: adopt its pending state instead")
            staged = self.public.stage(content, authenticate)
            if self.own_leaf in staged.applied.removed:
                return msgspec.structs.replace(self, evicted=True), Evicted(staged.event.sender, staged.event.epoch)
            after = follow(self, staged, self.with_resumption(psks))
            return self.advanced(staged.group, after.keys, after.secrets, after.encryption_secret), staged.event
        if is_own and (known := self._waiting(content)) is not None:
            return self, known
        group, event = self.public.with_proposal(content, authenticate)
        return msgspec.structs.replace(self, public=group), event

    def _waiting(self, content: AuthenticatedContent) -> ProposalSeen | None:
        """Our own proposal, made before: come back from the hub, or made again (a signature may be deterministic)."""
        reference = content.reference(self.suite)
        for item in self.public.waiting:
            if item.reference == reference:
                return ProposalSeen(item.sender, item.proposal, reference)
        return None

    # Talking

    def encrypt(self, plaintext: bytes, authenticated_data: bytes) -> "tuple[MemberGroup, bytes]":
        """An application message (RFC 9420 §6.3); `authenticated_data` is readable by all who carry it."""
        self._require_member()
        if len(plaintext) + len(authenticated_data) > limits.MESSAGE_BYTES - limits.MLS_PADDING_STEP:
            raise LimitExceeded(f"a message of {len(plaintext)} bytes, {limits.MESSAGE_BYTES} allowed with framing")
        content = self._signed(WireFormat.PRIVATE_MESSAGE, plaintext, authenticated_data)
        sealed, tree = seal_message(content, self.secrets.sender_data, self.secret_tree, self.suite)
        return msgspec.structs.replace(self, secret_tree=tree), sealed.encode()

    def decrypt(self, message: bytes) -> "tuple[MemberGroup, Received]":
        """An application message of this epoch or one of the last; each opens once."""
        if len(message) > limits.MESSAGE_BYTES:
            raise LimitExceeded(f"a message of {len(message)} bytes, {limits.MESSAGE_BYTES} allowed")
        sealed = PrivateMessage.decode(message)
        keys = self.keys_of(sealed.group_id, sealed.epoch)
        opened = open_message(sealed, keys, self.own_leaf)
        framed, who = opened.content.framed, opened.sender
        received = Received(
            opened.application_data(),
            framed.authenticated_data,
            who.leaf_index,
            who.credential,
            who.signature_key,
            framed.epoch,
            opened.generation,
        )
        return self.without_key(keys, opened.secret_tree), received

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """A secret that all members of the epoch share (RFC 9420 §8.5), for another use than messages."""
        return schedule.export(self.suite, self.secrets, label, context, length)

    def _signed(self, wire_format: WireFormat, content: Content, authenticated_data: bytes) -> AuthenticatedContent:
        framed = FramedContent(self.group_id, self.epoch, member(self.own_leaf), authenticated_data, content)
        return sign(self.signer, wire_format, framed, self.public.context.encoded)

    def _require_member(self) -> None:
        if self.evicted:
            raise IllegalStep("we were removed from this group")


def _package(package: bytes | KeyPackage, now: Moment) -> KeyPackage:
    """Parsed, and within its lifetime."""
    parsed = package if isinstance(package, KeyPackage) else KeyPackage.decode(package)
    parsed.check_lifetime(now)
    return parsed


def _trust(credential: Credential, signature_key: bytes) -> None:
    """For one's own proposals that bring in nobody new."""
