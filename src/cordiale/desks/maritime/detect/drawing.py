"""Lines and polygons out of GeoJSON (RFC 7946), as people hand them in. A feature that can't be drawn is named; the rest counts.

Coordinates are degrees, WGS 84; edges are straight in longitude and latitude. OpenStreetMap's `seamark:type` tells lanes of a
traffic separation scheme (`separation_lane`, in the direction of the traffic) and where they end sideways from other lines.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.errors import LimitExceeded, Malformed
from cordiale.wire import limits

Floats = NDArray[np.float64]
NAMED: Final = ("name", "Name", "NAME", "slug", "ref", "id", "osm_id")
_LANE: Final = "separation_lane"
_BARRIERS: Final = ("separation_zone", "separation_line", "separation_boundary", "separation_roundabout")


class Drawn(NamedTuple):
    """One thing: its name, and its lines or rings as [n, 2]."""

    name: str
    paths: list[Floats]


class Drawing(NamedTuple):
    """What one file has."""

    lines: list[Drawn]
    lanes: list[Drawn]
    """of `lines`: those that are not said to be something else than a lane"""
    polygons: list[Drawn]
    barriers: list[Drawn]
    """edges of lanes: separation zones, lines and boundaries"""
    broken: list[str]
    """what could not be drawn, and why"""


class _Broken(ValueError):
    """A feature that can't be drawn."""


def read(payload: bytes, what: str) -> Drawing:
    """A file's things; `what` names it. Raises `Malformed` where it is no GeoJSON, `LimitExceeded` where it is too large."""
    if len(payload) > limits.MARITIME_AREAS_BYTES:
        raise LimitExceeded(f"{what}: {len(payload)} bytes, {limits.MARITIME_AREAS_BYTES} allowed")
    found = Drawing([], [], [], [], [])
    try:
        plain = msgspec.json.decode(payload, type=dict[str, Any])
        features = plain.get("features", [plain])
        if not isinstance(features, list):
            raise _Broken("features that are no list")
    except (msgspec.DecodeError, RecursionError, _Broken) as fault:
        raise Malformed(f"{what}: {str(fault)[:200]}", what="GeoJSON") from None
    for number, feature in enumerate(cast("list[Any]", features), 1):
        try:
            for geometry, properties in _geometries(feature):
                _draw(found, geometry, properties, number)
        except _Broken as fault:
            found.broken.append(f"{what}: feature {number}: {fault}")
    return found


def _geometries(feature: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Geometry and properties of a feature; a collection of geometries counts as its members."""
    if not isinstance(feature, dict):
        raise _Broken("no feature")
    plain = cast("dict[str, Any]", feature)
    properties: Any = plain.get("properties") or {}
    geometry: Any = plain.get("geometry", plain if "coordinates" in plain else None) or {}
    if not (isinstance(properties, dict) and isinstance(geometry, dict)):
        raise _Broken("a geometry or properties that are none")
    named = cast("dict[str, Any]", geometry)
    parts: Any = named.get("geometries", [named] if named else [])
    for each in cast("list[Any]", parts) if isinstance(parts, list) else [None]:
        if not isinstance(each, dict):
            raise _Broken("a geometry that is none")
        yield cast("dict[str, Any]", each), cast("dict[str, Any]", properties)


def _draw(found: Drawing, geometry: dict[str, Any], properties: dict[str, Any], number: int) -> None:
    kind, coordinates, mark = geometry.get("type"), geometry.get("coordinates"), properties.get("seamark:type")
    name = next((str(properties[key])[:80] for key in NAMED if properties.get(key)), f"#{number}")
    if kind in ("LineString", "MultiLineString"):
        parts = [coordinates] if kind == "LineString" else _list(coordinates)
        drawn = Drawn(name, [_path(part, 2) for part in parts])
        found.lines.append(drawn)
        if mark in (None, _LANE):
            found.lanes.append(drawn)
    elif kind in ("Polygon", "MultiPolygon"):
        parts = [coordinates] if kind == "Polygon" else _list(coordinates)
        rings = [_path(ring, 4) for part in parts for ring in _list(part)]
        if not rings:
            return
        drawn = Drawn(name, _together(rings))
        found.polygons.append(drawn)
    else:
        return
    if mark in _BARRIERS:
        found.barriers.append(drawn)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Broken("coordinates that are none")
    return cast("list[Any]", value)


def _path(points: Any, least: int) -> Floats:
    """[n, 2] unwrapped, so that no step goes round the world."""
    try:
        path = np.array([(float(point[0]), float(point[1])) for point in _list(points)]).reshape(-1, 2)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise _Broken("coordinates that are none") from None
    if len(path) < least:
        raise _Broken("too few points")
    if not np.isfinite(path).all() or np.abs(path).max() > 360 or np.abs(path[:, 1]).max() > 90:
        raise _Broken("points off the globe")
    path[:, 0] = np.unwrap(path[:, 0], period=360)
    return path


def _together(rings: list[Floats]) -> list[Floats]:
    """Rings of one polygon, moved by whole turns next to the first."""
    home = rings[0][:, 0].mean()
    return [ring - [360 * round((ring[:, 0].mean() - home) / 360), 0] for ring in rings]
