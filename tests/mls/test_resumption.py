"""Groups that go on as another (RFC 9420 §11.2) and subgroups (§11.3)."""

from collections.abc import Callable

import msgspec
import pytest

from cordiale.crypto.suite import HYBRID_ID
from cordiale.errors import CordialeError, IllegalStep, NotFound, ProtocolViolation
from cordiale.mls import proposal_check
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen
from cordiale.mls.extension import ROOM_PARAMETERS, Extension
from cordiale.mls.member_group import CommitResult, MemberGroup
from cordiale.mls.proposal import PskId, ReInit, ResumptionPsk, ResumptionUsage
from cordiale.mls.psk import resumption_psk
from cordiale.mls.public_group import PublicGroup
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import (
    FAST,
    GROUP_ID,
    NOW,
    Person,
    agree,
    anybody,
    follow,
    fresh_signer,
    group_of,
    nobody,
    person,
    public_of,
)

P256 = 2
NEXT = ReInit(b"next" * 8, FAST, (Extension(ROOM_PARAMETERS, b"new"),))


def ended(names: list[str], to: ReInit = NEXT) -> list[MemberGroup]:
    """A group whose last commit was a ReInit."""
    groups = group_of(names)
    result = groups[0].commit(reinit=to, authenticate=anybody, now=NOW)
    return [result.pending, *follow(groups[1:], result.message)]


def enter(result: CommitResult[MemberGroup], who: Person, old: MemberGroup | None) -> MemberGroup:
    """By a Welcome of a group that continues another."""
    assert result.welcome is not None
    group, _ = MemberGroup.join(
        result.welcome, who.package, who.secrets, who.signer, authenticate=anybody, now=NOW, old=old
    )
    return group


def watch(result: CommitResult[MemberGroup]) -> PublicGroup:
    """A node that follows the new group from its start."""
    assert result.before is not None
    seen, event = public_of(result.before).process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    return seen


# Going on as another group


@pytest.mark.parametrize("suite_id", [FAST, HYBRID_ID])
def test_a_group_goes_on_as_another(suite_id: int) -> None:
    to = msgspec.structs.replace(NEXT, suite_id=suite_id)
    old = ended(["bob", "carol"], to)
    people = [person(name, suite_id) for name in ("founder", "carol")]
    result = old[1].reinit([who.package for who in people], authenticate=anybody, now=NOW)
    new = [result.pending, enter(result, people[0], old[0]), enter(result, people[1], old[2])]
    agree(new)
    assert watch(result).encode() == new[0].public.encode()
    assert (new[0].group_id, new[0].epoch, new[0].public.extensions) == (NEXT.group_id, 1, NEXT.extensions)
    made = new[2].commit(authenticate=anybody, now=NOW)
    agree([*follow(new[:2], made.message), made.pending])


def test_another_suite_may_ask_for_another_signing_key() -> None:
    old = ended(["bob"], msgspec.structs.replace(NEXT, suite_id=P256))
    bob = person("bob", P256)
    with pytest.raises(IllegalStep, match="signing key is not for"):
        old[0].reinit([bob.package], authenticate=anybody, now=NOW)
    signer = fresh_signer(P256)
    result = old[0].reinit([bob.package], signer=signer, authenticate=anybody, now=NOW)
    agree([MemberGroup.decode(result.pending.encode()), enter(result, bob, old[1])])


def test_a_suite_that_nobody_does_ends_the_group_all_the_same() -> None:
    old = ended(["bob"], msgspec.structs.replace(NEXT, suite_id=0x7777))
    with pytest.raises(ProtocolViolation, match="cipher suite 0x7777"):
        old[0].reinit([person("bob").package], authenticate=anybody, now=NOW)


