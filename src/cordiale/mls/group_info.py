"""GroupInfo (RFC 9420 §12.4.3): a group's public state, signed by a member for those who are outside."""

from functools import cached_property
from typing import Self

import msgspec

from cordiale.crypto.signature import Signer
from cordiale.errors import ProtocolViolation
from cordiale.mls.extension import RATCHET_TREE, Extension, encode_extensions, find, read_extensions
from cordiale.mls.group_context import GroupContext
from cordiale.mls.labelled import sign_with_label, verify_with_label
from cordiale.mls.syntax import Reader, opaque, parse, u32
from cordiale.mls.tree import RatchetTree
from cordiale.mls.wire_format import WireFormat, expect, header
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits


class GroupInfo(msgspec.Struct, frozen=True, dict=True):
    """Context, extensions (often the tree), the epoch's confirmation tag and who signed."""

    context: GroupContext
    extensions: tuple[Extension, ...]
    confirmation_tag: bytes
    signer: LeafIndex
    signature: bytes

    @cached_property
    def _unsigned(self) -> bytes:
        head = self.context.encoded + encode_extensions(self.extensions)
        return head + opaque(self.confirmation_tag) + u32(self.signer)

    @cached_property
    def encoded(self) -> bytes:
        """As in a Welcome."""
        return self._unsigned + opaque(self.signature)

    def encode(self) -> bytes:
        """As an MLSMessage."""
        return header(WireFormat.GROUP_INFO) + self.encoded

    @classmethod
    def decode(cls, message: bytes) -> Self:
        """From an MLSMessage."""
        return parse(message, cls._read_message, "group info", limit=limits.MLS_ROOM_BYTES)

    @classmethod
    def decode_bare(cls, data: bytes) -> Self:
        """As in a Welcome."""
        return parse(data, cls.read, "group info", limit=limits.MLS_ROOM_BYTES)

    @classmethod
    def _read_message(cls, reader: Reader) -> Self:
        expect(reader, WireFormat.GROUP_INFO)
        return cls.read(reader)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """As in a Welcome."""
        context, extensions = GroupContext.read(reader), read_extensions(reader)
        return cls(context, extensions, reader.opaque(), LeafIndex(reader.u32()), reader.opaque())

    def signed(self, signer: Signer) -> Self:
        """This group info with the signature of `self.signer`."""
        return msgspec.structs.replace(self, signature=sign_with_label(signer, "GroupInfoTBS", self._unsigned))

    def tree(self, given: bytes | None = None) -> RatchetTree:
        """The ratchet tree: `given` apart, or from the extension. Its hash must be the context's (§12.4.3.1)."""
        data = given if given is not None else find(self.extensions, RATCHET_TREE)
        if data is None:
            raise ProtocolViolation("no ratchet tree came with it", rule="RFC 9420 §12.4.3.3 (3)")
        tree = RatchetTree.decode(data, self.context.suite)
        if tree.tree_hash() != self.context.tree_hash:
            raise ProtocolViolation("the ratchet tree is not the group context's", rule="RFC 9420 §12.4.3.1 (8)")
        return tree

    def verify(self, tree: RatchetTree) -> None:
        """RFC 9420 §12.4.3.1: signed by the leaf that it names, which must not be blank."""
        leaf = tree.member(self.signer, rule="RFC 9420 §12.4.3.1 (5)")
        verify_with_label(
            tree.suite,
            leaf.signature_key,
            "GroupInfoTBS",
            self._unsigned,
            self.signature,
            what="group info",
            rule="RFC 9420 §12.4.3.1 (6)",
        )
