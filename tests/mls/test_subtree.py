"""The tree that shares its places behaves as a plain list of nodes does, and a change costs a path."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.hpke import generate
from cordiale.crypto.suite import suite_of
from cordiale.errors import LimitExceeded
from cordiale.mls.census import Census
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.subtree import Branch, Leaf, Node, ParentNode, Subtree, changes, within
from cordiale.mls.syntax import opaque, optional, u8, u32
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_edit import TreeEdit
from cordiale.mls.tree_math import NodeIndex, direct_path, is_leaf, leaf_of, left, node_of, right, root
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits
from mls.people import FAST, person

SUITE = suite_of(FAST)
LEAVES = [person(f"person {number}").package.leaf_node for number in range(24)]
KEYS = [generate(SUITE).public for _ in range(40)]

Nodes = list[Node | None]
Plan = list[tuple[str, int]]
plans = st.lists(
    st.tuples(st.sampled_from(["add", "add", "update", "remove", "path"]), st.integers(0, 63)), max_size=20
)


class Plain:
    """RFC 9420 §7.7, §12.1 on a list, word by word."""

    def __init__(self) -> None:
        self.nodes: Nodes = [LEAVES[0]]

    @property
    def leaves(self) -> int:
        return (len(self.nodes) + 1) // 2

    def members(self) -> list[LeafIndex]:
        return [LeafIndex(index) for index, node in enumerate(self.nodes[::2]) if node is not None]

    def add(self, leaf: LeafNode) -> LeafIndex:
        blanks = [index for index in range(self.leaves) if self.nodes[2 * index] is None]
        index = LeafIndex(blanks[0] if blanks else self.leaves)
        if not blanks:
            self.nodes += [None] * (len(self.nodes) + 1)
        self.nodes[node_of(index)] = leaf
        for above in direct_path(node_of(index), self.leaves):
            parent = self.nodes[above]
            if isinstance(parent, ParentNode):
                unmerged = tuple(sorted((*parent.unmerged, index)))
                self.nodes[above] = ParentNode(parent.encryption_key, parent.parent_hash, unmerged)
        return index

    def update(self, index: LeafIndex, leaf: LeafNode | None) -> None:
        self.nodes[node_of(index)] = leaf
        for above in direct_path(node_of(index), self.leaves):
            self.nodes[above] = None

    def remove(self, index: LeafIndex) -> None:
        self.update(index, None)
        while self.leaves > 1 and not any(self.nodes[self.leaves :: 2]):
            del self.nodes[self.leaves - 1 :]

    def path(self, index: LeafIndex, leaf: LeafNode, parents: list[tuple[NodeIndex, ParentNode]]) -> None:
        self.update(index, leaf)
        for above, parent in parents:
            self.nodes[above] = parent


def played(plan: Plan) -> tuple[Plain, RatchetTree]:
    """The plan on a list and, a tree for each step, on trees."""
    plain, tree, spare, keys = Plain(), RatchetTree(SUITE, [LEAVES[0]]), LEAVES[1:], list(KEYS)
    for what, number in plan:
        edit, members = TreeEdit(tree), plain.members()
        chosen = members[number % len(members)]
        if what == "add" and spare:
            leaf = spare.pop()
            assert edit.add(leaf) == plain.add(leaf)
        elif what == "update" and spare:
            leaf = spare.pop()
            edit.update(chosen, leaf)
            plain.update(chosen, leaf)
        elif what == "remove" and len(members) > 1:
            edit.remove(chosen)
            plain.remove(chosen)
        elif what == "path" and spare and len(keys) > 6:
            leaf, over = spare.pop(), direct_path(node_of(chosen), plain.leaves)
            parents = [(above, ParentNode(keys.pop(), b"", ())) for above in over]
            edit.apply_path(chosen, leaf, parents)
            plain.path(chosen, leaf, parents)
        tree = edit.frozen()
    return plain, tree


def plain_hash(nodes: Nodes, index: NodeIndex, absent: tuple[LeafIndex, ...] = ()) -> bytes:
    """RFC 9420 §7.8, and §7.9's original tree hash."""
    node = nodes[index]
    if is_leaf(index):
        there = node.encoded if isinstance(node, LeafNode) and leaf_of(index) not in absent else None
        return SUITE.hash(u8(1) + u32(leaf_of(index)) + optional(there))
    parent = None
    if isinstance(node, ParentNode):
        kept = tuple(leaf for leaf in node.unmerged if leaf not in absent)
        parent = ParentNode(node.encryption_key, node.parent_hash, kept).encoded
    below = (opaque(plain_hash(nodes, child, absent)) for child in (left(index), right(index)))
    return SUITE.hash(u8(2) + optional(parent) + b"".join(below))


