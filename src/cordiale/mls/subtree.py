"""A place in the ratchet tree with all that is below it (RFC 9420 §4.1, §7.8).

Places never change. A changed tree is new along the paths that changed and shares every other place with the tree before,
with the hashes computed so far, so that a change costs what a path costs, however many members there are. Indices grow
from left to right (appendix C), so that a place is found by its index as in a search tree.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

import msgspec

from cordiale.crypto.suite import Suite
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.syntax import opaque, optional, u8, u32, vector
from cordiale.mls.tree_math import NodeIndex, level
from cordiale.vocab.identifier import LeafIndex

LEAF: Final = 1
PARENT: Final = 2
"""NodeType (RFC 9420 §7.8)."""


class ParentNode(msgspec.Struct, frozen=True, dict=True):
    """A subtree's key; `unmerged` members below (ascending) do not hold its private half."""

    encryption_key: bytes
    parent_hash: bytes
    unmerged: tuple[LeafIndex, ...]

    @cached_property
    def encoded(self) -> bytes:
        """As in a tree."""
        return opaque(self.encryption_key) + opaque(self.parent_hash) + vector(map(u32, self.unmerged))

    def without(self, absent: Sequence[LeafIndex]) -> "ParentNode":
        """As it was before these leaves entered."""
        left_out = frozenset(absent)
        kept = tuple(leaf for leaf in self.unmerged if leaf not in left_out)
        return ParentNode(self.encryption_key, self.parent_hash, kept)


Node = LeafNode | ParentNode


class Leaf:
    """The place of one member; `node` is `None` while it is blank."""

    __slots__ = ("_hash", "has_members", "has_room", "index", "is_empty", "node")

    def __init__(self, index: NodeIndex, node: LeafNode | None) -> None:
        self.index: Final = index
        self.node: Final = node
        self.is_empty: Final = node is None
        self.has_members: Final = node is not None
        self.has_room: Final = node is None
        self._hash: bytes | None = None

    def tree_hash(self, suite: Suite) -> bytes:
        """The leaf's hash, computed once."""
        if self._hash is None:
            self._hash = self._hashed(suite, self.node)
        return self._hash

    def hash_without(self, suite: Suite, absent: Sequence[LeafIndex]) -> bytes:
        """As if the place were blank, if `absent` names it."""
        return self._hashed(suite, None) if absent else self.tree_hash(suite)

    def _hashed(self, suite: Suite, node: LeafNode | None) -> bytes:
        there = None if node is None else node.encoded
        return suite.hash(u8(LEAF) + u32(self.index >> 1) + optional(there))

    def resolve(self, found: list[NodeIndex]) -> None:
        """Append the resolution."""
        if self.node is not None:
            found.append(self.index)

    def collect(self, found: list[Node | None]) -> None:
        """Append all nodes from left to right."""
        found.append(self.node)

    def with_leaves(self, leaves: "Leaves", _above: "Above") -> "Leaf":
        """The place with the one that is given, if one is."""
        return Leaf(self.index, leaves[0][1]) if leaves else self


