"""What was so in an exercise: published definitions, by brute force over what each ship would have said each minute.

Nothing here is shared with the detectors. An alert that no injected behaviour explains is right if this says that it was so: two
trawlers that lie side by side at sea meet, whoever injected it; a ship adrift over a cable is adrift over a cable.

| detector | was so where, during what is told (a tenth more or less) |
| --- | --- |
| encounter | both within 500 m of each other and below 2 kn, nine of ten minutes and 2 h, 10 km off ports (Miller et al. 2018) |
| loitering | mean speed below 2 kn for 3 h, at most half of it moored, both ends 10 km from the coast |
| drift | not under command or lying across its course, at 0.3 to 5 kn, for nine of ten minutes |
| on-land | 3 km inland on the map, for nine of ten minutes |
| wrong-way | for 5 minutes in the drawn lane, at 5 kn, its course 135° from the lane's |
| zone | inside, for nine of ten minutes |
| cable-drift | adrift, or dragging at anchor, within 1 km of a cable for 10 minutes |
| cable-zigzag | three crossings of one cable in 3 h |
| cable-slowdown | over the cable 2 kn and a factor of 1.4 slower than in the four hours before, or than later within 12 h |

Others (silences, jumps, circles, identities) have no definition apart from what was injected.
"""

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.analysis.finding import Finding
from cordiale.desks.maritime.coast import coast, inland
from cordiale.desks.maritime.exercise.course import AT_ANCHOR, MOORED, NOT_UNDER_COMMAND
from cordiale.desks.maritime.exercise.make import Fleet, Plan
from cordiale.desks.maritime.exercise.waters import METRES, Line, Point, waters

MINUTE: Final = 60_000
DAY_MS: Final = 86_400_000
BEFORE_MS: Final = 4 * 3_600_000
AFTER_MS: Final = 12 * 3_600_000
HALF_LANE_M: Final = 2_500.0
_KNOT: Final = 1852.0 / 60.0
"""m in a minute"""
_MOST: Final = 0.9
_SLACK: Final = 1.1
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Way(NamedTuple):
    """What one ship said each minute of a while: [n] each, NaN where it said nothing."""

    lon: Floats
    lat: Floats
    knots: Floats
    """over the minutes before and after"""
    course: Floats
    """degrees"""
    adrift: Flags
    moored: Flags


