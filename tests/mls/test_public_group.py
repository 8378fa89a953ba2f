"""The blind node's view: it follows handshakes without secrets, and refuses what needs none to be refused."""

import subprocess
import sys

import msgspec
import pytest

from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, LimitExceeded, Malformed, ProtocolViolation, Replayed, StaleEpoch
from cordiale.mls.commit import Commit
from cordiale.mls.content import FramedContent, Sender, SenderType, sign
from cordiale.mls.credential import BasicCredential, X509Credential
from cordiale.mls.events import CommitSeen, ProposalSeen
from cordiale.mls.extension import RATCHET_TREE, ROOM_PARAMETERS, Extension
from cordiale.mls.external_sender import ExternalSender, external_senders, external_senders_extension
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import Source
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    Remove,
    ResumptionPsk,
    ResumptionUsage,
    Update,
)
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.schedule import membership_tag
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.wire import limits
from mls.people import FAST, GROUP_ID, NOW, SUITE_IDS, anybody, founder, group_of, nobody, person, public_of

SECRET_MODULES = (
    "cordiale.mls.schedule",
    "cordiale.mls.secret_tree",
    "cordiale.mls.tree_kem",
    "cordiale.mls.welcome",
    "cordiale.mls.member_group",
    "cordiale.mls.derivation",
    "cordiale.crypto.hpke",
    "cordiale.crypto.hpke_schedule",
    "cordiale.crypto.encapsulation",
    "cordiale.crypto.kem_keys",
    "cordiale.crypto.aead",
    "cordiale.crypto.kdf",
)


@pytest.mark.parametrize("module", ["public_group", "framing", "key_package"])
def test_it_reaches_no_module_that_holds_secrets(module: str) -> None:
    script = f"import sys, cordiale.mls.{module}; print([name for name in {SECRET_MODULES} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("suite_id", SUITE_IDS)
def test_it_follows_a_room(suite_id: int) -> None:
    group = founder(suite_id)
    seen = public_of(group)
    assert seen.encode() == group.public.encode()
    result = group.commit(
        add=[person("bob", suite_id).package, person("carol", suite_id).package], authenticate=anybody, now=NOW
    )
    seen, event = seen.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert event.added == result.added == seen.members[1:]
    assert seen.encode() == result.pending.public.encode()
    group, leave = result.pending.propose_remove(LeafIndex(2))
    seen, event = seen.process(leave, authenticate=anybody, now=NOW)
    assert isinstance(event, ProposalSeen)
    assert event.proposal == Remove(LeafIndex(2))
    assert PublicGroup.decode(seen.encode()) == seen
    with pytest.raises(Replayed):
        seen.process(leave, authenticate=anybody, now=NOW)
    result = group.commit(authenticate=anybody, now=NOW)
    after, event = seen.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert [member.credential for member in event.removed] == [BasicCredential(b"carol")]
    assert (after.suite_id, after.epoch, after.group_id) == (suite_id, 2, GROUP_ID)
    assert after.tree_hash == result.pending.public.tree_hash
    assert after.confirmed_transcript_hash == result.pending.public.confirmed_transcript_hash
    with pytest.raises(StaleEpoch):
        after.process(result.message, authenticate=anybody, now=NOW)


def test_the_application_decides_who_enters() -> None:
    group, bob = founder(), person("bob")
    seen = public_of(group)
    with pytest.raises(Exception, match="refused by the test"):
        PublicGroup.from_group_info(group.group_info(), authenticate=nobody, now=NOW)
    result = group.commit(add=[bob.package], authenticate=anybody, now=NOW)
    with pytest.raises(Exception, match="refused by the test"):
        seen.process(result.message, authenticate=nobody, now=NOW)
    _, proposal = group.propose_add(bob.package, authenticate=anybody, now=NOW)
    with pytest.raises(Exception, match="refused by the test"):
        seen.process(proposal, authenticate=nobody, now=NOW)


def test_a_tree_may_come_apart_from_its_group_info() -> None:
    group, _ = group_of(["bob"])
    info = GroupInfo.decode(group.group_info(with_tree=False))
    tree = group.public.tree.encode()
    assert PublicGroup.from_verified(info, tree, authenticate=anybody, now=NOW) == group.public
    with pytest.raises(ProtocolViolation, match="no ratchet tree"):
        PublicGroup.from_verified(info, None, authenticate=anybody, now=NOW)


