"""Subtrees: a page of a log proved by itself (draft-ietf-plants-merkle-tree-certs §4).

A subtree [start, end) is valid where `start` is a multiple of the power of two that `end − start` rounds up to: then
its hash is that of a log holding just these entries, and O(log size) hashes tie it to any later root. With
`start = 0` this is RFC 9162's consistency proof, for which the arithmetic below serves as well.
"""

from collections.abc import Sequence

from cordiale.errors import ProofInvalid
from cordiale.ledger.merkle import EMPTY_ROOT, SIZE_LIMIT, node_hash
from cordiale.vocab.identifier import DIGEST_BYTES, Digest


def is_subtree(start: int, end: int) -> bool:
    """Whether [start, end) can be proved by itself (§4.1)."""
    return 0 <= start <= end <= SIZE_LIMIT and start % (1 << max(0, end - start - 1).bit_length()) == 0


def verify_subtree_consistency(
    start: int, end: int, size: int, proof: Sequence[Digest], subtree_root: Digest, root: Digest
) -> None:
    """Raise `ProofInvalid` unless entries [start, end) of the log with `root` have `subtree_root` (§4.4.3).

    An empty subtree says nothing about the log: only its own root and an empty proof are checked.
    """
    if not is_subtree(start, end) or not end <= size <= SIZE_LIMIT:
        raise ProofInvalid(f"[{start}, {end}) is no subtree of {size} entries")
    if start == end:
        if proof or subtree_root != EMPTY_ROOT:
            raise ProofInvalid("an empty subtree has the empty root and needs no proof")
        return
    if any(len(digest) != DIGEST_BYTES for digest in proof):
        raise ProofInvalid("a hash is not 32 bytes")
    if _both_roots(start, end, size, proof, subtree_root) != (subtree_root, root):
        raise ProofInvalid(f"entries {start} to {end - 1} are not those of the log of {size} entries", size=size)


def _both_roots(
    start: int, end: int, size: int, proof: Sequence[Digest], subtree_root: Digest
) -> tuple[Digest, Digest] | None:
    """The subtree's and the log's root as `proof` computes them, or `None` where it has the wrong length."""
    first, last, edge = start, end - 1, size - 1
    while first != last and (last == edge or last & 1):
        first, last, edge = first >> 1, last >> 1, edge >> 1
    hashes = list(proof) if first != last else [subtree_root, *proof]
    if not hashes:
        return None
    inner = outer = hashes[0]
    for sibling in hashes[1:]:
        if edge == 0:
            return None
        if last & 1 or last == edge:
            if first < last:
                inner = node_hash(sibling, inner)
            outer = node_hash(sibling, outer)
            while not last & 1 and last:
                first, last, edge = first >> 1, last >> 1, edge >> 1
        else:
            outer = node_hash(outer, sibling)
        first, last, edge = first >> 1, last >> 1, edge >> 1
    return (inner, outer) if edge == 0 else None
