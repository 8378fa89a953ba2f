"""The coast: its lines for maps, and for kernels whether a place is on land and how far from the coast.

Natural Earth's land at 1:10,000,000, as `world-atlas` ships it: public domain, longitudes to 0.0036°, latitudes to 0.0017°.
A place within about a kilometre of the coast may be on either side, and rivers, canals and harbour basins are land: whoever
judges by it leaves that much room (`inland` gives metres). Lakes are land too, the Caspian Sea is not.

Exact against those lines, by cells of 0.05°. A cell that no line crosses is wholly land or sea. Another knows the lines that
cross it and whether its centre is land: a place is land where an L-shaped way to the centre (along the parallel, then along
the meridian) crosses lines an even number of times and the centre is land, or an odd number and it is sea. Every rule is
half open, so a way through a corner counts once. The centres come from the one fact that the North Pole is sea.
"""

import math
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.analysis.asset import asset
from cordiale.analysis.topojson import Line, Topology
from cordiale.desks.maritime.kernel import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

CELLS: Final = 20
"""In a degree."""
COLUMNS: Final = 360 * CELLS
ROWS: Final = 180 * CELLS
SEA: Final = -1
LAND: Final = -2
METRES: Final = 111_195.08
"""In a degree of a great circle on a sphere of WGS 84's mean radius, 6371.0088 km."""


class Coast(NamedTuple):
    """What the kernels ask. A tile is a degree by a degree; only tiles that a line crosses have cells."""

    tile: Ints
    """[180 × 360] from south-west: SEA, LAND, or the number of its block of cells."""
    cell: Ints
    """[blocks, CELLS × CELLS] from south-west: SEA, LAND, or the number of a cell that lines cross."""
    centre: NDArray[np.bool_]
    """[cells] whether its centre is land."""
    first: Ints
    """[cells + 1] where its lines begin in `crossing`."""
    crossing: Ints
    """[crossings] numbers of lines."""
    line: Floats
    """[lines, 4] x and y of both ends, in cells from 180° W and 90° S; x of the second end may be past the last column."""


@cache
def coastlines() -> tuple[Line, ...]:
    """Every ring of land, unwrapped; degrees."""
    return tuple(Topology(asset("land-10m.json")).lines("land"))


@cache
def borders() -> tuple[Line, ...]:
    """Land borders as the United Nations draw them, 1:50,000,000; no judgement of ours. Degrees."""
    return tuple(Topology(asset("borders-50m.json")).shared("countries"))


def lines_near(lines: tuple[Line, ...], west: float, south: float, east: float, north: float) -> list[Line]:
    """Those whose bounding box meets a box of degrees, moved by whole turns to where they meet it."""
    found: list[Line] = []
    for line in lines:
        (x0, y0), (x1, y1) = line.min(axis=0), line.max(axis=0)
        if y0 <= north and y1 >= south:
            for turn in range(math.ceil((west - x1) / 360), math.floor((east - x0) / 360) + 1):
                found.append(line + np.array((360.0 * turn, 0.0)))
    return found


@cache
def coast() -> Coast:
    """Of the shipped file; made at the first call (some 0.3 s) and kept."""
    return index(coastlines())


def index(rings: tuple[Line, ...]) -> Coast:
    """The cells of some rings, in degrees, unwrapped; outside of all of them, as the North Pole is, is sea."""
    ends = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in rings])
    line: Floats = (ends + np.array((180.0, 90.0, 180.0, 90.0))) * CELLS
    line[:, ::2] -= COLUMNS * np.floor(line[:, :1] / COLUMNS)
    cells, lines = _crossed(line)
    order = np.lexsort((lines, cells))
    cells, lines = cells[order], lines[order]
    mixed, first = np.unique(cells, return_index=True)
    land = _centres(line)
    tile, cell = _tiles(land, mixed)
    return Coast(
        tile,
        cell,
        np.ascontiguousarray(land.ravel()[mixed]),
        np.append(first, len(cells)).astype(np.int32),
        lines.astype(np.int32),
        line,
    )


def _crossed(line: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a cell and a line that has a point in it."""
    low, high = np.minimum(line[:, 1], line[:, 3]), np.maximum(line[:, 1], line[:, 3])
    which, row = _spread(np.floor(low), np.minimum(np.floor(high), ROWS - 1))
    ends = _at(line[which], row, 0), _at(line[which], row + 1, 1)
    again, column = _spread(np.floor(np.minimum(*ends)), np.floor(np.maximum(*ends)))
    return (row[again] * COLUMNS + column % COLUMNS).astype(np.int64), which[again]


def _at(line: Floats, y: NDArray[np.int64], flat: int) -> Floats:
    """Where each line crosses its `y`, or the end nearest to it; of a line along the parallel its first or second end."""
    x0, y0, x1, y1 = line.T
    high = np.where(y1 == y0, 1.0, y1 - y0)
    across = np.clip(x0 + (x1 - x0) * ((y - y0) / high), np.minimum(x0, x1), np.maximum(x0, x1))
    return np.asarray(np.where(y1 == y0, x1 if flat else x0, across), np.float64)


def _spread(low: Floats, high: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every whole number from `low` to `high` of each row, with the row's number."""
    times = (high - low).astype(np.int64) + 1
    which = np.repeat(np.arange(len(low)), times)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times) + low.astype(np.int64)[which]


