"""Proposals from outside (RFC 9420 §12.1.8): a service that the group names, and people who ask for themselves."""

import msgspec
import pytest

from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadSignature, CordialeError, IllegalStep, Malformed, ProtocolViolation
from cordiale.mls.content import FramedContent, Sender, SenderType, sign
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen, ProposalSeen
from cordiale.mls.extension import EXTERNAL_SENDERS, ROOM_PARAMETERS, Extension
from cordiale.mls.external_proposal import Place, propose_as_service, propose_oneself
from cordiale.mls.external_sender import ExternalSender, external_senders_extension
from cordiale.mls.framing import PublicMessage
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    SelfRemove,
    Update,
)
from cordiale.mls.psk import external_psk
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from mls.people import FAST, NOW, agree, anybody, follow, founder, group_of, join, nobody, person, public_of, refuse

SERVICE = SigningKey.generate()
NAMED = external_senders_extension([ExternalSender(SERVICE.public, BasicCredential(b"service"))])


def served(names: list[str]) -> list[MemberGroup]:
    """A group that allows the service to propose."""
    first, people = founder(extensions=(NAMED,)), [person(name) for name in names]
    result = first.commit(add=[who.package for who in people], authenticate=anybody, now=NOW)
    return [result.pending, *(join(result.welcome, who) for who in people)]


def place_of(group: MemberGroup) -> Place:
    """Its present epoch."""
    return Place(group.group_id, group.epoch)


def test_a_service_proposes_and_members_commit() -> None:
    groups, eve = served(["bob", "carol"]), person("eve")
    seen = public_of(groups[0])
    parameters = GroupContextExtensions((NAMED, Extension(ROOM_PARAMETERS, b"new")))
    for proposal in (Add(eve.package), Remove(LeafIndex(2)), parameters):
        message = propose_as_service(place_of(groups[0]), proposal, 0, SERVICE)
        groups = follow(groups, message)
        seen, event = seen.process(message, authenticate=anybody, now=NOW)
        assert isinstance(event, ProposalSeen)
        assert (event.sender, event.proposal) == (Sender(SenderType.EXTERNAL, 0), proposal)
    result = groups[1].commit(authenticate=anybody, now=NOW)
    seen, told = seen.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(told, CommitSeen)
    assert ([member.leaf_index for member in told.removed], told.group_context_changed) == ([2], True)
    agree([*follow(groups[:1], result.message), result.pending, join(result.welcome, eve)])
    assert seen.encode() == result.pending.public.encode()


def test_a_service_proposes_a_key_and_another_group() -> None:
    groups = served(["bob"])
    psk = external_psk(groups[0].suite, b"agreed")
    groups = follow(groups, propose_as_service(place_of(groups[0]), PreSharedKey(psk), 0, SERVICE))
    result = groups[0].commit(authenticate=anybody, now=NOW, psks=lambda given: b"key")
    second, event = groups[1].process(result.message, authenticate=anybody, now=NOW, psks=lambda given: b"key")
    assert isinstance(event, CommitSeen)
    assert event.psks == (psk,)
    groups = [result.pending, second]
    groups = follow(groups, propose_as_service(place_of(groups[0]), ReInit(b"next", FAST, ()), 0, SERVICE))
    result = groups[0].commit(authenticate=anybody, now=NOW)
    assert result.pending.public.reinit == ReInit(b"next", FAST, ())


@pytest.mark.parametrize(
    "proposal", [Update(person("x").package.leaf_node), ExternalInit(b""), SelfRemove()], ids=lambda one: one.type.name
)
def test_a_service_may_not_propose_everything(proposal: Proposal) -> None:
    groups = served(["bob"])
    with pytest.raises(ProtocolViolation, match="from external sender"):
        propose_as_service(place_of(groups[0]), proposal, 0, SERVICE)
    framed = FramedContent(groups[0].group_id, groups[0].epoch, Sender(SenderType.EXTERNAL, 0), b"", proposal)
    content = sign(SERVICE, WireFormat.PUBLIC_MESSAGE, framed, b"")
    refuse(groups[0], PublicMessage(content, b"").encode(), ProtocolViolation, "from external sender")