def plain_resolution(nodes: Nodes, index: NodeIndex) -> list[NodeIndex]:
    """RFC 9420 §4.1.1."""
    node = nodes[index]
    if isinstance(node, ParentNode):
        return [index, *map(node_of, node.unmerged)]
    if node is not None:
        return [index]
    return [] if is_leaf(index) else plain_resolution(nodes, left(index)) + plain_resolution(nodes, right(index))


@given(plans)
def test_it_is_the_tree_of_a_plain_list(plan: Plan) -> None:
    plain, tree = played(plan)
    assert list(tree.nodes) == plain.nodes
    assert tree.tree_hash() == plain_hash(plain.nodes, root(plain.leaves))
    for index in map(NodeIndex, range(len(plain.nodes))):
        assert tree.node(index) == plain.nodes[index]
        assert list(tree.resolution(index)) == plain_resolution(plain.nodes, index)
        assert tree.subtree(index).is_empty == (not plain_resolution(plain.nodes, index))


@given(plans)
def test_hashes_without_those_who_entered_since(plan: Plan) -> None:
    plain, tree = played(plan)
    for parent in plain.nodes[1::2]:
        if isinstance(parent, ParentNode) and parent.unmerged:
            for index in map(NodeIndex, range(len(plain.nodes))):
                expected = plain_hash(plain.nodes, index, parent.unmerged)
                assert tree.original_hash(tree.subtree(index), parent.unmerged) == expected


@given(plans)
def test_a_census_that_followed_is_one_taken_afresh(plan: Plan) -> None:
    _, tree = played(plan)
    followed, fresh = tree.census, Census().changed((), [node for node in tree.nodes if node is not None])
    for one, other in (
        (followed.signature_keys, fresh.signature_keys),
        (followed.encryption_keys, fresh.encryption_keys),
        (followed.used, fresh.used),
        (followed.able, fresh.able),
    ):
        assert (dict(one.counts), one.repeated) == (dict(other.counts), other.repeated)
    assert followed.clashes == fresh.clashes


@given(plans, plans)
def test_changes_are_all_that_differs(one: Plan, other: Plan) -> None:
    before, after = played(one)[1], played(other)[1]
    width = max(len(before.nodes), len(after.nodes))

    def padded(tree: RatchetTree) -> list[Node | None]:
        return [tree.node(NodeIndex(index)) for index in range(width)]

    expected = [(old, new) for old, new in zip(padded(before), padded(after), strict=True) if old != new]
    found = [(old, new) for old, new in changes(before.top, after.top) if old != new]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def places(subtree: Subtree) -> set[int]:
    """All places by identity."""
    below = places(subtree.left) | places(subtree.right) if isinstance(subtree, Branch) else set[int]()
    return below | {id(subtree)}


def test_a_change_makes_a_path_anew() -> None:
    plain, tree = played([("add", 0)] * 17)
    edit = TreeEdit(tree)
    edit.update(LeafIndex(5), LEAVES[23])
    after = edit.frozen()
    assert len(places(after.top) - places(tree.top)) == 1 + math.log2(plain.leaves)


def test_a_key_in_two_places_is_counted() -> None:
    tree = RatchetTree(SUITE, [LEAVES[0], None, LEAVES[1]])
    edit = TreeEdit(tree)
    edit.update(LeafIndex(1), LEAVES[0])
    twice = edit.frozen()
    assert not tree.census.clashes
    assert twice.census.clashes
    assert LEAVES[0].encryption_key in twice.census.encryption_keys
    assert LEAVES[1].encryption_key not in twice.census.encryption_keys
    edit = TreeEdit(twice)
    edit.update(LeafIndex(0), LEAVES[1])
    assert not edit.frozen().census.clashes


def test_within_gives_those_below() -> None:
    tree = played([("add", 0)] * 8)[1]
    leaves = [LeafIndex(index) for index in (0, 1, 3, 4, 6, 9)]
    assert list(within(tree.subtree(NodeIndex(3)), leaves)) == [0, 1, 3]
    assert list(within(tree.subtree(NodeIndex(12)), leaves)) == [6]
    assert list(within(tree.subtree(NodeIndex(10)), leaves)) == []
    assert list(within(tree.top, ())) == []


def test_places_are_found_within_the_tree_only() -> None:
    tree = played([("add", 0)] * 3)[1]
    assert isinstance(tree.subtree(NodeIndex(6)), Leaf)
    for outside in (-1, 7, 2**40):
        assert tree.node(NodeIndex(outside)) is None
        with pytest.raises(IndexError):
            tree.subtree(NodeIndex(outside))


def test_a_room_has_a_last_place(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = played([("add", 0)] * 4)[1]
    monkeypatch.setattr(limits, "ROOM_MEMBERS", 6)
    edit = TreeEdit(tree)
    assert edit.add(LEAVES[1]) == 5
    with pytest.raises(LimitExceeded, match="6 members"):
        edit.add(LEAVES[2])
