"""The reports that an alert rests on: each vessel's positions from a while before it to a while after it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from cordiale.analysis.finding import Finding
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.detect.profile import PROFILES, shipped
from cordiale.desks.maritime.line import METRES, Line, unwrapped
from cordiale.desks.maritime.picture.alert import mmsi_of
from cordiale.desks.maritime.schema import (
    COG_UNAVAILABLE,
    DEGREE,
    HEADING_UNAVAILABLE,
    LAT_UNAVAILABLE,
    LON_UNAVAILABLE,
    POSITION,
    SOG_UNAVAILABLE,
    STATUS_UNDEFINED,
    Positions,
)
from cordiale.errors import LimitExceeded
from cordiale.vocab.moment import HOUR, SECOND, Moment, iso
from cordiale.wire.limits import MIB

LEAST: Final = HOUR
MOST: Final = 12 * HOUR
"""Before and after the alert: half its length, within these."""

TABLE_BYTES: Final = MIB
"""What fits a request to an agent in base64, with room to spare."""
HEADER: Final = "time,mmsi,lat,lon,sog,cog,heading,status"
FASTEST, LEAP = 30.0, 1_000.0
"""Metres a second (some 60 knots), and metres beyond that for what receivers get wrong."""
_APART: Final = (0, 10, 30, 60, 300, 900, 3_600)


def span(finding: Finding) -> tuple[Moment, Moment]:
    """From when to when reports belong to an alert."""
    pad = min(MOST, max(LEAST, (finding.end - finding.begin) // 2))
    return Moment(finding.begin - pad), Moment(finding.end + pad)


def reports(store: Path, finding: Finding) -> dict[int, Positions]:
    """MMSI to its positions in that time, by time; those that AIS calls unavailable are left out."""
    archive, wanted = Archive(store), mmsi_of(finding)
    begin, end = span(finding)
    first, last = (datetime.fromtimestamp(each / 1000, UTC).date() for each in (begin, end))
    there = set(archive.days())
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    rows = [part for day in days if day in there for part in archive.positions(day, mmsi=wanted)]
    found = np.concatenate(rows) if rows else np.empty(0, POSITION)
    good = (found["lon"] != LON_UNAVAILABLE) & (found["lat"] != LAT_UNAVAILABLE)
    found = found[good & (found["time"] >= begin) & (found["time"] <= end)]
    return {mmsi: part for mmsi in wanted if len(part := found[found["mmsi"] == mmsi])}


def physical(rows: Positions) -> list[Positions]:
    """An MMSI's reports by the physical vessel that sent them: one that is shared would make one leaping track."""
    if len(rows) < 2 or not _leaps(rows):
        return [rows]
    from cordiale.desks.maritime.track import track  # noqa: PLC0415 — Numba is loaded where it is needed

    found = track(rows, int(rows["mmsi"][0]), shipped(PROFILES[0]))
    return [found.rows[found.branch == each] for each in np.unique(found.branch)]


def _leaps(rows: Positions) -> bool:
    """Whether a step is faster than any vessel."""
    line, time = line_of(rows), rows["time"].astype(np.int64)
    flat = METRES * np.cos(np.radians((line[1:, 1] + line[:-1, 1]) / 2))
    metres = np.hypot(np.diff(line[:, 0]) * flat, np.diff(line[:, 1]) * METRES)
    return bool((metres > LEAP + FASTEST * np.diff(time) / 1000).any())


def line_of(rows: Positions) -> Line:
    """The track that these reports make."""
    return unwrapped(rows["lon"] / DEGREE, rows["lat"] / DEGREE)


def table(found: dict[int, Positions]) -> bytes:
    """Reports as CSV, in AIS's own units turned to degrees, knots and degrees; a value that isn't available is empty.

    All of them, or, where those take more than `TABLE_BYTES`, each vessel's so many seconds apart that they don't.
    """
    for seconds in _APART:
        lines = [HEADER, *(_line(row) for rows in found.values() for row in _apart(rows, seconds * SECOND))]
        data = ("\n".join(lines) + "\n").encode()
        if len(data) <= TABLE_BYTES:
            return data
    raise LimitExceeded(f"{len(found)} tracks, too many for a file of {TABLE_BYTES} bytes")


def _apart(rows: Positions, least: int) -> list[np.void]:
    """Reports no nearer to the one before than so many ms; both ends of the track are among them."""
    kept: list[np.void] = []
    for row in rows:
        if not kept or row["time"] - kept[-1]["time"] >= least:
            kept.append(row)
    return kept if not len(rows) or kept[-1] is rows[-1] or least == 0 else [*kept, rows[-1]]


def _line(row: np.void) -> str:
    return ",".join(
        (
            iso(Moment(int(row["time"]))),
            str(row["mmsi"]),
            f"{row['lat'] / DEGREE:.6f}",
            f"{row['lon'] / DEGREE:.6f}",
            "" if row["sog"] == SOG_UNAVAILABLE else f"{row['sog'] / 10:.1f}",
            "" if row["cog"] >= COG_UNAVAILABLE else f"{row['cog'] / 10:.1f}",
            "" if row["heading"] >= HEADING_UNAVAILABLE else str(row["heading"]),
            "" if row["status"] == STATUS_UNDEFINED else str(row["status"]),
        )
    )