def test_a_group_info_must_hold_together() -> None:
    first, second = group_of(["bob"])
    info = GroupInfo.decode(first.group_info())
    other_tree = (Extension(RATCHET_TREE, founder().public.tree.encode()),)
    wrong = {
        BadSignature: [
            msgspec.structs.replace(info, signer=LeafIndex(1)),
            msgspec.structs.replace(info, confirmation_tag=bytes(32)),
            msgspec.structs.replace(info, signer=LeafIndex(0)).signed(second.signer),
        ],
        ProtocolViolation: [
            msgspec.structs.replace(info, signer=LeafIndex(7)).signed(first.signer),
            msgspec.structs.replace(info, extensions=other_tree).signed(first.signer),
            msgspec.structs.replace(info, context=msgspec.structs.replace(info.context, tree_hash=bytes(32))).signed(
                first.signer
            ),
            msgspec.structs.replace(info, context=msgspec.structs.replace(info.context, suite_id=8)).signed(
                first.signer
            ),
        ],
    }
    for error, infos in wrong.items():
        for bad in infos:
            with pytest.raises(error):
                PublicGroup.from_group_info(bad.encode(), authenticate=anybody, now=NOW)


def proposed(
    group: MemberGroup, proposal: Proposal | Commit, sender: Sender | None = None, *, tagged: bool = False
) -> bytes:
    """A PublicMessage of any proposal, well signed by a member but for its content."""
    framed = FramedContent(
        group.group_id, group.epoch, sender or Sender(SenderType.MEMBER, group.own_leaf), b"", proposal
    )
    content = sign(group.signer, WireFormat.PUBLIC_MESSAGE, framed, group.public.context.encoded)
    tag = membership_tag(group.public.context, group.secrets, content) if tagged else b""
    return PublicMessage(content, tag).encode()


def test_proposals_are_checked_one_by_one() -> None:
    group, other = group_of(["bob"])
    seen, bob = public_of(group), person("eve")
    leaf = group.public.tree.member(LeafIndex(0), rule="test")
    package = bob.package
    wrong: list[Proposal] = [
        Remove(LeafIndex(5)),
        Remove(LeafIndex(2**32 - 1)),
        ExternalInit(b""),
        GroupContextExtensions((Extension(3, b"\xff"),)),
        PreSharedKey(ResumptionPsk(ResumptionUsage.BRANCH, GROUP_ID, Epoch(0), bytes(32))),
        PreSharedKey(ResumptionPsk(ResumptionUsage.APPLICATION, GROUP_ID, Epoch(0), bytes(31))),
        Update(leaf),
        Update(msgspec.structs.replace(leaf, source=Source.UPDATE, lifetime=None)),
        Update(other.public.tree.member(LeafIndex(1), rule="test")),
        Add(msgspec.structs.replace(package, suite_id=3)),
        Add(msgspec.structs.replace(package, signature=bytes(64))),
        Add(msgspec.structs.replace(package, leaf_node=msgspec.structs.replace(package.leaf_node, signature=b""))),
        Add(msgspec.structs.replace(package, leaf_node=leaf)),
        Add(msgspec.structs.replace(package, init_key=package.leaf_node.encryption_key)),
        Add(msgspec.structs.replace(package, extensions=(Extension(0xF0FF, b""),))),
    ]
    for proposal in wrong:
        with pytest.raises((ProtocolViolation, BadSignature, Malformed)):
            seen.process(proposed(group, proposal), authenticate=anybody, now=NOW)
    seen.process(proposed(group, Add(package)), authenticate=anybody, now=NOW)


def test_only_members_and_named_senders_speak() -> None:
    group = founder()
    seen = public_of(group)
    for sender in (
        Sender(SenderType.EXTERNAL, 0),
        Sender(SenderType.NEW_MEMBER_PROPOSAL),
        Sender(SenderType.NEW_MEMBER_COMMIT),
        Sender(SenderType.MEMBER, 3),
    ):
        with pytest.raises(ProtocolViolation):
            seen.process(proposed(group, Remove(LeafIndex(0)), sender), authenticate=anybody, now=NOW)
    other = msgspec.structs.replace(group, signer=SigningKey.generate())
    with pytest.raises(BadSignature):
        seen.process(proposed(other, Remove(LeafIndex(0))), authenticate=anybody, now=NOW)


