"""A list's file, read whatever its form: found by what is in it, not by its name."""

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from cordiale.crypto.digest import sha256
from cordiale.desks.maritime.risk import eu, ofac, uk
from cordiale.desks.maritime.risk.day import iso_day
from cordiale.desks.maritime.risk.listing import Broken, ListFile, Listing, Publication
from cordiale.desks.maritime.risk.source import content, spreadsheet, table, text_of
from cordiale.errors import Malformed, WrongUsage
from cordiale.wire import typed

KEYS: Final = ("uk", "eu", "ofac")
HEAD: Final = 4096
_DATED: Final = re.compile(
    r"(?:Report Date|DateGenerated|Publish_Date|generated_at)\W+([0-9A-Za-z./-]{8,19})", re.IGNORECASE
)
_STAMP: Final = re.compile(r"(\d{4}-\d{2}-\d{2})")


class _Publications(msgspec.Struct, frozen=True, rename={"lists": "list"}):
    lists: tuple[Publication, ...]


@cache
def publications() -> dict[str, Publication]:
    """Every form of every list that can be read, by its form."""
    data = (resources.files("cordiale.desks.maritime") / "data" / "lists.toml").read_text("utf-8")
    read = typed.convert_text(tomllib.loads(data), _Publications)
    return {each.form: each for each in read.lists}


def load(path: Path, key: str = "") -> ListFile:
    """Read a file or a folder; with `key`, only as that list. Raises `WrongUsage` for an unknown key, `Malformed` for no list."""
    if key and key not in KEYS:
        raise WrongUsage(f"there is no list {key[:20]!r}; there are {', '.join(KEYS)}")
    folder = path if path.is_dir() else path.parent if path.name.startswith("subjects.csv") else None
    if folder is not None:
        data = b"".join(content(each) for each in sorted(folder.glob("subject*.csv*")))
        form, found = "uk-tables", uk.of_tables(folder)
    else:
        data = content(path)
        form, found = _form(path, data)
    publication = publications()[form]
    if key and publication.code.split("-")[0] != key:
        raise Malformed(f"{path.name} is {publication.title.en!r}, not {key!r}", what="list")
    return _file(publication, _published(data), data, found)


def _form(path: Path, data: bytes) -> tuple[str, uk.Found]:
    head = data[:HEAD]
    if head.startswith(b"PK"):
        return "uk-ods", uk.of_rows(spreadsheet(data, uk.HEADER, path.name))
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return ("ofac-xml", ofac.of_xml(data)) if b"sdn" in head.lower() else ("uk-xml", uk.of_xml(data))
    if head.lstrip().startswith(b"{"):
        return "ofac-json", ofac.of_json(data)
    text = text_of(data)
    forms: tuple[tuple[str, str, Callable[[Iterable[tuple[int, dict[str, str]]]], uk.Found]], ...] = (
        (uk.HEADER, "uk-csv", uk.of_rows),
        (eu.HEADER, "eu-csv", eu.of_rows),
        (uk.OFSI_HEADER, "ofsi-csv", uk.of_ofsi),
    )
    first = text[:HEAD]
    for column, form, read in forms:
        if column in first:
            return form, read(table(text, column))
    if re.match(r'\s*"?\d+"?,"', first):
        return "ofac-csv", ofac.of_csv(path, data)
    raise Malformed(f"{path.name} is no list that is known here", what="list")


def _file(publication: Publication, published: str, data: bytes, found: uk.Found) -> ListFile:
    listings: list[Listing] = []
    broken: list[Broken] = []
    for each in found:
        if isinstance(each, Listing):
            listings.append(each)
        else:
            broken.append(each)
    rows = len({listing.row for listing in listings} | {each.row for each in broken})
    return ListFile(publication, published, sha256(data).hex(), rows, tuple(listings), tuple(broken))


def _published(data: bytes) -> str:
    """The day that a list says it was made; empty where it doesn't."""
    met = _DATED.search(text_of(data[:HEAD]))
    if met is None:
        return ""
    stamp = _STAMP.match(met.group(1))
    return stamp.group(1) if stamp else iso_day(met.group(1))


def load_lists(
    paths: Iterable[tuple[str, Path]], *, commercial_only: bool = False
) -> tuple[list[ListFile], list[ListFile]]:
    """(lists to judge by, lists left out because their licence forbids commercial use), from (key, path)."""
    files = [load(path, key) for key, path in paths]
    kept = [file for file in files if file.publication.commercial or not commercial_only]
    return kept, [file for file in files if file not in kept]
