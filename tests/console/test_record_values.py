"""Values of records in words, in both languages; what does not fit its kind is shown as it came."""

from typing import Any

import pytest

from cordiale.console.record_values import worded
from cordiale.console.speech import speech

RING = {"ring": [[1.0, 51.0], [1.5, 51.0], [1.5, 51.25], [1.0, 51.0]]}


def field(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "choices": {}, **more}


@pytest.mark.parametrize(
    ("kind", "value", "english", "french"),
    [
        ("day", "2026-03-02", "2 Mar 2026", "2 mars 2026"),
        ("moment", "2026-06-01T08:00:00.000Z", "1 Jun 2026, 08:00Z", "1 juin 2026, 08:00Z"),
        ("nation", "uk", "UK", "UK"),
        ("boolean", False, "no", "non"),
        ("integer", 1234567, "1,234,567", "1\u202f234\u202f567"),
        ("decimal", "1234.50", "1,234.50", "1\u202f234,50"),
        ("decimal", "-7", "-7", "-7"),
        ("position", [1.35, 51.1], "51°06.0′ N 001°21.0′ E", "51°06,0′ N 001°21,0′ E"),
        ("position", [-1.35, -51.1], "51°06.0′ S 001°21.0′ W", "51°06,0′ S 001°21,0′ O"),
        ("position", [179.99999, 0.0], "00°00.0′ N 180°00.0′ E", "00°00,0′ N 180°00,0′ E"),
        ("band", [0, 3000], "0 to 3,000 m", "de 0 à 3\u202f000 m"),
        ("reference", "ab" * 16, "abababab", "abababab"),
        ("text", "EXERCISE", "EXERCISE", "EXERCISE"),
        ("list of nation", ["uk", "fr"], ["UK", "FR"], ["UK", "FR"]),
    ],
)
def test_a_value_in_words(kind: str, value: Any, english: Any, french: Any) -> None:
    assert worded(speech("en"), field(kind), value) == english
    assert worded(speech("fr"), field(kind), value) == french


def test_a_span_a_choice_an_area_and_a_corridor() -> None:
    span = worded(speech("en"), field("span"), ["2026-06-01T08:00:00.000Z", "2026-06-03T08:00:00.000Z"])
    assert span == "1 Jun 2026, 08:00Z – 3 Jun 2026, 08:00Z"
    assert worded(speech("en"), field("choice", choices={"live-fire": "live firing"}), "live-fire") == "live firing"
    area = worded(speech("en"), field("area"), RING)
    assert area.startswith("area of 3 corners: 51°00.0′ N 001°00.0′ E, 51°00.0′ N 001°30.0′ E")
    corridor = worded(speech("en"), field("corridor"), {"line": RING["ring"][:2], "half_width": 1500})
    assert corridor == "within 1,500 m of the line 51°00.0′ N 001°00.0′ E, 51°00.0′ N 001°30.0′ E"
    assert worded(speech("en"), field("list of area"), [RING]) == [area]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("day", "never"),
        ("day", 7),
        ("moment", "x"),
        ("span", ["x"]),
        ("choice", "new-one"),
        ("position", [1]),
        ("area", {"ring": []}),
        ("band", 3),
        ("decimal", "1e9999999"),
        ("list of day", 5),
        ("a kind of a newer version", {"a": 1}),
        ("bilingual", {"en": "a", "fr": "b"}),
    ],
)
def test_what_does_not_fit_is_shown_as_it_came(kind: str, value: Any) -> None:
    assert worded(speech("en"), field(kind), value) == value
    assert worded(speech("en"), None, value) == value
