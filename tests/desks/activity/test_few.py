"""Interpreted and compiled kernels give the same bits; a few rows need neither Numba nor waiting; sines are as a library's."""

import math
import subprocess
import sys

import numpy as np
from hypothesis import given, settings

from cordiale.desks.activity import angle, few, kernel, ring
from cordiale.desks.activity.conflict import conflicts
from cordiale.desks.activity.kernel import Kernel, fit, interpreted
from cordiale.desks.activity.overlap import overlap
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.sphere import TOUCH
from cordiale.desks.activity.sweep import sweep
from cordiale.desks.activity.table import Nations, Table, columns, plan
from cordiale.desks.activity.volume import Activity, Volume
from desks.activity.plans import activities, activity, box, volume

RULES = shipped()


@settings(max_examples=60, deadline=None)
@given(activities(most=5))
def test_interpreted_and_compiled_give_the_same_bits(planned: list[Activity]) -> None:
    rows = plan(planned, RULES, Nations())
    corner = ring.unit(rows.degrees)
    assert corner.tobytes() == interpreted(ring.unit)(rows.degrees).tobytes()
    made = columns(rows)
    again = made.shapes._replace(
        **{
            name: np.zeros_like(getattr(made.shapes, name)) for name in ("frame", "inner", "side", "flat")
        }
    )  # fmt: skip
    interpreted(ring.prepare)(again, 0, len(again.first))
    for name in ("frame", "inner", "side", "flat"):
        assert getattr(again, name).tobytes() == getattr(made.shapes, name).tobytes(), name
    boxes = np.empty_like(made.box)
    interpreted(ring.boxes)(made.shapes, 0, len(boxes), boxes)
    assert boxes.tobytes() == made.box.tobytes()
    for i in range(len(made.begin)):
        assert interpreted(ring.fault)(made.shapes, i) == ring.fault(made.shapes, i)
        for j in range(len(made.begin)):
            for enough in (TOUCH, math.inf):
                one, other = overlap(made.shapes, i, j, enough), interpreted(overlap)(made.shapes, i, j, enough)
                assert float(one).hex() == float(other).hex()


@settings(max_examples=60, deadline=None)
@given(activities(most=8))
def test_a_few_rows_and_the_sweep_find_the_same_pairs(planned: list[Activity]) -> None:
    c = Table(planned, RULES).columns
    swept = {tuple(sorted(pair)) for pair in sweep(c, RULES.matrix).tolist()}
    assert {tuple(pair) for pair in few.pairs(c, RULES.matrix).tolist()} == swept


def test_a_few_activities_are_judged_without_compiling() -> None:
    """In a process of its own: half a minute on a new machine is what nobody waits for to compare two areas."""
    code = """
import sys
sys.path.insert(0, "tests")
from desks.activity.plans import activity, box, volume
from cordiale.desks.activity.conflict import conflicts
from cordiale.desks.activity.explanation import explain
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.synergy import synergies
planned = [activity("a0", volume(box(0, 50, 1, 51))), activity("a1", volume(box(0.5, 50, 2, 51)))]
print(len(conflicts(planned, shipped())), len(synergies(planned, shipped(), 10.0, 1.0)), "numba" in sys.modules)
print(explain(conflicts(planned, shipped())[0], "fr"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("1 1 False\na0 (tir réel")


def test_much_work_is_compiled() -> None:
    """From `WORTH` on, or where it was compiled already, `fit` gives the compiled kernel."""
    assert isinstance(fit(overlap, kernel.WORTH + 1), Kernel)


def test_what_has_no_place_meets_by_its_resources_alone() -> None:
    def placeless(name: str, resource: str) -> Activity:
        there = volume(box(0, 50, 1, 51))
        return activity(name, Volume(None, there.altitude, there.interval), resources=(resource,))

    planned = [
        placeless("a0", "berth:a"),
        placeless("a1", "berth:a"),
        placeless("a2", "berth:b"),
        activity("a3", volume(box(-1, -1, 1, 1))),
        activity("a4", volume(box(0, 50, 1, 51))),
    ]
    found = conflicts(planned, RULES)
    assert [(each.a, each.b, each.cause) for each in found] == [("a0", "a1", "berth:a")]


def test_sines_by_arithmetic_are_as_good_as_a_librarys() -> None:
    for n in range(20_001):
        degrees = -180.0 + n * 0.018
        cosine, sine = angle.turned(degrees)
        assert abs(cosine - math.cos(math.radians(degrees))) < 5e-16
        assert abs(sine - math.sin(math.radians(degrees))) < 5e-16
        x = n / 20_000
        assert abs(angle.arcsine(x) - math.asin(x)) <= 5e-16 * max(1.0, math.asin(x))
        assert abs(angle.sine(x * math.pi) - math.sin(x * math.pi)) < 5e-16
        assert abs(angle.cosine(x * math.pi) - math.cos(x * math.pi)) < 5e-16
    assert angle.turned(90.0) == (0.0, 1.0)
    assert abs(angle.arcsine(1e-9) - 1e-9) < 1e-24
