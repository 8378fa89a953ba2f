"""What is exported, before any format: names, words, markings, and fields that this version doesn't know."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.extracts import DECISION, EVERYTHING, LOWER, MARKING, PASSAGE, extract, row
from cordiale.adapters.exchange import as_csv, as_geojson, as_json
from cordiale.adapters.exchange import given as taken
from cordiale.adapters.exchange.extract import Extract, Row, timed
from cordiale.adapters.exchange.formats import FORMATS
from cordiale.errors import CordialeError, LimitExceeded, WrongUsage
from cordiale.register.plain import to_plain
from cordiale.register.sample import shipped_samples, values
from cordiale.register.schema import shipped
from cordiale.vocab.moment import Moment

DECISION_TYPE = shipped()["decision"]
READ = ["csv", "json", "geojson", "ics"]


def test_a_record_is_called_by_its_name_on_one_line() -> None:
    named = row(DECISION_TYPE, {**DECISION, "title": {"en": "EXERCISE a\nb", "fr": "EXERCICE c"}})
    assert (named.name("en"), named.name("fr")) == ("EXERCISE a b", "EXERCICE c")
    assert row(DECISION_TYPE, {}).name("en") == "0" * 12


def test_people_read_words() -> None:
    shown = dict(row(PASSAGE, EVERYTHING).shown("fr"))
    assert shown["F sort"] == "En mer"
    assert shown["F open"] == "oui"
    assert shown["F cost"] == "-12.50 EUR"
    assert shown["F when"] == "2026-06-01 08:00Z – 2026-06-02 08:00Z"
    assert shown["F lane"].endswith("50.50000°N 0.12346°E  ±900 m")
    assert shown["F notes"] == "one; two\n=three"


def test_where_it_stands_and_whose_keys() -> None:
    replaced = row(DECISION_TYPE, DECISION, superseded_by="ab" * 16)
    assert replaced.status("fr") == "remplacé"
    assert row(DECISION_TYPE, DECISION, status="of tomorrow").status("en") == "of tomorrow"
    assert replaced.picture() == "○ fr  ● uk"


def test_a_field_or_register_of_a_newer_version_goes_out_as_it_is() -> None:
    newer = row(DECISION_TYPE, {**DECISION, "tomorrow": {"b": [1], "a": "x"}})
    unknown = Row({**newer.document, "type": "novel"}, None, Moment(0))
    both = extract(newer, unknown)
    for name, form in FORMATS.items():
        if name != "cap":  # one relief need only
            assert form.write(both), name
    assert b'"{""a"": ""x"", ""b"": [1]}"' in as_csv.write(both)
    assert json.loads(as_json.write(both))["records"][0]["values"]["tomorrow"] == {"a": "x", "b": [1]}
    assert json.loads(as_geojson.write(both))["features"][1]["properties"]["tomorrow"] == {"a": "x", "b": [1]}
    assert dict(newer.shown("en"))["tomorrow"] == '{"a": "x", "b": [1]}'


@pytest.mark.parametrize(("colour", "ink"), [("#0b4f8a", "#ffffff"), ("#ffcc00", "#000000"), ("#ffffff", "#000000")])
def test_the_marking_is_readable_on_its_colour(colour: str, ink: str) -> None:
    assert extract(colour=colour).ink == ink


def test_an_empty_extract_has_no_age() -> None:
    empty = Extract("EXERCISE", "", "en", (MARKING, LOWER), "#0b4f8a", ())
    assert (empty.changed, empty.types()) == (0, {})


WRITTEN = {form: FORMATS[form].write(extract()) for form in READ}


@pytest.mark.parametrize("form", READ)
@given(st.data())
def test_no_bytes_raise_anything_but_our_errors(form: str, data: st.DataObject) -> None:
    whole = WRITTEN[form]
    start, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 40))
    damaged = whole[:start] + data.draw(st.binary(max_size=8)) + whole[start + length :]
    for given_bytes in (damaged, data.draw(st.binary(max_size=60))):
        try:
            found = FORMATS[form].read(given_bytes, PASSAGE)
        except CordialeError:
            continue
        assert all(each.place > 0 for each in found)


@pytest.mark.parametrize("form", READ)
def test_a_file_that_is_too_large_is_refused(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken, "FILE_BYTES", 10)
    with pytest.raises(LimitExceeded, match="10 allowed"):
        FORMATS[form].read(WRITTEN[form], PASSAGE)


@pytest.mark.parametrize("name", ["xlsx", "pdf"])
def test_what_is_only_for_people_is_not_read(name: str) -> None:
    with pytest.raises(WrongUsage, match="only written"):
        FORMATS[name].read(b"", DECISION_TYPE)


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("kind", list(shipped()))
def test_every_ready_made_register_goes_out_and_comes_in_again(form: str, kind: str) -> None:
    schema = shipped()[kind]
    samples = [values(schema, sample) for sample in shipped_samples(schema).records]
    plain = [{name: to_plain(schema.field(name).narrowed, value) for name, value in one.items()} for one in samples]
    whole = [row(schema, one, number) for number, one in enumerate(plain, 1)]
    expected = [each.values for each in whole if form != "ics" or timed(each)]
    read = FORMATS[form].read(FORMATS[form].write(extract(*whole)), schema)
    assert [each.values for each in read] == expected
    assert not any(each.faults for each in read)
    assert plain


def test_the_samples_are_a_file_that_can_be_imported() -> None:
    samples = shipped_samples(DECISION_TYPE)
    read = as_json.read(msgspec.json.encode(samples), DECISION_TYPE)
    assert [each.values for each in read] == list(samples.records)


def test_no_shipped_field_has_the_name_of_a_column_of_its_own() -> None:
    names = {field.name for schema in shipped().values() for field in schema.fields}
    assert as_csv.MARKING not in names
    assert not any(name.startswith(as_csv.PREFIX) or "." in name for name in names)
