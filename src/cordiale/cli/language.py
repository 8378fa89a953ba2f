"""In which language to speak: English, or French from the gettext catalogue beside the code.

Chosen by `--lang`, then `CORDIALE_LANG`, `LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is set; English for any
other. The catalogue is a plain `.po` file, read when the first French sentence is needed; what it lacks, and all of it
where the file is damaged, is said in English.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Final, Protocol, cast

from cordiale.errors import WrongUsage

LANGUAGES: Final = ("en", "fr")
OPTION: Final = "--lang"
VARIABLES: Final = ("CORDIALE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

READER: Final = "cordiale.cli.sentences"
"""Imported with the first sentence that is not English: a quarter of the time that `--help` takes."""


class _Reader(Protocol):
    def read(self, language: str) -> Mapping[str, str]: ...


_spoken: ContextVar[str] = ContextVar("spoken", default="en")


def choose(environment: Mapping[str, str]) -> str:
    """The language that the environment asks for."""
    for name in VARIABLES:
        if value := environment.get(name):
            code = value.partition(".")[0].partition("_")[0].partition("-")[0].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def take_option(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The language given by `--lang`, or empty, and the arguments without it. After `--` nothing is an option."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    chosen, kept, place = "", list[str](), 0
    while place < end:
        name, equals, value = arguments[place].partition("=")
        if name != OPTION:
            kept.append(arguments[place])
        else:
            if not equals:
                place += 1
                value = arguments[place] if place < end else ""
            if value not in LANGUAGES:
                raise WrongUsage(f"{OPTION} {value[:20]!r}: en, fr")
            chosen = value
        place += 1
    return chosen, kept + list(arguments[end:])


def speak(language: str) -> None:
    """From now on, `_` answers in this language."""
    _spoken.set(language)


def spoken() -> str:
    """The language in use: `en` or `fr`."""
    return _spoken.get()


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The sentences of a language by their English ones."""
    if language == "en":
        return {}
    return cast(_Reader, import_module(READER)).read(language)


def _(message: str) -> str:
    """A sentence in the language in use."""
    return catalogue(_spoken.get()).get(message, message)


def mark(message: str) -> str:
    """Name a sentence for the catalogue where it is written down; it is translated where it is shown."""
    return message
