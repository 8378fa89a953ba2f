"""cordiale.crypto.curve25519 and commutative: which values are points, hashing to them, blinding that commutes."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.commutative import blind
from cordiale.crypto.curve25519 import COEFFICIENT, PRIME, hash_to_curve, on_curve
from cordiale.errors import Malformed

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the subgroup of prime order (RFC 7748 §4.1)."""


def by_euler(u: int) -> bool:
    """Euler's criterion, the slow and obvious way."""
    return u < PRIME and pow(u**3 + COEFFICIENT * u**2 + u, (PRIME - 1) // 2, PRIME) in (0, 1)


def times(scalar: int, u: int) -> tuple[int, int]:
    """RFC 7748 §5's ladder without clamping: the projective X : Z of scalar · u; Z = 0 is the neutral point."""
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in f"{scalar:b}":
        if bit == "1":
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        x3, z3 = (d * a + c * b) ** 2 % PRIME, u * (d * a - c * b) ** 2 % PRIME
        e = a * a - b * b
        x2, z2 = a * a * b * b % PRIME, e * (a * a + 121665 * e) % PRIME
        if bit == "1":
            x2, z2, x3, z3 = x3, z3, x2, z2
    return x2, z2


@given(st.integers(0, 2**256 - 1))
def test_on_curve_is_eulers_criterion(u: int) -> None:
    assert on_curve([u.to_bytes(32, "little")]).tolist() == [by_euler(u)]


def test_on_curve_at_the_ends() -> None:
    values = [*range(300), *range(PRIME - 300, PRIME + 19), 2**255 - 1, 2**256 - 1, *(1 << n for n in range(256))]
    assert on_curve([u.to_bytes(32, "little") for u in values]).tolist() == [by_euler(u) for u in values]
    assert on_curve([]).tolist() == []


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_hashes_are_points_and_depend_on_their_input_alone(inputs: list[bytes]) -> None:
    points = hash_to_curve(inputs)
    assert all(by_euler(int.from_bytes(point, "little")) for point in points)
    assert points == [hash_to_curve([each])[0] for each in inputs]
    assert len(set(points)) == len(set(inputs))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.binary(max_size=20))
def test_blinding_commutes(a: bytes, b: bytes, data: bytes) -> None:
    points = hash_to_curve([data])
    assert blind(a, blind(b, points)) == blind(b, blind(a, points))


def test_what_is_blinded_is_on_the_curve_and_of_prime_order() -> None:
    """So neither the twist nor a small-order part tells a hashed element from another, or from a dummy."""
    points = hash_to_curve([bytes((n,)) for n in range(40)])
    multiples = blind(os.urandom(32), points)
    assert on_curve(multiples).all()
    assert all(times(ORDER, int.from_bytes(each, "little"))[1] == 0 for each in multiples)
    assert any(times(ORDER, int.from_bytes(each, "little"))[1] != 0 for each in points)


def test_the_twist_would_show_a_bit() -> None:
    """Why hashes are taken from the curve only: blinding keeps a value on the side that it started on."""
    plain = [os.urandom(31) + b"\x00" for _ in range(64)]
    sides = on_curve(plain)
    assert 0 < sides.sum() < 64
    assert (on_curve(blind(os.urandom(32), plain)) == sides).all()


def test_known_logarithms_would_show_everything() -> None:
    """Why points are hashes: with x ↦ h(x)·G, two blinded elements confirm a guess of both, without any key."""
    base = (9).to_bytes(32, "little")
    secret, first, second, wrong = (os.urandom(32) for _ in range(4))
    seen_first, seen_second = (blind(secret, blind(h, [base]))[0] for h in (first, second))
    assert blind(second, [seen_first]) == blind(first, [seen_second])
    assert blind(wrong, [seen_first]) != blind(first, [seen_second])


@pytest.mark.parametrize("point", [bytes(32), (1).to_bytes(32, "little"), (PRIME - 1).to_bytes(32, "little"), b"x"])
def test_points_of_low_order_are_refused(point: bytes) -> None:
    with pytest.raises(Malformed):
        blind(os.urandom(32), [point])
