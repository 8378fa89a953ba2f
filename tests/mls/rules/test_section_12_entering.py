"""RFC 9420 §12.4.3, entering: what somebody demands who knows nothing of a group but what a Welcome says."""

from typing import Any

import pytest

from cordiale.errors import NotFound
from cordiale.mls.extension import RATCHET_TREE
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ExternalPsk, PreSharedKey, PskId
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.syntax import opaque, optional, u8
from cordiale.mls.tree import Node, ParentNode, RatchetTree
from cordiale.mls.tree_math import NodeIndex, root
from cordiale.mls.welcome import Welcome
from cordiale.vocab.identifier import LeafIndex
from mls.people import NOW, Person, anybody, group_of, join, person
from mls.rules.forging import leaf_of, of_tree, proposed, put, put_path, replace, rewelcomed
from mls.rules.refusal import refused

NO_PATH = {"secrets": lambda secrets: replace(secrets, path_secret=None)}


def entering(*names: str) -> tuple[MemberGroup, bytes, Person]:
    """A group of the founder and those named, a Welcome to it, and who is welcome."""
    group, eve = group_of(names or ["bob", "carol"])[0], person("eve")
    result = group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    return result.pending, result.welcome, eve


def told(group: MemberGroup, **changes: Any) -> bytes:
    """A GroupInfo for the node, changed and signed again."""
    return replace(GroupInfo.decode(group.group_info()), **changes).signed(group.signer).encode()


def test_the_forge_is_faithful() -> None:
    group, welcome, eve = entering()
    for made in (rewelcomed(group, welcome, eve), rewelcomed(group, welcome, eve, **NO_PATH)):
        assert join(made, eve).epoch_authenticator == group.epoch_authenticator
    assert PublicGroup.from_group_info(told(group), authenticate=anybody, now=NOW).epoch == group.epoch


def test_a_welcome_for_others() -> None:
    _, welcome, _ = entering()
    with refused("12.4.3.1-1"):
        join(welcome, person("mallory"))


def test_a_welcome_of_another_suite() -> None:
    _, welcome, eve = entering()
    with refused("12.4.3.1-2"):
        join(replace(Welcome.decode(welcome), suite_id=3).encode(), eve)


def test_a_pre_shared_key_that_is_not_at_hand() -> None:
    group, eve = group_of(["bob"])[0], person("eve")
    agreed = proposed(group, PreSharedKey(ExternalPsk(b"agreed", bytes(32))))
    group, _ = group.process(agreed, authenticate=anybody, now=NOW)

    def lacking(psk: PskId) -> bytes:
        raise NotFound("agreed", what="pre-shared key")

    result = group.commit(add=[eve.package], authenticate=anybody, now=NOW, psks=lambda psk: b"key")
    assert result.welcome is not None
    with refused("12.4.3.1-3"):
        join(result.welcome, eve)
    with refused("12.4.3.1-3"):
        MemberGroup.join(
            result.welcome, eve.package, eve.secrets, eve.signer, authenticate=anybody, now=NOW, psks=lacking
        )


@pytest.mark.parametrize("signer", [5, 9, 2**32 - 1])
def test_a_signer_who_is_not_there(signer: int) -> None:
    group, welcome, eve = entering()
    with refused("12.4.3.1-5"):
        join(rewelcomed(group, welcome, eve, info=lambda info: replace(info, signer=LeafIndex(signer))), eve)
    with refused("12.4.3.1-5"):
        PublicGroup.from_group_info(told(group, signer=LeafIndex(signer)), authenticate=anybody, now=NOW)


def test_the_signature_of_a_group_info() -> None:
    group, welcome, eve = entering()
    for forged in (
        rewelcomed(group, welcome, eve, info=lambda info: replace(info, signer=LeafIndex(1)), **NO_PATH),
        rewelcomed(group, welcome, eve, info=lambda info: replace(info, signature=b""), resign=False),
        rewelcomed(group, welcome, eve, info=lambda info: info.signed(eve.signer), resign=False),
    ):
        with refused("12.4.3.1-6"):
            join(forged, eve)
    with refused("12.4.3.1-6"):
        PublicGroup.from_group_info(told(group, signer=LeafIndex(1)), authenticate=anybody, now=NOW)


def test_a_group_of_another_suite_than_its_welcome() -> None:
    group, welcome, eve = entering()

    def other_suite(info: GroupInfo) -> GroupInfo:
        return replace(info, context=replace(info.context, suite_id=3))

    with refused("12.4.3.1-7"):
        join(rewelcomed(group, welcome, eve, info=other_suite), eve)


