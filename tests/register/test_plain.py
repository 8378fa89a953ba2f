"""Values to JSON and back, and from what a person types."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import Malformed
from cordiale.labels.phrase import Phrase
from cordiale.register import kind as kinds
from cordiale.register.kind import DEGREE, Kind
from cordiale.register.plain import from_plain, from_text, text_of, to_plain
from cordiale.vocab.moment import LATEST

POSITION = st.tuples(st.integers(-180 * DEGREE, 180 * DEGREE), st.integers(-90 * DEGREE, 90 * DEGREE)).map(list)
MOMENT = st.integers(0, LATEST)
VALUES = st.one_of(
    st.tuples(st.just(Kind("moment")), MOMENT),
    st.tuples(st.just(Kind("span")), st.tuples(MOMENT, MOMENT).map(sorted)),
    st.tuples(st.just(Kind("decimal", scale=2)), st.integers(-(10**12), 10**12)),
    st.tuples(st.just(Kind("integer")), st.integers(-(10**12), 10**12)),
    st.tuples(st.just(Kind("reference")), st.binary(min_size=16, max_size=16)),
    st.tuples(st.just(Kind("position")), POSITION),
    st.tuples(st.just(Kind("area")), st.lists(POSITION, min_size=3, max_size=9).map(lambda ring: {"ring": ring})),
    st.tuples(
        st.just(Kind("corridor")),
        st.lists(POSITION, min_size=2, max_size=9).map(lambda line: {"line": line, "half_width": 500}),
    ),
    st.tuples(st.just(Kind("list", item="moment")), st.lists(MOMENT, max_size=5)),
    st.tuples(st.just(Kind("bilingual")), st.just({"en": "a", "fr": "b"})),
    st.tuples(st.just(Kind("boolean")), st.booleans()),
)


@given(VALUES)
def test_nothing_is_lost_through_json(pair: tuple[Kind, Any]) -> None:
    kind, value = pair
    assert from_plain(kind, json.loads(json.dumps(to_plain(kind, value)))) == value


TEXT = st.text(min_size=1, max_size=8).filter(lambda text: not kinds.fault(Kind("text"), text))
ON_A_LINE = st.one_of(
    VALUES,
    st.tuples(
        st.just(Kind("list", item="text")), st.lists(TEXT | st.sampled_from(["a;b", "[c", " d ", ";"]), max_size=4)
    ),
    st.tuples(st.just(Kind("list", item="span")), st.lists(st.tuples(MOMENT, MOMENT).map(sorted), max_size=3)),
    st.tuples(st.just(Kind("list", item="position")), st.lists(POSITION, max_size=3)),
    st.tuples(st.just(Kind("band")), st.tuples(st.integers(-99, 0), st.integers(1, 99)).map(list)),
    st.tuples(st.just(Kind("text")), TEXT),
)


@given(ON_A_LINE)
def test_nothing_is_lost_through_a_line(pair: tuple[Kind, Any]) -> None:
    kind, value = pair
    assert from_text(kind, text_of(kind, to_plain(kind, value))) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind("day"), "2026-03-01", "2026-03-01"),
        (Kind("moment"), "1970-01-01T00:00:01Z", 1000),
        (Kind("moment"), "1970-01-01T01:00:01+01:00", 1000),
        (Kind("span"), "1970-01-01T00:00:00Z/1970-01-01T00:00:01Z", [0, 1000]),
        (Kind("decimal", scale=2), "12.5", 1250),
        (Kind("position"), "1.35,50.95", [13_500_000, 509_500_000]),
        (Kind("band"), "0..1000", [0, 1000]),
        (Kind("list", item="nation"), "uk; fr", ["uk", "fr"]),
        (Kind("boolean"), "yes", True),
        (Kind("integer"), "-4", -4),
        (Kind("bilingual"), '{"en": "a", "fr": "b"}', {"en": "a", "fr": "b"}),
        (Kind("area"), '{"ring": [[0, 0], [1, 0], [1, 1]]}', {"ring": [[0, 0], [DEGREE, 0], [DEGREE, DEGREE]]}),
    ],
)
def test_what_a_person_types(kind: Kind, text: str, value: object) -> None:
    assert from_text(kind, text) == value
    assert kinds.fault(kind, from_text(kind, text)) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind("moment"), "tomorrow"),
        (Kind("moment"), "0001-01-01T00:00:00Z"),
        (Kind("span"), "2026-01-01"),
        (Kind("decimal", scale=2), "1.234"),
        (Kind("decimal", scale=2), "NaN"),
        (Kind("decimal", scale=2), "1e999999"),
        (Kind("position"), "east,north"),
        (Kind("position"), "nan,1"),
        (Kind("integer"), "9" * 5000),
        (Kind("area"), "[" * 100_000),
        (Kind("area"), '{"line": []}'),
        (Kind("reference"), "xyz"),
    ],
)
def test_what_is_not_understood_says_so(kind: Kind, text: str) -> None:
    with pytest.raises(Malformed):
        from_text(kind, text)


@given(
    st.sampled_from(sorted(kinds.NAMES)),
    st.text() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
)
def test_whatever_comes_is_a_value_or_malformed(name: str, plain: object) -> None:
    try:
        value = from_plain(Kind(name, item="text"), plain)
    except Malformed:
        return
    assert isinstance(kinds.fault(Kind(name, item="text"), value), Phrase | None)
