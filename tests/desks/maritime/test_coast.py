"""Land and sea: known places, and every answer the same as slow arithmetic over all lines."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from cordiale.desks.maritime.coast import METRES, Coast, borders, coast, coastlines, index, inland, lines_near, on_land

pytestmark = pytest.mark.timeout(600)

AT_SEA = {
    "Dover Strait": (1.45, 51.05),
    "North Pole": (0.0, 90.0),
    "Bay of Biscay": (-5.0, 46.0),
    "the antimeridian": (180.0, 0.5),
    "the antimeridian, written otherwise": (-180.0, 0.5),
    "Baltic": (20.0, 58.0),
    "Caspian": (51.0, 42.0),
}
ON_LAND = {
    "London": (-0.4, 51.5),
    "Paris": (2.35, 48.86),
    "Chukotka, west of the antimeridian": (178.0, 67.0),
    "Chukotka, east of it": (-178.0, 66.5),
    "Vanua Levu": (179.2, -16.6),
    "South Pole": (33.0, -90.0),
    "Antarctica at the antimeridian": (180.0, -84.9),
    "Isle of Wight": (-1.3, 50.68),
}


@pytest.fixture(scope="module")
def land() -> Coast:
    return coast()


@pytest.mark.parametrize("place", AT_SEA)
def test_known_seas(land: Coast, place: str) -> None:
    assert not on_land(land, *AT_SEA[place])


@pytest.mark.parametrize("place", ON_LAND)
def test_known_lands(land: Coast, place: str) -> None:
    assert on_land(land, *ON_LAND[place])


def slow(lon: float, lat: float) -> tuple[bool, float]:
    """Parity of what the meridian north of a place crosses, and metres to the nearest line, over all lines there are."""
    line = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in coastlines()])
    line[:, ::2] -= 360.0 * np.round((line[:, :1] - lon) / 360.0)
    x0, y0, x1, y1 = line.T
    met = (x0 > lon) != (x1 > lon)
    height = y0[met] + (y1 - y0)[met] * ((lon - x0[met]) / (x1 - x0)[met])
    return bool(np.count_nonzero(height > lat) % 2), _nearest(line, lon, lat)


def _nearest(line: NDArray[np.float64], lon: float, lat: float) -> float:
    wide = METRES * math.cos(math.radians(lat))
    a, b = (line[:, :2] - (lon, lat)) * (wide, METRES), (line[:, 2:] - (lon, lat)) * (wide, METRES)
    along = b - a
    square = np.maximum((along**2).sum(axis=1), 1e-30)
    t = np.clip(-(a * along).sum(axis=1) / square, 0, 1)
    return float(np.sqrt(((a + t[:, None] * along) ** 2).sum(axis=1)).min())


def test_as_slow_arithmetic_says(land: Coast) -> None:
    """Places near coasts everywhere, the antimeridian and high latitudes among them."""
    rng = np.random.default_rng(3)
    corners = np.concatenate([ring[:-1] for ring in coastlines()])
    dateline = corners[(np.abs(corners[:, 0]) > 179.7) & (corners[:, 1] < 75)]
    chosen = np.concatenate(
        [corners[rng.integers(len(corners), size=60)], dateline[rng.integers(len(dateline), size=20)]]
    )
    places = [(x, y) for x, y in chosen + rng.normal(0, 0.02, chosen.shape) if abs(y) < 83]
    both = {True: 0, False: 0}
    for lon, lat in places:
        is_land, metres = slow(lon, lat)
        assert on_land(land, lon, lat) == on_land(land, lon + 360, lat) == is_land, (lon, lat)
        signed = inland(land, lon, lat, 5_000.0)
        assert abs(signed) == pytest.approx(min(metres, 5_000.0), rel=1e-6, abs=1e-3), (lon, lat)
        assert (signed > 0) == is_land
        both[is_land] += 1
    assert min(both.values()) > 20


def test_rings_of_ones_own() -> None:
    """A square with a lake in it, across the antimeridian."""
    outer = np.array([(179.0, 0.0), (181.0, 0.0), (181.0, 2.0), (179.0, 2.0), (179.0, 0.0)])
    lake = np.array([(179.8, 0.8), (179.8, 1.2), (180.2, 1.2), (180.2, 0.8), (179.8, 0.8)])
    land = index((outer, lake))
    asked = {(179.5, 1.0): True, (-179.5, 1.0): True, (180.0, 1.0): False, (-179.9, 1.1): False, (178.9, 1.0): False}
    assert {place: on_land(land, *place) for place in asked} == asked
    assert inland(land, -179.9, 1.1, 50_000.0) == pytest.approx(-0.1 * METRES, rel=1e-3)
    assert inland(land, 10.0, 1.0, 5_000.0) == -5_000.0


def test_lines_for_a_map() -> None:
    """France and Britain in a box of the Channel; Fiji in a box that crosses the antimeridian, both ways of writing it."""
    channel = lines_near(coastlines(), 0.5, 50.5, 2.5, 51.5)
    assert any(ring[:, 0].min() < -5 for ring in channel) and any(ring[:, 0].max() > 30 for ring in channel)
    east, west = (lines_near(coastlines(), lon, -17.0, lon + 2, -16.0) for lon in (179.0, -181.0))
    assert len(east) == len(west) > 0
    assert np.allclose(east[0][:, 0] - 360.0, west[0][:, 0])


def test_borders_are_not_those_of_the_atlas_that_draws_crimea_as_russian() -> None:
    """The isthmus of Perekop is no border between two countries."""
    across = [line for line in lines_near(borders(), 33.4, 45.9, 34.0, 46.3) if _inside(line, 33.4, 45.9, 34.0, 46.3)]
    assert across == []
    assert any(_inside(line, 7.5, 47.4, 7.7, 49.0) for line in borders())  # the Rhine between France and Germany


def _inside(line: NDArray[np.float64], west: float, south: float, east: float, north: float) -> bool:
    x, y = line.T
    return bool(((x > west) & (x < east) & (y > south) & (y < north)).any())
