"""Changing a ratchet tree (RFC 9420 §7.5, §7.7, §12.1): a worktable from which a new tree is frozen."""

from collections.abc import Sequence

from cordiale.errors import LimitExceeded
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.tree import Node, ParentNode, RatchetTree
from cordiale.mls.tree_math import NodeIndex, direct_path, node_of
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits


class TreeEdit:
    """Starts as a copy of a tree. Callers have checked that what they ask for is allowed."""

    __slots__ = ("_hashes", "_nodes", "_suite")

    def __init__(self, tree: RatchetTree) -> None:
        self._suite = tree.suite
        self._nodes: list[Node | None] = list(tree.nodes)
        self._hashes = tree.known_hashes()

    def frozen(self) -> RatchetTree:
        """The tree as it is now."""
        return RatchetTree(self._suite, self._nodes, self._hashes)

    @property
    def _leaves(self) -> int:
        return (len(self._nodes) + 1) // 2

    def add(self, leaf: LeafNode) -> LeafIndex:
        """Enter at the leftmost blank leaf, unmerged in every parent above (RFC 9420 §12.1.1)."""
        index = self._first_blank()
        node = node_of(index)
        self._put(node, leaf)
        for above in direct_path(node, self._leaves):
            parent = self._nodes[above]
            if isinstance(parent, ParentNode):
                unmerged = tuple(sorted((*parent.unmerged, index)))
                self._nodes[above] = ParentNode(parent.encryption_key, parent.parent_hash, unmerged)
        return index

    def update(self, index: LeafIndex, leaf: LeafNode) -> None:
        """Replace a leaf and blank its path (RFC 9420 §12.1.2)."""
        self._put(node_of(index), leaf)
        self._blank_path(index)

    def remove(self, index: LeafIndex) -> None:
        """Blank a leaf and its path, then drop right halves without members (RFC 9420 §12.1.3)."""
        self._put(node_of(index), None)
        self._blank_path(index)
        while self._leaves > 1 and not any(self._nodes[self._leaves :: 2]):
            width = self._leaves - 1
            del self._nodes[width:], self._hashes[width:]

    def apply_path(self, index: LeafIndex, leaf: LeafNode, parents: Sequence[tuple[NodeIndex, ParentNode]]) -> None:
        """Merge an update path (RFC 9420 §7.5): the path is blanked but for the nodes given."""
        self.update(index, leaf)
        for above, parent in parents:
            self._nodes[above] = parent

    def _put(self, node: NodeIndex, leaf: LeafNode | None) -> None:
        self._nodes[node] = leaf
        for stale in (node, *direct_path(node, self._leaves)):
            self._hashes[stale] = None

    def _blank_path(self, index: LeafIndex) -> None:
        for above in direct_path(node_of(index), self._leaves):
            self._nodes[above] = None

    def _first_blank(self) -> LeafIndex:
        for index in range(self._leaves):
            if self._nodes[2 * index] is None:
                return LeafIndex(index)
        index = self._leaves
        if index >= limits.ROOM_MEMBERS:
            raise LimitExceeded(f"{limits.ROOM_MEMBERS} members are allowed in a room")
        grown = [None] * (len(self._nodes) + 1)
        self._nodes.extend(grown)
        self._hashes.extend(grown)
        return LeafIndex(index)
