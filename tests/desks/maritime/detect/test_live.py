"""Live and batch end in the same events, whatever the order of arrival, duplicates, and restarts."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.detectors import BY_NUMBER
from cordiale.desks.maritime.detect.live import Live
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.detect.stage import Stage, columns, ordered
from cordiale.desks.maritime.schema import EVENT
from desks.maritime.detect.test_vessel_and_places import cable
from desks.maritime.detect.voyages import START, Ship, table

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

THRESHOLDS = shipped("ours").thresholds
CABLE = cable()
MIDNIGHT = (86_400 - START % 86_400) // 60


def fleet() -> NDArray[np.void]:
    """Vessels with something to tell, about a midnight."""
    late = MIDNIGHT - 200
    return table([
        Ship(-6.0, 46.0, mmsi=227_000_001, at=60 * late).sail(240, 7.3).sail(180, 7.3).sail(120, 10.8),
        Ship(-6.0, 45.0, mmsi=227_000_002, at=60 * late).sail(100, 12).sail(250, 1.0).wait(120).sail(60, 12),
        Ship(-9.0, 46.0, mmsi=227_000_003, at=60 * late).sail(300, 1.0),
        Ship(-30.0, 40.0, mmsi=227_000_003, at=60 * late + 17).sail(300, 14),
        Ship(-9.0, 44.5, mmsi=227_000_004, at=60 * late, every=30).sail(60, 18).circle(4, 1.8, 18).sail(60, 18),
        Ship(-8.0, 46.0, mmsi=227_000_005, at=60 * late).sail(60, 12).sail(90, 2.5, 90, heading=0).sail(200, 12),
    ])  # fmt: skip


FLEET = fleet()


def batch(rows: NDArray[np.void]) -> bytes:
    stage = Stage(THRESHOLDS, CABLE, hearing=False)
    closed = stage.advance(columns(np.unique(rows))).events
    return ordered(np.concatenate([closed, stage.pending(int(rows["time"].max()))])).tobytes()


def live(**more: Any) -> Live:
    return Live(THRESHOLDS, CABLE, **more)


def test_the_fleet_has_something_to_tell() -> None:
    events = np.frombuffer(batch(FLEET), EVENT)
    assert {"cable-slowdown", "gap", "loitering", "two-places", "circle", "drift"} <= {
        BY_NUMBER[number].name for number in events["detector"].tolist()
    }


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 700), spread=st.sampled_from([0, 30, 600, 7200, 10**6]))
@settings(deadline=None, max_examples=25)
def test_any_order_and_repetition_end_as_the_batch(seed: int, size: int, spread: int) -> None:
    dice = np.random.default_rng(seed)
    late = dice.integers(0, spread * 1000 + 1, len(FLEET))
    arriving = FLEET[np.argsort(FLEET["time"] + late, kind="stable")]
    arriving = np.insert(arriving, dice.integers(0, len(arriving), 50), arriving[dice.integers(0, len(arriving), 50)])
    watch = live()
    for part in np.split(arriving, range(size, len(arriving), size)):
        watch.take(part)
        if dice.random() < 0.2:
            fresh = live()
            fresh.restore(watch.checkpoint())
            watch = fresh
    watch.sweep()
    assert watch.events().tobytes() == batch(FLEET)
    assert watch.counted.taken == len(FLEET)
    assert watch.counted.repeated == 50
    assert watch.counted.too_late == 0


def test_one_by_one_is_the_batch_of_what_has_come_so_far() -> None:
    rows = FLEET[FLEET["mmsi"] == 227_000_001]
    watch = live()
    for count in range(1, len(rows) + 1):
        watch.take(rows[count - 1 : count])
        if count % 50 == 0:
            watch.sweep()
            assert watch.events().tobytes() == batch(rows[:count])


def test_what_a_late_report_takes_back_is_gone() -> None:
    ship = Ship(-6.0, 46.0).sail(120, 12)
    early = table([ship])
    whole = table([ship.sail(240, 12)])
    watch = live()
    watch.take(np.concatenate([early, whole[-1:]]))
    assert len(watch.events()) == 1
    assert watch.take(whole[len(early) : -1]) == {227_000_001}
    assert len(watch.events()) == 0
    assert watch.counted.late > 200


def test_what_is_older_than_the_horizon_is_counted_and_changes_nothing() -> None:
    rows = FLEET[FLEET["mmsi"] == 227_000_001]
    watch = live(horizon=3_600_000)
    held = rows[10:20]
    watch.take(np.delete(rows, slice(10, 20)))
    watch.sweep()
    before = watch.events().tobytes()
    watch.take(held)
    assert watch.counted.too_late == 10
    assert watch.events().tobytes() == before


def test_memory_is_bounded_by_a_shorter_horizon() -> None:
    watch = live(rows=500)
    for part in np.split(FLEET, range(100, len(FLEET), 100)):
        watch.take(part)
    watch.sweep()
    kept = len(watch.checkpoint()["rows"])
    assert kept <= 500 + 128 * 5
    assert watch.horizon < 48 * 3_600_000
    assert watch.events().tobytes() == batch(FLEET)


def test_nothing_is_nothing() -> None:
    watch = live()
    assert watch.take(FLEET[:0]) == set()
    assert len(watch.events()) == 0


@pytest.mark.parametrize("spread", [0, 3_600])
def test_whoever_has_other_events_than_before_is_named(spread: int) -> None:
    dice, watch, named = np.random.default_rng(5), live(), set[int]()
    before = dict[int, bytes]()
    arriving = FLEET[np.argsort(FLEET["time"] + dice.integers(0, spread * 1000 + 1, len(FLEET)), kind="stable")]
    for part in np.array_split(arriving, 150):
        told = watch.take(part)
        every = watch.events()
        after = {mmsi: every[every["mmsi"] == mmsi].tobytes() for mmsi in np.unique(FLEET["mmsi"]).tolist()}
        changed = {mmsi for mmsi, events in after.items() if events != before.get(mmsi, b"")}
        assert changed <= told
        before, named = after, named | changed
    assert len(named) == 5
