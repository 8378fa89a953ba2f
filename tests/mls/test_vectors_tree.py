"""Published vectors of the ratchet tree: validation, operations, TreeKEM."""

import msgspec

from cordiale.crypto.hpke import KeyPair, public_of
from cordiale.crypto.suite import suite_of
from cordiale.mls.commit import UpdatePath
from cordiale.mls.content import member
from cordiale.mls.group_context import GroupContext
from cordiale.mls.leaf_node import Source
from cordiale.mls.parent_hash import check_parent_hashes, path_parents
from cordiale.mls.proposal import read_proposal
from cordiale.mls.proposal_list import Applied, Proposed, apply
from cordiale.mls.same_client import same_credential
from cordiale.mls.staging import merge_path, place_path, provisional_context
from cordiale.mls.syntax import parse
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_kem import derive_path, open_path, seal_path, still_valid
from cordiale.mls.tree_math import NodeIndex, common_ancestor, node_of
from cordiale.mls.tree_validation import check_whole_tree
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import anybody
from vectors.mls import Case, every_suite, load, of_suite, raw

BIG = 1 << 30


@every_suite
def test_tree_validation(suite_id: int) -> None:
    for case in of_suite("tree-validation", suite_id):
        tree = RatchetTree.decode(raw(case["tree"]), suite_of(suite_id))
        assert len(tree.nodes) == len(case["tree_hashes"])
        for index in range(len(tree.nodes)):
            assert list(tree.resolution(NodeIndex(index))) == case["resolutions"][index]
            assert tree.subtree_hash(NodeIndex(index)) == raw(case["tree_hashes"][index])
        check_whole_tree(tree, raw(case["group_id"]), (), anybody)
        assert tree.encode() == raw(case["tree"])


def test_tree_operations() -> None:
    for case in load("tree-operations"):
        suite = suite_of(case["cipher_suite"])
        before = RatchetTree.decode(raw(case["tree_before"]), suite)
        assert before.tree_hash() == raw(case["tree_hash_before"])
        context = GroupContext(suite.id, b"", Epoch(0), before.tree_hash(), b"", ())
        proposal = parse(raw(case["proposal"]), read_proposal, "proposal", limit=BIG)
        item = Proposed(member(LeafIndex(case["proposal_sender"])), proposal)
        after = apply(before, context, (item,)).tree
        assert after.encode() == raw(case["tree_after"])
        assert after.tree_hash() == raw(case["tree_hash_after"])


@every_suite
def test_treekem(suite_id: int) -> None:
    for case in of_suite("treekem", suite_id):
        suite = suite_of(suite_id)
        tree = RatchetTree.decode(raw(case["ratchet_tree"]), suite)
        check_parent_hashes(tree)
        context = GroupContext(
            suite_id,
            raw(case["group_id"]),
            Epoch(case["epoch"] - 1),
            tree.tree_hash(),
            raw(case["confirmed_transcript_hash"]),
            (),
        )
        keys = {leaf["index"]: _private_keys(tree, leaf) for leaf in case["leaves_private"]}
        for step in case["update_paths"]:
            _check_path(tree, context, keys, step)


def _private_keys(tree: RatchetTree, leaf: Case) -> dict[NodeIndex, KeyPair]:
    suite = tree.suite
    private = raw(leaf["encryption_priv"])
    keys = {node_of(leaf["index"]): KeyPair(private, public_of(suite, private))}
    for known in leaf["path_secrets"]:
        node = NodeIndex(known["node"])
        keys |= derive_path(suite, [node], raw(known["path_secret"])).keys()
    assert still_valid(keys, tree) == keys
    return keys


def _check_path(
    tree: RatchetTree, context: GroupContext, keys: dict[LeafIndex, dict[NodeIndex, KeyPair]], step: Case
) -> None:
    sender = LeafIndex(step["sender"])
    path = parse(raw(step["update_path"]), UpdatePath.read, "update path", limit=BIG)
    before = Applied(tree, (), (), (), (), ())
    merged = merge_path(context, before, sender, path, anybody, same_credential)
    assert merged.tree.tree_hash() == raw(step["tree_hash_after"])
    provisional = provisional_context(context, merged)
    for index, secret in enumerate(step["path_secrets"]):
        if secret is None:
            continue
        found = open_path(merged, sender, path, LeafIndex(index), keys[LeafIndex(index)], provisional)
        assert found.commit_secret == raw(step["commit_secret"])
        lowest = common_ancestor(node_of(LeafIndex(index)), node_of(sender), tree.leaves)
        assert found.nodes[0] == lowest
        assert found.secrets[0] == raw(secret)
    _make_and_open(tree, context, keys, sender, path)


def _make_and_open(
    tree: RatchetTree,
    context: GroupContext,
    keys: dict[LeafIndex, dict[NodeIndex, KeyPair]],
    sender: LeafIndex,
    like: UpdatePath,
) -> None:
    """A path of our own making opens for every other member."""
    before = Applied(tree, (), (), (), (), ())
    nodes = [node for node, _ in tree.filtered_path(sender)]
    path = derive_path(tree.suite, nodes, b"\x07" * tree.suite.hash_bytes)
    parents, leaf_hash = path_parents(tree, sender, [pair.public for pair in path.pairs])
    leaf = msgspec.structs.replace(like.leaf_node, source=Source.COMMIT, parent_hash=leaf_hash)
    merged = place_path(before, sender, leaf, parents)
    check_parent_hashes(merged.tree)
    provisional = provisional_context(context, merged)
    update = UpdatePath(leaf, seal_path(before, sender, path, provisional))
    for index, private in keys.items():
        if index != sender:
            assert open_path(merged, sender, update, index, private, provisional).commit_secret == path.commit_secret
