"""Where things lie that vessels are judged by: cables, zones, traffic lanes, land; read from GeoJSON (RFC 7946), found by cells.

Coordinates are degrees, WGS 84; edges are straight in longitude and latitude, as RFC 7946 has them. A cell is a tenth of a
degree. `near` tells for each cell what may matter there, so that for nearly every report one look is enough.
"""

import gzip
import math
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from cordiale.crypto.digest import sha256
from cordiale.desks.maritime.coast import CELLS, LAND, Coast, coast
from cordiale.desks.maritime.detect import drawing
from cordiale.desks.maritime.detect.drawing import Drawn, Floats
from cordiale.errors import Malformed, NotFound
from cordiale.wire import limits

COLUMNS: Final = 3600
ROWS: Final = 1800
NEAR_LAND: Final = 1
NEAR_CABLE: Final = 2
NEAR_ZONE: Final = 4
NEAR_LANE: Final = 8
STEP: Final = 0.02
"""Degrees between the points by which an edge's cells are found."""


class Lines(NamedTuple):
    """Line segments and the cells that they, or a neighbouring cell, go through."""

    cell: NDArray[np.int32]
    """[m] cells, ascending"""
    first: NDArray[np.int32]
    """[m + 1] where a cell's segments begin in `item`"""
    item: NDArray[np.int32]
    """numbers of segments"""
    ends: Floats
    """[n, 4] longitude and latitude of both ends; the second may be past 180°"""
    owner: NDArray[np.int32]
    """[n] which of the named things it belongs to"""


class Zones(NamedTuple):
    """Polygons, in their order."""

    edge: Lines
    """`owner` is the zone"""
    ring: NDArray[np.int32]
    """[zones + 1] where a zone's edges begin in `edge.ends`"""
    middle: Floats
    """[zones] a longitude in the midst of each"""
    inside: Lines
    """Cells wholly in a zone: `item` are zones; `ends` and `owner` are empty"""


class Areas(NamedTuple):
    """What the kernels ask."""

    near: NDArray[np.uint8]
    """[ROWS · COLUMNS] from 180° W, 90° S"""
    cable: Lines
    lane: Lines
    barrier: Lines
    """edges of lanes: separation zones, lines and boundaries"""
    zone: Zones
    coast: Coast


class Places(NamedTuple):
    """Areas, and what they are called."""

    areas: Areas
    cables: tuple[str, ...]
    zones: tuple[str, ...]
    lanes: tuple[str, ...]
    broken: tuple[str, ...] = ()
    """features that could not be drawn, and why"""


def places(cables: bytes | None = None, zones: bytes | None = None) -> Places:
    """Areas from two GeoJSON texts. `Malformed` where one is none, or has nothing that can be drawn.

    Lines in `cables` are cables or pipelines. Polygons in `zones` are zones, lines there are lanes of a traffic separation
    scheme, in the direction of the traffic (OpenStreetMap's `seamark:type=separation_lane`). Its separation zones, lines and
    boundaries are where lanes end sideways.
    """
    empty = drawing.Drawing([], [], [], [], [])
    cable = empty if cables is None else drawing.read(cables, "cables")
    zone = empty if zones is None else drawing.read(zones, "zones")
    _something("cables", cables, cable.lines, "line", cable.broken)
    _something("zones", zones, [*zone.polygons, *zone.lanes], "polygon or lane", zone.broken)
    near = _land().copy()
    cable_lines, lane_lines, edges = _indexed(cable.lines), _indexed(zone.lanes), _indexed(zone.polygons)
    counts = [sum(len(path) - 1 for path in drawn.paths) for drawn in zone.polygons]
    ring = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    middle = np.array([np.concatenate(drawn.paths)[:, 0].mean() for drawn in zone.polygons], np.float64)
    inside = _filled(zone.polygons, edges)
    near[cable_lines.cell] |= NEAR_CABLE
    near[lane_lines.cell] |= NEAR_LANE
    near[edges.cell] |= NEAR_ZONE
    near[inside.cell] |= NEAR_ZONE
    areas = Areas(near, cable_lines, lane_lines, _indexed(zone.barriers), Zones(edges, ring, middle, inside), coast())
    names = [tuple(each.name for each in drawn) for drawn in (cable.lines, zone.polygons, zone.lanes)]
    return Places(areas, *names, broken=(*cable.broken, *zone.broken))


def _something(what: str, given: bytes | None, drawn: Sequence[Drawn], wanted: str, broken: Sequence[str]) -> None:
    """A file that is given and has nothing to go by would hide everything in silence."""
    if given is not None and not drawn:
        raise Malformed("; ".join(broken[:3]) or f"{what}: no {wanted} in it", what="GeoJSON")


class Drawings(NamedTuple):
    """Two GeoJSON files, plain or gzipped; an empty name is none."""

    cables: str = ""
    zones: str = ""

    def digest(self) -> str:
        """Of what is in them."""
        return sha256(b"".join(sha256(_payload(name)) if name else b"-" for name in self)).hex()


