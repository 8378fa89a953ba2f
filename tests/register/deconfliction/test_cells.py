"""cordiale.register.deconfliction.cells and shape: a plan's cover lacks nothing, wherever on the globe, and is bounded."""

import math
from itertools import chain
from typing import Any

import h3.api.basic_int as h3
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.register.deconfliction.places import Position, between, positions, towards

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.deconfliction.cells import CIRCUMRADIUS, SURE, area_cells, cover, occupied_days
from cordiale.register.deconfliction.grid import Grid, project, spell
from cordiale.register.deconfliction.shape import EARTH_KM, Activity, Area, cap, distances, vectors
from cordiale.vocab.moment import DAY, Moment

library: Any = h3
bearings = st.floats(0, 360)
shares = st.floats(0, 1)


def cell_at(place: Position, resolution: int) -> int:
    return library.latlng_to_cell(*place, resolution)


def cells_of(area: Area, resolution: int) -> set[int]:
    return set(area_cells(area, resolution).tolist())


# --- nothing is missed --------------------------------------------------------------------------------------------


@given(positions, st.floats(0, 400), bearings, shares, st.integers(0, 5))
def test_every_place_of_a_disc_is_covered(
    middle: Position, radius: float, bearing: float, share: float, resolution: int
) -> None:
    place = towards(middle, bearing, radius * share)
    assert cell_at(place, resolution) in cells_of(Area((middle,), radius), resolution)


@given(positions, st.floats(0.1, 800), bearings, shares, st.floats(0, 50), bearings, shares, st.integers(0, 5))
def test_every_place_of_a_corridor_is_covered(
    start: Position,
    length: float,
    bearing: float,
    along: float,
    width: float,
    aside: float,
    share: float,
    resolution: int,
) -> None:
    middle, end = towards(start, bearing, length / 2), towards(start, bearing, length)
    place = towards(towards(start, bearing, length * along), aside, width * share)
    assert cell_at(place, resolution) in cells_of(Area((start, middle, end), width), resolution)


@given(
    positions,
    st.lists(st.tuples(bearings, st.floats(20, 900)), min_size=3, max_size=3),
    st.lists(st.floats(0.001, 1), min_size=3, max_size=3),
    st.integers(0, 5),
)
def test_every_place_of_a_triangle_is_covered(
    middle: Position, spokes: list[tuple[float, float]], weights: list[float], resolution: int
) -> None:
    corners = [towards(middle, bearing, km) for bearing, km in spokes]
    area = Area(tuple(corners), closed=True)
    assert cell_at(between(corners, weights), resolution) in cells_of(area, resolution)


@settings(max_examples=25)
@given(positions, st.floats(0, 2500), st.integers(0, 2))
def test_rings_reach_every_cell_that_counts(middle: Position, radius: float, resolution: int) -> None:
    """Against all cells of the globe: those near enough by the library's own distance, and no others."""
    edge = library.average_hexagon_edge_length(resolution, unit="km")
    bound = radius + CIRCUMRADIUS * edge
    everything = chain.from_iterable(library.cell_to_children(base, resolution) for base in library.get_res0_cells())
    apart = {
        cell: library.great_circle_distance(middle, library.cell_to_latlng(cell), unit="km") for cell in everything
    }
    assume(all(abs(km - bound) > 1e-6 for km in apart.values()))
    found = cells_of(Area((middle,), radius), resolution)
    assert found >= {cell for cell, km in apart.items() if km <= radius + SURE * edge - 1e-6}
    assert found <= {cell for cell, km in apart.items() if km <= bound}
    assert all(not_touched(middle, radius, cell) for cell in apart if cell not in found and apart[cell] < 2 * bound)


def not_touched(middle: Position, radius: float, cell: int) -> bool:
    """By places along the cell's boundary, twenty to an edge."""
    corners: list[Position] = list(library.cell_to_boundary(cell))
    return all(
        library.great_circle_distance(middle, between([one, other], [step, 20 - step]), unit="km") > radius
        for one, other in zip(corners, corners[1:] + corners[:1], strict=True)
        for step in range(20)
    )


