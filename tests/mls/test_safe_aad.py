"""`cordiale.mls.safe_aad`: components within one message's authenticated data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.mls.safe_aad import LABEL, component, encode, split
from cordiale.wire import limits
from mls.people import group_of

ITEMS = st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=100), max_size=6)


@given(ITEMS, st.binary(max_size=50))
def test_what_is_encoded_splits(items: dict[int, bytes], rest: bytes) -> None:
    found = split(encode(items, rest))
    assert (found.items, found.rest) == (items, rest)


@given(st.binary(max_size=60))
def test_what_splits_has_one_form(data: bytes) -> None:
    try:
        found = split(data)
    except CordialeError:
        return
    assert found.encode() == data


def test_the_bytes_are_those_of_the_draft() -> None:
    assert encode({}) == b"\x00"
    assert encode({0x0102: b"b", 0x0001: b"aa"}, b"rest") == b"\x09\x00\x01\x02aa\x01\x02\x01b" + b"rest"


def test_a_component_is_found_among_others() -> None:
    data = encode({1: b"one", LABEL: b"label"}, b"more")
    assert component(data, LABEL) == b"label"
    assert component(data, 2) is None


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x06\x00\x02\x00\x00\x01\x00", id="descending"),
        pytest.param(b"\x06\x00\x01\x00\x00\x01\x00", id="twice"),
        pytest.param(b"\x04\x00\x01\x00", id="cut"),
        pytest.param(b"\x02\x00\x01", id="half an item"),
        pytest.param(b"\x40\x03\x00\x01\x00", id="a length in two bytes"),
    ],
)
def test_what_is_no_safe_aad_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        split(data)


def test_it_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        split(encode({1: bytes(limits.MLS_EXTENSION_BYTES)}))


def test_a_message_carries_it_authenticated() -> None:
    first, second = group_of(["bob"])
    _, message = first.encrypt(b"bonjour", encode({LABEL: b"label"}))
    _, received = second.decrypt(message)
    assert component(received.authenticated_data, LABEL) == b"label"
