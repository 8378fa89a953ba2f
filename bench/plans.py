"""A year of invented plans (EXERCISE) for the benchmark of private deconfliction: drawn from a seed, the same for every run.

Each activity is in one of twelve seas in which both nations are present, or in one of its nation's six home areas, some 300 km
(standard deviation) about a middle, on one to seven days of the year: six in ten are discs of 5–40 km, a quarter corridors of
50–400 km with 5 km on each side, the rest quadrangles of 40–150 km. How many are in common seas decides how much meets: the
benchmark has a year with a third of them there, and one with all. Nothing here is anybody's plan.
"""

import math
from collections.abc import Sequence
from random import Random
from typing import Final

from cordiale.register.deconfliction.shape import EARTH_KM, Activity, Area
from cordiale.vocab.moment import DAY, HOUR, Moment

ACTIVITIES: Final = 3_000
FIRST_DAY: Final = 20_454
"""2026-01-01."""
LAST_DAY: Final = FIRST_DAY + 364
SEAS: Final = (
    (56.0, 3.0),
    (50.0, -1.0),
    (48.5, -8.0),
    (45.0, -4.5),
    (40.0, 6.0),
    (34.0, 25.0),
    (3.0, 2.0),
    (12.0, 48.0),
    (15.5, -62.0),
    (56.0, 18.0),
    (62.0, -12.0),
    (-18.0, 178.0),
)
HOMES: Final = (
    ((57.5, -4.0), (54.0, -6.0), (53.0, 1.5), (-51.7, -59.0), (35.0, 33.0), (36.0, -5.5)),
    ((43.0, 6.0), (47.0, -4.0), (44.0, -2.0), (4.5, -52.0), (-21.0, 55.5), (-17.5, -149.5)),
)
_SPREAD_KM: Final = 300.0


def year(side: int, common: float) -> list[Activity]:
    """One side's plans, of which a share `common` is in common seas."""
    random = Random(side)
    return [_activity(random, SEAS if random.random() < common else HOMES[side]) for _ in range(ACTIVITIES)]


def _activity(random: Random, areas: Sequence[tuple[float, float]]) -> Activity:
    middle = _moved(random.choice(areas), random.uniform(0, 360), abs(random.gauss(0, _SPREAD_KM)))
    begins = (FIRST_DAY + random.randrange(365)) * DAY + random.randrange(24) * HOUR
    ends = begins + random.randrange(12, 7 * 24) * HOUR
    return Activity((_area(random, middle),), Moment(begins), Moment(ends))


def _area(random: Random, middle: tuple[float, float]) -> Area:
    kind = random.random()
    if kind < 0.6:
        return Area((middle,), random.uniform(5, 40))
    if kind < 0.85:
        return Area((middle, _moved(middle, random.uniform(0, 360), random.uniform(50, 400))), 5.0)
    reach, turn = random.uniform(40, 150) / math.sqrt(2), random.uniform(0, 90)
    return Area(tuple(_moved(middle, turn + quarter, reach) for quarter in (0, 90, 180, 270)), closed=True)


def _moved(start: tuple[float, float], bearing: float, km: float) -> tuple[float, float]:
    """On a flat chart: good enough to invent places."""
    latitude = start[0] + math.degrees(km / EARTH_KM) * math.cos(math.radians(bearing))
    longitude = start[1] + math.degrees(km / EARTH_KM) * math.sin(math.radians(bearing)) / math.cos(
        math.radians(latitude)
    )
    return latitude, (longitude + 180) % 360 - 180
