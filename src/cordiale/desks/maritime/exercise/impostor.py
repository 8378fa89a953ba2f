"""Behaviours of the exercise that are in what a ship says of itself; and slips and sales that only look like them."""

import random
from typing import Final

import msgspec

from cordiale.desks.maritime.exercise.course import CARGO, HOUR, MOORED, TANKER, Course, Identity, Register, Ship, ship
from cordiale.desks.maritime.exercise.passage import When, arriving, at_sea, gone, leaving, sea
from cordiale.desks.maritime.exercise.traffic import near
from cordiale.desks.maritime.exercise.waters import shifted, waters

_NO_STATE: Final = (200, 217, 221, 222, 223, 260, 280, 290, 300, 313, 340, 380, 400, 780)
"""In the place of each flag's digits."""


def _plain(register: Register, chance: random.Random, time: int, *identities: Identity) -> tuple[list[Ship], When]:
    """Somebody on a way of no interest, of so many identities in time."""
    place = sea(chance)
    ways = [shifted(place, east, north) for east in (-55_000, 55_000) for north in (-20_000, 0, 15_000)]
    course = arriving(chance, time, place).go([chance.choice([way for way in ways if at_sea(place, way)])], 9.0)
    return [gone(identities[0], course, *identities[1:])], (time, course.time, place)


def imo_wrong(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    good = register.new(CARGO)
    return _plain(register, chance, time, msgspec.structs.replace(good, imo=good.imo // 10 * 10 + (good.imo + 3) % 10))


def no_state(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """Digits that no State has: some that a vessel's number can't have at all, some that were never given out."""
    good = register.new(CARGO)
    digits = _NO_STATE[waters().flags.index(good.mmsi // 1_000_000)]
    return _plain(
        register, chance, time, msgspec.structs.replace(good, mmsi=digits * 1_000_000 + good.mmsi % 1_000_000)
    )


def wrong_flag(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """A call sign of another State than the MMSI's."""
    good = register.new(CARGO)
    others = [sign for sign in waters().call_signs if sign != good.call_sign[:2]]
    return _plain(
        register, chance, time, msgspec.structs.replace(good, call_sign=chance.choice(others) + good.call_sign[2:])
    )


def under_way(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """Another name and call sign under way, and sometimes another IMO number, under the same MMSI."""
    first = register.new(TANKER)
    other = register.new(TANKER, like=None if chance.random() < 0.5 else first)
    second = msgspec.structs.replace(other, mmsi=first.mmsi, since=time + int(chance.uniform(1.0, 2.5) * HOUR))
    return _plain(register, chance, time, first, second)


def two_imos(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """One MMSI that sends two IMO numbers in turns."""
    first, other = register.new(CARGO), register.new(CARGO)
    turns = [
        msgspec.structs.replace(first, imo=(first, other)[place % 2].imo, since=time + place * HOUR)
        for place in range(1, 7)
    ]
    return _plain(register, chance, time, first, *turns)


def typing(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
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


def renamed_in_port(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """A name and call sign that change at berth, as they do when a ship is sold."""
    first, port = register.new(CARGO), near(chance, "ports", 400)
    after = register.new(CARGO, like=first)
    sign = first.call_sign[:2] + after.call_sign[2:]
    second = msgspec.structs.replace(after, mmsi=first.mmsi, call_sign=sign, since=time + 3 * HOUR)
    course = Course(time, port, chance).stay(6, status=MOORED, wander=3)
    return [ship(first, course, second)], (time, course.time, port)


def renamed(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    """A ship that is silent for some hours and comes back under another MMSI, name and call sign."""
    first = register.new(TANKER)
    second = register.new(TANKER, like=first)
    place = sea(chance)
    course = arriving(chance, time, place)
    old = ship(first, course)
    course = Course(course.time + int(chance.uniform(1, 4) * HOUR), place, chance)
    begin = course.time
    course.knots = 10.0
    leaving(course).go([place], 9.0)
    return [old, gone(second, course)], (begin, course.time, place)


def shared_imo(register: Register, chance: random.Random, time: int) -> tuple[list[Ship], When]:
    first = register.new(TANKER)
    found, when = _plain(register, chance, time, first)
    other, _ = _plain(register, chance, time, register.new(TANKER, like=first))
    return found + other, when
