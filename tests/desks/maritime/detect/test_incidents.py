"""Incidents over cables as they were reported, on made-up tracks (EXERCISE): the shape is theirs, the sea is not.

Sources of the speeds: Yi Peng 3, 7.3 knots over the cable and 10.8 later; NewNew Polar Bear, a steady 11 knots and 9.5 for five
minutes over the Balticconnector (ERR News, 17 October 2023); Eagle S, 8.5 knots, 6.3 half an hour later, three miles in the next
hour and a half, 7.5 afterwards (EADaily, 26 December 2024). Sampled as receivers do: every few seconds to three minutes, or in
passes of satellites with more than an hour between.
"""

import json
from collections.abc import Callable

import pytest

from cordiale.desks.maritime.detect.areas import Places, places
from desks.maritime import incidents
from desks.maritime.detect.test_vessel_and_places import cable
from desks.maritime.detect.voyages import Ship, events, names

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

CABLE = cable()


def slow(ship: Ship, places: Places = CABLE) -> list[dict[str, object]]:
    return events(ship, places=places, only="cable-slowdown")


def towards(kn: float, minutes: float, every: int, **more: float) -> Ship:
    """Begins so many minutes' way west of the cable, which lies along 5° W."""
    return Ship(-5.0 - kn * minutes / 60 / 60 / 0.6947, 46.0, every=every)


@pytest.mark.parametrize("every", [3, 10, 60, 180])
def test_yi_peng_3(every: int) -> None:
    ship = towards(7.3, 240, every).sail(360, 7.3).sail(240, 10.8)
    (told,) = slow(ship)
    assert told["crossing_speed"] == pytest.approx(7.3, abs=0.3)
    assert told["speed_after"] == pytest.approx(10.8, abs=0.3)
    assert told["grounds"] == 1


def test_who_has_just_left_port_speeds_up() -> None:
    ship = towards(7.0, 120, 60).sail(300, 0.0, status=5).sail(150, 7.0).sail(480, 11.0)
    assert slow(ship) == []


def test_who_comes_to_port_was_slowing_down_for_it() -> None:
    """It is told as it happens, and taken back when the vessel makes fast."""
    ship = towards(13, 360, 60).sail(345, 13.0).sail(45, 7.0).sail(60, 12.0)
    (told,) = slow(ship)
    assert (told["open"], told["grounds"]) == (1, 1)
    assert slow(ship.sail(30, 4.0).sail(120, 0.0, status=5)) == []


def test_a_silence_in_port_is_a_rest_too() -> None:
    """Some receivers, and files of tracks, have nothing of vessels that lie in port."""
    ship = towards(13, 360, 60).sail(345, 13.0).sail(45, 7.0).sail(60, 12.0)
    assert len(slow(ship)) == 1
    assert slow(ship.wait(600).sail(60, 9.0)) == []
    departed = Ship(-5.3, 46.0).sail(60, 4.0).wait(600).sail(110, 7.0).sail(480, 11.0)
    assert slow(departed) == []


@pytest.mark.parametrize("every", [3, 10, 60, 120])
def test_newnew_polar_bear(every: int) -> None:
    """Slower for five minutes, just there."""
    ship = towards(11, 240, every).sail(238, 11.0).sail(5, 9.5).sail(120, 11.0)
    (told,) = slow(ship)
    assert (told["grounds"], told["crossing_speed"]) == (4, 9.5)
    assert told["own_speed"] == pytest.approx(11.0, abs=0.2)
    assert float(str(told["end"])) - float(str(told["begin"])) < 3600


@pytest.mark.parametrize("every", [10, 60, 180])
def test_the_same_anywhere_else_is_nothing(every: int) -> None:
    ship = towards(11, 240, every).sail(200, 11.0).sail(5, 9.5).sail(180, 11.0)
    assert names(ship, places=CABLE) == []


def test_a_vessel_whose_speed_wavers_is_not_told() -> None:
    ship = towards(11, 240, 60)
    for _ in range(40):
        ship.sail(5, 11.8).sail(5, 9.6)
    assert names(ship, places=CABLE) == []


