"""cordiale.vocab.party: addresses that look alike are not addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import Malformed
from cordiale.vocab.party import Address, parse_nation
from forge.verdict import refused


@pytest.mark.parametrize("text", ["uk", "fr", "nato", "abcdefgh"])
def test_nations(text: str) -> None:
    assert parse_nation(text) == text


@pytest.mark.parametrize("text", ["", "u", "UK", "u1", "abcdefghi", "uk ", "uk\n", "ük", "ｕｋ", "u-k", "u\x00"])
def test_no_nations(text: str) -> None:
    with refused(Malformed):
        parse_nation(text)


@pytest.mark.parametrize("text", ["a@uk", "alice@uk", "desk.maritime@fr", "a-b_c.d@nato", "0@uk", "x" * 64 + "@uk"])
def test_addresses(text: str) -> None:
    address = Address.parse(text)
    assert str(address) == text
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", "@", "alice", "@uk", "alice@", "Alice@uk", "alice@UK", "a@b@uk", ".alice@uk", "alice.@uk", "al ice@uk", "alice@uk\n",
     "álice@uk", "аlice@uk", "a/b@uk", "../a@uk", "x" * 65 + "@uk", "alice\x00@uk", "alice@uk ", "-a@uk"],
)  # fmt: skip
def test_no_addresses(text: str) -> None:
    with refused(Malformed):
        Address.parse(text)


@given(st.text(max_size=80))
def test_any_text_is_one_or_malformed(text: str) -> None:
    try:
        address = Address.parse(text)
    except Malformed as error:
        assert len(error.detail) < 600
        return
    assert str(address) == text


def test_they_sort_by_name_then_nation() -> None:
    assert sorted(map(Address.parse, ["b@fr", "a@uk", "a@fr"])) == [Address.parse(t) for t in ("a@fr", "a@uk", "b@fr")]
