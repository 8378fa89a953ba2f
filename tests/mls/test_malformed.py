"""Structures that are wrong in one field, and Welcomes that are wrong in one respect."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from cordiale.crypto.suite import Suite
from cordiale.errors import Malformed, ProtocolViolation
from cordiale.mls import private_message
from cordiale.mls.commit_following import Followed
from cordiale.mls.commit_making import CommitOptions, Committer, make_commit, make_group_info
from cordiale.mls.content import AuthenticatedContent, FramedContent, member, read_sender, sign
from cordiale.mls.credential import BasicCredential, read_credential
from cordiale.mls.entering import found
from cordiale.mls.extension import Extension, RequiredCapabilities, read_extensions, required_capabilities
from cordiale.mls.group_context import GroupContext
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.leaf_node import Source, read_leaf_node
from cordiale.mls.proposal import read_proposal, read_proposal_or_ref, read_psk_id
from cordiale.mls.psk import no_psks
from cordiale.mls.same_client import same_credential
from cordiale.mls.schedule import no_psk
from cordiale.mls.secret_tree import SecretTree
from cordiale.mls.sender_data import SenderDataSecret
from cordiale.mls.staging import apply_list
from cordiale.mls.syntax import Reader, opaque, parse, u8, u16, u32, u64, vector
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_kem import derive_path
from cordiale.mls.tree_math import NodeIndex
from cordiale.mls.welcome import GroupSecrets, make_welcome
from cordiale.mls.wire_format import WireFormat, read_header
from cordiale.vocab.identifier import LeafIndex
from mls.people import FAST, GROUP_ID, NOW, anybody, founder, fresh_signer, group_of, join, person

LEAF = person("bob").package.leaf_node.encoded
CONTEXT = founder().public.context.encoded
PACKAGE = person("bob").package.encoded

FAULTS: dict[str, tuple[Callable[[Reader], object], bytes]] = {
    "version of a message": (read_header, u16(2) + u16(1)),
    "wire format": (read_header, u16(1) + u16(6)),
    "version of a group context": (GroupContext.read, u16(2) + CONTEXT[2:]),
    "version of a key package": (KeyPackage.read, u16(2) + PACKAGE[2:]),
    "version of a reinit": (read_proposal, u16(5) + opaque(b"") + u16(2) + u16(1) + vector([])),
    "proposal type": (read_proposal, u16(99)),
    "proposal or reference": (read_proposal_or_ref, u8(3)),
    "psk type": (read_psk_id, u8(3)),
    "psk usage": (read_psk_id, u8(2) + u8(4)),
    "sender type": (read_sender, u8(5)),
    "credential type": (read_credential, u16(3)),
    "chain without certificates": (read_credential, u16(2) + vector([])),
    "chain of nine certificates": (read_credential, u16(2) + vector([opaque(b"c")] * 9)),
    "extension twice": (read_extensions, vector([u16(9) + opaque(b"")] * 2)),
    "leaf node source": (read_leaf_node, LEAF.replace(u8(Source.KEY_PACKAGE) + u64(1_779_996_400), u8(4) + u64(0))),
    "content of a welcome": (AuthenticatedContent.read, u16(3)),
    "content type": (FramedContent.read, opaque(b"") + u64(0) + u8(1) + u32(0) + opaque(b"") + u8(4)),
    "ratchet kind": (SecretTree.read, u32(1) + vector([]) + vector([u32(0) + u8(3)])),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_wrong_field(fault: str) -> None:
    read, data = FAULTS[fault]
    with pytest.raises(Malformed):
        parse(data, read, "test", limit=10_000)


def test_required_capabilities_round_trip() -> None:
    required = RequiredCapabilities((1, 2), (3,), (1,))
    assert required_capabilities((Extension(3, required.encode()),)) == required
    assert required_capabilities(()) == RequiredCapabilities()


def test_padding_must_be_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = group_of(["bob"])
    honest = private_message.seal

    def dirty(suite: Suite, key: bytes, nonce: bytes, associated: bytes, plaintext: bytes) -> bytes:
        padded = plaintext[:-1] + b"\x01" if len(plaintext) > 100 else plaintext
        return honest(suite, key, nonce, associated, padded)

    monkeypatch.setattr(private_message, "seal", dirty)
    _, message = first.encrypt(b"", b"")
    with pytest.raises(Malformed, match="padding"):
        second.decrypt(message)


# Welcomes


def test_a_welcome_without_ones_leaf() -> None:
    eve = person("eve")
    group = founder()
    info = make_group_info(group.public, group.own_leaf, group.signer, (), with_tree=True)
    made = make_welcome(info, [(eve.package, None)], b"j" * 32, (), no_psk(group.suite))
    with pytest.raises(ProtocolViolation, match="own leaf is not in the tree"):
        join(made.encode(), eve)
    with pytest.raises(ProtocolViolation, match="another suite than the key package"):
        join(msgspec.structs.replace(made, suite_id=3).encode(), eve)


def test_a_welcome_of_a_group_of_another_suite() -> None:
    eve, group = person("eve"), founder()
    info = make_group_info(group.public, group.own_leaf, group.signer, (), with_tree=True)
    other = msgspec.structs.replace(info, context=msgspec.structs.replace(info.context, suite_id=3))
    forged: Any = SimpleNamespace(context=info.context, encoded=other.encoded)
    made = make_welcome(forged, [(eve.package, None)], b"j" * 32, (), no_psk(group.suite))
    with pytest.raises(ProtocolViolation, match="another suite than its Welcome"):
        join(made.encode(), eve)


def test_a_welcome_signed_by_the_newcomer_itself() -> None:
    """A path secret from oneself makes no sense; the tree has our own leaf, and we are named as its signer."""
    eve = person("eve")
    tree = RatchetTree(eve.package.suite, (eve.package.leaf_node,))
    group = founder()
    context = msgspec.structs.replace(group.public.context, tree_hash=tree.tree_hash())
    public = msgspec.structs.replace(group.public, context=context, tree=tree)
    info = make_group_info(public, LeafIndex(0), eve.signer, (), with_tree=True)
    made = make_welcome(info, [(eve.package, b"p" * 32)], b"j" * 32, (), no_psk(group.suite))
    with pytest.raises(ProtocolViolation, match="itself signed"):
        join(made.encode(), eve)


def test_records_with_secrets_do_not_show_them() -> None:
    group = founder()
    path = derive_path(group.suite, [NodeIndex(1)], b"p" * 32)
    by = Committer(group.public, group.own_leaf, group.signer, group.secrets)
    applied = apply_list(group.public.tree, group.public.context, group.own_leaf, (), anybody, same_credential)
    made = make_commit(by, (), applied, no_psks, CommitOptions())
    records = (
        found(FAST, GROUP_ID, fresh_signer(), BasicCredential(b"x"), (), NOW),
        path,
        by,
        msgspec.structs.replace(made, encryption_secret=b"p" * 32),
        Followed({}, group.secrets, b"p" * 32),
        GroupSecrets(b"p" * 32, b"p" * 32, ()),
        KeyPackageSecrets(b"p" * 32, b"p" * 32),
        msgspec.structs.replace(group.current_keys(), sender_data=SenderDataSecret(group.suite, b"p" * 32)),
    )
    for record in records:
        assert "pppp" not in repr(record)
    with pytest.raises(ProtocolViolation, match="not below the path"):
        path.secret_above(LeafIndex(5))


def test_a_sender_signs_for_one_wire_format() -> None:
    """RFC 9420 §6.1: the wire format is signed, so a content cannot be moved from one to the other."""
    group = founder()
    framed = FramedContent(group.group_id, group.epoch, member(LeafIndex(0)), b"", b"text")
    content = sign(group.signer, WireFormat.PRIVATE_MESSAGE, framed, group.public.context.encoded)
    moved = msgspec.structs.replace(content, wire_format=WireFormat.PUBLIC_MESSAGE)
    content.verify(group.suite, group.signer.public, group.public.context.encoded)
    with pytest.raises(Exception, match="message"):
        moved.verify(group.suite, group.signer.public, group.public.context.encoded)
