"""Every error says whose fault it is, what happened and what to do, under a code of its own."""

import re
import string

import pytest

from cordiale import errors
from cordiale.errors import CordialeError, LocalMisuse, PeerViolation, PolicyRefusal, Unavailable, fill

FAMILIES = (LocalMisuse, PeerViolation, PolicyRefusal, Unavailable)
LEAVES = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, CordialeError) and kind not in (CordialeError, *FAMILIES)
]
MOST = 32

leaves = pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)


def test_there_are_few() -> None:
    assert 15 <= len(LEAVES) <= MOST


def test_codes_and_sentences_are_their_own() -> None:
    for own in ("code", "happened", "next_step"):
        values = [getattr(leaf, own) for leaf in LEAVES]
        repeated = {value for value in values if values.count(value) > 1}
        assert repeated == set(), own


@leaves
def test_a_leaf_is_of_one_family_and_has_all_its_words(leaf: type[CordialeError]) -> None:
    assert [family for family in FAMILIES if family in leaf.__bases__] == list(leaf.__bases__)
    assert {"code", "happened", "next_step"} <= vars(leaf).keys()
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", leaf.code)
    assert leaf.next_step.endswith(".")
    assert leaf.happened[0].isupper() or leaf.happened.startswith("{")


@leaves
def test_the_code_is_the_name(leaf: type[CordialeError]) -> None:
    assert leaf.code == re.sub(r"(?<!^)(?=[A-Z])", "-", leaf.__name__).lower()


@leaves
def test_only_wrong_usage_ends_with_2(leaf: type[CordialeError]) -> None:
    assert leaf.exit_status == (2 if leaf is errors.WrongUsage else 1)


@leaves
def test_facts_fill_the_braces_and_missing_ones_do_not_raise(leaf: type[CordialeError]) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(leaf.happened) if name}
    facts = {name: f"<{name}>" for name in names - {"detail", "rule"}}
    shown = str(leaf("<detail>", rule="<rule>", **facts))
    assert all(f"<{name}>" in shown for name in names)
    assert "{" not in str(leaf())


def test_the_law_that_was_applied_travels_with_the_error() -> None:
    error = errors.NotReleasable("why", rule="uk-eyes-only", nation="uk", destination="fr")
    assert (error.rule, error.facts["rule"], error.detail) == ("uk-eyes-only", "uk-eyes-only", "why")
    assert str(error) == "The border of uk refused release to fr: why"


def test_braces_in_facts_are_left_alone() -> None:
    assert fill("It was {detail}", {"detail": "{rule}"}) == "It was {rule}"


def test_an_empty_detail_leaves_no_trailing_colon() -> None:
    assert str(errors.BadSignature()) == "A signature does not verify"
