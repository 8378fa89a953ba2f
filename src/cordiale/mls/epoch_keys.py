"""What an epoch leaves behind, for a few epochs: messages arrive late (RFC 9420 §14), and commits may name its
resumption key (§8.6)."""

from functools import cached_property
from typing import Self

import msgspec

from cordiale.mls.credential import read_credential
from cordiale.mls.events import Member
from cordiale.mls.group_context import GroupContext
from cordiale.mls.roster import Roster, StoredRoster
from cordiale.mls.secret_tree import SecretTree
from cordiale.mls.sender_data import SenderDataSecret
from cordiale.mls.syntax import Reader, opaque, u32, vector
from cordiale.vocab.identifier import LeafIndex


class EpochKeys(msgspec.Struct, frozen=True, dict=True):
    """The epoch's context and members, so that its signatures still verify, and what remains of its keys."""

    context: GroupContext
    members: Roster
    sender_data: SenderDataSecret
    secret_tree: SecretTree
    resumption: bytes

    def __repr__(self) -> str:
        return f"EpochKeys(epoch={self.context.epoch})"

    def without(self, secret_tree: SecretTree) -> Self:
        """The same epoch after a key was used."""
        return msgspec.structs.replace(self, secret_tree=secret_tree)

    @cached_property
    def encoded(self) -> bytes:
        """For an encrypted store; equal keys have equal bytes."""
        members = vector(
            u32(member.leaf_index) + member.credential.encode() + opaque(member.signature_key)
            for member in self.members
        )
        return b"".join(
            (
                self.context.encoded,
                members,
                opaque(self.sender_data.secret),
                self.secret_tree.encode(),
                opaque(self.resumption),
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """What `encoded` wrote."""
        context, members = GroupContext.read(reader), StoredRoster(reader.many(_read_member))
        sender_data = SenderDataSecret(context.suite, reader.opaque())
        return cls(context, members, sender_data, SecretTree.read(reader), reader.opaque())


def _read_member(reader: Reader) -> Member:
    return Member(LeafIndex(reader.u32()), read_credential(reader), reader.opaque())
