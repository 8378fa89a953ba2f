"""Known defects of MLS engines: each commit or Welcome here is right but for one thing, and must be refused untouched.

The forge is the real maker of commits with one step replaced, so that all else (signatures, tags) is as an attacker
inside the group could make it.
"""

from collections.abc import Callable

import msgspec
import pytest

from cordiale.crypto.sealed import Sealed
from cordiale.errors import BadSignature, CannotDecrypt, CordialeError, IllegalStep, ProtocolViolation
from cordiale.mls import commit_making, handshake_framing
from cordiale.mls.commit import Commit, UpdatePath
from cordiale.mls.content import FramedContent, member, sign
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import LeafNode, Source
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.private_message import seal_message
from cordiale.mls.proposal import Add, GroupContextExtensions, Proposal, ProposalRef, Remove, Update
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.same_client import same_credential
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from mls.people import NOW, anybody, anyone, group_of, join, nobody, person

Patch = pytest.MonkeyPatch
PATHS = "_make_path"


def refuse(groups: list[MemberGroup], message: bytes, error: type[CordialeError], *, blind: bool = True) -> None:
    """Every other member refuses the message and stays as it was; so does the node, where it can see the fault."""
    for group in groups:
        before = group.encode()
        with pytest.raises(error):
            group.process(message, authenticate=anybody, now=NOW)
        assert group.encode() == before
    seen = PublicGroup.decode(groups[0].public.encode())
    if blind:
        with pytest.raises(error):
            seen.process(message, authenticate=anybody, now=NOW)


def alter_path(patch: Patch, alter: Callable[[UpdatePath], UpdatePath]) -> None:
    """The committer sends another path than it made."""
    make = commit_making._make_path

    def forged(by: commit_making.Committer, applied: commit_making.Applied) -> commit_making._OwnPath:
        path = make(by, applied)
        return msgspec.structs.replace(path, update=alter(path.update))

    patch.setattr(commit_making, PATHS, forged)


def resigned(group: MemberGroup, leaf: LeafNode) -> LeafNode:
    """A leaf that its owner signed after altering it."""
    return leaf.signed(group.signer, group.group_id, group.own_leaf)


def with_leaf(path: UpdatePath, leaf: LeafNode) -> UpdatePath:
    """A path of another leaf."""
    return UpdatePath(leaf, path.nodes)


def test_the_forge_is_faithful(monkeypatch: Patch) -> None:
    first, second, _ = group_of(["bob", "carol"])
    alter_path(monkeypatch, lambda path: path)
    result = first.commit(authenticate=anybody, now=NOW)
    second.process(result.message, authenticate=anybody, now=NOW)


def test_an_unsigned_path_leaf(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    alter_path(monkeypatch, lambda path: with_leaf(path, msgspec.structs.replace(path.leaf_node, signature=b"")))
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, BadSignature)


def test_a_path_leaf_signed_for_another_place(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    alter_path(
        monkeypatch,
        lambda path: with_leaf(path, path.leaf_node.signed(first.signer, first.group_id, LeafIndex(1))),
    )
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, BadSignature)


def test_a_path_leaf_of_another_source(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    alter_path(
        monkeypatch,
        lambda path: with_leaf(
            path, resigned(first, msgspec.structs.replace(path.leaf_node, source=Source.UPDATE, parent_hash=b""))
        ),
    )
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, ProtocolViolation)


def test_a_path_leaf_that_keeps_its_key(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    old = first.public.tree.member(LeafIndex(0), rule="test").encryption_key
    alter_path(
        monkeypatch,
        lambda path: with_leaf(path, resigned(first, msgspec.structs.replace(path.leaf_node, encryption_key=old))),
    )
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, ProtocolViolation)


def test_a_wrong_parent_hash(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    alter_path(
        monkeypatch,
        lambda path: with_leaf(path, resigned(first, msgspec.structs.replace(path.leaf_node, parent_hash=bytes(32)))),
    )
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, ProtocolViolation)


@pytest.mark.parametrize("change", ["shorter", "fewer ciphertexts", "more ciphertexts"])
def test_a_path_of_the_wrong_shape(monkeypatch: Patch, change: str) -> None:
    first, *others = group_of(["bob", "carol"])

    def alter(path: UpdatePath) -> UpdatePath:
        head, *rest = path.nodes
        if change == "shorter":
            return UpdatePath(path.leaf_node, tuple(rest))
        secrets = head.secrets[1:] if change.startswith("fewer") else head.secrets * 2
        return UpdatePath(path.leaf_node, (msgspec.structs.replace(head, secrets=secrets), *rest))

    alter_path(monkeypatch, alter)
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, ProtocolViolation)


