"""Overlaps on the sphere against dense sampling, and by hand: touching, antimeridian, poles, containment, degenerate rings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from cordiale.desks.activity import table
from cordiale.desks.activity.overlap import overlap
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.sphere import TOUCH, TOUCH_KM
from cordiale.desks.activity.table import Table
from cordiale.desks.activity.volume import CORNERS, Circle, Corridor, Polygon, Shape
from cordiale.errors import LimitExceeded, Malformed
from desks.activity.plans import (
    EARTH_KM,
    activity,
    box,
    depths_km,
    go,
    half_width,
    km_between,
    line,
    shapes,
    vector,
    volume,
)


def columns(*shape: Shape) -> table.Columns:
    return Table([activity(f"s{n:03}", volume(each)) for n, each in enumerate(shape)], shipped()).columns


def reach_km(one: Shape, other: Shape, enough: float = math.inf) -> float:
    return overlap(columns(one, other).shapes, 0, 1, enough) * EARTH_KM


def meet(one: Shape, other: Shape) -> bool:
    return reach_km(one, other, TOUCH) > TOUCH_KM


# --- against sampling ---------------------------------------------------------------------------------------------


@settings(max_examples=120)
@given(shapes(), shapes())
def test_sampling_finds_no_other_answer(one: Shape, other: Shape) -> None:
    lines = line(one), line(other)
    error = 2.0 * max(_step_km(each) for each in lines)
    reach = reach_km(one, other)
    apart = float(km_between(*lines).min()) - half_width(one) - half_width(other)
    deepest = max(float(depths_km(other, lines[0]).max()), float(depths_km(one, lines[1]).max()))
    if reach < 0:
        assert apart == pytest.approx(-reach, abs=error)
    widths = half_width(one) + half_width(other)
    deepest += min(half_width(one), half_width(other)) if deepest < 0 else 0.0
    if deepest > error and widths == 0.0:
        assert reach > TOUCH_KM
    if reach > error + widths:  # a core is inside the other's area
        assert deepest > 0 or _same_inside(one, other)
    assert meet(one, other) == (reach > TOUCH_KM)


def _step_km(points: np.ndarray) -> float:
    return (
        float(km_between(points[:2], points[:2])[0, -1]) + 0.01
        if len(points) < 3
        else float(max(np.linalg.norm(np.diff(points, axis=0), axis=1)) * EARTH_KM) + 0.01
    )


def _same_inside(one: Shape, other: Shape) -> bool:
    """Whether some point near the corners' middle is inside both."""
    middle = line(one).mean(axis=0)[None]
    middle /= np.linalg.norm(middle)
    return bool(min(depths_km(one, middle)[0], depths_km(other, middle)[0]) > 0)


@settings(max_examples=60)
@given(shapes(), shapes())
def test_who_is_named_first_makes_no_difference(one: Shape, other: Shape) -> None:
    shape = columns(one, other).shapes
    assert overlap(shape, 0, 1, math.inf) == overlap(shape, 1, 0, math.inf)
    assert (overlap(shape, 0, 1, TOUCH) > TOUCH) == (overlap(shape, 1, 0, TOUCH) > TOUCH)


@settings(max_examples=60)
@given(shapes())
def test_a_box_holds_its_shape(shape: Shape) -> None:
    held = columns(shape).box[0]
    points = line(shape)
    if isinstance(shape, Polygon):
        axes = np.concatenate([np.eye(3), -np.eye(3)])
        points = np.concatenate([points, axes[depths_km(shape, axes) > 1.0]])
    assert (points >= held[:3]).all()
    assert (points <= held[3:]).all()


@settings(max_examples=60)
@given(shapes())
def test_everything_meets_itself(shape: Shape) -> None:
    assert meet(shape, shape)


# --- by hand ------------------------------------------------------------------------------------------------------


def test_touching_edges_do_not_meet() -> None:
    assert not meet(box(0, 50, 1, 51), box(1, 50, 2, 51))
    assert not meet(box(0, 50, 1, 51), box(1, 51, 2, 52))
    assert not meet(box(179, 50, 180, 51), box(-180, 50, -179, 51))
    assert reach_km(box(0, 50, 1, 51), box(1, 50, 2, 51)) == pytest.approx(0, abs=TOUCH_KM)


def test_half_an_edge_in_common_touches() -> None:
    assert not meet(box(0, 50, 1, 52), box(1, 51, 2, 53))
    assert not meet(Polygon(((0, 0), (4, 0), (4, 4), (0, 4))), Polygon(((1, 0), (2, -2), (3, 0))))


@pytest.mark.parametrize(("metres", "meets"), [(0.5, False), (3.0, True)])
def test_a_metre_is_the_limit(metres: float, meets: bool) -> None:
    degrees = metres / 111_195
    assert meet(box(0, -1, 1, 1), box(1 - degrees, -1, 2, 1)) is meets
    assert meet(Circle((0, 0), 10.0), Circle(go((0, 0), 1.0, 20.0 - metres / 1000), 10.0)) is meets


