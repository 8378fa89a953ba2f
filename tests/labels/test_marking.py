"""Markings in both languages, in the label's own scheme and in the reader's."""

import pytest

from cordiale.labels.label import make_label
from cordiale.labels.marking import marking, marking_for
from cordiale.labels.policy import Policy
from cordiale.vocab.moment import Moment
from labels.lattice import FR, NATO, POLICIES, TABLE, UK, label


@pytest.mark.parametrize(
    ("policy", "text", "en", "fr"),
    [
        (
            UK,
            "OFFICIAL-SENSITIVE REL FRA",
            "OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE",
            "OFFICIAL-SENSITIVE – COMMUNICABLE À : FRANCE",
        ),
        (UK, "TS UK/US EYES ONLY", "TOP SECRET – UK/US EYES ONLY", "TOP SECRET – UK/US EYES ONLY"),
        (
            UK,
            "SECRET LOCSEN REL DEU FRA",
            "SECRET – LOCSEN – RELEASABLE TO GERMANY, FRANCE",
            "SECRET – LOCSEN – COMMUNICABLE À : ALLEMAGNE, FRANCE",
        ),
        (
            FR,
            "DR REL GBR",
            "DIFFUSION RESTREINTE – RELEASABLE TO UNITED KINGDOM",
            "DIFFUSION RESTREINTE – COMMUNICABLE À : ROYAUME-UNI",
        ),
        (FR, "SECRET SF", "SECRET – SPÉCIAL FRANCE", "SECRET – SPÉCIAL FRANCE"),
        (NATO, "CTS", "COSMIC TOP SECRET", "COSMIC TRÈS SECRET"),
        (NATO, "NS ATOMAL STAFF", "NATO SECRET – ATOMAL – STAFF", "NATO SECRET – ATOMAL – STAFF"),
    ],
)
def test_markings_in_two_languages(policy: Policy, text: str, en: str, fr: str) -> None:
    assert marking(label(policy, text), policy, "en") == en
    assert marking(label(policy, text), policy, "fr") == fr
    assert marking(label(policy, text), policy, "xx") == en


def test_a_french_reader_sees_a_french_marking_beside_the_original() -> None:
    shown = marking_for(label(UK, "OFFICIAL-SENSITIVE REL FRA"), FR, POLICIES, TABLE, "fr")
    assert shown.text == "DIFFUSION RESTREINTE – COMMUNICABLE À : FRANCE"
    assert shown.original == "UK OFFICIAL-SENSITIVE – COMMUNICABLE À : FRANCE"
    assert (shown.classification, shown.equivalent) == ("diffusion-restreinte", True)
    assert shown.colour == FR.classifications["diffusion-restreinte"].colour


def test_ones_own_marking_is_not_an_equivalent() -> None:
    shown = marking_for(label(FR, "SECRET"), FR, {}, TABLE, "en")
    assert (shown.text, shown.original, shown.equivalent) == ("SECRET", "FR SECRET", False)


def test_what_has_no_equivalent_is_shown_as_it_is_in_the_gravest_colour() -> None:
    other = make_label("de", "geheim", {"rel": ["a", "b"]}, created=Moment(0), originator="de")
    shown = marking_for(other, UK, POLICIES, TABLE, "en")
    assert shown.text == shown.original == "DE/GEHEIM – REL: A, B"
    assert (shown.classification, shown.equivalent) == ("", False)
    assert shown.colour == UK.classifications["top-secret"].colour


def test_what_a_policy_does_not_know_is_never_hidden() -> None:
    odd = make_label(
        "uk", "secret", {"odd": ["x"], "releasable-to": ["fra", "zzz"]}, created=Moment(0), originator="uk"
    )
    assert marking(odd, UK, "en") == "SECRET – RELEASABLE TO FRANCE, ZZZ – ODD: X"
    assert marking(make_label("uk", "odd", {}, created=Moment(0), originator="uk"), UK, "en") == "UK/ODD"
    assert marking(odd, FR, "en") == "UK/SECRET – ODD: X – RELEASABLE-TO: FRA, ZZZ"


def test_a_label_whose_policy_is_not_here_still_has_its_level_where_the_table_knows_it() -> None:
    shown = marking_for(label(UK, "SECRET REL FRA"), FR, {}, TABLE, "fr")
    assert shown.text == "SECRET – RELEASABLE-TO: FRA"
    assert shown.original == "UK/SECRET – RELEASABLE-TO: FRA"
    assert shown.equivalent
