"""Single decisions: which rule decides, for what reason, and by what right."""

import timeit

import pytest

from cordiale.labels.decision import Decision, admit, below, decide, governing, reaches
from cordiale.labels.label import label_digest, make_label
from cordiale.labels.policy import Policy, parse_policy
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical
from labels.lattice import FR, NATO, POLICIES, TABLE, UK, label, policy_fields, toml_file

uk, fr, nato, de, ch = (Nation(code) for code in ("uk", "fr", "nato", "de", "ch"))


@pytest.mark.parametrize(
    ("policy", "text", "destination", "rule"),
    [
        (UK, "OFFICIAL-SENSITIVE REL FRA", "fr", "uk-releasable"),
        (UK, "OFFICIAL-SENSITIVE REL FRA", "uk", "cordiale-home"),
        (UK, "OFFICIAL-SENSITIVE REL FRA", "nato", "uk-default"),
        (UK, "OFFICIAL-SENSITIVE REL FRA, DEU", "de", "uk-no-agreement"),
        (UK, "OFFICIAL", "fr", "uk-default"),
        (UK, "SECRET UK EYES ONLY", "fr", "uk-eyes-only"),
        (UK, "SECRET UK/FR EYES ONLY", "fr", "uk-eyes-named"),
        (UK, "SECRET UK/US EYES ONLY REL FRA", "fr", "uk-eyes-only"),
        (UK, "HMG USE ONLY", "fr", "uk-hmg-use-only"),
        (UK, "TOP SECRET REL NATO", "fr", "uk-releasable"),
        (FR, "DIFFUSION RESTREINTE REL GBR", "uk", "fr-communicable"),
        (FR, "DIFFUSION RESTREINTE", "uk", "fr-default"),
        (FR, "SPÉCIAL FRANCE", "uk", "fr-special-france"),
        (FR, "SPÉCIAL FRANCE", "fr", "cordiale-home"),
        (FR, "CLASSIFICATION SPÉCIALE REL GBR", "uk", "fr-classification-speciale"),
        (NATO, "NATO SECRET", "de", "nato-member"),
        (NATO, "NATO SECRET", "ch", "nato-no-agreement"),
        (NATO, "NATO SECRET ATOMAL", "fr", "nato-additional-sensitivity"),
        (NATO, "NATO SECRET FRANCE ONLY", "uk", "nato-only"),
        (NATO, "NATO SECRET FRANCE ONLY", "fr", "nato-member"),
    ],
)
def test_the_rule_that_decides(policy: Policy, text: str, destination: str, rule: str) -> None:
    found = label(policy, text)
    decision = decide(found, Nation(destination), policy, TABLE)
    assert decision.rule == rule
    assert decision.destination == destination
    assert decision.policy_version == policy.edition
    assert decision.label_digest == label_digest(found)
    own = {each.id: each for each in (*policy.rules, policy.default)}
    if rule in own:
        assert (decision.reason, decision.source) == (own[rule].text, own[rule].source)
        assert bool(decision) == (rule in own and getattr(own[rule], "effect", "refuse") == "release")


def test_a_decision_can_be_logged_as_canonical_bytes() -> None:
    decision = decide(label(UK, "SECRET REL FRA"), fr, UK, TABLE)
    assert canonical.decode(canonical.encode(decision), Decision, limit=4096) == decision


def test_another_policys_label_is_refused_by_originator_control() -> None:
    assert decide(label(FR, "DIFFUSION RESTREINTE REL GBR"), de, UK, TABLE).rule == "uk-originator-control"
    bare = parse_policy(toml_file(policy_fields([])))
    assert decide(label(FR, "DIFFUSION RESTREINTE REL GBR"), de, bare, TABLE).rule == "cordiale-foreign-label"


def test_a_policy_may_let_foreign_labels_return_or_pass() -> None:
    rules: list[dict[str, object]] = [
        {"effect": "refuse", "when": {"label": "foreign", "destinations": ["cc"]}},
        {"effect": "release", "when": {"label": "foreign", "returning": True}},
        {"effect": "release", "when": {"label": "foreign", "destinations": ["bb"]}},
    ]
    policy = parse_policy(toml_file(policy_fields(rules)))
    theirs = label(FR, "DIFFUSION RESTREINTE", originator="anne@fr")
    answers = {to: decide(theirs, Nation(to), policy, TABLE).rule for to in ("cc", "fr", "bb", "dd")}
    assert answers == {"cc": "r0", "fr": "r1", "bb": "r2", "dd": "cordiale-foreign-label"}


