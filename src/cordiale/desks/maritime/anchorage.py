"""Anchorages: where many vessels lie still, and places given; how far the nearest one is.

A cell of a hundredth of a degree is an anchorage where enough distinct vessels lay still for long enough, as Global Fishing
Watch finds its anchorages (S2 cells where at least 20 vessels stayed 12 hours); the numbers are the profile's. One vessel is
enough where land is near: that is a berth. Files given add to that: the World Port Index (CSV), or GeoJSON with points, lines
or polygons, of which each vertex counts.
"""

import csv
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.coast import coast, inland
from cordiale.desks.maritime.pair import EARTH_M
from cordiale.desks.maritime.schema import DEGREE
from cordiale.errors import LimitExceeded, Malformed, StorageFailed
from cordiale.wire import limits

CELL: Final = DEGREE // 100
STILL: Final = 3
"""0.1 knot: slower than this a vessel lies still, swinging at its anchor."""
DWELL: Final = np.dtype([("row", "<i4"), ("column", "<i4"), ("mmsi", "<u4"), ("ticks", "<i4")])
"""How many ticks a vessel lay still in a cell; ordered by cell and MMSI."""
FILE_BYTES: Final = 64 * limits.MIB
_WHERE: Final = ("row", "column", "mmsi")
_UNIT: Final = math.pi / (180 * DEGREE)

Points = NDArray[np.int32]
"""[n, 2]: longitude and latitude in AIS units."""


def dwell(before: NDArray[np.void], ticks: NDArray[np.void]) -> NDArray[np.void]:
    """[n] of DWELL with [m] of TICK added to it."""
    still = ticks[ticks["sog"] <= STILL]
    new = np.zeros(len(still), DWELL)
    new["row"], new["column"] = still["lat"] // CELL, still["lon"] // CELL
    new["mmsi"], new["ticks"] = still["mmsi"], 1
    rows = np.concatenate([before, new])
    rows = rows[np.lexsort([rows[name] for name in reversed(_WHERE)])]
    if not len(rows):
        return rows
    fresh = np.concatenate([[True], np.any([rows[name][1:] != rows[name][:-1] for name in _WHERE], axis=0)])
    starts = np.flatnonzero(fresh)
    found = rows[starts]
    found["ticks"] = np.add.reduceat(rows["ticks"], starts)
    return found


def from_dwell(rows: NDArray[np.void], vessels: int, ticks: int, shore: float) -> Points:
    """The middle of each cell in which so many vessels, or one within `shore` metres of land, lay still for so many ticks."""
    long = rows[rows["ticks"] >= ticks]
    cells, counts = np.unique(np.stack([long["row"], long["column"]], axis=1), axis=0, return_counts=True)
    points = (cells[:, ::-1] * CELL + CELL // 2).astype(np.int32)
    here = coast()
    berths = [inland(here, lon / DEGREE, lat / DEGREE, shore) > -shore for lon, lat in points.tolist()]
    return points[(counts >= vessels) | np.array(berths, bool)]


def distance(lon: NDArray[Any], lat: NDArray[Any], points: Points) -> NDArray[np.float64]:
    """[n] metres from each position to the nearest of the points; infinite where there is none."""
    if not len(points):
        return np.full(len(lon), np.inf)
    there = _vectors(points[:, 0], points[:, 1])
    found = np.empty(len(lon))
    step = max(1, 4_000_000 // len(points))
    for start in range(0, len(lon), step):
        part = slice(start, start + step)
        cosine = np.max(_vectors(lon[part], lat[part]) @ there.T, axis=1)
        found[part] = EARTH_M * np.arccos(np.clip(cosine, -1.0, 1.0))
    return found


def _vectors(lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.float64]:
    x, y = _UNIT * lon.astype(float), _UNIT * lat.astype(float)
    return np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=1)


class Given(NamedTuple):
    """What a file of places has."""

    points: Points
    broken: tuple[str, ...]
    """rows and places that are none, named"""


def read(path: Path) -> Given:
    """Points from a file: CSV with columns named latitude and longitude, or GeoJSON. What is no place is named; the rest counts.

    Raises `StorageFailed` where it can't be read, `LimitExceeded` where it is too large, `Malformed` where it has no point.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    if len(data) > FILE_BYTES:
        raise LimitExceeded(f"{path.name}: more than {FILE_BYTES // limits.MIB} MiB")
    text = data.decode("utf-8-sig", "replace")
    rows = list(_json(text, path) if text.lstrip()[:1] == "{" else _csv(text))
    points = [point for _, point in rows if point is not None and _on_earth(*point)]
    if not points:
        raise Malformed(f"{path.name}: no place with longitude and latitude", what="anchorages")
    broken = (f"{path.name}: {where}: no place" for where, point in rows if point is None or not _on_earth(*point))
    return Given(np.round(np.array(points) * DEGREE).astype(np.int32), tuple(broken))


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


_Row = tuple[str, tuple[float, float] | None]
"""Which it is, and its longitude and latitude, where it has them."""


def _csv(text: str) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield f"line {reader.line_num}", None
            continue
        named = {(name or "").strip().lower(): value for name, value in row.items()}
        try:
            place = float(named.get("longitude") or named["lon"]), float(named.get("latitude") or named["lat"])
        except (KeyError, TypeError, ValueError):
            yield f"line {reader.line_num}", None
        else:
            yield f"line {reader.line_num}", place


def _json(text: str, path: Path) -> Iterator[_Row]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"{path.name} is not JSON", what="anchorages") from None
    features: Any = document.get("features", [document])
    for number, feature in enumerate(cast("list[Any]", features) if isinstance(features, list) else [None], 1):
        yield from ((f"feature {number}", place) for place in _vertices(feature))


def _vertices(feature: Any) -> Iterator[tuple[float, float] | None]:
    """Every vertex of what is in a feature; None for what is no coordinate."""
    waiting: list[Any] = [feature]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            known = cast("dict[str, Any]", each)
            waiting += [
                known[name] for name in ("geometry", "geometries", "coordinates") if known.get(name) is not None
            ]
        elif isinstance(each, list):
            parts = cast("list[Any]", each)
            if len(parts) >= 2 and all(isinstance(part, int | float) for part in parts[:2]):
                yield float(parts[0]), float(parts[1])
            else:
                waiting += parts
        else:
            yield None
