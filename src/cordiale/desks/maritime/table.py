"""The tables of the archive: their columns as Polars types, and how rows become tables and back.

Every table is sorted by all of its columns, in their order, and holds no row twice: the rows alone decide its bytes, not the
order in which they came. See `cordiale.desks.maritime.schema`.
"""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import polars as pl

from cordiale.desks.maritime.schema import POSITION, STATIC, Positions

Kind = Literal["positions", "statics", "apart"]
"""Position reports of vessels, identity reports, and the positions of what is no vessel: base stations, aircraft, aids."""

_TYPES: Final[Mapping[str, type[pl.DataType]]] = {
    "i8": pl.Int64, "u4": pl.UInt32, "i4": pl.Int32, "u2": pl.UInt16, "u1": pl.UInt8,
    "ms": pl.Int64, "u32": pl.UInt32, "u16": pl.UInt16, "u8": pl.UInt8, "text": pl.String,
}  # fmt: skip
_POSITIONS: Final = pl.Schema({name: _TYPES[POSITION[name].str[1:]] for name in POSITION.names or ()})
_STATICS: Final = pl.Schema(
    {name: _TYPES[meaning.replace(",", " ").replace(":", " ").split()[0]] for name, meaning in STATIC.items()}
)
KINDS: Final[tuple[Kind, ...]] = ("positions", "statics", "apart")
COLUMNS: Final[Mapping[Kind, pl.Schema]] = {"positions": _POSITIONS, "statics": _STATICS, "apart": _POSITIONS}


def frame(rows: Positions) -> pl.DataFrame:
    """A table of positions from rows of POSITION, of copies: the rows may change afterwards."""
    return pl.DataFrame({name: rows[name].copy() for name in _POSITIONS}, schema=_POSITIONS)


def rows(table: pl.DataFrame) -> Positions:
    """[n] of POSITION from a table of positions."""
    found = np.empty(len(table), POSITION)
    for name in _POSITIONS:
        found[name] = table[name].to_numpy()
    return found


def fitted(table: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """The columns of `kind` from a table that has them among others, each of its type. Polars raises where one has no room."""
    schema = COLUMNS[kind]
    return table.select(pl.col(name).cast(to) for name, to in schema.items())


def in_order(table: pl.DataFrame) -> pl.DataFrame:
    """Sorted by all columns, each row once."""
    ordered = table.sort(table.columns)
    again = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in ordered.columns)
    first = pl.int_range(pl.len()) == 0
    return ordered.filter(first | ~again)
