"""Clocks that are off: a receiver or a file whose times are minutes or hours beside the truth.

A source is a station that tag blocks name (`s:`, IEC 61162-450), or else the file. Two witnesses are heard, in the first rows:

| witness | tells |
| --- | --- |
| base stations | types 4 and 11 carry UTC (ITU-R M.1371-5, annex 8): what a source's time is beyond it |
| shared reports | a moving vessel's report, equal in place, speed, course and heading, heard by others or in the store: when |

An offset counts from a minute on, where at least three in five (base stations) or seven in ten (shared reports) agree within
five seconds. Sources that base stations confirm are heard first, then those with most reports; what is judged off is moved by its
offset, and named. Whose clock is off where nothing tells UTC can't be known: then the store, or the larger source, is believed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cordiale.desks.maritime import arrow
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.ingest import nmea
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.source import Block
from cordiale.desks.maritime.ingest.station import blanked, station_of
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.errors import StorageFailed
from cordiale.vocab.moment import DAY, HOUR, MINUTE, Moment

SAMPLE: Final = 100_000
"""Positions of a source file that are looked at."""
_LEAST: Final = MINUTE
_MOST: Final = 14 * HOUR
"""Time zones go from −12 to +14 hours."""
_AGREE: Final = 5_000
_ZONE, _DELAY = HOUR // 2, 10_000
_STATIONS: Final = 3
_SHARED, _VESSELS = 10, 3
_STATION_SHARE, _SHARED_SHARE = 0.6, 0.7
_ASKED: Final = 100
"""Vessels that are looked for in the store, those heard most; and reports of base stations that are read twice."""
_SOURCES: Final = 64
_REPORT: Final = ("mmsi", "lon", "lat", "sog", "cog", "heading")
_MOVING: Final = (10, 1022)
_BASE: Final = re.compile(rb"![A-Z]{2}VD[MO],1,1,[^,]*,[^,]*,[4;][^,]{27},")


class Off(NamedTuple):
    """A clock that is off."""

    source: str
    """the station; empty for the file"""
    offset: int
    """ms beyond the truth"""
    by: str
    """`base stations` or `shared reports`"""
    agree: int
    """reports that agree"""
    asked: int
    """reports that could be compared"""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        told = {"by": self.by, "agree": self.agree, "compared": self.asked}
        return {"source": self.source, "offset_seconds": round(self.offset / 1000, 1), **told, "done": "corrected"}


def mode(differences: NDArray[np.int64], share: float) -> tuple[int, int] | None:
    """The difference that this share of them has within five seconds, and how many do; None where no such one is."""
    ordered = np.sort(differences)
    if not len(ordered):
        return None
    counts = np.searchsorted(ordered, ordered + 2 * _AGREE, side="right") - np.arange(len(ordered))
    best = int(np.argmax(counts))
    count = int(counts[best])
    return (int(np.median(ordered[best : best + count])), count) if count >= share * len(ordered) else None


def of_stations(data: bytes, now: Moment | None) -> tuple[int, int, int] | None:
    """Offset of these sentences' times from base stations' UTC, how many reports agree, and how many there are."""
    found: list[int] = []
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        match = _BASE.search(line)
        if match is None or len(found) >= _ASKED:
            continue
        before = lines[number - 1] + b"\n" if number and lines[number - 1].startswith(b"$PGHP") else b""
        told = _time(before + line, now)
        true = _time(_bare(line, match.start()), None)
        if told is not None and true is not None:
            found.append(told - true)
    agreed = mode(np.array(found, np.int64), _STATION_SHARE)
    return None if agreed is None or agreed[1] < _STATIONS else (*agreed, len(found))


def _bare(line: bytes, start: int) -> bytes:
    """The sentence alone, without the times around it."""
    sentence, _, rest = line[start:].partition(b"*")
    return sentence + b"*" + rest[:2]


def _time(line: bytes, now: Moment | None) -> int | None:
    """The time at which a line with a base station's report is kept."""
    apart = nmea.Decoder(Tally(), now, at_once=2).decode(line + b"\n").apart
    return int(apart["time"][-1]) if len(apart) else None


def of_reports(rows: pl.DataFrame, others: pl.DataFrame) -> tuple[int, int, int] | None:
    """Offset of these positions from others by the reports that both have, how many agree, and how many were compared."""
    moving = pl.col("sog").is_between(*_MOVING, closed="left")
    mine, theirs = (each.filter(moving).select("time", *_REPORT).unique() for each in (rows, others))
    both = mine.join(theirs, on=_REPORT, suffix="_there").with_columns(off=pl.col("time") - pl.col("time_there"))
    near = both.filter(pl.col("off").abs() <= _MOST).with_columns(far=pl.col("off").abs()).sort("far")
    once = near.unique(["time", *_REPORT], keep="first", maintain_order=True)
    agreed = mode(once["off"].to_numpy(), _SHARED_SHARE)
    if agreed is None or agreed[1] < _SHARED:
        return None
    vessels = once.filter((pl.col("off") - agreed[0]).abs() <= _AGREE)["mmsi"].n_unique()
    return (*agreed, len(once)) if vessels >= _VESSELS else None


