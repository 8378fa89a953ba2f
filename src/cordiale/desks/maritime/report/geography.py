"""Cables and zones for a map: every line and ring of a GeoJSON file (RFC 7946), unwrapped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import numpy as np

from cordiale.desks.maritime.line import Line, unwrapped
from cordiale.desks.maritime.risk.source import content
from cordiale.errors import LimitExceeded, Malformed

LINES: Final = 50_000
_DEEP: Final = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}


def lines(path: Path | None) -> tuple[Line, ...]:
    """All of them; none without a file. Raises `NotFound`, `Malformed` or `LimitExceeded`."""
    if path is None:
        return ()
    try:
        read: Any = msgspec.json.decode(content(path))
        found = tuple(unwrapped(*np.array(line, float)[:, :2].T) for line in _lines(read))
    except (msgspec.DecodeError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        raise Malformed(f"{path.name} holds no lines", what="GeoJSON") from None
    if len(found) > LINES:
        raise LimitExceeded(f"{path.name}: {len(found)} lines, {LINES} allowed")
    return found


def _lines(node: dict[str, Any]) -> Iterator[list[list[float]]]:
    kind = node.get("type")
    if kind == "FeatureCollection":
        for feature in node["features"]:
            yield from _lines(feature)
    elif kind == "Feature":
        yield from _lines(node.get("geometry") or {})
    elif kind == "GeometryCollection":
        for each in node["geometries"]:
            yield from _lines(each)
    elif kind in _DEEP:
        yield from _flat(node["coordinates"], _DEEP[kind])


def _flat(coordinates: list[Any], depth: int) -> Iterator[list[list[float]]]:
    if depth == 0:
        yield cast("list[list[float]]", coordinates)
    else:
        for each in coordinates:
            yield from _flat(each, depth - 1)
