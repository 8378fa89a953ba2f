"""Behaviours injected into the exercise, each with its truth: who, when, where, and which detectors may say so.

A behaviour with no detector is a decoy: something that looks like one and should alert nobody.
"""

import random
from collections.abc import Sequence
from typing import Final

import msgspec

from cordiale.desks.maritime.exercise import cable, impostor
from cordiale.desks.maritime.exercise.course import (
    CARGO,
    FISHER,
    HOUR,
    MOORED,
    NOT_UNDER_COMMAND,
    TANKER,
    TUG,
    UNDER_WAY,
    Course,
    Register,
    Ship,
    ship,
)
from cordiale.desks.maritime.exercise.passage import Build, When, arriving, gone, leaving, sea
from cordiale.desks.maritime.exercise.traffic import near
from cordiale.desks.maritime.exercise.waters import Point, along, beside, shifted, waters


class Truth(msgspec.Struct, frozen=True):
    """What was injected. `detectors` are names of `cordiale.desks.maritime.detect`, any of which is right; none for a decoy."""

    behaviour: str
    detectors: tuple[str, ...]
    also: tuple[str, ...]
    """Detectors that may rightly tell of it as well, and don't count as having found it."""
    mmsi: tuple[int, ...]
    begin: int
    """ms since the Unix epoch."""
    end: int
    lon: float
    lat: float


class Outage(msgspec.Struct, frozen=True):
    """Nobody hears anything in this box, degrees, for that time."""

    begin: int
    end: int
    west: float
    south: float
    east: float
    north: float


Injected = tuple[list[Ship], Truth]


def inject(
    chance: random.Random, register: Register, each: int, begin: int, end: int
) -> tuple[list[Ship], list[Truth]]:
    """Each behaviour so many times, at any time that leaves room for it."""
    ships: list[Ship] = []
    truths: list[Truth] = []
    for name, detectors, also, build, hours in _BEHAVIOURS:
        for _ in range(each):
            latest = max(begin, end - int(hours * HOUR))
            found, where = build(register, chance, chance.randint(begin, latest))
            first, last, place = where
            ships += found
            truths.append(Truth(name, detectors, also, tuple(sorted({s.mmsi for s in found})), first, last, *place))
    return ships, truths


def outages(
    chance: random.Random, each: int, begin: int, end: int, spare: Sequence[Truth]
) -> tuple[list[Outage], list[Truth]]:
    """Receivers fail in a box for some hours, where and when nothing of `spare` happens: gaps there are nobody's fault."""
    found: list[Outage] = []
    for _ in range(_TRIES * each):
        at = chance.randint(begin, max(begin, end - 9 * HOUR))
        west, south = chance.choice(((-2.2, 49.2), (-4.5, 48.9), (-10.0, 47.6)))
        outage = Outage(at, at + int(chance.uniform(4, 9) * HOUR), west, south, west + 2.2, south + 1.6)
        if len(found) < each and not any(_meets(outage, truth) for truth in spare):
            found.append(outage)
    return found, [Truth("outage", (), (), (), o.begin, o.end, o.west + 1.1, o.south + 0.8) for o in found]


def _meets(outage: Outage, truth: Truth) -> bool:
    """Whether the outage could hide it, or a part of it."""
    inside = outage.west - 1 < truth.lon < outage.east + 1 and outage.south - 1 < truth.lat < outage.north + 1
    return inside and outage.begin - 3 * HOUR < truth.end and truth.begin < outage.end + 3 * HOUR


_TRIES: Final = 60


