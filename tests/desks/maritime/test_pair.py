"""Encounters: the search against a k-d tree and against every pair, the fold against a brute force, tiles and cuts invisible."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # pyright: ignore[reportMissingTypeStubs]

from cordiale.desks.maritime.pair import EARTH_M, MEETING, PAIR, encounters, fold, search, tiles
from cordiale.desks.maritime.schema import DEGREE, TICK, TICK_MS

NEAR = 500.0


def _ticks(rows: list[tuple[int, int, float, float]], speed: int = 5) -> NDArray[np.void]:
    """Of (tick, mmsi, longitude, latitude)."""
    found = np.zeros(len(rows), TICK)
    for place, (tick, mmsi, lon, lat) in enumerate(rows):
        found[place] = (tick, mmsi, 0, round(lon * DEGREE), round(lat * DEGREE), speed)
    return found


def _vectors(ticks: NDArray[np.void]) -> NDArray[np.float64]:
    lon, lat = np.radians(ticks["lon"] / DEGREE), np.radians(ticks["lat"] / DEGREE)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _found(pairs: NDArray[np.void]) -> set[tuple[int, int, int]]:
    found = [(int(p["tick"]), int(p["mmsi"]), int(p["other"])) for p in pairs]
    assert len(found) == len(set(found))
    return set(found)


def _scattered(seed: int, count: int, lon: tuple[float, float], lat: tuple[float, float]) -> NDArray[np.void]:
    chance = np.random.default_rng(seed)
    found = np.zeros(count, TICK)
    found["tick"] = chance.integers(0, 4, count)
    found["mmsi"] = np.arange(count) + 1
    found["lon"] = (chance.uniform(*lon, count) + 180) % 360 * DEGREE - 180 * DEGREE
    found["lat"] = chance.uniform(*lat, count) * DEGREE
    return found


WHERE = [
    ((1.0, 1.2), (51.0, 51.1)),
    ((179.95, 180.05), (-20.0, -19.95)),
    ((-180.0, 180.0), (89.97, 90.0)),
    ((0, 90), (-90, -89.97)),
]


@pytest.mark.parametrize(("lon", "lat"), WHERE)
def test_the_search_finds_what_a_kd_tree_finds(lon: tuple[float, float], lat: tuple[float, float]) -> None:
    ticks = _scattered(1, 3000, lon, lat)
    wanted: set[tuple[int, int, int]] = set()
    for tick in range(4):
        now = ticks[ticks["tick"] == tick]
        tree: Any = cKDTree(_vectors(now))
        for a, b in tree.query_pairs(2 * np.sin(NEAR / EARTH_M / 2)):
            first, second = sorted((int(now["mmsi"][a]), int(now["mmsi"][b])))
            wanted.add((tick, first, second))
    assert len(wanted) > 500
    assert _found(search(ticks, NEAR)) == wanted


@pytest.mark.parametrize("count", [2, 7, 5000])
@pytest.mark.parametrize(("lon", "lat"), WHERE)
def test_tiles_share_no_pair_and_miss_none(count: int, lon: tuple[float, float], lat: tuple[float, float]) -> None:
    ticks = _scattered(2, 1500, lon, lat)
    whole = search(ticks, NEAR)
    parts = [search(ticks, NEAR, tile) for tile in tiles(count)]
    assert sum(map(len, parts)) == len(whole) > 100
    joined = np.concatenate(parts)
    joined = joined[np.lexsort((joined["tick"], joined["other"], joined["mmsi"]))]
    assert (joined == whole[np.lexsort((whole["tick"], whole["other"], whole["mmsi"]))]).all()


def test_half_way_lies_between_them_across_the_antimeridian() -> None:
    pairs = search(_ticks([(0, 2, 179.999, 10.0), (0, 1, -179.999, 10.0)]), NEAR)
    assert pairs["mmsi"].tolist() == [1]
    assert abs(abs(int(pairs["lon"][0])) - 180 * DEGREE) <= 1
    assert pairs["distance"][0] == pytest.approx(2 * 0.001 * np.pi / 180 * EARTH_M * np.cos(np.radians(10)), rel=1e-3)


def test_one_mmsi_is_no_pair_with_itself() -> None:
    ticks = _ticks([(0, 7, 1.0, 50.0), (0, 7, 1.0, 50.0)])
    ticks["branch"] = [0, 1]
    assert len(search(ticks, NEAR)) == 0


def _brute(pairs: NDArray[np.void], until: int, bridge: int) -> tuple[list[Any], list[Any]]:
    """Every pair's ticks cut where more than `bridge` are missing: (still, over) as (mmsi, other, first, last, n, sum)."""
    by_pair: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for pair in pairs:
        by_pair.setdefault((int(pair["mmsi"]), int(pair["other"])), []).append(
            (int(pair["tick"]), float(pair["distance"]))
        )
    still: list[Any] = []
    over: list[Any] = []
    for who, seen in sorted(by_pair.items()):
        runs: list[list[tuple[int, float]]] = []
        for each in sorted(seen):
            if runs and each[0] - runs[-1][-1][0] <= bridge + 1:
                runs[-1].append(each)
            else:
                runs.append([each])
        for run in runs:
            told = (*who, run[0][0], run[-1][0], len(run), round(sum(d for _, d in run), 3))
            (still if until - run[-1][0] <= bridge + 1 else over).append(told)
    return still, over


