"""What tests of the maritime desk share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.ingest.run import Read, ingest
from cordiale.desks.maritime.table import COLUMNS, Kind

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "maritime"


def read(store: Path, *files: Path, **options: Any) -> list[Read]:
    """Read files into a store."""
    return list(ingest(store, files, lambda *_: None, **options))


def everything(store: Path, kind: Kind = "positions") -> pl.DataFrame:
    """All rows of an archive, in order."""
    archive = Archive(store)
    parts = [table for day in archive.days(kind) for table in archive.tables(day, kind)]
    return pl.concat([pl.DataFrame(schema=COLUMNS[kind]), *parts])


def plain(path: Path, rows: Sequence[str], header: str = "time,mmsi,lat,lon,sog,cog") -> Path:
    """A CSV."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
