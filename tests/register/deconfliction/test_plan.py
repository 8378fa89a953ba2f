"""cordiale.register.deconfliction.plan: activities as people keep them, and which of them are where plans meet."""

import json
from importlib import resources

import numpy as np
import pytest

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.deconfliction import plan
from cordiale.register.deconfliction.cells import cover
from cordiale.register.deconfliction.grid import Grid, project
from cordiale.register.deconfliction.plan import Plan
from cordiale.vocab.moment import DAY, MINUTE

FINE, COARSE = Grid(4, 1), Grid(3, 7)
DAYS = (20_000, 20_400)


def activity(name: str, longitude: float, day: int) -> plan.Item:
    west = round(longitude * 1e7)
    ring = [(west, 485_000_000), (west + 10_000_000, 485_000_000), (west, 488_000_000)]
    found = plan.item(
        name, {"span": (day * DAY, (day + 1) * DAY), "areas": [{"ring": ring}], "margin": 1_500, "slack": 30}
    )
    assert found is not None
    return found


def test_the_samples_of_the_register_are_a_plan() -> None:
    data = (resources.files("cordiale.register") / "data" / "samples" / "activity.json").read_bytes()
    placed = [row for row in json.loads(data)["records"] if row.get("areas") or row.get("corridors")]
    found = plan.read(json.dumps({"records": placed}).encode())
    assert len(found.items) == len(placed) > 1
    assert all("EXERCISE" in each.name for each in found.items)
    assert Plan.decode(found.encode()) == found
    assert repr(found) == f"Plan({len(placed)} activities)"


def test_degrees_metres_and_minutes_become_what_shapes_have() -> None:
    found = activity("EXERCISE", -8.0, 20_010).activity
    (area,) = found.areas
    assert area.positions == ((48.5, -8.0), (48.5, -7.0), (48.8, -8.0))
    assert (area.margin_km, area.closed, found.slack) == (1.5, True, 30 * MINUTE)
    line = {"line": [(0, 0), (10_000_000, 0)], "half_width": 4_000}
    corridor = plan.item("EXERCISE", {"span": (0, 1), "corridors": [line], "margin": 500})
    assert corridor is not None
    assert (corridor.activity.areas[0].margin_km, corridor.activity.areas[0].closed) == (4.5, False)


def test_what_has_no_time_or_no_place_is_no_activity() -> None:
    assert plan.item("EXERCISE", {"span": (0, 1)}) is None
    assert plan.item("EXERCISE", {"areas": [{"ring": [(0, 0), (1, 0), (0, 1)]}]}) is None


@pytest.mark.parametrize("reached", [FINE, COARSE])
def test_activities_that_are_where_plans_meet_are_named(reached: Grid) -> None:
    here, there, later = (
        activity("here", -8.0, 20_010),
        activity("there", 12.0, 20_010),
        activity("later", -8.0, 20_200),
    )
    found = np.unique(project(cover([here.activity], FINE, DAYS), FINE, reached))
    touched = plan.planned([there, here, later]).touching(found, FINE, reached, DAYS)
    assert [(item.name, places) for item, places in touched] == [("here", list(range(len(found))))]


def test_a_plan_has_something_and_not_too_much() -> None:
    with pytest.raises(Malformed):
        plan.planned([])
    with pytest.raises(LimitExceeded):
        plan.planned([activity("EXERCISE", 0.0, 20_000)] * (plan.ITEMS + 1))
