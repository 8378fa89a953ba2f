"""The benchmark of private deconfliction, in small: two processes, the right result, rows with their goals."""

import numpy as np
import pytest
from bench.psi import Measured

from bench import deconfliction, plans


def test_two_processes_find_the_plain_intersection() -> None:
    found, seconds = deconfliction.measured(1, 200)
    assert len(found.met) == 100
    assert found.asked == ((200, 200),)
    assert found.sent > 2 * 200 * (32 + 12)
    assert len(seconds) == 1
    assert min(found.cpu) > 0


def test_both_sides_share_half_and_the_seed_decides() -> None:
    sets = [deconfliction.flat_codes(side, 1000) for side in range(2)]
    assert [len(each) for each in sets] == [1000, 1000]
    assert len(np.intersect1d(*sets)) == 500
    assert (deconfliction.flat_codes(0, 1000) == sets[0]).all()


def test_plans_are_as_many_as_said_and_meet_more_in_common_seas() -> None:
    assert len(plans.year(0, 0.3)) == plans.ACTIVITIES
    assert plans.year(0, 0.3) == plans.year(0, 0.3) != plans.year(1, 0.3)


@pytest.mark.parametrize(("seconds", "met"), [(8.9, True), (9.1, False)])
def test_rows_have_goals_and_a_peer_where_it_ran(seconds: float, met: bool) -> None:
    found = deconfliction.Outcome(seconds, (4.0, 4.5), 9_000_000, ((64, 64),), [])
    three = deconfliction.works("cells", 9, 10)
    alone = deconfliction.rows_of(found, three, (7.0, 6.8), None)
    assert [(row.met, row.peer_value) for row in alone] == [(met, 7.0), (None, 6.8), (True, None)]
    assert alone[1].ratio == 0.8
    beside = deconfliction.rows_of(found, three, (7.0, 6.8), ("peer", Measured(18.0, 17.0, 18_000_000, (5, 5))))
    assert [row.peer for row in beside] == [deconfliction.FLOOR, "peer", deconfliction.FLOOR, "peer", "peer"]
    assert beside[3].ratio == 2.0
    assert beside[4].ratio == 2.0


def test_the_floor_is_two_multiplications_for_each_element() -> None:
    seconds, cpu = deconfliction.floor(500)
    assert 0 < cpu < 2.2 * seconds
    assert cpu > 2 * 1000 * 5e-6