def test_every_predicate_counts() -> None:
    rules: list[dict[str, object]] = [
        {"effect": "refuse", "when": {"at_least": "high", "destinations": ["bb"]}},
        {"effect": "release", "when": {"at_most": "low", "without": ["mark", "reader"], "destinations": ["bb", "dd"]}},
        {"effect": "release", "when": {"member": True}},
        {"effect": "release", "when": {"tag_set": "reader", "audience": "includes"}},
    ]
    policy = parse_policy(toml_file(policy_fields(rules)))

    def answer(text: str, to: str) -> str:
        return decide(label(policy, text), Nation(to), policy, TABLE).rule

    assert answer("low", "bb") == "r1"
    assert answer("low", "cc") == "r2"
    assert answer("low red", "bb") == "no"
    assert answer("middle", "bb") == "no"
    assert answer("middle rel bb", "bb") == "r3"
    assert answer("high rel bb", "bb") == "r0"
    assert answer("high rel bb", "dd") == "no"


def test_a_label_that_does_not_fit_is_refused_everywhere() -> None:
    wrong = make_label("uk", "secret", {"eyes-only": ["usa"]}, created=Moment(0), originator="uk")
    assert decide(wrong, uk, UK, TABLE).rule == "cordiale-label-invalid"
    assert "eyes-only/usa" in decide(wrong, fr, UK, TABLE).reason.fr
    good = label(UK, "SECRET")
    assert below(wrong, good, POLICIES, TABLE).rule == "cordiale-label-invalid"
    assert below(good, wrong, POLICIES, TABLE).rule == "cordiale-label-invalid"


def test_the_governing_policy_is_the_shared_one() -> None:
    theirs = label(NATO, "NATO SECRET")
    assert governing(theirs, UK, POLICIES) is NATO
    assert governing(theirs, UK, {}) is UK
    assert governing(label(FR, "SECRET"), UK, POLICIES) is UK
    assert governing(label(UK, "SECRET"), UK, POLICIES) is UK


@pytest.mark.parametrize(
    ("policy", "text", "origin", "rule"),
    [
        (UK, "SECRET REL FRA", uk, "cordiale-admitted"),
        (UK, "SECRET", uk, "cordiale-not-released-to-us"),
        (UK, "SECRET REL FRA", de, "cordiale-not-the-origins-policy"),
        (UK, "SECRET REL FRA", nato, "cordiale-not-the-origins-policy"),
        (FR, "SECRET REL GBR", uk, "cordiale-not-the-origins-policy"),
        (NATO, "NATO SECRET", uk, "cordiale-admitted"),
        (NATO, "NATO SECRET", de, "cordiale-admitted"),
        (NATO, "NATO SECRET", ch, "cordiale-not-the-origins-policy"),
        (NATO, "NATO SECRET ATOMAL", uk, "cordiale-not-released-to-us"),
    ],
)
def test_what_comes_into_france(policy: Policy, text: str, origin: Nation, rule: str) -> None:
    assert admit(label(policy, text), fr, origin, FR, TABLE, POLICIES).rule == rule


def test_a_shared_policy_is_shared_by_both_ends() -> None:
    found = label(NATO, "NATO SECRET REL CHE")
    assert admit(found, ch, uk, FR, TABLE, POLICIES).rule == "cordiale-not-the-origins-policy"
    assert admit(found, fr, nato, FR, TABLE, POLICIES).rule == "cordiale-admitted"


def test_what_cannot_be_read_or_compared_does_not_come_in() -> None:
    found = label(UK, "SECRET REL FRA")
    assert admit(found, fr, uk, FR, TABLE).rule == "cordiale-policy-unknown"
    odd = make_label("uk", "unheard-of", {}, created=Moment(0), originator="uk")
    assert admit(odd, fr, uk, FR, TABLE, POLICIES).rule == "cordiale-no-equivalent"


