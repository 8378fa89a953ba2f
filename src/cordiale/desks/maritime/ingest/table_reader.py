"""CSV of any header: finds what its columns are, and hands on rows of the archive."""

from collections.abc import Iterator
from itertools import chain, permutations
from typing import Final

import polars as pl

from cordiale.desks.maritime.ingest import cells
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.delimited import LINE, separator, tables
from cordiale.desks.maritime.ingest.delimited import cells as cells_of
from cordiale.desks.maritime.ingest.header import candidates, is_header
from cordiale.desks.maritime.ingest.instant import Style, style_of
from cordiale.desks.maritime.ingest.source import Block
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.desks.maritime.mmsi import MOST
from cordiale.errors import Malformed

_START: Final = 80
_HEAD_LINES: Final = 20
"""In how many lines from the top a header is looked for."""


def batches(blocks: Iterator[Block], tally: Tally, dates: str = "") -> Iterator[Batch]:
    """The rows of one CSV; `dates` as for `instant.style_of`.

    Raises `Malformed` where there is no header that names a time, a vessel and a place.
    """
    first = next(blocks, None)
    if first is None:
        return
    header, apart, rest = _header(first, tally)
    width = _width(rest, apart, len(header))
    found = candidates(header)
    missing = [name for name in ("time", "lat", "lon") if name not in found]
    if "mmsi" not in found and "craft" not in found:
        missing.append("mmsi")
    if missing:
        told = f"{', '.join(missing)}: {', '.join(header)[:300]}"
        raise Malformed(f"no column for {told}", what="AIS", detail_fr=f"aucune colonne pour {told}")
    style: Style | None = None
    columns = {field: places[0] for field, places in found.items()}
    times: tuple[int, ...] = ()
    for table in tables(chain([rest], blocks), width, apart, tally):
        if style is None:
            times, style = _time(table, found["time"], dates)
            columns["time"] = times[0]
            _name_crafts(table, columns)
            _tell({*columns.values(), *times}, columns, header, style, tally)
        named = table.select(LINE, *(pl.col(str(place)).alias(field) for field, place in columns.items()))
        named = named.with_columns(_written(table, times).alias("time"))
        yield cells.batch(named, style, tally)


def _header(block: Block, tally: Tally) -> tuple[list[str], str, Block]:
    """The header's cells, the separator, and what follows."""
    data = block.data
    for number in range(_HEAD_LINES):
        line, end, rest = data.partition(b"\n")
        if not end:
            break
        text = line.decode("utf-8", "replace")
        apart = separator(text)
        named = [cell.strip() for cell in cells_of(text, apart)]
        if is_header(named):
            tally.let_pass("header", 1)
            return named, apart, Block(rest, block.line + number + 1)
        if line:
            tally.refuse("line before the header", [block.line + number])
        data = rest
    start = block.data[:_START].decode("utf-8", "replace").partition("\n")[0]
    shown = "".join(mark if mark.isprintable() and mark != "\ufffd" else "·" for mark in start)
    raise Malformed(
        f"no header that names a time, an MMSI and a position; it begins with “{shown}”",
        what="AIS",
        detail_fr=f"aucun en-tête qui nomme une heure, un MMSI et une position ; le début en est « {shown} »",
    )


def _width(block: Block, apart: str, width: int) -> int:
    """Cells of a row: one more than the header's where every row ends with a separator."""
    line = block.data.partition(b"\n")[0].decode("utf-8", "replace")
    return width + 1 if line.endswith(apart) and len(cells_of(line, apart)) == width + 1 else width


def _time(table: pl.DataFrame, places: list[int], dates: str) -> tuple[tuple[int, ...], Style]:
    """Which of the columns that may hold the time does, or which two hold day and time of day, and how it is written."""
    several = [*((place,) for place in places), *permutations(places, 2)]
    found = [(some, style_of(_written(table, some), dates)) for some in several]
    return max(found, key=lambda pair: pair[1].read)


def _written(table: pl.DataFrame, places: tuple[int, ...]) -> pl.Series:
    """The time as it is written, out of one column or two."""
    return table.select(pl.concat_str([pl.col(str(place)) for place in places], separator=" ")).to_series()


def _name_crafts(table: pl.DataFrame, columns: dict[str, int]) -> None:
    """Where no value of the column for MMSIs can be one, it names vessels otherwise: data sets are published anonymised."""
    if "mmsi" in columns:
        values = table[str(columns["mmsi"])].drop_nulls()
        number = values.str.strip_chars().cast(pl.Float64, strict=False)
        if len(values) and not number.is_between(1, MOST).any():
            columns["craft"] = columns.pop("mmsi")


def _tell(used: set[int], columns: dict[str, int], header: list[str], style: Style, tally: Tally) -> None:
    tally.columns += [name for place, name in enumerate(header) if place not in used]
    if style.ambiguous:
        tally.assume("dates are day first")
    if "mmsi" not in columns:
        tally.assume(f"{header[columns['craft']]} names a vessel and is no MMSI: each has a pseudonym")