def test_eagle_s() -> None:
    """Reports half an hour and an hour and a half apart; in between it made three miles."""
    ship = Ship(-5.0 - (25.5 + 3.15 + 1.5) / 60 / 0.6947, 46.0).sail(180, 8.5).sail(30, 6.3)
    ship.wait(90).leap(ship.lon + 3 / 60 / 0.6947, 46.0).sail(60, 7.5)
    (told,) = slow(ship)
    assert told["crossing_speed"] == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("every", [10, 180])
def test_an_anchor_dragged_for_half_a_day(every: int) -> None:
    """From 11 knots to 8 and on for eleven hours before the cable: still slow against its own, and slow for long."""
    ship = Ship(-8.0, 46.0, every=every).sail(300, 11.0).sail(660, 7.0).sail(120, 7.0)
    assert names(ship, places=cable(-5.9)) == ["cable-slowdown"]


def test_in_passes_of_satellites() -> None:
    """Ten minutes of reports in each hour and a half."""
    ship = towards(7.0, 360, 60)
    for kn in (7.0, 7.0, 7.0, 7.0, 10.6, 10.6, 10.6):
        before = len(ship.sail(10, kn).rows)
        del ship.sail(80, kn).rows[before:]
    (told,) = slow(ship)
    assert told["crossing_speed"] == pytest.approx(7.0, abs=0.3)


def test_who_was_slow_long_before_the_cable_and_is_made_to_stop_is_told() -> None:
    """As Fitburg: tens of kilometres of drag marks, found with its chain out two hours and a half after the cable had failed."""
    ship = towards(6.5, 180, 60)
    ship.lon -= 10.5 * 4 / 60 / 0.6947
    ship.sail(240, 10.5).sail(180 + 160, 6.5).sail(240, 0.2)
    (told,) = slow(ship)
    assert (told["grounds"], told["open"]) == (2, 1)
    assert slow(ship.sail(90, 6.0).sail(120, 0.0, status=5))[0]["own_speed"] == pytest.approx(10.5, abs=0.3)


def test_a_rest_far_from_the_cable_takes_nothing_back() -> None:
    """As Eagle S, which stopped on the evening of the day, far on: a port is nearer."""
    ship = towards(7.0, 240, 60).sail(240 + 45, 7.0).sail(210, 10.5).sail(200, 0.0, status=1)
    (told,) = slow(ship)
    assert told["grounds"] == 1


def over(*lines: incidents.Line) -> Places:
    features = [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": line}, "properties": {"name": "EXERCISE"}}
        for line in lines
    ]
    return places(cables=json.dumps({"type": "FeatureCollection", "features": features}).encode())


@pytest.mark.parametrize(("waver", "lost", "every"), [(0.1, 0.1, 30), (0.5, 0.3, 60), (0.3, 0.3, 600)])
@pytest.mark.parametrize("make", [incidents.yi_peng_3, incidents.eagle_s, incidents.fitburg, incidents.vezhen])
def test_weather_and_lost_reports_hide_no_slow_crossing(
    make: Callable[[], incidents.Incident], waver: float, lost: float, every: int
) -> None:
    incident = make()
    (ship,) = incident.ships
    seen = [
        slow(incidents.weathered(ship, seed, waver=waver, lost=lost, every=every), over(*incident.cables))
        for seed in range(5)
    ]
    assert sum(len(told) > 0 for told in seen) >= 4


@pytest.mark.parametrize(("waver", "every"), [(0.25, 30), (0.5, 60), (0.25, 600)])
def test_weather_alone_is_no_slow_crossing(waver: float, every: int) -> None:
    """Ships that hold their power, twelve hours over three cables."""
    lines = tuple(((lon, 44.0), (lon, 48.0)) for lon in (-5.4, -5.0, -4.6))
    seen = [
        slow(
            incidents.weathered(Ship(-7.0, 46.0, every=30).sail(720, kn), seed, waver=waver, lost=0.2, every=every),
            over(*lines),
        )
        for seed, kn in enumerate((8.0, 9.5, 11.0, 12.5, 14.0, 16.0, 10.0, 13.0))
    ]
    assert sum(map(len, seen)) <= 1
