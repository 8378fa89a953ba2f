"""cordiale.wire.canonical: `decode` accepts exactly what `encode` writes."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.wire import limits
from cordiale.wire.canonical import Record, decode, encode
from forge.verdict import refused

LIMIT = 4096


class Inner(Record, frozen=True):
    data: bytes = b""


class Outer(Record, frozen=True):
    name: str
    count: int = 0
    parts: tuple[bytes, ...] = ()
    heads: dict[str, int] = {}
    inner: Inner | None = None
    flag: bool = False


outers = st.builds(
    Outer,
    st.text(max_size=20),
    st.integers(-(2**64), 2**64 - 1),
    st.lists(st.binary(max_size=20), max_size=4).map(tuple),
    st.dictionaries(st.text(max_size=9), st.integers(-9, 9), max_size=9),
    st.none() | st.builds(Inner, st.binary(max_size=30)),
    st.booleans(),
)
PLAIN: dict[str, Any] = {
    "name": "a",
    "count": 1,
    "parts": [b"x"],
    "heads": {"b": 1, "a": 2},
    "inner": None,
    "flag": True,
}


def read(data: bytes) -> Outer:
    return decode(data, Outer, limit=LIMIT)


def canonical(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


@given(outers)
def test_what_was_written_is_what_is_read(outer: Outer) -> None:
    assert read(encode(outer)) == outer
    assert encode(read(encode(outer))) == encode(outer)


@given(st.binary(max_size=60))
def test_whatever_is_accepted_is_written_back_as_it_was(data: bytes) -> None:
    for kind in (Outer, Inner):
        try:
            found = decode(data, kind, limit=LIMIT)
        except CordialeError:
            continue
        assert encode(found) == data


@given(outers, st.data())
def test_no_change_of_a_byte_gives_a_second_form(outer: Outer, data: st.DataObject) -> None:
    honest = encode(outer)
    place = data.draw(st.integers(0, len(honest) - 1))
    altered = honest[:place] + data.draw(st.binary(max_size=3)) + honest[place + 1 :]
    try:
        found = read(altered)
    except CordialeError:
        return
    assert encode(found) == altered


def test_the_honest_form_is_accepted() -> None:
    assert read(canonical(PLAIN)).heads == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        canonical(PLAIN) + b"\x00",
        canonical(PLAIN)[:-1],
        cbor2.dumps(dict(sorted(PLAIN.items(), reverse=True))),
        canonical({**PLAIN, "more": 1}),
        canonical({name: value for name, value in PLAIN.items() if name != "name"}),
        canonical({name: value for name, value in PLAIN.items() if name != "count"}),
        canonical({**PLAIN, "count": 1.0}),
        canonical({**PLAIN, "count": True}),
        canonical({**PLAIN, "count": "1"}),
        canonical({**PLAIN, "name": b"a"}),
        canonical({**PLAIN, "name": None}),
        canonical({**PLAIN, "parts": ["x"]}),
        canonical({**PLAIN, "parts": {b"x"}}),
        canonical({**PLAIN, "parts": cbor2.CBORTag(100, [b"x"])}),
        canonical({**PLAIN, "heads": {1: 1}}),
        canonical({**PLAIN, "inner": {"data": "text"}}),
        canonical([1, 2]),
        cbor2.dumps(cbor2.CBORTag(55799, PLAIN)),
        bytes.fromhex("a1646e616d6561611800"),
        bytes.fromhex("bf646e616d656161ff"),
        bytes.fromhex("a2646e616d656161646e616d656161"),
        bytes.fromhex("a1646e616d65fb3ff0000000000000"),
        bytes.fromhex("a1646e616d657f6161ff"),
        bytes.fromhex("a1646e616d6562fffe"),
        bytes.fromhex("a1646e616d659bffffffffffffffff"),
        bytes.fromhex("a1646e616d655bffffffffffffffff"),
        bytes.fromhex("d81c81d81d00"),
        bytes.fromhex("d9010201"),
        b"\x81" * (limits.CBOR_DEPTH + 1) + b"\x00",
        b"\x81" * 3000 + b"\x00",
        b"\xa1\x80" * 1000 + b"\x00",
        b"\xd8\x64" * 1000 + b"\x00",
    ],
    ids=lambda data: data[:12].hex() or "empty",
)
def test_every_other_form_is_malformed(data: bytes) -> None:
    with refused(Malformed):
        read(data)


def test_size_is_checked_first() -> None:
    with refused(LimitExceeded):
        decode(b"\x81" * (LIMIT + 1), Outer, limit=LIMIT)
    exact = encode(Inner(bytes(LIMIT - 9)))
    assert decode(exact, Inner, limit=len(exact)).data == bytes(LIMIT - 9)
    with refused(LimitExceeded):
        decode(exact, Inner, limit=len(exact) - 1)


def test_a_message_about_it_is_short_and_names_the_record() -> None:
    with pytest.raises(Malformed) as caught:
        read(canonical({**PLAIN, "x" * 3000: 1}))
    assert len(caught.value.detail) <= 160
    assert "Outer" in str(caught.value)
