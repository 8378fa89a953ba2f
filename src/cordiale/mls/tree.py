"""The ratchet tree's public side (RFC 9420 §4.1, §7.1, §7.8): nodes, resolutions, tree hashes and its encoding.

A tree never changes; `tree_edit` derives a new one. Invariants: the leaf count is a power of two, leaves sit at even
indices and parents at odd ones. Hashes of subtrees are computed once and handed on to derived trees where unchanged.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, Self

import msgspec

from cordiale.crypto.suite import Suite
from cordiale.errors import LimitExceeded, ProtocolViolation
from cordiale.mls.leaf_node import LeafNode, read_leaf_node
from cordiale.mls.syntax import Reader, opaque, optional, parse, u8, u32, vector
from cordiale.mls.tree_math import (
    NodeIndex,
    copath,
    direct_path,
    is_leaf,
    is_within,
    leaf_of,
    left,
    node_of,
    node_width,
    right,
    root,
)
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

_LEAF: Final = 1
_PARENT: Final = 2


class ParentNode(msgspec.Struct, frozen=True):
    """A subtree's key; `unmerged` members below (ascending) do not hold its private half."""

    encryption_key: bytes
    parent_hash: bytes
    unmerged: tuple[LeafIndex, ...]

    def encode(self) -> bytes:
        """As in a tree."""
        return opaque(self.encryption_key) + opaque(self.parent_hash) + vector(map(u32, self.unmerged))


Node = LeafNode | ParentNode


