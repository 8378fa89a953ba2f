"""All that a member keeps of a group, and its form in an encrypted store: equal states have equal bytes."""

from collections.abc import Mapping
from typing import Final, Self

import msgspec

from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.signature import Signer, signer_from_seed
from cordiale.crypto.suite import Suite
from cordiale.errors import CannotDecrypt, ProtocolViolation
from cordiale.mls.credential import Credential
from cordiale.mls.epoch_keys import EpochKeys
from cordiale.mls.events import Member
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
    `past` the latest epochs that it can still read, newest first. Once `evicted`, it only reads."""

    public: PublicGroup
    own_leaf: LeafIndex
    signer: Signer
    keys: Mapping[NodeIndex, KeyPair]
    secrets: EpochSecrets
    secret_tree: SecretTree
    past: tuple[EpochKeys, ...] = ()
    updates: tuple[KeyPair, ...] = ()
    evicted: bool = False

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
        return self.public.tree.member(self.own_leaf, rule="RFC 9420 §7.2").credential

    @property
    def epoch_authenticator(self) -> bytes:
        """Equal for all members of an epoch (RFC 9420 §8.7): people may compare it aloud."""
        return self.secrets.authenticator

    def current_keys(self) -> EpochKeys:
        """What opens this epoch's messages."""
        secrets = self.secrets
        return EpochKeys(
            self.public.context, self.public.members, secrets.sender_data, self.secret_tree, secrets.resumption
        )

    def keys_of(self, group_id: bytes, epoch: Epoch) -> EpochKeys:
        """What opens the messages of an epoch, if it is this or one of the last."""
        if group_id != self.group_id:
            raise ProtocolViolation("the message is for another group", rule="RFC 9420 §6")
        if epoch > self.epoch:
            raise ProtocolViolation(f"epoch {epoch} is ahead of {self.epoch}", rule="RFC 9420 §14")
        if epoch == self.epoch:
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
            past=(self.current_keys(), *self.past)[: limits.PAST_EPOCHS],
            updates=(),
        )

    def encode(self) -> bytes:
        """The whole state with its secrets."""
        return b"".join(
            (
                u8(_STATE_VERSION),
                opaque(self.public.encode()),
                u32(self.own_leaf),
                opaque(self.signer.seed()),
                vector(u32(node) + _encode_pair(pair) for node, pair in sorted(self.keys.items())),
                self.secrets.encode(),
                self.secret_tree.encode(),
                vector(keys.encoded for keys in self.past),
                vector(map(_encode_pair, self.updates)),
                u8(self.evicted),
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """What `encode` wrote."""
        return parse(data, cls._read, "member state", limit=limits.MLS_STATE_BYTES)

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        if (version := reader.u8()) != _STATE_VERSION:
            reader.fail(f"state version {version}")
        public, own_leaf = PublicGroup.decode(reader.opaque()), LeafIndex(reader.u32())
        return cls(
            public,
            own_leaf,
            signer_from_seed(public.suite.scheme, reader.opaque()),
            dict(reader.many(_read_key)),
            EpochSecrets.read(reader),
            SecretTree.read(reader),
            reader.many(EpochKeys.read),
            reader.many(_read_pair),
            reader.u8() == 1,
        )


def _encode_pair(pair: KeyPair) -> bytes:
    return opaque(pair.private) + opaque(pair.public)


def _read_pair(reader: Reader) -> KeyPair:
    return KeyPair(reader.opaque(), reader.opaque())


def _read_key(reader: Reader) -> tuple[NodeIndex, KeyPair]:
    return NodeIndex(reader.u32()), _read_pair(reader)
