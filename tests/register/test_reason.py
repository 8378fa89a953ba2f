"""Reasons of refusals: every rule has its words in both languages, and every rule that the code names is there."""

import re
from inspect import getsource
from string import Formatter

import pytest

from cordiale.register import backing, fold, reason, sight, workflow
from cordiale.register.reason import RULES, WORDS, because
from cordiale.register.workflow import Status, Step


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def named() -> set[tuple[str, frozenset[str]]]:
    """The rules named in the code, with the facts given to each."""
    source = "".join(map(getsource, (backing, fold, sight, workflow)))
    found = re.findall(r"because\(\s*\"([a-z-]+)\"((?:,\s*\w+=[^=]*?)*)\s*\)(?=\s|$|\n)", source)
    return {(rule, frozenset(re.findall(r"(\w+)=", facts))) for rule, facts in found}


@pytest.mark.parametrize("rule", RULES)
def test_both_languages_take_the_same_facts_and_differ(rule: str) -> None:
    words = RULES[rule]
    assert fields(words.en) == fields(words.fr)
    assert words.en != words.fr


def test_the_code_names_all_rules_and_no_other() -> None:
    assert {rule for rule, _ in named()} == set(RULES)


def test_each_step_and_state_has_its_french_word() -> None:
    assert {each.value for each in (*Step, *Status)} == set(WORDS)


def test_a_reason_is_worded_for_whoever_reads_it() -> None:
    found = because("step", step="last-key", status="objected")
    assert found.text("en") == "last-key is not possible while the record is objected"
    assert found.text("fr") == "tourner la dernière clé n’est pas possible dans l’état « contestée »"
    assert because("key-turned", nation="fr").text("fr") == "la clé de fr est déjà tournée"
    assert reason.because("objected", nation="{nation}").text("en") == "{nation} objected"
