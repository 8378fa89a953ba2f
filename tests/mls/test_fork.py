"""Forks are noticed: by the marks of those who follow, and by the authenticators of members."""

import msgspec
import pytest

from cordiale.errors import GroupForked, ProtocolViolation, StaleEpoch
from cordiale.mls.fork import GroupMark, MemberMark, check_same_history, check_same_secrets, mark_of
from cordiale.mls.member_group import MemberGroup
from mls.people import NOW, anybody, follow, founder, group_of, public_of


def member_mark(group: MemberGroup) -> MemberMark:
    """What a member shows to another."""
    return MemberMark(group.group_id, group.epoch, group.epoch_authenticator)


def test_all_who_follow_have_one_mark() -> None:
    groups = group_of(["bob", "carol"])
    seen = public_of(groups[1])
    result = groups[0].commit(authenticate=anybody, now=NOW)
    others = follow(groups[1:], result.message)
    seen, _ = seen.process(result.message, authenticate=anybody, now=NOW)
    for group in others:
        check_same_history(mark_of(result.pending.public), mark_of(group.public))
        check_same_history(mark_of(group.public), mark_of(seen))
        check_same_secrets(member_mark(result.pending), member_mark(group))


def test_two_commits_of_one_epoch_fork_a_group() -> None:
    first, second, third = group_of(["bob", "carol"])
    one, other = (group.commit(authenticate=anybody, now=NOW) for group in (first, second))
    left, right = follow([third], one.message)[0], follow([third], other.message)[0]
    with pytest.raises(GroupForked, match="other commits led to epoch 2"):
        check_same_history(mark_of(left.public), mark_of(right.public))
    with pytest.raises(GroupForked, match="other secrets in epoch 2"):
        check_same_secrets(member_mark(left), member_mark(right))
    for group in (left, right):
        assert group.epoch == 2
    again = left.commit(authenticate=anybody, now=NOW)
    with pytest.raises(GroupForked):
        check_same_history(
            mark_of(again.pending.public), mark_of(right.commit(authenticate=anybody, now=NOW).pending.public)
        )


@pytest.mark.parametrize(
    ("field", "match"), [("tree_hash", "other members"), ("interim_transcript_hash", "another confirmation")]
)
def test_what_differs_is_named(field: str, match: str) -> None:
    mark = mark_of(founder().public)
    with pytest.raises(GroupForked, match=match):
        check_same_history(mark, msgspec.structs.replace(mark, **{field: b"x" * 32}))


def test_marks_of_other_groups_and_epochs_say_nothing() -> None:
    group = founder()
    mark, mine = mark_of(group.public), member_mark(group)
    later = mark_of(group.commit(authenticate=anybody, now=NOW).pending.public)
    with pytest.raises(StaleEpoch):
        check_same_history(mark, later)
    with pytest.raises(StaleEpoch):
        check_same_secrets(mine, msgspec.structs.replace(mine, epoch=9))
    elsewhere: GroupMark = msgspec.structs.replace(mark, group_id=b"other")
    with pytest.raises(ProtocolViolation, match="another group"):
        check_same_history(mark, elsewhere)
    with pytest.raises(ProtocolViolation, match="another group"):
        check_same_secrets(mine, msgspec.structs.replace(mine, group_id=b"other"))
