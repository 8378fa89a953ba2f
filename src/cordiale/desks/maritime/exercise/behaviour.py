"""Behaviours injected into the exercise, each with its truth: who, when, where, and which detectors may say so.

A behaviour with no detector is a decoy: something that looks like one and should alert nobody.
"""

import random
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

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
    Identity,
    Register,
    Ship,
    ship,
)
from cordiale.desks.maritime.exercise.traffic import near, way_out
from cordiale.desks.maritime.exercise.waters import Point, along, beside, nearest, shifted, waters


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

_When = tuple[int, int, Point]
"""Begin and end in ms, and where."""
_Build = Callable[[Register, random.Random, int], tuple[list[Ship], _When]]


def _gone(identity: Identity, course: Course, *more: Identity) -> Ship:
    """The ship, which leaves the area by the lane when all is done."""
    course.wander = 60
    return ship(identity, course.go(way_out(course.at), 12.0), *more)


def _arriving(chance: random.Random, time: int, place: Point, *, knots: float = 10.0) -> Course:
    """Comes from 20 km to the south."""
    course = Course(time, shifted(place, chance.uniform(-5000, 5000), -20000), chance, wander=30)
    course.knots = knots
    return course.go([place], knots)


def _leaving(course: Course, *, knots: float = 10.0) -> Course:
    return course.go([shifted(course.at, 6000, -20000)], knots)


def _sea(chance: random.Random) -> Point:
    return near(chance, "open_sea", 6000)


