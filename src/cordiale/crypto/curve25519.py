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
_TOP_CLEARED: Final = 0x7F
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
    return _good(b"".join(points))


def hash_to_curve(inputs: Sequence[bytes]) -> list[bytes]:
    """A point for each input: SHA-256(input ‖ trial), its top bit cleared, of the first trial that is on the curve."""
    found: list[bytes] = [b""] * len(inputs)
    waiting = list(range(len(inputs)))
    for trial in range(TRIALS):
        tail = bytes((trial,))
        digests = b"".join([sha256(inputs[place] + tail).digest() for place in waiting])
        tried = np.frombuffer(digests, dtype=np.uint8).reshape(-1, POINT_BYTES).copy()
        tried[:, -1] &= _TOP_CLEARED
        flat = tried.tobytes()
        good = _good(flat).tolist()
        for at, place in enumerate(waiting):
            if good[at]:
                found[place] = flat[at * POINT_BYTES : (at + 1) * POINT_BYTES]
        waiting = [place for place, done in zip(waiting, good, strict=True) if not done]
        if not waiting:
            break
    return found


def _good(values: bytes) -> NDArray[np.bool_]:
    words = np.frombuffer(values, dtype="<u8").astype(np.uint64).reshape(-1, 4)
    return cast("NDArray[np.bool_]", _are_on_curve(words, _MODULUS, _TRAILING))


@_compiled
def _are_on_curve(values: Words, modulus: Words, trailing: Words) -> NDArray[np.bool_]:  # pragma: no cover (compiled)
    found = np.empty(len(values), dtype=np.bool_)
    halves, square, right = np.empty(8, np.uint64), np.empty(8, np.uint64), np.empty(8, np.uint64)
    product, whole, low = np.empty(17, np.uint64), np.empty(4, np.uint64), np.uint64(0xFFFFFFFF)
    for at in range(len(values)):
        found[at] = _is_below(values[at], modulus)
        if not found[at]:
            continue
        for word in range(4):
            halves[2 * word], halves[2 * word + 1] = values[at, word] & low, values[at, word] >> np.uint64(32)
        _multiply(halves, halves, product, square)
        _add_linear(halves, square)
        _multiply(square, halves, product, right)
        for word in range(4):
            whole[word] = right[2 * word] | right[2 * word + 1] << np.uint64(32)
        _reduce(whole, modulus)
        found[at] = _jacobi(whole, modulus, trailing) >= 0
    return found


@_compiled
def _is_below(value: Words, modulus: Words) -> bool:  # pragma: no cover (compiled)
    for word in (3, 2, 1, 0):
        if value[word] != modulus[word]:
            return value[word] < modulus[word]
    return False


@_compiled
def _multiply(left: Words, right: Words, product: Words, found: Words) -> None:  # pragma: no cover (compiled)
    """Eight 32-bit limbs each, little-endian; the result below 2^256 and congruent to the product, as 2^256 = 38 modulo p."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    product[:] = np.uint64(0)
    for i in range(8):
        carry = np.uint64(0)
        for j in range(8):
            total = left[i] * right[j] + product[i + j] + carry
            product[i + j], carry = total & low, total >> half
        product[i + 8] = carry
    carry = np.uint64(0)
    for i in range(8):
        total = product[i] + np.uint64(38) * product[i + 8] + carry
        found[i], carry = total & low, total >> half
    _fold(carry, found)


@_compiled
def _fold(carry: np.uint64, found: Words) -> None:  # pragma: no cover (compiled)
    """What was carried out of 2^256 comes in again times 38, until nothing is."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    while carry:
        carry = carry * np.uint64(38)
        for i in range(8):
            total = found[i] + carry
            found[i], carry = total & low, total >> half


@_compiled
def _add_linear(value: Words, found: Words) -> None:  # pragma: no cover (compiled)
    """`found` + 486662 · value + 1, in the form of `_multiply`'s result."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    carry = np.uint64(1)
    for i in range(8):
        total = found[i] + np.uint64(COEFFICIENT) * value[i] + carry
        found[i], carry = total & low, total >> half
    _fold(carry, found)


@_compiled
def _reduce(value: Words, modulus: Words) -> None:  # pragma: no cover (compiled)
    """From below 2^256 to below p: at most two subtractions."""
    while not _is_below(value, modulus):
        borrow = np.uint64(0)
        for word in range(4):
            before = value[word]
            value[word] = before - modulus[word] - borrow
            borrow = np.uint64(before < modulus[word] or (before == modulus[word] and borrow > np.uint64(0)))


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
