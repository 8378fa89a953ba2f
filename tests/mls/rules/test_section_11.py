"""RFC 9420 §11, new groups: from nothing, from an ended one, from part of one."""

from collections.abc import Callable
from typing import Any

import pytest

from cordiale.mls.extension import ROOM_TITLE, Extension
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import PskId, ReInit, Remove, ResumptionUsage
from cordiale.mls.psk import no_psks, resumption_psk
from cordiale.mls.welcome import GroupSecrets
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import FAST, GROUP_ID, NOW, Person, anybody, founder, group_of, person
from mls.rules.forging import listed, proposed, replace, rewelcomed
from mls.rules.refusal import refused, refuses

NEW_ID = b"the next room"
Info = Callable[[GroupInfo], GroupInfo]


def test_a_new_group() -> None:
    group, other = founder(), founder()
    context = group.public.context
    assert (context.group_id, context.epoch, context.confirmed_transcript_hash) == (GROUP_ID, 0, b"")
    assert context.tree_hash == group.public.tree.tree_hash()
    assert [member.leaf_index for member in group.members] == [0]
    assert group.secrets.init != other.secrets.init
    assert group.public.interim_transcript_hash != other.public.interim_transcript_hash != b""


def advanced(groups: list[MemberGroup], **wanted: Any) -> list[MemberGroup]:
    """All members after a commit of the first."""
    result = groups[0].commit(authenticate=anybody, now=NOW, **wanted)
    return [result.pending, *(group.process(result.message, authenticate=anybody, now=NOW)[0] for group in groups[1:])]


def ended(*names: str) -> list[MemberGroup]:
    """A group of several that is to go on as another."""
    return advanced(advanced(group_of(names)), reinit=ReInit(NEW_ID, FAST, ()))


def first_commit(
    old: MemberGroup,
    usage: ResumptionUsage,
    people: list[Person],
    *,
    suite_id: int = FAST,
    group_id: bytes = NEW_ID,
    extensions: tuple[Extension, ...] = (),
    epoch: int | None = None,
) -> tuple[MemberGroup, bytes]:
    """What a founder who checks nothing makes of an old group: the new one, and a Welcome to it."""
    new = MemberGroup.create(suite_id, group_id, old.signer, old.credential, extensions=extensions, now=NOW)
    named = Epoch(old.epoch if epoch is None else epoch)
    link = resumption_psk(new.suite, usage, old.group_id, named)
    result = new.commit(
        add=[who.package for who in people],
        inject=[link],
        authenticate=anybody,
        now=NOW,
        psks=old.with_resumption(no_psks),
    )
    assert result.welcome is not None
    return result.pending, result.welcome


def enter(welcome: bytes, who: Person, old: MemberGroup) -> MemberGroup:
    """By a Welcome to a group that goes on from another."""
    return MemberGroup.join(welcome, who.package, who.secrets, who.signer, authenticate=anybody, now=NOW, old=old)[0]


def retold(new: MemberGroup, welcome: bytes, who: Person, old: MemberGroup, **changes: Any) -> bytes:
    """The Welcome with another context, right in all else."""
    return rewelcomed(
        new,
        welcome,
        who,
        info=lambda info: replace(info, context=replace(info.context, **changes)),
        psks=old.with_resumption(no_psks),
    )


REINIT, BRANCH = ResumptionUsage.REINIT, ResumptionUsage.BRANCH


def test_the_forge_is_faithful() -> None:
    groups, bob = ended("bob"), person("bob")
    new, welcome = first_commit(groups[0], REINIT, [bob])
    assert enter(welcome, bob, groups[1]).epoch_authenticator == new.epoch_authenticator
    assert enter(retold(new, welcome, bob, groups[1]), bob, groups[1]).epoch == 1
    groups, bob = group_of(["bob", "carol"]), person("bob")
    new, welcome = first_commit(groups[0], BRANCH, [bob])
    assert enter(welcome, bob, groups[1]).epoch_authenticator == new.epoch_authenticator


OTHER_GROUPS: list[dict[str, Any]] = [
    {"group_id": b"yet another"},
    {"extensions": (Extension(ROOM_TITLE, b"title"),)},
]


@pytest.mark.parametrize("other", OTHER_GROUPS)
def test_another_group_than_was_agreed(other: dict[str, Any]) -> None:
    groups, bob = ended("bob"), person("bob")
    _, welcome = first_commit(groups[0], REINIT, [bob], **other)
    with refused("11.2-1"):
        enter(welcome, bob, groups[1])


