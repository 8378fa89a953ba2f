"""Forks: two copies of one group that are in the same epoch and yet not the same group.

RFC 9420 §14 leaves it to the application that one commit of an epoch is chosen. Where that failed, or somebody showed
one commit to some and another to the rest, the histories differ from then on; two ways to notice:

- whoever follows the handshakes compares marks: epoch, tree and transcript (§8.2), which commit to all that happened;
- members compare epoch authenticators (§8.7), which prove also that the secrets are the same.
"""

import msgspec

from cordiale.crypto.digest import equal
from cordiale.errors import GroupForked, ProtocolViolation, StaleEpoch
from cordiale.mls.public_group import PublicGroup
from cordiale.vocab.identifier import Epoch


class GroupMark(msgspec.Struct, frozen=True):
    """What one copy of a group says of its history; no secret."""

    group_id: bytes
    epoch: Epoch
    tree_hash: bytes
    confirmed_transcript_hash: bytes
    interim_transcript_hash: bytes


def mark_of(group: PublicGroup) -> GroupMark:
    """The mark of a group's present epoch."""
    return GroupMark(
        group.group_id,
        group.epoch,
        group.tree_hash,
        group.confirmed_transcript_hash,
        group.interim_transcript_hash,
    )


def check_same_history(ours: GroupMark, theirs: GroupMark) -> None:
    """Raise `GroupForked` naming what differs; `StaleEpoch` where the epochs differ, so that nothing can be said yet."""
    _check_place(ours.group_id, theirs.group_id, ours.epoch, theirs.epoch)
    if ours.confirmed_transcript_hash != theirs.confirmed_transcript_hash:
        raise GroupForked(f"other commits led to epoch {ours.epoch}")
    if ours.tree_hash != theirs.tree_hash:
        raise GroupForked(f"other members or keys in epoch {ours.epoch}")
    if ours.interim_transcript_hash != theirs.interim_transcript_hash:
        raise GroupForked(f"another confirmation of epoch {ours.epoch}")


class MemberMark(msgspec.Struct, frozen=True):
    """What one member says of its secrets: people may compare it aloud (RFC 9420 §8.7)."""

    group_id: bytes
    epoch: Epoch
    authenticator: bytes


def check_same_secrets(ours: MemberMark, theirs: MemberMark) -> None:
    """Raise `GroupForked` if two members of one epoch do not share its secrets; `StaleEpoch` if the epochs differ."""
    _check_place(ours.group_id, theirs.group_id, ours.epoch, theirs.epoch)
    if not equal(ours.authenticator, theirs.authenticator):
        raise GroupForked(f"other secrets in epoch {ours.epoch}")


def _check_place(ours: bytes, theirs: bytes, epoch: Epoch, other: Epoch) -> None:
    if ours != theirs:
        raise ProtocolViolation("the mark is another group's", rule="RFC 9420 §6 (2)")
    if epoch != other:
        raise StaleEpoch(f"a mark of epoch {other} beside one of {epoch}")
