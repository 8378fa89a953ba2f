"""Encounters: two slow vessels side by side for long, from where each was at full ten minutes.

`search` finds who is near whom at each tick: on the unit sphere, by a sweep over latitude, so that neither the antimeridian nor
a pole is anything special. A tile is a band of latitude with a halo of the same distance to its north; a pair belongs to the
tile of its southern vessel, so that tiles share no pair and miss none. `Pairing` folds pairs over time: a pair goes on while no
more ticks are missing than the profile bridges. A tick is a number of ten minutes since 1970: midnight is nothing.

What is decided later (how far the nearest anchorage is, what kind of vessel each is) is not in here.
"""

import math
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.detectors import ENCOUNTER
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import DEGREE, EVENT, TICK_MS

EARTH_M: Final = 6_371_008.8
"""Mean radius (IUGG)."""
_UNIT: Final = math.pi / (180 * DEGREE)
_FULL: Final = 360 * DEGREE

PAIR: Final = np.dtype(
    [
        ("mmsi", "<u4"),
        ("branch", "u1"),
        ("other", "<u4"),  # (mmsi, branch) < (other, other_branch)
        ("other_branch", "u1"),
        ("tick", "<i4"),
        ("distance", "<f4"),  # m
        ("speed", "<f4"),  # kn: the mean of both
        ("lon", "<i4"),  # AIS units: half-way
        ("lat", "<i4"),
    ]
)
"""Two vessels near each other at one tick."""

MEETING: Final = np.dtype(
    [
        ("mmsi", "<u4"),
        ("branch", "u1"),
        ("other", "<u4"),
        ("other_branch", "u1"),
        ("first", "<i4"),  # tick
        ("last", "<i4"),
        ("ticks", "<i4"),
        ("slow", "<i4"),  # of these, ticks at which the mean speed of both was below the profile's
        ("least", "<f4"),  # m
        ("distances", "<f8"),  # m: their sum
        ("speeds", "<f8"),  # kn: their sum
        ("lon0", "<i4"),
        ("lat0", "<i4"),
        ("lon1", "<i4"),
        ("lat1", "<i4"),
    ]
)
"""A pair that goes on."""


class Tile(NamedTuple):
    """A band of latitude, in AIS units: south ≤ latitude < north."""

    south: int
    north: int


WORLD: Final = Tile(-90 * DEGREE, 90 * DEGREE + 1)


