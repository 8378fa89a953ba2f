"""Stage one against plain Python: gaps and loitering by brute force, ticks, counts, shards, and cuts anywhere."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cordiale.desks.maritime.detect import detectors, heard
from cordiale.desks.maritime.detect.profile import PROFILES, shipped
from cordiale.desks.maritime.detect.stage import TALLY, Found, Stage, columns, ordered
from cordiale.desks.maritime.schema import DEGREE, EVENT, POSITION, TICK_MS

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

HOUR = 3_600_000
START = 473_000 * HOUR


def reports(rows: list[tuple[int, int, float, float, float, int]]) -> NDArray[np.void]:
    """Rows of (seconds from START, MMSI, lon, lat, kn, status), put in order."""
    table = np.zeros(len(rows), POSITION)
    for row, (seconds, mmsi, lon, lat, kn, status) in zip(table, rows, strict=True):
        row["time"], row["mmsi"] = START + 1000 * seconds, mmsi
        row["lon"], row["lat"] = round(lon * DEGREE), round(lat * DEGREE)
        row["sog"], row["cog"], row["heading"], row["status"], row["kind"] = round(10 * kn), 3600, 511, status, 1
    return np.sort(table, order=POSITION.names)


def run(stage: Stage, rows: NDArray[np.void]) -> Found:
    return stage.advance(columns(rows))


def everything(stage: Stage, rows: NDArray[np.void], now: int) -> NDArray[np.void]:
    return ordered(np.concatenate([run(stage, rows).events, stage.pending(now)]))


def slow_way(rows: NDArray[np.void], now: int, profile: str) -> list[tuple[Any, ...]]:
    """Gaps and loitering of vessels that stay where they are, by the definitions in METHOD.md and nothing clever."""
    t, found = shipped(profile).thresholds[0], list[tuple[Any, ...]]()
    by_vessel = defaultdict[int, list[Any]](list)
    for row in rows:
        if not by_vessel[row["mmsi"]] or by_vessel[row["mmsi"]][-1]["time"] != row["time"]:
            by_vessel[row["mmsi"]].append(row)
    for mmsi, track in by_vessel.items():
        times = [int(row["time"]) for row in track]
        for one, other in pairwise(times):
            if other - one >= t["gap_silent_h"] * HOUR:
                found.append((detectors.GAP, mmsi, one, other, 0))
        if now - times[-1] >= t["gap_silent_h"] * HOUR and len(track) >= 3:
            found.append((detectors.GAP, mmsi, times[-1], now, 1))
        found += [(detectors.LOITERING, mmsi, *run) for run in slow_runs(track, now, profile)]
    return sorted(found)


def slow_runs(track: list[Any], now: int, profile: str) -> list[tuple[int, int, int]]:
    t = shipped(profile).thresholds[0]
    runs, first, last = list[tuple[int, int, int]](), None, None
    for row in track:
        time, kn = int(row["time"]), row["sog"] / 10
        if first is not None and last is not None:
            if kn < t["loitering_out_kn"] and time - last <= t["loitering_bridge_h"] * HOUR:
                last = time
                continue
            runs.append((first, last, 0))
            first = None
        if kn < t["loitering_speed_kn"]:
            first = last = time
    if first is not None and last is not None:
        runs.append((first, last, int(now - last <= t["loitering_bridge_h"] * HOUR)))
    return [(begin, end, open) for begin, end, open in runs if end - begin >= t["loitering_duration_h"] * HOUR]


histories = st.lists(
    st.tuples(
        st.integers(0, 40 * 6).map(lambda tens: 600 * tens),
        st.integers(227_000_001, 227_000_003),
        st.just(1.0),
        st.just(50.0),
        st.sampled_from([0.5, 1.9, 2.0, 2.8, 3.0, 12.0]),
        st.sampled_from([0, 1]),
    ),
    max_size=80,
).map(reports)


@pytest.mark.parametrize("profile", PROFILES)
@given(rows=histories)
@settings(deadline=None)
def test_gaps_and_loitering_are_those_of_brute_force(profile: str, rows: NDArray[np.void]) -> None:
    now = START + 41 * HOUR
    events = everything(Stage(shipped(profile).thresholds), rows, now)
    ours = sorted(
        (int(e["detector"]), int(e["mmsi"]), int(e["begin"]), int(e["end"]), int(e["open"]))
        for e in events
        if e["detector"] in (detectors.GAP, detectors.LOITERING)
    )
    assert ours == slow_way(rows, now, profile)


@given(rows=histories, cuts=st.lists(st.integers(0, 80), max_size=4))
@settings(deadline=None, max_examples=50)
def test_cuts_checkpoints_and_shards_change_nothing(rows: NDArray[np.void], cuts: list[int]) -> None:
    now = START + 41 * HOUR
    thresholds = shipped("ours").thresholds
    whole = Stage(thresholds)
    found = run(whole, rows)
    heard_whole = np.concatenate([found.heard, whole.finish()])
    events, ticks, hours = list[Any](), list[Any](), list[Any]()
    for shard in range(2):
        stage = Stage(thresholds, shard=shard, shards=2)
        for part in np.split(rows, sorted(min(cut, len(rows)) for cut in cuts)):
            fresh = Stage(thresholds, shard=shard, shards=2)
            fresh.restore(stage.checkpoint())
            stage = fresh
            piece = run(stage, part)
            events.append(piece.events)
            ticks.append(piece.ticks)
            hours.append(piece.heard)
        events.append(stage.pending(now))
        hours.append(stage.finish())
    assert (
        ordered(np.concatenate(events)).tobytes()
        == ordered(np.concatenate([found.events, whole.pending(now)])).tobytes()
    )
    assert np.sort(np.concatenate(ticks)).tobytes() == np.sort(found.ticks).tobytes()
    assert summed(np.concatenate(hours)) == summed(heard_whole) == counted(rows)


def summed(rows: NDArray[np.void]) -> dict[tuple[int, int], tuple[int, int]]:
    total = dict[tuple[int, int], tuple[int, int]]()
    for row in rows:
        messages, vessels = total.get((row["hour"], row["cell"]), (0, 0))
        total[int(row["hour"]), int(row["cell"])] = (messages + int(row["messages"]), vessels + int(row["vessels"]))
    return total


def counted(rows: NDArray[np.void]) -> dict[tuple[int, int], tuple[int, int]]:
    who = defaultdict[tuple[int, int], list[int]](list)
    for row in rows:
        who[int(row["time"]) // HOUR, heard.cell_of(int(row["lon"]), int(row["lat"]))].append(int(row["mmsi"]))
    return {key: (len(mmsis), len(set(mmsis))) for key, mmsis in who.items()}


def test_ticks_are_every_full_ten_minutes_of_a_slow_vessel_interpolated() -> None:
    rows = reports([(60, 227_000_001, 1.0, 50.0, 1.0, 0), (60 + 1800, 227_000_001, 1.01, 50.0, 1.0, 0)])
    ticks = run(Stage(shipped("ours").thresholds), rows).ticks
    first = START // TICK_MS + 1
    assert [int(tick["tick"]) for tick in ticks] == [first, first + 1, first + 2]
    assert [int(tick["lon"]) for tick in ticks] == [
        round((1.0 + 0.01 * share) * DEGREE) for share in (0.3, 19 / 30, 29 / 30)
    ]


@pytest.mark.parametrize(
    ("mmsi", "lon", "lat", "counter"),
    [
        (2_275_000, 1.0, 50.0, "not_a_vessel"),
        (111_227_500, 1.0, 50.0, "not_a_vessel"),
        (992_275_000, 1.0, 50.0, "not_a_vessel"),
        (970_227_500, 1.0, 50.0, "not_a_vessel"),
        (227_000_001, 181.0, 91.0, "no_position"),
        (227_000_001, 0.0, 0.0, "no_position"),
        (227_000_001, 1.0, 50.0, "reports"),
    ],
)
def test_what_is_no_vessel_or_has_no_position_is_counted(mmsi: int, lon: float, lat: float, counter: str) -> None:
    stage = Stage(shipped("ours").thresholds)
    run(stage, reports([(0, mmsi, lon, lat, 1.0, 0)]))
    assert dict(zip(TALLY, stage.tally, strict=True))[counter] == 1


def test_many_vessels_and_events_make_the_buffers_grow() -> None:
    rows = reports([(seconds, 227_000_000 + n, 1.0, 50.0, 10.0, 0) for seconds in (0, 7200) for n in range(6000)])
    found = run(Stage(shipped("ours").thresholds), rows)
    assert len(found.events) == 6000
    assert found.events.dtype == EVENT