def _encounter(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """Two come from the south, wait for each other and drift side by side."""
    place, side, knots = sea(chance), chance.uniform(80, 350), chance.uniform(0.4, 1.2)
    courses = [
        arriving(chance, time + delay, shifted(place, delay and side, 0))
        for delay in (0, chance.randint(1, 3) * HOUR // 4)
    ]
    begin = max(course.time for course in courses)
    hours = chance.uniform(3, 6)
    for course in courses:
        course.wander = 12
        if course.time < begin:
            course.stay((begin - course.time) / HOUR, status=UNDER_WAY, wander=12)
        course.knots = knots
        course.go([shifted(course.at, 0, -knots * 1852 * hours)], knots)
    end = min(course.time for course in courses)
    types = TANKER, chance.choice((TANKER, CARGO, FISHER))
    ships = [gone(register.new(kind), leaving(course)) for kind, course in zip(types, courses, strict=True)]
    return ships, (begin, end, place)


def _loitering(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = sea(chance)
    course = arriving(chance, time, place)
    begin = course.time
    for _ in range(chance.randint(4, 6)):
        course.go([shifted(place, chance.uniform(-4000, 4000), chance.uniform(-4000, 4000))], chance.uniform(0.8, 1.5))
    end = course.time
    return [gone(register.new(CARGO), leaving(course))], (begin, end, place)


def _disabled(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    return _silent(register, chance, time, near(chance, "ocean", 15000), chance.uniform(13, 26))


def _disabled_near(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    return _silent(register, chance, time, _sea_lane(chance), chance.uniform(5, 9))


def _sea_lane(chance: random.Random) -> Point:
    return shifted(along(waters().lanes["up"][6:10], chance.random()), 0, chance.uniform(-6000, -2500))


def _silent(
    register: Register, chance: random.Random, time: int, place: Point, hours: float
) -> tuple[list[Ship], When]:
    course = Course(time, shifted(place, -50000, 0), chance)
    course.knots = 5.0
    course.go([shifted(place, -25000, 9000), place], 5.0)
    begin = course.time
    course.silent = True
    there = shifted(place, chance.uniform(5000, 15000), chance.uniform(-12000, -6000))
    course.go([there], max(0.5, 12.0 / hours))
    course.stay((begin - course.time) / HOUR + hours, status=0) if course.time < begin + hours * HOUR else None
    course.silent = False
    end = course.time
    course.go([shifted(there, 30000, 4000)], 6.0)
    return [gone(register.new(chance.choice((FISHER, TANKER))), course)], (begin, end, place)


def _jump(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = sea(chance)
    course = arriving(chance, time, place, knots=12)
    begin = course.time
    course.false(chance.uniform(0.4, 0.9), shifted(place, chance.uniform(60000, 110000), chance.uniform(-15000, -5000)))
    end = course.time
    return [gone(register.new(CARGO), leaving(course, knots=12))], (begin, end, place)


def _two_places(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    identity = register.new(CARGO)
    found: list[Ship] = []
    end = time
    places = chance.sample(waters().points["open_sea"], 2)
    for place in places:
        course = arriving(chance, time, place, knots=9)
        for _ in range(3):
            course.go([shifted(place, 15000, -3000), shifted(place, -15000, 3000)], 9.0)
        end = course.time
        found.append(gone(identity, course))
    return found, (time, end, places[0])


def _circle(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = sea(chance)
    course = arriving(chance, time, place)
    begin = course.time
    course.circle(chance.uniform(2, 5), chance.uniform(1200, 7000), chance.uniform(12, 28))
    end = course.time
    return [gone(register.new(TANKER), leaving(course))], (begin, end, place)


def _on_land(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place, inland = sea(chance), near(chance, "inland", 2000)
    course = arriving(chance, time, place)
    begin = course.time
    course.false(chance.uniform(0.7, 2), inland)
    end = course.time
    return [gone(register.new(CARGO), leaving(course))], (begin, end, inland)


def _drifting(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = sea(chance)
    course = arriving(chance, time, place)
    begin = course.time
    course.beam = True
    knots = chance.uniform(1.2, 2.4)
    course.go(
        [shifted(place, knots * 1852 * chance.uniform(3, 6), 2000)], knots, status=chance.choice((0, NOT_UNDER_COMMAND))
    )
    course.beam = False
    end = course.time
    return [gone(register.new(CARGO), leaving(course))], (begin, end, place)


def _dragging(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = near(chance, "anchorages", 2000)
    course = Course(time, place, chance).stay(chance.uniform(7, 10))
    begin = course.time
    course.go(
        [shifted(place, chance.uniform(1200, 2500), chance.uniform(-2500, -1200))], chance.uniform(0.8, 1.7), status=1
    )
    end = course.time
    return [gone(register.new(CARGO), course.stay(5))], (begin, end, place)


def _zone(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    ring = chance.choice(list(waters().zones.values()))
    west, east = min(lon for lon, _ in ring), max(lon for lon, _ in ring)
    lat = sum(lat for _, lat in ring[:-1]) / (len(ring) - 1)
    course = Course(time, (west - 0.25, lat), chance)
    course.knots = 9.0
    course.go([(west, lat)], 9.0)
    begin = course.time
    course.go([(east, lat)], 9.0)
    end = course.time
    return [gone(register.new(CARGO), course.go([(east + 0.25, lat)], 9.0))], (begin, end, ((west + east) / 2, lat))


def _wrong_way(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    line = chance.choice(list(waters().scheme.values()))
    way = beside(line, chance.uniform(-1500, 1500))[::-1]
    course = Course(time, way[0], chance)
    course.knots = 11.0
    course.go(way[1:], 11.0)
    end = course.time
    return [gone(register.new(CARGO), course)], (time, end, way[1])


def _anchored_pair(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = near(chance, "anchorages", 1500)
    found = [
        gone(register.new(CARGO), Course(time, shifted(place, 380.0 * number, 0), chance).stay(9, wander=25))
        for number in range(2)
    ]
    return found, (time, time + 9 * HOUR, place)


def _assisted(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    place = near(chance, "ports", 400)
    merchant = Course(time, place, chance).stay(200, status=MOORED, wander=3)
    tug = Course(time, shifted(place, 60, 0), chance).stay(200, status=MOORED, wander=3)
    return [ship(register.new(CARGO), merchant), ship(register.new(TUG), tug)], (time, time + 5 * HOUR, place)


_BEHAVIOURS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...], Build, float], ...]] = (
    ("encounter", ("encounter",), ("loitering",), _encounter, 12),
    ("loitering", ("loitering",), (), _loitering, 18),
    ("disabled", ("gap",), (), _disabled, 40),
    ("disabled in the Channel", ("gap",), (), _disabled_near, 26),
    ("jump", ("jump", "two-places"), ("motion",), _jump, 5),
    ("two places", ("two-places",), ("jump", "motion"), _two_places, 24),
    ("circle", ("circle",), ("jump", "motion", "two-places"), _circle, 10),
    ("on land", ("on-land",), ("jump", "motion", "two-places"), _on_land, 8),
    ("drifting", ("drift",), ("loitering",), _drifting, 11),
    ("dragging", ("anchor-dragging",), ("loitering",), _dragging, 20),
    ("cable slowdown", ("cable-slowdown",), (), cable.slowdown, 8),
    ("cable drift", ("cable-drift",), ("cable-slowdown", "drift", "loitering"), cable.adrift, 9),
    ("cable zigzag", ("cable-zigzag",), ("cable-slowdown",), cable.zigzag, 11),
    ("zone", ("zone",), (), _zone, 8),
    ("wrong way", ("wrong-way",), (), _wrong_way, 8),
    ("IMO number", ("imo-invalid",), (), impostor.imo_wrong, 6),
    ("no State", ("flag-mismatch",), (), impostor.no_state, 6),
    ("call sign of another State", ("flag-mismatch",), (), impostor.wrong_flag, 6),
    ("renamed", ("identity-change",), ("gap", "identity-shared"), impostor.renamed, 10),
    ("renamed under way", ("identity-change",), ("identity-shared", "flag-mismatch"), impostor.under_way, 6),
    ("shared IMO number", ("identity-shared", "identity-change"), (), impostor.shared_imo, 6),
    ("two IMO numbers", ("identity-shared",), ("identity-change",), impostor.two_imos, 6),
    ("typing", (), (), impostor.typing, 6),
    ("renamed in port", (), (), impostor.renamed_in_port, 7),
    ("at anchor together", (), (), _anchored_pair, 10),
    ("tug alongside", (), (), _assisted, 6),
)
"""Name, detectors, others that are right, how to draw it, and how many hours it takes at most."""
