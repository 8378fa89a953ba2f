"""cordiale.federation.handshake: what a room refuses that RFC 9420 allows. The nodes' tests hold the rest."""

import pytest

from cordiale.errors import ProtocolViolation
from cordiale.federation.handshake import check_commit, check_proposal, check_sender
from cordiale.mls.content import Sender, SenderType
from cordiale.mls.events import CommitSeen, ProposalSeen
from cordiale.mls.external_proposal import Place, propose_oneself
from cordiale.mls.proposal import ReInit, SelfRemove
from cordiale.mls.public_group import PublicGroup
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import FAST, NOW, anybody, founder, person, public_of

GROUP: PublicGroup = public_of(founder())


def test_a_room_is_entered_by_invitation_and_goes_on_as_itself() -> None:
    quiet = CommitSeen(LeafIndex(0), Epoch(1), (), (), (), False)
    outside = CommitSeen(LeafIndex(1), Epoch(1), (), (), (), False, external=True)
    ending = CommitSeen(LeafIndex(0), Epoch(1), (), (), (), False, reinit=ReInit(b"next", FAST, ()))
    for event in (outside, ending):
        with pytest.raises(ProtocolViolation) as caught:
            check_commit(b"", GROUP, event)
        assert caught.value.rule == "cordiale room 12"
    with pytest.raises(ProtocolViolation) as caught:
        check_commit(b"", GROUP, quiet)
    assert caught.value.rule == "cordiale room 5"


def test_nobody_asks_to_be_added() -> None:
    group, eve = founder(), person("eve")
    message = propose_oneself(Place(group.group_id, group.epoch), eve.package, eve.signer)
    _, event = group.public.process(message, authenticate=anybody, now=NOW)
    assert isinstance(event, ProposalSeen)
    with pytest.raises(ProtocolViolation) as caught:
        check_sender(group.public, event, eve.signer.public)
    assert caught.value.rule == "cordiale room 9"


def test_people_leave_by_remove() -> None:
    event = ProposalSeen(Sender(SenderType.MEMBER, 0), SelfRemove(), b"reference")
    with pytest.raises(ProtocolViolation) as caught:
        check_proposal(GROUP, event)
    assert caught.value.rule == "cordiale room 10"
