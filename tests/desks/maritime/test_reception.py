"""Reception: what a silence is judged by against plain Python, and the cases that people would judge alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.detectors import GAP
from cordiale.desks.maritime.detect.heard import COLUMNS, HEARD, HOUR_MS
from cordiale.desks.maritime.reception import ALONG, NEAR, Far, Reception, Rule, summed
from cordiale.desks.maritime.schema import DEGREE, EVENT

RULE = Rule(vessels=2.0, hours=3, along=0.75, heard_before=0.0)
T0 = 480_000


def _gap(
    begin: float, end: float, lon: float = 1.1, lat: float = 50.1, lon1: float | None = None, before: float = 50
) -> NDArray[np.void]:
    """A silence, in hours after T0."""
    found = np.zeros(1, EVENT)
    found["detector"], found["mmsi"], found["zone"] = GAP, 1, -1
    found["begin"], found["end"] = round((T0 + begin) * HOUR_MS), round((T0 + end) * HOUR_MS)
    found["lon0"], found["lat0"] = round(lon * DEGREE), round(lat * DEGREE)
    found["lon1"], found["lat1"] = round((lon if lon1 is None else lon1) * DEGREE), round(lat * DEGREE)
    found["values"][0][0] = end - begin
    found["values"][0][5] = before
    return found


def _cell(lon: float, lat: float) -> int:
    return int((lat + 90) // 0.25) * COLUMNS + int((lon + 180) // 0.25)


def _heard(rows: dict[tuple[int, int], int]) -> NDArray[np.void]:
    """Vessels by (hour after T0, cell)."""
    found = np.zeros(len(rows), HEARD)
    for place, ((hour, cell), vessels) in enumerate(rows.items()):
        found[place] = (T0 + hour, cell, 10 * vessels, vessels)
    return found


def _judge(heard: NDArray[np.void], gap: NDArray[np.void], rule: Rule = RULE) -> bool:
    return bool(Reception(heard).judge(gap, rule)[0])


def test_a_silence_among_others_that_are_heard_is_likely_disabling() -> None:
    everywhere = _heard({(hour, _cell(1.1, 50.1)): 4 for hour in range(24)})
    gap = _gap(2.5, 12.2)
    assert _judge(everywhere, gap)
    assert gap["values"][0][NEAR] == 4.0
    assert gap["values"][0][ALONG] == 1.0


@pytest.mark.parametrize("silent", [range(3, 12), range(3, 7), range(8, 12)])
def test_where_nobody_was_heard_a_silence_says_nothing(silent: range) -> None:
    heard = _heard({(hour, _cell(1.1, 50.1)): 4 for hour in range(24) if hour not in silent})
    assert not _judge(heard, _gap(2.5, 12.2))


def test_the_vessel_itself_is_not_among_those_heard() -> None:
    heard = _heard({(2, _cell(1.1, 50.1)): 9, (4, _cell(1.1, 50.1)): 9})
    assert not _judge(heard, _gap(2.5, 4.5))


def test_what_has_no_full_hour_cannot_be_judged() -> None:
    heard = _heard({(hour, _cell(1.1, 50.1)): 9 for hour in range(24)})
    assert not _judge(heard, _gap(2.1, 3.9))
    assert _judge(heard, _gap(2.1, 4.0))


def test_heard_at_both_ends_and_not_between_is_naive() -> None:
    heard = _heard({(hour, _cell(lon, 50.1)): 9 for hour in range(24) for lon in (1.1, 6.1)})
    gap = _gap(2.5, 20.5, lon1=6.1)
    assert not _judge(heard, gap)
    assert 0.05 < gap["values"][0][ALONG] < 0.5


def test_the_way_goes_across_the_antimeridian() -> None:
    heard = _heard({(hour, _cell(lon, 50.1)): 9 for hour in range(24) for lon in (179.6, 179.9, -179.9, -179.6)})
    assert _judge(heard, _gap(2.5, 20.5, lon=179.6, lon1=-179.6))


def test_a_vessel_that_was_hardly_heard_before_is_naive() -> None:
    heard = _heard({(hour, _cell(1.1, 50.1)): 9 for hour in range(24)})
    rule = RULE._replace(heard_before=14)
    assert not _judge(heard, _gap(2.5, 12.5, before=13), rule)
    assert _judge(heard, _gap(2.5, 12.5, before=14), rule)


def test_where_others_fall_silent_too_is_an_edge() -> None:
    heard = _heard({(hour, _cell(1.1, 50.1)): 4 for hour in range(24)})
    gaps = np.concatenate([_gap(2.5, 12.2 + number) for number in range(6)])
    gaps["mmsi"] = [1, 2, 3, 4, 4, 5]
    rule = RULE._replace(edge=0.04)
    assert not Reception(heard).judge(gaps, rule).any()
    assert Reception(heard).judge(gaps, rule._replace(edge=0.055)).all()
    assert Reception(heard).judge(gaps[:3], rule._replace(edge=0.0)).all()


def test_an_edge_stays_one_however_long_the_same_vessels_come_and_go() -> None:
    days = 20
    heard = _heard({(hour, _cell(1.1, 50.1)): 4 for hour in range(24 * days)})
    gaps = np.concatenate([_gap(24 * day + 2.5 + who, 24 * day + 20) for day in range(days) for who in range(5)])
    gaps["mmsi"] = np.tile(np.arange(5), days)
    for until in (1, 5, days):
        assert not Reception(heard[: 24 * until]).judge(gaps[: 5 * until], RULE._replace(edge=0.04)).any()
    regular = gaps[gaps["mmsi"] == 3]
    assert Reception(heard).judge(regular, RULE._replace(edge=0.04)).all()


def _alike(vessels: int) -> NDArray[np.void]:
    """Silences that begin and end at once."""
    gaps = np.concatenate([_gap(2.5 + number / 60, 12.2 + number / 60) for number in range(vessels)])
    gaps["mmsi"] = np.arange(vessels)
    return gaps


def test_those_who_fall_silent_or_are_heard_again_at_once_were_not_received() -> None:
    heard = _heard({(hour, _cell(1.1, 50.1)): 12 for hour in range(24)})
    rule = RULE._replace(at_once=0.1)
    at_once = np.concatenate([_gap(2.5 + number / 60, 12.2 + number) for number in range(4)])
    again = np.concatenate([_gap(2.5 + number, 12.2 + number / 60) for number in range(4)])
    apart = np.concatenate([_gap(2.5 + number, 12.2 + number) for number in range(4)])
    for gaps, likely in ((at_once, False), (again, False), (apart, True), (at_once[:3], True)):
        gaps["mmsi"] = np.arange(len(gaps))
        assert Reception(heard).judge(gaps, rule).tolist() == [likely] * len(gaps)
    again["open"] = 1
    assert Reception(heard).judge(again, rule).all()
    assert not Reception(heard).judge(_alike(3), rule).any()
    assert Reception(heard).judge(_alike(2), rule).all()
    assert Reception(heard).judge(at_once, rule._replace(at_once=0.3)).all()
    elsewhere = at_once.copy()
    elsewhere["lon0"][1:] += DEGREE
    elsewhere["lon1"][1:] += DEGREE
    assert Reception(_heard({(hour, _cell(lon, 50.1)): 12 for hour in range(24) for lon in (1.1, 2.1)})).judge(
        elsewhere, rule
    )[0]


def test_a_silence_may_be_too_short() -> None:
    heard = _heard({(hour, _cell(1.1, 50.1)): 4 for hour in range(24)})
    assert not _judge(heard, _gap(2.5, 6.4), RULE._replace(silent=4.0))
    assert _judge(heard, _gap(2.5, 6.5), RULE._replace(silent=4.0))


counts = st.dictionaries(
    st.tuples(st.integers(0, 12), st.integers(-2, 2), st.integers(-2, 2)), st.integers(1, 5), max_size=120
)


@given(counts, st.floats(0, 6), st.floats(0.1, 6), st.floats(-0.4, 0.4), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_the_measures_are_those_of_plain_python(
    counts: dict[tuple[int, int, int], int], begin: float, long: float, east: float, hours: int
) -> None:
    middle = _cell(1.1, 50.1)
    rows = {(hour, middle + y * COLUMNS + x): n for (hour, x, y), n in counts.items()}
    gap = _gap(begin, begin + long, lon1=1.1 + east)
    first, last = int(gap["begin"][0]) // HOUR_MS + 1 - T0, int(gap["end"][0]) // HOUR_MS - T0

    def block(hour: int, lon: float) -> int:
        centre = _cell(lon, 50.1)
        return sum(rows.get((hour, centre + y * COLUMNS + x), 0) for y in (-1, 0, 1) for x in (-1, 0, 1))

    full = range(first, last)
    Reception(_heard(rows)).judge(gap, RULE._replace(hours=hours))
    if not full:
        assert gap["values"][0][NEAR] == gap["values"][0][ALONG] == 0
        return
    near = [
        np.mean([block(hour, float(gap[lon][0]) / DEGREE) for hour in some])
        for lon, some in (("lon0", full[:hours]), ("lon1", full[-hours:]))
    ]
    assert gap["values"][0][NEAR] == pytest.approx(min(near))
    shares = [
        ((T0 + hour + 0.5) * HOUR_MS - int(gap["begin"][0])) / (int(gap["end"][0]) - int(gap["begin"][0]))
        for hour in full
    ]
    lons = [
        (int(gap["lon0"][0]) + int(share * (int(gap["lon1"][0]) - int(gap["lon0"][0])))) / DEGREE for share in shares
    ]
    assert gap["values"][0][ALONG] == pytest.approx(
        np.mean([block(h, lon) > 0 for h, lon in zip(full, lons, strict=True)])
    )


def test_shards_sum_to_what_one_has_heard() -> None:
    parts = np.concatenate([_heard({(3, 7): 2, (1, 9): 1}), _heard({(3, 7): 5})])
    assert summed(parts)[["hour", "cell", "messages", "vessels"]].tolist() == [(T0 + 1, 9, 10, 1), (T0 + 3, 7, 70, 7)]


# --- far from every coast, where satellites hear ---------------------------------------------------------------------

FAR = RULE._replace(edge=0.05, far=Far(92_600.0, 12.0, 0.02))
OCEAN = -20.0, 45.1


def _ocean(*others: tuple[float, float], hours: int = 40, vessels: int = 2) -> NDArray[np.void]:
    return _heard({(hour, _cell(lon, lat)): vessels for hour in range(hours) for lon, lat in others})


AROUND = [(-21.9, 47.6), (-17.4, 43.0), (-20.3, 46.4)]


def test_far_at_sea_others_in_the_same_footprint_tell_as_much() -> None:
    gap = _gap(2.5, 20.5, *OCEAN)
    assert _judge(_ocean(*AROUND), gap, FAR)
    assert gap["values"][0][NEAR] == 6.0
    assert not _judge(_ocean(*AROUND), _gap(2.5, 20.5, *OCEAN), FAR._replace(far=None))


def test_for_long_silences_only() -> None:
    assert not _judge(_ocean(*AROUND), _gap(2.5, 14.4, *OCEAN), FAR)
    assert _judge(_ocean(*AROUND), _gap(2.5, 14.6, *OCEAN), FAR)


def test_receivers_ashore_say_nothing_of_satellites() -> None:
    """Neither by a vessel that falls silent near the coast, nor by those that are heard there."""
    near_coast = [(-9.2, 43.8), (-5.0, 48.0), (-5.6, 49.9), (-2.1, 50.0)]
    assert not _judge(_ocean(*near_coast, vessels=9), _gap(2.5, 20.5, -6.5, 47.0), FAR)
    assert _judge(_ocean(*near_coast, (-7.5, 46.0)), _gap(2.5, 20.5, -6.5, 47.0), FAR)
    assert not _judge(_ocean(*near_coast, (-7.5, 46.0)), _gap(2.5, 20.5, -3.5, 46.9), FAR)


def test_beside_the_border_of_what_was_heard_nothing_is_known() -> None:
    heard = _ocean((-20.0, 46.4), (-17.4, 47.0), (-21.5, 45.6))
    assert not _judge(heard, _gap(2.5, 20.5, *OCEAN), FAR)


def test_where_many_leave_is_an_edge_there_too() -> None:
    gaps = np.concatenate([_gap(2.5, 20.5, OCEAN[0] + 0.5 * number, OCEAN[1]) for number in range(4)])
    gaps["mmsi"] = [1, 2, 3, 4]
    assert not Reception(_ocean(*AROUND, hours=25)).judge(gaps, FAR).any()
    assert Reception(_ocean(*AROUND, hours=60)).judge(gaps, FAR).all()
