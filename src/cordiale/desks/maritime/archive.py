"""What was heard, kept by day: `STORE/positions/YYYY-MM-DD.parquet` and the same for `statics` and `apart`.

A day (UTC) is one Parquet file with zstd, sorted by all columns, in row groups of half a million rows, so that a reader holds
one of them at a time. A file is written under another name, made durable, and renamed: a reader sees the former day or the
new one, whole. What comes in is first laid down in sorted runs (`Spool`); `Archive.merge` then merges a day's runs with what
the day already has, span by span, so that memory depends on neither the size of the input nor that of the day.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import polars as pl

from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.schema import Positions
from cordiale.desks.maritime.table import COLUMNS, KINDS, Kind, in_order, rows
from cordiale.errors import NotFound, StorageFailed
from cordiale.vocab.moment import DAY

SPAN_ROWS: Final = 1 << 21
"""How many rows are merged at once, about: a day with more is cut into spans of time."""
_NEW: Final = ".new"


@dataclass(frozen=True)
class Merged:
    """What became of one day's new rows. `repeated` were equal in every column to a row of the day, or to one another."""

    added: int
    repeated: int


class Archive:
    """The days of one store. Reading needs no lock; only one process at a time may merge."""

    def __init__(self, store: Path) -> None:
        self.store = store

    def days(self, kind: Kind = "positions") -> list[date]:
        """The days that there are, in order."""
        found = (_date(path.stem) for path in (self.store / kind).glob("*.parquet"))
        return sorted(day for day in found if day is not None)

    def path(self, day: date, kind: Kind = "positions") -> Path:
        """Where a day's file is, or would be."""
        return self.store / kind / f"{day.isoformat()}.parquet"

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
            raise StorageFailed(f"{path}: {fault}") from None

    def merge(self, day: date, kind: Kind, runs: "Runs") -> Merged:
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


class Runs:
    """Sorted runs of one day and kind, laid down as Arrow files and mapped, not read."""

    def __init__(self, kind: Kind, paths: Collection[Path]) -> None:
        self._kind: Kind = kind
        self._runs = [arrow.mapped(path, kind) for path in sorted(paths)]
        self.count = sum(len(run) for run in self._runs)

    def between(self, begin: int, end: int) -> pl.DataFrame:
        """Rows with begin ≤ time < end, in no order."""
        parts = [pl.DataFrame(schema=COLUMNS[self._kind])]
        for run in self._runs:
            first, last = (int(run["time"].search_sorted(bound)) for bound in (begin, end))
            parts.append(run.slice(first, last - first))
        return pl.concat(parts)


class Spool:
    """A folder of runs on their way into the archive: `<kind>/<day>/<number>.arrow`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def add(self, kind: Kind, table: pl.DataFrame) -> None:
        """Lay down rows of any time; raises `StorageFailed` where the disk doesn't take them."""
        days = table.with_columns(day=pl.col("time") // DAY)
        for (day,), part in days.partition_by("day", as_dict=True, include_key=False).items():
            folder = self._folder / kind / (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()
            self._number += 1
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                arrow.lay_down(folder / f"{self._number:06}.arrow", part.sort("time"))
            except (OSError, arrow.Fault) as fault:
                raise StorageFailed(f"{folder}: {fault}") from None

    def days(self) -> list[tuple[Kind, date]]:
        """What there are runs for, by day."""
        found: list[tuple[Kind, date]] = [
            (kind, day)
            for kind in KINDS
            for each in (self._folder / kind).glob("*")
            if (day := _date(each.name)) is not None
        ]
        return sorted(found, key=lambda pair: (pair[1], pair[0]))

    def runs(self, kind: Kind, day: date) -> Runs:
        """The runs of one day."""
        return Runs(kind, list((self._folder / kind / day.isoformat()).glob("*.arrow")))

    def done(self, kind: Kind, day: date) -> None:
        """A day's runs are in the archive: drop them."""
        shutil.rmtree(self._folder / kind / day.isoformat(), ignore_errors=True)

    def drop(self) -> None:
        """Drop everything."""
        shutil.rmtree(self._folder, ignore_errors=True)


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


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
