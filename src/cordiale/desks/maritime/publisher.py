"""Where public data is: `data/sources.toml`, one table for each publisher."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from cordiale.errors import NotFound, WrongUsage
from cordiale.labels.phrase import Phrase

Url = Annotated[str, msgspec.Meta(pattern="^https://")]


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address, in use since a day; `name` is what the file is called here, where the address doesn't say it."""

    url: Url
    since: date | None = None
    name: str = ""
    checksum: str = ""


class Publisher(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who publishes, under which licence, and where that is said."""

    en: str
    fr: str
    licence: str
    source: Url
    address: tuple[Address, ...]

    @property
    def title(self) -> Phrase:
        """In both languages."""
        return Phrase(self.en, self.fr)

    @property
    def daily(self) -> bool:
        """Whether there is a file for each day."""
        return any("{date}" in each.url or "{day}" in each.url for each in self.address)


@cache
def publishers() -> dict[str, Publisher]:
    """All that are known, by name."""
    data = (files("cordiale.desks.maritime") / "data" / "sources.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(data), dict[str, Publisher])


def where(name: str, day: date | None) -> tuple[str, str, str]:
    """Address, file name and checksum's address of a publisher's file. Raises `NotFound`, `WrongUsage`."""
    publisher = publishers().get(name)
    if publisher is None:
        raise NotFound(f"{name[:40]!r}; {', '.join(publishers())}", what="public source")
    if publisher.daily and day is None:
        raise WrongUsage(
            f"{name} has files by day: give --date", detail_fr=f"{name} a des fichiers par jour : donnez --date"
        )
    known = [each for each in publisher.address if each.since is None or day is None or each.since <= day]
    if not known:
        raise NotFound(f"{name}, {day}", what="public source")
    address = known[-1]
    filled = [_filled(text, day) for text in (address.url, address.checksum)]
    return filled[0], address.name or PurePosixPath(urlsplit(filled[0]).path).name, filled[1]


def _filled(text: str, day: date | None) -> str:
    if day is None:
        return text
    return text.format(date=day.isoformat(), year=f"{day.year:04}", month=f"{day.month:02}", day=f"{day.day:02}")
