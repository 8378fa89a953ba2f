"""Activities for tests, and what they should give, found without the code under test: sampling, and every pair in turn."""

import math
from itertools import combinations, pairwise

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from cordiale.desks.activity.rules import Rules
from cordiale.desks.activity.volume import (
    Activity,
    ActivityId,
    AltitudeBand,
    Circle,
    Corridor,
    Interval,
    Polygon,
    Position,
    Shape,
    Uncertainty,
    Volume,
)
from cordiale.errors import CordialeError
from cordiale.vocab.moment import HOUR, Moment
from cordiale.vocab.party import Nation

EARTH_KM = 6371.0088
Vectors = NDArray[np.float64]

PLACES: list[Position] = [(0.0, 0.0), (180.0, 10.0), (-180.0, -60.0), (15.0, 90.0), (0.0, -90.0), (2.3, 48.8)]


def box(west: float, south: float, east: float, north: float) -> Polygon:
    """Four corners; longitudes may run past 180."""
    turned = [((x + 180.0) % 360.0 - 180.0, y) for x, y in ((west, south), (east, south), (east, north), (west, north))]
    return Polygon(tuple(turned))


def volume(
    shape: Shape, hours: tuple[int, int] = (0, 1), band: tuple[float, float] = (0.0, 100.0), **more: float
) -> Volume:
    span = Interval(Moment(hours[0] * HOUR), Moment(hours[1] * HOUR))
    return Volume(shape, AltitudeBand(*band), span, Uncertainty(**more))


def activity(
    name: str, *volumes: Volume, kind: str = "live-fire", nation: str = "", resources: tuple[str, ...] = ()
) -> Activity:
    """Of France if its name ends with an odd digit, else of the United Kingdom, unless told."""
    return Activity(
        ActivityId(name), Nation(nation or ("fr" if name[-1] in "13579" else "uk")), kind, volumes, resources
    )


# --- on the sphere ------------------------------------------------------------------------------------------------


def vector(position: Position) -> Vectors:
    x, y = math.radians(position[0]), math.radians(position[1])
    return np.array([math.cos(y) * math.cos(x), math.cos(y) * math.sin(x), math.sin(y)])


def go(start: Position, bearing: float, km: float) -> Position:
    """Where one is after `km` along a great circle."""
    here, turn = vector(start), km / EARTH_KM
    east = np.array([-math.sin(math.radians(start[0])), math.cos(math.radians(start[0])), 0.0])
    north = np.cross(here, east)
    there = here * math.cos(turn) + (north * math.cos(bearing) + east * math.sin(bearing)) * math.sin(turn)
    return math.degrees(math.atan2(there[1], there[0])), math.degrees(math.asin(max(-1.0, min(1.0, there[2]))))


def line(shape: Shape, per_edge: int = 200) -> Vectors:
    """Points all along a shape's ring or path."""
    if isinstance(shape, Circle):
        return vector(shape.centre)[None]
    corners = shape.path if isinstance(shape, Corridor) else (*shape.ring, shape.ring[0])
    parts = [np.linspace(vector(a), vector(b), per_edge) for a, b in pairwise(corners)]
    points = np.concatenate(parts)
    found: Vectors = points / np.linalg.norm(points, axis=1)[:, None]
    return found


def half_width(shape: Shape) -> float:
    if isinstance(shape, Circle):
        return shape.radius_km
    return shape.half_width_km if isinstance(shape, Corridor) else 0.0


def km_between(a: Vectors, b: Vectors) -> Vectors:
    """[len(a), len(b)]"""
    chords = np.sqrt(np.maximum(0.0, ((a[:, None] - b[None]) ** 2).sum(-1)))
    found: Vectors = 2.0 * np.arcsin(np.minimum(1.0, chords / 2.0)) * EARTH_KM
    return found


def winds(polygon: Polygon, points: Vectors) -> NDArray[np.bool_]:
    """Whether the ring turns round each point and not its antipode: by the angles at which its corners are seen."""
    corners = np.array([vector(each) for each in polygon.ring])
    total = np.zeros(len(points))
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        flat_a, flat_b = (each - points * (points @ each)[:, None] for each in (a, b))
        total += np.arctan2((np.cross(flat_a, flat_b) * points).sum(-1), (flat_a * flat_b).sum(-1))
    return (np.abs(total) > math.pi) & (points @ corners.mean(axis=0) > 0)


