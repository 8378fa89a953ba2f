"""Trees that a newcomer must refuse, and the tree's own small laws. Right trees are held by the published vectors."""

from collections.abc import Callable

import msgspec
import pytest

from cordiale.crypto.suite import suite_of
from cordiale.errors import CordialeError, LimitExceeded, Malformed, ProtocolViolation
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.syntax import opaque, optional, u8, u32, vector
from cordiale.mls.tree import Node, RatchetTree
from cordiale.mls.tree_validation import check_members, check_whole_tree
from cordiale.mls.welcome import Welcome
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits
from mls.people import FAST, GROUP_ID, NOW, anybody, group_of, join, person

Nodes = list[Node | None]


def grown() -> list[MemberGroup]:
    """Five members, the last unmerged where the first committed before."""
    groups = group_of(["bob", "carol", "dave"])
    eve = person("eve")
    result = groups[1].commit(add=[eve.package], authenticate=anybody, now=NOW)
    return [result.pending, join(result.welcome, eve)]


def leaf(nodes: Nodes, index: int) -> LeafNode:
    """The leaf at a node index."""
    found = nodes[index]
    assert isinstance(found, LeafNode)
    return found


def change(nodes: Nodes, index: int, **fields: object) -> None:
    """Replace fields of a node."""
    nodes[index] = msgspec.structs.replace(nodes[index], **fields)  # type: ignore[type-var]


FAULTS: dict[str, Callable[[Nodes], None]] = {
    "a parent's key replaced": lambda nodes: change(nodes, 7, encryption_key=b"k" * 32),
    "a parent hash replaced": lambda nodes: change(nodes, 3, parent_hash=b"h" * 32),
    "an unmerged leaf outside the tree": lambda nodes: change(nodes, 7, unmerged=(LeafIndex(2**32 - 1),)),
    "an unmerged leaf that is blank": lambda nodes: change(nodes, 7, unmerged=(LeafIndex(6),)),
    "an unmerged leaf elsewhere": lambda nodes: change(nodes, 3, unmerged=(LeafIndex(4),)),
    "an unmerged leaf that is merged below": lambda nodes: change(nodes, 7, unmerged=(LeafIndex(1),)),
    "a leaf moved": lambda nodes: nodes.__setitem__(8, nodes[6]),
    "a signature removed": lambda nodes: change(nodes, 4, signature=b""),
    "one key twice": lambda nodes: change(nodes, 4, encryption_key=leaf(nodes, 6).encryption_key),
}


def test_a_right_tree_is_accepted() -> None:
    tree = grown()[0].public.tree
    check_whole_tree(tree, GROUP_ID, (), anybody)
    assert RatchetTree.decode(tree.encode(), tree.suite) == tree
    assert hash(RatchetTree.decode(tree.encode(), tree.suite)) == hash(tree)
    assert repr(tree) == "RatchetTree(8 leaves)"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_tree_is_refused(fault: str) -> None:
    tree = grown()[0].public.tree
    nodes = list(tree.nodes)
    FAULTS[fault](nodes)
    with pytest.raises(CordialeError):
        check_whole_tree(RatchetTree(tree.suite, nodes), GROUP_ID, (), anybody)


def test_every_member_knows_the_credentials_in_use() -> None:
    tree = grown()[0].public.tree
    nodes = list(tree.nodes)
    change(nodes, 4, capabilities=msgspec.structs.replace(leaf(nodes, 4).capabilities, credentials=(2,)))
    with pytest.raises(ProtocolViolation, match="credential type"):
        check_members(RatchetTree(tree.suite, nodes), (), ())


def test_a_tree_of_another_group_is_refused() -> None:
    """RFC 9420 §7.2: a leaf of a commit is signed for its group."""
    with pytest.raises(CordialeError):
        check_whole_tree(grown()[0].public.tree, b"another", (), anybody)


PARENT = u8(2) + opaque(b"k") + opaque(b"h")


@pytest.mark.parametrize(
    "nodes",
    [
        [],
        [None],
        [PARENT + vector([])],
        [u8(3)],
        [None, PARENT + vector([u32(1), u32(0)])],
        [None, PARENT + vector([u32(1), u32(1)])],
        [None, PARENT + vector([]), None],
    ],
    ids=["empty", "only a blank", "a parent as leaf", "unknown type", "falling", "twice", "ends in a blank"],
)
def test_malformed_trees(nodes: list[bytes | None]) -> None:
    with pytest.raises(Malformed):
        RatchetTree.decode(vector(map(optional, nodes)), suite_of(FAST))


def test_a_tree_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = grown()[0].public.tree
    monkeypatch.setattr(limits, "ROOM_MEMBERS", 4)
    with pytest.raises(LimitExceeded, match="ratchet tree of 9 nodes"):
        RatchetTree.decode(tree.encode(), tree.suite)


def test_what_was_read_is_what_would_be_written() -> None:
    """Leaves keep the bytes that they were read from (a signature covers them): from key packages, updates and commits."""
    groups = group_of(["bob", "carol", "dave"])
    bob, proposal = groups[1].propose_update()
    carol, _ = groups[2].process(proposal, authenticate=anybody, now=NOW)
    tree = carol.commit(authenticate=anybody, now=NOW).pending.public.tree
    read = RatchetTree.decode(tree.encode(), tree.suite)
    sources: set[int] = set()
    for index, found in read.members():
        sources.add(found.source)
        afresh = msgspec.structs.replace(found)
        assert "encoded" not in vars(afresh)
        assert afresh.encoded == found.encoded
        changed = msgspec.structs.replace(found, signature=b"another")
        assert changed.encoded != found.encoded
        found.verify(tree.suite, bob.group_id, index)
    assert sources == {1, 2, 3}


def test_a_room_has_a_largest_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    groups, eve = group_of(["bob"]), person("eve")
    result = groups[0].commit(add=[eve.package], authenticate=anybody, now=NOW)
    info, tree, suite = groups[0].group_info(), groups[0].public.tree.encode(), groups[0].suite
    reads: list[tuple[bytes, Callable[[bytes], object]]] = [
        (tree, lambda data: RatchetTree.decode(data, suite)),
        (info, GroupInfo.decode),
        (result.welcome or b"", Welcome.decode),
    ]
    for data, read in reads:
        monkeypatch.setattr(limits, "MLS_ROOM_BYTES", len(data))
        read(data)
        monkeypatch.setattr(limits, "MLS_ROOM_BYTES", len(data) - 1)
        with pytest.raises(LimitExceeded, match=f"{len(data)} bytes"):
            read(data)


def test_nobody_is_at_a_blank_leaf() -> None:
    tree = grown()[0].public.tree
    for index in (5, 8, 2**40):
        assert tree.leaf(LeafIndex(index)) is None
        with pytest.raises(ProtocolViolation, match="nobody"):
            tree.member(LeafIndex(index), rule="test")
