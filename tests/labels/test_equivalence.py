"""The table of equivalence: translations, coverage, and files that are refused."""

from typing import Any

import pytest

from cordiale.errors import PolicyInvalid
from cordiale.labels.equivalence import EquivalenceTable, parse_table
from cordiale.labels.shipped import shipped
from labels.lattice import FR, NATO, POLICIES, TABLE, UK, label, table_fields, toml_file


def table(*rows: dict[str, Any]) -> EquivalenceTable:
    return parse_table(toml_file(table_fields(list(rows), ["uk", "fr", "nato"])))


def test_the_shipped_table_is_an_example_that_fits_the_shipped_policies() -> None:
    assert "EXAMPLE" in TABLE.status
    assert TABLE.edition == "example/2026.1-example"
    assert all(row.source for row in TABLE.rows)
    assert TABLE.policies == {"uk": "uk", "fr": "fr", "nato": "nato"}
    TABLE.check(POLICIES)
    TABLE.check({})


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("OFFICIAL", "non-protege"),
        ("OFFICIAL-SENSITIVE", "diffusion-restreinte"),
        ("SECRET", "secret"),
        ("TOP SECRET", "tres-secret"),
    ],
)
def test_levels_are_translated_as_the_agreement_says(text: str, translated: str) -> None:
    found = label(UK, text)
    assert TABLE.translate(found, "uk", "fr") == translated
    back = label(FR, translated.replace("-", " "))
    assert TABLE.translate(back, "fr", "uk") == found.classification


def test_no_row_is_no_equivalent() -> None:
    found = label(UK, "SECRET")
    assert TABLE.translate(found, "uk", "uk") == "secret"
    assert TABLE.translate(found, "fr", "uk") is None
    assert TABLE.translate(found, "uk", "de") is None
    assert table({"classifications": {"uk": "official", "fr": "non-protege"}}).translate(found, "uk", "fr") is None


def test_a_one_way_row_has_no_way_back() -> None:
    assert TABLE.translate(label(NATO, "NATO CONFIDENTIAL"), "nato", "uk") == "secret"
    one_way = table({"classifications": {"nato": "confidential", "uk": "secret"}, "only_from": "nato"})
    assert one_way.translate(label(UK, "SECRET"), "uk", "nato") is None


def test_a_level_is_covered_with_all_below_it() -> None:
    assert TABLE.covers(UK, "top-secret", "fr")
    assert TABLE.covers(UK, "top-secret", "uk")
    assert TABLE.covers(NATO, "secret", "de")
    assert not TABLE.covers(UK, "official", "de")
    assert not TABLE.covers(UK, "unheard-of", "fr")
    hole = table(
        {"classifications": {"uk": "official", "fr": "non-protege"}},
        {"classifications": {"uk": "secret", "fr": "secret"}},
    )
    assert hole.covers(UK, "official", "fr")
    assert not hole.covers(UK, "official-sensitive", "fr")
    assert not hole.covers(UK, "secret", "fr")


def test_a_nation_that_labels_by_the_same_policy_is_covered() -> None:
    shared = parse_table(toml_file(table_fields([], ["uk"])).replace(b'"nation" = "uk"', b'"nation" = "im"'))
    assert shared.covers(UK, "top-secret", "im")


def test_a_table_must_fit_the_policies() -> None:
    with pytest.raises(PolicyInvalid, match="'restricted' is no classification of uk"):
        table({"classifications": {"uk": "restricted", "fr": "secret"}}).check(POLICIES)
    crossed = table(
        {"classifications": {"uk": "official", "fr": "secret"}},
        {"classifications": {"uk": "secret", "fr": "non-protege"}},
    )
    with pytest.raises(PolicyInvalid, match="a higher level is equivalent to a lower one"):
        crossed.check(POLICIES)
    crossed.check({"uk": UK})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"classifications": {"uk": "secret"}}], "has two sides"),
        ([{"classifications": {"uk": "secret", "de": "geheim"}}], "'de' is no party's policy"),
        ([{"classifications": {"uk": "secret", "fr": "secret"}, "only_from": "nato"}], "only_from 'nato'"),
        ([{"id": "a", "classifications": {"uk": "secret", "fr": "secret"}}] * 2, "row 'a' occurs twice"),
        (
            [{"classifications": {"uk": "secret", "fr": level}} for level in ("secret", "tres-secret")],
            "contradict each other",
        ),
        ([{"classifications": {"uk": "secret", "fr": "secret"}, "more": 1}], "more"),
        ([{"classifications": {"uk": 1, "fr": "secret"}}], "$.row[0]"),
    ],
)
def test_rows_that_say_nothing_clear_are_refused(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        table(*rows)
    assert said in str(caught.value)


def test_parties_and_dates_are_checked() -> None:
    with pytest.raises(PolicyInvalid, match="party 'uk' occurs twice"):
        parse_table(toml_file(table_fields([], ["uk", "uk"])))
    with pytest.raises(PolicyInvalid, match="valid_until is before"):
        parse_table(toml_file(table_fields([], ["uk"])).replace(b"2026-12-31", b"2025-12-31"))
    with pytest.raises(PolicyInvalid, match="equivalence table"):
        parse_table(shipped("uk"))


def test_validity_is_the_files() -> None:
    assert TABLE.valid_at(TABLE.valid_from)
    assert not TABLE.valid_at(TABLE.valid_until)