def tiles(count: int) -> list[Tile]:
    """The Earth in so many bands of equal height."""
    edges = [-90 * DEGREE + 180 * DEGREE * number // count for number in range(count)] + [WORLD.north]
    return [Tile(south, north) for south, north in pairwise(edges)]


def halo(metres: float) -> int:
    """AIS units of latitude that cover a distance, and one more."""
    return math.ceil(metres / EARTH_M / _UNIT) + 1


def search(ticks: NDArray[np.void], metres: float, tile: Tile = WORLD) -> NDArray[np.void]:
    """[n] of PAIR from [m] of TICK in any order: who is at most `metres` from whom at the same tick, both ends included.

    Ordered by the pair, then by tick. The same MMSI is no pair with itself, whatever its branches.
    """
    inside = (ticks["lat"] >= tile.south) & (ticks["lat"] < tile.north + halo(metres))
    near = ticks[inside]
    near = near[np.lexsort((near["branch"], near["mmsi"], near["lon"], near["lat"], near["tick"]))]
    room = max(1024, 2 * len(near))
    while True:
        pairs = np.zeros(room, PAIR)
        count = _sweep(near, metres, halo(metres), tile.north, pairs)
        if count <= room:
            found = pairs[:count]
            return found[np.lexsort((found["tick"], *(found[name] for name in reversed(_WHO))))]
        room = count


_WHO: Final = ("mmsi", "branch", "other", "other_branch")


@kernel
def _sweep(ticks: Any, metres: float, reach: int, north: int, pairs: Any) -> int:
    """How many pairs there are; those for which there is room are written."""
    chord = 2.0 * math.sin(0.5 * metres / EARTH_M)
    count = 0
    n = len(ticks)
    x, y, z = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        flat = math.cos(_UNIT * ticks[i]["lat"])
        x[i], y[i] = flat * math.cos(_UNIT * ticks[i]["lon"]), flat * math.sin(_UNIT * ticks[i]["lon"])
        z[i] = math.sin(_UNIT * ticks[i]["lat"])
    for i in range(n):
        if ticks[i]["lat"] >= north:
            continue
        j = i + 1
        while j < n and ticks[j]["tick"] == ticks[i]["tick"] and ticks[j]["lat"] - ticks[i]["lat"] <= reach:
            square = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 + (z[i] - z[j]) ** 2
            if square <= chord * chord and ticks[i]["mmsi"] != ticks[j]["mmsi"]:
                if count < len(pairs):
                    _write(pairs, count, ticks, i, j, 2.0 * EARTH_M * math.asin(0.5 * math.sqrt(square)))
                count += 1
            j += 1
    return count


@kernel
def _write(pairs: Any, at: int, ticks: Any, i: int, j: int, distance: float) -> None:
    if ticks[i]["mmsi"] > ticks[j]["mmsi"]:
        i, j = j, i
    pair = pairs[at]
    pair["mmsi"], pair["branch"] = ticks[i]["mmsi"], ticks[i]["branch"]
    pair["other"], pair["other_branch"] = ticks[j]["mmsi"], ticks[j]["branch"]
    pair["tick"], pair["distance"] = ticks[i]["tick"], distance
    pair["speed"] = 0.05 * (ticks[i]["sog"] + ticks[j]["sog"])
    pair["lat"] = (np.int64(ticks[i]["lat"]) + ticks[j]["lat"]) // 2
    apart = (np.int64(ticks[j]["lon"]) - ticks[i]["lon"] + 3 * _FULL // 2) % _FULL - _FULL // 2
    pair["lon"] = (ticks[i]["lon"] + apart // 2 + 3 * _FULL // 2) % _FULL - _FULL // 2


class Pairing(NamedTuple):
    """What the fold made of its pairs."""

    going_on: NDArray[np.void]
    """[n] of MEETING, by pair: they may go on"""
    over: NDArray[np.void]
    """[m] of MEETING that can't, of any length"""


def fold(going_on: NDArray[np.void], pairs: NDArray[np.void], until: int, bridge: int, knots: float) -> Pairing:
    """Go on with `going_on`, [n] of MEETING by pair, over `pairs` as `search` orders them, all at ticks < `until`.

    No pair at a tick < `until` comes later. `bridge` ticks may be missing in between. A tick is slow below `knots`.
    """
    room = len(going_on) + len(pairs)
    still, over = np.zeros(room, MEETING), np.zeros(room, MEETING)
    n, m = _fold(going_on, pairs, until, bridge, knots, still, over)
    return Pairing(still[:n], over[:m])


@kernel
def _before(a: Any, b: Any) -> bool:
    """Whether a's pair comes before b's."""
    if a["mmsi"] != b["mmsi"]:
        return a["mmsi"] < b["mmsi"]
    if a["branch"] != b["branch"]:
        return a["branch"] < b["branch"]
    if a["other"] != b["other"]:
        return a["other"] < b["other"]
    return a["other_branch"] < b["other_branch"]


@kernel
def _fold(going_on: Any, pairs: Any, until: int, bridge: int, knots: float, still: Any, over: Any) -> tuple[int, int]:
    n = m = i = k = 0
    while i < len(going_on) or k < len(pairs):
        if i < len(going_on) and (k >= len(pairs) or not _before(pairs[k], going_on[i])):
            still[n] = going_on[i]
            i += 1
        else:
            _begin(still[n], pairs[k], knots)
            k += 1
        meeting = still[n]
        while k < len(pairs) and not _before(meeting, pairs[k]):
            if pairs[k]["tick"] - meeting["last"] > bridge + 1:
                over[m] = meeting
                m += 1
                _begin(meeting, pairs[k], knots)
            else:
                _extend(meeting, pairs[k], knots)
            k += 1
        if until - meeting["last"] > bridge + 1:
            over[m] = meeting
            m += 1
        else:
            n += 1
    return n, m


@kernel
def _begin(meeting: Any, pair: Any, knots: float) -> None:
    meeting["mmsi"], meeting["branch"] = pair["mmsi"], pair["branch"]
    meeting["other"], meeting["other_branch"] = pair["other"], pair["other_branch"]
    meeting["first"], meeting["lon0"], meeting["lat0"] = pair["tick"], pair["lon"], pair["lat"]
    meeting["slow"] = 0
    meeting["ticks"], meeting["least"], meeting["distances"], meeting["speeds"] = 0, pair["distance"], 0.0, 0.0
    _extend(meeting, pair, knots)


@kernel
def _extend(meeting: Any, pair: Any, knots: float) -> None:
    meeting["last"], meeting["lon1"], meeting["lat1"] = pair["tick"], pair["lon"], pair["lat"]
    meeting["ticks"] += 1
    meeting["slow"] += int(pair["speed"] < knots)
    meeting["least"] = min(meeting["least"], pair["distance"])
    meeting["distances"] += pair["distance"]
    meeting["speeds"] += pair["speed"]


def encounters(meetings: NDArray[np.void], hours: float, *, going_on: bool) -> NDArray[np.void]:
    """[n] of EVENT from the [m] of MEETING that were together for so long, at a slow speed in the median.

    Ticks that are missing in between don't count. Values are as `DETECTORS` names them, from_anchorage −1.
    """
    lasted = (meetings["ticks"] - 1) * TICK_MS >= hours * 3_600_000
    long = meetings[lasted & (2 * meetings["slow"] > meetings["ticks"])]
    events = np.zeros(len(long), EVENT)
    for name in ("mmsi", "branch", "other", "other_branch", "lon0", "lat0", "lon1", "lat1"):
        events[name] = long[name]
    events["detector"], events["zone"], events["open"] = ENCOUNTER, -1, going_on
    events["begin"], events["end"] = long["first"].astype(np.int64) * TICK_MS, long["last"].astype(np.int64) * TICK_MS
    values = events["values"]
    values[:, 0] = (events["end"] - events["begin"]) / 3_600_000
    values[:, 1] = long["least"]
    values[:, 2] = long["distances"] / long["ticks"]
    values[:, 3] = long["speeds"] / long["ticks"]
    values[:, 4] = -1.0
    values[:, 5] = long["ticks"]
    return events
