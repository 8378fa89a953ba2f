"""Parent hashes (RFC 9420 §7.9): each key in the tree names the key above it and all that was beside it.

They prove to a newcomer that every parent's key was put there by a member below it.
"""

from collections.abc import Sequence

from cordiale.errors import ProtocolViolation
from cordiale.mls.leaf_node import LeafNode, Source
from cordiale.mls.subtree import Branch, ParentNode, Subtree, within
from cordiale.mls.syntax import opaque
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_math import NodeIndex, node_of
from cordiale.vocab.identifier import LeafIndex


def parent_hash(tree: RatchetTree, parent: ParentNode, beside: Subtree) -> bytes:
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
    steps = [(place, beside) for place, beside in tree.path(leaf) if not beside.is_empty]
    for (place, beside), key in reversed(tuple(zip(steps, keys, strict=True))):
        parent = ParentNode(key, above, ())
        placed.append((place.index, parent))
        above = parent_hash(tree, parent, beside)
    return tuple(reversed(placed)), above


def check_parent_hashes(tree: RatchetTree) -> None:
    """RFC 9420 §7.9.2: every parent is parent-hash valid."""
    waiting = [tree.top]
    while waiting:
        place = waiting.pop()
        if isinstance(place, Branch):
            if place.node is not None and not _is_valid(tree, place, place.node):
                raise ProtocolViolation(f"node {place.index} is not vouched for by a child", rule="RFC 9420 §7.9.2 (1)")
            waiting += (place.left, place.right)


def _is_valid(tree: RatchetTree, place: Branch, parent: ParentNode) -> bool:
    sides = (place.left, place.right)
    return any(_vouches(tree, parent, child, beside) for child, beside in (sides, sides[::-1]))


def _vouches(tree: RatchetTree, parent: ParentNode, child: Subtree, beside: Subtree) -> bool:
    """Whether a D below `child` has the parent hash, and only leaves added since stand between (§7.9.2)."""
    since = set(map(node_of, within(child, parent.unmerged)))
    found: list[NodeIndex] = []
    child.resolve(found)
    resolution = set(found)
    merged = resolution - since
    if len(merged) != 1 or not since <= resolution:
        return False
    top = merged.pop()
    claimed = _claimed(child if top == child.index else tree.subtree(top))
    return claimed is not None and claimed == parent_hash(tree, parent, beside)


def _claimed(place: Subtree) -> bytes | None:
    node = place.node
    if isinstance(node, LeafNode):
        return node.parent_hash if node.source is Source.COMMIT else None
    return None if node is None else node.parent_hash
