"""Cables, zones, lanes: what a vessel does where something lies."""

import json
from typing import Any

import pytest

from cordiale.desks.maritime.detect.areas import Places, places
from cordiale.errors import Malformed
from desks.maritime.detect.voyages import Ship, events, names

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels


def collection(kind: str, coordinates: object, **properties: str) -> bytes:
    geometry = {"type": kind, "coordinates": coordinates}
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def cable(lon: float = -5.0) -> Places:
    return places(cables=collection("LineString", [[lon, 44.0], [lon, 48.0]], name="EXERCISE cable"))


SQUARE = [[[-6.0, 45.5], [-5.0, 45.5], [-5.0, 46.5], [-6.0, 46.5], [-6.0, 45.5]]]


def test_crossing_a_cable_at_ones_own_speed_tells_nothing() -> None:
    assert names(Ship(-6.0, 46.0).sail(600, 11), places=cable()) == []


@pytest.mark.parametrize("every", [60, 180, 600])
def test_slow_over_a_cable_and_faster_after_is_told_against_the_vessels_own_speed(every: int) -> None:
    """As Yi Peng 3 crossed: at 7.3 knots, against 10.8 later."""
    ship = Ship(-6.0, 46.0, every=every).sail(240, 7.3).sail(180, 7.3).sail(120, 10.8)
    (event,) = events(ship, places=cable())
    assert event["name"] == "cable-slowdown"
    assert event["crossing_speed"] == pytest.approx(7.3, abs=0.3)
    assert event["speed_after"] > 9
    assert event["zone"] == 0


def test_nothing_is_told_before_it_is_seen() -> None:
    assert names(Ship(-6.0, 46.0).sail(420, 7.3), places=cable()) == []


def test_slowing_down_for_long_over_a_cable_is_told_while_it_lasts() -> None:
    ship = Ship(-6.0, 46.0).sail(120, 12).sail(180, 6)
    (event,) = events(ship, places=cable(-5.35))
    assert (event["name"], event["grounds"], event["open"]) == ("cable-slowdown", 2, 1)
    assert event["own_speed"] > 10


def test_an_anchor_dragged_for_half_a_day_before_the_cable_is_told() -> None:
    """As Eagle S came: some sixty nautical miles at reduced speed, the cable last."""
    ship = Ship(-9.0, 46.0).sail(300, 11).sail(520, 7)
    last = cable(ship.lon + 0.05)
    (event,) = events(ship.sail(60, 7), places=last)
    assert (event["name"], event["grounds"]) == ("cable-slowdown", 2)
    assert event["own_speed"] > 10


def test_a_sudden_slowdown_before_a_pipeline_and_way_again_is_told() -> None:
    """As NewNew Polar Bear went on: from 11 knots to 6.5 shortly before, and up again hours later."""
    ship = Ship(-6.0, 46.0).sail(240, 11)
    pipe = cable(ship.lon + 0.12)
    (event,) = events(ship.sail(150, 6.5).sail(180, 10.5), places=pipe)
    assert (event["name"], event["grounds"]) == ("cable-slowdown", 3)


def test_who_fishes_over_a_cable_is_not_told() -> None:
    ship = Ship(-5.2, 46.0).sail(60, 9).sail(240, 3, status=7).sail(120, 9)
    assert names(ship, places=cable(-5.0)) == []


def test_speeding_up_after_leaving_port_is_not() -> None:
    assert names(Ship(-5.05, 46.0).sail(30, 0.1, status=5).sail(25, 6).sail(120, 13), places=cable()) == []


def test_drifting_and_dragging_over_a_cable_are_told_at_once() -> None:
    assert "cable-drift" in names(Ship(-5.04, 46.0).sail(60, 2.5, 90, heading=0), places=cable())
    ship = Ship(-5.04, 46.0).sail(120, 0.1, status=1).sail(60, 2.5, 90, status=1)
    assert "cable-drift" in names(ship, places=cable())