def test_a_group_that_ended_is_only_read() -> None:
    groups = group_of(["bob"])
    groups[0], late = groups[0].encrypt(b"late", b"")
    groups[1], proposal = groups[1].propose_reinit(NEXT.group_id, FAST, NEXT.extensions)
    groups[0] = follow([groups[0]], proposal)[0]
    seen = public_of(groups[0])
    seen, _ = seen.process(proposal, authenticate=anybody, now=NOW)
    result = groups[0].commit(authenticate=anybody, now=NOW)
    ended_group, event = groups[1].process(result.message, authenticate=anybody, now=NOW)
    seen, _ = seen.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert event.reinit == ended_group.public.reinit == seen.reinit == NEXT
    assert ended_group.decrypt(late)[1].plaintext == b"late"
    stored = MemberGroup.decode(ended_group.encode())
    assert stored.public.reinit == NEXT
    assert PublicGroup.decode(seen.encode()) == seen
    for step in (
        lambda: stored.encrypt(b"", b""),
        lambda: stored.commit(authenticate=anybody, now=NOW),
        lambda: stored.propose_update(),
        lambda: stored.propose_remove(LeafIndex(0)),
        lambda: stored.group_info(),
        lambda: stored.branch(b"sub", [], authenticate=anybody, now=NOW),
        lambda: stored.process(b"", authenticate=anybody, now=NOW),
    ):
        with pytest.raises(IllegalStep, match="ended and goes on"):
            step()
    revived = msgspec.structs.replace(
        result.pending, public=msgspec.structs.replace(result.pending.public, reinit=None)
    )
    _, message = revived.propose_remove(LeafIndex(1))
    with pytest.raises(ProtocolViolation, match="has ended"):
        seen.process(message, authenticate=anybody, now=NOW)


def test_a_reinit_stands_alone() -> None:
    groups = group_of(["bob", "carol"])
    with pytest.raises(ProtocolViolation, match="ReInit together"):
        groups[0].commit(reinit=NEXT, remove=[LeafIndex(1)], authenticate=anybody, now=NOW)
    groups[0], _ = groups[0].propose_reinit(NEXT.group_id, FAST)
    groups[0], _ = groups[0].propose_remove(LeafIndex(1))
    result = groups[0].commit(authenticate=anybody, now=NOW)
    assert len(result.removed) == 1
    assert result.pending.public.reinit is None
    assert groups[0].commit(reinit=NEXT, authenticate=anybody, now=NOW).pending.public.reinit == NEXT


def test_everybody_is_in_the_new_group_and_nobody_else() -> None:
    old = ended(["bob", "carol"])
    bob, carol, founder, eve = (person(name) for name in ("bob", "carol", "founder", "eve"))
    with pytest.raises(ProtocolViolation, match="member of the old group is missing"):
        old[0].reinit([bob.package], authenticate=anybody, now=NOW)
    with pytest.raises(ProtocolViolation, match="not in the other group"):
        old[0].reinit([who.package for who in (bob, carol, eve)], authenticate=anybody, now=NOW)
    with pytest.raises(CordialeError, match="refused by the test"):
        old[0].reinit([bob.package, carol.package], authenticate=nobody, now=NOW)
    with pytest.raises(IllegalStep, match="no commit has reinitialised"):
        group_of(["bob"])[0].reinit([founder.package], authenticate=anybody, now=NOW)


def forged(
    old: MemberGroup,
    people: list[Person],
    *,
    to: ReInit = NEXT,
    link: ResumptionPsk | None = None,
    later: bool = False,
    more: tuple[PskId, ...] = (),
) -> CommitResult[MemberGroup]:
    """The founder of a new group that says that it continues the old one."""
    first = MemberGroup.create(to.suite_id, to.group_id, old.signer, old.credential, extensions=to.extensions, now=NOW)
    usage = ResumptionUsage.REINIT
    named = link or resumption_psk(first.suite, usage, old.group_id, old.epoch)
    lookup = old.with_resumption(lambda psk: b"key")
    if later:
        first = first.commit(authenticate=anybody, now=NOW).pending
    return first.commit(
        add=[who.package for who in people], inject=[named, *more], authenticate=anybody, now=NOW, psks=lookup
    )


def test_who_joins_checks_the_continuation() -> None:
    old = ended(["bob", "carol"])
    bob, carol = person("bob"), person("carol")
    both = [bob, carol]
    enter(forged(old[0], both), bob, old[1])
    cases: dict[str, Callable[[], CommitResult[MemberGroup]]] = {
        "not the one": lambda: forged(old[0], both, to=msgspec.structs.replace(NEXT, group_id=b"other")),
        "is not the one": lambda: forged(old[0], both, to=msgspec.structs.replace(NEXT, extensions=())),
        "missing": lambda: forged(old[0], [bob]),
        "last": lambda: forged(
            old[0], both, link=resumption_psk(old[0].suite, ResumptionUsage.REINIT, GROUP_ID, Epoch(1))
        ),
    }
    for match, make in cases.items():
        with pytest.raises(ProtocolViolation, match=match):
            enter(make(), bob, old[1])
    with pytest.raises(NotFound, match="pre-shared key"):
        enter(forged(old[0], both), bob, None)
    assert old[1].public.reinit == NEXT
    result = forged(old[0], both)
    assert result.welcome is not None
    with pytest.raises(IllegalStep, match="needed to check"):
        MemberGroup.join(
            result.welcome,
            bob.package,
            bob.secrets,
            bob.signer,
            authenticate=anybody,
            now=NOW,
            psks=old[1].with_resumption(lambda psk: b""),
        )


