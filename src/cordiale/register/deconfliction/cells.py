"""The H3 cells and days that a plan touches: too many rather than too few.

A cell counts where it comes within the margin of the area, give or take a thousandth of an edge, which is more than H3 differs
along its own edges. So if two plans share a place, both have the cell that this place is in. Where the centre's distance
decides (`SURE`, `CIRCUMRADIUS`), nothing else is asked; between the two, `touch` decides.
Candidates are the rings about the middle of the area's cap, as many as its radius can need: neighbouring centres are never
nearer than 1.2 mean edge lengths, so k rings reach 1.2 × √3/2 × k > k mean edge lengths (checked by `tests`, pentagons
included).
"""

import importlib
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.deconfliction import touch
from cordiale.register.deconfliction.grid import FIRST_DAY, LAST_DAY, Codes, Grid, encode
from cordiale.register.deconfliction.shape import EARTH_KM, Activity, Area, Vectors, cap, distances, vectors
from cordiale.vocab.moment import DAY

RINGS: Final = 250
"""About the middle of one area: some 190,000 candidates. What is wider is given in parts or on a coarser grid."""
COMMITTED: Final = 4_000_000
"""Codes in one plan on the finest grid."""
CIRCUMRADIUS: Final = 1.15
"""Mean edge lengths; the largest found is 1.101 (every resolution up to 2 in full, samples and all pentagons above)."""
SURE: Final = 0.5
"""Mean edge lengths; the smallest inradius found is 0.549."""
TOLERANCE: Final = 0.001
"""Mean edge lengths; of 10^5 places none was found outside its cell by more than 10^-9."""

_h3: Final[Any] = importlib.import_module("h3.api.numpy_int")  # the package has no types


def cover(activities: Iterable[Activity], grid: Grid, days: tuple[int, int]) -> Codes:
    """All codes that the plan touches within the first and last day (both inclusive, days since 1970-01-01 UTC)."""
    found: list[Codes] = []
    total = 0
    for activity in activities:
        span = occupied_days(activity, days)
        if len(span):
            cells = np.unique(np.concatenate([area_cells(area, grid.resolution) for area in activity.areas]))
            total += len(cells) * len(span)
            if total > COMMITTED:
                raise LimitExceeded(f"a plan of more than {COMMITTED} cells and days")
            found.append(encode(grid, np.repeat(cells, len(span)), np.tile(span, len(cells))))
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def occupied_days(activity: Activity, days: tuple[int, int]) -> Codes:
    """The days from the first to the last moment, both widened by the slack, within `days`."""
    if activity.ends < activity.begins or activity.slack < 0:
        raise Malformed("it ends before it begins", what="activity")
    first = max((activity.begins - activity.slack) // DAY, days[0], FIRST_DAY)
    last = min(max(activity.begins, activity.ends - 1) + activity.slack, LAST_DAY * DAY) // DAY
    return np.arange(first, min(last, days[1]) + 1, dtype=np.int64)


def centre(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's centre, in degrees."""
    latitude, longitude = _h3.cell_to_latlng(cell)
    return float(latitude), float(longitude)


def area_cells(area: Area, resolution: int) -> NDArray[np.uint64]:
    """Every cell that a place of the area is in, and some of their neighbours."""
    parts = [_part_cells(part, resolution) for part in area.parts()]
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _part_cells(area: Area, resolution: int) -> NDArray[np.uint64]:
    corners = vectors(area.positions)
    middle, radius = cap(corners)
    edge = float(_h3.average_hexagon_edge_length(resolution, unit="km")) / EARTH_KM
    slack = area.margin_km / EARTH_KM + CIRCUMRADIUS * edge
    rings = math.ceil((radius + slack + CIRCUMRADIUS * edge) / edge)
    if rings > RINGS:
        raise LimitExceeded(f"an area of {rings} rings of cells about its middle, {RINGS} allowed")
    latitude = math.degrees(math.asin(max(-1.0, min(1.0, float(middle[2])))))
    longitude = math.degrees(math.atan2(float(middle[1]), float(middle[0])))
    near: NDArray[np.uint64] = _h3.grid_disk(_h3.latlng_to_cell(latitude, longitude, resolution), rings)
    centres: Vectors = np.array([_centre(cell) for cell in near.tolist()], dtype=np.float64)
    away = distances(centres, area, corners, middle)
    margin = area.margin_km / EARTH_KM
    near, away = near[away <= slack], away[away <= slack]
    unsure = away > margin + SURE * edge
    kept = np.ones(len(near), dtype=np.bool_)
    kept[unsure] = ~touch.apart(near[unsure], corners, margin + TOLERANCE * edge, closed=area.closed)
    return near[kept]


@lru_cache(maxsize=1 << 18)
def _centre(cell: int) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, _h3.cell_to_latlng(cell))
    level = math.cos(latitude)
    return level * math.cos(longitude), level * math.sin(longitude), math.sin(latitude)