def test_a_path_key_twice_in_the_tree(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    other = first.public.tree.member(LeafIndex(1), rule="test").encryption_key

    def forged(tree: object, leaf: object, keys: list[bytes]) -> object:
        return honest(tree, leaf, [other, *keys[1:]])  # type: ignore[arg-type]

    honest = commit_making.path_parents
    monkeypatch.setattr(commit_making, "path_parents", forged)
    with pytest.raises(ProtocolViolation, match="two nodes have one encryption key"):
        first.commit(authenticate=anybody, now=NOW)
    monkeypatch.setattr(commit_making, "place_path", lambda applied, *rest: applied)
    alter_path(
        monkeypatch,
        lambda path: UpdatePath(
            path.leaf_node, (msgspec.structs.replace(path.nodes[0], encryption_key=other), *path.nodes[1:])
        ),
    )
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, ProtocolViolation)


def test_path_secrets_that_do_not_open(monkeypatch: Patch) -> None:
    """Only those for whom they are can see it; the node cannot."""
    first, *others = group_of(["bob", "carol"])

    def alter(path: UpdatePath) -> UpdatePath:
        broken = [
            msgspec.structs.replace(
                node, secrets=tuple(Sealed(secret.kem_output, bytes(48)) for secret in node.secrets)
            )
            for node in path.nodes
        ]
        return UpdatePath(path.leaf_node, tuple(broken))

    alter_path(monkeypatch, alter)
    refuse(others, first.commit(authenticate=anybody, now=NOW).message, CannotDecrypt, blind=False)


def test_path_secrets_that_give_other_keys(monkeypatch: Patch) -> None:
    """RFC 9420 §7.5: a public key that its secret does not give would split the group."""
    first, *others = group_of(["bob", "carol"])
    honest = commit_making.seal_path

    def forged(applied: object, committer: object, path: object, context: object) -> object:
        wrong = msgspec.structs.replace(path, secrets=tuple(bytes(32) for _ in path.secrets))  # type: ignore[attr-defined]
        return honest(applied, committer, wrong, context)  # type: ignore[arg-type]

    monkeypatch.setattr(commit_making, "seal_path", forged)
    message = first.commit(authenticate=anybody, now=NOW).message
    refuse(others, message, ProtocolViolation, blind=False)


