"""External commits (RFC 9420 §12.4.3.2): people who join by themselves, come back, or are kept out."""

from collections.abc import Callable

import msgspec
import pytest

from cordiale.crypto.signature import Signer
from cordiale.errors import (
    AlreadyExists,
    BadSignature,
    CannotDecrypt,
    CordialeError,
    IllegalStep,
    Malformed,
    NotFound,
    ProtocolViolation,
    StaleEpoch,
)
from cordiale.mls import commit_making, external_commit
from cordiale.mls.commit import Commit
from cordiale.mls.content import FramedContent, Sender, SenderType, sign
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen, Evicted
from cordiale.mls.extension import EXTERNAL_PUB, ROOM_PARAMETERS, Extension
from cordiale.mls.external_commit import JoinWish
from cordiale.mls.framing import PublicMessage
from cordiale.mls.leaf_node import default_capabilities
from cordiale.mls.member_group import CommitResult, MemberGroup
from cordiale.mls.proposal import (
    Add,
    ExternalInit,
    ExternalPsk,
    PreSharedKey,
    Proposal,
    ProposalRef,
    PskId,
    Remove,
    ResumptionPsk,
    ResumptionUsage,
    Update,
)
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import (
    GROUP_ID,
    NOW,
    SUITE_IDS,
    agree,
    anybody,
    anyone,
    follow,
    founder,
    fresh_signer,
    group_of,
    nobody,
    person,
    public_of,
    refuse,
)

PSK = ExternalPsk(b"agreed", b"n" * 32)
DAVE = BasicCredential(b"dave")


def known(psk: PskId) -> bytes:
    """Everybody holds the agreed key."""
    assert psk == PSK
    return b"key"


