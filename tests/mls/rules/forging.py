"""Messages that the engine refuses to make: signed and tagged as by an honest member, and wrong in one thing.

Handshakes are made anew from their content, Welcomes from what their newcomer reads in them, so that nothing here
depends on how the engine makes either.
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec

from cordiale.crypto.signature import Signer
from cordiale.mls.commit import Commit, PathNode, UpdatePath
from cordiale.mls.content import Content, FramedContent, Sender, member, sign
from cordiale.mls.extension import RATCHET_TREE, Extension
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.leaf_node import Capabilities, LeafNode, Source
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.parent_hash import path_parents
from cordiale.mls.proposal import Proposal, ProposalRef, Update
from cordiale.mls.psk import PskLookup, no_psks, psk_secret
from cordiale.mls.schedule import confirmation_tag, epoch_secrets, membership_tag
from cordiale.mls.tree import Node, RatchetTree
from cordiale.mls.tree_math import direct_path, node_of
from cordiale.mls.welcome import GroupSecrets, Welcome, make_welcome, open_welcome
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from mls.people import NOW, Person, anybody

UNKNOWN = 0xF00D
"""An extension type that nobody here supports."""
replace = msgspec.structs.replace


class Raw(msgspec.Struct, frozen=True):
    """A proposal of any bytes."""

    data: bytes

    def encode(self) -> bytes:
        """As in a proposal or commit."""
        return self.data


# Handshakes


def framed(group: MemberGroup, content: Content | Raw, **changes: Any) -> FramedContent:
    """What the group's member says, with any field changed."""
    honest = FramedContent(group.group_id, group.epoch, member(group.own_leaf), b"", content)  # type: ignore[arg-type]
    return replace(honest, **changes)


def said(group: MemberGroup, content: FramedContent, *, signer: Signer | None = None, tag: bytes = b"") -> bytes:
    """A PublicMessage that its author signed and tagged for members; a commit has the confirmation tag given."""
    signed = sign(signer or group.signer, WireFormat.PUBLIC_MESSAGE, content, group.public.context.encoded)
    signed = replace(signed, confirmation_tag=tag)
    return PublicMessage(signed, membership_tag(group.public.context, group.secrets, signed)).encode()


def proposed(group: MemberGroup, proposal: Proposal | Raw, **changes: Any) -> bytes:
    """A proposal by itself."""
    return said(group, framed(group, proposal, **changes))  # type: ignore[arg-type]


def listed(group: MemberGroup, *items: Proposal | ProposalRef | Raw) -> bytes:
    """A commit to a list, without path. Its confirmation tag is wrong, and never reached."""
    return said(group, framed(group, Commit(items, None)))  # type: ignore[arg-type]


def from_outside(group: MemberGroup, sender: Sender, content: Content | Raw, signer: Signer) -> bytes:
    """What somebody says who is no member."""
    signed = sign(
        signer, WireFormat.PUBLIC_MESSAGE, framed(group, content, sender=sender), group.public.context.encoded
    )
    return PublicMessage(signed, b"").encode()


def with_path(group: MemberGroup, alter: Callable[[UpdatePath], UpdatePath], **wanted: Any) -> bytes:
    """The member's own commit, with its path altered."""
    honest = group.commit(authenticate=anybody, now=NOW, **wanted)
    content = PublicMessage.decode(honest.message).content
    commit = content.framed.content
    assert isinstance(commit, Commit) and commit.path is not None
    altered = replace(content.framed, content=Commit(commit.proposals, alter(commit.path)))
    return said(group, altered, tag=content.confirmation_tag)


def with_path_leaf(group: MemberGroup, *, sign_again: bool = True, **changes: Any) -> bytes:
    """The member's own commit, with the leaf of its path changed and signed again."""

    def alter(path: UpdatePath) -> UpdatePath:
        leaf = replace(path.leaf_node, **changes)
        return UpdatePath(leaf.signed(group.signer, group.group_id, group.own_leaf) if sign_again else leaf, path.nodes)

    return with_path(group, alter)


