"""The canonical confidentiality label (modelled on STANAG 4774 / ADatP-4774 Ed. A v. 1, § 4.4).

A label names a policy, one classification of it and the categories that restrict or widen its readers. What these names
mean is said by the policy file alone. One label has one byte string: identifiers are lower-case ASCII, categories and
their values are sorted and unique, everything is bounded; a label that is not so cannot be constructed.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

from cordiale.crypto.digest import sha256
from cordiale.errors import LimitExceeded, Malformed
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Address, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

VERSION: Final = 1
IDENTIFIER_PATTERN: Final = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
IDENTIFIER_CHARACTERS: Final = 48
CATEGORIES: Final = 16
VALUES: Final = 64
"""Categories in a label, and values in a category."""

_IDENTIFIER: Final = re.compile(IDENTIFIER_PATTERN)


class Category(Record, frozen=True, order=True):
    """A tag set of the policy and the values chosen from it: at least one, sorted, unique."""

    tag_set: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        _require_identifier("tag set", self.tag_set)
        if not 0 < len(self.values) <= VALUES:
            raise Malformed(f"{self.tag_set} has {len(self.values)} values; 1 to {VALUES} are allowed", what="label")
        for value in self.values:
            _require_identifier("value", value)
        _require_sorted(f"the values of {self.tag_set}", self.values)


class Label(Record, frozen=True):
    """What a message may be shown to, and to whom. `originator` is an address or a nation; `created` is in ms UTC."""

    version: int
    policy: str
    classification: str
    categories: tuple[Category, ...]
    created: int
    originator: str

    def __post_init__(self) -> None:
        if type(self.version) is not int or self.version != VERSION:
            raise Malformed(f"version {self.version} is not known; {VERSION} is", what="label")
        _require_identifier("policy", self.policy)
        _require_identifier("classification", self.classification)
        if len(self.categories) > CATEGORIES:
            raise Malformed(f"{len(self.categories)} categories; {CATEGORIES} are allowed", what="label")
        _require_sorted("the categories", tuple(category.tag_set for category in self.categories))
        if type(self.created) is not int or not 0 <= self.created <= LATEST:
            raise Malformed("created is not a whole number of milliseconds from 1970 to 9999", what="label")
        _require_originator(self.originator)

    def values(self, tag_set: str) -> tuple[str, ...]:
        """The values of one tag set; empty where the label has none."""
        for category in self.categories:
            if category.tag_set == tag_set:
                return category.values
        return ()


def make_label(
    policy: str,
    classification: str,
    categories: Mapping[str, Iterable[str]],
    *,
    created: Moment,
    originator: str,
) -> Label:
    """A label from categories in any order; tag sets without values are left out."""
    chosen = {tag_set: tuple(sorted(set(values))) for tag_set, values in categories.items()}
    sorted_categories = tuple(Category(name, values) for name, values in sorted(chosen.items()) if values)
    return Label(VERSION, policy, classification, sorted_categories, created, originator)


def encode_label(label: Label) -> bytes:
    """The canonical bytes; `LimitExceeded` past `limits.LABEL_BYTES`."""
    data = canonical.encode(label)
    if len(data) > limits.LABEL_BYTES:
        raise LimitExceeded(f"label: {len(data)} bytes, {limits.LABEL_BYTES} allowed")
    return data


@lru_cache(maxsize=1024)
def decode_label(data: bytes) -> Label:
    """Exactly what `encode_label` writes, else `Malformed` or `LimitExceeded`."""
    return canonical.decode(data, Label, limit=limits.LABEL_BYTES)


@lru_cache(maxsize=4096)
def label_digest(label: Label) -> Digest:
    """SHA-256 of the canonical bytes: how a decision names the label it is about. (Asked of one label many times.)"""
    return sha256(canonical.encode(label))


def _require_identifier(what: str, text: str) -> None:
    if len(text) > IDENTIFIER_CHARACTERS or not _IDENTIFIER.fullmatch(text):
        raise Malformed(f"{what} {text[:16]!r} is not lower-case letters, digits and single hyphens", what="label")


def _require_sorted(what: str, names: tuple[str, ...]) -> None:
    if any(left >= right for left, right in pairwise(names)):
        raise Malformed(f"{what} are not sorted and unique", what="label")


def _require_originator(text: str) -> None:
    if "@" in text:
        Address.parse(text)
    else:
        parse_nation(text)
