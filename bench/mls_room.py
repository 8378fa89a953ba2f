"""Rooms for the MLS benchmark: people with key packages, and large groups whose every parent node is filled.

A room of thousands in which everybody has committed is not played through commit by commit but written down at once, as
those commits would leave it: each parent's key stands where its rightmost member put it, and that member's chain of parent
hashes (RFC 9420 §7.9) vouches for it. `populated` checks what it made with the engine's own `check_whole_tree`.

    P ── key, parent hash          set last by the rightmost member below P, so
    ├─ left                        claims the hash of a path that was overwritten since: any value stands for it
    └─ right ── claims H(P, left)  was set by the same commit
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cordiale.crypto import hpke
from cordiale.crypto.entropy import fresh
from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.signature import generate as generate_signer
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import Suite, suite_of
from cordiale.mls.credential import BasicCredential, Credential
from cordiale.mls.group_context import GroupContext
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets, generate
from cordiale.mls.leaf_node import Capabilities, LeafNode, Source, default_capabilities
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.schedule import confirmation_tag, secrets_of_epoch
from cordiale.mls.secret_tree import SecretTree
from cordiale.mls.syntax import opaque, optional, u8, u32
from cordiale.mls.tree import Node, ParentNode, RatchetTree
from cordiale.mls.tree_math import NodeIndex, direct_path, is_leaf, leaf_of, left, node_of, node_width, right, root
from cordiale.mls.tree_validation import check_whole_tree
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.vocab.moment import Moment

GROUP_ID: Final = b"benchmark of a room".ljust(32, b".")
_HOUR: Final = 3600


def now() -> Moment:
    """By the clock: key packages of other engines are made by it."""
    return Moment(time.time_ns() // 1_000_000)


def anybody(_credential: Credential, _signature_key: bytes) -> None:
    """Accepts everyone: what a room's admission costs is not measured here."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody with a key package to be added by."""

    signer: SigningKey
    package: bytes
    secrets: KeyPackageSecrets

    def join(self, welcome: bytes) -> MemberGroup:
        """Enter by a Welcome."""
        package = KeyPackage.decode(self.package)
        return MemberGroup.join(welcome, package, self.secrets, self.signer, authenticate=anybody, now=now())[0]


def newcomer(name: str, suite_id: int, able: Capabilities | None = None) -> Newcomer:
    """A person with a fresh key package."""
    signer = SigningKey.generate()
    credential, hour = BasicCredential(name.encode()), now() // 1000 // _HOUR
    lifetime = ((hour - 1) * _HOUR, (hour + 24) * _HOUR)
    package, secrets = generate(suite_id, signer, credential, lifetime=lifetime, capabilities=able)
    return Newcomer(signer, package.encode(), secrets)


def founder(suite_id: int) -> MemberGroup:
    """A group of one."""
    return MemberGroup.create(suite_id, GROUP_ID, SigningKey.generate(), BasicCredential(b"founder"), now=now())


class Room:
    """A populated group, of which any member's state can be had."""

    def __init__(self, suite_id: int, members: int) -> None:
        self._suite: Final[Suite] = suite_of(suite_id)
        self._members, self._leaves = members, 1 << (members - 1).bit_length()
        self._nodes: Final[list[Node | None]] = [None] * node_width(self._leaves)
        self._pairs: Final[dict[NodeIndex, KeyPair]] = {}
        self._signers: Final = [generate_signer(self._suite.scheme) for _ in range(members)]
        top = self._fill(root(self._leaves), b"")
        tree = RatchetTree(self._suite, self._nodes)
        check_whole_tree(tree, GROUP_ID, (), anybody)
        context = GroupContext(suite_id, GROUP_ID, Epoch(members), top, fresh(self._suite.hash_bytes), ())
        self._secrets, self._encryption = secrets_of_epoch(self._suite, fresh(self._suite.hash_bytes))
        tag = confirmation_tag(self._suite, self._secrets, context.confirmed_transcript_hash)
        self._public: Final = PublicGroup(context, tree, tag)

    def member(self, leaf: int) -> MemberGroup:
        """The state of one member, as all commits so far would have left it."""
        own = LeafIndex(leaf)
        path = (node_of(own), *direct_path(node_of(own), self._leaves))
        keys: Mapping[NodeIndex, KeyPair] = {node: self._pairs[node] for node in path if node in self._pairs}
        tree = SecretTree.plant(self._leaves, self._encryption)
        return MemberGroup(self._public, own, self._signers[leaf], keys, self._secrets, tree)

    def _fill(self, index: NodeIndex, above: bytes) -> bytes:
        """Fill a subtree whose top claims the parent hash `above`; its tree hash (RFC 9420 §7.8)."""
        if is_leaf(index):
            leaf = self._leaf(leaf_of(index), above)
            self._nodes[index] = leaf
            return self._suite.hash(u8(1) + u32(leaf_of(index)) + optional(leaf and leaf.encoded))
        parent, beside = None, above
        if _first_leaf(right(index)) < self._members:
            self._pairs[index] = hpke.generate(self._suite)
            parent = ParentNode(self._pairs[index].public, above, ())
            self._nodes[index] = parent
            beside = fresh(self._suite.hash_bytes)
        lower = self._fill(left(index), beside)
        if parent is not None:
            above = self._suite.hash(opaque(parent.encryption_key) + opaque(above) + opaque(lower))
        upper = self._fill(right(index), above)
        return self._suite.hash(u8(2) + optional(parent and parent.encoded) + opaque(lower) + opaque(upper))

    def _leaf(self, index: LeafIndex, above: bytes) -> LeafNode | None:
        if index >= self._members:
            return None
        pair, signer = hpke.generate(self._suite), self._signers[index]
        self._pairs[node_of(index)] = pair
        credential = BasicCredential(f"member {index}".encode())
        leaf = LeafNode(
            pair.public, signer.public, credential, default_capabilities(), Source.COMMIT, None, above, (), b""
        )
        return leaf.signed(signer, GROUP_ID, index)


def _first_leaf(index: NodeIndex) -> LeafIndex:
    while not is_leaf(index):
        index = left(index)
    return leaf_of(index)