@pytest.mark.parametrize("resolution", range(10))
def test_the_library_keeps_the_bounds_that_rings_rely_on(resolution: int) -> None:
    edge = library.average_hexagon_edge_length(resolution, unit="km")
    cells: set[int] = set()
    if resolution <= 2:
        for base in library.get_res0_cells():
            cells.update(library.cell_to_children(base, resolution))
    for pentagon in library.get_pentagons(resolution):
        cells.update(library.grid_disk(pentagon, 3))
    for face in range(0, 360, 7):
        cells.add(cell_at((math.degrees(math.asin(face / 180 - 1)), face * 13 % 360 - 180), resolution))
    for cell in cells:
        centre = library.cell_to_latlng(cell)
        corners = library.cell_to_boundary(cell)
        assert max(library.great_circle_distance(centre, corner, unit="km") for corner in corners) < CIRCUMRADIUS * edge
        middles = [between([one, two], [1, 1]) for one, two in zip(corners, corners[1:] + corners[:1], strict=True)]
        assert min(library.great_circle_distance(centre, middle, unit="km") for middle in middles) > SURE * edge
        others = [library.cell_to_latlng(other) for other in library.grid_ring(cell, 1)]
        assert min(library.great_circle_distance(centre, other, unit="km") for other in others) > 1.19 * edge