def test_an_external_sender_puts_people_out_but_updates_nobody() -> None:
    node = SigningKey.generate()
    named = external_senders_extension([ExternalSender(node.public, BasicCredential(b"node"))])
    group = founder(extensions=(named,))
    assert external_senders(group.public.extensions)[0].signature_key == node.public
    result = group.commit(add=[person("bob").package], authenticate=anybody, now=NOW)
    group, sender = result.pending, Sender(SenderType.EXTERNAL, 0)
    as_node = msgspec.structs.replace(group, signer=node)
    out = proposed(as_node, Remove(LeafIndex(1)), sender)
    group, event = group.process(out, authenticate=anybody, now=NOW)
    assert isinstance(event, ProposalSeen)
    assert event.sender == sender
    leaf = group.public.tree.member(LeafIndex(0), rule="test")
    with pytest.raises(ProtocolViolation, match="external sender"):
        group.process(proposed(as_node, Update(leaf), sender), authenticate=anybody, now=NOW)
    commit = Commit((), None)
    with pytest.raises(ProtocolViolation, match="from outside"):
        group.process(proposed(as_node, commit, sender), authenticate=anybody, now=NOW)
    result = group.commit(authenticate=anybody, now=NOW)
    assert [member.leaf_index for member in result.removed] == [1]


def test_waiting_proposals_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLS_PROPOSALS", 2)
    group = founder()
    for _ in range(2):
        group, _ = group.propose_add(person("x").package, authenticate=anybody, now=NOW)
    with pytest.raises(LimitExceeded, match="proposals wait"):
        group.propose_add(person("x").package, authenticate=anybody, now=NOW)


def test_members_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOM_MEMBERS", 2)
    with pytest.raises(LimitExceeded, match="members are allowed"):
        group_of(["bob", "carol"])


def test_chains_of_certificates_are_carried() -> None:
    credential = X509Credential((b"leaf", b"intermediate"))
    group = MemberGroup.create(FAST, GROUP_ID, SigningKey.generate(), credential, now=NOW)
    asked: list[object] = []
    PublicGroup.from_group_info(group.group_info(), authenticate=lambda given, key: asked.append((given, key)), now=NOW)
    assert asked == [(credential, group.signer.public)]


def test_extensions_must_be_supported_by_everybody() -> None:
    # RFC 9420 §12.1.7 asks this of the members after the commit, so such a proposal may wait, but is not taken.
    group = founder()
    waiting, _ = group.process(
        proposed(group, GroupContextExtensions((Extension(0xF0FF, b""),)), tagged=True), authenticate=anybody, now=NOW
    )
    assert waiting.commit(authenticate=anybody, now=NOW).pending.public.extensions == ()
    with pytest.raises(ProtocolViolation, match="not supported by a member"):
        founder().commit(extensions=(Extension(0xF0FF, b""),), authenticate=anybody, now=NOW)
    required = b"\x02\xf0\xa1" + b"\x00" + b"\x02\x00\x01"
    group = founder().commit(
        extensions=(Extension(3, required), Extension(ROOM_PARAMETERS, b"")), authenticate=anybody, now=NOW
    )
    assert group.pending.epoch == 1
    for wrong in (b"\x02\xf0\xff\x00\x00", b"\x00\x02\xf0\xff\x00", b"\x00\x00\x02\xf0\xff"):
        with pytest.raises(ProtocolViolation, match="required capability"):
            founder().commit(extensions=(Extension(3, wrong),), authenticate=anybody, now=NOW)


def test_an_epoch_is_the_last() -> None:
    group = founder()
    context = msgspec.structs.replace(group.public.context, epoch=Epoch(2**64 - 1))
    last = msgspec.structs.replace(group, public=msgspec.structs.replace(group.public, context=context))
    with pytest.raises(LimitExceeded, match="last epoch"):
        last.commit(authenticate=anybody, now=NOW)


def test_a_commit_has_a_longest_list(monkeypatch: pytest.MonkeyPatch) -> None:
    group = founder()
    monkeypatch.setattr(limits, "MLS_PROPOSALS", 1)
    with pytest.raises(LimitExceeded, match="proposals in one commit"):
        group.commit(add=[person("x").package, person("y").package], authenticate=anybody, now=NOW)
