"""The profiles `gfw` and `rtec` find what their publishers define: brute force over the reports of an EXERCISE, vessel by vessel.

Definitions: encounters, loitering and gaps of Global Fishing Watch (Miller et al. 2018; Welch et al. 2022); gaps and vessels
adrift of Pitsikalis et al. 2019. Vessels whose number is sent from two places or whose positions leap are left out: they are
several tracks.
"""

from collections.abc import Iterator
from itertools import combinations, groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from cordiale.analysis.partition import Here
from cordiale.desks.maritime.anchorage import distance
from cordiale.desks.maritime.coast import coast
from cordiale.desks.maritime.detect.detectors import DRIFT, ENCOUNTER, GAP, LOITERING
from cordiale.desks.maritime.detect.judge import offshore
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.run import Found, detect
from cordiale.desks.maritime.schema import DEGREE

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

HOUR = 3_600_000
TICK = 600_000
LEAPING = {"two places", "jump", "circle", "on land", "no State"}


class Track(NamedTuple):
    """[n] each: ms, AIS units, knots (NaN), degrees (NaN), status."""

    time: NDArray[np.int64]
    lon: NDArray[np.int32]
    lat: NDArray[np.int32]
    sog: NDArray[np.float64]
    cog: NDArray[np.float64]
    heading: NDArray[np.float64]
    status: NDArray[np.uint8]


class Sea(NamedTuple):
    store: Path
    tracks: dict[int, Track]


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Sea:
    store = tmp_path_factory.mktemp("published")
    made = exercise(store, seed=23, days=4, vessels=30)
    leaping = [mmsi for truth in made.truths if truth.behaviour in LEAPING for mmsi in truth.mmsi]
    rows = pl.read_parquet(store / "positions" / "*.parquet").filter(
        (pl.col("lat").abs() <= 90 * DEGREE) & ~pl.col("mmsi").is_in(leaping)
    )
    tracks = dict[int, Track]()
    for (mmsi,), part in rows.sort("time").unique(["mmsi", "time"], keep="first", maintain_order=True).group_by("mmsi"):
        sog, cog, heading = (part[name].to_numpy().astype(float) for name in ("sog", "cog", "heading"))
        tracks[int(mmsi)] = Track(
            part["time"].to_numpy(), part["lon"].to_numpy(), part["lat"].to_numpy(),
            np.where(sog < 1022, sog / 10, np.nan), np.where(cog < 3600, cog / 10, np.nan),
            np.where(heading < 360, heading, np.nan), part["status"].to_numpy(),
        )  # fmt: skip
    return Sea(store, tracks)


@pytest.fixture(scope="module")
def gfw(sea: Sea) -> Found:
    return detect(sea.store, shipped("gfw"), Here())


@pytest.fixture(scope="module")
def rtec(sea: Sea) -> Found:
    return detect(sea.store, shipped("rtec"), Here())


def told(sea: Sea, events: NDArray[np.void], detector: int) -> set[tuple[int, int, int]]:
    """(MMSI, begin, end) of what is closed, of the vessels looked at."""
    mine = events[(events["detector"] == detector) & (events["open"] == 0)]
    return {(int(e["mmsi"]), int(e["begin"]), int(e["end"])) for e in mine if int(e["mmsi"]) in sea.tracks}


def far(track: Track, place: int, kilometres: float) -> bool:
    ends = (np.ascontiguousarray(axis[place : place + 1]) for axis in (track.lon, track.lat))
    return bool(offshore(coast(), *ends, 1000 * kilometres)[0])


def silences(sea: Sea, hours: float) -> Iterator[tuple[int, Track, int]]:
    """MMSI, track, and the number of the report before each silence."""
    for mmsi, track in sea.tracks.items():
        for place in np.flatnonzero(np.diff(track.time) >= hours * HOUR).tolist():
            yield mmsi, track, place


@pytest.mark.parametrize(("profile", "hours"), [("gfw", 12.0), ("rtec", 0.5)])
def test_every_silence_is_a_candidate(sea: Sea, profile: str, hours: float, request: pytest.FixtureRequest) -> None:
    found: Found = request.getfixturevalue(profile)
    wanted = {(m, int(t.time[n]), int(t.time[n + 1])) for m, t, n in silences(sea, hours)}
    assert len(wanted) > 10
    candidates = np.concatenate([found.events[found.events["detector"] == GAP], found.naive])
    assert told(sea, candidates, GAP) == wanted


def test_gaps_that_alert_are_fifty_miles_off_after_fourteen_reports(sea: Sea, gfw: Found) -> None:
    allowed = {
        (m, int(t.time[n]), int(t.time[n + 1]))
        for m, t, n in silences(sea, 12.0)
        if far(t, n, 92.6) and far(t, n + 1, 92.6) and np.count_nonzero(t.time[: n + 1] > t.time[n] - 12 * HOUR) >= 14
    }
    assert told(sea, gfw.events, GAP) <= allowed


