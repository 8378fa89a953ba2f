"""Where each vessel was last heard, and who it says it is."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.schema import (
    COG_UNAVAILABLE,
    DEGREE,
    HEADING_UNAVAILABLE,
    LAT_UNAVAILABLE,
    LON_UNAVAILABLE,
    SOG_UNAVAILABLE,
    STATUS_UNDEFINED,
)
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import DAY, Moment

HOURS: Final = 24
"""How far back from the last report of the store a vessel still belongs to the picture."""


class Identity(msgspec.Struct, frozen=True):
    """What a vessel last said of itself; 0 and empty where it didn't."""

    imo: int = 0
    name: str = ""
    call_sign: str = ""
    ship_type: int = 0
    destination: str = ""
    length: int = 0
    """Metres."""


class State(msgspec.Struct, frozen=True):
    """A vessel's last report. Degrees WGS 84, knots, degrees true; None where AIS had no value."""

    mmsi: int
    time: Moment
    lon: float
    lat: float
    sog: float | None
    cog: float | None
    heading: int | None
    status: int | None
    identity: Identity


def latest(store: Path, *, hours: float = HOURS, until: Moment | None = None) -> list[State]:
    """The last position of each vessel within so many hours of the end, by MMSI. What AIS calls unavailable is none."""
    archive = Archive(store)
    try:
        end = until if until is not None else last_report(archive)
        if end is None:
            return []
        begin = end - round(hours * 3_600_000)
        parts = [_last(archive.path(day), begin, end) for day in days_between(archive, begin, end)]
        if not parts:
            return []
        rows = pl.concat(parts).sort("mmsi", "time").group_by("mmsi", maintain_order=True).last()
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise StorageFailed(f"{store}: {fault}") from None
    known = identities(store, until=end)
    return [_state(row, known.get(row["mmsi"], Identity())) for row in rows.to_dicts()]


def identities(store: Path, mmsi: Collection[int] = (), *, until: Moment | None = None) -> dict[int, Identity]:
    """The last that each vessel said of itself, of all or of these; each column by itself, as messages carry parts."""
    archive = Archive(store)
    found: dict[int, Identity] = {}
    for day in archive.days("statics"):
        rows = pl.scan_parquet(archive.path(day, "statics"))
        if mmsi:
            rows = rows.filter(pl.col("mmsi").is_in(list(mmsi)))
        if until is not None:
            rows = rows.filter(pl.col("time") <= until)
        length = (pl.col("to_bow").cast(pl.Int32) + pl.col("to_stern")).alias("length")
        texts = [
            pl.col(each).filter(pl.col(each) != "").last().alias(each) for each in ("name", "call_sign", "destination")
        ]
        numbers = [pl.col(each).filter(pl.col(each) > 0).last().alias(each) for each in ("imo", "ship_type", "length")]
        try:
            told = rows.with_columns(length).group_by("mmsi").agg(*texts, *numbers).collect()
        except (OSError, pl.exceptions.PolarsError) as fault:
            raise StorageFailed(f"{store}: {fault}") from None
        for row in told.to_dicts():
            new = {name: value for name, value in row.items() if name != "mmsi" and value}
            found[row["mmsi"]] = msgspec.structs.replace(found.get(row["mmsi"], Identity()), **new)
    return found


def _number(ordinal: int) -> int:
    """Days since 1970-01-01."""
    return ordinal - 719_163


def days_between(archive: Archive, begin: int, end: int) -> list[date]:
    """The days of the archive that two moments lie in or enclose."""
    return [day for day in archive.days() if begin // DAY <= _number(day.toordinal()) <= end // DAY]


def last_report(archive: Archive) -> Moment | None:
    """The time of the last report; days are sorted by time, and an empty one is none."""
    for day in reversed(archive.days()):
        last = pl.scan_parquet(archive.path(day)).select(pl.col("time").max().cast(pl.Int64)).collect().item()
        if last is not None:
            return Moment(last)
    return None


def _last(path: Path, begin: int, end: int) -> pl.DataFrame:
    rows = pl.scan_parquet(path).filter(
        (pl.col("time") >= begin)
        & (pl.col("time") <= end)
        & (pl.col("lon") != LON_UNAVAILABLE)
        & (pl.col("lat") != LAT_UNAVAILABLE)
    )
    return rows.group_by("mmsi").agg(pl.all().last()).collect()


def _state(row: dict[str, int], identity: Identity) -> State:
    return State(
        row["mmsi"],
        Moment(row["time"]),
        row["lon"] / DEGREE,
        row["lat"] / DEGREE,
        None if row["sog"] == SOG_UNAVAILABLE else row["sog"] / 10,
        None if row["cog"] >= COG_UNAVAILABLE else row["cog"] / 10,
        None if row["heading"] >= HEADING_UNAVAILABLE else row["heading"],
        None if row["status"] == STATUS_UNDEFINED else row["status"],
        identity,
    )