def _told(meetings: NDArray[np.void]) -> list[Any]:
    return sorted(
        (
            int(m["mmsi"]),
            int(m["other"]),
            int(m["first"]),
            int(m["last"]),
            int(m["ticks"]),
            round(float(m["distances"]), 3),
        )
        for m in meetings
    )


seen = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(5, 7), st.integers(0, 40)), st.integers(1, 500), max_size=60
)


@given(seen, st.integers(0, 3), st.lists(st.integers(1, 40), max_size=3))
@settings(deadline=None)
def test_the_fold_is_the_brute_force_however_it_is_cut(
    seen: dict[tuple[int, int, int], int], bridge: int, cuts: list[int]
) -> None:
    pairs = np.zeros(len(seen), PAIR)
    for place, ((mmsi, other, tick), distance) in enumerate(sorted(seen.items())):
        pairs[place] = (mmsi, 0, other, 0, tick, distance, 1.0, 0, 0)
    still, over = _brute(pairs, 41, bridge)
    going_on, ended = np.zeros(0, MEETING), list[Any]()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 41], strict=True):
        part = pairs[(pairs["tick"] >= begin) & (pairs["tick"] < end)]
        going_on, done = fold(going_on, part, end, bridge, 2.0)
        ended += _told(done)
    assert _told(going_on) == sorted(still)
    assert sorted(ended) == sorted(over)


def test_two_hours_side_by_side_across_midnight_are_one_encounter() -> None:
    midnight = 86_400_000 // TICK_MS
    rows = [(tick, mmsi, 1.0 + mmsi * 0.001, 50.0) for tick in range(midnight - 6, midnight + 7) for mmsi in (1, 2)]
    going_on, over = fold(np.zeros(0, MEETING), search(_ticks(rows), NEAR), midnight + 7, 1, 2.0)
    assert len(over) == 0
    events = encounters(going_on, 2.0, going_on=True)
    assert events["end"][0] - events["begin"][0] == 7_200_000
    assert events["values"][0][0] == 2.0
    assert events["values"][0][1] == pytest.approx(71.5, abs=0.5)
    assert len(encounters(going_on, 2.01, going_on=True)) == 0


def _meeting(speeds: list[float], missing: tuple[int, ...] = ()) -> NDArray[np.void]:
    """A pair that is together at the ticks of `speeds`, but for the missing ones."""
    pairs = np.zeros(len(speeds), PAIR)
    for tick, knots in enumerate(speeds):
        pairs[tick] = (1, 0, 2, 0, tick, 100, knots, 0, 0)
    kept = pairs[[tick not in missing for tick in range(len(speeds))]]
    return fold(np.zeros(0, MEETING), kept, len(speeds), 2, 2.0).going_on


def test_the_median_speed_counts_and_not_the_fastest_moment() -> None:
    for speeds, met in (([1.0] * 7 + [3.5] * 6, 1), ([1.0] * 6 + [3.5] * 7, 0), ([1.9, 3.0, 1.9] * 5, 1)):
        assert len(encounters(_meeting(speeds), 2.0, going_on=True)) == met


def test_what_is_missing_in_between_does_not_count() -> None:
    assert len(encounters(_meeting([1.0] * 13), 2.0, going_on=True)) == 1
    assert len(encounters(_meeting([1.0] * 13, (5, 6)), 2.0, going_on=True)) == 0
    assert len(encounters(_meeting([1.0] * 15, (5, 6)), 2.0, going_on=True)) == 1
