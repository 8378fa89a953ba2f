"""Histories out of the archive's statics: each day is cut to runs of one content, which are kept for later runs."""

from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from cordiale.crypto.digest import sha256
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.identity.spell import CONTENT, MINUTE, History, extend
from cordiale.desks.maritime.program import program
from cordiale.desks.maritime.table import COLUMNS
from cordiale.errors import StorageFailed

DIGEST: Final = 32
"""Bytes of the SHA-256 before a day's runs."""


def histories(store: Path, since: date | None = None, until: date | None = None) -> dict[int, History]:
    """By MMSI, of all days or those of a span. Raises `StorageFailed`."""
    found: dict[int, History] = {}
    archive = Archive(store)
    for day in archive.days("statics"):
        if (since or day) <= day <= (until or day):
            for row in _runs(archive, day).iter_rows():
                extend(found.setdefault(row[0], {}), row[1:10], row[10:14])
    return found


def _runs(archive: Archive, day: date) -> pl.DataFrame:
    """A day's runs: those kept from an earlier run, where the day is as it was."""
    try:
        known = archive.path(day, "statics").stat()
        mark = sha256(f"{program()} {known.st_size} {known.st_mtime_ns}".encode()).hex()[:16]
        folder = archive.store / "state" / "identity"
        path = folder / f"{day.isoformat()}-{mark}.arrow"
        runs = _kept(path)
        if runs is None:
            runs = pl.concat(
                [_cut(pl.DataFrame(schema=COLUMNS["statics"])), *map(_cut, archive.tables(day, "statics"))]
            )
            with suppress(OSError):  # a store that may only be read, or a full disk: the next run cuts again
                _keep(path, runs)
                for old in folder.glob(f"{day.isoformat()}-*"):
                    if old != path:
                        old.unlink(missing_ok=True)
    except OSError as fault:
        raise StorageFailed(f"{archive.store}: {fault}") from None
    return runs


def _kept(path: Path) -> pl.DataFrame | None:
    """What `_keep` wrote; None where it is not there, or not as it was written."""
    data = path.read_bytes() if path.is_file() else b""
    digest, table = data[:DIGEST], data[DIGEST:]
    return pl.read_ipc(BytesIO(table)) if digest == sha256(table) else None


def _keep(path: Path, runs: pl.DataFrame) -> None:
    file = BytesIO()
    runs.write_ipc(file)
    table = file.getvalue()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(sha256(table) + table)
    temporary.replace(path)


def _cut(table: pl.DataFrame) -> pl.DataFrame:
    """Rows in order of time to runs (MMSI, content, first, second, last, minutes), each vessel's in their order."""
    ordered = table.select("mmsi", "time", *CONTENT).sort("mmsi", maintain_order=True)
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in ("mmsi", *CONTENT)).fill_null(value=False)
    minute = pl.col("time") // MINUTE
    runs = ordered.with_columns(run=(~same).cum_sum()).with_columns(fresh=(minute != minute.shift()) | ~same)
    later = pl.col("time").filter(pl.col("fresh"))
    return runs.group_by("run", maintain_order=True).agg(
        *(pl.first(name) for name in ("mmsi", *CONTENT)),
        pl.first("time").alias("first"),
        later.get(1, null_on_oob=True).fill_null(0).alias("second"),
        pl.last("time").alias("last"),
        pl.sum("fresh").cast(pl.Int64).alias("minutes"),
    ).drop("run")  # fmt: skip