def test_a_group_that_goes_on_was_reinitialised() -> None:
    groups = group_of(["bob"])
    bob = person("bob")
    with pytest.raises(ProtocolViolation, match="not the one that the old group went on as"):
        enter(forged(groups[0], [bob]), bob, groups[1])


def test_a_group_continues_one_other_and_from_its_start() -> None:
    old, bob = ended(["bob"]), person("bob")
    more = resumption_psk(old[0].suite, ResumptionUsage.BRANCH, GROUP_ID, old[0].epoch)
    with pytest.raises(ProtocolViolation, match="continues two others"):
        enter(forged(old[0], [bob], more=(more,)), bob, old[1])
    with pytest.raises(ProtocolViolation, match="another purpose"):
        forged(old[0], [bob], later=True)


def test_a_key_for_continuing_is_for_nothing_else() -> None:
    groups = group_of(["bob"])
    for usage in (ResumptionUsage.REINIT, ResumptionUsage.BRANCH):
        psk = resumption_psk(groups[0].suite, usage, GROUP_ID, Epoch(1))
        with pytest.raises(ProtocolViolation, match="another purpose"):
            groups[0].propose_psk(psk)
        with pytest.raises(ProtocolViolation, match="another purpose"):
            groups[0].commit(inject=[psk], authenticate=anybody, now=NOW)


def test_a_later_epoch_continues_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member who does not check itself sends the link in a later commit: others refuse it, and so do newcomers."""
    old, bob = ended(["bob"]), person("bob")
    honest = proposal_check._check_psk
    monkeypatch.setattr(proposal_check, "_check_psk", lambda *given: None)
    result = forged(old[0], [bob], later=True)
    monkeypatch.setattr(proposal_check, "_check_psk", honest)
    with pytest.raises(ProtocolViolation, match="in epoch 2"):
        enter(result, bob, old[1])
    assert result.before is not None
    with pytest.raises(ProtocolViolation, match="another purpose"):
        result.before.public.process(result.message, authenticate=anybody, now=NOW)


# Subgroups


def test_some_members_branch_off() -> None:
    groups = group_of(["bob", "carol", "dave"])
    people = [person("bob"), person("dave")]
    result = groups[2].branch(b"sub" * 8, [who.package for who in people], authenticate=anybody, now=NOW)
    new = [result.pending, enter(result, people[0], groups[1]), enter(result, people[1], groups[3])]
    agree(new)
    assert watch(result).encode() == new[0].public.encode()
    assert [member.credential for member in new[0].members] == [
        BasicCredential(name) for name in (b"carol", b"bob", b"dave")
    ]
    made = groups[0].commit(authenticate=anybody, now=NOW)
    agree([made.pending, *follow(groups[1:], made.message)])


def test_a_subgroup_may_be_entered_some_epochs_later() -> None:
    groups = group_of(["bob", "carol"])
    bob = person("bob")
    result = groups[0].branch(b"sub", [bob.package], authenticate=anybody, now=NOW)
    made = groups[0].commit(remove=[LeafIndex(2)], authenticate=anybody, now=NOW)
    enter(result, bob, follow([groups[1]], made.message)[0])


def test_a_subgroup_has_nobody_from_elsewhere() -> None:
    groups, eve, bob = group_of(["bob"]), person("eve"), person("bob")
    with pytest.raises(ProtocolViolation, match="not in the other group"):
        groups[0].branch(b"sub", [eve.package], authenticate=anybody, now=NOW)
    branch = resumption_psk(groups[0].suite, ResumptionUsage.BRANCH, GROUP_ID, Epoch(1))
    result = forged(groups[0], [bob, eve], link=branch)
    with pytest.raises(ProtocolViolation, match="not in the other group"):
        enter(result, bob, groups[1])
    in_other = msgspec.structs.replace(NEXT, suite_id=3)
    other = person("bob", 3)
    result = forged(groups[0], [other], to=in_other, link=branch)
    with pytest.raises(ProtocolViolation, match="another suite"):
        enter(result, other, groups[1])
    with pytest.raises(NotFound):
        enter(forged(groups[0], [bob], link=branch), bob, None)
