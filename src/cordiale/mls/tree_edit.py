"""Changing a ratchet tree (RFC 9420 §7.5, §7.7, §12.1): a worktable from which a new tree is frozen.

Those who enter are seated one by one and put into the tree together, so that a thousand cost little more than the tree.
"""

from collections.abc import Sequence
from itertools import chain, count

from cordiale.errors import LimitExceeded
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.subtree import Branch, Leaves, ParentNode, Subtree, blanks, plant
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_math import NodeIndex, leaf_of, node_of
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits


class TreeEdit:
    """Starts as a tree. Callers have checked that what they ask for is allowed."""

    __slots__ = ("_entering", "_seats", "_top", "_tree")

    def __init__(self, tree: RatchetTree) -> None:
        self._tree = tree
        self._lay(tree.top)

    def frozen(self) -> RatchetTree:
        """The tree as it is now."""
        return self._tree.derived(self._settled())

    def add(self, leaf: LeafNode) -> LeafIndex:
        """Enter at the leftmost blank leaf, unmerged in every parent above (RFC 9420 §12.1.1)."""
        node = NodeIndex(next(self._seats))
        if leaf_of(node) >= limits.ROOM_MEMBERS:
            raise LimitExceeded(f"{limits.ROOM_MEMBERS} members are allowed in a room")
        self._entering.append((node, leaf))
        return leaf_of(node)

    def update(self, index: LeafIndex, leaf: LeafNode) -> None:
        """Replace a leaf and blank its path (RFC 9420 §12.1.2)."""
        self.apply_path(index, leaf, ())

    def remove(self, index: LeafIndex) -> None:
        """Blank a leaf and its path, then drop right halves without members (RFC 9420 §12.1.3)."""
        top: Subtree = self._settled().with_leaves(((node_of(index), None),), _blank)
        while isinstance(top, Branch) and not top.right.has_members:
            top = top.left
        self._lay(top)

    def apply_path(self, index: LeafIndex, leaf: LeafNode, parents: Sequence[tuple[NodeIndex, ParentNode]]) -> None:
        """Merge an update path (RFC 9420 §7.5): the path is blanked but for the nodes given."""
        placed = dict(parents)
        leaves = ((node_of(index), leaf),)
        self._lay(self._settled().with_leaves(leaves, lambda place, _: placed.get(place.index)))

    def _lay(self, top: Subtree) -> None:
        """Go on from this tree, in which nobody waits to be seated."""
        self._top = top
        self._seats = chain(blanks(top), count(2 * top.index + 2, 2))
        self._entering: list[tuple[NodeIndex, LeafNode]] = []

    def _settled(self) -> Subtree:
        """The tree with those who entered in it: as wide as it takes."""
        if self._entering:
            top = self._top
            while self._entering[-1][0] > 2 * top.index:
                top = _doubled(top)
            self._lay(top.with_leaves(self._entering, _unmerged))
        return self._top


def _doubled(top: Subtree) -> Subtree:
    """Twice as many leaves: the tree becomes the left half."""
    width = 2 * top.index + 1
    return Branch(NodeIndex(width), None, top, plant([None] * width, first=width + 1))


def _blank(_place: Branch, _leaves: Leaves) -> None:
    return None


def _unmerged(place: Branch, leaves: Leaves) -> ParentNode | None:
    parent = place.node
    if parent is None:
        return None
    entering = (leaf_of(node) for node, _ in leaves)
    return ParentNode(parent.encryption_key, parent.parent_hash, tuple(sorted((*parent.unmerged, *entering))))
