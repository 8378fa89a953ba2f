"""Parent hashes (RFC 9420 §7.9): each key in the tree names the key above it and all that was beside it.

They prove to a newcomer that every parent's key was put there by a member below it.
"""

from collections.abc import Sequence

from cordiale.errors import ProtocolViolation
from cordiale.mls.leaf_node import LeafNode, Source
from cordiale.mls.syntax import opaque
from cordiale.mls.tree import ParentNode, RatchetTree
from cordiale.mls.tree_math import NodeIndex, is_leaf, is_within, left, node_of, right
from cordiale.vocab.identifier import LeafIndex


def parent_hash(tree: RatchetTree, parent: ParentNode, beside: NodeIndex) -> bytes:
    """ParentHashInput's hash for the child of `parent` that is not `beside`."""
    original = tree.original_hash(beside, parent.unmerged)
    return tree.suite.hash(opaque(parent.encryption_key) + opaque(parent.parent_hash) + opaque(original))


def path_parents(
    tree: RatchetTree, leaf: LeafIndex, keys: Sequence[bytes]
) -> tuple[tuple[tuple[NodeIndex, ParentNode], ...], bytes]:
    """The parents that an update path puts on a leaf's filtered path, bottom up, and the leaf's own parent hash.

    `keys` are their public keys, bottom up; `tree` is the tree before the path is merged.
    """
    placed: list[tuple[NodeIndex, ParentNode]] = []
    above = b""
    for (node, beside), key in reversed(tuple(zip(tree.filtered_path(leaf), keys, strict=True))):
        parent = ParentNode(key, above, ())
        placed.append((node, parent))
        above = parent_hash(tree, parent, beside)
    return tuple(reversed(placed)), above


def check_parent_hashes(tree: RatchetTree) -> None:
    """RFC 9420 §7.9.2: every parent is parent-hash valid."""
    for index in range(1, len(tree.nodes), 2):
        parent = tree.parent(NodeIndex(index))
        if parent is not None and not _is_valid(tree, NodeIndex(index), parent):
            raise ProtocolViolation(f"node {index} is not vouched for by a child", rule="RFC 9420 §7.9.2")


def _is_valid(tree: RatchetTree, index: NodeIndex, parent: ParentNode) -> bool:
    sides = (left(index), right(index))
    return any(_vouches(tree, parent, child, beside) for child, beside in (sides, sides[::-1]))


def _vouches(tree: RatchetTree, parent: ParentNode, child: NodeIndex, beside: NodeIndex) -> bool:
    """Whether a D below `child` has the parent hash, and only leaves added since stand between (§7.9.2)."""
    since = {node_of(leaf) for leaf in parent.unmerged if is_within(node_of(leaf), child)}
    resolution = set(tree.resolution(child))
    merged = resolution - since
    if len(merged) != 1 or not since <= resolution:
        return False
    return _claimed(tree, merged.pop()) == parent_hash(tree, parent, beside)


def _claimed(tree: RatchetTree, index: NodeIndex) -> bytes | None:
    node = tree.nodes[index]
    if is_leaf(index):
        return node.parent_hash if isinstance(node, LeafNode) and node.source is Source.COMMIT else None
    return node.parent_hash if isinstance(node, ParentNode) else None
