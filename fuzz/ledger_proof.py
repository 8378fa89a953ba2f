"""Fuzz proof verification: hostile sizes, positions and proofs end in `ProofInvalid`, and soon."""

from contextlib import suppress
from struct import unpack_from

from cordiale.errors import CordialeError
from cordiale.ledger.proof import verify_consistency, verify_inclusion, verify_subtree_inclusion
from cordiale.ledger.subtree import verify_subtree_consistency
from cordiale.vocab.identifier import Digest

HEADER = 24


def TestOneInput(data: bytes) -> None:
    """Three signed 64-bit numbers, then hashes of 32 bytes, the last perhaps shorter."""
    if len(data) < HEADER:
        return
    first, second, third = unpack_from(">qqq", data)
    hashes = [Digest(data[at : at + 32]) for at in range(HEADER, len(data), 32)] or [Digest(b"")]
    left, right, proof = hashes[0], hashes[-1], hashes[1:-1]
    with suppress(CordialeError):
        verify_inclusion(left, first, second, proof, right)
    with suppress(CordialeError):
        verify_subtree_inclusion(left, first, second, third, proof, right)
    with suppress(CordialeError):
        verify_consistency(first, second, proof, left, right)
    with suppress(CordialeError):
        verify_subtree_consistency(first, second, third, proof, left, right)
