"""The exercise: the same seed makes the same files, everything in it is marked, and what the truth says is in the reports."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.exercise.make import Made, exercise
from cordiale.desks.maritime.schema import DEGREE, LAT_UNAVAILABLE

SEED = 6
DAYS = 3
VESSELS = 40


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    store = tmp_path_factory.mktemp("exercise")
    return store, exercise(store, seed=SEED, days=DAYS, vessels=VESSELS)


@pytest.fixture(scope="module")
def positions(made: tuple[Path, Made]) -> pl.DataFrame:
    found = pl.read_parquet(made[0] / "positions" / "*.parquet")
    return found.with_columns(x=pl.col("lon") / DEGREE, y=pl.col("lat") / DEGREE)


def _of(made: Made, behaviour: str) -> Any:
    return next(truth for truth in made.truths if truth.behaviour == behaviour)


def _during(positions: pl.DataFrame, truth: Any, mmsi: int) -> pl.DataFrame:
    mine = (
        (pl.col("mmsi") == mmsi) & pl.col("time").is_between(truth.begin, truth.end) & (pl.col("lat") < LAT_UNAVAILABLE)
    )
    return positions.filter(mine)


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        exercise(tmp_path / name, seed=seed, days=1, vessels=5)
    read = {name: (tmp_path / name / "positions" / "2025-01-06.parquet").read_bytes() for name in "abc"}
    assert read["a"] == read["b"] != read["c"]


def test_what_is_counted_is_what_is_there(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    store, told = made
    assert told.positions == len(positions) > 100_000
    assert len(Archive(store).days()) == DAYS
    assert positions["time"].is_sorted()
    assert json.loads((store / "exercise" / "truth.json").read_text())["seed"] == SEED


def test_everything_is_marked(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    statics = pl.read_parquet(made[0] / "statics" / "*.parquet")
    assert statics["name"].str.starts_with("EXERCISE ").all()
    assert (statics["imo"].is_in([0]) | statics["imo"].is_between(2_000_000, 2_999_999)).all()
    assert (positions["mmsi"] // 10_000 % 100 == 99).all()
    assert set(statics["mmsi"]) <= set(positions["mmsi"])


def test_speeds_said_are_speeds_made(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    both = [mmsi for truth in made[1].truths if truth.behaviour == "two places" for mmsi in truth.mmsi]
    one = positions.filter(~pl.col("mmsi").is_in(both))
    apart = one.filter(pl.col("lat") < LAT_UNAVAILABLE).sort("mmsi", "time").with_columns(
        s=pl.col("time").diff().over("mmsi") / 1000,
        m=(
            (pl.col("x").diff().over("mmsi") * pl.col("y").radians().cos()) ** 2 + pl.col("y").diff().over("mmsi") ** 2
        ).sqrt() * 111_195,
    )  # fmt: skip
    near = apart.filter(pl.col("s").is_between(5, 60) & (pl.col("sog") < 1000))
    error = (near["m"] / near["s"] / 0.514444 - near["sog"] / 10).abs()
    assert error.quantile(0.99) < 3  # pyright: ignore[reportOptionalOperand]


def test_a_disabled_transponder_is_silent(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    truth = _of(made[1], "disabled")
    assert truth.detectors == ("gap",)
    assert len(_during(positions, truth, truth.mmsi[0])) == 0
    assert len(positions.filter(pl.col("mmsi") == truth.mmsi[0])) > 100


def test_nobody_is_heard_in_an_outage(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    truth = _of(made[1], "outage")
    inside = positions.filter(
        pl.col("x").is_between(truth.lon - 1, truth.lon + 1) & pl.col("y").is_between(truth.lat - 0.7, truth.lat + 0.7)
    )
    assert len(inside) > 1000
    assert len(inside.filter(pl.col("time").is_between(truth.begin, truth.end - 1))) == 0


def test_two_that_meet_are_close(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    truth = _of(made[1], "encounter")
    a, b = (_during(positions, truth, mmsi).sort("time") for mmsi in truth.mmsi)
    both = a.join_asof(b, on="time", strategy="nearest", tolerance=15_000).drop_nulls()
    metres = (
        ((both["x"] - both["x_right"]) * both["y"].radians().cos()) ** 2 + (both["y"] - both["y_right"]) ** 2
    ).sqrt() * 111_195  # fmt: skip
    assert len(both) > 50
    assert metres.max() < 500  # pyright: ignore[reportOptionalOperand]


def test_a_false_position_circles(made: tuple[Path, Made], positions: pl.DataFrame) -> None:
    truth = _of(made[1], "circle")
    there = _during(positions, truth, truth.mmsi[0])
    metres = (
        ((there["x"] - truth.lon) * there["y"].radians().cos()) ** 2 + (there["y"] - truth.lat) ** 2
    ).sqrt() * 111_195
    assert len(there) > 50
    assert metres.std() < 30  # pyright: ignore[reportOptionalOperand]
    assert metres.mean() > 1000  # pyright: ignore[reportOptionalOperand]
