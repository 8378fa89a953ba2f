"""The formats by name. Each module is imported when it is first asked for: an agent that exports nothing needs none of them."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

import msgspec

from cordiale.adapters.exchange.extract import Extract
from cordiale.adapters.exchange.given import Given
from cordiale.errors import WrongUsage
from cordiale.register.schema import Schema


class _Writer(Protocol):
    def write(self, extract: Extract) -> bytes: ...


class _Reader(Protocol):
    def read(self, data: bytes, schema: Schema) -> list[Given]: ...


class Format(msgspec.Struct, frozen=True):
    """How records are written and, unless they are for people's eyes only, read."""

    media_type: str
    module: str
    read_again: bool = True

    def write(self, extract: Extract) -> bytes:
        """The file."""
        return cast(_Writer, import_module(self.module)).write(extract)

    def read(self, data: bytes, schema: Schema) -> list[Given]:
        """The rows of a file; `WrongUsage` for a format that is not read."""
        if not self.read_again:
            raise WrongUsage(f"{self.media_type} is not read, only written")
        return cast(_Reader, import_module(self.module)).read(data, schema)


_HERE: Final = "cordiale.adapters.exchange."
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "csv": Format("text/csv; charset=utf-8", _HERE + "as_csv"),
        "json": Format("application/json", _HERE + "as_json"),
        "geojson": Format("application/geo+json", _HERE + "as_geojson"),
        "ics": Format("text/calendar; charset=utf-8", _HERE + "as_calendar"),
        "cap": Format("application/cap+xml", _HERE + "as_cap"),
        "xlsx": Format(_SHEET, _HERE + "as_workbook", read_again=False),
        "pdf": Format("application/pdf", _HERE + "as_pages", read_again=False),
    }
)
SUFFIXES: Final[Mapping[str, str]] = MappingProxyType({"xml": "cap"})
"""Ends of file names that say a format by another name."""