@pytest.mark.parametrize(
    ("clearance", "policy", "text", "rule"),
    [
        ("secret", UK, "SECRET", "cordiale-clearance-reaches"),
        ("tres-secret", UK, "SECRET", "cordiale-clearance-reaches"),
        ("secret", UK, "TOP SECRET", "cordiale-clearance-too-low"),
        ("diffusion-restreinte", NATO, "NATO CONFIDENTIAL", "cordiale-clearance-too-low"),
        ("secret", FR, "SECRET", "cordiale-clearance-reaches"),
        ("top-secret", FR, "SECRET", "cordiale-clearance-unknown"),
    ],
)
def test_a_french_clearance(clearance: str, policy: Policy, text: str, rule: str) -> None:
    decision = reaches(clearance, label(policy, text), FR, TABLE)
    assert decision.rule == rule
    assert decision.release == (rule == "cordiale-clearance-reaches")


def test_a_clearance_without_an_equivalent_reaches_nothing() -> None:
    other = make_label("de", "geheim", {}, created=Moment(0), originator="de")
    assert reaches("tres-secret", other, FR, TABLE).rule == "cordiale-no-equivalent"


@pytest.mark.parametrize(
    ("policy", "text", "ceiling", "rule"),
    [
        (UK, "OFFICIAL-SENSITIVE REL FRA", "DIFFUSION RESTREINTE REL GBR", "cordiale-within-ceiling"),
        (UK, "OFFICIAL REL FRA", "DIFFUSION RESTREINTE REL GBR", "cordiale-within-ceiling"),
        (UK, "SECRET REL FRA", "DIFFUSION RESTREINTE REL GBR", "cordiale-above-ceiling"),
        (UK, "OFFICIAL UK EYES ONLY", "DIFFUSION RESTREINTE REL GBR", "cordiale-excludes-a-member"),
        (UK, "OFFICIAL", "DIFFUSION RESTREINTE REL GBR", "cordiale-excludes-a-member"),
        (FR, "SPÉCIAL FRANCE", "DIFFUSION RESTREINTE REL GBR", "cordiale-excludes-a-member"),
        (FR, "SPÉCIAL FRANCE", "SECRET", "cordiale-within-ceiling"),
        (FR, "SECRET", "SECRET", "cordiale-within-ceiling"),
        (NATO, "NATO RESTRICTED", "DIFFUSION RESTREINTE REL GBR", "cordiale-within-ceiling"),
        (NATO, "NATO CONFIDENTIAL", "DIFFUSION RESTREINTE REL GBR", "cordiale-above-ceiling"),
    ],
)
def test_a_message_and_its_rooms_ceiling(policy: Policy, text: str, ceiling: str, rule: str) -> None:
    assert below(label(policy, text), label(FR, ceiling), POLICIES, TABLE).rule == rule


def test_the_rooms_own_nations_may_be_named() -> None:
    found, ceiling = label(UK, "OFFICIAL REL FRA"), label(NATO, "NATO RESTRICTED")
    assert below(found, ceiling, POLICIES, TABLE).rule == "cordiale-within-ceiling"
    assert below(found, ceiling, POLICIES, TABLE, (uk, fr, de)).reason.en.endswith("de: uk-no-agreement.")


def test_a_ceiling_that_cannot_be_compared_holds_nothing() -> None:
    found, other = label(UK, "OFFICIAL"), make_label("de", "offen", {}, created=Moment(0), originator="de")
    assert below(found, other, POLICIES, TABLE).rule == "cordiale-policy-unknown"
    assert below(other, found, POLICIES, TABLE).policy_version == "de"
    bare = parse_policy(toml_file(policy_fields([])))
    assert below(label(bare, "low"), found, {**POLICIES, "aa": bare}, TABLE).rule == "cordiale-no-equivalent"


def test_a_decision_takes_microseconds() -> None:
    found = label(UK, "OFFICIAL-SENSITIVE REL FRA")
    assert min(timeit.repeat(lambda: decide(found, fr, UK, TABLE), number=500, repeat=5)) / 500 < 200e-6
