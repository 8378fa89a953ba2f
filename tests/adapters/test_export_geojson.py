"""GeoJSON: `marking` on the collection and every Feature, geometry that can be drawn, and values read again."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.extracts import DECISION, EVERYTHING, LOWER, MARKING, PASSAGE, extract, row
from cordiale.adapters.exchange import as_geojson
from cordiale.adapters.exchange.antimeridian import cut_line, cut_ring
from cordiale.adapters.exchange.extract import BETWEEN
from cordiale.errors import Malformed
from cordiale.register.schema import shipped

DECISION_TYPE = shipped()["decision"]


def features(*rows: Any) -> list[dict[str, Any]]:
    return json.loads(as_geojson.write(extract(*rows)))["features"]


def test_the_marking_is_on_the_collection_and_on_each_feature() -> None:
    data = as_geojson.write(extract())
    found = json.loads(data)
    assert found["type"] == "FeatureCollection"
    assert found["marking"] == MARKING + BETWEEN + LOWER
    assert [feature["marking"] for feature in found["features"]] == [LOWER, MARKING]
    assert found["features"][0]["geometry"] is None
    assert found["features"][0]["record"]["status"] == "part-keyed"
    assert as_geojson.write(extract()) == data


def test_geometry_is_drawn_and_cut_at_the_antimeridian() -> None:
    (feature,) = features(row(PASSAGE, EVERYTHING))
    point, areas, line = feature["geometry"]["geometries"]
    assert point == {"type": "Point", "coordinates": [-1.5, 50.25]}
    assert line == {"type": "LineString", "coordinates": EVERYTHING["lane"]["line"]}
    assert areas["type"] == "MultiPolygon"
    west, east = ({x for x, _ in ring} for (ring,) in areas["coordinates"])
    assert {frozenset(west), frozenset(east)} == {frozenset({179.0, 180.0}), frozenset({-180.0, -179.0})}
    assert all(ring[0] == ring[-1] for (ring,) in areas["coordinates"])


def test_one_place_is_one_geometry() -> None:
    ring = [[0.0, 50.0], [1.0, 50.0], [1.0, 51.0]]
    (feature,) = features(row(PASSAGE, {"box": {"ring": ring}}))
    assert feature["geometry"] == {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def test_a_line_is_cut_at_the_antimeridian() -> None:
    assert cut_line([[170.0, 0.0], [-170.0, 10.0]]) == [
        [[170.0, 0.0], [180.0, 5.0]],
        [[-180.0, 5.0], [-170.0, 10.0]],
    ]
    assert cut_line([[-170.0, 0.0], [170.0, 10.0]])[0] == [[-170.0, 0.0], [-180.0, 5.0]]
    assert cut_line([[180.0, 1.0], [-180.0, 1.0]]) == [[[180.0, 1.0], [180.0, 1.0]], [[-180.0, 1.0], [-180.0, 1.0]]]


@given(st.lists(st.tuples(st.integers(-180, 180), st.integers(-90, 90)), min_size=3, max_size=8))
def test_nothing_drawn_leaves_the_map_or_jumps_across_it(ring: list[tuple[int, int]]) -> None:
    points = [[float(x), float(y)] for x, y in ring]
    for part in cut_ring(points):
        assert len(part) > 2
        assert all(abs(x) <= 180 for x, _ in part)
    for part in cut_line(points):
        assert all(abs(x) <= 180 for x, _ in part)
        assert all(abs(b[0] - a[0]) <= 180 for a, b in pairwise(part))


def test_a_ring_around_a_pole_has_no_geometry_and_stays_in_the_properties() -> None:
    pole = {"box": {"ring": [[0.0, 80.0], [120.0, 80.0], [-120.0, 80.0]]}}
    (feature,) = features(row(PASSAGE, pole))
    assert feature["geometry"] is None
    assert feature["properties"] == pole


def test_an_export_is_read_again() -> None:
    (read,) = as_geojson.read(as_geojson.write(extract(row(PASSAGE, EVERYTHING))), PASSAGE)
    assert (read.place, read.marking, read.values, read.faults) == (1, MARKING, EVERYTHING, ())
    assert "decision, not passage" in as_geojson.read(as_geojson.write(extract()), PASSAGE)[0].faults[0].why.en


def test_geometry_from_elsewhere_goes_to_the_field_of_its_form() -> None:
    def read(geometry: Any) -> Any:
        feature = {"type": "Feature", "geometry": geometry, "properties": None}
        (found,) = as_geojson.read(json.dumps({"features": [feature]}).encode(), PASSAGE)
        return found.values

    assert read({"type": "Point", "coordinates": [1, 2, 3]}) == {"point": [1, 2]}
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    assert read({"type": "Polygon", "coordinates": [ring]}) == {"box": {"ring": ring[:-1]}}
    for not_guessed in ({"type": "Polygon", "coordinates": [ring, ring]}, {"type": "LineString"}, "x", None):
        assert read(not_guessed) == {}


def test_what_is_no_collection_is_malformed() -> None:
    for data in (b"", b"[]", b'{"features": 3}'):
        with pytest.raises(Malformed):
            as_geojson.read(data, DECISION_TYPE)
    odd = json.dumps({"features": [3, {"properties": [1]}]}).encode()
    assert [found.faults[0].why.en for found in as_geojson.read(odd, DECISION_TYPE)] == ["not a Feature", "not a table"]


def test_a_decision_has_no_place() -> None:
    (feature,) = features(row(DECISION_TYPE, DECISION))
    assert feature["properties"] == DECISION
