"""Reading a gettext catalogue. Apart, as it is imported only where another language than English is spoken."""

from collections.abc import Mapping
from importlib.resources import files

from babel.messages.pofile import read_po


def read(language: str) -> Mapping[str, str]:
    """The sentences of a language by their English ones; none where the file is missing or damaged."""
    try:
        with (files("cordiale") / "locale" / language / "LC_MESSAGES" / "cordiale.po").open("rb") as file:
            messages = read_po(file, locale=language)
    except (OSError, ValueError):
        return {}
    return {str(each.id): str(each.string) for each in messages if each.id and each.string and not each.fuzzy}
