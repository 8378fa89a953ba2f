"""The parser's complaints in our words, in both languages."""

import pytest
from cyclopts import CycloptsError
from cyclopts.exceptions import CoercionError

from cli.kit import Cordiale
from cordiale.cli.usage import wrong_usage

COMPLAINTS = [
    ("verify", "BUNDLE is missing", "il manque BUNDLE"),
    ("room list --agent", "--agent is missing", "il manque --agent"),
    ("send r t --agent x --wait soon", "--wait cannot be 'soon'", "--wait ne peut pas être 'soon'"),
    ("room list --agent x --nonsense", "there is no option --nonsense", "l'option --nonsense n'existe pas"),
    ("room list --agent x --agent y", "--agent is given twice", "--agent est donné deux fois"),
    ("room nonsense", "there is no command 'nonsense'", "la commande 'nonsense' n'existe pas"),
    ("room show a b --agent x", "'b' is one word too many", "'b' est de trop"),
]


@pytest.mark.parametrize(("line", "english", "french"), COMPLAINTS)
def test_a_complaint(line: str, english: str, french: str, cordiale: Cordiale) -> None:
    assert english in cordiale(*line.split()).err
    assert french in cordiale(*line.split(), "--lang", "fr").err


def test_any_other_complaint_is_passed_on() -> None:
    assert wrong_usage(CycloptsError(msg="something\nlong")).detail == "something"
    assert wrong_usage(CycloptsError(msg="", verbose=False)).detail == "CycloptsError"
    assert wrong_usage(CoercionError(msg="x")).detail == "? cannot be ''"
