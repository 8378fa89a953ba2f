"""A sentence or a marking in the two languages of the declaration."""

from typing import Annotated, Final, Literal

import msgspec

from cordiale.wire.canonical import Record

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=600)]


class Phrase(Record, frozen=True):
    """The same text in English and in French; both are always there."""

    en: Text
    fr: Text

    def text(self, language: str) -> str:
        """In `language`; English for any language that is not French."""
        return self.fr if language == "fr" else self.en
