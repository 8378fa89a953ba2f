"""The canonical label: what can be constructed, and its one byte string."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.labels.label import (
    CATEGORIES,
    VALUES,
    Category,
    Label,
    decode_label,
    encode_label,
    label_digest,
    make_label,
)
from cordiale.vocab.moment import LATEST, Moment
from cordiale.wire import limits
from labels.lattice import any_labels


def make(**changes: object) -> Label:
    fields: dict[str, object] = {
        "version": 1,
        "policy": "uk",
        "classification": "official",
        "categories": (),
        "created": 1,
        "originator": "anne@uk",
    }
    return Label(**(fields | changes))  # pyright: ignore


def many(count: int, length: int = 3) -> tuple[str, ...]:
    return tuple(f"{at:0{length}d}" for at in range(count))


def test_a_label_has_one_byte_string() -> None:
    found = make_label("uk", "secret", {"b": ["y", "x", "x"], "a": ["z"], "c": []}, created=Moment(5), originator="uk")
    assert found.categories == (Category("a", ("z",)), Category("b", ("x", "y")))
    assert decode_label(encode_label(found)) == found
    assert cbor2.loads(encode_label(found))["created"] == 5
    assert found.values("b") == ("x", "y")
    assert found.values("c") == ()
    assert len(label_digest(found)) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": True},
        {"policy": ""},
        {"policy": "UK"},
        {"policy": "u" * 49},
        {"classification": "top secret"},
        {"classification": "-x"},
        {"classification": "x--y"},
        {"created": -1},
        {"created": LATEST + 1},
        {"created": 1.0},
        {"created": True},
        {"originator": "Anne@uk"},
        {"originator": "anne@"},
        {"originator": "UK"},
        {"originator": ""},
        {"categories": (Category("b", ("x",)), Category("a", ("x",)))},
        {"categories": (Category("a", ("x",)), Category("a", ("y",)))},
        {"categories": tuple(Category(name, ("x",)) for name in many(CATEGORIES + 1))},
    ],
)
def test_what_is_not_canonical_cannot_be_constructed(changes: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        make(**changes)


@pytest.mark.parametrize("values", [(), ("b", "a"), ("a", "a"), ("A",), ("a b",), many(VALUES + 1)])
def test_values_are_sorted_unique_and_some(values: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        Category("a", values)


def test_the_bounds_themselves_are_allowed() -> None:
    assert make(categories=tuple(Category(name, ("x",)) for name in many(CATEGORIES)), created=LATEST)
    assert Category("a" * 48, many(VALUES))


def test_a_label_past_its_limit_is_not_written() -> None:
    large = make(categories=tuple(Category(name, many(VALUES, 10)) for name in many(CATEGORIES)))
    with pytest.raises(LimitExceeded):
        encode_label(large)
    with pytest.raises(LimitExceeded):
        decode_label(b"\x00" * (limits.LABEL_BYTES + 1))


def test_a_reordered_or_extended_label_is_refused() -> None:
    found = make(categories=(Category("a", ("x", "y")),))
    plain = cbor2.loads(encode_label(found))
    plain["categories"][0]["values"].reverse()
    with pytest.raises(Malformed):
        decode_label(cbor2.dumps(plain, canonical=True))
    with pytest.raises(Malformed):
        decode_label(cbor2.dumps(cbor2.loads(encode_label(found)) | {"more": 1}, canonical=True))
    with pytest.raises(Malformed):
        decode_label(encode_label(found) + b"\x00")


@given(any_labels, any_labels)
def test_digests_are_equal_exactly_where_labels_are(left: Label, right: Label) -> None:
    assert (label_digest(left) == label_digest(right)) == (left == right)


@given(st.binary(max_size=200))
def test_bytes_give_a_label_or_a_known_error(data: bytes) -> None:
    try:
        found = decode_label(data)
    except CordialeError:
        return
    assert encode_label(found) == data
