"""What the members of a tree have in common, counted, so that a change need not ask all of them again (RFC 9420 §7.3).

Invariant: a census that followed a tree's changes equals one taken afresh. It answers just whether there is a clash;
`tree_validation` then finds out which.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from typing import Generic, TypeVar

import msgspec

from cordiale.mls.leaf_node import LeafNode
from cordiale.mls.multi_credential import suites_in_use, types_in_use
from cordiale.mls.shelves import Shelves
from cordiale.mls.subtree import Node

V = TypeVar("V", bound=Hashable)


class Tally(msgspec.Struct, Generic[V], frozen=True):
    """How often each value occurs. `repeated` counts the occurrences beyond each value's first."""

    counts: Shelves[V, int]
    repeated: int = 0

    def __contains__(self, value: V) -> bool:
        return value in self.counts

    def changed(self, gone: Iterable[V], come: Iterable[V]) -> "Tally[V]":
        """With some occurrences less, and others more. What goes must be there, or come by the same call."""
        moved = Counter(come)
        moved.subtract(gone)
        counts: dict[V, int] = {}
        repeated = self.repeated
        for value, more in moved.items():
            before = self.counts.get(value, 0)
            counts[value] = before + more
            repeated += max(before + more - 1, 0) - max(before - 1, 0)
        left = {value: count for value, count in counts.items() if count}
        return Tally(self.counts.changed(left, counts.keys() - left.keys()), repeated)


Used = tuple[frozenset[int], frozenset[int]]
"""The credential types and the suites that everybody must support for a leaf's credential to be in the tree."""
Able = tuple[tuple[int, ...], tuple[int, ...]]
"""The credential types and the suites that a leaf supports."""


class Census(msgspec.Struct, frozen=True):
    """The keys of a tree, and what the credentials in it ask of every member beside what its members support."""

    signature_keys: Tally[bytes] = Tally(Shelves[bytes, int]())
    encryption_keys: Tally[bytes] = Tally(Shelves[bytes, int]())
    used: Tally[Used] = Tally(Shelves[Used, int]())
    able: Tally[Able] = Tally(Shelves[Able, int]())

    def changed(self, gone: Collection[Node], come: Collection[Node]) -> "Census":
        """After nodes went and others came."""
        left = [node for node in gone if isinstance(node, LeafNode)]
        entered = [node for node in come if isinstance(node, LeafNode)]
        return Census(
            self.signature_keys.changed(
                (leaf.signature_key for leaf in left), (leaf.signature_key for leaf in entered)
            ),
            self.encryption_keys.changed(
                (node.encryption_key for node in gone), (node.encryption_key for node in come)
            ),
            self.used.changed(map(_used, left), map(_used, entered)),
            self.able.changed(map(_able, left), map(_able, entered)),
        )

    @property
    def clashes(self) -> bool:
        """Whether a key is in two places, or not everybody supports the credentials of all."""
        if self.signature_keys.repeated or self.encryption_keys.repeated:
            return True
        types = frozenset[int]().union(*(types for types, _ in self.used.counts))
        suites = frozenset[int]().union(*(suites for _, suites in self.used.counts))
        return not all(types.issubset(credentials) and suites.issubset(able) for credentials, able in self.able.counts)


def _used(leaf: LeafNode) -> Used:
    return types_in_use(leaf.credential), suites_in_use(leaf.credential)


def _able(leaf: LeafNode) -> Able:
    return leaf.capabilities.credentials, leaf.capabilities.suites