def test_a_tree_of_another_hash() -> None:
    group, welcome, eve = entering()
    smaller = of_tree(group_of(["bob"])[0].public.tree.encode())

    def other_hash(info: GroupInfo) -> GroupInfo:
        return replace(info, context=replace(info.context, tree_hash=bytes(32)))

    for change in (other_hash, smaller):
        with refused("12.4.3.1-8"):
            join(rewelcomed(group, welcome, eve, info=change), eve)
    info = GroupInfo.decode(group.group_info())
    with refused("12.4.3.1-8"):
        PublicGroup.from_group_info(other_hash(info).signed(group.signer).encode(), authenticate=anybody, now=NOW)


def test_a_tree_of_another_hash_that_came_apart() -> None:
    group, welcome, eve = entering()
    bare = rewelcomed(group, welcome, eve, info=lambda info: replace(info, extensions=()))
    other = group_of(["bob"])[0].public.tree.encode()
    named = {"authenticate": anybody, "now": NOW}
    with refused("12.4.3.1-8"):
        MemberGroup.join(bare, eve.package, eve.secrets, eve.signer, ratchet_tree=other, **named)  # type: ignore[arg-type]
    tree = group.public.tree.encode()
    entered, _ = MemberGroup.join(bare, eve.package, eve.secrets, eve.signer, ratchet_tree=tree, **named)  # type: ignore[arg-type]
    assert entered.epoch_authenticator == group.epoch_authenticator


def with_unmerged(tree: RatchetTree, index: int, leaves: list[int]) -> RatchetTree:
    """The tree with other unmerged leaves in one parent."""
    parent = tree.nodes[index]
    assert isinstance(parent, ParentNode)
    return put(tree, {index: replace(parent, unmerged=tuple(map(LeafIndex, leaves)))})


@pytest.mark.parametrize("leaves", [[5], [6], [9]])
def test_unmerged_leaves_that_are_not_there(leaves: list[int]) -> None:
    group, welcome, eve = entering("bob", "carol", "dave")
    tree = group.public.tree
    with refused("12.4.3.1-9"):
        join(rewelcomed(group, welcome, eve, info=of_tree(with_unmerged(tree, int(root(tree.leaves)), leaves))), eve)


def test_unmerged_leaves_of_elsewhere() -> None:
    """A leaf that is in the tree, but not below the parent that lists it."""
    group, welcome, eve = entering("bob", "carol", "dave")
    tree = group.public.tree
    assert isinstance(tree.nodes[1], ParentNode)
    with refused("12.4.3.1-9"):
        join(rewelcomed(group, welcome, eve, info=of_tree(with_unmerged(tree, 1, [2]))), eve)


def test_unmerged_leaves_that_are_merged_between() -> None:
    group, welcome, eve = entering("bob", "carol", "dave")
    tree = group.public.tree
    assert isinstance(tree.nodes[1], ParentNode)
    with refused("12.4.3.1-10"):
        join(rewelcomed(group, welcome, eve, info=of_tree(with_unmerged(tree, int(root(tree.leaves)), [1]))), eve)


def test_a_parents_key_that_is_elsewhere() -> None:
    group, welcome, eve = entering()
    steps = group.public.tree.filtered_path(group.own_leaf)
    fresh = [person(f"key {index}").package.init_key for index in range(len(steps))]
    for keys in ([*fresh[:-1], leaf_of(group, 1).encryption_key], [fresh[-1], *fresh[1:]]):
        with refused("12.4.3.1-11"):
            join(rewelcomed(group, welcome, eve, info=of_tree(put_path(group, keys)), **NO_PATH), eve)


