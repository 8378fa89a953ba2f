"""Entering a group: as its founder (RFC 9420 §11) or by a Welcome (§12.4.3.1)."""

import msgspec

from cordiale.crypto import hpke
from cordiale.crypto.entropy import fresh
from cordiale.crypto.hpke import KeyPair
from cordiale.crypto.signature import Signer, signer_from_seed
from cordiale.crypto.suite import Suite, suite_of
from cordiale.errors import IllegalStep, Malformed, ProtocolViolation
from cordiale.mls.credential import Authenticate, Credential
from cordiale.mls.extension import Extension
from cordiale.mls.group_context import GroupContext
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.leaf_node import Capabilities, LeafNode, Lifetime, Source, default_capabilities
from cordiale.mls.member_state import MemberState
from cordiale.mls.psk import PskLookup
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.resumption import check_link, link_of
from cordiale.mls.same_client import SameClient
from cordiale.mls.schedule import (
    EpochSecrets,
    check_confirmation,
    confirmation_tag,
    epoch_secrets,
    secrets_of_epoch,
)
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_kem import check_path, derive_path
from cordiale.mls.tree_math import NodeIndex, is_within, node_of
from cordiale.mls.tree_validation import check_members
from cordiale.mls.welcome import OpenedWelcome, Welcome, open_welcome
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.vocab.moment import DAY, SECOND, Moment

_FOUNDER_LIFETIME = 90 * DAY // SECOND


class Entered(msgspec.Struct, frozen=True):
    """What a member's state is made of, on its first day."""

    public: PublicGroup
    own_leaf: LeafIndex
    keys: dict[NodeIndex, KeyPair]
    secrets: EpochSecrets
    encryption_secret: bytes

    def __repr__(self) -> str:
        return f"Entered(epoch={self.public.epoch})"


def new_leaf(
    suite: Suite, signer: Signer, credential: Credential, capabilities: Capabilities, now: Moment
) -> tuple[LeafNode, KeyPair]:
    """A leaf of somebody who enters without a key package, and its key pair; unsigned."""
    _check_scheme(suite, signer)
    pair, since = hpke.generate(suite), now // SECOND
    lifetime = Lifetime(since, since + _FOUNDER_LIFETIME)
    leaf = LeafNode(pair.public, signer.public, credential, capabilities, Source.KEY_PACKAGE, lifetime, b"", (), b"")
    return leaf, pair


def _check_scheme(suite: Suite, signer: Signer) -> None:
    """RFC 9420 §5.1.2: whoever enters signs as the suite says."""
    try:
        fits = signer_from_seed(suite.scheme, signer.seed()).public == signer.public
    except Malformed:
        fits = False
    if not fits:
        raise IllegalStep(f"the signing key is not for {suite.name}")


def found(
    suite_id: int,
    group_id: bytes,
    signer: Signer,
    credential: Credential,
    extensions: tuple[Extension, ...],
    now: Moment,
) -> Entered:
    """A group of one, in epoch 0."""
    suite = suite_of(suite_id)
    capabilities = default_capabilities([extension.type for extension in extensions])
    leaf, pair = new_leaf(suite, signer, credential, capabilities, now)
    leaf = leaf.signed(signer)
    tree = RatchetTree(suite, (leaf,))
    own = LeafIndex(0)
    check_members(tree, extensions, (own,))
    context = GroupContext(suite_id, group_id, Epoch(0), tree.tree_hash(), b"", extensions)
    secrets, encryption_secret = secrets_of_epoch(suite, fresh(suite.hash_bytes))
    public = PublicGroup(context, tree, confirmation_tag(suite, secrets, b""))
    return Entered(public, own, {node_of(own): pair}, secrets, encryption_secret)


def enter(
    message: bytes,
    package: KeyPackage,
    private: KeyPackageSecrets,
    signer: Signer,
    *,
    authenticate: Authenticate,
    now: Moment,
    ratchet_tree: bytes | None,
    psks: PskLookup,
    old: MemberState | None,
    same: SameClient,
) -> tuple[Entered, GroupInfo]:
    """By a Welcome as an MLSMessage; every check of RFC 9420 §12.4.3.1. `old` is the group that this one continues."""
    leaf_pair = _own_pair(package, private, signer)
    known = psks if old is None else old.with_resumption(psks)
    opened = open_welcome(Welcome.decode(message), package, private, known)
    public = PublicGroup.from_verified(opened.info, ratchet_tree, authenticate=authenticate, now=now)
    own = _find(public.tree, package.leaf_node)
    keys = {node_of(own): leaf_pair, **_path_keys(opened, public.tree, own)}
    secrets, encryption_secret = epoch_secrets(public.context, opened.secrets.joiner_secret, opened.psk_secret)
    check_confirmation(public.context, secrets, public.confirmation_tag, rule="RFC 9420 §12.4.3.1 (14)")
    link = link_of(opened.secrets.psks)
    if link is not None:
        check_link(link, old, public, same)
    return Entered(public, own, keys, secrets, encryption_secret), opened.info


def _own_pair(package: KeyPackage, private: KeyPackageSecrets, signer: Signer) -> KeyPair:
    leaf = package.leaf_node
    if hpke.public_of(package.suite, private.leaf_private) != leaf.encryption_key:
        raise IllegalStep("the private keys are those of another key package")
    if signer.public != leaf.signature_key:
        raise IllegalStep("the signing key is that of another key package")
    return KeyPair(private.leaf_private, leaf.encryption_key)


def _find(tree: RatchetTree, leaf: LeafNode) -> LeafIndex:
    """RFC 9420 §12.4.3.1: our leaf must be in the tree exactly as we offered it."""
    for index, there in tree.members():
        if there == leaf:
            return index
    raise ProtocolViolation("the newcomer's own leaf is not in the tree", rule="RFC 9420 §12.4.3.1 (12)")


def _path_keys(opened: OpenedWelcome, tree: RatchetTree, own: LeafIndex) -> dict[NodeIndex, KeyPair]:
    """The key pairs from the lowest node above both signer and newcomer up, if the commit had a path."""
    first, signer = opened.secrets.path_secret, opened.info.signer
    if first is None:
        return {}
    if signer == own:
        raise ProtocolViolation("the newcomer itself signed", rule="RFC 9420 §12.4.3.1 (15)")
    nodes = [node for node, _ in tree.filtered_path(signer) if is_within(node_of(own), node)]
    path = derive_path(tree.suite, nodes, first)
    parents = [tree.parent(node) for node in nodes]
    check_path(
        path, [None if parent is None else parent.encryption_key for parent in parents], rule="RFC 9420 §12.4.3.1 (13)"
    )
    return path.keys()
