"""Lines of AIS sentences as messages: IEC 61162-1 (`!AIVDM`), with tag blocks of IEC 61162-450, or times before or behind.

    \\s:source,c:time,g:part-parts-group*checksum\\!AIVDM,parts,part,sequence,channel,payload,fill*checksum,…,time

Each line ends as one of `OUTCOMES`; what its message is, `cordiale.desks.maritime.ingest.message` says. The state of the
reader is one array, as passing many to a kernel costs more than a line does.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.ingest import stamp
from cordiale.desks.maritime.ingest.multipart import FILL, HAVE, LENGTHS, PART_MOST, TIME, Waiting, joined, slot_of
from cordiale.desks.maritime.ingest.sixbit import SIX_MOST, cleared, copied, unarmoured, unsigned
from cordiale.desks.maritime.ingest.stamp import (
    GROUP,
    NO_TIME,
    SOURCE,
    STATE,
    TOLD,
    civil,
    hexadecimal,
    proprietary,
    tag_block,
)
from cordiale.desks.maritime.kernel import kernel

OUTCOMES: Final[dict[int, str]] = {
    101: "row",
    102: "part of a message",
    103: "comment or other text",
    104: "other sentence",
    105: "time sentence",
    110: "tag block broken or its checksum wrong",
    111: "sentence broken off",
    112: "checksum wrong",
    113: "checksum missing",
    114: "parts numbered wrongly",
    115: "characters that are no payload",
    116: "message too long",
    117: "message too short for its type",
    118: "position out of range or not a number",
    119: "time missing or not understood",
    120: "no time known",
}
"""What becomes of a line; a number below 100 is the type of a message that is not kept, 100 an empty line."""
EMPTY, ROW, PART, TEXT, OTHER, TOLD_TIME = range(100, 106)
TAG, BROKEN, CHECKSUM, NO_CHECKSUM, NUMBERED, CHARACTERS, LONG, SHORT, RANGE, STAMP, TIMELESS = range(110, 121)
FIRST_REFUSAL: Final = TAG

NOW, HOW, NUMBER, TOTAL, WHICH, FILLED, LENGTH, COMMAS = 3, 4, 5, 6, 7, 8, 9, 10
"""Places in the state, beside those of `stamp`: the time of a line that tells none (0: none known) and how it is known, the
line's number, and of its sentence: parts, which of them, fill bits, characters, where the six commas are."""
GIVEN, BASE, LAST = 0, 1, 2
"""How: given by the caller, told by base stations, told by an earlier line."""
_BACKSLASH, _BANG, _DOLLAR, _STAR, _COMMA, _CR, _BLANK = (ord(each) for each in "\\!$*,\r ")
_V, _D, _M, _O, _P, _G, _H = (ord(each) for each in "VDMOPGH")
_WHOLE, _STATION = 1, 4


def begin() -> NDArray[np.int64]:
    """The state at the beginning of a source."""
    state = np.zeros(STATE, np.int64)
    state[NUMBER] = 1
    return state


@kernel
def heard(
    data: NDArray[np.uint8],
    begin: int,
    end: int,
    state: NDArray[np.int64],
    known: Waiting,
    six: NDArray[np.uint8],
) -> int:
    """One line. ROW where it ends a whole message: its characters in `six`, the rest of it in `state`."""
    while end > begin and (data[end - 1] == _CR or data[end - 1] == _BLANK):
        end -= 1
    outcome = _line(data, begin, end, state, six)
    if outcome == ROW and state[TOTAL] > _WHOLE:
        outcome = _part(data, state, known, six)
    if outcome == ROW:
        outcome = _clock(state, six)
    state[NUMBER] += 1
    return outcome


@kernel
def _line(data: NDArray[np.uint8], begin: int, end: int, state: NDArray[np.int64], six: NDArray[np.uint8]) -> int:
    """ROW where the line has a good sentence, which stands in `state` and `six`."""
    if begin == end:
        return EMPTY
    state[TOLD], state[SOURCE], state[GROUP] = NO_TIME, 0, -1
    start = begin
    while start < end and data[start] != _BACKSLASH and data[start] != _BANG and data[start] != _DOLLAR:
        start += 1
    if start > begin:
        state[TOLD] = stamp.stamp(data, begin, start, state)
    if start < end and data[start] == _BACKSLASH:
        start = tag_block(data, start + 1, end, state) + 1
        if start == 0:
            return TAG
    if end - start < 7:
        return TEXT if start == end else BROKEN
    if data[start] == _DOLLAR:
        return _told(data, start, end, state)
    if data[start] != _BANG:
        return TEXT
    if data[start + 3] != _V or data[start + 4] != _D or (data[start + 5] != _M and data[start + 5] != _O):
        return OTHER
    return _sentence(data, start, end, state, six)


