"""Each detector of a single vessel: what it tells, and what it does not."""

import pytest

from cordiale.desks.maritime.detect.vessel import STATE_BYTES, VESSEL
from desks.maritime.detect.voyages import Ship, events, names

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels


def biscay(**more: int) -> Ship:
    return Ship(-6.0, 46.0, **more)


def test_a_vessels_record_has_at_most_200_bytes() -> None:
    assert VESSEL.itemsize <= STATE_BYTES == 200


@pytest.mark.parametrize("every", [10, 60, 180])
def test_an_ordinary_voyage_tells_nothing(every: int) -> None:
    assert names(biscay(every=every).sail(600, 14, 290).sail(300, 12, 250).sail(120, 8, 260)) == []


def test_loitering_has_its_path_and_mean_speed() -> None:
    (event,) = events(biscay().sail(60, 12).sail(240, 1.0).sail(60, 12))
    assert event["name"] == "loitering"
    assert event["duration"] == pytest.approx(239 / 60)
    assert event["mean_speed"] == pytest.approx(1.0, rel=0.02)
    assert event["open"] == 0
    (event,) = events(biscay().sail(60, 12).sail(240, 1.0))
    assert event["open"] == 1


def test_a_gap_says_what_was_before_and_after() -> None:
    (event,) = events(biscay().sail(120, 12).wait(240).sail(30, 8))
    assert event["name"] == "gap"
    assert event["silent"] == pytest.approx(4 + 1 / 60)
    assert (event["speed_before"], event["speed_after"]) == (pytest.approx(12), pytest.approx(8))
    assert event["heard_before"] == 120
    assert names(biscay().sail(120, 12).wait(240).sail(30, 8), profile="gfw") == []


def test_a_silence_that_lasts_is_open() -> None:
    (event,) = events(biscay().sail(30, 12), later=7200)
    assert (event["name"], event["open"], event["silent"]) == ("gap", 1, pytest.approx(2))


def test_a_leap_that_no_vessel_makes_is_a_jump_once_it_is_confirmed() -> None:
    (event,) = events(biscay().sail(60, 12).leap(-3.0, 46.5).sail(60, 12))
    assert event["name"] == "jump"
    assert 200 < float(str(event["distance"])) < 260
    assert event["branch"] == 1


def test_one_wrong_position_is_no_jump_and_breaks_nothing() -> None:
    ship = biscay().sail(60, 12)
    here = ship.lon, ship.lat
    ship.leap(5.0, 40.0).sail(1, 12).leap(*here).sail(60, 12)
    assert names(ship) == []


def test_one_mmsi_in_two_places_is_told_as_that_and_each_is_a_vessel_of_its_own() -> None:
    here, there = biscay(every=60).sail(300, 1.0), Ship(-30.0, 40.0, every=60, at=17).sail(300, 14)
    told = events(here, there)
    assert [event["name"] for event in told] == ["loitering", "two-places"]
    assert float(str(told[1]["distance"])) > 1500
    assert int(float(str(told[1]["alternations"]))) == 255


def test_a_gap_of_an_mmsi_that_was_heard_elsewhere_is_none() -> None:
    ship = biscay().sail(60, 12)
    here = ship.lon, ship.lat
    ship.leap(-30.0, 40.0).sail(300, 12).leap(*here).sail(60, 12)
    assert names(ship) == ["jump"]


@pytest.mark.parametrize(("radius", "kn", "every"), [(0.2, 20, 10), (1.8, 18, 30), (6.0, 25, 60), (0.5, 8, 20)])
def test_circles_of_many_sizes_are_found(radius: float, kn: float, every: int) -> None:
    turns = max(3.0, 200 / (60 * 2 * 3.1416 * radius / (kn * 1.852)))
    told = events(biscay(every=every).sail(60, kn).circle(turns, radius, kn), only="circle")
    assert len(told) == 1
    assert told[0]["radius"] == pytest.approx(radius, rel=0.15)
    assert told[0]["sectors"] >= 14  # pyright: ignore


def test_a_circle_that_is_over_is_told_too() -> None:
    told = events(biscay(every=30).sail(60, 18).circle(4, 1.8, 18).sail(60, 18))
    assert [(event["name"], event["open"]) for event in told] == [("circle", 0)]


