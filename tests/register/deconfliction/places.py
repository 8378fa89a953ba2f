"""Places on the sphere for tests, computed apart from the code that they test."""

import math

from hypothesis import strategies as st

from cordiale.register.deconfliction.shape import EARTH_KM

Position = tuple[float, float]

positions: st.SearchStrategy[Position] = st.one_of(
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.tuples(st.floats(-90, 90), st.sampled_from([-180.0, 180.0, 179.999, -179.999])),
    st.tuples(st.sampled_from([90.0, -90.0, 89.99, -89.99]), st.floats(-180, 180)),
)
"""Anywhere, the antimeridian and the poles more often than chance would have them."""


def vector(position: Position) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, position)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


def position(place: tuple[float, float, float]) -> Position:
    x, y, z = place
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def towards(start: Position, bearing: float, km: float) -> Position:
    """The place that many kilometres from `start` on a great circle (bearing in degrees from north)."""
    latitude, longitude = map(math.radians, start)
    angle, course = km / EARTH_KM, math.radians(bearing)
    sine = math.sin(latitude) * math.cos(angle) + math.cos(latitude) * math.sin(angle) * math.cos(course)
    reached = math.asin(max(-1.0, min(1.0, sine)))
    turned = math.atan2(
        math.sin(course) * math.sin(angle) * math.cos(latitude), math.cos(angle) - math.sin(latitude) * sine
    )
    longitude = math.degrees(longitude + turned)
    return math.degrees(reached), (longitude + 180) % 360 - 180


def between(corners: list[Position], weights: list[float]) -> Position:
    """A place in the convex hull of the corners; for two, on the great circle between them."""
    vectors = [vector(corner) for corner in corners]
    summed = [sum(weight * each[axis] for weight, each in zip(weights, vectors, strict=True)) for axis in range(3)]
    return position((summed[0], summed[1], summed[2]))
