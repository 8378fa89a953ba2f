"""The presentation language: one encoding each, and nothing but declared errors on anything else."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import LimitExceeded, Malformed
from cordiale.mls.syntax import Reader, opaque, optional, parse, u8, u16, u32, u64, varint, vector


@given(st.integers(0, 2**30 - 1))
def test_lengths_round_trip_in_their_shortest_form(value: int) -> None:
    reader = Reader(varint(value), "test")
    assert reader.varint() == value
    reader.finish()


def test_a_length_beyond_four_bytes_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        varint(2**30)


@pytest.mark.parametrize(
    "data",
    [
        b"\x40\x3f",  # 63 in two bytes
        b"\x80\x00\x3f\xff",  # 16383 in four
        b"\xc0\x00\x00\x00\x00\x00\x00\x01",  # eight bytes
        b"\x40",
        b"\x80\x00",
        b"",
    ],
)
def test_other_forms_of_lengths_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        Reader(data, "test").varint()


@given(st.binary(max_size=300), st.lists(st.binary(max_size=20), max_size=5), st.none() | st.integers(0, 65535))
def test_structures_round_trip(one: bytes, many: list[bytes], maybe: int | None) -> None:
    data = opaque(one) + vector(map(opaque, many)) + optional(None if maybe is None else u16(maybe))
    found = parse(
        data,
        lambda reader: (reader.opaque(), reader.many(Reader.opaque), reader.optional(Reader.u16)),
        "test",
        limit=1000,
    )
    assert found == (one, tuple(many), maybe)


def test_integers_are_big_endian() -> None:
    reader = Reader(u8(1) + u16(2) + u32(3) + u64(4), "test")
    assert (reader.u8(), reader.u16(), reader.u32(), reader.u64()) == (1, 2, 3, 4)
    assert reader.at_end()


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"\x02", lambda reader: reader.optional(Reader.u8)),
        (b"\x03\x00\x01", Reader.opaque),
        (b"\x03\x00\x01\x02", lambda reader: reader.many(Reader.u16)),
        (b"\x00\x00", Reader.u8),
        (b"\x00", Reader.u16),
    ],
    ids=["presence octet", "too short", "vector ends within an item", "trailing", "integer too short"],
)
def test_broken_structures_are_malformed(data: bytes, read: Callable[[Reader], object]) -> None:
    with pytest.raises(Malformed):
        parse(data, read, "test", limit=10)


def test_the_limit_comes_first() -> None:
    with pytest.raises(LimitExceeded, match="11 bytes, 10 allowed"):
        parse(bytes(11), Reader.rest, "test", limit=10)
    assert parse(bytes(10), Reader.rest, "test", limit=10) == bytes(10)
