"""Which language is spoken, and that it is spoken even where the catalogue is not there."""

from pathlib import Path

import pytest

from cordiale.cli import language
from cordiale.cli.language import LANGUAGES, choose, mark, speak, spoken, take_option
from cordiale.errors import WrongUsage
from cordiale.wiring import sentences
from cordiale.wiring.catalogue import catalogue


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr-CA"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr"),
        ({"LC_MESSAGES": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "fr_FR", "CORDIALE_LANG": "en"}, "en"),
        ({"LC_ALL": "C", "CORDIALE_LANG": "FR"}, "fr"),
        ({"LC_ALL": "", "LANG": "fr_FR"}, "fr"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], chosen: str) -> None:
    assert choose(environment) == chosen


@pytest.mark.parametrize(
    ("arguments", "chosen", "rest"),
    [
        ([], "", []),
        (["--lang", "fr", "room", "list"], "fr", ["room", "list"]),
        (["room", "--lang=fr", "list"], "fr", ["room", "list"]),
        (["room", "list", "--lang", "en"], "en", ["room", "list"]),
        (["--lang", "en", "--lang", "fr"], "fr", []),
        (["send", "room", "--", "--lang", "xx"], "", ["send", "room", "--", "--lang", "xx"]),
    ],
)
def test_the_option_is_taken_out_wherever_it_stands(arguments: list[str], chosen: str, rest: list[str]) -> None:
    assert take_option(arguments) == (chosen, rest)


@pytest.mark.parametrize("arguments", [["--lang"], ["--lang", "de"], ["--lang="], ["--lang", "--", "fr"]])
def test_another_language_is_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(WrongUsage):
        take_option(arguments)


def test_what_is_said_follows_the_language() -> None:
    try:
        speak("fr")
        assert spoken() == "fr"
        assert language._("No messages.") == "Aucun message."
        assert language._("never heard of") == "never heard of"
        speak("en")
        assert language._("No messages.") == "No messages."
    finally:
        speak("en")


def test_without_a_catalogue_all_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.cache_clear()
    try:
        monkeypatch.setattr(sentences, "files", Path)
        assert catalogue("fr") == {}
    finally:
        catalogue.cache_clear()


def test_marking_a_sentence_leaves_it() -> None:
    assert mark("a sentence") == "a sentence"
    assert LANGUAGES == ("en", "fr")
