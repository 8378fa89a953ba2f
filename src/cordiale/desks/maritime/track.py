"""A vessel's track: its reports by branch, simplified on request, as GeoJSON (RFC 7946) or CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.areas import nothing
from cordiale.desks.maritime.detect.passing import branches
from cordiale.desks.maritime.detect.profile import Profile
from cordiale.desks.maritime.detect.stage import columns, setting
from cordiale.desks.maritime.schema import DEGREE, Positions
from cordiale.vocab.moment import Moment, iso


class Track(NamedTuple):
    """One MMSI's valid reports, each with the branch (physical vessel) that it belongs to."""

    mmsi: int
    rows: Positions
    branch: NDArray[np.int64]


def track(rows: Positions, mmsi: int, profile: Profile) -> Track:
    """From an MMSI's reports in order, [n] of POSITION; those without a position are left out."""
    found = branches(columns(rows), setting(profile.thresholds, nothing(), hearing=False))
    good = found >= 0
    return Track(mmsi, rows[good], found[good])


def geojson(of: Track) -> dict[str, Any]:
    """A LineString for each branch (a Point where it has one report), with the times of its points in `times`."""
    return {"type": "FeatureCollection", "features": [_feature(of, int(each)) for each in np.unique(of.branch)]}


def _feature(of: Track, branch: int) -> dict[str, Any]:
    rows = of.rows[of.branch == branch]
    points = [[round(int(row["lon"]) / DEGREE, 6), round(int(row["lat"]) / DEGREE, 6)] for row in rows]
    times = [iso(Moment(int(time))) for time in rows["time"]]
    one = len(points) == 1
    return {
        "type": "Feature",
        "geometry": {"type": "Point" if one else "LineString", "coordinates": points[0] if one else points},
        "properties": {"mmsi": of.mmsi, "branch": branch, "begin": times[0], "end": times[-1], "times": times},
    }


def table(of: Track) -> str:
    """CSV with a header; what was not available is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("time", "mmsi", "branch", "lon", "lat", "sog", "cog", "heading", "status"))
    writer.writerows(_lines(of))
    return out.getvalue()


def _lines(of: Track) -> Iterator[tuple[object, ...]]:
    for row, branch in zip(of.rows, of.branch.tolist(), strict=True):
        sog, cog = int(row["sog"]), int(row["cog"])
        yield (
            iso(Moment(int(row["time"]))), of.mmsi, branch,
            f"{int(row['lon']) / DEGREE:.6f}", f"{int(row['lat']) / DEGREE:.6f}",
            f"{sog / 10:.1f}" if sog < 1023 else "", f"{cog / 10:.1f}" if cog < 3600 else "",
            int(row["heading"]) if row["heading"] < 360 else "", int(row["status"]) if row["status"] < 15 else "",
        )  # fmt: skip