def test_another_suite_than_was_agreed() -> None:
    groups, bob = ended("bob"), person("bob", 3)
    _, welcome = first_commit(groups[0], REINIT, [bob], suite_id=3)
    with refused("11.2-1"):
        enter(welcome, bob, groups[1])


def test_a_continuation_that_nobody_agreed_to() -> None:
    groups, bob = group_of(["bob"]), person("bob")
    _, welcome = first_commit(groups[0], REINIT, [bob])
    with refused("11.2-1"):
        enter(welcome, bob, groups[1])


@pytest.mark.parametrize("epoch", [0, 2, 2**64 - 1])
def test_a_continuation_that_did_not_begin_now(epoch: int) -> None:
    groups, bob = ended("bob"), person("bob")
    new, welcome = first_commit(groups[0], REINIT, [bob])
    with refused("11.2-2"):
        enter(retold(new, welcome, bob, groups[1], epoch=Epoch(epoch)), bob, groups[1])


def test_the_key_of_an_epoch_before_the_end() -> None:
    groups, bob = ended("bob"), person("bob")
    _, welcome = first_commit(groups[0], REINIT, [bob], epoch=groups[0].epoch - 1)
    with refused("11.2-3"):
        enter(welcome, bob, groups[1])


def test_a_continuation_without_somebody() -> None:
    groups, bob = ended("bob", "carol"), person("bob")
    _, welcome = first_commit(groups[0], REINIT, [bob])
    with refused("11.2-4"):
        enter(welcome, bob, groups[1])
    with refused("11.2-4"):
        groups[0].reinit([bob.package], authenticate=anybody, now=NOW)


def test_a_subgroup_of_another_suite() -> None:
    groups, bob = group_of(["bob", "carol"]), person("bob", 3)
    _, welcome = first_commit(groups[0], BRANCH, [bob], suite_id=3)
    with refused("11.3-1"):
        enter(welcome, bob, groups[1])


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_subgroup_that_did_not_begin_now(epoch: int) -> None:
    groups, bob = group_of(["bob", "carol"]), person("bob")
    new, welcome = first_commit(groups[0], BRANCH, [bob])
    with refused("11.3-2"):
        enter(retold(new, welcome, bob, groups[1], epoch=Epoch(epoch)), bob, groups[1])


def test_a_subgroup_with_a_stranger() -> None:
    groups, bob, eve = group_of(["bob", "carol"]), person("bob"), person("eve")
    _, welcome = first_commit(groups[0], BRANCH, [bob, eve])
    with refused("11.3-3"):
        enter(welcome, bob, groups[1])
    with refused("11.3-3"):
        groups[0].branch(NEW_ID, [bob.package, eve.package], authenticate=anybody, now=NOW)


def test_a_subgroup_with_somebody_who_has_left() -> None:
    groups, bob, carol = group_of(["bob", "carol"]), person("bob"), person("carol")
    groups = advanced(groups[:2], remove=[LeafIndex(2)])
    _, welcome = first_commit(groups[0], BRANCH, [bob, carol])
    with refused("11.3-3"):
        enter(welcome, bob, groups[1])


def test_two_groups_that_are_continued() -> None:
    groups, bob = ended("bob"), person("bob")
    new, welcome = first_commit(groups[0], REINIT, [bob])
    lookup = groups[1].with_resumption(no_psks)

    def twice(secrets: GroupSecrets) -> GroupSecrets:
        again: PskId = resumption_psk(new.suite, BRANCH, GROUP_ID, groups[0].epoch)
        return replace(secrets, psks=(*secrets.psks, again))

    with refused("12.4.3.1-4"):
        enter(rewelcomed(new, welcome, bob, secrets=twice, psks=lookup), bob, groups[1])


def test_an_end_beside_something_else() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("12.2-9", others, listed(first, ReInit(NEW_ID, FAST, ()), Remove(LeafIndex(1))))
    refuses("12.2-9", others, listed(first, ReInit(NEW_ID, FAST, ()), ReInit(NEW_ID, FAST, ())))


def test_an_ended_group() -> None:
    first, *others = ended("bob", "carol")
    refuses("12.4.2-6", others, proposed(first, Remove(LeafIndex(1))))
    for step in (
        lambda: first.encrypt(b"hello", b""),
        lambda: first.propose_update(),
        lambda: first.commit(authenticate=anybody, now=NOW),
        lambda: first.group_info(),
    ):
        with refused("12.4.2-6"):
            step()
