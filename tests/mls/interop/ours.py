"""Our engine's members."""

import time
from collections.abc import Sequence
from functools import partial

import msgspec

from cordiale.crypto import signature
from cordiale.crypto.suite import suite_of
from cordiale.errors import CordialeError, NotFound
from cordiale.mls.credential import BasicCredential
from cordiale.mls.extension import Extension
from cordiale.mls.group_policy import GroupPolicy
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import generate
from cordiale.mls.member_group import CommitResult, MemberGroup
from cordiale.mls.proposal import (
    Add,
    ExternalPsk,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    PskId,
    ReInit,
    Remove,
)
from cordiale.mls.tree import RatchetTree
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.moment import Moment
from mls.interop.member import Ability, Made, Manner, Question, Side, Target, View, Wish
from mls.people import anybody

_ABILITIES = frozenset(
    {
        Ability.AUTHENTICATED_DATA,
        Ability.PROPOSE_UPDATE,
        Ability.PRE_SHARED_KEYS,
        Ability.PROPOSE_EXTENSIONS,
        Ability.COMMIT_EXTENSIONS,
        Ability.LEAVES_OUT,
        Ability.MIXED_COMMIT,
        Ability.TALKS_WHILE_PROPOSALS_WAIT,
        Ability.PRIVATE_EXTENSIONS,
        Ability.SEES_ITSELF_REPLACED,
        Ability.READS_THE_DEPARTED,
        Ability.OUTLIVES_FORGERY,
        Ability.JOIN_FROM_OUTSIDE,
        Ability.PRIVATE_HANDSHAKES,
    }
)


def now() -> Moment:
    """The other implementations read the machine's clock: so does ours here."""
    return Moment(int(time.time() * 1000))


