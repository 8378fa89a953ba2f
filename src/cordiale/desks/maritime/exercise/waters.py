"""Where the exercise takes place: lines and points of data/exercise.toml, lengths and directions on them.

Longitude and latitude in degrees, WGS 84; lengths in metres on a sphere. Legs are short enough (100 km at most) to be straight
in longitude and latitude.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import msgspec

METRES: Final = 111_195.0
"""In a degree of latitude, on a sphere of 6,371.0088 km."""

Point = tuple[float, float]
Line = tuple[Point, ...]


class Waters(msgspec.Struct, frozen=True):
    """The exercise's geography."""

    lanes: dict[str, Line]
    ferries: dict[str, Line]
    points: dict[str, Line]
    cables: dict[str, Line]
    zones: dict[str, Line]
    scheme: dict[str, Line]
    receivers: tuple[tuple[float, float, float], ...]
    flags: tuple[int, ...]
    call_signs: tuple[str, ...]
    """The first two characters for each flag."""


@cache
def waters() -> Waters:
    """What data/exercise.toml says."""
    found = tomllib.loads(files("cordiale.desks.maritime").joinpath("data/exercise.toml").read_text())
    return Waters(
        lanes=_lines(found["lanes"]),
        ferries=_lines(found["ferries"]),
        points=_lines(found["points"]),
        cables=_lines(found["cables"]),
        zones=_lines(found["zones"]),
        scheme=_lines(found["scheme"]),
        receivers=tuple((lon, lat, km * 1000) for lon, lat, km in found["receivers"]["ashore"]),
        flags=tuple(found["flags"]["digits"]),
        call_signs=tuple(found["flags"]["call_signs"]),
    )


def _lines(given: Mapping[str, Sequence[Sequence[float]]]) -> dict[str, Line]:
    return {name: tuple((float(lon), float(lat)) for lon, lat in line) for name, line in given.items()}


def metres(a: Point, b: Point) -> float:
    """How far apart two near points are."""
    return math.hypot((b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2)), b[1] - a[1]) * METRES


def turn(a: Point, b: Point, c: Point) -> float:
    """Degrees by which the way from a over b to c turns at b, 0 to 180."""
    flat = math.cos(math.radians(b[1]))
    before, after = math.atan2((b[0] - a[0]) * flat, b[1] - a[1]), math.atan2((c[0] - b[0]) * flat, c[1] - b[1])
    return abs((math.degrees(after - before) + 180.0) % 360.0 - 180.0)


def shifted(point: Point, east: float, north: float) -> Point:
    """The point so many metres further."""
    return point[0] + east / (METRES * math.cos(math.radians(point[1]))), point[1] + north / METRES


def beside(line: Sequence[Point], metres_right: float) -> Line:
    """The line moved to its right."""
    moved: list[Point] = []
    for place, point in enumerate(line):
        before, after = line[max(0, place - 1)], line[min(len(line) - 1, place + 1)]
        east = (after[0] - before[0]) * math.cos(math.radians(point[1]))
        north = after[1] - before[1]
        length = math.hypot(east, north)
        moved.append(shifted(point, metres_right * north / length, -metres_right * east / length))
    return tuple(moved)


def along(line: Sequence[Point], share: float) -> Point:
    """The point at this share, 0 to 1, of the line's length."""
    lengths = [metres(a, b) for a, b in pairwise(line)]
    left = share * sum(lengths)
    for place, length in enumerate(lengths):
        if left <= length:
            a, b, f = line[place], line[place + 1], left / length
            return a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1])
        left -= length
    return line[-1]


def nearest(line: Sequence[Point], point: Point) -> int:
    """The number of the line's vertex that is nearest to `point`."""
    return min(range(len(line)), key=lambda place: metres(line[place], point))


def feature(name: str, kind: str, line: Line, **properties: object) -> dict[str, Any]:
    """A Feature (RFC 7946), named EXERCISE: a Point is a line of one."""
    shape = {"Point": line[0], "LineString": line, "Polygon": (line,)}[kind]
    return {
        "type": "Feature",
        "properties": {"name": f"EXERCISE {name}", **properties},
        "geometry": {"type": kind, "coordinates": shape},
    }
