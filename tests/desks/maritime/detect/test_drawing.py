"""GeoJSON as people hand it in: what can be drawn counts, what cannot is named."""

import json
from typing import Any

import pytest

from cordiale.desks.maritime.detect.areas import places
from cordiale.desks.maritime.detect.drawing import read
from cordiale.errors import LimitExceeded, Malformed
from cordiale.wire import limits

LINE = {"type": "LineString", "coordinates": [[-5.0, 44.0], [-5.0, 48.0]]}
RING = {"type": "Polygon", "coordinates": [[[-6, 45], [-5, 45], [-5, 46], [-6, 45]]]}


def collection(*geometries: Any, **properties: str) -> bytes:
    features = [{"type": "Feature", "geometry": each, "properties": properties} for each in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ({"type": "LineString", "coordinates": [[0, 1]]}, "too few points"),
        ({"type": "LineString", "coordinates": [["a", 1], [2, 3]]}, "coordinates that are none"),
        ({"type": "LineString", "coordinates": [{}, {}]}, "coordinates that are none"),
        ({"type": "LineString", "coordinates": [[0, 95], [1, 2]]}, "points off the globe"),
        ({"type": "LineString", "coordinates": [[999, 5], [1, 2]]}, "points off the globe"),
        ({"type": "LineString"}, "coordinates that are none"),
        ({"type": "MultiLineString", "coordinates": 3}, "coordinates that are none"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "too few points"),
        ({"type": "GeometryCollection", "geometries": [None]}, "a geometry that is none"),
        ("LineString", "a geometry or properties that are none"),
    ],
)
def test_a_broken_feature_is_named_and_the_rest_goes_on(geometry: Any, why: str) -> None:
    found = read(collection(LINE, geometry, RING, name="EXERCISE"), "cables")
    assert found.broken == [f"cables: feature 2: {why}"]
    assert (len(found.lines), len(found.polygons)) == (1, 1)
    assert places(cables=collection(LINE, geometry)).broken == (f"cables: feature 2: {why}",)


def test_what_is_no_feature_is_named() -> None:
    found = read(b'{"features": [3, {"type": "Feature", "geometry": null}, null]}', "zones")
    assert found.broken == ["zones: feature 1: no feature", "zones: feature 3: no feature"]


@pytest.mark.parametrize("text", [b"", b"[]", b'{"features": 3}', b"\xff\xfe{", b'{"features": [' + b"[" * 100_000])
def test_what_is_no_geojson_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(text, "zones")


def test_a_file_with_nothing_to_go_by_is_refused() -> None:
    """It would hide every crossing in silence."""
    with pytest.raises(Malformed, match="no line in it"):
        places(cables=collection(RING))
    with pytest.raises(Malformed, match="no polygon or lane in it"):
        places(zones=collection(LINE, **{"seamark:type": "separation_line"}))


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MARITIME_AREAS_BYTES", 10)
    with pytest.raises(LimitExceeded):
        read(collection(LINE), "cables")


def test_lanes_and_their_edges() -> None:
    found = read(collection(LINE, RING, **{"seamark:type": "separation_zone"}), "zones")
    assert (len(found.lines), len(found.lanes), len(found.polygons), len(found.barriers)) == (1, 0, 1, 2)
