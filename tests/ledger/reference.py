"""RFC 9162 §2.1 written out recursively, slow and plain: what the package is compared with."""

from collections.abc import Sequence
from hashlib import sha256


def split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes, §2.1.1."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D_n), §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D_n), §2.1.4.1."""
    return subproof(m, leaves, True)


def subproof(m: int, leaves: Sequence[bytes], known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]