class World:
    """An exercise as it was."""

    def __init__(self, plan: Plan, days: int) -> None:
        self.times = np.arange(plan.begin, plan.begin + days * DAY_MS, MINUTE, dtype=np.int64)
        self._wake = Fleet(plan.ships, plan.begin).wake(self.times)
        self._mmsi = np.array([ship.mmsi for ship in plan.ships])

    def so(self, finding: Finding) -> bool:
        """Whether it was as the finding says, for one of the ships under each of its MMSIs."""
        judge = _JUDGES.get(finding.detector)
        if judge is None:
            return False
        margin = 3 * MINUTE if finding.detector == "cable-zigzag" else 0
        ways = [
            self._ways(int(subject[5:14]), finding.begin - margin, finding.end + margin) for subject in finding.subjects
        ]
        if finding.detector == "encounter":
            return any(_met(one, other) for one in ways[0] for other in ways[1])
        if finding.detector == "cable-slowdown":
            since = max(finding.begin - BEFORE_MS, int(self.times[0]))
            around = self._ways(int(finding.subjects[0][5:14]), since, finding.begin + AFTER_MS)
            return any(_slowed(way, int((finding.begin - since) // MINUTE)) for way in around)
        return any(judge(way) for way in ways[0])

    def _ways(self, mmsi: int, begin: int, end: int) -> list[Way]:
        span = slice(*np.searchsorted(self.times, [begin, end + 1]))
        return [_way(self._wake[number, span]) for number in np.flatnonzero(self._mmsi == mmsi)]


def _way(wake: NDArray[np.void]) -> Way:
    lon, lat = wake["lon"], wake["lat"]
    heard = np.flatnonzero(~np.isnan(lon))
    knots = course = np.full(len(lon), np.nan)
    if len(lon) > 1 and len(heard):
        x, y = _plane(lon, lat, (float(lon[heard[0]]), float(lat[heard[0]])))
        east, north = np.gradient(x), np.gradient(y)
        knots, course = np.hypot(east, north) / _KNOT, np.degrees(np.arctan2(east, north)) % 360.0
    sideways = (wake["beam"] > 0) | (wake["status"] == NOT_UNDER_COMMAND)
    adrift = sideways & (knots >= 0.3 / _SLACK) & (knots <= 5.0 * _SLACK)
    return Way(lon, lat, knots, course, adrift, np.isin(wake["status"], (AT_ANCHOR, MOORED, 6)))


def _plane(lon: Floats, lat: Floats, origin: Point) -> tuple[Floats, Floats]:
    """m east and north of a place, on the plane that touches there."""
    return (lon - origin[0]) * math.cos(math.radians(origin[1])) * METRES, (lat - origin[1]) * METRES


def _mostly(flags: Flags) -> bool:
    return len(flags) > 0 and bool(flags.mean() >= _MOST)


def _longest(flags: Flags) -> int:
    """Minutes in a row."""
    best = run = 0
    for flag in flags.tolist():
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def _met(one: Way, other: Way) -> bool:
    apart = np.hypot((one.lon - other.lon) * np.cos(np.radians(one.lat)), one.lat - other.lat) * METRES
    near = (apart <= 500.0 * _SLACK) & (one.knots < 2.0 * _SLACK) & (other.knots < 2.0 * _SLACK)
    return len(near) * _SLACK >= 120 and _mostly(near) and all(_off_port(one, end) for end in (0, -1))


def _off_port(way: Way, end: int) -> bool:
    """Whether it was 10 km from every anchorage and port of the exercise."""
    places = np.array([place for kind in ("anchorages", "ports", "pilot_berths") for place in waters().points[kind]])
    x, y = _plane(places[:, 0], places[:, 1], (float(way.lon[end]), float(way.lat[end])))
    return bool(np.hypot(x, y).min() >= 10_000.0 / _SLACK)


def _loitered(way: Way) -> bool:
    slow = len(way.lon) * _SLACK >= 180 and float(np.nanmean(way.knots)) < 2.0 * _SLACK
    if not slow or float(way.moored.mean()) > 0.5:
        return False
    ends = ((float(way.lon[end]), float(way.lat[end])) for end in (0, -1))
    return all(inland(coast(), *place, 10_000.0) <= -10_000.0 / _SLACK for place in ends)


def _ashore(way: Way) -> bool:
    heard = ~np.isnan(way.lon)
    return _mostly(
        np.array(
            [
                inland(coast(), lon, lat, 3_000.0) >= 3_000.0 / _SLACK
                for lon, lat in zip(way.lon[heard].tolist(), way.lat[heard].tolist(), strict=True)
            ]
        )
    )


def _against(way: Way) -> bool:
    """Against a lane of the scheme."""
    found = np.zeros(len(way.lon), bool)
    for line in waters().scheme.values():
        for one, other in pairwise(line):
            x, y = _plane(way.lon, way.lat, one)
            (east,), (north,) = _plane(np.array([other[0]]), np.array([other[1]]), one)
            length, bearing = math.hypot(east, north), math.degrees(math.atan2(east, north))
            along, across = (x * east + y * north) / length, (x * north - y * east) / length
            inside = (along >= -1_000.0) & (along <= length + 1_000.0) & (np.abs(across) <= HALF_LANE_M * _SLACK)
            found |= inside & (np.abs((way.course - bearing + 180.0) % 360.0 - 180.0) >= 135.0 / _SLACK)
    return _longest(found & (way.knots >= 5.0 / _SLACK)) * _SLACK >= 5


def _inside(way: Way) -> bool:
    """In one of the zones, which are convex and go round anticlockwise."""
    for ring in waters().zones.values():
        inside = np.ones(len(way.lon), bool)
        for (lon0, lat0), (lon1, lat1) in pairwise(ring):
            inside &= (lon1 - lon0) * (way.lat - lat0) - (lat1 - lat0) * (way.lon - lon0) >= -0.002
        if _mostly(inside):
            return True
    return False


def _off(way: Way, line: Line) -> Floats:
    """m from a line, each minute."""
    best = np.full(len(way.lon), np.inf)
    for one, other in pairwise(line):
        x, y = _plane(way.lon, way.lat, one)
        (east,), (north,) = _plane(np.array([other[0]]), np.array([other[1]]), one)
        share = np.clip((x * east + y * north) / (east * east + north * north), 0.0, 1.0)
        best = np.fmin(best, np.hypot(x - share * east, y - share * north))
    return best


def _adrift_there(way: Way) -> bool:
    off = [(_off(way, line) <= 1_000.0 * _SLACK) for line in waters().cables.values()]
    moves = way.adrift | (way.moored & (way.knots >= 0.5))
    return any(bool((near & moves).any()) for near in off) and _longest(moves) * _SLACK >= 10


def _to_and_fro(way: Way) -> bool:
    for line in waters().cables.values():
        turns = np.sort(np.concatenate([_crossings(way, *ends) for ends in pairwise(line)]))
        if any(turns[k + 2] - turns[k] <= 180 * _SLACK for k in range(len(turns) - 2)):
            return True
    return False


def _crossings(way: Way, one: Point, other: Point) -> NDArray[np.int64]:
    """Minutes in which it crossed a stretch of cable."""
    (lon0, lat0), (lon1, lat1) = one, other
    side = (lon1 - lon0) * (way.lat - lat0) - (lat1 - lat0) * (way.lon - lon0)
    length = (lon1 - lon0) ** 2 + (lat1 - lat0) ** 2
    share = ((way.lon - lon0) * (lon1 - lon0) + (way.lat - lat0) * (lat1 - lat0)) / length
    turns = np.flatnonzero((side[1:] > 0) != (side[:-1] > 0))
    return turns[(share[turns] >= 0) & (share[turns] <= 1)]


def _slowed(way: Way, at: int) -> bool:
    """Whether it was slower over a cable, soon after minute `at`, than it was before or than later."""
    near = np.min([_off(way, line) for line in waters().cables.values()], axis=0) <= 1_000.0 * _SLACK
    smooth = np.convolve(way.knots, np.full(11, 1 / 11), "same")
    there = smooth[at : at + 120][near[at : at + 120]]
    before, after = smooth[:at], smooth[at + 1 :][~near[at + 1 :]]
    before = before[before >= 3.0]
    if not len(there):
        return False
    slow = float(np.nanmin(there))

    def faster(knots: float) -> bool:
        return knots * _SLACK >= 1.4 * slow and knots - slow >= 2.0 / _SLACK

    return (len(before) > 0 and faster(float(np.nanmedian(before)))) or (
        len(after) > 0 and faster(float(np.nanmax(after)))
    )


_JUDGES: Final[Mapping[str, Callable[[Way], bool]]] = {
    "encounter": lambda _: False,
    "cable-slowdown": lambda _: False,
    "loitering": _loitered,
    "drift": lambda way: _mostly(way.adrift),
    "on-land": _ashore,
    "wrong-way": _against,
    "zone": _inside,
    "cable-drift": _adrift_there,
    "cable-zigzag": _to_and_fro,
}
