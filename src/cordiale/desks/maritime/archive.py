"""What was heard, kept by day: `STORE/positions/YYYY-MM-DD.parquet` and the same for `statics` and `apart`.

A day (UTC) is one Parquet file with zstd, sorted by all columns, in row groups of half a million rows, so that a reader holds
one of them at a time. A file is written under another name, made durable, and renamed: a reader sees the former day or the
new one, whole. What comes in is first laid down in sorted runs (`spool.Spool`); `Archive.merge` then merges a day's runs with
what the day already has, span by span, so that memory depends on neither the size of the input nor that of the day.
"""

import os
import shutil
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import polars as pl
from filelock import FileLock, Timeout

from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.schema import Positions
from cordiale.desks.maritime.spool import Runs, day_of
from cordiale.desks.maritime.table import COLUMNS, Kind, in_order, rows
from cordiale.errors import NotFound, StorageFailed, StoreLocked
from cordiale.vocab.moment import DAY

SPAN_ROWS: Final = 1 << 21
"""How many rows are merged at once, about: a day with more is cut into spans of time."""
_NEW: Final = ".new"
_LOCK: Final = "ingest.lock"


@dataclass(frozen=True)
class Merged:
    """What became of one day's new rows. `repeated` were equal in every column to a row of the day, or to one another."""

    added: int
    repeated: int


class Archive:
    """The days of one store. Reading needs no lock; only one process at a time may merge (`writing`)."""

    def __init__(self, store: Path, days: Path | None = None) -> None:
        """`days` is where the days' files are, where that is not the store."""
        self.store, self.folder = store, days or store

    def still(self, days: Collection[date], folder: Path) -> "Archive":
        """The positions of these days as they are now, whatever is merged meanwhile: links in a new folder of the same disk."""
        (folder / "positions").mkdir(mode=0o700, parents=True)
        found = Archive(self.store, folder)
        for day in days:
            try:
                os.link(self.path(day).resolve(), found.path(day))
            except OSError:  # a file system without links
                shutil.copy2(self.path(day), found.path(day))
        return found

    def days(self, kind: Kind = "positions") -> list[date]:
        """The days that there are, in order."""
        found = (day_of(path.stem) for path in (self.folder / kind).glob("*.parquet"))
        return sorted(day for day in found if day is not None)

    def path(self, day: date, kind: Kind = "positions") -> Path:
        """Where a day's file is, or would be."""
        return self.folder / kind / f"{day.isoformat()}.parquet"

    def count(self, day: date, kind: Kind = "positions") -> int:
        """Rows of a day; 0 where there is none. Raises `StorageFailed` where its file is damaged."""
        path = self.path(day, kind)
        try:
            return arrow.count(path) if path.is_file() else 0
        except (OSError, arrow.Fault) as fault:
            raise StorageFailed(f"{path}: {fault}") from None

    def positions(
        self, day: date, *, mmsi: Collection[int] | None = None, kind: Kind = "positions"
    ) -> Iterator[Positions]:
        """A day's positions in order, one row group at a time; only of these MMSIs where they are given."""
        for table in self.tables(day, kind, mmsi=mmsi):
            yield rows(table)

    def tables(
        self, day: date, kind: Kind = "positions", *, mmsi: Collection[int] | None = None
    ) -> Iterator[pl.DataFrame]:
        """The same as tables, of any kind. Raises `NotFound` where there is no such day, `StorageFailed` where it is damaged."""
        path = self.path(day, kind)
        try:
            yield from arrow.groups(path, kind, mmsi)
        except FileNotFoundError:
            raise NotFound(day.isoformat(), what="day in the archive") from None
        except (OSError, arrow.Fault) as fault:
            raise StorageFailed(f"{self.store / kind / path.name}: {fault}") from None

    @contextmanager
    def writing(self, wait_seconds: float = 0) -> Generator[None]:
        """As long as this lasts nobody else merges. Raises `StoreLocked` where somebody does, after waiting so long."""
        try:
            self.store.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            raise StorageFailed(f"{self.store}: {fault.strerror}") from None
        lock = FileLock(self.store / _LOCK, timeout=wait_seconds)
        try:
            with lock:
                yield
        except Timeout:
            raise StoreLocked(f"{self.store}: another process reads into it") from None

    def merge(self, day: date, kind: Kind, runs: Runs) -> Merged:
        """Merge a day's runs into its file. Until all is durable the former file stays as it was."""
        path = self.path(day, kind)
        temporary = path.with_suffix(_NEW)
        before = self.count(day, kind)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with arrow.written(temporary, kind) as writer:
                old = _Spans(self.tables(day, kind) if before else iter(()), kind)
                for begin, end in _cuts(day, before + runs.count):
                    writer.add(in_order(pl.concat([old.until(end), runs.between(begin, end)])))
            temporary.replace(path)
            _durable(path.parent)
        except (OSError, arrow.Fault) as fault:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise StorageFailed(f"{path}: {fault}; what it held before is whole") from None
        return Merged(writer.rows - before, runs.count + before - writer.rows)


class _Spans:
    """A day's rows, handed out up to one time after the other."""

    def __init__(self, tables: Iterator[pl.DataFrame], kind: Kind) -> None:
        self._tables = tables
        self._rest = pl.DataFrame(schema=COLUMNS[kind])

    def until(self, end: int) -> pl.DataFrame:
        """Those not handed out yet with time < end."""
        parts = [self._rest]
        while parts[-1].is_empty() or int(parts[-1]["time"][-1]) < end:
            table = next(self._tables, None)
            if table is None:
                break
            parts.append(table)
        found = pl.concat(parts)
        cut = int(found["time"].search_sorted(end))
        self._rest = found.slice(cut)
        return found.head(cut)


def _cuts(day: date, count: int) -> Iterator[tuple[int, int]]:
    """Spans of a day, each with about `SPAN_ROWS` of its `count` rows if they are spread evenly."""
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    parts = -(-count // SPAN_ROWS) or 1
    return pairwise(begin + DAY * part // parts for part in range(parts + 1))


def _durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