def test_a_chord_between_two_points_of_a_ring() -> None:
    """Corners on the ring, nothing crosses, and yet the inside is shared."""
    square = Polygon(((0, 0), (4, 0), (4, 4), (0, 4)))
    assert meet(square, Polygon(((0, 1), (4, 3), (8, 2))))
    assert meet(square, Polygon(((0, 0), (4, 4), (8, -1))))


def test_across_the_antimeridian() -> None:
    east, west = box(178, -1, 182, 1), box(-179, -1, -175, 1)
    assert meet(east, west)
    assert not meet(east, box(-177, -1, -175, 1))
    assert reach_km(box(178, -1, 179, 1), box(-179, -1, -178, 1)) == pytest.approx(
        -2 * 111.195 * math.cos(math.radians(1)), 1e-4
    )
    assert meet(Corridor(((179.5, 0), (-179.5, 0)), 5.0), Circle((180, 0), 1.0))
    assert not meet(east, box(-2, -1, 2, 1))


def test_at_the_poles() -> None:
    cap = Polygon(tuple((float(x), 80.0) for x in range(-180, 180, 30)))
    assert meet(cap, Circle((17, 90), 1.0))
    assert meet(cap, box(10, 85, 20, 86))
    assert not meet(cap, box(10, 70, 20, 75))
    assert not meet(cap, Polygon(tuple((float(x), -80.0) for x in range(-180, 180, 30))))
    assert reach_km(Circle((0, 89), 1.0), Circle((180, 89), 1.0)) == pytest.approx(2.0 - 2 * EARTH_KM * math.pi / 180)


def test_containment_and_sameness() -> None:
    outer, within = box(0, 0, 10, 10), box(4, 4, 6, 6)
    assert reach_km(outer, within) > 400
    assert meet(within, outer)
    assert meet(outer, Polygon(tuple(reversed(outer.ring))))
    assert meet(outer, Polygon((outer.ring[2], outer.ring[3], outer.ring[0], outer.ring[1])))


def test_a_cross_of_two_bars_has_no_corner_inside() -> None:
    assert meet(box(0, 4, 10, 6), box(4, 0, 6, 10))


def test_widths_add_up() -> None:
    lines = Corridor(((0, 0), (10, 0)), 30.0), Corridor(((0, 1), (10, 1)), 80.0)
    assert reach_km(*lines) == pytest.approx(110 - math.pi / 180 * EARTH_KM)
    assert reach_km(Circle((0, 0), 10.0), box(1, -1, 2, 1)) == pytest.approx(10 - math.pi / 180 * EARTH_KM, rel=1e-3)


def test_great_circles_bulge() -> None:
    """The edge between two corners at 50° goes north of the parallel: 3 km for 5° of longitude, 118 km for 30°."""
    assert meet(box(0, 40, 30, 50), Circle((15, 50.9), 10.0))
    assert not meet(box(0, 40, 30, 50), Circle((15, 51.3), 10.0))


@pytest.mark.parametrize(
    ("ring", "why"),
    [
        (((0, 0), (1, 1), (1, 0), (0, 1)), "crosses"),
        (((0, 0), (2, 0), (2, 2), (1, 0), (0, 2)), "touches itself"),
        (((0, 0), (1, 0), (1, 1), (1, 0), (0, 1)), "touches itself"),
        (((0, 0), (1, 0), (2, 0)), "touches itself"),
        (((0, 0), (1, 0), (0.5, 0.000005)), "no inside"),
        (((0, 0), (0, 0), (1, 0), (1, 1)), "twice in a row"),
        (((0, 0), (180, 0), (90, 10)), "half way"),
        (tuple((float(x), -5.0) for x in range(-180, 180, 30)), "80°"),
        (((0, 0), (1, 0)), "3 are needed"),
        (((0, 0), (1, 0), (181, 1)), "longitude"),
        (((0, 0), (1, 0), (math.nan, 1)), "longitude"),
        (((0, 0), (1, 0), (1, math.inf)), "longitude"),
    ],
)
def test_degenerate_rings_are_refused(ring: tuple[tuple[float, float], ...], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Polygon(ring)


def test_too_many_corners_are_refused() -> None:
    ring = tuple(go((0, 0), n * 2 * math.pi / (CORNERS + 1), 500.0) for n in range(CORNERS + 1))
    with pytest.raises(LimitExceeded):
        Polygon(ring)
    assert len(Polygon(ring[:CORNERS]).ring) == CORNERS


def test_the_oracle_knows_inside_from_outside() -> None:
    points = np.array([vector((0.5, 50.5)), vector((1.5, 50.5)), vector((180.5, -50.5))])
    assert [bool(each) for each in depths_km(box(0, 50, 1, 51), points) > 0] == [True, False, False]
