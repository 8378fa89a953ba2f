"""Which 32-byte strings are points of Curve25519 (RFC 7748 §4.1), and strings hashed to such points.

Every u below p = 2^255 - 19 is the coordinate of a point, either of the curve or of its quadratic twist: of the curve where
u³ + 486662 u² + u is a square modulo p. X25519 works on both and never leaves the one that it started on. So whoever
blinds arbitrary values shows one bit of each; `hash_to_curve` therefore takes the first of SHA-256(data ‖ 0),
SHA-256(data ‖ 1), … that is on the curve (try and increment). Nobody knows the discrete logarithm of such a point to
any base.

The number of trials depends on the data, so its time does too: do not let a peer time it for single inputs.
Whether a value is a square is its Jacobi symbol (binary algorithm; H. Cohen, A Course in Computational Algebraic Number
Theory, 1.4.10 with halving instead of division), compiled: this is number theory on public functions, no keys enter.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, cast

import numba
import numpy as np
from numpy.typing import NDArray

POINT_BYTES: Final = 32
PRIME: Final = 2**255 - 19
COEFFICIENT: Final = 486662
_TOP_CLEARED: Final = 2**255 - 1
TRIALS: Final = 256
"""A point is found after two trials on average, after this many with probability 1 - 2^-256."""

Words = NDArray[np.uint64]

_compiled = cast("Callable[[Callable[..., Any]], Callable[..., Any]]", numba.njit(cache=True, nogil=True))

_DE_BRUIJN: Final = 0x03F79D71B4CB0A89
_ZEROS: Final = np.array([((_DE_BRUIJN << n & 2**64 - 1) >> 58, n) for n in range(64)], dtype=np.uint64)
_TRAILING: Final[Words] = _ZEROS[_ZEROS[:, 0].argsort(), 1].copy()
_MODULUS: Final[Words] = np.frombuffer(PRIME.to_bytes(32, "little"), dtype="<u8").astype(np.uint64)


def on_curve(points: Sequence[bytes]) -> NDArray[np.bool_]:
    """For each 32-byte little-endian u whether it is below p and on the curve."""
    return _good([int.from_bytes(point, "little") for point in points])


def hash_to_curve(inputs: Sequence[bytes]) -> list[bytes]:
    """A point for each input: SHA-256(input ‖ trial), its top bit cleared, of the first trial that is on the curve."""
    found: list[bytes] = [b""] * len(inputs)
    waiting = list(range(len(inputs)))
    for trial in range(TRIALS):
        tail = bytes((trial,))
        tried = [int.from_bytes(sha256(inputs[place] + tail).digest(), "little") & _TOP_CLEARED for place in waiting]
        still: list[int] = []
        for place, value, good in zip(waiting, tried, _good(tried).tolist(), strict=True):
            if good:
                found[place] = value.to_bytes(POINT_BYTES, "little")
            else:
                still.append(place)
        waiting = still
        if not waiting:
            break
    return found


def _good(values: Sequence[int]) -> NDArray[np.bool_]:
    small = np.array([value < PRIME for value in values], dtype=np.bool_)
    right = [(u * u + COEFFICIENT * u + 1) % PRIME * u % PRIME for u in values]
    return small & _squares(b"".join([side.to_bytes(POINT_BYTES, "little") for side in right]))


def _squares(values: bytes) -> NDArray[np.bool_]:
    words = np.frombuffer(values, dtype="<u8").astype(np.uint64).reshape(-1, 4)
    return cast("NDArray[np.bool_]", _are_squares(words, _MODULUS, _TRAILING))


@_compiled
def _are_squares(values: Words, modulus: Words, trailing: Words) -> NDArray[np.bool_]:  # pragma: no cover (compiled)
    found = np.empty(len(values), dtype=np.bool_)
    for at in range(len(values)):
        found[at] = _jacobi(values[at], modulus, trailing) >= 0
    return found


@_compiled
def _jacobi(value: Words, modulus: Words, trailing: Words) -> int:  # pragma: no cover (compiled)
    """The Jacobi symbol (value / modulus), for value < modulus of 256 bits, modulus odd.

    Invariant: n is odd. Halving a flips the sign where n is 3 or 5 modulo 8; exchanging a and n where both are 3 modulo 4.
    """
    zero, one, whole = np.uint64(0), np.uint64(1), np.uint64(64)
    a0, a1, a2, a3 = value[0], value[1], value[2], value[3]
    n0, n1, n2, n3 = modulus[0], modulus[1], modulus[2], modulus[3]
    sign = 1
    while a0 | a1 | a2 | a3:
        while a0 == zero:  # 64 halvings flip nothing
            a0, a1, a2, a3 = a1, a2, a3, zero
        if a0 & one == zero:
            shift = trailing[((a0 & (~a0 + one)) * np.uint64(_DE_BRUIJN)) >> np.uint64(58)]
            back = whole - shift
            a0 = a0 >> shift | a1 << back
            a1 = a1 >> shift | a2 << back
            a2 = a2 >> shift | a3 << back
            a3 = a3 >> shift
            if shift & one and (n0 & np.uint64(7) == np.uint64(3) or n0 & np.uint64(7) == np.uint64(5)):
                sign = -sign
        if a3 < n3 or (a3 == n3 and (a2 < n2 or (a2 == n2 and (a1 < n1 or (a1 == n1 and a0 < n0))))):
            a0, a1, a2, a3, n0, n1, n2, n3 = n0, n1, n2, n3, a0, a1, a2, a3
            if a0 & n0 & np.uint64(3) == np.uint64(3):
                sign = -sign
        b0 = one if a0 < n0 else zero
        b1 = one if a1 < n1 or (a1 == n1 and b0) else zero
        b2 = one if a2 < n2 or (a2 == n2 and b1) else zero
        a0, a1, a2, a3 = a0 - n0, a1 - n1 - b0, a2 - n2 - b1, a3 - n3 - b2
    if n0 == one and (n1 | n2 | n3) == zero:
        return sign
    return 0
