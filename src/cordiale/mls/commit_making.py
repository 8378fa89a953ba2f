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
from cordiale.mls.content import AuthenticatedContent, FramedContent, Sender, SenderType, member, sign
from cordiale.mls.extension import RATCHET_TREE, Extension
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import Source
from cordiale.mls.parent_hash import path_parents
from cordiale.mls.proposal import Add, ProposalRef
from cordiale.mls.proposal_list import Applied, Proposed
from cordiale.mls.psk import PskLookup, psk_secret
from cordiale.mls.public_group import PublicGroup, StagedCommit
from cordiale.mls.schedule import EpochSecrets, confirmation_tag, epoch_secrets, joiner_secret
from cordiale.mls.staging import place_path, provisional_context
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

    @property
    def sender(self) -> Sender:
        """As the commit names it."""
        return member(self.leaf)

    @property
    def init(self) -> bytes:
        """The init secret from which the next epoch starts."""
        return self.secrets.init


class Joiner(msgspec.Struct, frozen=True):
    """Who enters by an external commit, at a leaf of the next epoch, with the init secret that it sends along."""

    group: PublicGroup
    leaf: LeafIndex
    signer: Signer
    init: bytes

    def __repr__(self) -> str:
        return f"Joiner(leaf={self.leaf})"

    @property
    def sender(self) -> Sender:
        """As the commit names it."""
        return Sender(SenderType.NEW_MEMBER_COMMIT)


class CommitOptions(msgspec.Struct, frozen=True):
    """What the committer says beside its proposals, and the form in which it travels."""

    authenticated_data: bytes = b""
    info_extensions: tuple[Extension, ...] = ()
    wire_format: WireFormat = WireFormat.PUBLIC_MESSAGE


class MadeCommit(msgspec.Struct, frozen=True):
    """The content to frame and send, and what the committer's own next epoch is made of."""

    content: AuthenticatedContent
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
    by: Committer | Joiner, items: Sequence[Proposed], applied: Applied, psks: PskLookup, options: CommitOptions
) -> MadeCommit:
    """A commit to `items`, which make the group `applied`; items without reference are the committer's own."""
    group = by.group
    path = _make_path(by, applied)
    content = _sign(by, items, path.update, options)
    staged = group.conclude(content, by.leaf, path.applied, path.update)
    context = staged.group.context
    joiner = joiner_secret(context, by.init, path.secrets.commit_secret)
    psk = psk_secret(group.suite, applied.psks, psks, rule="RFC 9420 §12.4.2 (2)")
    secrets, encryption_secret = epoch_secrets(context, joiner, psk)
    tag = confirmation_tag(group.suite, secrets, context.confirmed_transcript_hash)
    after = msgspec.structs.replace(staged.group, confirmation_tag=tag)
    packages = [item.proposal.key_package for item in items if isinstance(item.proposal, Add)]
    welcome = None
    if packages:
        newcomers = [
            (package, path.secrets.secret_above(leaf)) for package, leaf in zip(packages, applied.added, strict=True)
        ]
        info = make_group_info(after, by.leaf, by.signer, options.info_extensions, with_tree=True)
        welcome = make_welcome(info, newcomers, joiner, applied.psks, psk).encode()
    return MadeCommit(
        msgspec.structs.replace(content, confirmation_tag=tag),
        welcome,
        msgspec.structs.replace(staged, group=after),
        {node_of(by.leaf): path.leaf_pair, **path.secrets.keys()},
        secrets,
        encryption_secret,
    )


def _make_path(by: Committer | Joiner, applied: Applied) -> _OwnPath:
    """Fresh keys from the committer's leaf up (RFC 9420 §7.5)."""
    suite, tree = by.group.suite, applied.tree
    leaf_pair = hpke.generate(suite)
    secrets = derive_path(suite, [node for node, _ in tree.filtered_path(by.leaf)], fresh(suite.hash_bytes))
    parents, leaf_hash = path_parents(tree, by.leaf, [pair.public for pair in secrets.pairs])
    leaf = msgspec.structs.replace(
        tree.member(by.leaf, rule="RFC 9420 §6.1 (2)"),
        encryption_key=leaf_pair.public,
        source=Source.COMMIT,
        lifetime=None,
        parent_hash=leaf_hash,
    ).signed(by.signer, by.group.group_id, by.leaf)
    merged = place_path(applied, by.leaf, leaf, parents)
    context = provisional_context(by.group.context, merged)
    return _OwnPath(merged, UpdatePath(leaf, seal_path(applied, by.leaf, secrets, context)), secrets, leaf_pair)


def _sign(
    by: Committer | Joiner, items: Sequence[Proposed], path: UpdatePath, options: CommitOptions
) -> AuthenticatedContent:
    listed = tuple(item.proposal if item.reference is None else ProposalRef(item.reference) for item in items)
    framed = FramedContent(
        by.group.group_id, by.group.epoch, by.sender, options.authenticated_data, Commit(listed, path)
    )
    return sign(by.signer, options.wire_format, framed, by.group.context.encoded)


def make_group_info(
    group: PublicGroup, leaf: LeafIndex, signer: Signer, extensions: tuple[Extension, ...], *, with_tree: bool
) -> GroupInfo:
    """The group's public state, signed by a member (RFC 9420 §12.4.3)."""
    tree = (Extension(RATCHET_TREE, group.tree.encode()),) if with_tree else ()
    return GroupInfo(group.context, (*tree, *extensions), group.confirmation_tag, leaf, b"").signed(signer)
