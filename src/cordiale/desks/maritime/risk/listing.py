"""A vessel on a list, and a list as it was read: every row keeps its list, its date and its licence."""

from typing import Final, NamedTuple

import msgspec

from cordiale.labels.phrase import Phrase

SHOWN: Final = 20
"""Broken rows that are named one by one."""


class Publication(msgspec.Struct, frozen=True):
    """Who publishes a list and how it may be used; a row of `data/lists.toml`."""

    code: str
    form: str
    title: Phrase
    publisher: str
    licence: str
    commercial: bool
    """Whether the licence allows commercial use. Packs that don't can be left out as a whole."""


class Listing(msgspec.Struct, frozen=True):
    """One vessel on one list. Dates are ISO 8601 days; what a list doesn't say is empty, `built` then 0."""

    list: str
    row: str
    """The list's own reference, or the row's number."""
    names: tuple[str, ...]
    """The first is the list's main name; former names and aliases follow."""
    imo: tuple[int, ...] = ()
    mmsi: tuple[int, ...] = ()
    call_signs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    programme: str = ""
    listed: str = ""
    reason: str = ""
    built: int = 0


class Broken(NamedTuple):
    """A row that could not be read, or not whole, and why."""

    row: str
    why: str


class ListFile(msgspec.Struct, frozen=True):
    """One file: what it is, its vessels, and what was wrong with it. `rows` counts rows about vessels."""

    publication: Publication
    published: str
    sha256: str
    rows: int
    listings: tuple[Listing, ...]
    broken: tuple[Broken, ...] = ()
