"""What a ratchet tree and its leaves must satisfy (RFC 9420 §7.3, §12.4.3.1), for newcomers and after each commit."""

from collections.abc import Collection, Sequence
from itertools import takewhile

from cordiale.errors import ProtocolViolation
from cordiale.mls.credential import Authenticate
from cordiale.mls.extension import Extension, required_capabilities
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.parent_hash import check_parent_hashes
from cordiale.mls.tree import ParentNode, RatchetTree
from cordiale.mls.tree_math import NodeIndex, direct_path, is_within, node_of
from cordiale.vocab.identifier import LeafIndex

_RULE = "RFC 9420 §7.3"


def check_whole_tree(
    tree: RatchetTree, group_id: bytes, extensions: Sequence[Extension], authenticate: Authenticate
) -> None:
    """Everything that a newcomer checks of a tree, but that its hash is the group context's."""
    _check_unmerged(tree)
    check_parent_hashes(tree)
    leaves = dict(tree.members())
    check_members(tree, extensions, leaves)
    for index, leaf in leaves.items():
        leaf.verify(tree.suite, group_id, index)
        authenticate(leaf.credential, leaf.signature_key)


def check_members(tree: RatchetTree, extensions: Sequence[Extension], touched: Collection[LeafIndex]) -> None:
    """RFC 9420 §7.3 among all members, given that it held before the leaves at `touched` came or changed."""
    leaves = [leaf for _, leaf in tree.members()]
    _check_unique(tree, leaves)
    in_use = {leaf.credential.type for leaf in leaves}
    for leaf in leaves:
        if not in_use.issubset(leaf.capabilities.credentials):
            raise ProtocolViolation("a credential type in use is not supported by every member", rule=_RULE)
    for index in touched:
        check_leaf(tree.member(index, rule=_RULE), extensions)


def check_leaf(leaf: LeafNode, extensions: Sequence[Extension]) -> None:
    """One leaf against the group context's extensions (RFC 9420 §7.3, §11.1, §13.4).

    That a client lists the group's own suite is not asked for: §7.3 does not, and published vectors of suite 7 don't.
    """
    able = leaf.capabilities
    if not all(able.knows_extension(extension.type) for extension in (*leaf.extensions, *extensions)):
        raise ProtocolViolation("an extension in use is not supported by a member", rule=_RULE)
    required = required_capabilities(extensions)
    if not (
        all(map(able.knows_extension, required.extensions))
        and all(map(able.knows_proposal, required.proposals))
        and set(required.credentials) <= set(able.credentials)
    ):
        raise ProtocolViolation("a member lacks a required capability", rule="RFC 9420 §11.1")


def _check_unique(tree: RatchetTree, leaves: Sequence[LeafNode]) -> None:
    if len({leaf.signature_key for leaf in leaves}) != len(leaves):
        raise ProtocolViolation("two members have one signature key", rule=_RULE)
    keys = [node.encryption_key for node in tree.nodes if node is not None]
    if len(set(keys)) != len(keys):
        raise ProtocolViolation("two nodes have one encryption key", rule=_RULE)


def _check_unmerged(tree: RatchetTree) -> None:
    """RFC 9420 §12.4.3.1: an unmerged leaf is a member below, unmerged in every parent between too."""
    for index, parent in enumerate(tree.nodes):
        if isinstance(parent, ParentNode):
            for leaf in parent.unmerged:
                _check_unmerged_leaf(tree, NodeIndex(index), leaf)


def _check_unmerged_leaf(tree: RatchetTree, parent: NodeIndex, leaf: LeafIndex) -> None:
    node = node_of(leaf)
    if tree.leaf(leaf) is None or not is_within(node, parent):
        raise ProtocolViolation(f"unmerged leaf {leaf} is not a member below", rule="RFC 9420 §12.4.3.1")
    for between in takewhile(lambda above: above != parent, direct_path(node, tree.leaves)):
        inner = tree.parent(between)
        if inner is not None and leaf not in inner.unmerged:
            raise ProtocolViolation(f"unmerged leaf {leaf} is merged below", rule="RFC 9420 §12.4.3.1")
