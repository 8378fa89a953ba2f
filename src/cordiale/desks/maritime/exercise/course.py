"""A ship's course through the exercise, drawn leg by leg, and what it says of itself."""

import math
import random
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.exercise.radio import SEGMENT
from cordiale.desks.maritime.exercise.waters import Point, along, metres, shifted, waters

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
_KNOT: Final = 0.514444
_STEP_M: Final = 60_000.0
_RAMP_KNOTS: Final = 1.5
"""Change of speed in a minute."""

UNDER_WAY: Final = 0
AT_ANCHOR: Final = 1
NOT_UNDER_COMMAND: Final = 2
MOORED: Final = 5
FISHING: Final = 7

CARGO: Final = 70
TANKER: Final = 80
PASSENGER: Final = 60
FISHER: Final = 30
PLEASURE: Final = 37
TUG: Final = 52
PILOT: Final = 50


class Identity(msgspec.Struct, frozen=True):
    """What a ship says of itself from `since` (ms) on."""

    since: int
    mmsi: int
    imo: int
    name: str
    call_sign: str
    ship_type: int
    length: int
    draught: int


class Ship(msgspec.Struct, frozen=True):
    """One transponder: its course as SEGMENTs and its identities in time."""

    mmsi: int
    class_b: bool
    segments: NDArray[np.void]
    """[n] of SEGMENT, in order of time."""
    identities: tuple[Identity, ...]


class Register:
    """Gives each ship an identity that no other has."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._count = chance, 0

    def new(self, ship_type: int, *, since: int = 0, like: Identity | None = None) -> Identity:
        """A new identity from `since` on; `like` keeps the hull: IMO number, length and draught."""
        self._count += 1
        flags = waters().flags
        flag = flags[self._count % len(flags)]
        number = self._count // len(flags)
        if number > 9_999:
            raise ValueError("an exercise has at most 140,000 ships")
        return Identity(
            since=since,
            mmsi=flag * 1_000_000 + 990_000 + number,
            imo=like.imo if like else (_imo(self._count) if ship_type >= TUG or ship_type == FISHER else 0),
            name=f"EXERCISE {_word(self._count)}",
            call_sign=f"{waters().call_signs[self._count % len(flags)]}{self._count:05}",
            ship_type=ship_type,
            length=like.length if like else self._chance.randint(*_LENGTHS[ship_type]),
            draught=like.draught if like else self._chance.randint(*_DRAUGHTS[ship_type]),
        )


_LENGTHS: Final = {
    CARGO: (90, 399), TANKER: (100, 330), PASSENGER: (120, 215), FISHER: (15, 40), PLEASURE: (9, 20), TUG: (25, 45),
    PILOT: (12, 25),
}  # fmt: skip
_DRAUGHTS: Final = {
    CARGO: (60, 150), TANKER: (70, 200), PASSENGER: (55, 70), FISHER: (25, 55), PLEASURE: (10, 25), TUG: (30, 60),
    PILOT: (10, 20),
}  # fmt: skip


def _word(number: int) -> str:
    """A made-up word of three syllables, each number's own."""
    parts: list[str] = []
    for _ in range(3):
        number, place = divmod(number * 37 + 11, len(_SYLLABLES)) if not parts else divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[place])
    return "".join(parts)


_SYLLABLES: Final = tuple(
    first + second + last for first in "BDGKLMNPRSTV" for second in "AEIOU" for last in ("", "N", "R", "L")
)


def _imo(number: int) -> int:
    """An IMO number that begins with 2, with its check digit."""
    digits = 200_000 + number
    return (
        digits * 10 + sum(int(digit) * weight for digit, weight in zip(str(digits), range(7, 1, -1), strict=True)) % 10
    )


