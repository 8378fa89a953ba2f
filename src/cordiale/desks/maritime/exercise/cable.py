"""Behaviours of the exercise over cables."""

import random

from cordiale.desks.maritime.exercise.course import CARGO, TANKER, Course, Register, Ship
from cordiale.desks.maritime.exercise.passage import When, gone
from cordiale.desks.maritime.exercise.waters import Point, along, beside, nearest, shifted, waters


def _crossed(chance: random.Random) -> tuple[Point, Point, Point]:
    """A place on a cable where the sea is wide, and the places 40 km before and behind it, square to the cable."""
    name, low, high = chance.choice((("beachy", 0.55, 0.8), ("start_point", 0.25, 0.7), ("atlantic", 0.35, 0.8)))
    line = waters().cables[name]
    place = along(line, chance.uniform(low, high))
    after = line[min(len(line) - 1, nearest(line, place) + 1)]
    before = line[max(0, nearest(line, place) - 1)]
    middle = beside((before, place, after), 1000)[1]
    east, north = (middle[0] - place[0]) * 71_000, (middle[1] - place[1]) * 111_000
    return place, shifted(place, -40 * east, -40 * north), shifted(place, 40 * east, 40 * north)


def slowdown(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place, start, stop = _crossed(chance)
    knots = chance.uniform(10.5, 14)
    slow = knots * chance.uniform(0.5, 0.68)
    course = Course(time, start, chance, wander=30)
    course.knots = knots
    course.go([along((start, place), chance.uniform(0.8, 0.93))], knots)
    begin = course.time
    course.go([place], slow).go([along((place, stop), chance.uniform(0.15, 0.35))], slow)
    end = course.time
    return [gone(register.new(CARGO), course.go([stop], knots))], (begin, end, place)


def adrift(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place, start, stop = _crossed(chance)
    course = Course(time, start, chance, wander=20)
    course.knots = 11.0
    course.go([along((start, place), 0.9)], 11.0)
    begin = course.time
    course.beam = True
    course.go([along((place, stop), 0.08)], chance.uniform(1.3, 2.3))
    course.beam = False
    end = course.time
    return [gone(register.new(TANKER), course.go([stop], 11.0))], (begin, end, place)


def zigzag(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place, start, stop = _crossed(chance)
    course = Course(time, start, chance, wander=20)
    course.knots = 10.0
    course.go([along((start, place), 0.92)], 10.0)
    begin = course.time
    knots = chance.uniform(5, 8)
    for number in range(chance.randint(4, 7)):
        side = stop if number % 2 == 0 else start
        course.go([shifted(along((place, side), 0.09), number * 400, number * 300)], knots)
    end = course.time
    return [gone(register.new(CARGO), course.go([stop], 10.0))], (begin, end, place)