def enter(
    inviting: MemberGroup,
    credential: BasicCredential = DAVE,
    signer: Signer | None = None,
    wish: JoinWish | None = None,
    **named: object,
) -> CommitResult[MemberGroup]:
    """Join by what a member published."""
    info = inviting.group_info(with_external_pub=True)
    key = signer or fresh_signer(inviting.public.suite_id)
    arguments = {"authenticate": anybody, "now": NOW, **named}
    return MemberGroup.join_external(info, key, credential, wish=wish, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("suite_id", SUITE_IDS)
def test_somebody_enters_without_being_added(suite_id: int) -> None:
    groups = group_of(["bob", "carol"], suite_id)
    seen = public_of(groups[0])
    result = enter(groups[1])
    seen, event = seen.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert (event.external, event.sender, event.epoch) == (True, 3, 2)
    assert [member.credential for member in event.added] == [DAVE]
    assert event.removed == event.updated == ()
    assert (result.welcome, result.before) == (None, None)
    groups = [*follow(groups, result.message), MemberGroup.decode(result.pending.encode())]
    agree(groups)
    assert seen.encode() == groups[0].public.encode()
    for committer in (3, 0):
        made = groups[committer].commit(authenticate=anybody, now=NOW)
        others = follow([group for place, group in enumerate(groups) if place != committer], made.message)
        groups = [*others[:committer], made.pending, *others[committer:]]
        agree(groups)


def test_the_leftmost_free_leaf_is_taken() -> None:
    groups = group_of(["bob", "carol"])
    removal = groups[0].commit(remove=[LeafIndex(1)], authenticate=anybody, now=NOW)
    carol = follow([groups[2]], removal.message)[0]
    result = enter(removal.pending)
    assert result.pending.own_leaf == 1
    agree([*follow([removal.pending, carol], result.message), result.pending])


def test_a_founder_alone_is_joined() -> None:
    first = founder()
    result = enter(first)
    agree([*follow([first], result.message), result.pending])


def test_somebody_who_lost_the_state_comes_back() -> None:
    bob = person("bob")
    start = group_of(["carol"])
    result = start[0].commit(add=[bob.package], authenticate=anybody, now=NOW)
    groups = [result.pending, *follow([start[1]], result.message)]
    lost, _ = MemberGroup.join(
        result.welcome or b"", bob.package, bob.secrets, bob.signer, authenticate=anybody, now=NOW
    )
    back = enter(groups[0], BasicCredential(b"bob"), bob.signer, JoinWish(remove=LeafIndex(2)))
    assert back.pending.own_leaf == 2
    _, event = groups[0].public.process(back.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert [member.leaf_index for member in event.removed] == [member.leaf_index for member in event.added] == [2]
    agree([*follow(groups, back.message), back.pending])
    gone, told = lost.process(back.message, authenticate=anybody, now=NOW)
    assert told == Evicted(LeafIndex(2), Epoch(3), external=True)
    assert gone.evicted


def test_nobody_else_is_put_out() -> None:
    """The joiner's credential must be that of the leaf that it removes."""
    groups = group_of(["bob", "carol"])
    wish = JoinWish(remove=LeafIndex(1))
    with pytest.raises(ProtocolViolation, match="take the other's place"):
        enter(groups[0], wish=wish)
    forged = enter(groups[0], wish=wish, same=anyone)
    refuse(groups[0], forged.message, ProtocolViolation, "take the other's place")
    follow_as = [group.process(forged.message, authenticate=anybody, now=NOW, same=anyone)[0] for group in groups]
    assert follow_as[1].evicted
    with pytest.raises(ProtocolViolation, match="nobody is at leaf 9"):
        enter(groups[0], wish=JoinWish(remove=LeafIndex(9)))


def test_pre_shared_keys_come_along() -> None:
    groups = group_of(["bob"])
    result = enter(groups[0], wish=JoinWish(psks=(PSK,)), psks=known)
    seen, event = groups[0].public.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert event.psks == (PSK,)
    after = [group.process(result.message, authenticate=anybody, now=NOW, psks=known)[0] for group in groups]
    agree([*after, result.pending])
    assert seen.encode() == after[0].public.encode()
    before = groups[0].encode()
    with pytest.raises(NotFound, match="pre-shared key"):
        groups[0].process(result.message, authenticate=anybody, now=NOW)
    assert groups[0].encode() == before
    with pytest.raises(NotFound, match="pre-shared key"):
        enter(groups[0], wish=JoinWish(psks=(PSK,)))


def test_an_info_without_external_key_invites_nobody() -> None:
    group = founder()
    plain = group.group_info()
    with pytest.raises(ProtocolViolation, match="no external key"):
        MemberGroup.join_external(plain, fresh_signer(), DAVE, authenticate=anybody, now=NOW)
    broken = group.group_info(extensions=(Extension(EXTERNAL_PUB, b"\x03abc"),))
    with pytest.raises(Malformed, match="not a public key"):
        MemberGroup.join_external(broken, fresh_signer(), DAVE, authenticate=anybody, now=NOW)
    with pytest.raises(CordialeError, match="refused by the test"):
        enter(group, authenticate=nobody)
    with pytest.raises(AlreadyExists, match="group"):
        enter(group, others=(GROUP_ID,))


def test_the_application_is_asked_about_the_joiner() -> None:
    groups = group_of(["bob"])
    result = enter(groups[0])
    for seen in (groups[0], groups[0].public):
        with pytest.raises(CordialeError, match="refused by the test"):
            seen.process(result.message, authenticate=nobody, now=NOW)


def test_a_joiner_supports_what_the_group_uses() -> None:
    group = founder(extensions=(Extension(ROOM_PARAMETERS, b"x"),))
    enter(group)
    able = default_capabilities()
    with pytest.raises(ProtocolViolation, match="not supported by a member"):
        enter(group, capabilities=msgspec.structs.replace(able, extensions=()))


def test_one_info_serves_one_joiner() -> None:
    groups = group_of(["bob"])
    one, other = enter(groups[0]), enter(groups[0], BasicCredential(b"erin"))
    first = follow([groups[0]], one.message)[0]
    with pytest.raises(StaleEpoch):
        first.process(other.message, authenticate=anybody, now=NOW)


def test_a_wrong_encapsulation_leads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only members can see it: another init secret, or none."""
    groups = group_of(["bob"])
    honest = external_commit.send_init
    monkeypatch.setattr(external_commit, "send_init", lambda *given: (honest(*given)[0], b"i" * 32))
    with pytest.raises(ProtocolViolation, match="confirmation tag"):
        follow(groups, enter(groups[0]).message)
    monkeypatch.setattr(external_commit, "send_init", lambda *given: (b"short", b"i" * 32))
    with pytest.raises(CannotDecrypt):
        follow(groups, enter(groups[0]).message)


def committed(group: MemberGroup, alter: Callable[[Commit], Commit], patch: pytest.MonkeyPatch) -> bytes:
    """A joiner's commit whose list or path was altered before it was signed."""
    honest = commit_making.sign

    def forged(signer: Signer, wire_format: WireFormat, framed: FramedContent, context: bytes) -> object:
        assert isinstance(framed.content, Commit)
        altered = msgspec.structs.replace(framed, content=alter(framed.content))
        return honest(signer, wire_format, altered, context)

    patch.setattr(commit_making, "sign", forged)
    message = enter(group).message
    patch.setattr(commit_making, "sign", honest)
    return message


def adding(*proposals: Proposal | ProposalRef) -> Callable[[Commit], Commit]:
    """The list with more."""
    return lambda commit: Commit((*commit.proposals, *proposals), commit.path)


BRANCH = ResumptionPsk(ResumptionUsage.BRANCH, GROUP_ID, Epoch(0), b"n" * 32)
LISTS: dict[str, tuple[Callable[[Commit], Commit], str]] = {
    "no ExternalInit": (lambda commit: Commit((), commit.path), "exactly one ExternalInit"),
    "two ExternalInit": (adding(ExternalInit(b"")), "exactly one ExternalInit"),
    "an Add": (adding(Add(person("x").package)), "ADD from new member commit"),
    "an Update": (adding(Update(person("x").package.leaf_node)), "UPDATE from new member commit"),
    "two Removes": (adding(Remove(LeafIndex(0)), Remove(LeafIndex(1))), "more than its old self"),
    "one key twice": (adding(PreSharedKey(PSK), PreSharedKey(PSK)), "used twice"),
    "a key that is not for this": (adding(PreSharedKey(BRANCH)), "another purpose"),
    "an unknown reference": (adding(ProposalRef(b"r" * 32)), "unknown"),
    "no path": (lambda commit: Commit(commit.proposals, None), "without a path"),
}


@pytest.mark.parametrize("fault", LISTS)
def test_lists_that_must_not_stand(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alter, match = LISTS[fault]
    group = group_of(["bob"])[0]
    refuse(group, committed(group, alter, monkeypatch), ProtocolViolation, match)


def test_a_joiner_names_no_waiting_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    group, _ = group_of(["bob", "carol"])[0].propose_remove(LeafIndex(1))
    reference = group.public.waiting[0].reference
    assert reference is not None
    message = committed(group, adding(ProposalRef(reference)), monkeypatch)
    refuse(group, message, ProtocolViolation, "names a waiting proposal")


def test_a_joiner_signs_with_the_key_of_its_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    group = group_of(["bob"])[0]
    honest = commit_making.sign
    monkeypatch.setattr(commit_making, "sign", lambda signer, *rest: honest(fresh_signer(), *rest))
    refuse(group, enter(group).message, BadSignature, "message")


def test_a_member_does_not_init_from_outside() -> None:
    group, _ = group_of(["bob"])
    framed = FramedContent(
        group.group_id,
        group.epoch,
        Sender(SenderType.MEMBER, 1),
        b"",
        Commit((ExternalInit(b""),), None),
    )
    bob = group_of(["bob"])[1]
    content = sign(bob.signer, WireFormat.PUBLIC_MESSAGE, framed, bob.public.context.encoded)
    with pytest.raises(ProtocolViolation, match="EXTERNAL_INIT from member"):
        bob.public.process(PublicMessage(content, b"t").encode(), authenticate=anybody, now=NOW)


def test_an_external_commit_is_no_proposal() -> None:
    group = group_of(["bob"])[0]
    framed = FramedContent(group.group_id, group.epoch, Sender(SenderType.NEW_MEMBER_COMMIT), b"", Remove(LeafIndex(0)))
    content = sign(fresh_signer(), WireFormat.PUBLIC_MESSAGE, framed, group.public.context.encoded)
    refuse(group, PublicMessage(content, b"").encode(), ProtocolViolation, "in place of an external commit")


def test_only_those_who_leave_are_committed_by_a_joiner() -> None:
    group, message = group_of(["bob"])[0].propose_remove(LeafIndex(1))
    with pytest.raises(IllegalStep, match="no waiting proposal but a SelfRemove"):
        enter(group, wish=JoinWish(leaving=(message,)))


def test_a_public_group_is_entered_by_an_info_with_a_tree_apart() -> None:
    first = founder()
    info = first.group_info(with_tree=False, with_external_pub=True)
    result = MemberGroup.join_external(
        info, fresh_signer(), DAVE, authenticate=anybody, now=NOW, ratchet_tree=first.public.tree.encode()
    )
    agree([*follow([first], result.message), result.pending])
    assert isinstance(result.pending.public, PublicGroup)