class Branch:
    """A parent's place and its two halves; `node` is `None` while it is blank.

    `is_empty`: no node below, itself included, so that its resolution is empty. `has_room`: a leaf below is blank.
    """

    __slots__ = ("_hash", "has_members", "has_room", "index", "is_empty", "left", "node", "right")

    def __init__(self, index: NodeIndex, node: ParentNode | None, left: "Subtree", right: "Subtree") -> None:
        self.index: Final = index
        self.node: Final = node
        self.left: Final = left
        self.right: Final = right
        self.is_empty: Final = node is None and left.is_empty and right.is_empty
        self.has_members: Final = left.has_members or right.has_members
        self.has_room: Final = left.has_room or right.has_room
        self._hash: bytes | None = None

    def tree_hash(self, suite: Suite) -> bytes:
        """The subtree's hash, computed once."""
        if self._hash is None:
            below = opaque(self.left.tree_hash(suite)) + opaque(self.right.tree_hash(suite))
            self._hash = self._hashed(suite, self.node, below)
        return self._hash

    def hash_without(self, suite: Suite, absent: Sequence[LeafIndex]) -> bytes:
        """The subtree's hash as it was before `absent` (leaves below, ascending) entered."""
        if not absent:
            return self.tree_hash(suite)
        cut = bisect_left(absent, (self.index + 1) >> 1)
        lower = self.left.hash_without(suite, absent[:cut])
        upper = self.right.hash_without(suite, absent[cut:])
        node = None if self.node is None else self.node.without(absent)
        return self._hashed(suite, node, opaque(lower) + opaque(upper))

    def _hashed(self, suite: Suite, node: ParentNode | None, below: bytes) -> bytes:
        return suite.hash(u8(PARENT) + optional(None if node is None else node.encoded) + below)

    def resolve(self, found: list[NodeIndex]) -> None:
        """Append the resolution (RFC 9420 §4.1.1): the nodes that together cover the members below."""
        if self.node is not None:
            found.append(self.index)
            found.extend(NodeIndex(2 * leaf) for leaf in self.node.unmerged)
        elif not self.is_empty:
            self.left.resolve(found)
            self.right.resolve(found)

    def collect(self, found: list[Node | None]) -> None:
        """Append all nodes from left to right."""
        self.left.collect(found)
        found.append(self.node)
        self.right.collect(found)

    def with_leaves(self, leaves: "Leaves", above: "Above") -> "Branch":
        """The subtree with these leaves below it, and what `above` makes of each parent over any of them."""
        if not leaves:
            return self
        cut = bisect_left(leaves, self.index, key=_index)
        lower, upper = self.left.with_leaves(leaves[:cut], above), self.right.with_leaves(leaves[cut:], above)
        return Branch(self.index, above(self, leaves), lower, upper)


Subtree = Leaf | Branch
Leaves = Sequence[tuple[NodeIndex, LeafNode | None]]
"""What stands at which leaf from now on, each once, from left to right."""
Above = Callable[[Branch, Leaves], ParentNode | None]


def _index(leaf: tuple[NodeIndex, LeafNode | None]) -> NodeIndex:
    return leaf[0]


def blanks(subtree: Subtree) -> Iterator[NodeIndex]:
    """The blank leaves from left to right."""
    waiting = [subtree]
    while waiting:
        place = waiting.pop()
        if isinstance(place, Branch):
            if place.has_room:
                waiting += (place.right, place.left)
        elif place.node is None:
            yield place.index


def plant(nodes: Sequence[Node | None], first: int = 0) -> Subtree:
    """The places of nodes given from left to right, the first of which has the index `first`."""
    row: list[Subtree] = [
        Leaf(NodeIndex(first + index), node if isinstance(node, LeafNode) else None)
        for index, node in zip(range(0, len(nodes), 2), nodes[::2], strict=True)
    ]
    while len(row) > 1:
        row = [_joined(lower, upper, nodes, first) for lower, upper in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def _joined(lower: Subtree, upper: Subtree, nodes: Sequence[Node | None], first: int) -> Branch:
    index = (lower.index + upper.index) >> 1
    node = nodes[index - first]
    return Branch(NodeIndex(index), node if isinstance(node, ParentNode) else None, lower, upper)


def within(subtree: Subtree, leaves: Sequence[LeafIndex]) -> Sequence[LeafIndex]:
    """Those of the leaves (ascending) that are below."""
    if not leaves:
        return ()
    reach = (1 << level(subtree.index)) - 1
    first, last = (subtree.index - reach) >> 1, (subtree.index + reach) >> 1
    return leaves[bisect_left(leaves, first) : bisect_left(leaves, last + 1)]


def changes(before: Subtree, after: Subtree) -> Iterator[tuple[Node | None, Node | None]]:
    """What stood and what stands, at each place where one tree is not the other's very own."""
    if before is after:
        return
    if before.index == after.index:
        yield before.node, after.node
        if isinstance(before, Branch) and isinstance(after, Branch):
            yield from changes(before.left, after.left)
            yield from changes(before.right, after.right)
    elif isinstance(after, Branch) and before.index < after.index:
        yield from ((None, node) for node in (after.node, *_all(after.right)))
        yield from changes(before, after.left)
    elif isinstance(before, Branch):
        yield from ((node, None) for node in (before.node, *_all(before.right)))
        yield from changes(before.left, after)


def _all(subtree: Subtree) -> list[Node | None]:
    found: list[Node | None] = []
    subtree.collect(found)
    return found
