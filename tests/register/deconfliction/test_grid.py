"""cordiale.register.deconfliction.grid: codes against the H3 library, coarse from fine, strict parsing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.register.deconfliction.places import Position, positions

from cordiale.errors import Malformed
from cordiale.register.deconfliction.grid import (
    FINEST_RESOLUTION,
    LAST_DAY,
    Grid,
    check_grids,
    encode,
    packed,
    project,
    spell,
    unpacked,
)

library: Any = h3
resolutions = st.integers(0, FINEST_RESOLUTION)
days = st.integers(0, LAST_DAY)


def codes_of(grid: Grid, cell: int, day: int) -> Any:
    return encode(grid, np.array([cell], dtype=np.uint64), np.array([day], dtype=np.int64))


@given(positions, resolutions, days, st.sampled_from([1, 2, 7, 28, 366]))
def test_a_code_spells_its_cell_and_a_bin_with_its_day(place: Position, resolution: int, day: int, length: int) -> None:
    cell = library.latlng_to_cell(*place, resolution)
    grid = Grid(resolution, length)
    (spot,) = spell(codes_of(grid, cell, day), grid)
    assert spot.cell == cell
    assert library.is_valid_cell(spot.cell)
    assert spot.day <= day < spot.day + spot.days == spot.day + length


@given(positions, resolutions, resolutions, days, st.sampled_from([1, 2, 7]), st.sampled_from([1, 2, 5]))
def test_a_coarse_code_is_the_parents(place: Position, one: int, other: int, day: int, days_: int, times: int) -> None:
    fine, coarse = Grid(max(one, other), days_), Grid(min(one, other), days_ * times)
    cell = library.latlng_to_cell(*place, fine.resolution)
    projected = project(codes_of(fine, cell, day), fine, coarse)
    assert projected.tolist() == codes_of(coarse, library.cell_to_parent(cell, coarse.resolution), day).tolist()


def test_a_bin_of_seven_days_is_an_iso_week() -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    for day in (0, 3, 4, 10, 11, 20_000, 20_001, 20_364):
        (spot,) = spell(codes_of(Grid(3, 7), library.latlng_to_cell(51, 0, 3), day), Grid(3, 7))
        first = start + timedelta(days=spot.day)
        assert first.isoweekday() == 1
        assert first.isocalendar().week == (start + timedelta(days=day)).isocalendar().week


@given(st.sets(st.integers(0, 2**54)))
def test_codes_survive_packing(values: set[int]) -> None:
    codes = np.array(sorted(values), dtype=np.int64)
    assert unpacked(packed(codes)).tolist() == codes.tolist()


@pytest.mark.parametrize("values", [[2, 1], [1, 1], [-1, 3]])
def test_codes_out_of_order_are_refused(values: list[int]) -> None:
    with pytest.raises(Malformed):
        unpacked(packed(np.array(values, dtype=np.int64)))
    with pytest.raises(Malformed):
        unpacked(bytes(9))


@pytest.mark.parametrize(
    "grids",
    [
        (),
        (Grid(3, 7),) * 2,
        (Grid(5, 1), Grid(3, 1)),
        (Grid(3, 7), Grid(5, 2)),
        (Grid(3, 1), Grid(5, 7)),
        (Grid(-1, 1),),
        (Grid(10, 1),),
        (Grid(3, 0),),
        (Grid(3, 367),),
        (Grid(1, 16), Grid(2, 8), Grid(3, 4), Grid(4, 2), Grid(5, 1)),
    ],
)
def test_grids_that_do_not_refine_are_refused(grids: tuple[Grid, ...]) -> None:
    with pytest.raises(Malformed):
        check_grids(grids)


def test_grids_that_refine_pass() -> None:
    check_grids((Grid(3, 7), Grid(5, 1)))
    check_grids((Grid(2, 7), Grid(3, 7), Grid(4, 7), Grid(4, 1)))
