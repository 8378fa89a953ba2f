"""What a ratchet tree and its leaves must satisfy (RFC 9420 §7.3, §12.4.3.1), for newcomers and after each commit."""

from collections.abc import Collection, Iterable, Sequence

from cordiale.crypto.kem_public import check_public
from cordiale.crypto.suite import Suite
from cordiale.errors import ProtocolViolation
from cordiale.mls.credential import Authenticate
from cordiale.mls.extension import Extension, required_capabilities
from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.multi_credential import check_signatures, suites_in_use, types_in_use
from cordiale.mls.parent_hash import check_parent_hashes
from cordiale.mls.subtree import Leaf, Subtree, within
from cordiale.mls.tree import RatchetTree
from cordiale.vocab.identifier import LeafIndex


def check_whole_tree(
    tree: RatchetTree, group_id: bytes, extensions: Sequence[Extension], authenticate: Authenticate
) -> None:
    """Everything that a newcomer checks of a tree, but that its hash is the group context's."""
    _check_unmerged(tree.top, ())
    _check_parent_keys(tree)
    check_parent_hashes(tree)
    _check_common(tree)
    for index, leaf in tree.members():
        check_leaf(leaf, extensions, tree.suite)
        leaf.verify(tree.suite, group_id, index)
        authenticate(leaf.credential, leaf.signature_key)


def check_members(tree: RatchetTree, extensions: Sequence[Extension], touched: Collection[LeafIndex]) -> None:
    """RFC 9420 §7.3 among all members, given that it held before the leaves at `touched` came or changed."""
    if tree.census.clashes:
        _check_common(tree)
    for index in touched:
        check_leaf(tree.member(index, rule="RFC 9420 §6.1 (2)"), extensions, tree.suite)


def check_leaf(leaf: LeafNode, extensions: Sequence[Extension], suite: Suite) -> None:
    """One leaf against the group context's extensions (RFC 9420 §7.3, §11.1, §13.4).

    That a client lists the group's own suite is not asked for: §7.3 does not, and published vectors of suite 7 don't.
    """
    able = leaf.capabilities
    if not all(able.knows_extension(extension.type) for extension in leaf.extensions):
        raise ProtocolViolation("a leaf has an extension that it does not list", rule="RFC 9420 §7.3 (7)")
    if not all(able.knows_extension(extension.type) for extension in extensions):
        raise ProtocolViolation("an extension in use is not supported by a member", rule="RFC 9420 §13.4 (2)")
    required = required_capabilities(extensions)
    if not (
        all(map(able.knows_extension, required.extensions))
        and all(map(able.knows_proposal, required.proposals))
        and set(required.credentials) <= set(able.credentials)
    ):
        raise ProtocolViolation("a member lacks a required capability", rule="RFC 9420 §7.3 (3)")
    check_signatures(leaf.credential, extensions, suite)


def _check_common(tree: RatchetTree) -> None:
    """RFC 9420 §7.3, what takes all members to see. `Census.clashes` says beforehand whether there is anything to find."""
    nodes = [node for node in tree.nodes if node is not None]
    leaves = [node for node in nodes if isinstance(node, LeafNode)]
    if _repeats(leaf.signature_key for leaf in leaves):
        raise ProtocolViolation("two members have one signature key", rule="RFC 9420 §7.3 (12)")
    if _repeats(leaf.encryption_key for leaf in leaves):
        raise ProtocolViolation("two members have one encryption key", rule="RFC 9420 §7.3 (13)")
    if _repeats(node.encryption_key for node in nodes):
        raise ProtocolViolation("two nodes have one encryption key", rule="RFC 9420 §12.4.3.1 (11)")
    types = frozenset[int]().union(*(types_in_use(leaf.credential) for leaf in leaves))
    suites = frozenset[int]().union(*(suites_in_use(leaf.credential) for leaf in leaves))
    for leaf in leaves:
        if not types.issubset(leaf.capabilities.credentials):
            raise ProtocolViolation(
                "a credential type in use is not supported by every member", rule="RFC 9420 §7.3 (4)"
            )
        if not suites.issubset(leaf.capabilities.suites):
            raise ProtocolViolation(
                "a binding's suite is not supported by every member", rule="draft-ietf-mls-extensions §6.5.2 (3)"
            )


def _repeats(values: Iterable[bytes]) -> bool:
    listed = list(values)
    return len(set(listed)) != len(listed)


def _check_parent_keys(tree: RatchetTree) -> None:
    """RFC 9420 §7.1: each is a key of the suite. (Those of leaves are checked with their signatures.)"""
    for node in tree.nodes[1::2]:
        if node is not None:
            check_public(tree.suite, node.encryption_key, rule="RFC 9420 §7.1 (2)")


def _check_unmerged(place: Subtree, above: Sequence[LeafIndex]) -> None:
    """RFC 9420 §12.4.3.1: an unmerged leaf is a member below, unmerged in every parent between too.

    `above` are those of the nearest parent above that are below this place, ascending: as each parent lists what the next
    one above lists, all of them do.
    """
    if isinstance(place, Leaf):
        if above and place.node is None:
            raise ProtocolViolation(f"unmerged leaf {above[0]} is not a member below", rule="RFC 9420 §12.4.3.1 (9)")
        return
    if place.node is not None:
        own = place.node.unmerged
        if lost := set(above).difference(own):
            raise ProtocolViolation(f"unmerged leaf {min(lost)} is merged below", rule="RFC 9420 §12.4.3.1 (10)")
        above = within(place, own)
        if len(above) != len(own):
            raise ProtocolViolation("an unmerged leaf is not a member below", rule="RFC 9420 §12.4.3.1 (9)")
    for child in (place.left, place.right):
        _check_unmerged(child, within(child, above))
