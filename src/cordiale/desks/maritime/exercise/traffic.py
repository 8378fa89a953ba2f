"""Background traffic of the exercise: what is normal in these waters and should alert nobody.

Merchant ships pass through the schemes, anchor or call at ports; ferries run to their timetable; trawlers fish; pilots and tugs
meet ships; yachts (class B) sail by day; others lie at berth or at anchor.
"""

import random
from collections.abc import Callable
from typing import Final

from cordiale.desks.maritime.exercise.course import (
    CARGO,
    FISHER,
    HOUR,
    MOORED,
    PASSENGER,
    PILOT,
    PLEASURE,
    TANKER,
    TUG,
    Course,
    Register,
    Ship,
    ship,
)
from cordiale.desks.maritime.exercise.waters import Line, Point, beside, nearest, shifted, turn, waters

_JOINING: Final = 60.0
"""Degrees between the way to a lane and the lane."""

Builder = Callable[[Register, random.Random, int, int], Ship]


def background(chance: random.Random, register: Register, vessels: int, begin: int, end: int) -> list[Ship]:
    """So many ships from `begin` to `end` (ms)."""
    builders = [builder for builder, _ in _MIX]
    weights = [weight for _, weight in _MIX]
    return [build(register, chance, begin, end) for build in chance.choices(builders, weights, k=vessels)]


def near(chance: random.Random, kind: str, spread: float) -> Point:
    """A place around one of the named points, `spread` metres at most to each side."""
    return shifted(
        chance.choice(waters().points[kind]), chance.uniform(-spread, spread), chance.uniform(-spread, spread)
    )


def _start(chance: random.Random, begin: int, hours: float) -> int:
    """Before the exercise begins, so that ships are everywhere on their way at its first moment."""
    return begin - int(chance.uniform(0, hours) * HOUR)


def _merchant(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    """Up and down the Channel, with an anchorage or days elsewhere in between."""
    identity = register.new(chance.choice((CARGO, CARGO, CARGO, TANKER)))
    lanes = waters().lanes
    up = chance.random() < 0.5
    knots = chance.uniform(9.5, 19.0)
    course = Course(_start(chance, begin, 40), lanes["up" if up else "down"][0], chance, wander=chance.uniform(30, 120))
    while course.time < end:
        line = beside(lanes["up" if up else "down"], chance.uniform(-1400, 1400))
        if course.time > begin - 40 * HOUR and course.at != line[0]:
            course.at = line[0]
        course.knots = knots
        course.go(line[1:], knots)
        up = not up
        course.away(chance.uniform(5, 30), lanes["up" if up else "down"][0])
    return ship(identity, course)


def way_out(place: Point) -> Line:
    """From a place to the lane that leads west, joined at a small angle (COLREG rule 10(b)(iii)), and along it."""
    lane = waters().lanes["down"]
    joins = nearest(lane, place)
    while joins + 2 < len(lane) and turn(place, lane[joins], lane[joins + 1]) > _JOINING:
        joins += 1
    return lane[joins:]


def _caller(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    """At an anchorage for a day or so, then out of the area, and back from the west."""
    identity = register.new(chance.choice((CARGO, TANKER)))
    place = near(chance, "anchorages", 3000)
    up = waters().lanes["up"]
    course = Course(_start(chance, begin, 30), place, chance)
    while course.time < end:
        course.stay(chance.uniform(8, 40))
        course.go(way_out(place), chance.uniform(10, 14))
        course.away(chance.uniform(8, 48), up[0])
        course.knots = 12.0
        course.go(up[1 : nearest(up, place) + 1], 12.0).berth(place, 8.0)
    return ship(identity, course)


def _ferry(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    identity = register.new(PASSENGER)
    line = chance.choice(list(waters().ferries.values()))
    moved = (line[0], *beside(line, chance.uniform(150, 500))[1:-1], line[-1])
    back = (line[-1], *beside(line, chance.uniform(-500, -150))[-2:0:-1], line[0])
    course = Course(_start(chance, begin, 5), line[0], chance, wander=40)
    while course.time < end:
        for way in (moved, back):
            course.stay(chance.uniform(0.7, 1.6), status=MOORED, wander=3)
            course.go(way[1:-1], chance.uniform(17, 21)).berth(way[-1], 9.0)
    return ship(identity, course)


def _trawler(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    identity = register.new(FISHER)
    ground = near(chance, "grounds", 15000)
    course = Course(_start(chance, begin, 40), shifted(ground, 0, 20000), chance)
    while course.time < end:
        course.go([ground], 8.5).fish(chance.uniform(10, 36))
        course.berth(shifted(ground, chance.uniform(-9000, 9000), 20000), 8.5).stay(chance.uniform(4, 10), wander=15)
    return ship(identity, course)


def _yacht(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    identity = register.new(PLEASURE)
    home = near(chance, "marinas", 400)
    course = Course(begin - int(chance.uniform(8, 20) * HOUR), home, chance, wander=90)
    while course.time < end:
        course.stay(chance.uniform(12, 40), status=MOORED, wander=2)
        turn = shifted(home, chance.uniform(-12000, 12000), chance.uniform(-26000, -9000))
        course.go([turn], chance.uniform(4.0, 7.0)).berth(home, 5.5)
    return ship(identity, course)


def _pilot(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    identity = register.new(PILOT)
    place = chance.randrange(len(waters().points["pilots"]))
    station, base = (
        shifted(waters().points[kind][place], chance.uniform(-spread, spread), chance.uniform(-spread, spread))
        for kind, spread in (("pilots", 1500), ("pilot_berths", 200))
    )
    course = Course(_start(chance, begin, 3), base, chance, wander=20)
    while course.time < end:
        course.stay(chance.uniform(0.3, 2.0), status=MOORED, wander=2)
        course.go([station], 18.0).go([shifted(station, 900, 300)], 7.0).berth(base, 18.0)
    return ship(identity, course)


def _tug(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    identity = register.new(TUG)
    port = near(chance, "ports", 300)
    course = Course(_start(chance, begin, 8), port, chance, wander=20)
    while course.time < end:
        course.stay(chance.uniform(1, 9), status=MOORED, wander=2)
        course.go([shifted(port, chance.uniform(-2500, 2500), -2500)], 9.0).berth(port, 7.0)
    return ship(identity, course)


def _berthed(register: Register, chance: random.Random, begin: int, end: int) -> Ship:
    identity = register.new(chance.choice((CARGO, TANKER, PASSENGER)))
    course = Course(begin - HOUR, near(chance, "ports", 700), chance)
    return ship(identity, course.stay((end - begin) / HOUR + 2, status=MOORED, wander=3))


_MIX: Final[tuple[tuple[Builder, float], ...]] = (
    (_merchant, 0.46), (_caller, 0.08), (_ferry, 0.09), (_trawler, 0.12), (_yacht, 0.09), (_pilot, 0.03), (_tug, 0.04),
    (_berthed, 0.09),
)  # fmt: skip
