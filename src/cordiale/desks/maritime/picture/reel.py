"""Where everybody was over a span of time, as columns: what a time slider moves through without asking again.

Reports are left out where there are too many for a page: of each vessel one stays in every `apart` seconds, the last. Nothing is
interpolated: a reader shows the last report up to a moment, with its age.
"""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.picture.state import HOURS, days_between, last_report
from cordiale.desks.maritime.schema import (
    COG_UNAVAILABLE,
    HEADING_UNAVAILABLE,
    LAT_UNAVAILABLE,
    LON_UNAVAILABLE,
)
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import SECOND, Moment

REPORTS: Final = 300_000
"""Most reports of a reel."""
_APART: Final = (10, 60, 300, 600, 1_800, 3_600, 10_800)
NO_TURN: Final = 360
"""Degrees of a vessel that tells neither heading nor course."""
_COLUMNS: Final = ("mmsi", "time", "lon", "lat", "sog", "cog", "heading", "status")


class Reel(NamedTuple):
    """[n] rows by MMSI and time; `counts[i]` of them are vessel `mmsi[i]`'s."""

    begin: Moment
    end: Moment
    apart: int
    """Seconds; 0 where no report was left out."""
    mmsi: NDArray[np.int64]
    counts: NDArray[np.int32]
    time: NDArray[np.int32]
    """Seconds after `begin`."""
    lon: NDArray[np.int32]
    """AIS units (`cordiale.desks.maritime.schema.DEGREE`), as `lat`."""
    lat: NDArray[np.int32]
    sog: NDArray[np.uint16]
    """0.1 knot, 1023 where it is not available."""
    turn: NDArray[np.uint16]
    """Degrees true: heading, else course over ground, else `NO_TURN`."""
    status: NDArray[np.uint8]
    """Navigational status, 15 where it is not defined."""


def reel(store: Path, *, hours: float = HOURS, most: int = REPORTS) -> Reel | None:
    """The last hours before the store's last report; None where it has none. Raises `StorageFailed`."""
    archive = Archive(store)
    try:
        end = last_report(archive)
        if end is None:
            return None
        begin = Moment(end - round(hours * 3_600_000))
        rows, apart = _thinned([archive.path(day) for day in days_between(archive, begin, end)], begin, end, most)
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise StorageFailed(f"{store}: {fault}") from None
    heading, cog = rows["heading"].to_numpy(), rows["cog"].to_numpy()
    course = np.where(cog < COG_UNAVAILABLE, cog // 10, NO_TURN)
    turn = np.where(heading < HEADING_UNAVAILABLE, np.minimum(heading, NO_TURN), course)
    mmsi, count = np.unique(rows["mmsi"].to_numpy(), return_counts=True)
    return Reel(
        begin,
        end,
        apart,
        mmsi.astype(np.int64),
        count.astype(np.int32),
        ((rows["time"].to_numpy() - begin) // SECOND).astype(np.int32),
        rows["lon"].to_numpy(),
        rows["lat"].to_numpy(),
        rows["sog"].to_numpy(),
        turn.astype(np.uint16),
        rows["status"].to_numpy(),
    )


def _thinned(paths: list[Path], begin: int, end: int, most: int) -> tuple[pl.DataFrame, int]:
    """Rows by MMSI and time, and seconds that they are apart at least."""
    heard = pl.concat([pl.scan_parquet(path).select(_COLUMNS) for path in paths]).filter(
        pl.col("time").is_between(begin, end) & (pl.col("lon") != LON_UNAVAILABLE) & (pl.col("lat") != LAT_UNAVAILABLE)
    )
    if _total(heard) <= most:
        return heard.sort("mmsi", "time").collect(), 0
    apart = 0
    for apart in _APART:
        heard = _one_in_each(heard, apart * SECOND).lazy()
        if _total(heard) <= most:
            break
    return heard.sort("mmsi", "time").collect(), apart


def _total(heard: pl.LazyFrame) -> int:
    return int(heard.select(pl.len()).collect().item())


def _one_in_each(heard: pl.LazyFrame, span: int) -> pl.DataFrame:
    slot = (pl.col("time") // span).alias("slot")
    return heard.sort("time").group_by("mmsi", slot).agg(pl.exclude("mmsi").last()).drop("slot").collect()
