"""Laws of the tree's arithmetic; its values are held by the published vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.mls import tree_math
from cordiale.mls.tree_math import NodeIndex
from cordiale.vocab.identifier import LeafIndex

DEPTH = 6
LEAVES = 1 << DEPTH
nodes = st.integers(0, 2 * LEAVES - 2).map(NodeIndex)


@given(nodes)
def test_children_have_their_parent(node: NodeIndex) -> None:
    if tree_math.is_leaf(node):
        assert tree_math.node_of(tree_math.leaf_of(node)) == node
        for child in (tree_math.left, tree_math.right):
            with pytest.raises(ValueError, match="no child"):
                child(node)
        return
    with pytest.raises(ValueError, match="no leaf"):
        tree_math.leaf_of(node)
    for child in (tree_math.left(node), tree_math.right(node)):
        assert tree_math.parent(child, LEAVES) == node
        assert tree_math.level(child) == tree_math.level(node) - 1


@given(nodes)
def test_path_and_copath_cover_the_tree(node: NodeIndex) -> None:
    path, beside = tree_math.direct_path(node, LEAVES), tree_math.copath(node, LEAVES)
    assert len(path) == len(beside) == DEPTH - tree_math.level(node)
    covered = [leaf for subtree in (node, *beside) for leaf in _leaves_within(subtree)]
    assert sorted(covered) == list(range(LEAVES))


def _leaves_within(subtree: NodeIndex) -> list[int]:
    return [leaf for leaf in range(LEAVES) if tree_math.is_within(tree_math.node_of(LeafIndex(leaf)), subtree)]


@given(nodes, nodes)
def test_the_common_ancestor_is_the_lowest(one: NodeIndex, other: NodeIndex) -> None:
    found = tree_math.common_ancestor(one, other, LEAVES)
    assert tree_math.is_within(one, found)
    assert tree_math.is_within(other, found)
    if not tree_math.is_leaf(found):
        for child in (tree_math.left(found), tree_math.right(found)):
            assert not (tree_math.is_within(one, child) and tree_math.is_within(other, child))


def test_a_tree_without_leaves_has_no_nodes() -> None:
    assert tree_math.node_width(0) == 0
