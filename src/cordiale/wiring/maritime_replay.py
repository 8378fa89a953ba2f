"""What was recorded, handed on as if it were heard now: a file in its own order, or the archive of a store in the order of time.

Nothing is looked at ahead: a row goes on before a later one of its source is asked for, but for those within `AT_ONCE`. What
vessels say of themselves goes on with the first positions that are not earlier.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.ingest.batch import Batch, nothing
from cordiale.desks.maritime.ingest.form import batches
from cordiale.desks.maritime.ingest.source import opened
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.desks.maritime.table import COLUMNS
from cordiale.errors import NotFound

AT_ONCE: Final = 500
"""Rows that are taken at once, as a feed gives them in a tenth of a second."""


def replay(paths: Iterable[Path], tally: Tally, speed: float = 0.0) -> Iterator[Batch]:
    """Files and stores, one after the other; `speed` times as fast as they were heard, 0 for as fast as they are read."""
    recorded = (batch for path in paths for batch in (of_store(path) if path.is_dir() else of_file(path, tally)))
    return paced(recorded, speed) if speed else recorded


def of_file(path: Path, tally: Tally) -> Iterator[Batch]:
    """A file's rows in its own order, a few at a time. What can't be read is counted in `tally`."""
    with opened(path) as (_, parts):
        for part in parts:
            for batch in batches(part.blocks(tally), tally)[1]:
                yield from _few(batch.positions, batch.statics)


def of_store(store: Path) -> Iterator[Batch]:
    """The archive of a store in the order of time. Raises `NotFound` where it has no day."""
    archive = Archive(store)
    days = sorted({*archive.days(), *archive.days("statics")})
    if not days:
        raise NotFound(str(store), what="day in the archive")
    for day in days:
        yield from _day(archive, day)


def paced(recorded: Iterable[Batch], speed: float, wait: Callable[[float], None] = time.sleep) -> Iterator[Batch]:
    """The same, each batch when its last position is due."""
    began, first = time.monotonic(), None
    for batch in recorded:
        if len(batch.positions):
            last = int(batch.positions["time"].to_numpy().max())
            first = last if first is None else first
            due = began + (last - first) / 1000 / speed - time.monotonic()
            if due > 0:
                wait(due)
        yield batch


def _day(archive: Archive, day: date) -> Iterator[Batch]:
    said = pl.concat([pl.DataFrame(schema=COLUMNS["statics"]), *_tables(archive, day)])
    for heard in archive.tables(day) if archive.count(day) else ():
        earlier = pl.col("time") <= heard["time"].max()
        yield from _few(heard, said.filter(earlier))
        said = said.filter(~earlier)
    if len(said):
        yield nothing()._replace(statics=said)


def _tables(archive: Archive, day: date) -> Iterator[pl.DataFrame]:
    if archive.count(day, "statics"):
        yield from archive.tables(day, "statics")


def _few(positions: pl.DataFrame, said: pl.DataFrame) -> Iterator[Batch]:
    """Rows a few at a time; at the end all of what was said."""
    for first in range(0, max(1, len(positions)), AT_ONCE):
        heard = positions.slice(first, AT_ONCE)
        last = first + AT_ONCE >= len(positions)
        now = pl.lit(value=True) if last else pl.col("time") <= heard["time"].max()
        yield nothing()._replace(positions=heard, statics=said.filter(now))
        said = said.filter(~now)
