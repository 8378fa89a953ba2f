"""Merkle hashing and compact ranges (RFC 9162 §2.1.1).

    leaf  = SHA-256(0x00 ‖ data)        node = SHA-256(0x01 ‖ left ‖ right)        empty = SHA-256()

A `Frontier` is what a log of `size` entries needs in order to grow and to know its root: the roots of the complete
subtrees that the binary digits of `size` name, largest first.

    size 11 = 0b1011      [ 8 entries ][ 2 ][1]

Invariant: one 32-byte hash for each set bit of `size`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Final, NamedTuple, Self

from cordiale.crypto.digest import sha256
from cordiale.errors import Malformed
from cordiale.ledger.node_digest import node_digest
from cordiale.vocab.identifier import DIGEST_BYTES, Digest
from cordiale.wire import canonical

EMPTY_ROOT: Final = sha256(b"")
"""The root of a log without entries."""
SIZE_LIMIT: Final = 2**63 - 1
"""Entries in one log: what a signed 64-bit column can count."""
FRONTIER_BYTES: Final = 4096
"""Encoded; there can be 63 hashes."""


def leaf_hash(data: bytes) -> Digest:
    """The hash of one entry."""
    return sha256(b"\0" + data)


def node_hash(left: bytes, right: bytes) -> Digest:
    """The hash of an inner node over its two children."""
    return Digest(node_digest(b"\1" + left + right).digest())


def fold(roots: Iterable[Digest]) -> Digest:
    """The hash over neighbouring complete subtrees, given right to left (smallest first); at least one."""
    return reduce(_onto, roots)


def _onto(right: Digest, left: Digest) -> Digest:
    return node_hash(left, right)


def pair(nodes: Sequence[Digest]) -> list[Digest]:
    """The parents of an even number of neighbours."""
    digest = node_digest
    pairs = zip(nodes[::2], nodes[1::2], strict=True)
    return [Digest(digest(b"\1" + left + right).digest()) for left, right in pairs]


class Row(NamedTuple):
    """New neighbouring nodes of one height: `hashes[i]` is the root over entry `(first + i) << height` and on."""

    height: int
    first: int
    hashes: Sequence[Digest]


class Frontier(canonical.Record, frozen=True):
    """The compact range [0, size): subtree roots, largest first. Growing makes a new one."""

    size: int
    hashes: tuple[Digest, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.size <= SIZE_LIMIT or len(self.hashes) != self.size.bit_count():
            raise Malformed("the size does not agree with the hashes", what="Frontier")
        if any(len(digest) != DIGEST_BYTES for digest in self.hashes):
            raise Malformed("a hash is not 32 bytes", what="Frontier")

    @classmethod
    def empty(cls) -> Self:
        """Of a log without entries."""
        return cls(0, ())

    def append(self, leaf: Digest) -> "Frontier":
        """With one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Sequence[Digest]) -> "Frontier":
        """With more leaf hashes, in O(len(leaves) + log size) hashes."""
        rows = list(self.rows(leaves))
        untouched = self.hashes[: (self.size >> len(rows)).bit_count()]
        single = [row.hashes[-1] for row in reversed(rows) if (row.first + len(row.hashes)) & 1]
        return Frontier(self.size + len(leaves), (*untouched, *single))

    def rows(self, leaves: Sequence[Digest]) -> Iterator[Row]:
        """Height by height, the nodes that appending `leaves` completes, up to the last that it does.

        Where a height's first new node is a right child, the frontier's root beside it precedes it: so `first` is
        always even, and a node that stays without a sibling is its row's last.
        """
        height, first, nodes, roots = 0, self.size, list(leaves), list(self.hashes)
        while nodes:
            if first & 1:
                first, nodes = first - 1, [roots.pop(), *nodes]
            yield Row(height, first, nodes)
            height, first, nodes = height + 1, first >> 1, pair(nodes[: len(nodes) & ~1])

    def root(self) -> Digest:
        """The Merkle tree hash over all entries."""
        return fold(reversed(self.hashes)) if self.hashes else EMPTY_ROOT

    def encode(self) -> bytes:
        """Canonical bytes, for a store."""
        return canonical.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """From `encode`'s bytes and no others."""
        return canonical.decode(data, cls, limit=FRONTIER_BYTES)
