"""Which form a source has, by its first lines."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

import polars as pl

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.ingest import clock, json_lines, nmea, table_reader
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.source import Block
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.vocab.moment import Moment

NMEA, JSON, CSV = "NMEA 0183", "JSON lines", "CSV"
_LINES: Final = 200


def form_of(start: bytes) -> str:
    """Of the first whole lines."""
    lines = [line for line in start.split(b"\n", _LINES)[:_LINES] if line.strip()]
    if any(b"!" in line and (b"VDM," in line or b"VDO," in line) for line in lines):
        return NMEA
    if lines and lines[0].lstrip()[:1] in (b"{", b"["):
        return JSON
    return CSV


def batches(
    blocks: Iterator[Block],
    tally: Tally,
    *,
    now: Moment | None = None,
    dates: str = "",
    shifts: Mapping[bytes, int] | None = None,
) -> tuple[str, Iterator[Batch]]:
    """A source's form and its rows. `now` is the time of lines that tell none, `dates` "day first" or "month first", `shifts`
    how many ms the clocks of its stations are off (`clock.shifts`)."""
    first = next(blocks, None)
    if first is None:
        return CSV, iter(())
    whole = chain([first], blocks)
    match form_of(first.data):
        case "NMEA 0183":
            return NMEA, clock.corrected(whole, tally, now, shifts) if shifts else nmea.batches(whole, tally, now)
        case "JSON lines":
            return JSON, clock.all_moved(json_lines.batches(whole, tally), shifts)
        case _:
            return CSV, clock.all_moved(table_reader.batches(whole, tally, dates), shifts)


def clocks_off(
    blocks: Iterator[Block], archive: Archive, *, now: Moment | None = None, dates: str = ""
) -> list[clock.Off]:
    """Whose clock is off in a source, by its first rows; see `clock`."""
    first = next(blocks, None)
    if first is None:
        return []
    whole = chain([first], blocks)
    if form_of(first.data) == NMEA:
        return clock.judged(clock.of_file(whole, now), archive)
    found: list[pl.DataFrame] = []
    for batch in batches(whole, Tally(), dates=dates)[1]:
        found.append(batch.positions)
        if sum(map(len, found)) >= clock.SAMPLE:
            break
    return clock.judged([clock.Heard("", pl.concat(found), None)], archive) if found else []
