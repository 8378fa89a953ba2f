"""Who was where in an epoch, kept so that its late messages still verify (RFC 9420 §14). Nothing here is secret."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import starmap
from typing import Protocol

import msgspec

from cordiale.mls.events import Member, member_at
from cordiale.mls.tree import RatchetTree
from cordiale.vocab.identifier import LeafIndex


class Roster(Protocol):
    """Members in the order of their leaves."""

    def at(self, leaf: LeafIndex) -> Member | None:
        """Whoever was at a leaf."""
        ...

    def __iter__(self) -> Iterator[Member]: ...


class TreeRoster(msgspec.Struct, frozen=True):
    """As the epoch's tree says. The tree shares most of its places with the epochs before and after."""

    tree: RatchetTree

    def at(self, leaf: LeafIndex) -> Member | None:
        """Whoever was at a leaf."""
        found = self.tree.leaf(leaf)
        return None if found is None else member_at(leaf, found)

    def __iter__(self) -> Iterator[Member]:
        return starmap(member_at, self.tree.members())


class StoredRoster(msgspec.Struct, frozen=True):
    """As a store gave it back, in the order of the leaves."""

    members: tuple[Member, ...]

    def at(self, leaf: LeafIndex) -> Member | None:
        """Whoever was at a leaf."""
        place = bisect_left(self.members, leaf, key=_leaf)
        found = self.members[place] if place < len(self.members) else None
        return found if found is not None and found.leaf_index == leaf else None

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)


def _leaf(member: Member) -> LeafIndex:
    return member.leaf_index
