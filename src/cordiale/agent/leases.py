"""Which generations this process may encrypt under: numbers that the node granted to it, each given out once.

Kept in memory only. A store that was put back to an older state brings no number with it, and neither a unit of work that
is rolled back nor a copy of the agent that runs elsewhere gives one out again (`cordiale.federation.claim` states the law).
"""

from typing import Final

import msgspec

from cordiale.errors import ProtocolViolation
from cordiale.federation.claim import GENERATIONS
from cordiale.mls.member_group import MemberGroup
from cordiale.vocab.identifier import Epoch, RoomId
from cordiale.wire import limits


class Claimed(msgspec.Struct, frozen=True):
    """A claim on its way: `count` numbers from `first` on, for a room and epoch, and its envelope."""

    room: RoomId
    epoch: Epoch
    first: int
    count: int
    envelope: bytes


class Lease(msgspec.Struct, frozen=True):
    """What is left of what was granted last, and how many these were."""

    epoch: Epoch
    left: range
    granted: int


_NONE: Final = Lease(Epoch(-1), range(0), 0)


class Leases:
    """One lease for each room, of the epoch in which this process last encrypted there."""

    def __init__(self) -> None:
        self._leases: dict[RoomId, Lease] = {}

    def holds(self, group: MemberGroup) -> bool:
        """Whether `take` has a number for the group's present epoch."""
        lease = self._of(group)
        return lease.epoch == group.epoch and max(lease.left.start, group.generation) < lease.left.stop

    def take(self, group: MemberGroup) -> int:
        """A number that is free; asks for `holds` before."""
        lease = self._of(group)
        number = max(lease.left.start, group.generation)
        left = range(number + 1, lease.left.stop)
        self._leases[RoomId(group.group_id)] = Lease(lease.epoch, left, lease.granted)
        return number

    def count(self, room: RoomId, waiting: int) -> int:
        """How many to claim: what waits, or twice as many as the last time, so that one who writes much asks seldom."""
        doubled = 2 * self._leases.get(room, _NONE).granted
        return min(max(waiting, doubled, 1), limits.CLAIMED_GENERATIONS)

    def grant(self, claim: Claimed, start: int) -> None:
        """Take in what the node answered; `ProtocolViolation` if it is no answer to the claim."""
        if not claim.first <= start <= GENERATIONS - claim.count:
            raise ProtocolViolation(f"number {start}, from {claim.first} on was claimed", rule="cordiale claim 1")
        self._leases[claim.room] = Lease(claim.epoch, range(start, start + claim.count), claim.count)

    def too_far(self, group: MemberGroup) -> bool:
        """Whether readers who saw nothing since this state would refuse the next number: then a new epoch is due."""
        lease = self._of(group)
        return lease.epoch == group.epoch and lease.left.start - group.generation > limits.MLS_FORWARD_GENERATIONS

    def _of(self, group: MemberGroup) -> Lease:
        return self._leases.get(RoomId(group.group_id), _NONE)
