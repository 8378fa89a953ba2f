"""CSV: the marking on every line, no cell that is a formula, and the same values read again."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.extracts import DECISION, EVERYTHING, LOWER, MARKING, PASSAGE, extract, row
from cordiale.adapters.exchange import as_csv
from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.schema import shipped

DECISION_TYPE = shipped()["decision"]


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_the_marking_is_the_first_cell_of_every_line() -> None:
    data = as_csv.write(extract())
    table = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert [cells[0] for cells in table] == ["marking", LOWER, MARKING]
    assert len({len(cells) for cells in table}) == 1
    first, second = lines(data)
    assert first["record.status"] == "part-keyed"
    assert first["record.keys"] == "fr=no uk=yes"
    assert first["title.fr"] == "EXERCICE Patrouilles câbles"
    assert first["name.en"] == ""
    assert second["box"].startswith('{"ring"')
    assert as_csv.write(extract()) == data


@pytest.mark.parametrize("start", list(as_csv.STARTS))
def test_a_cell_that_could_be_a_formula_begins_with_an_apostrophe(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A1"
    data = as_csv.write(extract(row(DECISION_TYPE, {**DECISION, "body": text, "due": "-1"})))
    (found,) = lines(data)
    assert found["body"] == f"'{text}"
    assert found["due"] == "-1"
    (read,) = as_csv.read(data, DECISION_TYPE)
    assert read.values["body"] == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_no_text_is_a_formula_and_every_text_is_read_again(text: str) -> None:
    data = as_csv.write(extract(row(DECISION_TYPE, {**DECISION, "body": text})))
    (found,) = lines(data)
    assert not as_csv.formula(found["body"])
    (read,) = as_csv.read(data, DECISION_TYPE)
    assert read.values["body"] == text


def test_every_kind_of_field_is_read_again() -> None:
    data = as_csv.write(extract(row(PASSAGE, EVERYTHING)))
    (read,) = as_csv.read(b"\xef\xbb\xbf" + data, PASSAGE)
    assert read.faults == ()
    assert read.values == EVERYTHING
    assert (read.place, read.marking) == (2, MARKING)


def test_a_table_made_by_hand_needs_only_its_fields() -> None:
    text = "title.en;title.fr;met;lead\r\nA;B;2026-03-01;fr\r\n;;;\r\nC;;;\r\n"
    first, second = as_csv.read(text.encode(), DECISION_TYPE)
    assert first.values == {"title": {"en": "A", "fr": "B"}, "met": "2026-03-01", "lead": ["fr"]}
    assert (second.place, second.values) == (4, {"title": {"en": "C"}})


def test_what_cannot_be_a_value_is_a_fault_of_its_row() -> None:
    table = "name.en,cost,when,record.type\na,12.345,2026-06-01,decision\nb,1.50,x,passage,more\n"
    first, second = as_csv.read(table.encode(), PASSAGE)
    assert [fault.field for fault in first.faults] == ["type", "cost", "when"]
    assert second.faults[0].why.en == "5 cells under 4 headings"


WRONG: list[tuple[bytes, Any]] = [
    (b"", "empty"),
    (b"\xff\xfe", "UTF-8"),
    (b"a,a\n1,2\n", "one heading"),
    (b'a,b\n"1,2\n', "end of data"),
    (b"a\n" + b"x" * (300 * 1024), "field larger"),
]


@pytest.mark.parametrize(("data", "why"), WRONG)
def test_what_is_no_table_is_malformed(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        as_csv.read(data, DECISION_TYPE)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(LimitExceeded, match="rows"):
        as_csv.read(b"met\n" + b"2026-03-01\n" * 20_001, DECISION_TYPE)
