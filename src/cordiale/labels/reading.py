"""From what people type (`off-sens rel fra`, `SPECIAL FRANCE`) to the identifiers of a policy.

Case, accents, hyphens and punctuation don't matter; the longest phrase wins. A template is a marking with `{values}`
in it: what stands before is an opener (`REL {values}`), what stands after a closer (`{values} EYES ONLY`), and
`{values}` alone means that the values stand for themselves.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from cordiale.errors import WrongUsage
from cordiale.wire.canonical import Record

TEXT_CHARACTERS: Final = 1024
PLACEHOLDER: Final = "{values}"

Words = tuple[str, ...]
_WORD: Final = re.compile(r"[a-z0-9]+")
_JOINERS: Final = frozenset({"and", "et"})


class Lexicon(Record, frozen=True):
    """Every phrase of a policy, folded. `examples` are whole phrases for suggestions."""

    classifications: Mapping[Words, str]
    values: Mapping[str, Mapping[Words, str]]
    openers: Mapping[Words, str]
    closers: Mapping[Words, str]
    bare: Sequence[str]
    examples: tuple[str, ...]


class Reading(Record, frozen=True):
    """What a text says: at most one classification, and values by tag set."""

    classification: str
    values: Mapping[str, frozenset[str]]


def fold(text: str) -> Words:
    """The words of a text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(_WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


def split_template(template: str) -> tuple[Words, Words]:
    """What stands before and after the values."""
    before, _, after = template.partition(PLACEHOLDER)
    return fold(before), fold(after)


def read(text: str, lexicon: Lexicon) -> Reading:
    """Read a marking, or `WrongUsage` naming the words that were not understood and what is near to them."""
    if len(text) > TEXT_CHARACTERS:
        raise WrongUsage(f"a marking of {len(text)} characters; {TEXT_CHARACTERS} are allowed")
    words, at, classification = fold(text), 0, ""
    values: dict[str, frozenset[str]] = {}
    while at < len(words):
        tag_set, chosen, end = _values_at(words, at, lexicon)
        if end > at:
            values[tag_set] = values.get(tag_set, frozenset()) | chosen
        else:
            end = _longest(words, at, lexicon.classifications)
            if end == at:
                raise WrongUsage(_unknown(words[at:], lexicon))
            found = lexicon.classifications[words[at:end]]
            if classification not in ("", found):
                raise WrongUsage(f"two classifications in one marking: {classification} and {found}")
            classification = found
        at = end
    return Reading(classification, values)


def _values_at(words: Words, at: int, lexicon: Lexicon) -> tuple[str, frozenset[str], int]:
    """The tag set, values and end of the marking that starts at `at`; the end is `at` where none does."""
    for tag_set, phrases in lexicon.values.items():
        chosen, middle = _run(words, at, phrases)
        end = _longest(words, middle, lexicon.closers)
        if chosen and end > middle and lexicon.closers[words[middle:end]] == tag_set:
            return tag_set, chosen, end
    middle = _longest(words, at, lexicon.openers)
    if middle > at:
        tag_set = lexicon.openers[words[at:middle]]
        chosen, end = _run(words, middle, lexicon.values[tag_set])
        if not chosen:
            raise WrongUsage(_unknown(words[middle:], lexicon) if words[middle:] else "a marking ends too early")
        return tag_set, chosen, end
    for tag_set in lexicon.bare:
        end = _longest(words, at, lexicon.values[tag_set])
        if end > at and end >= _longest(words, at, lexicon.classifications):
            return tag_set, frozenset({lexicon.values[tag_set][words[at:end]]}), end
    return "", frozenset(), at


def _run(words: Words, at: int, phrases: Mapping[Words, str]) -> tuple[frozenset[str], int]:
    chosen: set[str] = set()
    while True:
        start = at + 1 if chosen and at < len(words) and words[at] in _JOINERS else at
        end = _longest(words, start, phrases)
        if end == start:
            return frozenset(chosen), at
        chosen.add(phrases[words[start:end]])
        at = end


def _longest(words: Words, at: int, phrases: Iterable[Words]) -> int:
    """Where the longest of `phrases` that starts at `at` ends; `at` where none does."""
    return max((at + len(phrase) for phrase in phrases if words[at : at + len(phrase)] == phrase), default=at)


def _unknown(words: Words, lexicon: Lexicon) -> str:
    text = " ".join(words)[:60]
    by_words = {" ".join(fold(example)): example for example in lexicon.examples}
    near = [by_words[match] for match in get_close_matches(text, by_words, n=4, cutoff=0.4)]
    near = near or list(lexicon.examples[:6])
    return f"“{text}” is not a marking of this policy; near to it: {', '.join(near)}"