def _encounter(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """Two come from the south, wait for each other and drift side by side."""
    place, side, knots = _sea(chance), chance.uniform(80, 350), chance.uniform(0.4, 1.2)
    courses = [
        _arriving(chance, time + delay, shifted(place, delay and side, 0))
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
    ships = [_gone(register.new(kind), _leaving(course)) for kind, course in zip(types, courses, strict=True)]
    return ships, (begin, end, place)


def _loitering(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = _sea(chance)
    course = _arriving(chance, time, place)
    begin = course.time
    for _ in range(chance.randint(4, 6)):
        course.go([shifted(place, chance.uniform(-4000, 4000), chance.uniform(-4000, 4000))], chance.uniform(0.8, 1.5))
    return [_gone(register.new(CARGO), _leaving(course))], (begin, course.time - 2 * HOUR, place)


def _disabled(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    return _silent(register, chance, time, near(chance, "ocean", 15000), chance.uniform(13, 26))


def _disabled_near(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    return _silent(register, chance, time, _sea_lane(chance), chance.uniform(5, 9))


def _sea_lane(chance: random.Random) -> Point:
    return shifted(along(waters().lanes["up"][6:10], chance.random()), 0, chance.uniform(-6000, -2500))


def _silent(
    register: Register, chance: random.Random, time: int, place: Point, hours: float
) -> tuple[list[Ship], _When]:
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
    return [_gone(register.new(chance.choice((FISHER, TANKER))), course)], (begin, end, place)


def _jump(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = _sea(chance)
    course = _arriving(chance, time, place, knots=12)
    begin = course.time
    course.false(chance.uniform(0.4, 0.9), shifted(place, chance.uniform(60000, 110000), chance.uniform(-15000, -5000)))
    end = course.time
    return [_gone(register.new(CARGO), _leaving(course, knots=12))], (begin, end, place)


def _two_places(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    identity = register.new(CARGO)
    found: list[Ship] = []
    end = time
    places = chance.sample(waters().points["open_sea"], 2)
    for place in places:
        course = _arriving(chance, time, place, knots=9)
        for _ in range(3):
            course.go([shifted(place, 15000, -3000), shifted(place, -15000, 3000)], 9.0)
        end = course.time
        found.append(_gone(identity, course))
    return found, (time, end, places[0])


def _circle(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = _sea(chance)
    course = _arriving(chance, time, place)
    begin = course.time
    course.circle(chance.uniform(2, 5), chance.uniform(1200, 7000), chance.uniform(12, 28))
    end = course.time
    return [_gone(register.new(TANKER), _leaving(course))], (begin, end, place)


def _on_land(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place, inland = _sea(chance), near(chance, "inland", 2000)
    course = _arriving(chance, time, place)
    begin = course.time
    course.false(chance.uniform(0.7, 2), inland)
    end = course.time
    return [_gone(register.new(CARGO), _leaving(course))], (begin, end, inland)


def _drifting(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = _sea(chance)
    course = _arriving(chance, time, place)
    begin = course.time
    course.beam = True
    knots = chance.uniform(1.2, 2.4)
    course.go(
        [shifted(place, knots * 1852 * chance.uniform(3, 6), 2000)], knots, status=chance.choice((0, NOT_UNDER_COMMAND))
    )
    course.beam = False
    end = course.time
    return [_gone(register.new(CARGO), _leaving(course))], (begin, end, place)


def _dragging(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = near(chance, "anchorages", 2000)
    course = Course(time, place, chance).stay(chance.uniform(7, 10))
    begin = course.time
    course.go(
        [shifted(place, chance.uniform(1200, 2500), chance.uniform(-2500, -1200))], chance.uniform(0.8, 1.7), status=1
    )
    end = course.time
    return [_gone(register.new(CARGO), course.stay(5))], (begin, end, place)


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


def _slowdown(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place, start, stop = _crossed(chance)
    knots = chance.uniform(10.5, 14)
    slow = knots * chance.uniform(0.5, 0.68)
    course = Course(time, start, chance, wander=30)
    course.knots = knots
    course.go([along((start, place), chance.uniform(0.8, 0.93))], knots)
    begin = course.time
    course.go([place], slow).go([along((place, stop), chance.uniform(0.15, 0.35))], slow)
    end = course.time
    return [_gone(register.new(CARGO), course.go([stop], knots))], (begin, end, place)


def _adrift(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place, start, stop = _crossed(chance)
    course = Course(time, start, chance, wander=20)
    course.knots = 11.0
    course.go([along((start, place), 0.9)], 11.0)
    begin = course.time
    course.beam = True
    course.go([along((place, stop), 0.08)], chance.uniform(1.3, 2.3))
    course.beam = False
    end = course.time
    return [_gone(register.new(TANKER), course.go([stop], 11.0))], (begin, end, place)


def _zigzag(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
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
    return [_gone(register.new(CARGO), course.go([stop], 10.0))], (begin, end, place)


def _zone(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    ring = chance.choice(list(waters().zones.values()))
    west, east = min(lon for lon, _ in ring), max(lon for lon, _ in ring)
    lat = sum(lat for _, lat in ring[:-1]) / (len(ring) - 1)
    course = Course(time, (west - 0.25, lat), chance)
    course.knots = 9.0
    course.go([(west, lat)], 9.0)
    begin = course.time
    course.go([(east, lat)], 9.0)
    end = course.time
    return [_gone(register.new(CARGO), course.go([(east + 0.25, lat)], 9.0))], (begin, end, ((west + east) / 2, lat))


def _wrong_way(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    line = chance.choice(list(waters().scheme.values()))
    way = beside(line, chance.uniform(-1500, 1500))[::-1]
    course = Course(time, way[0], chance)
    course.knots = 11.0
    course.go(way[1:], 11.0)
    return [_gone(register.new(CARGO), course)], (time, course.time, way[1])


def _plain(register: Register, chance: random.Random, time: int, *identities: Identity) -> tuple[list[Ship], _When]:
    """Somebody on a way of no interest, of so many identities in time."""
    place = _sea(chance)
    course = _leaving(_arriving(chance, time, place)).go([place], 9.0)
    return [_gone(identities[0], course, *identities[1:])], (time, course.time, place)


def _imo_wrong(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    good = register.new(CARGO)
    return _plain(register, chance, time, msgspec.structs.replace(good, imo=good.imo // 10 * 10 + (good.imo + 3) % 10))


def _no_state(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """Digits that no State has: some that a vessel's number can't have at all, some that were never given out."""
    good = register.new(CARGO)
    digits = chance.choice((200, 217, 280, 400, 780))
    return _plain(
        register, chance, time, msgspec.structs.replace(good, mmsi=digits * 1_000_000 + good.mmsi % 1_000_000)
    )


def _wrong_flag(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """A call sign of another State than the MMSI's."""
    good = register.new(CARGO)
    others = [sign for sign in waters().call_signs if sign != good.call_sign[:2]]
    return _plain(
        register, chance, time, msgspec.structs.replace(good, call_sign=chance.choice(others) + good.call_sign[2:])
    )


def _under_way(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """Another name and call sign under way, and sometimes another IMO number, under the same MMSI."""
    first = register.new(TANKER)
    other = register.new(TANKER, like=None if chance.random() < 0.5 else first)
    second = msgspec.structs.replace(other, mmsi=first.mmsi, since=time + int(chance.uniform(1.0, 2.5) * HOUR))
    return _plain(register, chance, time, first, second)


def _two_imos(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """One MMSI that sends two IMO numbers in turns."""
    first, other = register.new(CARGO), register.new(CARGO)
    turns = [
        msgspec.structs.replace(first, imo=(first, other)[place % 2].imo, since=time + place * HOUR)
        for place in range(1, 7)
    ]
    return _plain(register, chance, time, first, *turns)


def _typing(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """Slips of the hand that are put right: a letter, padding, case."""
    first = register.new(CARGO)
    word = first.name.removeprefix("EXERCISE ")
    place = chance.randrange(len(word))
    slips = (
        f"{word[:place]}X{word[place + 1 :]}",
        word,
        word.title(),
        f" {word}",
        f"{word[:place]}{word[place + 1 :]}",
        word,
    )
    turns = [
        msgspec.structs.replace(first, name=f"EXERCISE {name}", since=time + (number + 1) * HOUR // 2)
        for number, name in enumerate(slips)
    ]
    return _plain(register, chance, time, first, *turns)


def _renamed_in_port(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """A name and call sign that change at berth, as they do when a ship is sold."""
    first, port = register.new(CARGO), near(chance, "ports", 400)
    after = register.new(CARGO, like=first)
    sign = first.call_sign[:2] + after.call_sign[2:]
    second = msgspec.structs.replace(after, mmsi=first.mmsi, call_sign=sign, since=time + 3 * HOUR)
    course = Course(time, port, chance).stay(6, status=MOORED, wander=3)
    return [ship(first, course, second)], (time, course.time, port)


def _renamed(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    """A ship that is silent for some hours and comes back under another MMSI, name and call sign."""
    first = register.new(TANKER)
    second = register.new(TANKER, like=first)
    place = _sea(chance)
    course = _arriving(chance, time, place)
    old = ship(first, course)
    course = Course(course.time + int(chance.uniform(1, 4) * HOUR), place, chance)
    begin = course.time
    course.knots = 10.0
    _leaving(course).go([place], 9.0)
    return [old, _gone(second, course)], (begin, course.time, place)


def _shared_imo(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    first = register.new(TANKER)
    found, when = _plain(register, chance, time, first)
    other, _ = _plain(register, chance, time, register.new(TANKER, like=first))
    return found + other, when


def _anchored_pair(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = near(chance, "anchorages", 1500)
    found = [
        _gone(register.new(CARGO), Course(time, shifted(place, 380.0 * number, 0), chance).stay(9, wander=25))
        for number in range(2)
    ]
    return found, (time, time + 9 * HOUR, place)


def _assisted(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], _When]:
    place = near(chance, "ports", 400)
    merchant = Course(time, place, chance).stay(200, status=MOORED, wander=3)
    tug = Course(time, shifted(place, 60, 0), chance).stay(200, status=MOORED, wander=3)
    return [ship(register.new(CARGO), merchant), ship(register.new(TUG), tug)], (time, time + 5 * HOUR, place)


_BEHAVIOURS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...], _Build, float], ...]] = (
    ("encounter", ("encounter",), ("loitering", "drift"), _encounter, 12),
    ("loitering", ("loitering",), ("drift",), _loitering, 18),
    ("disabled", ("gap",), (), _disabled, 40),
    ("disabled in the Channel", ("gap",), (), _disabled_near, 26),
    ("jump", ("jump", "two-places"), ("motion",), _jump, 5),
    ("two places", ("two-places",), ("jump", "motion"), _two_places, 24),
    ("circle", ("circle",), ("jump", "motion", "two-places"), _circle, 10),
    ("on land", ("on-land",), ("jump", "motion", "two-places"), _on_land, 8),
    ("drifting", ("drift",), ("loitering",), _drifting, 11),
    ("dragging", ("anchor-dragging",), ("drift", "loitering"), _dragging, 20),
    ("cable slowdown", ("cable-slowdown",), (), _slowdown, 8),
    ("cable drift", ("cable-drift",), ("cable-slowdown", "drift", "loitering"), _adrift, 9),
    ("cable zigzag", ("cable-zigzag",), ("cable-slowdown",), _zigzag, 11),
    ("zone", ("zone",), (), _zone, 8),
    ("wrong way", ("wrong-way",), (), _wrong_way, 8),
    ("IMO number", ("imo-invalid",), (), _imo_wrong, 6),
    ("no State", ("flag-mismatch",), (), _no_state, 6),
    ("call sign of another State", ("flag-mismatch",), (), _wrong_flag, 6),
    ("renamed", ("identity-change",), ("gap", "identity-shared"), _renamed, 10),
    ("renamed under way", ("identity-change",), ("identity-shared", "flag-mismatch"), _under_way, 6),
    ("shared IMO number", ("identity-shared", "identity-change"), (), _shared_imo, 6),
    ("two IMO numbers", ("identity-shared",), ("identity-change",), _two_imos, 6),
    ("typing", (), (), _typing, 6),
    ("renamed in port", (), (), _renamed_in_port, 7),
    ("at anchor together", (), (), _anchored_pair, 10),
    ("tug alongside", (), (), _assisted, 6),
)
"""Name, detectors, others that are right, how to draw it, and how many hours it takes at most."""