@given(positions, st.floats(1, 120), st.floats(1, 120), bearings, st.integers(0, 20), st.integers(0, 20))
def test_plans_that_meet_share_a_code_on_every_grid(
    here: Position, one: float, other: float, bearing: float, early: int, late: int
) -> None:
    """Two discs that touch in a place, at a common moment: the coarse pass, and the fine one, find it."""
    place = towards(here, bearing, one * 0.99)
    there = towards(place, bearing, other * 0.99)
    start = 20_000 * DAY
    first = Activity((Area((here,), one),), Moment(start), Moment(start + early * DAY // 4 + 1))
    second = Activity((Area((there,), other),), Moment(start - late * DAY // 4), Moment(start + 1))
    fine, coarse = Grid(4, 1), Grid(2, 7)
    a, b = (cover([each], fine, (19_900, 20_100)) for each in (first, second))
    shared = set(a.tolist()) & set(b.tolist())
    assert cell_at(place, 4) in {spot.cell for code in shared for spot in spell(a[a == code], fine)}
    assert set(project(a, fine, coarse).tolist()) & set(project(b, fine, coarse).tolist())


# --- and not much too much ----------------------------------------------------------------------------------------


@given(positions, st.floats(0, 300), st.integers(2, 5))
def test_no_cell_is_far_from_its_area(middle: Position, radius: float, resolution: int) -> None:
    """Some place on its boundary is within the margin, a third of it, and a little: how far apart a great circle may pass."""
    edge = library.average_hexagon_edge_length(resolution, unit="km")
    for cell in cells_of(Area((middle,), radius), resolution) - {cell_at(middle, resolution)}:
        assert not not_touched(middle, radius * 4 / 3 + 0.06 * edge, cell)


@given(positions, st.integers(0, 6))
def test_a_place_without_a_margin_is_in_its_own_cell_alone(place: Position, resolution: int) -> None:
    """And in its neighbour's where it is on their edge."""
    found = cells_of(Area((place,)), resolution)
    edge = library.average_hexagon_edge_length(resolution, unit="km")
    assert cell_at(place, resolution) in found
    assert all(not not_touched(place, 0.06 * edge, cell) for cell in found - {cell_at(place, resolution)})


@given(positions, bearings, st.floats(100, 600), st.integers(2, 4))
def test_a_thin_corridor_covers_the_cells_that_it_crosses(
    start: Position, bearing: float, length: float, resolution: int
) -> None:
    """Beside the places along it, only cells that it comes very near to."""
    end = towards(start, bearing, length)
    edge = library.average_hexagon_edge_length(resolution, unit="km")
    along = [between([start, end], [step, 400 - step]) for step in range(401)]
    crossed = {cell_at(place, resolution) for place in along}
    found = cells_of(Area((start, end)), resolution)
    assert found >= crossed
    for cell in found - crossed:
        assert any(not not_touched(place, 0.06 * edge + length / 400, cell) for place in along)


@given(positions, bearings, st.floats(1, 3000), st.floats(1, 3000))
def test_distance_to_a_leg_is_that_to_its_nearest_place(
    start: Position, bearing: float, length: float, apart: float
) -> None:
    """Across the leg's middle, behind its end, and on it."""
    end = towards(start, bearing, length)
    middle = between([start, end], [1, 1])
    area = Area((start, end))
    corners = vectors(area.positions)
    sampled = [between([start, end], [step / 200, 1 - step / 200]) for step in range(201)]
    for aside in (0, 37, 90, 200):
        place = towards(middle, aside, apart)
        nearest = min(library.great_circle_distance(place, each, unit="km") for each in sampled)
        found = float(distances(vectors((place,)), area, corners, cap(corners)[0])[0]) * EARTH_KM
        assert found <= nearest + 1e-3
        assert found >= nearest - length / 200


def test_a_polygon_holds_its_inside_and_not_its_notch() -> None:
    """A U across the antimeridian: the notch is outside."""
    corners = ((10.0, 170.0), (0.0, 170.0), (0.0, -170.0), (10.0, -170.0), (10.0, -175.0), (3.0, -175.0), (3.0, 175.0))
    area = Area((*corners, (10.0, 175.0)), closed=True)
    cells = cells_of(area, 4)
    assert cell_at((1.5, 180.0), 4) in cells
    assert cell_at((8.0, 172.0), 4) in cells
    assert cell_at((8.0, -172.0), 4) in cells
    assert cell_at((8.0, 180.0), 4) not in cells
    assert cell_at((1.5, 0.0), 4) not in cells


def test_a_polygon_around_the_pole_holds_the_pole() -> None:
    area = Area(tuple((80.0, longitude) for longitude in (-180.0, -90.0, 0.0, 90.0)), closed=True)
    cells = cells_of(area, 3)
    assert cell_at((90.0, 0.0), 3) in cells
    assert cell_at((70.0, 0.0), 3) not in cells


# --- days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "slack", "expected"),
    [
        (0, DAY, 0, [10]),
        (0, DAY + 1, 0, [10, 11]),
        (5, 5, 0, [10]),
        (DAY - 1, DAY, 1, [10, 11]),
        (0, DAY, 1, [9, 10, 11]),
        (-30 * DAY, 30 * DAY, 0, list(range(5, 16))),
        (40 * DAY, 41 * DAY, 0, []),
    ],
)
def test_days_that_an_activity_touches(begins: int, ends: int, slack: int, expected: list[int]) -> None:
    activity = Activity((), Moment(10 * DAY + begins), Moment(10 * DAY + ends), slack)
    assert occupied_days(activity, (5, 15)).tolist() == expected


def test_an_empty_plan_covers_nothing() -> None:
    assert cover([], Grid(3, 1), (0, 10)).tolist() == []


# --- refusals -----------------------------------------------------------------------------------------------------


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        area_cells(Area(((0.0, 0.0),), 3000), 6)
    long = Activity((Area(((0.0, 0.0),), 1000),), Moment(0), Moment(3000 * DAY))
    with pytest.raises(LimitExceeded):
        cover([long], Grid(4, 1), (0, 3000))


@pytest.mark.parametrize(
    ("positions_", "margin", "closed"),
    [
        ((), 0.0, False),
        (((0.0, 0.0), (1.0, 1.0)), 0.0, True),
        (((91.0, 0.0),), 0.0, False),
        (((0.0, 361.0),), 0.0, False),
        (((math.nan, 0.0),), 0.0, False),
        (((0.0, 0.0),), -1.0, False),
        (((0.0, 0.0),), math.inf, False),
        (((0.0, 0.0),), math.nan, False),
    ],
)
def test_impossible_areas_are_refused(positions_: tuple[Position, ...], margin: float, closed: bool) -> None:
    with pytest.raises(Malformed):
        Area(positions_, margin, closed)


def test_shapes_as_wide_as_a_hemisphere_and_backward_times_are_refused() -> None:
    with pytest.raises(Malformed):
        area_cells(Area(((0.0, 0.0), (0.0, 120.0), (0.0, -120.0)), closed=True), 1)
    with pytest.raises(Malformed):
        occupied_days(Activity((), Moment(10), Moment(9)), (0, 10))
