"""In which language to speak: English, or French from the gettext catalogue beside the code.

Chosen by `--lang`, then `CORDIALE_LANG`, `LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is set; English for any
other. The sentences are `cordiale.wiring.catalogue`'s.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Final

from cordiale.errors import WrongUsage
from cordiale.wiring.catalogue import LANGUAGES, mark, say

__all__ = ["LANGUAGES", "_", "choose", "mark", "speak", "spoken", "take_option"]

OPTION: Final = "--lang"
VARIABLES: Final = ("CORDIALE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

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


def _(message: str) -> str:
    """A sentence in the language in use."""
    return say(_spoken.get(), message)
