"""What behaviours of the exercise have in common: a ship comes, does what it does, and leaves."""

import random
from collections.abc import Callable
from typing import Final

from cordiale.desks.maritime.coast import coast, inland
from cordiale.desks.maritime.exercise.course import Course, Identity, Register, Ship, ship
from cordiale.desks.maritime.exercise.traffic import near, way_out
from cordiale.desks.maritime.exercise.waters import Point, shifted

_OFF_LAND_M: Final = 3_000.0

When = tuple[int, int, Point]
"""Begin and end in ms, and where."""
Build = Callable[[Register, random.Random, int], tuple[list[Ship], When]]


def gone(identity: Identity, course: Course, *more: Identity) -> Ship:
    """The ship, which leaves the area by the lane when all is done."""
    course.wander = 60
    return ship(identity, course.go(way_out(course.at), 12.0), *more)


def arriving(chance: random.Random, time: int, place: Point, *, knots: float = 10.0) -> Course:
    """Comes from 20 km to the south."""
    course = Course(time, shifted(place, chance.uniform(-5000, 5000), -20000), chance, wander=30)
    course.knots = knots
    return course.go([place], knots)


def leaving(course: Course, *, knots: float = 10.0) -> Course:
    """Goes 20 km to the south."""
    return course.go([shifted(course.at, 6000, -20000)], knots)


def sea(chance: random.Random) -> Point:
    """Somewhere in the open sea."""
    return near(chance, "open_sea", 6000)


def at_sea(a: Point, b: Point) -> bool:
    """Whether a straight way keeps 3 km off land."""
    steps = (number / 10 for number in range(11))
    return all(
        inland(coast(), a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1]), _OFF_LAND_M) <= -_OFF_LAND_M for f in steps
    )
