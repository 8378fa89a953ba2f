"""Schemas as data: what is taken, what is refused and why, and what survives another version."""

import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import CordialeError, Malformed, PolicyInvalid
from cordiale.labels.phrase import Phrase
from cordiale.register import kind as kinds
from cordiale.register.kind import DEGREE, Kind
from cordiale.register.schema import faults, parse, shipped

DATA = resources.files("cordiale.register") / "data"
FILES = sorted(entry.name for entry in DATA.iterdir() if entry.name.endswith(".toml"))
GOOD = {"title": {"en": "A", "fr": "B"}, "text": {"en": "A", "fr": "B"}, "body": "SG 1e", "met": "2026-03-01"}


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_schema_is_sound(name: str) -> None:
    schema = parse((DATA / name).read_bytes())
    assert schema.type == name.removesuffix(".toml")
    assert schema.title.en != schema.title.fr or schema.title.en.isupper() or len(schema.title.en.split()) == 1


def test_a_decision_is_complete_or_says_what_is_wrong() -> None:
    schema = shipped()["decision"]
    assert faults(schema, 1, GOOD) == []
    wrong = {**GOOD, "title": {"en": "A"}, "due": "2026-02-30", "colour": "red"}
    del wrong["body"]
    assert {(fault.field, fault.why.en) for fault in faults(schema, 1, wrong)} == {
        ("body", "it is missing"),
        ("title", "not a text in English and French"),
        ("due", "not a day of the calendar"),
        ("colour", "decision has no such field"),
    }


def test_a_withheld_field_is_not_missing() -> None:
    schema = shipped()["decision"]
    shown = {name: value for name, value in GOOD.items() if name != "text"}
    assert faults(schema, 1, shown, withheld=frozenset({"text"})) == []


def test_fields_of_a_newer_version_are_kept_and_those_of_an_older_not_missed() -> None:
    schema = shipped()["decision"]
    assert faults(schema, 2, {**GOOD, "colour": "red"}) == []
    document = (DATA / "decision.toml").read_text()
    newer = parse(
        document.replace("version = 1", "version = 2", 1)
        .replace('kind = "day"\nrequired = true', 'kind = "day"\nrequired = true\nsince = 2')
        .encode()
    )
    without = {name: value for name, value in GOOD.items() if name != "met"}
    assert faults(newer, 1, without) == []
    assert [fault.field for fault in faults(newer, 2, without)] == ["met"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("version = 1", 'version = "one"'), Malformed),
        (('key = "title"', 'key = "subject"'), PolicyInvalid),
        (('workflow = "two-keys"', 'workflow = "no-keys"'), PolicyInvalid),
        (('kind = "day"', 'kind = "weekday"'), PolicyInvalid),
        (('views = ["table", "board", "calendar"]', 'views = ["oracle"]'), PolicyInvalid),
        (('item = "nation"', 'item = "list"'), PolicyInvalid),
        (("required = true", "required = true\nsecret = 1"), Malformed),
    ],
)
def test_an_unsound_schema_is_refused(change: tuple[str, str], error: type[CordialeError]) -> None:
    document = (DATA / "decision.toml").read_text()
    assert change[0] in document
    with pytest.raises(error):
        parse(document.replace(change[0], change[1], 1).encode())


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (Kind("position"), [-5_000_000, 51 * DEGREE], ""),
        (Kind("position"), [181 * DEGREE, 0], "outside longitude ±180 or latitude ±90 degrees"),
        (Kind("position"), [1.5, 51.0], "not a longitude and a latitude"),
        (Kind("span"), [5, 5], "it ends before it begins"),
        (Kind("area"), {"ring": [[0, 0], [1, 1]]}, "not 3 to 1000 positions"),
        (Kind("corridor"), {"line": [[0, 0], [1, 1]], "half_width": 0}, "a half width is 1 to 1000000 m"),
        (Kind("band"), [100, 50], "the floor is not below the ceiling, or out of range"),
        (Kind("choice", choices=("a", "b")), "c", "not one of a, b"),
        (Kind("integer"), True, "not a whole number in range"),
        (Kind("boolean"), 1, "neither true nor false"),
        (Kind("text"), "a\x00b", "it has control characters"),
        (Kind("text"), "r\u00e9union\u00a0: \u00ab\u202foui\u202f\u00bb", ""),
        (Kind("text", most=3), "abcd", "longer than 3 characters"),
        (Kind("nation"), "FR", "not a nation's code"),
        (Kind("address"), "claire", "not name@nation"),
        (Kind("list", item="nation"), ["uk", "F"], "item 1: not a nation's code"),
        (Kind("file"), b"short", "not a SHA-256"),
    ],
)
def test_kinds(kind: Kind, value: Any, why: str) -> None:
    found = kinds.fault(kind, value)
    assert (found.en if found else "") == why
    assert not found or found.fr != found.en


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from(sorted(kinds.NAMES)), PLAIN)
def test_no_value_whatever_breaks_a_check(name: str, value: Any) -> None:
    """Values come from members' agents: a check answers, it never raises."""
    assert isinstance(kinds.fault(Kind(name, item="text"), value), Phrase | None)


def test_files_are_plain_toml() -> None:
    assert FILES
    for name in FILES:
        tomllib.loads((DATA / name).read_text())
