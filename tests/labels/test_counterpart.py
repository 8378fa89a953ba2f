"""cordiale.labels.counterpart: the same protection in one's own scheme, for the same readers, from the policy's data alone."""

import pytest
from hypothesis import given

from cordiale.errors import PolicyInvalid
from cordiale.labels.counterpart import counterpart
from cordiale.labels.decision import below, decide
from cordiale.labels.label import Label
from cordiale.labels.policy import Policy
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from forge.verdict import refused
from labels.lattice import FR, TABLE, UK, label, valid_labels

BOTH = (Nation("fr"), Nation("uk"))
BY_ID = {"uk": UK, "fr": FR}


def found(given_: Label, policy: Policy, readers: tuple[Nation, ...] = BOTH) -> Label:
    return counterpart(given_, policy, TABLE, readers, created=Moment(7), originator=policy.nation)


@pytest.mark.parametrize(
    ("policy", "text", "other", "level"),
    [
        (UK, "OFFICIAL-SENSITIVE REL FRA", FR, "diffusion-restreinte"),
        (UK, "SECRET REL FRA", FR, "secret"),
        (UK, "TOP SECRET REL FRA", FR, "tres-secret"),
        (FR, "DIFFUSION RESTREINTE REL GBR", UK, "official-sensitive"),
        (FR, "TRÈS SECRET REL GBR", UK, "top-secret"),
    ],
)
def test_the_level_is_the_tables_and_the_readers_are_named(
    policy: Policy, text: str, other: Policy, level: str
) -> None:
    ceiling = label(policy, text)
    made = found(ceiling, other)
    assert (made.policy, made.classification, made.created) == (other.id, level, 7)
    assert decide(made, Nation(policy.nation), other, TABLE).release
    assert below(made, ceiling, BY_ID, TABLE, BOTH).release


def test_ones_own_label_stays_as_it_is() -> None:
    own = label(UK, "SECRET UK EYES ONLY")
    assert found(own, UK) is own


def test_alone_it_needs_no_reader() -> None:
    made = found(label(UK, "SECRET REL FRA"), FR, (Nation("fr"),))
    assert made.categories == ()


@pytest.mark.parametrize(
    ("text", "readers"),
    [("SECRET REL FRA", (Nation("fr"), Nation("uk"), Nation("zz"))), ("SECRET REL FRA", (Nation("xx"), Nation("fr")))],
)
def test_where_the_policy_cannot_release_to_a_reader_there_is_none(text: str, readers: tuple[Nation, ...]) -> None:
    with refused(PolicyInvalid):
        found(label(UK, text), FR, readers)


@given(valid_labels(UK))
def test_it_never_protects_less_nor_reaches_more(ceiling: Label) -> None:
    try:
        made = found(ceiling, FR)
    except PolicyInvalid:
        return
    assert made.classification == TABLE.translate(ceiling, "uk", "fr")
    assert not FR.fault(made)
    assert decide(made, Nation("uk"), FR, TABLE).release
    assert not decide(made, Nation("de"), FR, TABLE).release