class Heard(NamedTuple):
    """What was sampled of one source."""

    source: str
    rows: pl.DataFrame
    by_stations: tuple[int, int, int] | None


def of_file(blocks: Iterator[Block], now: Moment | None) -> list[Heard]:
    """The first rows of NMEA sentences, by station."""
    parts: dict[bytes, list[pl.DataFrame]] = {}
    decoders: dict[bytes, nmea.Decoder] = {}
    texts: dict[bytes, list[bytes]] = {}
    count = 0
    for block in blocks:
        for station, text in by_station(block.data):
            decoder = decoders.setdefault(station, nmea.Decoder(Tally(), now))
            heard = decoder.decode(text).positions
            parts.setdefault(station, []).append(heard)
            texts.setdefault(station, []).append(text)
            count += len(heard)
        if count >= SAMPLE:
            break
    return [
        Heard(station.decode("latin-1"), pl.concat(found), of_stations(b"".join(texts[station]), now))
        for station, found in parts.items()
    ]


def by_station(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each station's lines, or all where tag blocks name none or too many."""
    stations = station_of(data)
    names = sorted(set(stations))
    if len(names) < 2 or len(names) > _SOURCES:
        yield (names[0] if len(names) == 1 else b""), data
        return
    for name in names:
        yield name, blanked(data, stations, {name})


def judged(heard: Sequence[Heard], archive: Archive) -> list[Off]:
    """Whose clock is off, of the sources of one file."""
    off: list[Off] = []
    known: list[pl.DataFrame] = []
    for each in sorted(heard, key=lambda one: (one.by_stations is None, -len(one.rows), one.source)):
        found, by = each.by_stations, "base stations"
        if found is None:
            found, by = of_reports(each.rows, pl.concat([*known, _stored(each.rows, archive)])), "shared reports"
        shift = _whole(found[0]) if found is not None and abs(found[0]) >= _LEAST else 0
        if found is not None and shift:
            off.append(Off(each.source, shift, by, *found[1:]))
        known.append(each.rows.with_columns(pl.col("time") - shift))
    return off


def _whole(offset: int) -> int:
    """The nearest half hour where it is that but for a message's delay: clocks of another time zone, or of summer."""
    near = round(offset / _ZONE) * _ZONE
    return near if near and abs(offset - near) <= _DELAY else offset


def _stored(rows: pl.DataFrame, archive: Archive) -> pl.DataFrame:
    """What the store has of the vessels heard most, around that time."""
    empty = rows.clear()
    if rows.is_empty():
        return empty
    most = rows["mmsi"].value_counts(sort=True).head(_ASKED)["mmsi"].to_list()
    times = rows["time"].to_numpy()
    begin, end = int(times.min()) - _MOST, int(times.max()) + _MOST
    found = [empty]
    for day in archive.days():
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
        if start + DAY <= begin or start > end:
            continue
        path = archive.path(day)
        try:
            with arrow.Groups(path, "positions") as groups:
                near = [n for n, (first, last) in enumerate(groups.spans()) if first <= end and last >= begin]
                found += [groups.of(number, most) for number in near]
        except (OSError, arrow.Fault) as fault:
            raise StorageFailed(f"{path}: {fault}") from None
    return pl.concat(found)


def moved(batch: Batch, offset: int) -> Batch:
    """The same rows at the times that they would have had."""
    return Batch(*(table.with_columns(pl.col("time") - offset) for table in batch)) if offset else batch


def all_moved(found: Iterator[Batch], shifts: Mapping[bytes, int] | None) -> Iterator[Batch]:
    """The rows of a file that has one clock."""
    return (moved(batch, sum((shifts or {}).values())) for batch in found)


def corrected(
    blocks: Iterator[Block], tally: Tally, now: Moment | None, shifts: Mapping[bytes, int]
) -> Iterator[Batch]:
    """The rows of NMEA sentences, those of stations whose clock is off moved; each line keeps its number."""
    right = nmea.Decoder(tally, now)
    off = {station: nmea.Decoder(tally, now, stations=False) for station in shifts}
    for block in blocks:
        stations = station_of(block.data)
        yield right.decode(blanked(block.data, stations, set(stations) - set(shifts)))
        for station, decoder in off.items():
            yield moved(decoder.decode(blanked(block.data, stations, {station})), shifts[station])
    for decoder in (right, *off.values()):
        decoder.finish()