def test_a_wrong_confirmation_tag(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    monkeypatch.setattr(commit_making, "confirmation_tag", lambda *given: bytes(32))
    message = first.commit(authenticate=anybody, now=NOW).message
    refuse(others, message, ProtocolViolation, blind=False)


def test_a_wrong_membership_tag(monkeypatch: Patch) -> None:
    """Someone outside who has a member's signing key, but not the epoch's secrets."""
    first, *others = group_of(["bob", "carol"])
    monkeypatch.setattr(handshake_framing, "membership_tag", lambda *given: bytes(32))
    message = first.commit(authenticate=anybody, now=NOW).message
    refuse(others, message, ProtocolViolation, blind=False)


def test_a_commit_signed_by_another(monkeypatch: Patch) -> None:
    first, second, third = group_of(["bob", "carol"])
    impostor = msgspec.structs.replace(first, signer=second.signer)
    refuse([second, third], impostor.commit(authenticate=anybody, now=NOW).message, BadSignature)


def committed(group: MemberGroup, items: list[Proposal | ProposalRef], *, path: UpdatePath | None = None) -> bytes:
    """A commit with any list, well signed and tagged for members; its confirmation tag is never reached."""
    framed = FramedContent(group.group_id, group.epoch, member(group.own_leaf), b"", Commit(tuple(items), path))
    content = sign(group.signer, WireFormat.PUBLIC_MESSAGE, framed, group.public.context.encoded)
    tag = handshake_framing.membership_tag(group.public.context, group.secrets, content)
    return PublicMessage(content, tag).encode()


def test_lists_that_must_not_stand() -> None:
    first, *others = group_of(["bob", "carol"])
    eve, leaf = person("eve"), first.public.tree.member(LeafIndex(0), rule="test")
    twin = msgspec.structs.replace(eve.package)
    update = resigned(
        first, msgspec.structs.replace(leaf, source=Source.UPDATE, lifetime=None, encryption_key=b"k" * 32)
    )
    extensions = GroupContextExtensions(())
    lists: list[list[Proposal | ProposalRef]] = [
        [],  # an empty list asks for a path
        [Remove(LeafIndex(1))],  # so does a removal
        [Remove(LeafIndex(0))],
        [Remove(LeafIndex(1)), Remove(LeafIndex(1))],
        [Remove(LeafIndex(9))],
        [Update(update)],
        [Add(eve.package), Add(twin)],
        [extensions, extensions],
        [ProposalRef(bytes(32))],
    ]
    for items in lists:
        refuse(others, committed(first, items), ProtocolViolation)


def test_somebody_is_added_who_is_there_already() -> None:
    bob = person("bob")
    groups = group_of(["carol"])
    result = groups[0].commit(add=[bob.package], authenticate=anybody, now=NOW)
    groups[1], _ = groups[1].process(result.message, authenticate=anybody, now=NOW)
    refuse([groups[1]], committed(result.pending, [Add(bob.package)]), ProtocolViolation)
    with pytest.raises(ProtocolViolation, match="two members have one signature key"):
        result.pending.commit(add=[bob.package], authenticate=anybody, now=NOW)


def test_a_reference_is_used_once() -> None:
    groups = group_of(["bob", "carol"])
    _, proposal = groups[1].propose_add(person("eve").package, authenticate=anybody, now=NOW)
    groups = [group.process(proposal, authenticate=anybody, now=NOW)[0] for group in groups]
    reference = groups[0].public.waiting[0].reference
    assert reference is not None
    twice: list[Proposal | ProposalRef] = [ProposalRef(reference), ProposalRef(reference)]
    refuse(groups[1:], committed(groups[0], twice), ProtocolViolation)


def test_a_changed_credential_is_asked_about(monkeypatch: Patch) -> None:
    first, *others = group_of(["bob", "carol"])
    renamed = BasicCredential(b"renamed")
    alter_path(
        monkeypatch,
        lambda path: with_leaf(path, resigned(first, msgspec.structs.replace(path.leaf_node, credential=renamed))),
    )
    message = first.commit(authenticate=anybody, now=NOW).message
    for group in others:
        with pytest.raises(ProtocolViolation, match="take the other's place"):
            group.public.process(message, authenticate=anybody, now=NOW)
        with pytest.raises(CordialeError, match="refused by the test"):
            group.public.process(message, authenticate=nobody, now=NOW, same=anyone)
    seen, event = others[0].public.process(message, authenticate=anybody, now=NOW, same=anyone)
    assert isinstance(event, CommitSeen)
    assert [member.credential for member in event.updated] == [renamed]
    assert seen.members[0].credential == renamed


def test_a_member_without_its_keys_cannot_follow() -> None:
    first, second = group_of(["bob"])
    result = first.commit(authenticate=anybody, now=NOW)
    with pytest.raises(CannotDecrypt, match="no path secret"):
        msgspec.structs.replace(second, keys={}).process(result.message, authenticate=anybody, now=NOW)


# Welcomes


def alter_info(patch: Patch, alter: Callable[[GroupInfo, MemberGroup], GroupInfo], group: MemberGroup) -> None:
    """The Welcome holds another GroupInfo than the committer made."""
    make = commit_making.make_group_info

    def forged(*given: object, **named: object) -> GroupInfo:
        return alter(make(*given, **named), group)  # type: ignore[arg-type]

    patch.setattr(commit_making, "make_group_info", forged)


WELCOME_FAULTS: dict[str, tuple[Callable[[GroupInfo, MemberGroup], GroupInfo], type[CordialeError]]] = {
    "signed by another leaf than named": (
        lambda info, group: msgspec.structs.replace(info, signer=LeafIndex(1)).signed(group.signer),
        BadSignature,
    ),
    "signed by a blank leaf": (
        lambda info, group: msgspec.structs.replace(info, signer=LeafIndex(6)).signed(group.signer),
        ProtocolViolation,
    ),
    "not signed": (lambda info, group: msgspec.structs.replace(info, signature=b""), BadSignature),
    "another tree hash": (
        lambda info, group: msgspec.structs.replace(
            info, context=msgspec.structs.replace(info.context, tree_hash=bytes(32))
        ).signed(group.signer),
        ProtocolViolation,
    ),
    "another confirmation tag": (
        lambda info, group: msgspec.structs.replace(info, confirmation_tag=bytes(32)).signed(group.signer),
        ProtocolViolation,
    ),
    "another epoch": (
        lambda info, group: msgspec.structs.replace(
            info, context=msgspec.structs.replace(info.context, epoch=9)
        ).signed(group.signer),
        ProtocolViolation,
    ),
    "no tree": (
        lambda info, group: msgspec.structs.replace(info, extensions=()).signed(group.signer),
        ProtocolViolation,
    ),
}


@pytest.mark.parametrize("fault", WELCOME_FAULTS)
def test_a_welcome_with_a_fault(monkeypatch: Patch, fault: str) -> None:
    alter, error = WELCOME_FAULTS[fault]
    first, eve = group_of(["bob", "carol"])[0], person("eve")
    alter_info(monkeypatch, alter, first)
    result = first.commit(add=[eve.package], authenticate=anybody, now=NOW)
    with pytest.raises(error):
        join(result.welcome, eve)


def test_a_welcome_whose_path_secret_is_wrong(monkeypatch: Patch) -> None:
    first, eve = group_of(["bob", "carol"])[0], person("eve")
    monkeypatch.setattr(commit_making.PathSecrets, "secret_above", lambda *given: bytes(32))
    result = first.commit(add=[eve.package], authenticate=anybody, now=NOW)
    with pytest.raises(ProtocolViolation, match="tree's public keys"):
        join(result.welcome, eve)


def test_a_refused_newcomer_does_not_enter() -> None:
    first, eve = group_of(["bob"])[0], person("eve")
    result = first.commit(add=[eve.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    with pytest.raises(CordialeError, match="refused by the test"):
        MemberGroup.join(result.welcome, eve.package, eve.secrets, eve.signer, authenticate=nobody, now=NOW)


# Application messages


def sealed(group: MemberGroup, *, signer: MemberGroup, context: bytes | None = None, leaf: int | None = None) -> bytes:
    """A PrivateMessage under the epoch's keys with any signature."""
    framed = FramedContent(
        group.group_id, group.epoch, member(LeafIndex(group.own_leaf if leaf is None else leaf)), b"", b"hello"
    )
    content = sign(signer.signer, WireFormat.PRIVATE_MESSAGE, framed, context or group.public.context.encoded)
    return seal_message(content, group.secrets.sender_data, group.secret_tree, group.suite)[0]


def test_a_message_under_anothers_name() -> None:
    """Every member can derive every ratchet; only the signature tells who wrote."""
    first, second, third = group_of(["bob", "carol"])
    before = third.encode()
    for message in (
        sealed(first, signer=second),
        sealed(first, signer=first, leaf=1),
        sealed(first, signer=first, context=b"another"),
    ):
        with pytest.raises(BadSignature):
            third.decrypt(message)
    with pytest.raises(ProtocolViolation, match="nobody is at leaf"):
        bigger = group_of(["bob", "carol", "dave"])
        bigger[1], _ = bigger[1].process(
            (result := bigger[0].commit(remove=[LeafIndex(2)], authenticate=anybody, now=NOW)).message,
            authenticate=anybody,
            now=NOW,
        )
        bigger[1].decrypt(sealed(result.pending, signer=result.pending, leaf=2))
    assert third.encode() == before


def test_a_handshake_is_no_application_message() -> None:
    first, second, _ = group_of(["bob", "carol"])
    framed = FramedContent(first.group_id, first.epoch, member(first.own_leaf), b"", Remove(LeafIndex(1)))
    content = sign(first.signer, WireFormat.PRIVATE_MESSAGE, framed, first.public.context.encoded)
    message, _ = seal_message(content, first.secrets.sender_data, first.secret_tree, first.suite)
    with pytest.raises(ProtocolViolation, match="a handshake"):
        second.decrypt(message)
    _, application = first.encrypt(b"text", b"")
    with pytest.raises(ProtocolViolation, match="application data"):
        second.process(application, authenticate=anybody, now=NOW)


def test_wrong_content_for_a_step_is_local_misuse() -> None:
    group = group_of(["bob"])[0]
    framed = FramedContent(group.group_id, group.epoch, member(group.own_leaf), b"", b"")
    content = sign(group.signer, WireFormat.PRIVATE_MESSAGE, framed, group.public.context.encoded)
    for step in (group.public.stage, group.public.with_proposal):
        with pytest.raises(IllegalStep):
            step(content, anybody, same_credential)
