"""Inclusion and consistency proofs (RFC 9162 §2.1.3, §2.1.4), made from tiles and verified without them.

Verifying raises `ProofInvalid`; nothing is returned that could be overlooked. A proof lists sibling hashes from the
leaf upwards.
"""

from collections.abc import Iterator, Sequence

from cordiale.errors import IllegalStep, ProofInvalid
from cordiale.ledger.merkle import EMPTY_ROOT, SIZE_LIMIT, fold, pair
from cordiale.ledger.node_digest import node_digest
from cordiale.ledger.subtree import is_subtree, verify_subtree_consistency
from cordiale.ledger.tile import HEIGHT, WIDTH, TileStore, width_at
from cordiale.vocab.identifier import DIGEST_BYTES, Digest


def inclusion_proof(tiles: TileStore, index: int, size: int) -> tuple[Digest, ...]:
    """PATH(index, D[0:size]): that entry `index` is in the log of `size` entries (§2.1.3.1)."""
    return subtree_inclusion_proof(tiles, index, 0, size)


def consistency_proof(tiles: TileStore, old: int, new: int) -> tuple[Digest, ...]:
    """PROOF(old, D[0:new]): that the log of `old` entries is a prefix (§2.1.4.1); 0 < old ≤ new."""
    if old < 1:
        raise IllegalStep("a proof from an empty log says nothing")
    return subtree_consistency_proof(tiles, 0, old, new)


def subtree_inclusion_proof(tiles: TileStore, index: int, start: int, end: int) -> tuple[Digest, ...]:
    """That entry `index` is in the subtree [start, end)."""
    if not is_subtree(start, end) or not start <= index < end:
        raise IllegalStep(f"entry {index} is not in a subtree [{start}, {end})")
    reader, found = _Nodes(tiles, end), list[Digest]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(reader.root(middle, end))
            end = middle
        else:
            found.append(reader.root(start, middle))
            start = middle
    return tuple(reversed(found))


def subtree_consistency_proof(tiles: TileStore, start: int, end: int, size: int) -> tuple[Digest, ...]:
    """SUBTREE_PROOF(start, end, D[0:size]) of draft-ietf-plants-merkle-tree-certs §4.4.1; start < end."""
    if not is_subtree(start, end) or not start < end <= size:
        raise IllegalStep(f"[{start}, {end}) is no subtree of {size} entries")
    reader, found, low, high, known = _Nodes(tiles, size), list[Digest](), 0, size, True
    while (start, end) != (low, high):
        middle = low + _split(high - low)
        if end <= middle:
            found.append(reader.root(middle, high))
            high = middle
        else:
            found.append(reader.root(low, middle))
            if start < middle:
                start, known = middle, False
            low = middle
    if not known:
        found.append(reader.root(low, high))
    return tuple(reversed(found))


def verify_inclusion(leaf: Digest, index: int, size: int, proof: Sequence[Digest], root: Digest) -> None:
    """Raise `ProofInvalid`, naming the entry, unless `leaf` is at `index` of the log with `root` (§2.1.3.2).

    The siblings' lengths need no check: an inner node hashes 65 bytes, and `found` and `root` have 32.
    """
    if not 0 <= index < size <= SIZE_LIMIT:
        raise _not_included(index, size, "it is outside the log")
    if len(leaf) != DIGEST_BYTES or len(root) != DIGEST_BYTES:
        raise _not_included(index, size, "a hash is not 32 bytes")
    inner = (index ^ (size - 1)).bit_length()  # up to where the paths of this and of the last entry meet
    if len(proof) != inner + (index >> inner).bit_count():
        raise _not_included(index, size, "the proof has the wrong length")
    found, digest = leaf, node_digest
    for height, sibling in enumerate(proof):
        if height >= inner or index >> height & 1:
            found = digest(b"\1" + sibling + found).digest()
        else:
            found = digest(b"\1" + found + sibling).digest()
    if found != root:
        raise _not_included(index, size, "the proof does not lead to the root")


def verify_subtree_inclusion(
    leaf: Digest, index: int, start: int, end: int, proof: Sequence[Digest], root: Digest
) -> None:
    """As `verify_inclusion`, within the subtree [start, end) that has `root`."""
    if not is_subtree(start, end) or not start <= index < end:
        raise _not_included(index, end, f"[{start}, {end}) is no subtree that holds it")
    verify_inclusion(leaf, index - start, end - start, proof, root)


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[Digest], old_root: Digest, new_root: Digest
) -> None:
    """Raise `ProofInvalid` unless the log with `old_root` is a prefix of the one with `new_root` (§2.1.4.2).

    Two empty logs are consistent; from an empty log to another nothing can be proved, and the caller needs no proof.
    """
    if old_size == 0 and (new_size != 0 or new_root != EMPTY_ROOT):
        raise ProofInvalid(f"an empty log proves nothing about one of {new_size} entries", size=new_size)
    verify_subtree_consistency(0, old_size, new_size, proof, old_root, new_root)


def _not_included(index: int, size: int, why: str) -> ProofInvalid:
    return ProofInvalid(f"entry {index} is not shown to be among {size}: {why}", entry=index)


def _split(count: int) -> int:
    """The largest power of two below `count` (which is at least 2): the left child's share."""
    return 1 << (count - 1).bit_length() - 1


class _Nodes:
    """Reads tree nodes out of the tiles of a log of `size` entries, each tile once."""

    def __init__(self, tiles: TileStore, size: int) -> None:
        self._tiles, self._size = tiles, size
        self._seen: dict[tuple[int, int], Sequence[Digest]] = {}

    def root(self, start: int, end: int) -> Digest:
        """The hash over entries [start, end), a subtree."""
        return fold(self._complete(start, end))

    def _complete(self, start: int, end: int) -> Iterator[Digest]:
        """The roots of the complete subtrees that make up [start, end), right to left."""
        while start < end:
            height = ((end - start) & (start - end)).bit_length() - 1
            yield self._node(height, (end >> height) - 1)
            end -= 1 << height

    def _node(self, height: int, index: int) -> Digest:
        level, above = divmod(height, HEIGHT)
        first = index << above
        at = first % WIDTH
        nodes = self._tile(level, first // WIDTH)[at : at + (1 << above)]
        while len(nodes) > 1:
            nodes = pair(nodes)
        return nodes[0]

    def _tile(self, level: int, index: int) -> Sequence[Digest]:
        if (level, index) not in self._seen:
            self._seen[level, index] = self._tiles.tile(level, index, width_at(level, index, self._size))
        return self._seen[level, index]