class Course:
    """Draws a course. `time` (ms), `at` and `knots` are where the pencil is."""

    def __init__(self, time: int, at: Point, chance: random.Random, *, wander: float = 60.0) -> None:
        self.time, self.at, self.knots, self.chance, self.wander = time, at, 0.0, chance, wander
        self.silent = False
        self.beam = False
        self._rows: list[tuple[float, ...]] = []

    def go(self, line: Sequence[Point], knots: float, *, status: int = UNDER_WAY) -> "Course":
        """Along a line, from where it is."""
        for target in line:
            self._ramp(target, knots, status)
            self._straight(target, knots, status)
        return self

    def berth(self, place: Point, knots: float) -> "Course":
        """To a place where it will stop."""
        for share, speed in ((0.85, knots), (0.6, min(knots, 8.0)), (1.0, min(knots, 3.5))):
            self.go([along((self.at, place), share)], speed)
        return self

    def stay(self, hours: float, *, status: int = AT_ANCHOR, wander: float = 40.0) -> "Course":
        """At one place, swinging."""
        self.knots = 0.0
        self._leg(self.at, int(hours * HOUR), status, wander, 3600.0)
        return self

    def fish(self, hours: float) -> "Course":
        """To and fro, at trawling speed, around where it is."""
        end = self.time + int(hours * HOUR)
        home = self.at
        while self.time < end:
            target = shifted(home, self.chance.uniform(-6000, 6000), self.chance.uniform(-6000, 6000))
            self.go([target], self.chance.uniform(2.6, 4.2), status=FISHING)
        return self

    def circle(self, hours: float, radius: float, knots: float) -> "Course":
        """A false position that runs on a circle around where the ship truly is."""
        self._leg(self.at, int(hours * HOUR), UNDER_WAY, 0.0, 900.0, radius, knots * _KNOT / radius)
        return self

    def false(self, hours: float, place: Point) -> "Course":
        """Reports of another place than where it is, where it goes on afterwards."""
        true, self.at = self.at, place
        self._leg(shifted(place, 300.0, 300.0), int(hours * HOUR), UNDER_WAY, 20.0, 900.0)
        self.at = true
        return self

    def away(self, hours: float, place: Point) -> "Course":
        """Out of these waters, and back at another place."""
        self._leg(place, int(hours * HOUR), UNDER_WAY, 0.0, 900.0, silent=True)
        self.knots = 0.0
        return self

    def segments(self) -> NDArray[np.void]:
        """What was drawn."""
        return np.array(self._rows, SEGMENT)

    def _ramp(self, target: Point, knots: float, status: int) -> None:
        while abs(knots - self.knots) > _RAMP_KNOTS and metres(self.at, target) > 2_000:
            self.knots += math.copysign(_RAMP_KNOTS, knots - self.knots)
            share = max(self.knots, 0.5) * _KNOT * 60.0 / metres(self.at, target)
            self._leg(along((self.at, target), share), MINUTE, status, 0.0, 900.0)
        self.knots = knots

    def _straight(self, target: Point, knots: float, status: int) -> None:
        length = metres(self.at, target)
        parts = max(1, math.ceil(length / _STEP_M))
        start = self.at
        for part in range(1, parts + 1):
            there = along((start, target), part / parts)
            span = max(1000, int(1000 * metres(self.at, there) / (knots * _KNOT)))
            self._leg(there, span, status, self.wander, 900.0)

    def _leg(
        self, to: Point, span: int, status: int, wander: float, period: float, radius: float = 0.0, rate: float = 0.0, *,
        silent: bool = False,
    ) -> None:  # fmt: skip
        self._rows.append((
            self.time, self.time + span, *self.at, *to, wander, period, radius, rate, status, silent or self.silent, self.beam,
        ))  # fmt: skip
        self.time, self.at = self.time + span, to


def ship(identity: Identity, course: Course, *more: Identity) -> Ship:
    """The ship with that identity, later ones, and that course."""
    return Ship(identity.mmsi, identity.ship_type == PLEASURE, course.segments(), (identity, *more))
