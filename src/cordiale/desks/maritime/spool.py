"""Rows on their way into the archive: sorted runs of one day and kind, each an Arrow file that is there whole or not at all.

A run is written aside and renamed into the spool's folder, so that several processes may lay down in one and another may merge
from it: `<kind>.<day>.<something>.arrow`.
"""

import os
import shutil
import tempfile
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.table import COLUMNS, KINDS, Kind
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import DAY

_ENDING: Final = ".arrow"


class Runs:
    """Some runs of one day and kind; mapped, not read."""

    def __init__(self, kind: Kind, paths: Collection[Path]) -> None:
        self._kind: Kind = kind
        self._paths = sorted(paths)
        self._runs = [arrow.mapped(path, kind) for path in self._paths]
        self.count = sum(len(run) for run in self._runs)

    def between(self, begin: int, end: int) -> pl.DataFrame:
        """Rows with begin ≤ time < end, in no order."""
        parts = [pl.DataFrame(schema=COLUMNS[self._kind])]
        for run in self._runs:
            first, last = (int(run["time"].search_sorted(bound)) for bound in (begin, end))
            parts.append(run.slice(first, last - first))
        return pl.concat(parts)

    def drop(self) -> None:
        """They are in the archive: remove these, not those that came since."""
        for path in self._paths:
            path.unlink(missing_ok=True)


class Spool:
    """A folder of runs. Runs are written in `aside`, of the same file system, which belongs to the caller alone."""

    def __init__(self, folder: Path, aside: Path | None = None) -> None:
        self._folder, self._aside = folder, aside or folder

    def add(self, kind: Kind, table: pl.DataFrame) -> None:
        """Lay down rows of any time; raises `StorageFailed` where the disk doesn't take them."""
        days = table.with_columns(day=pl.col("time") // DAY)
        for (day,), part in days.partition_by("day", as_dict=True, include_key=False).items():
            self._lay_down(f"{kind}.{(date(1970, 1, 1) + timedelta(days=int(day))).isoformat()}.", part.sort("time"))

    def _lay_down(self, prefix: str, run: pl.DataFrame) -> None:
        try:
            for folder in (self._folder, self._aside):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(".new", prefix, self._aside)
            os.close(descriptor)
            arrow.lay_down(Path(name), run)
            Path(name).rename(self._folder / Path(name).with_suffix(_ENDING).name)
        except (OSError, arrow.Fault) as fault:
            raise StorageFailed(f"{self._folder}: {fault}") from None

    def days(self) -> list[tuple[Kind, date]]:
        """What there are runs for, by day."""
        found: set[tuple[Kind, date]] = {
            (kind, day)
            for kind in KINDS
            for path in self._folder.glob(f"{kind}.*{_ENDING}")
            if (day := day_of(path.name.split(".")[1])) is not None
        }
        return sorted(found, key=lambda pair: (pair[1], pair[0]))

    def runs(self, kind: Kind, day: date) -> Runs:
        """The runs of one day as of now."""
        return Runs(kind, list(self._folder.glob(f"{kind}.{day.isoformat()}.*{_ENDING}")))

    def drop(self) -> None:
        """Drop everything."""
        shutil.rmtree(self._folder, ignore_errors=True)


def day_of(name: str) -> date | None:
    """A day as files are named by it."""
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
