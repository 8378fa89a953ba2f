"""Everything that one side computes, as pure functions of its secret seed: the reason why a run can be repeated and audited.

    commitment = SHA-256(domain ‖ terms ‖ nation ‖ salt ‖ codes on the finest grid)         salt, scalars from the seed by HKDF
    point(x)   = hash to curve(domain ‖ terms ‖ pass ‖ code)                                known to everybody who guesses x
    blinded    = sorted { x25519(a, point(x)) } with dummies up to the size class
    tag(z)     = first 8 bytes of SHA-256(domain ‖ terms ‖ pass ‖ z),   z = x25519(a, x25519(b, point))

Why the points have to be hashes: with h(x)·G instead, whose logarithm h(x) everybody can compute, one blinded element a·h(x)·G
and a guess of x give a·G, and with it every other element (see `tests`). Sorting values that look random is the shuffle.
Two different elements get one tag in a run of n by m with probability n·m / 2^96: 2^-62 at the cap.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from cordiale.crypto.commutative import SCALAR_BYTES, blind
from cordiale.crypto.curve25519 import POINT_BYTES, PRIME, hash_to_curve
from cordiale.crypto.kdf import expand
from cordiale.crypto.suite import HYBRID
from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.deconfliction.grid import CODE_BYTES, Codes, packed
from cordiale.register.deconfliction.terms import Terms, size_class
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation

SEED_BYTES: Final = 32
TAG_BYTES: Final = 8
"""Two lists at the cap have 2^34 pairs of elements: in one pass two different ones share a tag with probability 2^-30 at most.
The sides would then differ in their outcomes, and the run end without a result; who lies about tags gains nothing by it."""
_COMMITMENT: Final = b"cordiale deconfliction commitment/1\x00"
_POINT: Final = b"cordiale deconfliction point/1\x00"
_DUMMY: Final = b"cordiale deconfliction dummy/1\x00"
_TAG: Final = b"cordiale deconfliction tag/1\x00"
_RESULT: Final = b"cordiale deconfliction result/1\x00"
DUMMY: Final = -1
"""Owner of an element that stands for no code."""
LOW_ORDER: Final = frozenset(
    value.to_bytes(POINT_BYTES, "little")
    for value in (
        0,
        1,
        PRIME - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    )
)
"""The reduced coordinates that X25519 turns into zero (D. J. Bernstein, “A state-of-the-art Diffie-Hellman function”)."""


class OwnList(msgspec.Struct, frozen=True):
    """One side's list in one pass: what is sent, and for each element in its order the index of its code, or -1."""

    elements: bytes
    owners: tuple[int, ...]


def commitment(terms: Terms, nation: Nation, seed: bytes, codes: Codes) -> Digest:
    """Binds to the codes and the seed, and shows neither nor their number."""
    head = _COMMITMENT + terms.digest() + nation.encode("ascii") + b"\x00" + _derived(terms, 0, seed, "salt")
    return Digest(sha256(head + packed(codes)).digest())


def blinded(terms: Terms, turn: int, seed: bytes, codes: Codes) -> OwnList:
    """The list of one pass; `LimitExceeded` where it is longer than the terms allow."""
    check_fits(terms, turn, len(codes))
    size = size_class(len(codes))
    points = hash_to_curve([*_names(terms, turn, codes), *_dummies(terms, turn, seed, size - len(codes))])
    multiples = blind(_derived(terms, turn, seed, "scalar"), points)
    order = sorted(range(size), key=multiples.__getitem__)
    owners = tuple(place if place < len(codes) else DUMMY for place in order)
    return OwnList(b"".join(multiples[place] for place in order), owners)


def doubled(terms: Terms, turn: int, seed: bytes, elements: bytes) -> list[bytes]:
    """The other side's list with this side's scalar too, in the same order; `Malformed` for a point of low order."""
    return blind(_derived(terms, turn, seed, "scalar"), parts(elements, POINT_BYTES))


def tags(terms: Terms, turn: int, doubles: Sequence[bytes]) -> bytes:
    """What is returned to the other side."""
    head = _TAG + terms.digest() + bytes((turn,))
    return b"".join([sha256(head + double).digest()[:TAG_BYTES] for double in doubles])


def result(terms: Terms, nation: Nation, met: Sequence[Sequence[bytes]]) -> Digest:
    """One side's proof that it knows the doubled points of all that met, pass by pass.

    Only the two sides can compute these points, so that nobody can try which cells give this digest.
    """
    head = _RESULT + terms.digest() + nation.encode("ascii")
    return Digest(sha256(head + b"".join(sha256(b"".join(sorted(doubles))).digest() for doubles in met)).digest())


def check_fits(terms: Terms, turn: int, count: int) -> None:
    """`LimitExceeded` if so many codes in one pass are more than the terms allow."""
    if size_class(count) > terms.most:
        raise LimitExceeded(f"{count} elements in pass {turn + 1}, the terms allow {terms.most}")


def check_elements(elements: bytes, most: int) -> None:
    """Refuse a list that no honest side sends: not a size class, over the cap, not ascending, not below p, or zero."""
    count, rest = divmod(len(elements), POINT_BYTES)
    if rest or not count or size_class(count) != count:
        raise Malformed("the number of elements is not a size class", what="blinded list")
    if count > most:
        raise LimitExceeded(f"{count} elements, the terms allow {most}")
    each = parts(elements, POINT_BYTES)
    if any(left >= right for left, right in pairwise(each)):
        raise Malformed("not ascending", what="blinded list")
    if any(int.from_bytes(element, "little") >= PRIME for element in each if element[-1] >= 0x7F):
        raise Malformed("not a reduced coordinate", what="blinded list")
    if not LOW_ORDER.isdisjoint(each):
        raise Malformed("a point of low order", what="blinded list")


def check_tags(data: bytes, count: int) -> None:
    """Refuse tags that aren't `count`, or of which two are the same."""
    if len(data) != count * TAG_BYTES:
        raise Malformed("not one tag for each element", what="tags")
    if len(set(parts(data, TAG_BYTES))) != count:
        raise Malformed("a tag is repeated", what="tags")


def parts(data: bytes, size: int) -> list[bytes]:
    """Equal pieces."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def chosen(codes: Codes, places: Sequence[int]) -> Codes:
    """The codes at these places, ascending."""
    return codes[np.array(sorted(places), dtype=np.int64)]


def _names(terms: Terms, turn: int, codes: Codes) -> list[bytes]:
    head = _POINT + terms.digest() + bytes((turn,))
    return [head + code for code in parts(packed(codes), CODE_BYTES)]


def _dummies(terms: Terms, turn: int, seed: bytes, count: int) -> list[bytes]:
    head = _DUMMY + _derived(terms, turn, seed, "dummy")
    return [head + index.to_bytes(4, "big") for index in range(count)]


def _derived(terms: Terms, turn: int, seed: bytes, what: str) -> bytes:
    """Even a seed that was used before gives other values under other terms."""
    info = f"cordiale deconfliction {what} {turn} ".encode("ascii") + terms.digest()
    return expand(HYBRID, seed, info, SCALAR_BYTES)
