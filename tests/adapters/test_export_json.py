"""JSON: each record whole, under its marking; and values read again."""

import json
from typing import Any

import pytest

from adapters.extracts import DECISION, EVERYTHING, LOWER, MARKING, PASSAGE, extract, row
from cordiale.adapters.exchange import as_json
from cordiale.adapters.exchange.extract import BETWEEN
from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.schema import shipped

DECISION_TYPE = shipped()["decision"]


def test_each_record_stands_under_its_marking() -> None:
    data = as_json.write(extract())
    found = json.loads(data)
    assert found["marking"] == MARKING + BETWEEN + LOWER
    assert found["markings"] == [MARKING, LOWER]
    assert [record["marking"]["text"] for record in found["records"]] == [LOWER, MARKING]
    assert found["records"][1]["values"] == EVERYTHING
    assert as_json.write(extract()) == data


def test_an_export_is_read_again() -> None:
    (read,) = as_json.read(as_json.write(extract(row(PASSAGE, EVERYTHING))), PASSAGE)
    assert (read.place, read.marking, read.values, read.faults) == (1, MARKING, EVERYTHING, ())


def test_a_record_of_another_register_is_a_fault() -> None:
    first, second = as_json.read(as_json.write(extract()), DECISION_TYPE)
    assert first.faults == ()
    assert "passage, not decision" in second.faults[0].why.en


def test_plain_tables_are_values() -> None:
    first, second = as_json.read(json.dumps([DECISION, 3]).encode(), DECISION_TYPE)
    assert (first.values, first.marking) == (DECISION, "")
    assert second.faults[0].why.en == "not a table"


@pytest.mark.parametrize("document", ["", "{", "3", '{"records": 3}', "[" * 100_000])
def test_what_is_no_table_is_malformed(document: Any) -> None:
    with pytest.raises(Malformed):
        as_json.read(document.encode(), DECISION_TYPE)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(LimitExceeded, match="rows"):
        as_json.read(b"[" + b"{}," * 20_000 + b"{}]", DECISION_TYPE)