class OurMember:
    """`MemberGroup` behind `Member`."""

    side = Side.OURS
    can = _ABILITIES

    def __init__(self, name: str, suite_id: int, psks: dict[bytes, bytes]) -> None:
        self.name = name
        self._suite_id = suite_id
        self._psks = psks
        self._signer = signature.generate(suite_of(suite_id).scheme)
        self._group: MemberGroup | None = None
        self._result: CommitResult[MemberGroup] | None = None

    @property
    def group(self) -> MemberGroup:
        assert self._group is not None
        return self._group

    @property
    def is_out(self) -> bool:
        return self.group.evicted

    @property
    def _credential(self) -> BasicCredential:
        return BasicCredential(self.name.encode())

    def _psk(self, psk: PskId) -> bytes:
        if not isinstance(psk, ExternalPsk) or psk.psk_id not in self._psks:
            raise NotFound(repr(psk), what="pre-shared key")
        return self._psks[psk.psk_id]

    def key_package(self) -> bytes:
        since = now() // 1000
        lifetime = (since - 3600, since + 86_400)
        self._package, self._secrets = generate(self._suite_id, self._signer, self._credential, lifetime=lifetime)
        return self._package.encode()

    def found(self, group_id: bytes) -> None:
        self._group = MemberGroup.create(self._suite_id, group_id, self._signer, self._credential, now=now())

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        self._enter(welcome, tree, None)

    def _enter(self, welcome: bytes, tree: bytes | None, old: MemberGroup | None) -> None:
        self._group, _ = MemberGroup.join(
            welcome,
            self._package,
            self._secrets,
            self._signer,
            authenticate=anybody,
            now=now(),
            ratchet_tree=tree,
            psks=self._psk if old is None else old.with_resumption(self._psk),
            old=old,
        )

    def commit(self, wish: Wish) -> Made:
        self._choose(wish.manner)
        self._result = self.group.commit(
            add=wish.add,
            remove=[target.leaf for target in wish.remove],
            extensions=wish.extensions,
            inject=wish.psks,
            authenticated_data=wish.manner.authenticated_data,
            authenticate=anybody,
            now=now(),
            psks=self._psk,
        )
        self._group = self._result.before
        return Made(self._result.message, self._result.welcome, None)

    def _choose(self, manner: Manner) -> None:
        form = WireFormat.PRIVATE_MESSAGE if manner.in_private else WireFormat.PUBLIC_MESSAGE
        self._group = msgspec.structs.replace(self.group, policy=GroupPolicy(handshakes=form))

    def adopt(self, message: bytes) -> None:
        assert self._result is not None
        assert self._result.message == message
        self._group = self._result.pending

    def process(self, message: bytes) -> None:
        self._group, _ = self.group.process(message, authenticate=anybody, now=now(), psks=self._psk)

    def propose_add(self, key_package: bytes, manner: Manner) -> bytes:
        return self._propose(Add(KeyPackage.decode(key_package)), manner)

    def propose_remove(self, target: Target, manner: Manner) -> bytes:
        return self._propose(Remove(target.leaf), manner)

    def propose_update(self, manner: Manner) -> bytes:
        self._choose(manner)
        self._group, message = self.group.propose_update()
        return message

    def propose_psk(self, psk: PskId, manner: Manner) -> bytes:
        return self._propose(PreSharedKey(psk), manner)

    def propose_extensions(self, extensions: tuple[Extension, ...], manner: Manner) -> bytes:
        return self._propose(GroupContextExtensions(extensions), manner)

    def _propose(self, proposal: Proposal, manner: Manner) -> bytes:
        self._choose(manner)
        self._group, message = self.group.propose(
            proposal, authenticate=anybody, authenticated_data=manner.authenticated_data
        )
        return message

    def encrypt(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        self._group, message = self.group.encrypt(plaintext, authenticated_data)
        return message

    def decrypt(self, message: bytes) -> tuple[bytes, bytes | None, str | None]:
        self._group, received = self.group.decrypt(message)
        credential = received.sender_credential
        assert isinstance(credential, BasicCredential)
        return received.plaintext, received.authenticated_data, credential.identity.decode()

    def group_info(self) -> bytes:
        return self.group.group_info(with_external_pub=True)

    def join_from_outside(self, group_info: bytes, authenticated_data: bytes) -> bytes:
        self._result = MemberGroup.join_external(
            group_info,
            self._signer,
            self._credential,
            authenticate=anybody,
            now=now(),
            psks=self._psk,
            authenticated_data=authenticated_data,
        )
        return self._result.message

    def propose_reinit(self, group_id: bytes, suite_id: int, manner: Manner) -> bytes:
        """That the group ends and goes on as another."""
        return self._propose(ReInit(group_id, suite_id, ()), manner)

    def package_in(self, suite_id: int) -> bytes:
        """A key package for a group that goes on from this one."""
        self._suite_id = suite_id
        self._signer = signature.generate(suite_of(suite_id).scheme)
        return self.key_package()

    def go_on(self, packages: Sequence[bytes], branch: bytes | None) -> Made:
        """Found that group, of a new name if it is a branch."""
        if branch is None:
            result = self.group.reinit(packages, authenticate=anybody, now=now(), signer=self._signer)
        else:
            result = self.group.branch(branch, packages, authenticate=anybody, now=now())
        self._group = result.pending
        return Made(result.message, result.welcome, None)

    def follow_on(self, welcome: bytes, tree: bytes | None) -> None:
        """Enter it."""
        self._enter(welcome, tree, self.group)

    def reload(self) -> None:
        """From the bytes of an encrypted store, where nothing may be lost."""
        stored = self.group.encode()
        self._group = MemberGroup.decode(stored)
        assert self._group.encode() == stored

    def view(self, question: Question) -> View:
        group = self.group
        named = ((member.leaf_index, member.credential) for member in group.members)
        return View(
            epoch=group.epoch,
            exported=group.export(question.label, question.context, question.length),
            tree=group.public.tree.encode(),
            context=group.public.context.encoded,
            authenticator=group.epoch_authenticator,
            members=tuple((leaf, who.identity.decode()) for leaf, who in named if isinstance(who, BasicCredential)),
        )


class Ours:
    """All members of ours in one conversation."""

    can = OurMember.can
    refusal: type[Exception] = CordialeError

    def __init__(self, suite_id: int) -> None:
        self._psks: dict[bytes, bytes] = {}
        self.member = partial(OurMember, suite_id=suite_id, psks=self._psks)

    def admits(self, tree: RatchetTree) -> bool:
        return True

    def psk(self, psk_id: bytes, secret: bytes) -> None:
        self._psks[psk_id] = secret
