"""The languages that Cordiale speaks, and its sentences in them: English as written in the code, French from the gettext
catalogue beside it. What the catalogue lacks, and all of it where the file is damaged, is said in English."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Protocol, cast

LANGUAGES: Final = ("en", "fr")
READER: Final = "cordiale.wiring.sentences"
"""Imported with the first sentence that is not English: a quarter of the time that `--help` takes."""


class _Reader(Protocol):
    def read(self, language: str) -> Mapping[str, str]: ...


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The sentences of a language by their English ones."""
    if language == "en":
        return {}
    return cast(_Reader, import_module(READER)).read(language)


def say(language: str, message: str) -> str:
    """A sentence in a language."""
    return catalogue(language).get(message, message)


def mark(message: str) -> str:
    """Name a sentence for the catalogue where it is written down; it is translated where it is shown."""
    return message
