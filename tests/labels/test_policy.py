"""Policy files: what a shipped one holds, and every way in which a file is refused."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.errors import PolicyInvalid, WrongUsage
from cordiale.labels import toml_file as toml_module
from cordiale.labels.label import make_label
from cordiale.labels.policy import Policy, parse_policy
from cordiale.labels.shipped import NAMES, shipped
from cordiale.vocab.moment import DAY, Moment
from cordiale.wire import limits
from labels.lattice import FR, NATO, POLICIES, UK, label, phrase, policy_fields, toml_file


def test_shipped_files_are_examples_with_a_source_for_everything() -> None:
    assert set(NAMES) == {*POLICIES, "table"}
    for name, policy in POLICIES.items():
        assert policy.id == policy.nation == name
        assert "EXAMPLE" in policy.status
        assert b"EXAMPLE. Not an official" in shipped(name)  # type: ignore[arg-type]
        assert policy.edition == f"{name}/2026.1-example"
        everything = (*policy.classifications.values(), *policy.tag_sets.values(), *policy.rules, policy.default)
        assert all(each.source for each in everything)
        assert sorted(policy.classifications, key=lambda level: policy.rank(level) or 0) == list(policy.classifications)


def test_nations_are_those_of_the_files() -> None:
    assert list(UK.classifications) == ["official", "official-sensitive", "secret", "top-secret"]
    assert list(FR.classifications) == ["non-protege", "diffusion-restreinte", "secret", "tres-secret"]
    assert len(NATO.members) == 32
    assert UK.rank("tres-secret") is None
    assert UK.names("releasable-to", ("deu", "fra", "nonsense"), "fr")
    assert not UK.names("releasable-to", ("deu", "nonsense"), "fr")


def test_validity_is_from_the_first_day_to_the_end_of_the_last() -> None:
    policy = parse_policy(toml_file(policy_fields([])))
    assert policy.valid_until - policy.valid_from == 365 * DAY
    assert policy.valid_at(policy.valid_from)
    assert policy.valid_at(Moment(policy.valid_until - 1))
    assert not policy.valid_at(policy.valid_until)
    assert not policy.valid_at(Moment(policy.valid_from - 1))


@pytest.mark.parametrize(
    ("text", "classification", "categories"),
    [
        ("OFFICIAL-SENSITIVE REL FRA", "official-sensitive", {"releasable-to": ("fra",)}),
        ("UK OFFICIAL-SENSITIVE REL FRANCE", "official-sensitive", {"releasable-to": ("fra",)}),
        (
            "off-sens releasable to france, germany and usa",
            "official-sensitive",
            {"releasable-to": ("deu", "fra", "usa")},
        ),
        ("UK EYES ONLY", "official-sensitive", {"eyes-only": ("gbr",)}),
        ("TOP SECRET – UK / US EYES ONLY", "top-secret", {"eyes-only": ("gbr", "usa")}),
        ("secret uk eyes only", "secret", {"eyes-only": ("gbr",)}),
        ("OFFICIAL HMG USE ONLY", "official", {"handling": ("hmg-use-only",)}),
        ("HMG USE ONLY", "official", {"handling": ("hmg-use-only",)}),
        ("LOCSEN HMG USE ONLY", "official-sensitive", {"handling": ("hmg-use-only",), "descriptor": ("locsen",)}),
    ],
)
def test_what_people_type_in_london(text: str, classification: str, categories: dict[str, tuple[str, ...]]) -> None:
    found = label(UK, text)
    assert (found.policy, found.classification) == ("uk", classification)
    assert {category.tag_set: category.values for category in found.categories} == categories


@pytest.mark.parametrize(
    ("text", "classification", "tag_sets"),
    [
        ("DIFFUSION RESTREINTE REL GBR", "diffusion-restreinte", ["communicable-a"]),
        ("dr communicable à : royaume-uni", "diffusion-restreinte", ["communicable-a"]),
        ("SPÉCIAL FRANCE", "diffusion-restreinte", ["special-france"]),
        ("special france très secret", "tres-secret", ["special-france"]),
        ("TRES SECRET", "tres-secret", []),
        ("classification spéciale", "tres-secret", ["classification-speciale"]),
    ],
)
def test_what_people_type_in_paris(text: str, classification: str, tag_sets: list[str]) -> None:
    found = label(FR, text)
    assert (found.policy, found.classification) == ("fr", classification)
    assert [category.tag_set for category in found.categories] == tag_sets


def test_a_policy_can_assume_what_nobody_types() -> None:
    assert label(NATO, "cosmic top secret").values("context") == ("nato",)
    assert label(NATO, "NATO SECRET FRANCE, GERMANY ONLY").values("only") == ("deu", "fra")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no classification is given; one of: OFFICIAL, OFFICIAL-SENSITIVE"),
        ("REL FRA", "no classification is given"),
        ("OFICIAL", "near to it: OFFICIAL"),
        ("SECRET REL FRANCIA", "FRANCE EYES ONLY"),
        ("qqqqqqqqq", "OFFICIAL, OFFICIAL-SENSITIVE, SECRET"),
        ("SECRET REL", "ends too early"),
        ("SECRET OFFICIAL", "two classifications"),
        ("SECRET REL FRA HMG USE ONLY", "handling/hmg-use-only cannot be used"),
        ("SECRET US EYES ONLY", "eyes-only/usa cannot be used"),
        ("S" * 1025, "1025 characters"),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        label(UK, text)
    assert said in str(caught.value)


def test_a_value_may_be_kept_to_some_levels() -> None:
    with pytest.raises(WrongUsage, match="classification-speciale"):
        label(FR, "SECRET CLASSIFICATION SPÉCIALE")


@pytest.mark.parametrize(
    ("policy", "classification", "values", "fault"),
    [
        ("fr", "official", {}, "policy fr"),
        ("uk", "tres-secret", {}, "classification tres-secret"),
        ("uk", "secret", {"unheard-of": ["a"]}, "unheard-of/a"),
        ("uk", "secret", {"releasable-to": ["zzz"]}, "releasable-to/zzz"),
        ("uk", "secret", {"eyes-only": ["usa"]}, "eyes-only/usa"),
        ("uk", "secret", {"eyes-only": ["gbr", "usa"], "releasable-to": ["fra"]}, ""),
    ],
)
def test_a_label_that_does_not_fit_says_where(
    policy: str, classification: str, values: dict[str, list[str]], fault: str
) -> None:
    found = make_label(policy, classification, values, created=Moment(0), originator="uk")
    assert UK.fault(found) == fault


REFUSAL: dict[str, Any] = {"effect": "refuse", "when": {"at_least": "high"}}
RELEASE: dict[str, Any] = {"effect": "release", "when": {"destinations": ["bb"]}}


def refused(fields: dict[str, Any]) -> str:
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(toml_file(fields))
    return str(caught.value)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([RELEASE, REFUSAL], "refusals come first"),
        ([{"effect": "refuse", "when": {"at_most": "low"}}], "'at_most' may not be asked"),
        ([{"effect": "refuse", "when": {"without": ["mark"]}}], "'without' may not be asked"),
        ([{"effect": "refuse", "when": {"member": True}}], "'member' may not be asked"),
        ([{"effect": "release", "when": {"at_least": "low"}}], "'at_least' may not be asked"),
        ([{"effect": "release", "when": {"agreement": "missing"}}], "'agreement' may not be asked"),
        ([{"effect": "release", "when": {"tag_set": "mark", "has": ["red"]}}], "'has' may not be asked"),
        ([{"effect": "release", "when": {}}], "it has no condition"),
        ([{"effect": "refuse", "when": {}}], "it has no condition"),
        ([{"effect": "release", "when": {"label": "foreign"}}], "it has no condition"),
        ([{"effect": "refuse", "when": {"label": "foreign", "returning": True}}], "'returning' may not be asked"),
        ([{"effect": "release", "when": {"tag_set": "reader", "audience": "excludes"}}], "audience 'excludes'"),
        ([{"effect": "refuse", "when": {"tag_set": "reader", "audience": "includes"}}], "audience 'includes'"),
        ([{"effect": "refuse", "when": {"tag_set": "mark", "audience": "excludes"}}], "mark is restrictive"),
        ([{"effect": "refuse", "when": {"tag_set": "note", "has": ["staff"]}}], "note is informative"),
        ([{"effect": "refuse", "when": {"tag_set": "mark", "has": ["green"]}}], "'green' is no value"),
        ([{"effect": "refuse", "when": {"tag_set": "mark"}}], "either audience or has"),
        ([{"effect": "refuse", "when": {"tag_set": "nothing", "has": ["red"]}}], "'nothing' is no tag set"),
        ([{"effect": "refuse", "when": {"has": ["red"]}}], "need a tag_set"),
        ([{"effect": "refuse", "when": {"at_least": "highest"}}], "'highest' is no classification"),
        ([{"effect": "release", "when": {"without": ["note"]}}], "without 'note'"),
        ([REFUSAL | {"id": "cordiale-x"}], "are the program's"),
        ([REFUSAL | {"id": "no"}], "'no' occurs 2 times"),
        ([REFUSAL | {"effect": "allow"}], "$.rule[0].effect"),
        ([{"effect": "refuse", "when": {"moon": "full"}}], "$.rule[0].when"),
    ],
)
def test_a_rule_that_could_surprise_is_refused(rules: list[dict[str, Any]], said: str) -> None:
    assert said in refused(policy_fields(rules))


def change(path: str, value: object) -> dict[str, Any]:
    """A sound file with one place changed; `+` appends."""
    fields: dict[str, Any] = copy.deepcopy(policy_fields([REFUSAL, RELEASE]))
    *way, last = path.split(".")
    place: Any = fields
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if last == "+":
        place.append(value)
    else:
        place[int(last) if last.isdigit() else last] = value
    return fields


LEVEL = {"id": "top", "rank": 9, "phrase": phrase("top"), "colour": "#000000", "source": "t", "xml": "top"}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("format", 2, "$.format"),
        ("extra", 1, "extra"),
        ("nation", "UK", "$.nation"),
        ("id", "Not An Id", "$.id"),
        ("source", "", "$.source"),
        ("members", ["bb", "bb"], "'bb' occurs 2 times"),
        ("xml", {"name": "AA", "uri": "http://x"}, "$.xml.uri"),
        ("valid_from", "soon", "$.valid_from"),
        ("classification", [], "there is no classification"),
        ("classification.+", LEVEL | {"id": "low"}, "'low' occurs 2 times"),
        ("classification.+", LEVEL | {"rank": 2}, "rank 2 is not above 2"),
        ("classification.+", LEVEL | {"rank": -1}, "$.classification"),
        ("classification.+", LEVEL | {"xml": "low"}, "xml names: 'low' occurs 2 times"),
        ("classification.+", LEVEL | {"aliases": ["LOW"]}, "means both low and top"),
        ("classification.+", LEVEL | {"aliases": ["***"]}, "no letter or digit"),
        ("classification.+", LEVEL | {"colour": "red"}, ".colour"),
        ("classification.+", LEVEL | {"phrase": {"en": "top"}}, "`fr`"),
        ("tag_set.0.id", "reader", "'reader' occurs 2 times"),
        ("tag_set.0.xml", "reader", "xml names: 'reader' occurs 2 times"),
        ("tag_set.0.kind", "odd", "$.tag_set[0].kind"),
        ("tag_set.0.marking", phrase("no place"), "exactly once"),
        ("tag_set.0.reads", ["{values} {values}"], "exactly once"),
        ("tag_set.0.implies", "nothing", "implies 'nothing'"),
        ("tag_set.0.assumed", ["nothing"], "assumed 'nothing'"),
        ("tag_set.0.value", [], "it has no value"),
        ("tag_set.0.value.0.nations", ["bb"], "only a value of a permissive tag set"),
        ("tag_set.0.value.0.id", "blue", "value ids: 'blue' occurs 2 times"),
        ("tag_set.0.value.0.xml", "blue", "value xml names: 'blue' occurs 2 times"),
        ("tag_set.0.value.0.classifications", ["nothing"], "'nothing' is no classification"),
        ("tag_set.0.value.0.requires", ["mark/nothing"], "'mark/nothing' is neither"),
        ("tag_set.0.value.0.excludes", ["nothing"], "'nothing' is neither"),
        ("tag_set.0.value.0.aliases", ["BLUE"], "means both"),
        ("default.id", "r0", "'r0' occurs 2 times"),
    ],
)
def test_a_file_with_one_wrong_place_is_refused(path: str, value: object, said: str) -> None:
    assert said in refused(change(path, value))


def test_the_unchanged_file_is_sound() -> None:
    assert isinstance(parse_policy(toml_file(policy_fields([REFUSAL, RELEASE]))), Policy)


def test_validity_may_not_end_before_it_begins() -> None:
    text = toml_file(policy_fields([])).replace(b"2026-12-31", b"2025-12-31")
    with pytest.raises(PolicyInvalid, match="valid_until is before valid_from"):
        parse_policy(text)


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff",
        b"format = ",
        b"[[rule",
        b"a = " + b"[\n" * 5000,
        b"a" + b".a" * 3000 + b" = 1",
        b"a = " + b"9" * 4090,
        b"x" * (limits.POLICY_BYTES + 1),
        b"",
    ],
)
def test_bytes_that_are_no_file_are_refused(payload: bytes) -> None:
    with pytest.raises(PolicyInvalid):
        parse_policy(payload)


def test_the_longest_line_is_declared() -> None:
    comment, text = b"#" * toml_module.LINE_CHARACTERS, toml_file(policy_fields([])) + b"\n"
    assert parse_policy(text + comment)
    with pytest.raises(PolicyInvalid, match=rf"line {len(text.splitlines()) + 1} is longer"):
        parse_policy(text + comment + b"#")


@given(st.text(max_size=60))
@settings(max_examples=25)
def test_any_text_is_a_marking_or_wrong_usage(text: str) -> None:
    try:
        found = label(UK, text)
    except WrongUsage:
        return
    assert not UK.fault(found)
