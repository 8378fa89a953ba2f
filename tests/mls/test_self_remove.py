"""Leaving by SelfRemove (draft-ietf-mls-extensions §6.3): committed by others, or by somebody who joins."""

import msgspec
import pytest

from cordiale.errors import IllegalStep, ProtocolViolation
from cordiale.mls.commit import Commit
from cordiale.mls.content import FramedContent, member, sign
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen, Evicted
from cordiale.mls.external_commit import JoinWish
from cordiale.mls.framing import PublicMessage
from cordiale.mls.group_policy import GroupPolicy
from cordiale.mls.handshake_framing import frame
from cordiale.mls.key_package_secrets import generate
from cordiale.mls.leaf_node import default_capabilities
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ProposalOrRef, ProposalRef, Remove, SelfRemove
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from mls.people import (
    FAST,
    LIFETIME,
    NOW,
    Person,
    agree,
    anybody,
    follow,
    founder,
    fresh_signer,
    group_of,
    join,
    public_of,
    refuse,
)


def leaving(groups: list[MemberGroup], who: int) -> tuple[list[MemberGroup], bytes]:
    """A member says that it leaves, and all hear it."""
    after, message = groups[who].propose_self_remove()
    heard = [after if place == who else follow([group], message)[0] for place, group in enumerate(groups)]
    return heard, message


def test_another_member_commits_the_leaving() -> None:
    groups = group_of(["bob", "carol"])
    seen = public_of(groups[0])
    groups, message = leaving(groups, 1)
    seen, _ = seen.process(message, authenticate=anybody, now=NOW)
    result = groups[2].commit(authenticate=anybody, now=NOW)
    assert [person.leaf_index for person in result.removed] == [1]
    seen, event = seen.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    gone, told = groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(told, Evicted)
    assert gone.evicted
    agree([*follow([groups[0]], result.message), result.pending])
    assert seen.encode() == result.pending.public.encode()


def test_a_joiner_commits_the_leaving_by_reference() -> None:
    groups, message = leaving(group_of(["bob", "carol"]), 1)
    info = groups[0].group_info(with_external_pub=True)
    result = MemberGroup.join_external(
        info,
        fresh_signer(),
        BasicCredential(b"dave"),
        authenticate=anybody,
        now=NOW,
        wish=JoinWish(leaving=(message,)),
    )
    assert result.pending.own_leaf == 1
    agree([*follow([groups[0], groups[2]], result.message), result.pending])
    assert groups[1].process(result.message, authenticate=anybody, now=NOW)[0].evicted


def test_the_leaver_does_not_commit_it() -> None:
    groups, _ = leaving(group_of(["bob"]), 1)
    result = groups[1].commit(authenticate=anybody, now=NOW)
    assert result.removed == ()
    reference = groups[0].public.waiting[0].reference
    assert reference is not None
    refuse(groups[0], _commit(groups[1], ProposalRef(reference)), ProtocolViolation, "committer removes itself")


def _commit(group: MemberGroup, *items: ProposalOrRef) -> bytes:
    content = group.signed(WireFormat.PUBLIC_MESSAGE, Commit(items, None), b"")
    return frame(group, content).message


def test_it_is_named_by_reference_only() -> None:
    groups = group_of(["bob"])
    refuse(groups[0], _commit(groups[1], SelfRemove()), ProtocolViolation, "not named by reference")


def test_a_removal_beside_it_cannot_stand() -> None:
    groups, _ = leaving(group_of(["bob", "carol"]), 1)
    reference = groups[0].public.waiting[0].reference
    assert reference is not None
    both = _commit(groups[2], ProposalRef(reference), Remove(LeafIndex(1)))
    refuse(groups[0], both, ProtocolViolation, "twice")
    groups[0], _ = groups[0].propose_remove(LeafIndex(1))
    assert len(groups[0].commit(authenticate=anybody, now=NOW).removed) == 1


def test_it_is_said_once_and_in_the_clear() -> None:
    groups, _ = leaving(group_of(["bob"]), 1)
    with pytest.raises(IllegalStep, match="proposed already"):
        groups[1].propose_self_remove()
    first, second = group_of(["bob"])
    hidden = msgspec.structs.replace(second, policy=GroupPolicy(handshakes=WireFormat.PRIVATE_MESSAGE))
    _, message = hidden.propose_self_remove()
    assert isinstance(PublicMessage.decode(message).content.framed.content, SelfRemove)
    content = second.signed(WireFormat.PRIVATE_MESSAGE, SelfRemove(), b"")
    with pytest.raises(ProtocolViolation, match="encrypted"):
        first.process(frame(second, content).message, authenticate=anybody, now=NOW)


def test_every_member_must_support_it() -> None:
    signer = fresh_signer()
    able = msgspec.structs.replace(default_capabilities(), proposals=())
    package, secrets = generate(FAST, signer, BasicCredential(b"old"), lifetime=LIFETIME, capabilities=able)
    result = founder().commit(add=[package], authenticate=anybody, now=NOW)
    first, second = result.pending, join(result.welcome, Person(signer, package, secrets))
    for group in (first, second):
        with pytest.raises(IllegalStep, match="not every member"):
            group.propose_self_remove()
    framed = FramedContent(second.group_id, second.epoch, member(second.own_leaf), b"", SelfRemove())
    content = sign(second.signer, WireFormat.PUBLIC_MESSAGE, framed, second.public.context.encoded)
    waiting, event = first.process(frame(second, content).message, authenticate=anybody, now=NOW)
    assert event is not None
    # The leaver itself need not know the type (RFC 9420 §12.2); here it is the only one who does not.
    assert len(waiting.commit(authenticate=anybody, now=NOW).removed) == 1
    framed = msgspec.structs.replace(framed, sender=member(first.own_leaf))
    content = sign(first.signer, WireFormat.PUBLIC_MESSAGE, framed, first.public.context.encoded)
    group, _ = second.process(frame(first, content).message, authenticate=anybody, now=NOW)
    assert group.commit(authenticate=anybody, now=NOW).removed == ()
