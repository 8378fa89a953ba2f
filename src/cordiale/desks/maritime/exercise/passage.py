"""What behaviours of the exercise have in common: a ship comes, does what it does, and leaves."""

import random
from collections.abc import Callable

from cordiale.desks.maritime.exercise.course import Course, Identity, Register, Ship, ship
from cordiale.desks.maritime.exercise.traffic import near, way_out
from cordiale.desks.maritime.exercise.waters import Point, shifted

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
