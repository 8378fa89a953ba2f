"""TreeKEM (RFC 9420 §7.4–§7.7): the private side of the ratchet tree.

    path_secret[0] ── "path" ──> path_secret[1] ── … ──> commit_secret
         └─ "node" ──> key pair of the lowest filtered node, and so on up

A path secret is sealed to each node of the resolution beside it; whoever opens one derives all above it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from cordiale.crypto import hpke
from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.suite import Suite
from cordiale.errors import CannotDecrypt, ProtocolViolation
from cordiale.mls.commit import PathNode, UpdatePath
from cordiale.mls.derivation import decrypt_with_label, derive_secret, encrypt_with_label
from cordiale.mls.group_context import GroupContext
from cordiale.mls.proposal_list import Applied
from cordiale.mls.staging import recipients
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_math import NodeIndex, is_within, node_of
from cordiale.vocab.identifier import LeafIndex

_LABEL: Final = "UpdatePathNode"
PrivateKeys = Mapping[NodeIndex, KeyPair]
"""A member's key pairs by node: its leaf's, and those of the parents above that it was told."""


class PathSecrets(msgspec.Struct, frozen=True):
    """The secrets of consecutive filtered nodes, bottom up, their key pairs, and what follows the last."""

    nodes: tuple[NodeIndex, ...]
    secrets: tuple[bytes, ...]
    pairs: tuple[KeyPair, ...]
    commit_secret: bytes

    def __repr__(self) -> str:
        return f"PathSecrets(nodes={self.nodes})"

    def keys(self) -> dict[NodeIndex, KeyPair]:
        """The key pairs by node."""
        return dict(zip(self.nodes, self.pairs, strict=True))

    def secret_above(self, leaf: LeafIndex) -> bytes:
        """The secret of the lowest of the nodes that has the leaf below it (RFC 9420 §12.4.3.1)."""
        for node, secret in zip(self.nodes, self.secrets, strict=True):
            if is_within(node_of(leaf), node):
                return secret
        raise ProtocolViolation(f"leaf {leaf} is not below the path", rule="RFC 9420 §12.4.1 (1)")


def derive_path(suite: Suite, nodes: Sequence[NodeIndex], first: bytes) -> PathSecrets:
    """All secrets from the first node's up."""
    secrets: list[bytes] = []
    pairs: list[KeyPair] = []
    secret = first
    for _ in nodes:
        secrets.append(secret)
        pairs.append(hpke.derive_key_pair(suite, derive_secret(suite, secret, b"node")))
        secret = derive_secret(suite, secret, b"path")
    return PathSecrets(tuple(nodes), tuple(secrets), tuple(pairs), secret)


def seal_path(applied: Applied, committer: LeafIndex, path: PathSecrets, context: GroupContext) -> tuple[PathNode, ...]:
    """The nodes of an update path. `applied` is before its merge, `context` the provisional one after."""
    suite, tree = context.suite, applied.tree
    sealed: list[PathNode] = []
    for (_, beside), secret, pair in zip(tree.filtered_path(committer), path.secrets, path.pairs, strict=True):
        keys = [_public(tree, node) for node in recipients(applied, beside)]
        secrets = tuple(encrypt_with_label(suite, key, _LABEL, context.encoded, secret) for key in keys)
        sealed.append(PathNode(pair.public, secrets))
    return tuple(sealed)


def open_path(
    applied: Applied,
    committer: LeafIndex,
    path: UpdatePath,
    own: LeafIndex,
    keys: PrivateKeys,
    context: GroupContext,
) -> PathSecrets:
    """What one member learns from a path (RFC 9420 §7.5), checked against its public keys."""
    suite, steps = context.suite, applied.tree.filtered_path(committer)
    place = next(place for place, (_, beside) in enumerate(steps) if is_within(node_of(own), beside))
    readers = recipients(applied, steps[place][1])
    for node, sealed in zip(readers, path.nodes[place].secrets, strict=True):
        if node in keys:
            first = decrypt_with_label(suite, keys[node].private, _LABEL, context.encoded, sealed)
            found = derive_path(suite, [above for above, _ in steps[place:]], first)
            check_path(found, [step.encryption_key for step in path.nodes[place:]], rule="RFC 9420 §7.5 (1)")
            return found
    raise CannotDecrypt("no path secret is for this member")


def check_path(found: PathSecrets, public: Sequence[bytes | None], *, rule: str) -> None:
    """The derived public keys must be those of the tree, or `ProtocolViolation` of `rule`."""
    if [pair.public for pair in found.pairs] != list(public):
        raise ProtocolViolation("a path secret does not give the tree's public keys", rule=rule)


def still_valid(keys: PrivateKeys, tree: RatchetTree) -> dict[NodeIndex, KeyPair]:
    """Those of the key pairs whose public half is in the tree; the rest is to be forgotten."""
    return {node: pair for node, pair in keys.items() if _public(tree, node) == pair.public}


def _public(tree: RatchetTree, index: NodeIndex) -> bytes:
    node = tree.node(index)
    return b"" if node is None else node.encryption_key