@cache
def drawn(drawings: Drawings) -> Places:
    """The areas of two files, read once in a process. `NotFound`, or `Malformed` where they are no GeoJSON."""
    if drawings == Drawings():
        return nothing()
    return places(*(_payload(name) if name else None for name in drawings))


def _payload(name: str) -> bytes:
    most = limits.MARITIME_AREAS_BYTES + 1
    try:
        with Path(name).open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            with gzip.open(file) if packed else file as source:
                return source.read(most)
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise Malformed(f"{name}: {fault}", what="GeoJSON") from None
    except OSError as fault:
        raise NotFound(f"{name} ({fault.strerror})", what="file") from None


@cache
def nothing() -> Places:
    """The coast alone."""
    return places()


@cache
def _land() -> NDArray[np.uint8]:
    """NEAR_LAND where all of a cell is land: there a position is well inland, elsewhere nothing is said."""
    tile = coast().tile.reshape(180, 360)
    half = CELLS // 2
    near = np.zeros((180, half, 360, half), np.uint8)
    near[:] = (tile == LAND)[:, None, :, None]
    mixed = np.argwhere(tile >= 0)
    blocks = (coast().cell[tile[tile >= 0]] == LAND).reshape(-1, half, 2, half, 2).all(axis=(2, 4))
    near[mixed[:, 0], :, mixed[:, 1], :] = blocks
    return np.ascontiguousarray(near.reshape(-1)) * np.uint8(NEAR_LAND)


def _indexed(drawn: Sequence[Drawn]) -> Lines:
    owners = [np.full(len(path) - 1, number, np.int32) for number, each in enumerate(drawn) for path in each.paths]
    ends = [np.hstack([path[:-1], path[1:]]) for each in drawn for path in each.paths]
    if not ends:
        return Lines(*_rows([]), np.zeros((0, 4)), np.zeros(0, np.int32))
    joined = np.ascontiguousarray(np.concatenate(ends))
    cells = ((cell, number) for number, segment in enumerate(joined) for cell in _along(segment))
    return Lines(*_rows(cells), joined, np.concatenate(owners))


def _along(segment: Floats) -> list[int]:
    """Cells of a segment and their neighbours."""
    x0, y0, x1, y1 = segment
    share = np.linspace(0.0, 1.0, math.ceil(max(abs(x1 - x0), abs(y1 - y0)) / STEP) + 1)
    column = np.floor((x0 + share * (x1 - x0) + 180.0) * 10).astype(np.int64)
    row = np.floor((y0 + share * (y1 - y0) + 90.0) * 10).astype(np.int64)
    pairs = np.unique(np.stack([row, column]), axis=1)
    around = [
        np.clip(pairs[0] + down, 0, ROWS - 1) * COLUMNS + (pairs[1] + along) % COLUMNS
        for down in (-1, 0, 1)
        for along in (-1, 0, 1)
    ]
    return np.unique(np.concatenate(around)).tolist()


def _rows(pairs: Iterable[tuple[int, int]]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """(cell, item) pairs as cells, where each one's items begin, and items."""
    table = np.array(sorted(pairs), np.int32).reshape(-1, 2)
    cell, first = np.unique(table[:, 0], return_index=True)
    return cell, np.append(first, len(table)).astype(np.int32), np.ascontiguousarray(table[:, 1])


def _filled(drawn: Sequence[Drawn], edges: Lines) -> Lines:
    """Cells wholly in a zone: those of its extent that no edge is near, and whose centre is inside."""
    pairs = list[tuple[int, int]]()
    touched = [set[int]() for _ in drawn]
    for place, cell in enumerate(edges.cell.tolist()):
        for item in edges.item[edges.first[place] : edges.first[place + 1]].tolist():
            touched[edges.owner[item]].add(cell)
    for zone, each in enumerate(drawn):
        points = np.concatenate(each.paths)
        west, south, east, north = (float(value) for value in (*points.min(axis=0), *points.max(axis=0)))
        columns = np.arange(math.floor((west + 180) * 10), math.floor((east + 180) * 10) + 1, dtype=np.int64)
        for row in range(max(0, math.floor((south + 90) * 10)), min(ROWS - 1, math.floor((north + 90) * 10)) + 1):
            inner = columns[_inner(each, (columns + 0.5) / 10 - 180, (row + 0.5) / 10 - 90)]
            cells = cast(list[int], (row * COLUMNS + inner % COLUMNS).tolist())
            pairs += [(cell, zone) for cell in cells if cell not in touched[zone]]
    return Lines(*_rows(pairs), np.zeros((0, 4)), np.zeros(0, np.int32))


def _inner(drawn: Drawn, x: Floats, y: float) -> NDArray[np.bool_]:
    """Which of the places (x, y) lie in a polygon."""
    odd = np.zeros(len(x), np.bool_)
    for path in drawn.paths:
        low, high = path[:-1], path[1:]
        spans = (low[:, 1] > y) != (high[:, 1] > y)
        low, high = low[spans], high[spans]
        at = low[:, 0] + (high[:, 0] - low[:, 0]) * (y - low[:, 1]) / (high[:, 1] - low[:, 1])
        odd ^= np.searchsorted(np.sort(at), x) % 2 > 0
    return odd
