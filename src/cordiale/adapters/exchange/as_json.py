"""Records as JSON, both ways: `{"marking": …, "markings": […], "records": […]}`, each record as `register show --json` has it."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from cordiale.adapters.exchange import given
from cordiale.adapters.exchange.extract import Extract
from cordiale.adapters.exchange.given import Given
from cordiale.errors import Malformed
from cordiale.register.schema import Fault, Schema


def write(extract: Extract) -> bytes:
    """One document, indented, its names in one order."""
    document = {
        "marking": extract.marking,
        "markings": extract.markings,
        "title": extract.title,
        "question": extract.question,
        "records": [row.document for row in extract.rows],
    }
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=1) + b"\n"


def read(data: bytes, schema: Schema) -> list[Given]:
    """The records of an export, or an array of tables of values; a row's place is its number, from 1."""
    found = given.document(data, "JSON")
    rows = cast("Mapping[str, Any]", found).get("records") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise Malformed("neither an array nor a document with `records`", what="file")
    items = cast("list[Any]", rows)
    given.checked_rows(len(items), "JSON")
    return [_given(place, item, schema) for place, item in enumerate(items, 1)]


def _given(place: int, item: Any, schema: Schema) -> Given:
    if not isinstance(item, dict):
        return Given(place, "", {}, (Fault("", given.NO_TABLE),))
    row = cast("Mapping[str, Any]", item)
    values = row.get("values")
    if not isinstance(values, dict) or schema.field("values"):
        return Given(place, "", row)
    marking = row.get("marking")
    text = cast("Mapping[str, Any]", marking).get("text") if isinstance(marking, dict) else marking
    wrong = given.of_another_type(str(row.get("type", "")), schema.type)
    return Given(place, text if isinstance(text, str) else "", cast("Mapping[str, Any]", values), wrong)