@kernel
def _told(data: NDArray[np.uint8], start: int, end: int, state: NDArray[np.int64]) -> int:
    """A `$` sentence: only DMA's `$PGHP` tells the time."""
    if data[start + 1] != _P or data[start + 2] != _G or data[start + 3] != _H or data[start + 4] != _P:
        return OTHER
    check, place = 0, start + 1
    while place < end and data[place] != _STAR:
        check ^= data[place]
        place += 1
    if place + 2 < end and hexadecimal(data, place + 1) != check:
        return CHECKSUM
    moment = proprietary(data, start, place, state)
    if moment == NO_TIME:
        return STAMP
    state[NOW], state[HOW] = moment, LAST
    return TOLD_TIME


@kernel
def _sentence(data: NDArray[np.uint8], start: int, end: int, state: NDArray[np.int64], six: NDArray[np.uint8]) -> int:
    commas, check, place = 0, 0, start + 1
    while place < end and data[place] != _STAR:
        character = data[place]
        check ^= character
        if character == _COMMA:
            if commas < 6:
                state[COMMAS + commas] = place
            commas += 1
        place += 1
    if commas != 6:
        return BROKEN
    if place + 2 >= end:
        return NO_CHECKSUM
    if hexadecimal(data, place + 1) != check:
        return CHECKSUM
    if state[TOLD] == NO_TIME and place + 4 < end:
        state[TOLD] = _behind(data, place + 3, end, state)
    total = _digit(data, state[COMMAS], state[COMMAS + 1])
    which = _digit(data, state[COMMAS + 1], state[COMMAS + 2])
    fill = _digit(data, state[COMMAS + 5], place)
    if fill < 0 or fill > 5 or total < 1 or which < 1 or which > total or (which < total and fill != 0):
        return NUMBERED
    payload, after = state[COMMAS + 4] + 1, state[COMMAS + 5]
    if after - payload > (SIX_MOST if total == _WHOLE else PART_MOST):
        return LONG
    length = unarmoured(data, payload, after, six)
    if length < 0:
        return CHARACTERS
    state[TOTAL], state[WHICH], state[FILLED], state[LENGTH] = total, which, fill, length
    return ROW


@kernel
def _behind(data: NDArray[np.uint8], begin: int, end: int, state: NDArray[np.int64]) -> int:
    """The time in the last field behind the checksum."""
    place = end
    while place > begin and data[place - 1] != _COMMA:
        place -= 1
    return stamp.stamp(data, place, end, state)


@kernel
def _digit(data: NDArray[np.uint8], before: int, after: int) -> int:
    """The one digit between two places; −1 where there is none."""
    if after - before != 2 or not 48 <= data[before + 1] <= 57:
        return -1
    return int(data[before + 1]) - 48


@kernel
def _part(data: NDArray[np.uint8], state: NDArray[np.int64], known: Waiting, six: NDArray[np.uint8]) -> int:
    """Keep one part; ROW where it was the last that was missing, and the whole message stands in `six`."""
    total, part, length = state[TOTAL], state[WHICH] - 1, state[LENGTH]
    time = state[TOLD]
    if time == NO_TIME and (part == 0 or state[HOW] == LAST):
        time = state[NOW]
    slot = slot_of(known, _key(data, state), part, state[NUMBER], time)
    about = known.about[slot]
    copied(six, known.payload[slot, part], 0, length)
    about[LENGTHS + part] = length
    about[HAVE] |= np.int64(1) << part
    if about[TIME] <= 0:
        about[TIME] = state[TOLD]
    if part + 1 == total:
        about[FILL] = state[FILLED]
    if about[HAVE] != (np.int64(1) << total) - 1:
        return PART
    if about[TIME] > 0:
        state[TOLD] = about[TIME]
    state[FILLED] = about[FILL]
    state[LENGTH] = joined(known, slot, total, six, SIX_MOST)
    return LONG if state[LENGTH] < 0 else ROW


@kernel
def _key(data: NDArray[np.uint8], state: NDArray[np.int64]) -> int:
    """What parts of one message have in common: number of parts, talker, sequence number, channel, and group or source."""
    key = state[TOTAL]
    for place in range(state[COMMAS] - 5, state[COMMAS] - 3):
        key = key * 131 + np.int64(data[place])
    for place in range(state[COMMAS + 2], state[COMMAS + 4]):
        key = key * 131 + np.int64(data[place])
    key = key * 131 + (state[GROUP] + 1 if state[GROUP] >= 0 else state[SOURCE])
    return ((key & 0x3FFFFFFFFFFFFFFF) << 1) | 1  # never 0, and never below it


@kernel
def _clock(state: NDArray[np.int64], six: NDArray[np.uint8]) -> int:
    """A whole message: zeros behind it, and its time. A base station's report tells the time where no line does."""
    length = state[LENGTH]
    cleared(six, length, 24)
    if state[TOLD] != NO_TIME:
        state[NOW], state[HOW] = state[TOLD], LAST
    elif six[0] == _STATION and 6 * length >= 78 and state[HOW] != LAST:
        year, month, day = unsigned(six, 38, 14), unsigned(six, 52, 4), unsigned(six, 56, 5)
        moment = civil(year, month, day, unsigned(six, 61, 5), unsigned(six, 66, 6), unsigned(six, 72, 6), 0)
        if moment != NO_TIME:
            state[NOW], state[HOW] = moment, BASE
    return ROW if state[NOW] > 0 else TIMELESS