class RatchetTree:
    """Nodes by index; `None` is a blank. Equal when its nodes are."""

    __slots__ = ("_hashes", "leaves", "nodes", "suite")

    def __init__(self, suite: Suite, nodes: Sequence[Node | None], hashes: list[bytes | None] | None = None) -> None:
        self.suite: Final = suite
        self.nodes: Final = tuple(nodes)
        self.leaves: Final = (len(self.nodes) + 1) // 2
        self._hashes: Final[list[bytes | None]] = [None] * len(self.nodes) if hashes is None else hashes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RatchetTree) and (self.suite, self.nodes) == (other.suite, other.nodes)

    def __hash__(self) -> int:
        return hash(self.tree_hash())

    def __repr__(self) -> str:
        return f"RatchetTree({self.leaves} leaves)"

    def known_hashes(self) -> list[bytes | None]:
        """A copy of the hashes computed so far, for a derived tree."""
        return self._hashes.copy()

    # Looking

    def leaf(self, index: LeafIndex) -> LeafNode | None:
        """The leaf at an index; `None` if blank or outside."""
        node = self.nodes[node_of(index)] if 0 <= index < self.leaves else None
        return node if isinstance(node, LeafNode) else None

    def member(self, index: LeafIndex, *, rule: str) -> LeafNode:
        """The leaf at an index, or `ProtocolViolation` of `rule` if nobody is there."""
        leaf = self.leaf(index)
        if leaf is None:
            raise ProtocolViolation(f"nobody is at leaf {index}", rule=rule)
        return leaf

    def parent(self, index: NodeIndex) -> ParentNode | None:
        """The parent node at an index; `None` if blank."""
        node = self.nodes[index]
        return node if isinstance(node, ParentNode) else None

    def members(self) -> Iterator[tuple[LeafIndex, LeafNode]]:
        """All leaves that are not blank, in order."""
        for index, node in enumerate(self.nodes[::2]):
            if isinstance(node, LeafNode):
                yield LeafIndex(index), node

    def resolution(self, index: NodeIndex) -> tuple[NodeIndex, ...]:
        """The nodes that together cover a subtree's members (RFC 9420 §4.1.1)."""
        node = self.nodes[index]
        if isinstance(node, ParentNode):
            return (index, *map(node_of, node.unmerged))
        if node is not None:
            return (index,)
        return () if is_leaf(index) else self.resolution(left(index)) + self.resolution(right(index))

    def is_empty(self, index: NodeIndex) -> bool:
        """Whether a subtree's resolution is empty."""
        if self.nodes[index] is not None:
            return False
        return is_leaf(index) or (self.is_empty(left(index)) and self.is_empty(right(index)))

    def filtered_path(self, leaf: LeafIndex) -> tuple[tuple[NodeIndex, NodeIndex], ...]:
        """The filtered direct path (RFC 9420 §4.1.2), bottom up: (node, its child on the copath)."""
        node = node_of(leaf)
        pairs = zip(direct_path(node, self.leaves), copath(node, self.leaves), strict=True)
        return tuple((above, beside) for above, beside in pairs if not self.is_empty(beside))

    # Hashing (RFC 9420 §7.8)

    def tree_hash(self) -> bytes:
        """The root's hash."""
        return self.subtree_hash(root(self.leaves))

    def subtree_hash(self, index: NodeIndex) -> bytes:
        """A subtree's hash."""
        known = self._hashes[index]
        if known is None:
            known = self._hash(index, frozenset())
            self._hashes[index] = known
        return known

    def original_hash(self, index: NodeIndex, unmerged: Sequence[LeafIndex]) -> bytes:
        """A subtree's hash as it was before the `unmerged` leaves entered (RFC 9420 §7.9)."""
        within = frozenset(leaf for leaf in unmerged if is_within(node_of(leaf), index))
        return self._hash(index, within) if within else self.subtree_hash(index)

    def _hash(self, index: NodeIndex, without: frozenset[LeafIndex]) -> bytes:
        node = self.nodes[index]
        if is_leaf(index):
            leaf = leaf_of(index)
            there = node.encoded if isinstance(node, LeafNode) and leaf not in without else None
            return self.suite.hash(u8(_LEAF) + u32(leaf) + optional(there))
        parent = None
        if isinstance(node, ParentNode):
            kept = tuple(leaf for leaf in node.unmerged if leaf not in without)
            parent = ParentNode(node.encryption_key, node.parent_hash, kept).encode()
        below = (self.original_hash(child, tuple(without)) for child in (left(index), right(index)))
        return self.suite.hash(u8(_PARENT) + optional(parent) + b"".join(map(opaque, below)))

    # Encoding (RFC 9420 §12.4.3.3)

    def encode(self) -> bytes:
        """The data of a ratchet_tree extension: no blanks at the end."""
        width = max((index for index, node in enumerate(self.nodes) if node is not None), default=-1) + 1
        return vector(optional(None if node is None else _encode_node(node)) for node in self.nodes[:width])

    @classmethod
    def read(cls, reader: Reader, suite: Suite) -> Self:
        """The data of a ratchet_tree extension; nothing but its form is checked."""
        nodes = list(reader.many(lambda inner: inner.optional(_read_node)))
        if not nodes or nodes[-1] is None:
            reader.fail("a ratchet tree that is empty or ends in a blank")
        if len(nodes) > node_width(limits.ROOM_MEMBERS):
            raise LimitExceeded(f"a ratchet tree of {len(nodes)} nodes; {limits.ROOM_MEMBERS} members allowed")
        for index, node in enumerate(nodes):
            if node is not None and isinstance(node, LeafNode) != is_leaf(NodeIndex(index)):
                reader.fail(f"node {index} is of the wrong type")
        leaves = 1 << (len(nodes) // 2).bit_length()
        nodes.extend([None] * (node_width(leaves) - len(nodes)))
        return cls(suite, nodes)

    @classmethod
    def decode(cls, data: bytes, suite: Suite) -> Self:
        """The data of a ratchet_tree extension."""
        return parse(data, lambda reader: cls.read(reader, suite), "ratchet tree", limit=limits.BODY_BYTES)


def _encode_node(node: Node) -> bytes:
    if isinstance(node, LeafNode):
        return u8(_LEAF) + node.encoded
    return u8(_PARENT) + node.encode()


def _read_node(reader: Reader) -> Node:
    kind = reader.u8()
    if kind == _LEAF:
        return read_leaf_node(reader)
    if kind != _PARENT:
        reader.fail(f"node type {kind}")
    encryption_key, parent_hash = reader.opaque(), reader.opaque()
    unmerged = tuple(LeafIndex(leaf) for leaf in reader.many(Reader.u32))
    # RFC 9420 §7.1: unmerged leaves are ascending, so each occurs once.
    if any(one >= other for one, other in pairwise(unmerged)):
        reader.fail("unmerged leaves are not ascending")
    return ParentNode(encryption_key, parent_hash, unmerged)
