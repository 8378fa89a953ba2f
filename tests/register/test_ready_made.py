"""The ready-made registers: whole in both languages, in step with what they describe, and their samples usable as they are."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale.desks.activity import rules
from cordiale.desks.activity.volume import (
    Activity,
    ActivityId,
    AltitudeBand,
    Corridor,
    Interval,
    Polygon,
    Shape,
    Uncertainty,
    Volume,
)
from cordiale.errors import CordialeError
from cordiale.labels.phrase import Phrase
from cordiale.register import plain, sample, workflow
from cordiale.register.act import Disclose, Key
from cordiale.register.deconfliction.log import Ended
from cordiale.register.deconfliction.terms import PURPOSE_CHARACTERS, RUN_ID_BYTES
from cordiale.register.draft import draft, head_of
from cordiale.register.fold import Fold
from cordiale.register.kind import DEGREE
from cordiale.register.record import Terms
from cordiale.register.sample import Values, shipped_samples
from cordiale.register.schema import Schema, faults, shipped
from cordiale.register.workflow import SINGLE_KEY, TWO_KEYS, Status
from cordiale.vocab.moment import DAY, Moment, to_datetime
from register.cabinet import FR, UK, Cabinet

PAGE = Path(__file__).parents[2] / "docs" / "registers.md"
SCHEMAS = shipped()
TYPES = tuple(SCHEMAS)
SAMPLES = [
    pytest.param(schema, record, id=f"{schema.type}-{place}")
    for schema in SCHEMAS.values()
    for place, record in enumerate(shipped_samples(schema).records)
]
ALIKE = {
    "Action",
    "Contribution",
    "Position",
    "Positions",
    "base",
    "important",
    "kilowatts",
    "liaison",
    "places",
    "tonnes",
}
"""Words that are the same in both languages."""
TOLD_BY = {"deconfliction-run": "purpose", "admission": "office"}
"""Where samples of a register say that they are an exercise, if it has no title."""


def phrases(schema: Schema) -> Iterator[tuple[str, Phrase]]:
    yield f"{schema.type} title", schema.title
    yield f"{schema.type} help", schema.help
    for field in schema.fields:
        yield f"{schema.type}.{field.name} title", field.title
        yield f"{schema.type}.{field.name} help", field.help
        for choice in field.choices:
            yield f"{schema.type}.{field.name}={choice.value}", choice.title


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def sampled(kind: str) -> list[Values]:
    schema = SCHEMAS[kind]
    return [sample.values(schema, record) for record in shipped_samples(schema).records]


def choices(kind: str, field: str) -> dict[str, Phrase]:
    found = SCHEMAS[kind].field(field)
    assert found is not None
    return {choice.value: choice.title for choice in found.choices}


# --- words ---------------------------------------------------------------------------------------------------------


def test_there_are_the_registers_that_there_should_be() -> None:
    assert set(TYPES) == {
        "decision", "action", "commitment", "activity", "deconfliction-run", "access-request", "admission", "requirement",
        "contribution", "allocation", "statement", "relief-need", "relief-offer", "maritime", "post", "programme",
    }  # fmt: skip


def test_what_is_the_same_in_both_languages_is_so_on_purpose() -> None:
    alike = {
        phrase.en
        for schema in SCHEMAS.values()
        for _, phrase in phrases(schema)
        if phrase.en.casefold() == phrase.fr.casefold()
    }
    assert alike == ALIKE


@pytest.mark.parametrize("kind", TYPES)
def test_words_are_well_formed(kind: str) -> None:
    for where, phrase in phrases(SCHEMAS[kind]):
        for text in (phrase.en, phrase.fr):
            assert text == text.strip(), where
            assert "  " not in text, where
            assert text.endswith(".") == where.endswith("help"), where
        assert re.search(r"\b(le|les|des|une|est|avec)\b", phrase.en) is None, where
        assert re.search(r"\b(the|of|and|is|with|by)\b", phrase.fr) is None, where
        assert re.search(r"[^ ][:;?!]", re.sub(r"\w:\w", "", phrase.fr)) is None, f"{where}: a space before : ; ? !"


@pytest.mark.parametrize("kind", TYPES)
def test_fields_point_to_registers_and_what_is_due_is_a_day(kind: str) -> None:
    schema = SCHEMAS[kind]
    for field in schema.fields:
        refers = "reference" in (field.kind, field.item)
        assert (field.to in SCHEMAS) == refers, field.name
        assert field.name != "due" or field.kind == "day"
        assert field.name not in ("type", "status", "owner", "during", "within", "overdue"), "a word of questions"
    named_by = schema.field(schema.named_by)
    assert named_by is not None
    assert named_by.required
    assert named_by.kind in ("text", "bilingual")
    assert named_by.tier <= 2


@pytest.mark.parametrize("kind", TYPES)
def test_forms_have_the_fields_that_they_need(kind: str) -> None:
    schema = SCHEMAS[kind]
    kinds = {field.kind for field in schema.fields} | {field.item for field in schema.fields}
    assert "table" in schema.views
    assert "calendar" not in schema.views or kinds & {"day", "span", "moment"}
    assert ("map" in schema.views) == bool(kinds & {"position", "area", "corridor"})


# --- in step with what they describe ---------------------------------------------------------------------------------


def test_kinds_of_activity_are_those_of_the_desk() -> None:
    assert choices("activity", "kind") == dict(rules.shipped().kinds)


def test_an_activity_is_coarse_at_first() -> None:
    schema = SCHEMAS["activity"]
    assert schema.shown_at(1) == {"cells", "weeks"}
    assert {field.name for field in schema.fields if field.tier == 3} == {"units", "persons", "purpose", "notes"}


def test_a_deconfliction_run_is_told_in_the_words_of_its_log() -> None:
    schema = SCHEMAS["deconfliction-run"]
    limits = {field.name: field.most for field in schema.fields}
    assert set(choices("deconfliction-run", "ended")) == {ended.value for ended in Ended}
    assert limits["purpose"] == PURPOSE_CHARACTERS
    assert limits["run"] == 2 * RUN_ID_BYTES
    assert not {"cell", "cells", "area", "areas"} & set(limits)


def test_requirements_and_contributions_speak_one_language() -> None:
    assert (
        choices("requirement", "capability")
        == choices("contribution", "capability")
        == choices("requirement", "substitutes")
    )
    assert choices("requirement", "refused_caveats") == choices("contribution", "caveats")
    assert choices("requirement", "measure") == choices("allocation", "measure") == choices("contribution", "measure")
    assert choices("relief-need", "item") == choices("relief-offer", "item") == choices("relief-need", "substitutes")
    assert choices("relief-need", "measure") == choices("relief-offer", "measure") == choices("requirement", "measure")


def test_the_planning_desk_takes_requirements_and_contributions() -> None:
    demand = pytest.importorskip("cordiale.desks.planning.demand")
    priorities = list(choices("requirement", "priority"))
    for number, values in enumerate(sampled("requirement")):
        substitutes = values.get("substitutes", ())
        rates = values.get("rates", [demand.WHOLE] * len(substitutes))
        made = demand.Requirement(
            f"r{number}",
            values["capability"],
            values["quantity"],
            demand.Window(*values["window"]),
            priority=1 + priorities.index(values["priority"]),
            place=values.get("place_code"),
            minimum=values.get("minimum", 0),
            excluded=frozenset(values.get("refused_caveats", ())),
            unwelcome=frozenset(values.get("unwelcome_caveats", ())),
            substitutes=tuple(demand.Substitute(name, rate) for name, rate in zip(substitutes, rates, strict=True)),
        )
        assert len(made.rates) == 1 + len(substitutes)
    for number, values in enumerate(sampled("contribution")):
        offer = demand.Offer(
            f"o{number}",
            FR,
            values["capability"],
            values["quantity"],
            demand.Window(*values["window"]),
            places=frozenset(values.get("places", ())),
            caveats=frozenset(values.get("caveats", ())),
            exclusive=values.get("exclusive", False),
            reusable=values.get("reusable", False),
        )
        assert offer.caveats <= set(choices("requirement", "refused_caveats"))


def test_a_requirement_does_not_say_from_whom() -> None:
    assert not [field.name for field in SCHEMAS["requirement"].fields if "nation" in (field.kind, field.item)]


CAP_CODES = {
    "message_status": ["Actual", "Exercise", "System", "Test", "Draft"],
    "categories": [
        "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
    ],
    "urgency": ["Immediate", "Expected", "Future", "Past", "Unknown"],
    "severity": ["Extreme", "Severe", "Moderate", "Minor", "Unknown"],
    "certainty": ["Observed", "Likely", "Possible", "Unlikely", "Unknown"],
}  # fmt: skip


@pytest.mark.parametrize("field", CAP_CODES)
def test_relief_needs_use_the_codes_of_cap(field: str) -> None:
    """OASIS, Common Alerting Protocol 1.2 (1 July 2010), 3.2 and the schema of 3.4."""
    assert list(choices("relief-need", field)) == CAP_CODES[field]


# --- samples -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
def test_every_register_has_samples_and_they_say_what_they_are(kind: str) -> None:
    found = shipped_samples(SCHEMAS[kind])
    assert found.type == kind
    assert found.records
    assert found.note.en.startswith("EXERCISE.")
    assert found.note.fr.startswith("EXERCICE.")


@pytest.mark.parametrize(("schema", "record"), SAMPLES)
def test_a_sample_is_sound_marked_and_the_same_when_written_again(schema: Schema, record: Values) -> None:
    values = sample.values(schema, record)
    assert faults(schema, schema.version, values) == []
    fields = {field.name: field.narrowed for field in schema.fields}
    assert {name: plain.to_plain(fields[name], value) for name, value in values.items()} == record
    named = " ".join(texts(record[TOLD_BY.get(schema.type, "title")]))
    assert "EXERCISE" in named
    assert "EXERCICE" in named


@pytest.mark.parametrize("kind", TYPES)
def test_together_the_samples_show_nearly_every_field(kind: str) -> None:
    shown = {name for record in sampled(kind) for name in record}
    assert len({field.name for field in SCHEMAS[kind].fields} - shown) <= 1


@pytest.mark.parametrize(("schema", "record"), SAMPLES)
def test_a_sample_is_proposed_in_stages_and_binds_by_the_keys_of_its_register(schema: Schema, record: Values) -> None:
    values = sample.values(schema, record)
    cabinet = Cabinet()
    alice, claire = cabinet.person("alice@uk"), cabinet.person("claire@fr")
    head = head_of(schema, UK, b"label", (UK, FR), Terms(schema.workflow, (UK, FR)))
    assert not workflow.fault_of_terms(head)
    made = draft(schema, values)
    cabinet.act(alice, head.id, b"", made.proposed(schema, head, 1))

    def state() -> Fold:
        cabinet.read(alice, claire)
        return cabinet.state(head.id)

    proposed = state().hash
    assert set(state().shown()) == schema.shown_at(1) & set(values)
    cabinet.act(alice, head.id, proposed, Disclose(made.hidden(schema, 1)))
    assert {name: opening.value for name, opening in state().shown().items()} == values
    assert state().hash == proposed, "what is disclosed later is what was proposed"

    cabinet.act(alice, head.id, proposed, Key())
    assert state().status is (Status.BINDING if schema.workflow == SINGLE_KEY else Status.PART_KEYED)
    if schema.workflow == TWO_KEYS:
        cabinet.act(claire, head.id, proposed, Key())
        assert state().status is Status.BINDING
    assert not state().refused


@pytest.mark.parametrize("proposer", ["alice@uk", "claire@fr"])
def test_an_allocation_binds_only_with_the_key_of_the_nation_that_offers(proposer: str) -> None:
    schema = SCHEMAS["allocation"]
    values = next(each for each in sampled("allocation") if each["provider"] == FR)
    cabinet = Cabinet()
    person, alice, claire = (cabinet.person(who) for who in (proposer, "alice@uk", "claire@fr"))
    head = head_of(schema, person.nation, b"label", (UK, FR), Terms(schema.workflow, (UK, FR)))
    cabinet.act(person, head.id, b"", draft(schema, values).proposed(schema, head, 3))
    for one in (alice, cabinet.person("bob@uk")):
        cabinet.read(one)
        cabinet.act(one, head.id, cabinet.seen(one, head.id).hash, Key())
        assert cabinet.state(head.id).status is Status.PART_KEYED
    cabinet.read(claire)
    cabinet.act(claire, head.id, cabinet.seen(claire, head.id).hash, Key())
    assert cabinet.state(head.id).status is Status.BINDING


def test_the_desk_takes_the_activities_of_the_register() -> None:
    for number, values in enumerate(sampled("activity")):
        made = Activity(
            ActivityId(f"s{number}"), UK, values["kind"], volumes(values), tuple(values.get("resources", ()))
        )
        assert len(made.volumes) == len(values.get("areas", ())) + len(values.get("corridors", ()))
        assert all(rules.shipped().claims(resource) for resource in made.resources)


def volumes(values: Values) -> tuple[Volume, ...]:
    degrees = lambda points: tuple((point[0] / DEGREE, point[1] / DEGREE) for point in points)  # noqa: E731
    shapes: list[Shape] = [Polygon(degrees(area["ring"])) for area in values.get("areas", ())]
    shapes += [Corridor(degrees(each["line"]), each["half_width"] / 1000) for each in values.get("corridors", ())]
    uncertainty = Uncertainty(values.get("margin", 0) / 1000, values.get("slack", 0) * 60)
    return tuple(
        Volume(shape, AltitudeBand(*values["band"]), Interval(*values["span"]), uncertainty) for shape in shapes
    )


def test_the_coarse_fields_of_the_samples_are_true() -> None:
    h3 = pytest.importorskip("h3")
    for values in sampled("activity"):
        points = [point for area in values.get("areas", ()) for point in area["ring"]]
        points += [point for corridor in values.get("corridors", ()) for point in corridor["line"]]
        assert points
        assert {h3.latlng_to_cell(lat / DEGREE, lon / DEGREE, 3) for lon, lat in points} <= set(values["cells"])
        first, last = values["weeks"]
        assert first <= values["span"][0] < values["span"][1] <= last
        assert (last - first) % (7 * DAY) == 0
        assert to_datetime(Moment(first)) == datetime(*to_datetime(Moment(first)).timetuple()[:3], tzinfo=UTC)
        assert to_datetime(Moment(first)).weekday() == 0


def test_a_sample_that_its_schema_does_not_know_is_refused() -> None:
    with pytest.raises(CordialeError, match="no field"):
        sample.values(SCHEMAS["decision"], {"colour": "red"})


# --- commitments -----------------------------------------------------------------------------------------------------


def test_commitments_run_from_1a_to_6c_without_a_gap() -> None:
    numbers = [record["number"] for record in sampled("commitment")]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == ("1a", "6c")
    for section in "123456":
        letters = "".join(number[1:] for number in numbers if number[0] == section)
        assert letters == "abcdefghijklmnopqrstuvwxyz"[: len(letters)]


def test_no_line_claims_to_be_checked_and_what_is_not_tracked_here_has_no_content() -> None:
    for record in sampled("commitment"):
        assert record["checked"] is False
        if record["administrative"]:
            assert not {"evidence", "next_step"} & set(record)
        else:
            assert record["number"][0] not in "13"


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_page_lists_every_register_as_it_is() -> None:
    page = PAGE.read_text()
    for schema in SCHEMAS.values():
        assert f"| `{schema.type}` | {schema.title.en} / {schema.title.fr} | {schema.workflow} |" in page


def test_the_record_on_the_page_can_be_entered() -> None:
    block = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    schema = SCHEMAS["access-request"]
    assert faults(schema, schema.version, sample.values(schema, json.loads(block[1]))) == []


@pytest.mark.parametrize("name", workflow.TABLES)
def test_the_page_shows_every_workflow_as_its_table_has_it(name: str) -> None:
    assert f"```mermaid\n{workflow.diagram(name)}```" in PAGE.read_text()
