"""What the batch knows of vessels' types: who meets in the way of business is marked, who tows a net is not told as slow."""

import numpy as np
import pytest

from cordiale.desks.maritime.detect.detectors import CABLE_SLOWDOWN, ENCOUNTER, GAP
from cordiale.desks.maritime.detect.findings import Named
from cordiale.desks.maritime.schema import EVENT
from cordiale.wiring.maritime_batch import FISHING, mark_service, told

CARGO, TUG, PILOT, TENDER = 70, 52, 50, 53


@pytest.mark.parametrize(
    ("types", "marked"), [((CARGO, CARGO), 0), ((CARGO, TUG), 1), ((PILOT, CARGO), 1), ((TENDER, TUG), 1), ((0, 0), 0)]
)
def test_meetings_of_service_vessels_are_marked_and_not_dropped(types: tuple[int, int], marked: int) -> None:
    events = _events(ENCOUNTER, GAP)
    before = events[1].copy()
    mark_service(events, {1: Named(ship_type=types[0]), 2: Named(ship_type=types[1])})
    assert (len(events), events["values"][0][6]) == (2, marked)
    assert events[1] == before


@pytest.mark.parametrize(("ship_type", "knots", "kept"), [(FISHING, 4.0, 0), (FISHING, 7.0, 1), (CARGO, 4.0, 1)])
def test_a_trawler_at_trawling_speed_over_a_cable_is_not_told(ship_type: int, knots: float, kept: int) -> None:
    events = _events(CABLE_SLOWDOWN)
    events["values"][0][0] = knots
    assert len(told(events, {1: Named(ship_type=ship_type)})) == kept


def _events(*detectors: int) -> np.ndarray:
    found = np.zeros(len(detectors), EVENT)
    found["detector"], found["mmsi"], found["other"] = detectors, 1, 2
    return found
