"""cordiale.labels.protection: what replaces a text may be kept closer, never opened wider."""

import pytest

from cordiale.labels.label import Label
from cordiale.labels.policy import Policy
from cordiale.labels.protection import protects
from cordiale.vocab.moment import Moment
from labels.lattice import FR, TABLE, UK


def marked(policy: Policy, text: str) -> Label:
    return policy.parse_marking(text, created=Moment(0), originator=policy.nation)


@pytest.mark.parametrize(
    ("policy", "new", "old", "held"),
    [
        (UK, "OFFICIAL-SENSITIVE REL FRA", "OFFICIAL-SENSITIVE REL FRA", True),
        (UK, "SECRET REL FRA", "OFFICIAL-SENSITIVE REL FRA", True),
        (UK, "OFFICIAL REL FRA", "OFFICIAL-SENSITIVE REL FRA", False),
        (UK, "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE REL FRA", True),
        (UK, "OFFICIAL-SENSITIVE REL FRA", "OFFICIAL-SENSITIVE", False),
        (UK, "SECRET REL FRA, USA", "SECRET REL FRA", False),
        (UK, "SECRET UK EYES ONLY", "SECRET REL FRA", True),
        (UK, "SECRET REL FRA", "SECRET UK EYES ONLY", False),
        (FR, "DIFFUSION RESTREINTE REL GBR", "DIFFUSION RESTREINTE SPÉCIAL FRANCE", False),
        (FR, "DIFFUSION RESTREINTE SPÉCIAL FRANCE", "DIFFUSION RESTREINTE REL GBR", True),
    ],
)
def test_no_lower_and_no_wider(policy: Policy, new: str, old: str, held: bool) -> None:
    assert protects(marked(policy, new), marked(policy, old), policy, TABLE) is held


def test_another_scheme_is_no_answer() -> None:
    ours, theirs = marked(UK, "SECRET REL FRA"), marked(FR, "DIFFUSION RESTREINTE REL GBR")
    assert not protects(ours, theirs, UK, TABLE)
    assert not protects(theirs, ours, UK, TABLE)
