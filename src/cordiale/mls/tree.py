"""The ratchet tree's public side (RFC 9420 §4.1, §7.1, §7.8): nodes, resolutions, tree hashes and its encoding.

A tree never changes; `tree_edit` derives a new one, which shares with it what did not change (see `subtree`). Invariants:
the leaf count is a power of two, leaves sit at even indices and parents at odd ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Self

from cordiale.crypto.suite import Suite
from cordiale.errors import LimitExceeded, ProtocolViolation
from cordiale.mls.census import Census
from cordiale.mls.leaf_node import LeafNode, read_leaf_node
from cordiale.mls.subtree import LEAF, PARENT, Branch, Node, ParentNode, Subtree, changes, plant, within
from cordiale.mls.syntax import Reader, optional, parse, u8, vector
from cordiale.mls.tree_math import NodeIndex, is_leaf, node_of, node_width
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits

_BLANK: Final = optional(None)
_HEADS: Final[Mapping[type[Node], bytes]] = MappingProxyType(
    {LeafNode: optional(u8(LEAF)), ParentNode: optional(u8(PARENT))}
)
"""What stands before a node in a tree: that it is there, and its type."""


class RatchetTree:
    """Nodes by index; `None` is a blank. Equal when its nodes are."""

    __slots__ = ("_census", "suite", "top")

    def __init__(self, suite: Suite, nodes: Sequence[Node | None]) -> None:
        self.suite = suite
        self.top: Subtree = plant(nodes)
        self._census: Census | None = None

    def derived(self, top: Subtree) -> "RatchetTree":
        """A tree that was made from this one's places."""
        made = RatchetTree.__new__(RatchetTree)
        made.suite, made.top = self.suite, top
        moved = [(old, new) for old, new in changes(self.top, top) if old is not new]
        gone = [old for old, _ in moved if old is not None]
        made._census = self.census.changed(gone, [new for _, new in moved if new is not None])
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RatchetTree) and (self.suite, self.nodes) == (other.suite, other.nodes)

    def __hash__(self) -> int:
        return hash(self.tree_hash())

    def __repr__(self) -> str:
        return f"RatchetTree({self.leaves} leaves)"

    # Looking

    @property
    def leaves(self) -> int:
        """How many members have a place: a power of two."""
        return self.top.index + 1

    @property
    def nodes(self) -> tuple[Node | None, ...]:
        """All nodes by index. Takes time for each: what asks for one node or a path should ask for that."""
        found: list[Node | None] = []
        self.top.collect(found)
        return tuple(found)

    @property
    def census(self) -> Census:
        """What its members have in common; taken once, and then carried on from tree to tree."""
        if self._census is None:
            self._census = Census().changed((), [node for node in self.nodes if node is not None])
        return self._census

    def subtree(self, index: NodeIndex) -> Subtree:
        """The place of an index within the tree, with all below it."""
        found = self.top
        while found.index != index:
            if not isinstance(found, Branch):
                raise IndexError(index)
            found = found.left if index < found.index else found.right
        return found

    def node(self, index: NodeIndex) -> Node | None:
        """The node at an index; `None` if blank or outside."""
        return self.subtree(index).node if 0 <= index < node_width(self.leaves) else None

    def leaf(self, index: LeafIndex) -> LeafNode | None:
        """The leaf at an index; `None` if blank or outside."""
        node = self.node(node_of(index))
        return node if isinstance(node, LeafNode) else None

    def member(self, index: LeafIndex, *, rule: str) -> LeafNode:
        """The leaf at an index, or `ProtocolViolation` of `rule` if nobody is there."""
        leaf = self.leaf(index)
        if leaf is None:
            raise ProtocolViolation(f"nobody is at leaf {index}", rule=rule)
        return leaf

    def parent(self, index: NodeIndex) -> ParentNode | None:
        """The parent node at an index; `None` if blank."""
        node = self.node(index)
        return node if isinstance(node, ParentNode) else None

    def members(self) -> Iterator[tuple[LeafIndex, LeafNode]]:
        """All leaves that are not blank, in order."""
        for index, node in enumerate(self.nodes[::2]):
            if isinstance(node, LeafNode):
                yield LeafIndex(index), node

    def resolution(self, index: NodeIndex) -> tuple[NodeIndex, ...]:
        """The nodes that together cover a subtree's members (RFC 9420 §4.1.1)."""
        found: list[NodeIndex] = []
        self.subtree(index).resolve(found)
        return tuple(found)

    def path(self, leaf: LeafIndex) -> tuple[tuple[Branch, Subtree], ...]:
        """The direct path and the copath, bottom up: (place above, its child beside)."""
        found: list[tuple[Branch, Subtree]] = []
        place, node = self.top, node_of(leaf)
        while isinstance(place, Branch):
            onward, beside = (place.left, place.right) if node < place.index else (place.right, place.left)
            found.append((place, beside))
            place = onward
        return tuple(reversed(found))

    def filtered_path(self, leaf: LeafIndex) -> tuple[tuple[NodeIndex, NodeIndex], ...]:
        """The filtered direct path (RFC 9420 §4.1.2), bottom up: (node, its child on the copath)."""
        return tuple((above.index, beside.index) for above, beside in self.path(leaf) if not beside.is_empty)

    # Hashing (RFC 9420 §7.8)

    def tree_hash(self) -> bytes:
        """The root's hash."""
        return self.top.tree_hash(self.suite)

    def subtree_hash(self, index: NodeIndex) -> bytes:
        """A subtree's hash."""
        return self.subtree(index).tree_hash(self.suite)

    def original_hash(self, subtree: Subtree, unmerged: Sequence[LeafIndex]) -> bytes:
        """A subtree's hash as it was before the `unmerged` leaves (ascending) entered (RFC 9420 §7.9)."""
        return subtree.hash_without(self.suite, within(subtree, unmerged))

    # Encoding (RFC 9420 §12.4.3.3)

    def encode(self) -> bytes:
        """The data of a ratchet_tree extension: no blanks at the end."""
        nodes = self.nodes
        width = len(nodes)
        while width and nodes[width - 1] is None:
            width -= 1
        return vector([_BLANK if node is None else _HEADS[type(node)] + node.encoded for node in nodes[:width]])

    @classmethod
    def read(cls, reader: Reader, suite: Suite) -> Self:
        """The data of a ratchet_tree extension; nothing but its form is checked."""
        nodes = list(reader.many(lambda inner: inner.optional(_read_node)))
        if not nodes or nodes[-1] is None:
            reader.fail("a ratchet tree that is empty or ends in a blank", rule="RFC 9420 §12.4.3.3 (1)")
        if len(nodes) > node_width(limits.ROOM_MEMBERS):
            raise LimitExceeded(f"a ratchet tree of {len(nodes)} nodes; {limits.ROOM_MEMBERS} members allowed")
        for index, node in enumerate(nodes):
            if node is not None and isinstance(node, LeafNode) != is_leaf(NodeIndex(index)):
                reader.fail(f"node {index} is of the wrong type", rule="RFC 9420 §12.4.3.3 (2)")
        leaves = 1 << (len(nodes) // 2).bit_length()
        nodes.extend([None] * (node_width(leaves) - len(nodes)))
        return cls(suite, nodes)

    @classmethod
    def decode(cls, data: bytes, suite: Suite) -> Self:
        """The data of a ratchet_tree extension."""
        return parse(data, lambda reader: cls.read(reader, suite), "ratchet tree", limit=limits.MLS_ROOM_BYTES)


def _read_node(reader: Reader) -> Node:
    kind = reader.u8()
    if kind == LEAF:
        return read_leaf_node(reader)
    if kind != PARENT:
        reader.fail(f"node type {kind}")
    encryption_key, parent_hash = reader.opaque(), reader.opaque()
    unmerged = tuple(LeafIndex(leaf) for leaf in reader.many(Reader.u32))
    # RFC 9420 §7.1: unmerged leaves are ascending, so each occurs once.
    if any(one >= other for one, other in pairwise(unmerged)):
        reader.fail("unmerged leaves are not ascending", rule="RFC 9420 §7.1 (1)")
    return ParentNode(encryption_key, parent_hash, unmerged)