def depths_km(shape: Shape, points: Vectors) -> Vectors:
    """How far inside the shape each point is, to the sampling's error; negative outside."""
    to_line = km_between(points, line(shape)).min(axis=1)
    inside = winds(shape, points) if isinstance(shape, Polygon) else np.zeros(len(points), bool)
    found: Vectors = half_width(shape) + np.where(inside, to_line, -to_line)
    return found


# --- every pair in turn -------------------------------------------------------------------------------------------


def pairs_in_time(activities: list[Activity], rules: Rules) -> set[tuple[str, str, int, int]]:
    """Volume pairs that a rule is against and that overlap in time and altitude (one reference), in plain Python."""
    found = set[tuple[str, str, int, int]]()
    for one, other in combinations(sorted(activities, key=lambda each: each.id), 2):
        if rules.against(one.kind, other.kind, same_nation=one.nation == other.nation) is None:
            continue
        for m, a in enumerate(one.volumes):
            for n, b in enumerate(other.volumes):
                early, late = sorted((a, b), key=lambda each: each.interval.begin - each.uncertainty.seconds * 1000)
                first = early.interval.end + early.uncertainty.seconds * 1000
                in_time = late.interval.begin - late.uncertainty.seconds * 1000 < first
                if in_time and max(a.altitude.floor, b.altitude.floor) < min(a.altitude.ceiling, b.altitude.ceiling):
                    found.add((one.id, other.id, m, n))
    return found


# --- strategies ---------------------------------------------------------------------------------------------------


@st.composite
def shapes(draw: st.DrawFn, largest_km: float = 900.0) -> Shape:
    """Somewhere difficult: at the antimeridian, a pole, the origin; on a common grid now and then, so that edges touch."""
    place = draw(st.sampled_from(PLACES))
    if draw(st.booleans()):
        west, south = place[0] + draw(st.integers(-2, 1)), min(place[1], 87.0) + draw(st.integers(-2, 0))
        south = max(south, -90.0 + 2.0)
        return box(west, south, west + draw(st.integers(1, 2)), south + draw(st.integers(1, 2)))
    start = go(place, draw(st.floats(0, 6.3)), draw(st.floats(0, 300)))
    size = draw(st.floats(5.0, largest_km))
    form = draw(st.sampled_from(("polygon", "corridor", "circle")))
    if form == "circle":
        return Circle(start, size)
    if form == "corridor":
        legs = [go(start, draw(st.floats(0, 6.3)), size * (n + 1)) for n in range(draw(st.integers(1, 4)))]
        return Corridor((start, *legs), draw(st.floats(0.5, 60.0)))
    count = draw(st.integers(3, 8))
    turns = [(n + draw(st.floats(0.1, 0.9))) * 2 * math.pi / count for n in range(count)]
    try:
        return Polygon(tuple(go(start, turn, size * draw(st.floats(0.2, 1.0))) for turn in turns))
    except CordialeError:
        return Circle(start, size)


@st.composite
def activities(draw: st.DrawFn, most: int = 10, uncertain: bool = True) -> list[Activity]:
    """Few kinds, hours and bands, so that they meet and touch often."""
    found: list[Activity] = []
    for number in range(draw(st.integers(2, most))):
        volumes: list[Volume] = []
        for _ in range(draw(st.integers(1, 2))):
            begin, floor = draw(st.integers(0, 4)), draw(st.integers(0, 2)) * 100.0
            more = {"km": draw(st.sampled_from((0.0, 0.0, 20.0))), "seconds": draw(st.sampled_from((0.0, 0.0, 3600.0)))}
            span, band = (begin, begin + draw(st.integers(1, 3))), (floor, floor + draw(st.integers(1, 2)) * 100.0)
            volumes.append(volume(draw(shapes()), span, band, **(more if uncertain else {})))
        resources = tuple(draw(st.sets(st.sampled_from(("range:a", "berth:b", "hall:c")), max_size=2)))
        kind = draw(st.sampled_from(("live-fire", "flight", "range-booking", "course", "unheard-of")))
        nation = draw(st.sampled_from(("fr", "uk")))
        found.append(activity(f"x{number}", *volumes, kind=kind, nation=nation, resources=resources))
    return found
