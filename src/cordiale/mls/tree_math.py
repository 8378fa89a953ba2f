"""Array arithmetic of left-balanced binary trees whose leaf count is a power of two (RFC 9420 appendix C).

Leaves have even indices (leaf i at 2i), parents odd ones; a node at level k has its low k bits set. All functions are
total on node indices of a tree of `leaves` leaves; asking for the parent of the root or a child of a leaf is a
programmer's error and raises `ValueError`.
"""

from typing import NewType

from cordiale.vocab.identifier import LeafIndex

NodeIndex = NewType("NodeIndex", int)


def node_of(leaf: LeafIndex) -> NodeIndex:
    """The node index of a leaf."""
    return NodeIndex(2 * leaf)


def leaf_of(node: NodeIndex) -> LeafIndex:
    """The leaf index of a leaf's node."""
    if node & 1:
        raise ValueError(f"node {node} is no leaf")
    return LeafIndex(node >> 1)


def is_leaf(node: NodeIndex) -> bool:
    """Whether the node is a leaf."""
    return not node & 1


def level(node: NodeIndex) -> int:
    """Height above the leaves: the number of trailing one bits."""
    return (~node & (node + 1)).bit_length() - 1


def node_width(leaves: int) -> int:
    """Nodes in a tree of `leaves` leaves."""
    return 2 * leaves - 1 if leaves else 0


def root(leaves: int) -> NodeIndex:
    """The root of a tree of `leaves` (a power of two) leaves."""
    return NodeIndex(leaves - 1)


def left(node: NodeIndex) -> NodeIndex:
    """The left child of a parent."""
    height = level(node)
    if height == 0:
        raise ValueError(f"leaf {node} has no child")
    return NodeIndex(node ^ (1 << (height - 1)))


def right(node: NodeIndex) -> NodeIndex:
    """The right child of a parent."""
    height = level(node)
    if height == 0:
        raise ValueError(f"leaf {node} has no child")
    return NodeIndex(node ^ (3 << (height - 1)))


def parent(node: NodeIndex, leaves: int) -> NodeIndex:
    """The parent of any node but the root."""
    if node == root(leaves):
        raise ValueError("the root has no parent")
    height = level(node)
    return NodeIndex((node | (1 << height)) & ~(1 << (height + 1)))


def sibling(node: NodeIndex, leaves: int) -> NodeIndex:
    """The other child of the node's parent."""
    above = parent(node, leaves)
    return right(above) if node < above else left(above)


def direct_path(node: NodeIndex, leaves: int) -> tuple[NodeIndex, ...]:
    """From the node's parent up to and with the root; empty for the root."""
    path: list[NodeIndex] = []
    top = root(leaves)
    while node != top:
        node = parent(node, leaves)
        path.append(node)
    return tuple(path)


def copath(node: NodeIndex, leaves: int) -> tuple[NodeIndex, ...]:
    """The siblings of the node and of its direct path below the root, bottom up; as long as the direct path."""
    path: list[NodeIndex] = []
    top = root(leaves)
    while node != top:
        path.append(sibling(node, leaves))
        node = parent(node, leaves)
    return tuple(path)


def is_within(node: NodeIndex, subtree: NodeIndex) -> bool:
    """Whether `node` is `subtree` or below it."""
    reach = (1 << level(subtree)) - 1
    return subtree - reach <= node <= subtree + reach


def common_ancestor(one: NodeIndex, other: NodeIndex, leaves: int) -> NodeIndex:
    """The lowest node that has both within it."""
    node = one
    while not is_within(other, node):
        node = parent(node, leaves)
    return node
