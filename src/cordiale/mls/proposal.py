"""Proposals (RFC 9420 §12.1): the changes that a commit can bring about, and references to them.

Types outside this table (GREASE values among them, which RFC 9420 §13.5 forbids to send here) have no length and so
cannot be skipped: they are malformed, and a commit that holds one is refused as §12.2 asks of unsupported types. Which
proposals are valid is `proposal_check`'s matter, which a list may combine `proposal_list`'s.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import msgspec

from cordiale.mls.extension import Extension, encode_extensions, read_extensions
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.leaf_node import SELF_REMOVE, LeafNode, read_leaf_node
from cordiale.mls.syntax import Reader, opaque, u8, u16, u32, u64
from cordiale.mls.wire_format import MLS10
from cordiale.vocab.identifier import Epoch, LeafIndex


class ProposalType(IntEnum):
    """RFC 9420 §17.4; SELF_REMOVE: draft-ietf-mls-extensions-08 §7.3 (suggested value)."""

    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7
    SELF_REMOVE = SELF_REMOVE


class ResumptionUsage(IntEnum):
    """ResumptionPSKUsage (RFC 9420 §8.4)."""

    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


class ExternalPsk(msgspec.Struct, frozen=True):
    """A pre-shared key agreed elsewhere. `nonce` is fresh for each use."""

    psk_id: bytes
    nonce: bytes

    def encode(self) -> bytes:
        """PreSharedKeyID."""
        return u8(1) + opaque(self.psk_id) + opaque(self.nonce)


class ResumptionPsk(msgspec.Struct, frozen=True):
    """The resumption key of an epoch of this or another group."""

    usage: ResumptionUsage
    group_id: bytes
    epoch: Epoch
    nonce: bytes

    def encode(self) -> bytes:
        """PreSharedKeyID."""
        return u8(2) + u8(self.usage) + opaque(self.group_id) + u64(self.epoch) + opaque(self.nonce)


PskId = ExternalPsk | ResumptionPsk


class Add(msgspec.Struct, frozen=True):
    """Somebody enters."""

    key_package: KeyPackage

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.1."""
        return ProposalType.ADD

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + self.key_package.encoded


class Update(msgspec.Struct, frozen=True):
    """The sender replaces its own leaf."""

    leaf_node: LeafNode

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.2."""
        return ProposalType.UPDATE

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + self.leaf_node.encoded


class Remove(msgspec.Struct, frozen=True):
    """Somebody leaves, or is put out."""

    removed: LeafIndex

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.3."""
        return ProposalType.REMOVE

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + u32(self.removed)


class PreSharedKey(msgspec.Struct, frozen=True):
    """A pre-shared key enters the key schedule."""

    psk: PskId

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.4."""
        return ProposalType.PSK

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + self.psk.encode()


class ReInit(msgspec.Struct, frozen=True):
    """The group ends and goes on as another, of a suite that this engine may not do."""

    group_id: bytes
    suite_id: int
    extensions: tuple[Extension, ...]

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.5."""
        return ProposalType.REINIT

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + self.encode_body()

    def encode_body(self) -> bytes:
        """By itself, as `read_reinit` reads it."""
        head = opaque(self.group_id) + u16(MLS10) + u16(self.suite_id)
        return head + encode_extensions(self.extensions)


class ExternalInit(msgspec.Struct, frozen=True):
    """The init secret of somebody who joins by an external commit."""

    kem_output: bytes

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.6."""
        return ProposalType.EXTERNAL_INIT

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + opaque(self.kem_output)


class GroupContextExtensions(msgspec.Struct, frozen=True):
    """The group context's extensions are replaced."""

    extensions: tuple[Extension, ...]

    @property
    def type(self) -> ProposalType:
        """RFC 9420 §12.1.7."""
        return ProposalType.GROUP_CONTEXT_EXTENSIONS

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return u16(self.type) + encode_extensions(self.extensions)


class SelfRemove(msgspec.Struct, frozen=True):
    """The sender leaves; unlike a Remove, somebody who joins by an external commit may commit it, too."""

    @property
    def type(self) -> ProposalType:
        """draft-ietf-mls-extensions-08 §6.3."""
        return ProposalType.SELF_REMOVE

    def encode(self) -> bytes:
        """As in a proposal."""
        return u16(self.type)


Proposal = Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions | SelfRemove


class ProposalRef(msgspec.Struct, frozen=True):
    """A proposal sent before, by its reference (RFC 9420 §5.2)."""

    reference: bytes


ProposalOrRef = Proposal | ProposalRef


def read_psk_id(reader: Reader) -> PskId:
    """PreSharedKeyID (RFC 9420 §8.4)."""
    kind = reader.u8()
    if kind == 1:
        return ExternalPsk(reader.opaque(), reader.opaque())
    if kind != 2:
        reader.fail(f"pre-shared key type {kind}")
    usage = reader.u8()
    if not ResumptionUsage.APPLICATION <= usage <= ResumptionUsage.BRANCH:
        reader.fail(f"resumption usage {usage}")
    return ResumptionPsk(ResumptionUsage(usage), reader.opaque(), Epoch(reader.u64()), reader.opaque())


def read_reinit(reader: Reader) -> ReInit:
    """ReInit."""
    group_id = reader.opaque()
    if (version := reader.u16()) != MLS10:
        reader.fail(f"protocol version {version}", rule="RFC 9420 §12.1.5 (1)")
    return ReInit(group_id, reader.u16(), read_extensions(reader))


_READERS: Final[Mapping[int, Callable[[Reader], Proposal]]] = MappingProxyType(
    {
        ProposalType.ADD: lambda reader: Add(KeyPackage.read(reader)),
        ProposalType.UPDATE: lambda reader: Update(read_leaf_node(reader)),
        ProposalType.REMOVE: lambda reader: Remove(LeafIndex(reader.u32())),
        ProposalType.PSK: lambda reader: PreSharedKey(read_psk_id(reader)),
        ProposalType.REINIT: read_reinit,
        ProposalType.EXTERNAL_INIT: lambda reader: ExternalInit(reader.opaque()),
        ProposalType.GROUP_CONTEXT_EXTENSIONS: lambda reader: GroupContextExtensions(read_extensions(reader)),
        ProposalType.SELF_REMOVE: lambda _: SelfRemove(),
    }
)


def read_proposal(reader: Reader) -> Proposal:
    """One proposal."""
    kind = reader.u16()
    read = _READERS.get(kind)
    if read is None:
        reader.fail(f"proposal type {kind}", rule="RFC 9420 §12.1 (1)")
    return read(reader)


def read_proposal_or_ref(reader: Reader) -> ProposalOrRef:
    """One element of a commit's list."""
    kind = reader.u8()
    if kind == 1:
        return read_proposal(reader)
    if kind != 2:
        reader.fail(f"proposal-or-reference type {kind}")
    return ProposalRef(reader.opaque())


def encode_proposal_or_ref(item: ProposalOrRef) -> bytes:
    """One element of a commit's list."""
    if isinstance(item, ProposalRef):
        return u8(2) + opaque(item.reference)
    return u8(1) + item.encode()
