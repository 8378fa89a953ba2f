"""Commits and update paths (RFC 9420 §12.4, §7.6): a list of changes, and fresh keys from the committer up."""

from functools import cached_property
from typing import Self

import msgspec

from cordiale.crypto.sealed import Sealed
from cordiale.mls.leaf_node import LeafNode, read_leaf_node
from cordiale.mls.proposal import ProposalOrRef, encode_proposal_or_ref, read_proposal_or_ref
from cordiale.mls.syntax import Reader, opaque, optional, vector


def encode_sealed(sealed: Sealed) -> bytes:
    """HPKECiphertext."""
    return opaque(sealed.kem_output) + opaque(sealed.ciphertext)


def read_sealed(reader: Reader) -> Sealed:
    """HPKECiphertext."""
    return Sealed(reader.opaque(), reader.opaque())


class PathNode(msgspec.Struct, frozen=True):
    """A parent's new public key, and its path secret for each node of the copath child's resolution, in order."""

    encryption_key: bytes
    secrets: tuple[Sealed, ...]

    def encode(self) -> bytes:
        """UpdatePathNode."""
        return opaque(self.encryption_key) + vector(map(encode_sealed, self.secrets))

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """UpdatePathNode."""
        return cls(reader.opaque(), reader.many(read_sealed))


class UpdatePath(msgspec.Struct, frozen=True):
    """The committer's new leaf and one node for each of its filtered direct path, bottom up."""

    leaf_node: LeafNode
    nodes: tuple[PathNode, ...]

    def encode(self) -> bytes:
        """As in a commit."""
        return self.leaf_node.encoded + vector(node.encode() for node in self.nodes)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """As in a commit."""
        return cls(read_leaf_node(reader), reader.many(PathNode.read))


class Commit(msgspec.Struct, frozen=True, dict=True):
    """Applied as a whole, or not at all."""

    proposals: tuple[ProposalOrRef, ...]
    path: UpdatePath | None

    def encode(self) -> bytes:
        """As in a framed content. It is signed, hashed and sent, and may be long: its bytes are made once."""
        return self._encoded

    @cached_property
    def _encoded(self) -> bytes:
        path = None if self.path is None else self.path.encode()
        return vector(map(encode_proposal_or_ref, self.proposals)) + optional(path)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """As in a framed content."""
        start = reader.position()
        commit = cls(reader.many(read_proposal_or_ref), reader.optional(UpdatePath.read))
        # What the cached property would come to: a commit has one encoding, and this is it.
        vars(commit).update(_encoded=reader.since(start))
        return commit
