"""All that a member keeps of a group, and its form in an encrypted store: equal states have equal bytes."""

from collections.abc import Mapping
from typing import Final, Self

import msgspec

from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.signature import Signer, signer_from_seed
from cordiale.crypto.suite import Suite
from cordiale.errors import CannotDecrypt, IllegalStep, ProtocolViolation
from cordiale.mls.credential import Credential
from cordiale.mls.epoch_keys import EpochKeys
from cordiale.mls.events import Member
from cordiale.mls.group_policy import DEFAULT_POLICY, GroupPolicy
from cordiale.mls.proposal import PskId, ResumptionPsk
from cordiale.mls.psk import PskLookup
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.schedule import EpochSecrets
from cordiale.mls.secret_tree import SecretTree
from cordiale.mls.syntax import Reader, opaque, parse, u8, u32, vector
from cordiale.mls.tree_kem import still_valid
from cordiale.mls.tree_math import NodeIndex
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.wire import limits

_STATE_VERSION: Final = 1


class MemberState(msgspec.Struct, frozen=True, dict=True):
    """One member's group. `keys` are its private keys in the tree, `updates` those of its own waiting updates,
    `past` the latest epochs that it can still read, newest first. Once `evicted`, or once the group was reinitialised
    as another, it only reads."""

    public: PublicGroup
    own_leaf: LeafIndex
    signer: Signer
    keys: Mapping[NodeIndex, KeyPair]
    secrets: EpochSecrets
    secret_tree: SecretTree
    past: tuple[EpochKeys, ...] = ()
    updates: tuple[KeyPair, ...] = ()
    evicted: bool = False
    policy: GroupPolicy = DEFAULT_POLICY

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.group_id[:6].hex()}…, epoch={self.epoch}, own_leaf={self.own_leaf})"

    @property
    def group_id(self) -> bytes:
        """The group's name; a room's id."""
        return self.public.group_id

    @property
    def epoch(self) -> Epoch:
        """How many commits happened since the group was made."""
        return self.public.epoch

    @property
    def suite(self) -> Suite:
        """The cipher suite's row."""
        return self.public.suite

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody in the group, by leaf."""
        return self.public.members

    @property
    def credential(self) -> Credential:
        """One's own credential in the group."""
        return self.public.tree.member(self.own_leaf, rule="RFC 9420 §6.1 (2)").credential

    @property
    def epoch_authenticator(self) -> bytes:
        """Equal for all members of an epoch (RFC 9420 §8.7): people may compare it aloud."""
        return self.secrets.authenticator

    def current_keys(self) -> EpochKeys:
        """What opens this epoch's messages."""
        secrets = self.secrets
        return EpochKeys(
            self.public.context, self.public.roster, secrets.sender_data, self.secret_tree, secrets.resumption
        )

    def keys_of(self, group_id: bytes, epoch: Epoch) -> EpochKeys:
        """What opens the messages of an epoch, if it is this or one of the last."""
        now = self.public.context
        if group_id != now.group_id:
            raise ProtocolViolation("the message is for another group", rule="RFC 9420 §6 (2)")
        if epoch > now.epoch:
            raise ProtocolViolation(f"epoch {epoch} is ahead of {now.epoch}", rule="RFC 9420 §15 (1)")
        if epoch == now.epoch and self.secrets.sender_data.secret:
            return self.current_keys()
        for keys in self.past:
            if keys.context.epoch == epoch:
                return keys
        raise CannotDecrypt(f"the keys of epoch {epoch} are erased")

    def without_key(self, used: EpochKeys, tree: SecretTree) -> Self:
        """The state after a key of an epoch was used, leaving `tree`."""
        if used.context.epoch == self.epoch:
            return msgspec.structs.replace(self, secret_tree=tree)
        past = tuple(used.without(tree) if keys is used else keys for keys in self.past)
        return msgspec.structs.replace(self, past=past)

    def with_resumption(self, psks: PskLookup) -> PskLookup:
        """A lookup that also knows this group's own epochs (RFC 9420 §8.6)."""
        known = {keys.context.epoch: keys.resumption for keys in (self.current_keys(), *self.past)}

        def look_up(psk: PskId) -> bytes:
            if isinstance(psk, ResumptionPsk) and psk.group_id == self.group_id and psk.epoch in known:
                return known[psk.epoch]
            return psks(psk)

        return look_up

    def advanced(
        self, group: PublicGroup, keys: Mapping[NodeIndex, KeyPair], secrets: EpochSecrets, encryption_secret: bytes
    ) -> Self:
        """The next epoch; this one joins those that can still be read, and the oldest is forgotten."""
        return msgspec.structs.replace(
            self,
            public=group,
            keys=still_valid(keys, group.tree),
            secrets=secrets,
            secret_tree=SecretTree.plant(group.tree.leaves, encryption_secret),
            past=self._past_of_next(),
            updates=(),
        )

    def succeeded_by(self, pending: Self) -> Self:
        """Our own commit's state, adopted now: what was read since it was made stays read."""
        if (pending.group_id, pending.epoch) != (self.group_id, self.epoch + 1):
            raise IllegalStep("the pending state does not follow this epoch")
        return msgspec.structs.replace(pending, past=self._past_of_next())

    def _past_of_next(self) -> tuple[EpochKeys, ...]:
        return (self.current_keys(), *self.past)[: self.policy.past_epochs]

    def without_past(self) -> Self:
        """The same epoch alone: what a pending state is stored as."""
        return msgspec.structs.replace(self, past=())

    def forgotten(self) -> Self:
        """The public state alone: what remains of a group that one has left."""
        secrets, tree = EpochSecrets.none(self.suite), SecretTree(self.secret_tree.leaves, {})
        return msgspec.structs.replace(
            self, keys={}, secrets=secrets, secret_tree=tree, past=(), updates=(), evicted=True
        )

    def require_active(self) -> None:
        """Raise `IllegalStep` where the group may only be read."""
        if self.evicted:
            raise IllegalStep("we were removed from this group")
        if self.public.reinit is not None:
            raise IllegalStep("this group has ended and goes on as another", rule="RFC 9420 §12.4.2 (6)")

    def encode(self) -> bytes:
        """The whole state with its secrets."""
        return b"".join(
            (
                opaque(self.public.encode()),
                self.secret_tree.encode(),
                vector(keys.encoded for keys in self.past),
                self.encode_own(),
            )
        )

    @property
    def own(self) -> tuple[object, ...]:
        """What `encode_own` writes, to be compared: no message changes it."""
        return self.own_leaf, self.signer, self.keys, self.secrets, self.updates, self.evicted, self.policy

    def encode_own(self) -> bytes:
        """What is this member's alone: its private keys and the epoch's secrets, but for those of messages."""
        return b"".join(
            (
                u8(_STATE_VERSION),
                u32(self.own_leaf),
                opaque(self.signer.seed()),
                vector(u32(node) + _encode_pair(pair) for node, pair in sorted(self.keys.items())),
                self.secrets.encode(),
                vector(map(_encode_pair, self.updates)),
                u8(self.evicted),
                self.policy.encode(),
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """What `encode` wrote."""
        return parse(data, cls._read, "member state", limit=limits.MLS_STATE_BYTES)

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        public, tree = PublicGroup.decode(reader.opaque()), SecretTree.read(reader)
        return cls.read_own(reader, public, tree, reader.many(EpochKeys.read))

    @classmethod
    def read_own(cls, reader: Reader, public: PublicGroup, tree: SecretTree, past: tuple[EpochKeys, ...]) -> Self:
        """A state of what `encode_own` wrote and the rest."""
        if (version := reader.u8()) != _STATE_VERSION:
            reader.fail(f"state version {version}")
        own_leaf, signer = LeafIndex(reader.u32()), signer_from_seed(public.suite.scheme, reader.opaque())
        keys, secrets = dict(reader.many(_read_key)), EpochSecrets.read(reader, public.suite)
        updates, evicted = reader.many(_read_pair), reader.u8() == 1
        policy = GroupPolicy.read(reader)
        return cls(public, own_leaf, signer, keys, secrets, tree, past, updates, evicted, policy)


def _encode_pair(pair: KeyPair) -> bytes:
    return opaque(pair.private) + opaque(pair.public)


def _read_pair(reader: Reader) -> KeyPair:
    return KeyPair(reader.opaque(), reader.opaque())


def _read_key(reader: Reader) -> tuple[NodeIndex, KeyPair]:
    return NodeIndex(reader.u32()), _read_pair(reader)
