"""Which form a source has, by its first lines."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from cordiale.desks.maritime.ingest import json_lines, nmea, table_reader
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
    blocks: Iterator[Block], tally: Tally, *, now: Moment | None = None, dates: str = ""
) -> tuple[str, Iterator[Batch]]:
    """A source's form and its rows. `now` is the time of lines that tell none, `dates` "day first" or "month first"."""
    first = next(blocks, None)
    if first is None:
        return CSV, iter(())
    whole = chain([first], blocks)
    match form_of(first.data):
        case "NMEA 0183":
            return NMEA, nmea.batches(whole, tally, now)
        case "JSON lines":
            return JSON, json_lines.batches(whole, tally)
        case _:
            return CSV, table_reader.batches(whole, tally, dates)