@pytest.mark.parametrize(("wide", "radius"), [(25.0, 1.2), (12.0, 0.4), (25.0, 2.4)])
def test_a_small_circle_is_not_lost_in_the_tenth_of_a_wide_one(wide: float, radius: float) -> None:
    told = events(biscay(every=30).circle(0.15, wide, 18).circle(20, radius, 18), only="circle")
    assert [event["radius"] for event in told] == [pytest.approx(radius, rel=0.15)]


def test_to_and_fro_along_a_ring_is_no_circle() -> None:
    ship = biscay(every=60)
    for _ in range(12):
        ship.circle(0.3, 3.0, 15)
        for row in ship.rows[-20:][::-1]:
            ship.lon, ship.lat = row[2] / 600_000, row[3] / 600_000
            ship.sail(1, 15)
    assert "circle" not in names(ship)


def test_swinging_at_anchor_is_no_circle() -> None:
    assert names(biscay().circle(3, 0.3, 0.4, status=1)) == ["loitering"]


def test_speeds_that_the_way_belies_are_impossible_motion() -> None:
    ship = biscay(every=60)
    for _ in range(20):
        ship.report(3.0, 90, None, 0)
        ship.sail(1, 40)
        ship.rows.pop(-1)
    assert names(ship) == ["motion"]
    assert names(biscay(every=60).sail(60, 40)) == []


def test_drifting_is_slow_sideways_or_not_under_command() -> None:
    (event,) = events(biscay().sail(60, 12).sail(60, 2.5, 90, heading=0).sail(60, 12))
    assert event["name"] == "drift"
    assert event["mean_angle"] == pytest.approx(90)
    assert event["distance"] == pytest.approx(2.5 * 1.852, rel=0.1)
    assert names(biscay().sail(60, 12).sail(60, 2.5, status=2).sail(60, 12)) == ["drift"]
    assert names(biscay().sail(60, 12).sail(60, 2.5, 90, heading=0, status=7).sail(60, 12)) == []
    assert names(biscay().sail(60, 12).sail(60, 2.5, 90, heading=80).sail(60, 12)) == []


def test_a_course_that_is_noise_to_both_sides_is_no_drift() -> None:
    ship = biscay(every=10)
    for number in range(900):
        ship.sail(1 / 6, 0.9, 90, heading=90 + (50 if number % 2 else -55))
    assert "drift" not in names(ship)
    ship = biscay(every=10)
    for number in range(900):
        ship.sail(1 / 6, 0.9, 90, heading=90 + (50 if number % 2 else 75))
    assert "drift" in names(ship)


def test_one_report_and_a_long_silence_are_no_drift() -> None:
    assert "drift" not in names(biscay().sail(60, 12).sail(1, 2.0, 90, heading=0).wait(45).sail(60, 2.0, 90))


def test_dragging_is_leaving_the_anchorage_slowly_with_status_at_anchor() -> None:
    told = events(biscay(every=180).sail(30, 8).sail(150, 0.1, status=1).sail(120, 4.0, 45, status=1).sail(30, 9))
    assert [event["name"] for event in told] == ["anchor-dragging"]
    assert float(str(told[0]["distance"])) > 10_000


def test_weighing_anchor_is_no_dragging_even_if_the_status_stays() -> None:
    assert names(biscay(every=180).sail(150, 0.1, status=1).sail(120, 11, 45, status=1)) == []
    assert names(biscay(every=180).sail(150, 0.1, status=1).sail(120, 3, 45, status=0)) == []


def test_positions_well_inland_are_on_land() -> None:
    (event,) = events(Ship(0.5, 47.5).sail(30, 10))
    assert event["name"] == "on-land"
    assert float(str(event["inland"])) > 40


def test_rtec_and_gfw_tell_what_they_define_alone() -> None:
    ship = biscay().sail(60, 12).sail(60, 3.0, 90, heading=0).sail(60, 12)
    assert set(names(ship, profile="gfw")) == set()
    assert set(names(ship, profile="rtec")) == {"drift"}
