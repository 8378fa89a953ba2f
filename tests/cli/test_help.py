"""Every command helps in both languages, with examples that it would understand itself."""

import re
import shlex

import pytest
from tools.catalogue import commands

from cli.kit import Cordiale
from cordiale.cli import main
from cordiale.wiring.catalogue import catalogue

LEAVES = [words for words, app in commands() if app.default_command is not None]
GROUPS = [words for words, app in commands() if app.default_command is None]
HEADING = {"en": "For example:", "fr": "Par exemple\u00a0:"}


def examples(page: str, heading: str) -> list[str]:
    """The commands that a page shows as examples."""
    return [line.strip() for line in page.partition(heading)[2].splitlines() if line.startswith("  cordiale ")]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_a_command_helps_with_an_example(words: tuple[str, ...], language: str, cordiale: Cordiale) -> None:
    found = cordiale(*words, "--help", "--lang", language)
    assert found.status == 0
    assert found.err == ""
    shown = examples(found.out, HEADING[language])
    assert any(example.startswith(f"cordiale {' '.join(words)}") for example in shown)


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_an_example_is_understood(words: tuple[str, ...], cordiale: Cordiale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDIALE_AGENT", "agent")
    monkeypatch.setenv("CORDIALE_NATION", "nation")
    for example in examples(cordiale(*words, "--help").out, HEADING["en"]):
        command, _, _ = main.build().parse_args(shlex.split(example)[1:], exit_on_error=False, print_error=False)
        assert command.__module__.startswith("cordiale.cli.")


@pytest.mark.parametrize("words", [*LEAVES, *GROUPS], ids=" ".join)
def test_nothing_stays_english_in_french(words: tuple[str, ...], cordiale: Cordiale) -> None:
    page = " ".join(cordiale(*words, "--help", "--lang", "fr").out.split())
    english = [text for text, french in catalogue("fr").items() if text != french and len(text) > 20]
    assert [text for text in english if text in page] == []


@pytest.mark.parametrize("words", GROUPS, ids=" ".join)
def test_a_group_lists_its_commands(words: tuple[str, ...], cordiale: Cordiale) -> None:
    page = cordiale(*words, "--help").out
    for leaf in LEAVES:
        if leaf[:-1] == words:
            assert re.search(rf"^  {leaf[-1]}  +[A-Z]", page, re.MULTILINE)


def test_a_group_alone_shows_its_help(cordiale: Cordiale) -> None:
    assert cordiale("room").out == cordiale("room", "--help").out
    assert cordiale().out == cordiale("--help").out
