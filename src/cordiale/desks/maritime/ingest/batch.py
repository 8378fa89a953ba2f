"""What a reader hands on: tables of rows, in no particular order."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from cordiale.desks.maritime.table import COLUMNS


class Batch(NamedTuple):
    """Some rows of a source, by the table that they belong to."""

    positions: pl.DataFrame
    statics: pl.DataFrame
    apart: pl.DataFrame


def nothing() -> Batch:
    """No rows."""
    return Batch(*(pl.DataFrame(schema=COLUMNS[kind]) for kind in ("positions", "statics", "apart")))


def together(batches: Sequence[Batch]) -> Batch:
    """All rows of several."""
    return Batch(*(pl.concat(tables) for tables in zip(*batches, strict=True)))
