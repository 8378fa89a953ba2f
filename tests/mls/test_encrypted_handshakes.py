"""Handshakes as PrivateMessages (RFC 9420 §6.3), by a group's own policy; members understand both forms at once."""

import msgspec
import pytest

from cordiale.errors import BadSignature, IllegalStep, Malformed, ProtocolViolation, Replayed, StaleEpoch
from cordiale.mls.content import ContentType
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen, ProposalSeen
from cordiale.mls.framing import peek
from cordiale.mls.group_policy import GroupPolicy
from cordiale.mls.handshake_framing import frame
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import Remove
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits
from mls.people import FAST, GROUP_ID, NOW, SUITE_IDS, agree, anybody, follow, fresh_signer, join, person

HIDDEN = GroupPolicy(handshakes=WireFormat.PRIVATE_MESSAGE)


def hidden_group(names: list[str], suite_id: int = FAST) -> list[MemberGroup]:
    """All but the last send encrypted handshakes."""
    first = MemberGroup.create(
        suite_id, GROUP_ID, fresh_signer(suite_id), BasicCredential(b"founder"), now=NOW, policy=HIDDEN
    )
    people = [person(name, suite_id) for name in names]
    result = first.commit(add=[who.package for who in people], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    joined = [
        MemberGroup.join(
            result.welcome, who.package, who.secrets, who.signer, authenticate=anybody, now=NOW, policy=HIDDEN
        )[0]
        for who in people[:-1]
    ]
    return [result.pending, *joined, join(result.welcome, people[-1])]


@pytest.mark.parametrize("suite_id", SUITE_IDS)
def test_a_group_lives_on_encrypted_handshakes(suite_id: int) -> None:
    groups, eve = hidden_group(["bob", "carol", "dave"], suite_id), person("eve", suite_id)
    groups[1], update = groups[1].propose_update()
    groups[2], enter = groups[2].propose_add(eve.package, authenticate=anybody, now=NOW)
    groups[3], leave = groups[3].propose_remove(LeafIndex(2))
    for message, proposer, form in (
        (update, 1, WireFormat.PRIVATE_MESSAGE),
        (enter, 2, WireFormat.PRIVATE_MESSAGE),
        (leave, 3, WireFormat.PUBLIC_MESSAGE),
    ):
        head = peek(message)
        assert (head.wire_format, head.content_type) == (form, ContentType.PROPOSAL)
        for place, group in enumerate(groups):
            if place != proposer:
                groups[place], event = group.process(message, authenticate=anybody, now=NOW)
                assert isinstance(event, ProposalSeen)
    result = groups[0].commit(authenticate=anybody, now=NOW)
    assert peek(result.message).wire_format is WireFormat.PRIVATE_MESSAGE
    second, event = groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert groups[2].process(result.message, authenticate=anybody, now=NOW)[0].evicted
    groups = [result.pending, second, *follow([groups[3]], result.message), join(result.welcome, eve)]
    agree(groups)
    in_the_clear = groups[2].commit(authenticate=anybody, now=NOW)
    agree([*follow([groups[0], groups[1], groups[3]], in_the_clear.message), in_the_clear.pending])


def test_a_key_opens_one_handshake() -> None:
    first, second, third = hidden_group(["bob", "carol"])
    after, message = first.propose_remove(LeafIndex(2))
    second, _ = second.process(message, authenticate=anybody, now=NOW)
    before = second.encode()
    with pytest.raises(Replayed):
        second.process(message, authenticate=anybody, now=NOW)
    with pytest.raises(Replayed):
        after.process(message, authenticate=anybody, now=NOW)
    assert second.encode() == before
    again, twin = after.propose_remove(LeafIndex(2))
    assert twin != message
    assert again.public == after.public
    assert third.process(twin, authenticate=anybody, now=NOW)[1] is not None


def test_a_commit_that_is_not_taken_has_spent_its_key() -> None:
    first, second, third = hidden_group(["bob", "carol"])
    lost = first.commit(authenticate=anybody, now=NOW)
    assert lost.before is not None
    assert lost.before.encode() != first.encode()
    made = lost.before.commit(authenticate=anybody, now=NOW)
    agree([made.pending, *follow([second, third], made.message)])
    assert second.process(lost.message, authenticate=anybody, now=NOW)[0].epoch == 2
    open_one = third.commit(authenticate=anybody, now=NOW)
    assert open_one.before == third


def test_what_is_refused_leaves_the_key() -> None:
    first, second, _ = hidden_group(["bob", "carol"])
    _, message = first.propose_remove(LeafIndex(1))
    before = second.encode()
    flipped = message[:-1] + bytes([message[-1] ^ 1])
    with pytest.raises(Exception, match="cannot be decrypted"):
        second.process(flipped, authenticate=anybody, now=NOW)
    assert second.encode() == before
    assert second.process(message, authenticate=anybody, now=NOW)[1] is not None


def test_handshakes_and_messages_are_not_mixed_up() -> None:
    first, second = hidden_group(["bob"])
    first, text = first.encrypt(b"text", b"")
    with pytest.raises(ProtocolViolation, match="application data"):
        second.process(text, authenticate=anybody, now=NOW)
    _, proposal = first.propose_remove(LeafIndex(1))
    with pytest.raises(ProtocolViolation, match="a handshake where"):
        second.decrypt(proposal)
    with pytest.raises(Malformed, match="no epoch"):
        second.process(first.group_info(), authenticate=anybody, now=NOW)


def test_a_handshake_of_another_epoch_is_stale() -> None:
    first, second = hidden_group(["bob"])
    _, early = first.propose_remove(LeafIndex(1))
    result = first.commit(authenticate=anybody, now=NOW)
    second = follow([second], result.message)[0]
    with pytest.raises(StaleEpoch):
        second.process(early, authenticate=anybody, now=NOW)


def test_a_node_cannot_read_them() -> None:
    first, second = hidden_group(["bob"])
    _, message = first.propose_remove(LeafIndex(1))
    seen = PublicGroup.decode(second.public.encode())
    with pytest.raises(Malformed, match="PRIVATE_MESSAGE, where PUBLIC_MESSAGE is expected"):
        seen.process(message, authenticate=anybody, now=NOW)


def test_an_impostor_inside_is_seen() -> None:
    """Every member can derive every key; only the signature tells who speaks."""
    first, second, third = hidden_group(["bob", "carol"])
    impostor = msgspec.structs.replace(first, signer=third.signer)
    content = impostor.signed(WireFormat.PRIVATE_MESSAGE, Remove(LeafIndex(1)), b"")
    with pytest.raises(BadSignature):
        second.process(frame(impostor, content).message, authenticate=anybody, now=NOW)


# The policy


def test_a_policy_is_kept_with_the_group() -> None:
    first, second = hidden_group(["bob"])
    stored = MemberGroup.decode(first.encode())
    assert (stored.policy, MemberGroup.decode(second.encode()).policy) == (HIDDEN, GroupPolicy())
    result = first.commit(authenticate=anybody, now=NOW)
    assert result.pending.policy == HIDDEN


@pytest.mark.parametrize("past", [0, 1, limits.PAST_EPOCHS_MOST])
def test_a_policy_says_how_many_epochs_stay(past: int) -> None:
    group = MemberGroup.create(
        FAST, GROUP_ID, fresh_signer(), BasicCredential(b"x"), now=NOW, policy=GroupPolicy(past_epochs=past)
    )
    for _ in range(3):
        group = group.commit(authenticate=anybody, now=NOW).pending
    assert [keys.context.epoch for keys in group.past] == [2, 1, 0][:past]


def test_a_policy_has_bounds() -> None:
    for make in (
        lambda: GroupPolicy(past_epochs=limits.PAST_EPOCHS_MOST + 1),
        lambda: GroupPolicy(past_epochs=-1),
        lambda: GroupPolicy(handshakes=WireFormat.WELCOME),
    ):
        with pytest.raises(IllegalStep):
            make()
    group = hidden_group(["bob"])[0]
    data = group.encode()
    assert data.endswith(HIDDEN.encode())
    for wrong in (b"\x00\x41\x00\x01", b"\x00\x05\x00\x03"):
        with pytest.raises(Malformed, match="group policy"):
            MemberGroup.decode(data[:-4] + wrong)
