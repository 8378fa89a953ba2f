"""A message's bits as a row: ITU-R M.1371-5, annex 8.

Every reader states how many bits it needs: what is spare at the end may be missing.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.ingest.multipart import Waiting
from cordiale.desks.maritime.ingest.sentence import FILLED, LENGTH, NOW, RANGE, ROW, SHORT, heard
from cordiale.desks.maritime.ingest.sixbit import SIX_ROOM, signed, text, unsigned
from cordiale.desks.maritime.ingest.stamp import SOURCE
from cordiale.desks.maritime.kernel import kernel
from cordiale.desks.maritime.schema import (
    COG_UNAVAILABLE,
    DEGREE,
    HEADING_UNAVAILABLE,
    LAT_UNAVAILABLE,
    LON_UNAVAILABLE,
    POSITION,
    SOG_UNAVAILABLE,
    STATUS_UNDEFINED,
    Positions,
)

IDENTITY: Final = np.dtype(
    [
        ("time", "<i8"),
        ("mmsi", "<u4"),
        ("imo", "<u4"),
        ("ship_type", "u1"),
        ("to_bow", "<u2"),
        ("to_stern", "<u2"),
        ("to_port", "u1"),
        ("to_starboard", "u1"),
        ("draught", "u1"),
        ("eta", "<u4"),
        ("kind", "u1"),
    ]
)
"""The numbers of one identity report; its texts stand beside it."""
CALL_SIGN, NAME, DESTINATION, TEXT_BYTES = 0, 7, 27, 47
"""Where the texts begin in a row of texts."""

KEPT, APART, TOO_SHORT, OUT_OF_RANGE, NOT_WANTED = 0, 1, 2, 3, 4
"""What `position` and `identity` say."""


class Places(NamedTuple):
    """Where a position report has its fields, first bits; −1 where it has none."""

    bits: int
    status: int
    sog: int
    lon: int
    lat: int
    cog: int
    heading: int


_A: Final = Places(137, 38, 50, 61, 89, 116, 128)
_B: Final = Places(133, -1, 46, 57, 85, 112, 124)
_AIRCRAFT: Final = Places(128, -1, 50, 61, 89, 116, -1)
_STATION: Final = Places(134, -1, -1, 79, 107, -1, -1)
_AID: Final = Places(219, -1, -1, 164, 192, -1, -1)


class Rows(NamedTuple):
    """Room for what lines give, at least a row of each for every line."""

    positions: Positions
    sources: NDArray[np.int64]  # the hash of each position's source, 0 where there is none
    apart: Positions
    identities: NDArray[np.void]
    texts: NDArray[np.uint8]  # [n, TEXT_BYTES]
    outcomes: NDArray[np.uint8]  # [n] of each line
    six: NDArray[np.uint8]
    """[SIX_ROOM] the message that is read"""


def rows(lines: int) -> Rows:
    """For so many lines."""
    places, sources, apart = np.zeros(lines, POSITION), np.zeros(lines, np.int64), np.zeros(lines, POSITION)
    texts, outcomes = np.zeros((lines, TEXT_BYTES), np.uint8), np.zeros(lines, np.uint8)
    return Rows(places, sources, apart, np.zeros(lines, IDENTITY), texts, outcomes, np.zeros(SIX_ROOM, np.uint8))


@kernel
def read(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    first: int,
    state: NDArray[np.int64],
    known: Waiting,
    given: Rows,
) -> tuple[int, int, int]:
    """Lines of `data` that end at `ends` and begin at `first`, to rows: how many positions, apart, identities.

    A line goes all the way before the next: its characters stay in the processor's nearest cache.
    """
    places, apart, names, start, six = 0, 0, 0, first, given.six
    for line in range(len(ends)):
        outcome = heard(data, start, ends[line], state, known, six)
        start = ends[line] + 1
        if outcome == ROW:
            bits, kind = 6 * state[LENGTH] - state[FILLED], np.int64(six[0])
            row, name = given.positions[places], given.identities[names]
            at_sea = position(six, bits, kind, row)
            named = identity(six, bits, kind, name, given.texts[names])
            if at_sea == TOO_SHORT or named == TOO_SHORT or bits < 38:
                outcome = SHORT
            elif at_sea == OUT_OF_RANGE:
                outcome = RANGE
            elif at_sea == NOT_WANTED and named == NOT_WANTED:
                outcome = kind
            else:
                row["time"] = name["time"] = state[NOW]
                if at_sea == KEPT:
                    given.sources[places] = state[SOURCE]
                    places += 1
                elif at_sea == APART:
                    given.apart[apart] = row
                    apart += 1
                if named == KEPT:
                    names += 1
        given.outcomes[line] = outcome
    return places, apart, names


@kernel
def position(six: NDArray[np.uint8], bits: int, kind: int, row: Positions) -> int:
    """Fill a row of POSITION but for its time. KEPT, APART, TOO_SHORT, OUT_OF_RANGE, or NOT_WANTED for other messages."""
    if kind <= 3:
        return _filled(six, bits, kind, _A, row)
    if kind == 18 or kind == 19:
        return _filled(six, bits, kind, _B, row)
    if kind == 27:
        return _long_range(six, bits, row)
    if kind == 4 or kind == 11:
        found = _filled(six, bits, kind, _STATION, row)
    elif kind == 9:
        found = _filled(six, bits, kind, _AIRCRAFT, row)
        if row["sog"] < SOG_UNAVAILABLE:  # in whole knots there
            row["sog"] *= 10
    elif kind == 21:
        found = _filled(six, bits, kind, _AID, row)
    else:
        return NOT_WANTED
    return APART if found == KEPT else found


@kernel
def _filled(six: NDArray[np.uint8], bits: int, kind: int, places: Places, row: Positions) -> int:
    if bits < places.bits:
        return TOO_SHORT
    row["mmsi"] = unsigned(six, 8, 30)
    row["kind"] = kind
    row["lon"] = signed(six, places.lon, 28)
    row["lat"] = signed(six, places.lat, 27)
    row["status"] = unsigned(six, places.status, 4) if places.status >= 0 else STATUS_UNDEFINED
    row["sog"] = unsigned(six, places.sog, 10) if places.sog >= 0 else SOG_UNAVAILABLE
    row["cog"] = unsigned(six, places.cog, 12) if places.cog >= 0 else COG_UNAVAILABLE
    row["heading"] = unsigned(six, places.heading, 9) if places.heading >= 0 else HEADING_UNAVAILABLE
    return _in_range(row)


@kernel
def _long_range(six: NDArray[np.uint8], bits: int, row: Positions) -> int:
    """Type 27: 1/10 minute, knots and degrees."""
    if bits < 94:
        return TOO_SHORT
    row["mmsi"] = unsigned(six, 8, 30)
    row["kind"] = 27
    row["status"] = unsigned(six, 40, 4)
    row["lon"] = signed(six, 44, 18) * 1_000
    row["lat"] = signed(six, 62, 17) * 1_000
    sog, cog = unsigned(six, 79, 6), unsigned(six, 85, 9)
    row["sog"] = sog * 10 if sog < 63 else SOG_UNAVAILABLE
    row["cog"] = cog * 10 if cog < 511 else COG_UNAVAILABLE
    row["heading"] = HEADING_UNAVAILABLE
    return _in_range(row)


@kernel
def _in_range(row: Positions) -> int:
    lon, lat = np.int64(row["lon"]), np.int64(row["lat"])
    if abs(lon) > 180 * DEGREE and lon != LON_UNAVAILABLE:
        return OUT_OF_RANGE
    if abs(lat) > 90 * DEGREE and lat != LAT_UNAVAILABLE:
        return OUT_OF_RANGE
    return KEPT


@kernel
def identity(six: NDArray[np.uint8], bits: int, kind: int, row: NDArray[np.void], texts: NDArray[np.uint8]) -> int:
    """Fill a row of IDENTITY but for its time, and its texts. KEPT, TOO_SHORT or NOT_WANTED."""
    if kind != 5 and kind != 19 and kind != 24:
        return NOT_WANTED
    if bits < 40:
        return TOO_SHORT
    row["mmsi"] = unsigned(six, 8, 30)
    row["kind"] = kind
    row["imo"] = row["draught"] = row["eta"] = row["ship_type"] = 0
    row["to_bow"] = row["to_stern"] = row["to_port"] = row["to_starboard"] = 0
    texts[:] = 0
    if kind == 5:
        return _voyage(six, bits, row, texts)
    if kind == 19:
        if bits < 301:
            return TOO_SHORT
        text(six, 143, texts, NAME, 20)
        row["ship_type"] = unsigned(six, 263, 8)
        _size(six, 271, row)
        return KEPT
    return _class_b(six, bits, row, texts)


@kernel
def _voyage(six: NDArray[np.uint8], bits: int, row: NDArray[np.void], texts: NDArray[np.uint8]) -> int:
    """Type 5."""
    if bits < 420:
        return TOO_SHORT
    row["imo"] = unsigned(six, 40, 30)
    text(six, 70, texts, CALL_SIGN, 7)
    text(six, 112, texts, NAME, 20)
    row["ship_type"] = unsigned(six, 232, 8)
    _size(six, 240, row)
    month, day = unsigned(six, 274, 4), unsigned(six, 278, 5)
    hour, minute = unsigned(six, 283, 5), unsigned(six, 288, 6)
    if 1 <= month <= 12 and day > 0 and hour < 24 and minute < 60:
        row["eta"] = ((month * 100 + day) * 100 + hour) * 100 + minute
    row["draught"] = unsigned(six, 294, 8)
    text(six, 302, texts, DESTINATION, 20)
    return KEPT


@kernel
def _class_b(six: NDArray[np.uint8], bits: int, row: NDArray[np.void], texts: NDArray[np.uint8]) -> int:
    """Type 24: part A has the name; part B the rest, where a craft of a mother ship has her MMSI for its size."""
    part = unsigned(six, 38, 2)
    if part == 0:
        if bits < 160:
            return TOO_SHORT
        text(six, 40, texts, NAME, 20)
        return KEPT
    if part != 1:
        return NOT_WANTED
    if bits < 162:
        return TOO_SHORT
    row["ship_type"] = unsigned(six, 40, 8)
    text(six, 90, texts, CALL_SIGN, 7)
    if row["mmsi"] // 10_000_000 != 98:
        _size(six, 132, row)
    return KEPT


@kernel
def _size(six: NDArray[np.uint8], start: int, row: NDArray[np.void]) -> None:
    row["to_bow"] = unsigned(six, start, 9)
    row["to_stern"] = unsigned(six, start + 9, 9)
    row["to_port"] = unsigned(six, start + 18, 6)
    row["to_starboard"] = unsigned(six, start + 24, 6)