def with_path_keys(group: MemberGroup, alter: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """The member's own empty commit, with other public keys on its path and the parent hash that follows from them."""

    def change(path: UpdatePath) -> UpdatePath:
        keys = alter([node.encryption_key for node in path.nodes])
        _, leaf_hash = path_parents(group.public.tree, group.own_leaf, keys)
        leaf = replace(path.leaf_node, parent_hash=leaf_hash).signed(group.signer, group.group_id, group.own_leaf)
        nodes = [PathNode(key, node.secrets) for key, node in zip(keys, path.nodes, strict=True)]
        return UpdatePath(leaf, tuple(nodes))

    return with_path(group, change)


def leaf_of(group: MemberGroup, index: int = -1) -> LeafNode:
    """A member's leaf, by default one's own."""
    return group.public.tree.member(group.own_leaf if index < 0 else LeafIndex(index), rule="test")


def update_of(group: MemberGroup, key: bytes, *, sign_again: bool = True, **changes: Any) -> Update:
    """The member's own Update, with its leaf changed."""
    honest = {"source": Source.UPDATE, "lifetime": None, "parent_hash": b"", "encryption_key": key}
    leaf = replace(leaf_of(group), **{**honest, **changes})
    return Update(leaf.signed(group.signer, group.group_id, group.own_leaf) if sign_again else leaf)


def from_joiner(
    group: MemberGroup,
    who: Person,
    alter: Callable[[Commit], Commit] = lambda commit: commit,
    *,
    signer: Signer | None = None,
    **leaf: Any,
) -> bytes:
    """The external commit of somebody who joins the group, altered and signed again, the leaf of its path too."""
    info = group.group_info(with_external_pub=True)
    credential = who.package.leaf_node.credential
    made = MemberGroup.join_external(info, who.signer, credential, authenticate=anybody, now=NOW)
    content = PublicMessage.decode(made.message).content
    commit = content.framed.content
    assert isinstance(commit, Commit) and commit.path is not None
    if leaf:
        changed = replace(commit.path.leaf_node, **leaf).signed(who.signer, group.group_id, made.pending.own_leaf)
        commit = Commit(commit.proposals, UpdatePath(changed, commit.path.nodes))
    altered = replace(content.framed, content=alter(commit))
    signed = sign(signer or who.signer, WireFormat.PUBLIC_MESSAGE, altered, group.public.context.encoded)
    return PublicMessage(replace(signed, confirmation_tag=content.confirmation_tag), b"").encode()


# Key packages


def package_of(who: Person, *, leaf: dict[str, Any] | None = None, **changes: Any) -> KeyPackage:
    """Somebody's key package with leaf and fields changed, both signed again by their owner."""
    changed = replace(who.package.leaf_node, **(leaf or {})).signed(who.signer)
    return replace(who.package, **{"leaf_node": changed, **changes}).signed(who.signer)


def able(who: Person, **changes: Any) -> Capabilities:
    """Somebody's capabilities, changed."""
    return replace(who.package.leaf_node.capabilities, **changes)


# Entering


def rewelcomed(
    group: MemberGroup,
    welcome: bytes | None,
    who: Person,
    *,
    info: Callable[[GroupInfo], GroupInfo] = lambda info: info,
    secrets: Callable[[GroupSecrets], GroupSecrets] = lambda secrets: secrets,
    retag: bool = True,
    resign: bool = True,
    to: Person | None = None,
    psks: PskLookup = no_psks,
) -> bytes:
    """A Welcome made again by a member, with GroupInfo or secrets changed and all that follows from them put right.

    `to` is another reader. The Welcome is of its old suite, whatever the GroupInfo says.
    """
    assert welcome is not None
    opened = open_welcome(Welcome.decode(welcome), who.package, who.secrets, psks)
    told, changed = secrets(opened.secrets), info(opened.info)
    psk = psk_secret(group.suite, told.psks, psks)
    if retag:
        epoch, _ = epoch_secrets(changed.context, told.joiner_secret, psk)
        tag = confirmation_tag(group.suite, epoch, changed.context.confirmed_transcript_hash)
        changed = replace(changed, confirmation_tag=tag)
    if resign:
        changed = changed.signed(group.signer)
    told_apart: Any = SimpleNamespace(context=opened.info.context, encoded=changed.encoded)
    newcomers = [((to or who).package, told.path_secret)]
    return make_welcome(told_apart, newcomers, told.joiner_secret, told.psks, psk).encode()


def of_tree(tree: RatchetTree | bytes) -> Callable[[GroupInfo], GroupInfo]:
    """A GroupInfo with another tree, and the tree hash of that."""

    def change(info: GroupInfo) -> GroupInfo:
        data = tree if isinstance(tree, bytes) else tree.encode()
        others = tuple(extension for extension in info.extensions if extension.type != RATCHET_TREE)
        context = info.context if isinstance(tree, bytes) else replace(info.context, tree_hash=tree.tree_hash())
        return replace(info, context=context, extensions=(Extension(RATCHET_TREE, data), *others))

    return change


def put(tree: RatchetTree, nodes: dict[int, Node | None]) -> RatchetTree:
    """The tree with other nodes."""
    return RatchetTree(tree.suite, [nodes.get(index, node) for index, node in enumerate(tree.nodes)])


def put_leaf(group: MemberGroup, index: int, signer: Signer, **changes: Any) -> RatchetTree:
    """The group's tree with a leaf changed by its owner, as if by an Update: its path is blank."""
    honest = {"source": Source.UPDATE, "lifetime": None, "parent_hash": b""}
    leaf = replace(leaf_of(group, index), **{**honest, **changes}).signed(signer, group.group_id, LeafIndex(index))
    blank: dict[int, Node | None] = dict.fromkeys(range(1, len(group.public.tree.nodes), 2))
    return put(group.public.tree, {**blank, node_of(LeafIndex(index)): leaf})


def put_path(group: MemberGroup, keys: Sequence[bytes]) -> RatchetTree:
    """The group's tree after its member's path of these keys, with right parent hashes."""
    tree, own = group.public.tree, group.own_leaf
    parents, leaf_hash = path_parents(tree, own, keys)
    leaf = replace(leaf_of(group), source=Source.COMMIT, lifetime=None, parent_hash=leaf_hash)
    placed: dict[int, Node | None] = dict.fromkeys(map(int, direct_path(node_of(own), tree.leaves)))
    placed.update({int(node): parent for node, parent in parents})
    return put(tree, {**placed, node_of(own): leaf.signed(group.signer, group.group_id, own)})