def _centres(line: Floats) -> NDArray[np.bool_]:
    """[ROWS, COLUMNS] whether a cell's centre is land: parity from the North Pole down the first column, then along each row."""
    turned = np.zeros((ROWS, COLUMNS), np.bool_)
    x0, y0, x1, y1 = line.T
    meridian = np.zeros(ROWS + 1, np.int64)
    for at in (0.5, 0.5 + COLUMNS):
        met = ((x0 > at) != (x1 > at)).nonzero()[0]
        height = y0[met] + (y1[met] - y0[met]) * ((at - x0[met]) / (x1[met] - x0[met]))
        np.add.at(meridian, np.clip(np.ceil(height - 0.5), 0, ROWS).astype(np.int64), 1)
    # a crossing at `height` turns every centre below it
    below = np.cumsum(meridian[::-1])[::-1][1:]
    low, high = np.minimum(y0, y1), np.maximum(y0, y1)
    which, row = _spread(np.ceil(low - 0.5), np.ceil(high - 0.5) - 1)
    x = x0[which] + (x1[which] - x0[which]) * ((row + 0.5 - y0[which]) / (y1[which] - y0[which]))
    column = np.ceil(x - 0.5).astype(np.int64) % COLUMNS
    # what lies between the last centre of a row and the first is on the way to neither
    np.logical_xor.at(turned, (row, column), column > 0)
    turned[:, 0] ^= below % 2 == 1
    return np.logical_xor.accumulate(turned, axis=1)


def _tiles(land: NDArray[np.bool_], mixed: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """The tables of tiles and cells."""
    value = np.where(land, LAND, SEA).astype(np.int32)
    value.ravel()[mixed] = np.arange(len(mixed))
    by_tile = value.reshape(180, CELLS, 360, CELLS).swapaxes(1, 2).reshape(180 * 360, CELLS * CELLS)
    plain = (by_tile == by_tile[:, :1]).all(axis=1) & (by_tile[:, 0] < 0)
    tile = by_tile[:, 0].copy()
    tile[~plain] = np.arange(np.count_nonzero(~plain))
    return tile, np.ascontiguousarray(by_tile[~plain])


@kernel
def _cell(coast: Coast, row: int, column: int) -> int:
    """SEA, LAND, or a cell's number; beyond the North Pole is sea, beyond the South Pole land."""
    if row < 0 or row >= ROWS:
        return LAND if row < 0 else SEA
    column %= COLUMNS
    tile = coast.tile[(row // CELLS) * 360 + column // CELLS]
    if tile < 0:
        return tile
    return coast.cell[tile, (row % CELLS) * CELLS + column % CELLS]


@kernel
def on_land(coast: Coast, lon: float, lat: float) -> bool:
    """Whether a place is on land; degrees, longitude of any turn. 20 ns away from the coast, 0.1 µs near it."""
    x = (lon + 180.0) % 360.0 * CELLS
    y = min((lat + 90.0) * CELLS, ROWS - 1e-9)
    row, column = math.floor(y), math.floor(x)
    number = _cell(coast, row, column)
    if number < 0:
        return number == LAND
    cx, cy, land = column % COLUMNS + 0.5, row + 0.5, bool(coast.centre[number])
    x = x % COLUMNS
    for k in range(coast.first[number], coast.first[number + 1]):
        x0, y0, x1, y1 = coast.line[coast.crossing[k]]
        if min(x0, x1) > x + 1.0:  # the line was unwrapped past the last column
            x0, x1 = x0 - COLUMNS, x1 - COLUMNS
        elif max(x0, x1) < x - 1.0:
            x0, x1 = x0 + COLUMNS, x1 + COLUMNS
        if (y0 > y) != (y1 > y):
            at = x0 + (x1 - x0) * ((y - y0) / (y1 - y0))
            if min(x, cx) < at <= max(x, cx):
                land = not land
        if (x0 > cx) != (x1 > cx):
            at = y0 + (y1 - y0) * ((cx - x0) / (x1 - x0))
            if min(y, cy) < at <= max(y, cy):
                land = not land
    return land


@kernel
def inland(coast: Coast, lon: float, lat: float, reach: float) -> float:
    """Metres from the coast, positive on land and negative at sea; never more than `reach` either way.

    Distances are those of a plane that touches the sphere at the place: within 0.1 % up to 20 km, below 85° of latitude.
    """
    x, y = (lon + 180.0) % 360.0 * CELLS, (lat + 90.0) * CELLS
    down = METRES / CELLS
    along = down * max(0.02, math.cos(math.radians(lat)))
    rows, columns = math.ceil(reach / down), min(COLUMNS // 2 - 1, math.ceil(reach / along))
    row, column = math.floor(y), math.floor(x)
    best = reach * reach
    for i in range(row - rows, row + rows + 1):
        for j in range(column - columns, column + columns + 1):
            number = _cell(coast, i, j)
            if number >= 0:
                for k in range(coast.first[number], coast.first[number + 1]):
                    best = min(best, _away(coast.line[coast.crossing[k]], x, y, along, down))
    return math.sqrt(best) if on_land(coast, lon, lat) else -math.sqrt(best)


@kernel
def _away(line: Floats, x: float, y: float, along: float, down: float) -> float:
    """Square metres from a place to a line; a cell has `along` by `down` metres."""
    turns = round((0.5 * (line[0] + line[2]) - x) / COLUMNS) * COLUMNS
    ax, ay = (line[0] - turns - x) * along, (line[1] - y) * down
    dx, dy = (line[2] - line[0]) * along, (line[3] - line[1]) * down
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / square))
    return (ax + t * dx) ** 2 + (ay + t * dy) ** 2
