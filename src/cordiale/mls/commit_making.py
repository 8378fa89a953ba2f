"""Making a commit (RFC 9420 §12.4.1): proposals, an update path, the next epoch's secrets and a Welcome.

A commit always has an update path here: every commit heals the committer's keys.
"""

from collections.abc import Sequence

import msgspec

from cordiale.crypto import hpke
from cordiale.crypto.entropy import fresh
from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.signature import Signer
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.content import AuthenticatedContent, FramedContent, member, sign
from cordiale.mls.credential import Authenticate
from cordiale.mls.extension import RATCHET_TREE, Extension
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import Source
from cordiale.mls.parent_hash import path_parents
from cordiale.mls.proposal import Add, ProposalRef
from cordiale.mls.proposal_list import Applied, Proposed
from cordiale.mls.psk import PskLookup, psk_secret
from cordiale.mls.public_group import PublicGroup, StagedCommit
from cordiale.mls.schedule import EpochSecrets, confirmation_tag, epoch_secrets, joiner_secret, membership_tag
from cordiale.mls.staging import apply_list, place_path, provisional_context
from cordiale.mls.tree_kem import PathSecrets, derive_path, seal_path
from cordiale.mls.tree_math import NodeIndex, node_of
from cordiale.mls.welcome import make_welcome
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex


class Committer(msgspec.Struct, frozen=True):
    """Who commits, from which epoch."""

    group: PublicGroup
    leaf: LeafIndex
    signer: Signer
    secrets: EpochSecrets


class MadeCommit(msgspec.Struct, frozen=True):
    """The messages to send and what the committer's own next epoch is made of."""

    message: bytes
    welcome: bytes | None
    staged: StagedCommit
    keys: dict[NodeIndex, KeyPair]
    secrets: EpochSecrets
    encryption_secret: bytes

    def __repr__(self) -> str:
        return f"MadeCommit(epoch={self.staged.group.epoch})"


class _OwnPath(msgspec.Struct, frozen=True):
    applied: Applied
    update: UpdatePath
    secrets: PathSecrets
    leaf_pair: KeyPair


def make_commit(
    by: Committer,
    items: Sequence[Proposed],
    *,
    authenticate: Authenticate,
    psks: PskLookup,
    authenticated_data: bytes,
    info_extensions: tuple[Extension, ...],
) -> MadeCommit:
    """A commit to `items`; those without reference are the committer's own and are carried in it."""
    group = by.group
    applied = apply_list(group.tree, group.context, by.leaf, items, authenticate)
    path = _make_path(by, applied)
    content = _sign(by, items, path.update, authenticated_data)
    staged = group.conclude(content, path.applied, path.update)
    context = staged.group.context
    joiner = joiner_secret(context, by.secrets.init, path.secrets.commit_secret)
    psk = psk_secret(group.suite, applied.psks, psks)
    secrets, encryption_secret = epoch_secrets(context, joiner, psk)
    tag = confirmation_tag(group.suite, secrets, context.confirmed_transcript_hash)
    content = msgspec.structs.replace(content, confirmation_tag=tag)
    after = msgspec.structs.replace(staged.group, confirmation_tag=tag)
    packages = [item.proposal.key_package for item in items if isinstance(item.proposal, Add)]
    newcomers = [
        (package, path.secrets.secret_above(leaf)) for package, leaf in zip(packages, applied.added, strict=True)
    ]
    welcome = None
    if newcomers:
        info = make_group_info(after, by.leaf, by.signer, info_extensions, with_tree=True)
        welcome = make_welcome(info, newcomers, joiner, applied.psks, psk).encode()
    return MadeCommit(
        PublicMessage(content, membership_tag(group.context, by.secrets, content)).encode(),
        welcome,
        msgspec.structs.replace(staged, group=after),
        {node_of(by.leaf): path.leaf_pair, **path.secrets.keys()},
        secrets,
        encryption_secret,
    )


def _make_path(by: Committer, applied: Applied) -> _OwnPath:
    """Fresh keys from the committer's leaf up (RFC 9420 §7.5)."""
    suite, tree = by.group.suite, applied.tree
    leaf_pair = hpke.generate(suite)
    secrets = derive_path(suite, [node for node, _ in tree.filtered_path(by.leaf)], fresh(suite.hash_bytes))
    parents, leaf_hash = path_parents(tree, by.leaf, [pair.public for pair in secrets.pairs])
    leaf = msgspec.structs.replace(
        tree.member(by.leaf, rule="RFC 9420 §12.4"),
        encryption_key=leaf_pair.public,
        source=Source.COMMIT,
        lifetime=None,
        parent_hash=leaf_hash,
    ).signed(by.signer, by.group.group_id, by.leaf)
    merged = place_path(applied, by.leaf, leaf, parents)
    context = provisional_context(by.group.context, merged)
    return _OwnPath(merged, UpdatePath(leaf, seal_path(applied, by.leaf, secrets, context)), secrets, leaf_pair)


def _sign(
    by: Committer, items: Sequence[Proposed], path: UpdatePath, authenticated_data: bytes
) -> AuthenticatedContent:
    listed = tuple(item.proposal if item.reference is None else ProposalRef(item.reference) for item in items)
    framed = FramedContent(by.group.group_id, by.group.epoch, member(by.leaf), authenticated_data, Commit(listed, path))
    return sign(by.signer, WireFormat.PUBLIC_MESSAGE, framed, by.group.context.encoded)


def make_group_info(
    group: PublicGroup, leaf: LeafIndex, signer: Signer, extensions: tuple[Extension, ...], *, with_tree: bool
) -> GroupInfo:
    """The group's public state, signed by a member (RFC 9420 §12.4.3)."""
    tree = (Extension(RATCHET_TREE, group.tree.encode()),) if with_tree else ()
    return GroupInfo(group.context, (*tree, *extensions), group.confirmation_tag, leaf, b"").signed(signer)
