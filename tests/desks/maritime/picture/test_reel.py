"""The picture over time: every report, or one in each so many seconds, and none made up."""

from pathlib import Path

import numpy as np
import pytest

from cordiale.desks.maritime.picture.reel import NO_TURN, reel
from cordiale.desks.maritime.picture.state import latest
from cordiale.desks.maritime.schema import COG_UNAVAILABLE, DEGREE, HEADING_UNAVAILABLE, LON_UNAVAILABLE
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import HOUR, MINUTE
from desks.maritime import sea
from desks.maritime.sea import HERON, PETREL, START


def test_every_report_by_vessel_and_time(tmp_path: Path) -> None:
    found = reel(sea.store(tmp_path))
    assert found is not None
    assert (found.end, found.apart) == (START + 4 * HOUR, 0)
    assert found.mmsi.tolist() == [PETREL, HERON]
    assert found.counts.tolist() == [121, 121]
    assert np.all(np.diff(found.time[:121]) == 60)
    assert found.begin + int(found.time[120]) * 1000 == found.end
    assert set(found.turn.tolist()) == {90}


def test_its_last_moment_is_the_picture(tmp_path: Path) -> None:
    """The last row of each vessel is what `latest` has."""
    store = sea.store(tmp_path)
    found = reel(store)
    assert found is not None
    rows = np.cumsum(found.counts) - 1
    assert [(state.mmsi, state.lon, state.lat) for state in latest(store)] == [
        (int(mmsi), int(found.lon[row]) / DEGREE, int(found.lat[row]) / DEGREE)
        for mmsi, row in zip(found.mmsi, rows, strict=True)
    ]


@pytest.mark.parametrize("most", [200, 50, 10])
def test_where_there_are_too_many_one_stays_in_each_span(tmp_path: Path, most: int) -> None:
    whole, some = reel(sea.store(tmp_path)), reel(tmp_path, most=most)
    assert whole is not None
    assert some is not None
    assert len(some.time) <= most
    assert some.apart >= 60
    assert some.end == whole.end
    for first, count, every in ((0, some.counts[0], 0), (some.counts[0], some.counts[1], 121)):
        mine, all_of_it = some.time[first : first + count], whole.time[every : every + 121]
        assert set(mine.tolist()) <= set(all_of_it.tolist()), "no report is made up"
        assert len(np.unique((whole.begin // 1000 + mine) // some.apart)) == count, "one in each span"
        assert mine[-1] == all_of_it[-1], "the last one stays"


def test_heading_then_course_then_none(tmp_path: Path) -> None:
    rows = sea.positions(PETREL, 1.4, 50.9, times=3)
    rows["heading"] = [10, HEADING_UNAVAILABLE, HEADING_UNAVAILABLE]
    rows["cog"] = [900, 2709, COG_UNAVAILABLE]
    found = reel(sea.store(tmp_path, rows=rows))
    assert found is not None
    assert found.turn.tolist() == [10, 270, NO_TURN]


def test_what_has_no_position_is_left_out_and_so_is_what_is_long_ago(tmp_path: Path) -> None:
    rows = np.concatenate([sea.positions(PETREL, 1.4, 50.9), sea.positions(HERON, 1.4, 50.9, times=2)])
    rows["lon"][0] = LON_UNAVAILABLE
    found = reel(sea.store(tmp_path, rows=rows), hours=1)
    assert found is not None
    assert found.mmsi.tolist() == [PETREL]
    assert found.counts.tolist() == [HOUR // MINUTE + 1]


def test_nothing_and_a_damaged_store(tmp_path: Path) -> None:
    assert reel(tmp_path) is None
    (sea.store(tmp_path / "sea") / "positions" / "2027-12-31.parquet").write_bytes(b"PAR1 damaged")
    with pytest.raises(StorageFailed):
        reel(tmp_path / "sea")