def test_three_crossings_in_three_hours_are_a_zigzag() -> None:
    ship = Ship(-5.1, 46.0).sail(50, 10, 90).sail(50, 10, 270).sail(50, 10, 90)
    told = events(ship, places=cable(), only="cable-zigzag")
    assert [event["crossings"] for event in told] == [3]
    assert "cable-zigzag" not in names(Ship(-5.1, 46.0).sail(50, 10, 90).sail(50, 10, 270), places=cable())


def test_a_step_over_a_cable_far_from_both_its_ends_is_seen() -> None:
    ship = Ship(-6.0, 46.0, every=3600).sail(480, 7).sail(240, 12)
    assert "cable-slowdown" in names(ship, places=cable(-5.4))


def test_a_stay_in_a_zone_is_from_the_first_report_inside_to_the_last() -> None:
    zones = places(zones=collection("Polygon", SQUARE, name="EXERCISE zone"))
    (event,) = events(Ship(-6.5, 46.0).sail(600, 12), places=zones)
    assert (event["name"], event["open"]) == ("zone", 0)
    assert event["duration"] == pytest.approx(77.2 / 12 / 1.852, rel=0.05)


def test_a_zones_edge_has_hysteresis() -> None:
    zones = places(zones=collection("Polygon", SQUARE, name="EXERCISE zone"))
    edge = Ship(-5.001, 46.0)
    for _ in range(10):
        edge.sail(2, 3, 90).sail(2, 3, 270)
    assert len(events(edge, places=zones, only="zone")) == 1


def test_a_zone_over_the_antimeridian_is_one_zone() -> None:
    ring = [[[179.5, -1.0], [-179.5, -1.0], [-179.5, 1.0], [179.5, 1.0], [179.5, -1.0]]]
    ship = Ship(179.2, 0.0).sail(400, 15)
    for row in range(len(ship.rows)):
        time, mmsi, lon, *rest = ship.rows[row]
        ship.rows[row] = (time, mmsi, lon - 360 * 600_000 if lon > 180 * 600_000 else lon, *rest)
    (event,) = events(ship, places=places(zones=collection("Polygon", ring)))
    assert event["name"] == "zone"
    assert event["duration"] == pytest.approx(111.2 / 15 / 1.852, rel=0.05)


def test_a_lane_reaches_to_its_edges_and_no_farther() -> None:
    def line(lat: float, kind: str) -> dict[str, Any]:
        shape = {"type": "LineString", "coordinates": [[-6.0, lat], [-5.0, lat]]}
        return {"type": "Feature", "properties": {"seamark:type": kind}, "geometry": shape}

    features = [
        line(46.0, "separation_lane"),
        line(46.03, "separation_boundary"),
        line(45.97, "separation_boundary"),
    ]
    lanes = places(zones=json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert names(Ship(-5.2, 46.02).sail(60, 12, 270), places=lanes) == ["wrong-way"]
    assert names(Ship(-5.2, 46.04).sail(60, 12, 270), places=lanes) == [], "the inshore zone"
    assert names(Ship(-4.7, 46.02).sail(60, 12, 270), places=lanes) == [], "beyond its end"


def test_going_against_a_lane_is_told_and_crossing_it_is_not() -> None:
    lane = collection("LineString", [[-6.0, 46.0], [-5.0, 46.0]], **{"seamark:type": "separation_lane"})
    lanes = places(zones=lane)
    told = events(Ship(-5.2, 46.0).sail(60, 12, 270), places=lanes)
    assert [event["name"] for event in told] == ["wrong-way"]
    assert names(Ship(-5.8, 46.0).sail(60, 12, 90), places=lanes) == []
    assert names(Ship(-5.5, 45.9).sail(60, 12, 0), places=lanes) == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"features": 3}',
        b'{"features": [3]}',
        collection("LineString", [[0, 1]]),
        collection("LineString", [["a", 1], [2, 3]]),
        collection("LineString", [[0, 95], [1, 2]]),
        collection("LineString", None),
        collection("MultiLineString", [[1, 2], [3, 4]]),
    ],
)
def test_geojson_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        places(cables=text)