def test_loitering_is_eight_hours_below_two_knots_twenty_miles_off(sea: Sea, gfw: Found) -> None:
    wanted = set[tuple[int, int, int]]()
    for mmsi, track in sea.tracks.items():
        speed = np.where(np.isnan(track.sog), 9.0, track.sog)
        for first, last in runs(speed < 2.0, track.time, 12.0):
            long = track.time[last] - track.time[first] >= 8 * HOUR and last + 1 < len(track.time)
            if long and far(track, first, 37.04) and far(track, last, 37.04):
                wanted.add((mmsi, int(track.time[first]) // 1000, int(track.time[last]) // 1000))
    known = {(mmsi, begin // 1000, end // 1000) for mmsi, begin, end in told(sea, gfw.events, LOITERING)}
    assert known == wanted
    assert known


def runs(flags: NDArray[np.bool_], time: NDArray[np.int64], hours: float) -> Iterator[tuple[int, int]]:
    """First and last of what is true in a row, no silence of so many hours in it."""
    breaks = np.concatenate([[0], np.cumsum(np.diff(time) > hours * HOUR)])
    for (flag, _), group in groupby(range(len(flags)), key=lambda n: (bool(flags[n]), int(breaks[n]))):
        if flag:
            places = list(group)
            yield places[0], places[-1]


def test_encounters_are_two_hours_within_500_m_at_a_median_below_two_knots(sea: Sea, gfw: Found) -> None:
    found = gfw.events[gfw.events["detector"] == ENCOUNTER]
    pairs = {(int(e["mmsi"]), int(e["other"])) for e in found if {int(e["mmsi"]), int(e["other"])} <= set(sea.tracks)}
    assert pairs == {who for who, places in meetings(sea) if distance(*places, gfw.places).min() >= 10_000.0}
    assert pairs


def meetings(sea: Sea) -> Iterator[tuple[tuple[int, int], tuple[NDArray[np.int32], NDArray[np.int32]]]]:
    """Pairs, with where they began and ended, wherever that was: every pair at every full ten minutes."""
    begin, end = (pick(int(edge(t.time)) for t in sea.tracks.values()) for pick, edge in ((min, np.min), (max, np.max)))
    ticks = np.arange(begin // TICK + 1, end // TICK + 1) * TICK
    at = {mmsi: interpolated(track, ticks) for mmsi, track in sea.tracks.items() if len(track.time) > 1}
    for one, other in combinations(sorted(at), 2):
        (x, y, v), (p, q, w) = at[one], at[other]
        apart = np.hypot((x - p) * np.cos(np.radians(y / DEGREE)), y - q) / DEGREE * 111_195.0
        beside = (apart <= 500.0) & (v < 4.0) & (w < 4.0)  # who then goes on together has met before
        for first, last in runs(beside, ticks, 1.0):
            median = np.median((v[first : last + 1] + w[first : last + 1]) / 2)
            if ticks[last] - ticks[first] >= 2 * HOUR and median < 2.0:
                places = np.array([x[[first, last]], y[[first, last]]]).astype(np.int32)
                yield (one, other), (places[0], places[1])


def interpolated(track: Track, ticks: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """Position and speed of the way at each tick; NaN in silences of 12 hours and where there is none yet or any more."""
    after = np.searchsorted(track.time, ticks)
    known = (after > 0) & (after < len(track.time))
    after = np.clip(after, 1, len(track.time) - 1)
    span = track.time[after] - track.time[after - 1]
    known &= span <= 12 * HOUR
    share = (ticks - track.time[after - 1]) / span
    x, y = (np.where(known, axis[after - 1] + share * (axis[after] - axis[after - 1].astype(float)), np.nan) for axis in (
        track.lon, track.lat))  # fmt: skip
    east = (track.lon[after] - track.lon[after - 1].astype(float)) * np.cos(np.radians(track.lat[after] / DEGREE))
    metres = np.hypot(east, track.lat[after] - track.lat[after - 1].astype(float)) / DEGREE * 111_195.0
    return x, y, metres / 1852 / (span / HOUR)


def test_who_is_adrift_is_told(sea: Sea, rtec: Found) -> None:
    wanted = set[int]()
    for mmsi, track in sea.tracks.items():
        angle = np.abs((track.cog - track.heading + 180.0) % 360.0 - 180.0)
        moving = (
            (track.sog >= 2.7) & (track.sog <= 48.6) & (angle >= 40.0) & ~np.isin(track.status, (1, 3, 4, 5, 6, 7, 8))
        )
        wanted |= {mmsi for first, last in runs(moving, track.time, 1.0) if last - first >= 4}
    assert {mmsi for mmsi, _, _ in told(sea, rtec.events, DRIFT)} == wanted