def test_only_named_services_propose() -> None:
    group = served(["bob"])[0]
    out = Remove(LeafIndex(1))
    refuse(group, propose_as_service(place_of(group), out, 1, SERVICE), ProtocolViolation, "external sender 1")
    refuse(group, propose_as_service(place_of(group), out, 0, SigningKey.generate()), BadSignature, "message")
    plain = group_of(["bob"])[0]
    refuse(plain, propose_as_service(place_of(plain), out, 0, SERVICE), ProtocolViolation, "external sender 0")


def test_the_application_is_asked_about_services() -> None:
    """RFC 9420 §5.3.1: when the extension is added or updated, and by newcomers; not again while it stays."""
    asked: list[object] = []

    def note(credential: object, key: bytes) -> None:
        asked.append(credential)

    service = BasicCredential(b"service")
    group = founder()
    with pytest.raises(CordialeError, match="refused by the test"):
        group.commit(extensions=(NAMED,), authenticate=nobody, now=NOW)
    result = group.commit(extensions=(NAMED,), authenticate=note, now=NOW)
    assert asked == [service]
    public_of(group).process(result.message, authenticate=note, now=NOW)
    assert asked == [service] * 2
    public_of(result.pending)
    MemberGroup.decode(result.pending.encode())
    result.pending.commit(extensions=(NAMED, Extension(ROOM_PARAMETERS, b"")), authenticate=note, now=NOW)
    assert asked == [service] * 2
    result.pending.public.from_group_info(result.pending.group_info(), authenticate=note, now=NOW)
    assert asked[2:] == [BasicCredential(b"founder"), service]


def test_what_is_no_list_of_services_is_refused() -> None:
    group = founder()
    with pytest.raises(Malformed, match="external senders"):
        group.commit(extensions=(Extension(EXTERNAL_SENDERS, b"\xff"),), authenticate=anybody, now=NOW)


def test_somebody_asks_to_be_added() -> None:
    groups, eve = group_of(["bob"]), person("eve")
    seen = public_of(groups[0])
    message = propose_oneself(place_of(groups[0]), eve.package, eve.signer)
    groups = follow(groups, message)
    seen, event = seen.process(message, authenticate=anybody, now=NOW)
    assert isinstance(event, ProposalSeen)
    assert event.sender == Sender(SenderType.NEW_MEMBER_PROPOSAL)
    assert MemberGroup.decode(groups[0].encode()).encode() == groups[0].encode()
    result = groups[0].commit(authenticate=anybody, now=NOW)
    agree([result.pending, *follow(groups[1:], result.message), join(result.welcome, eve)])


def test_who_asks_to_be_added_proves_its_key() -> None:
    group, eve, other = group_of(["bob"])[0], person("eve"), person("other")
    with pytest.raises(IllegalStep, match="another key package"):
        propose_oneself(place_of(group), eve.package, other.signer)
    message = propose_oneself(place_of(group), eve.package, eve.signer)
    content = PublicMessage.decode(message).content
    forged = sign(other.signer, WireFormat.PUBLIC_MESSAGE, content.framed, b"")
    refuse(group, PublicMessage(forged, b"").encode(), BadSignature, "message")
    with pytest.raises(CordialeError, match="refused by the test"):
        group.process(message, authenticate=nobody, now=NOW)
    for_another = msgspec.structs.replace(content.framed, content=Remove(LeafIndex(1)))
    wrong = PublicMessage(sign(eve.signer, WireFormat.PUBLIC_MESSAGE, for_another, b""), b"").encode()
    refuse(group, wrong, ProtocolViolation, "REMOVE from new member proposal")
