"""What stands of events seen together and against the coast."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.detectors import DRIFT, JUMP, LOITERING, ON_LAND, TWO_PLACES
from cordiale.desks.maritime.detect.judge import standing
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.schema import DEGREE, EVENT

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

FAR = (-8.0, 46.0)
NEAR = (-4.60, 48.30)


def event(detector: int, mmsi: int = 227_000_001, place: tuple[float, float] = FAR, **fields: Any) -> NDArray[np.void]:
    made = np.zeros(1, EVENT)
    made["detector"], made["mmsi"], made["begin"], made["end"] = detector, mmsi, 1000, 2000
    for end in "01":
        made["lon" + end], made["lat" + end] = (round(degrees * DEGREE) for degrees in place)
    for name, value in fields.items():
        made[name] = value
    return made


def stands(*events: NDArray[np.void], profile: str = "ours") -> list[bool]:
    return standing(np.concatenate(events), shipped(profile)).tolist()


def test_loitering_stands_away_from_the_coast_and_under_way() -> None:
    anchored = event(LOITERING)
    anchored["values"][0, 4] = 0.9
    quick = event(LOITERING)
    quick["values"][0, 2] = 2.1
    assert stands(event(LOITERING), event(LOITERING, place=NEAR), anchored, quick) == [True, False, False, False]
    assert stands(event(LOITERING, place=(-6.0, 48.5)), profile="gfw") == [True]
    assert stands(event(LOITERING, place=(-5.3, 48.3)), profile="gfw") == [False]


def test_a_jump_within_two_places_is_told_as_that() -> None:
    both = event(TWO_PLACES, begin=1500, end=9000)
    assert stands(event(JUMP), both) == [False, True]
    assert stands(event(JUMP, begin=9500, end=9900), both) == [True, True]
    assert stands(event(JUMP, mmsi=227_000_002), both) == [True, True]


def test_land_on_which_many_sail_is_water() -> None:
    many = [event(ON_LAND, mmsi=227_000_000 + n, place=(0.5, 47.5)) for n in range(3)]
    assert stands(*many, event(ON_LAND, place=(2.5, 47.5))) == [False, False, False, True]
    assert stands(many[0], many[0], many[0]) == [True, True, True]


def test_nothing_else_is_touched() -> None:
    assert stands(event(DRIFT, place=NEAR)) == [True]
    assert standing(np.zeros(0, EVENT), shipped("ours")).tolist() == []