def test_a_tree_without_the_newcomer() -> None:
    """The tree has another key package of the same person in its place."""
    first, eve, twin = group_of(["bob"])[0], person("eve"), person("eve")
    result = first.commit(add=[twin.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    with refused("12.4.3.1-12"):
        join(rewelcomed(result.pending, result.welcome, twin, to=eve), eve)


def test_path_secrets_that_give_other_keys() -> None:
    group, welcome, eve = entering()
    with refused("12.4.3.1-13"):
        join(rewelcomed(group, welcome, eve, secrets=lambda secrets: replace(secrets, path_secret=bytes(32))), eve)


@pytest.mark.parametrize("wrong", [b"", bytes(32), bytes(31), bytes(33)])
def test_another_confirmation_tag(wrong: bytes) -> None:
    group, welcome, eve = entering()
    with refused("12.4.3.1-14"):
        join(rewelcomed(group, welcome, eve, info=lambda info: replace(info, confirmation_tag=wrong), retag=False), eve)


@pytest.mark.parametrize("change", ["shorter", "longer"])
def test_a_confirmation_tag_of_another_length(change: str) -> None:
    group, welcome, eve = entering()

    def cut(info: GroupInfo) -> GroupInfo:
        tag = info.confirmation_tag
        return replace(info, confirmation_tag=tag[:-1] if change == "shorter" else tag + b"\x00")

    with refused("12.4.3.1-14"):
        join(rewelcomed(group, welcome, eve, info=cut, retag=False), eve)


def test_a_context_that_the_secrets_are_not_of() -> None:
    """The epoch or the transcript of a GroupInfo changed by whoever signs it, but not the confirmation tag."""
    group, welcome, eve = entering()
    for changes in ({"epoch": 9}, {"confirmed_transcript_hash": bytes(32)}):
        with refused("12.4.3.1-14"):
            join(
                rewelcomed(
                    group,
                    welcome,
                    eve,
                    info=lambda info, changes=changes: replace(info, context=replace(info.context, **changes)),
                    retag=False,
                    **NO_PATH,
                ),
                eve,
            )


def test_a_newcomer_who_is_said_to_have_signed() -> None:
    """Whoever has the newcomer's signature key names it as the signer; then no path leads to it."""
    group, welcome, eve = entering()
    own = next(index for index, leaf in group.public.tree.members() if leaf == eve.package.leaf_node)
    forged = rewelcomed(
        group, welcome, eve, info=lambda info: replace(info, signer=own).signed(eve.signer), resign=False, retag=False
    )
    with refused("12.4.3.1-15"):
        join(forged, eve)


# §12.4.3.3, the tree as it travels


def public_with(group: MemberGroup, tree: bytes) -> bytes:
    """A GroupInfo with any bytes for a tree."""
    return of_tree(tree)(GroupInfo.decode(group.group_info())).signed(group.signer).encode()


def encoded(nodes: list[Node | None]) -> bytes:
    """Nodes as in a ratchet_tree extension, whatever they are."""
    return opaque(b"".join(optional(None if node is None else _node(node)) for node in nodes))


def _node(node: Node) -> bytes:
    return (u8(2) if isinstance(node, ParentNode) else u8(1)) + node.encoded


def test_a_tree_that_ends_in_a_blank() -> None:
    group, welcome, eve = entering()
    nodes = list(group.public.tree.nodes)
    assert nodes[-1] is not None
    for bad in ([*nodes, None], [*nodes, None, None], [], [None]):
        with refused("12.4.3.3-1"):
            PublicGroup.from_group_info(public_with(group, encoded(bad)), authenticate=anybody, now=NOW)
        with refused("12.4.3.3-1"):
            join(rewelcomed(group, welcome, eve, info=of_tree(encoded(bad))), eve)


def test_leaves_and_parents_in_each_others_place() -> None:
    group, *_ = entering()
    nodes = list(group.public.tree.nodes)
    top = group.public.tree.nodes[NodeIndex(3)]
    for bad in ([*nodes[1:]], [top, *nodes[1:]], [nodes[0], nodes[0], *nodes[2:]]):
        with refused("12.4.3.3-2"):
            PublicGroup.from_group_info(public_with(group, encoded(bad)), authenticate=anybody, now=NOW)


def test_no_tree() -> None:
    group, welcome, eve = entering()
    with refused("12.4.3.3-3"):
        join(rewelcomed(group, welcome, eve, info=lambda info: replace(info, extensions=())), eve)
    with refused("12.4.3.3-3"):
        PublicGroup.from_group_info(group.group_info(with_tree=False), authenticate=anybody, now=NOW)
    assert RATCHET_TREE in {extension.type for extension in GroupInfo.decode(group.group_info()).extensions}


@pytest.mark.parametrize("names", [["bob"], ["bob", "carol"], ["bob", "carol", "dave", "eve"]])
def test_the_tree_that_we_send(names: list[str]) -> None:
    group = group_of(names)[0]
    sent = encoded(list(group.public.tree.nodes)[: 2 * len(names) + 1])
    assert group.public.tree.encode() == sent
    assert RatchetTree.decode(sent, group.suite) == group.public.tree
