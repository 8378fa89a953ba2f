"""Times within lines: Unix time, ISO 8601, DMA's `$PGHP`, and the tag blocks of IEC 61162-450 that carry them."""

from string import hexdigits
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.kernel import kernel

NO_TIME: Final = -1
TOLD, SOURCE, GROUP = 0, 1, 2
"""Places in the state of a line: the time that it tells or NO_TIME, a hash of its source or 0, its group or −1."""
NUMBERS, DIGITS = 40, 47
"""Room for seven numbers, and how many digits each has."""
STATE: Final = 64
_DAY_MS: Final = 86_400_000
_DIGITS_MOST: Final = 18
"""Of a number: more don't fit, and are no time."""
_FIRST: Final = 631_152_000_000
"""1990: nobody heard AIS before."""
_LAST: Final = 4_102_444_800_000
"""2100."""
_MILLISECONDS: Final = 100_000_000_000
"""A number from here on is milliseconds: seconds reach it in the year 5138."""
_COMMA, _COLON, _STAR, _DASH, _BACKSLASH = (ord(each) for each in ",:*-\\")
_TIME_CODE, _SOURCE_CODE, _GROUP_CODE = (ord(each) for each in "csg")

_HEXADECIMAL: Final = np.array([int(chr(code), 16) if chr(code) in hexdigits else 255 for code in range(256)], np.uint8)
"""What each character is worth; a table, as the branches of a choice are guessed wrongly every other time."""


@kernel
def civil(year: int, month: int, day: int, hour: int, minute: int, second: int, milli: int) -> int:
    """Milliseconds since the Unix epoch, UTC; NO_TIME for what is none, or when nobody can have heard AIS.

    Days are counted from March, so that a leap day is the last of its year (proleptic Gregorian).
    """
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61 and 1970 <= year < 2100):
        return NO_TIME
    shifted = year - (1 if month <= 2 else 0)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
    return sensible(days * _DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + milli)


@kernel
def sensible(moment: int) -> int:
    """The same, or NO_TIME where nobody can have heard AIS."""
    return moment if _FIRST <= moment < _LAST else NO_TIME


@kernel
def stamp(data: NDArray[np.uint8], begin: int, end: int, state: NDArray[np.int64]) -> int:
    """The time in a piece of text: `2024-07-07T12:00:00.123Z` (or with a blank or slashes, year first) or Unix time; NO_TIME."""
    while begin < end and not 48 <= data[begin] <= 57:
        begin += 1
    whole, place = np.int64(0), begin
    while place < end and 48 <= data[place] <= 57 and place - begin < _DIGITS_MOST:
        whole = whole * 10 + (data[place] - 48)
        place += 1
    if place - begin == 4:
        return _date(data, begin, end, state)
    if place - begin < 9:
        return NO_TIME
    return sensible(whole if whole >= _MILLISECONDS else whole * 1_000 + _fraction(data, place, end))


@kernel
def _fraction(data: NDArray[np.uint8], point: int, end: int) -> int:
    """Thousandths from the digits behind a point; what is finer is cut off."""
    found, scale = 0, 100
    for place in range(point + 1, min(end, point + 4)):
        if not 48 <= data[place] <= 57:
            break
        found, scale = found + scale * (data[place] - 48), scale // 10
    return found


@kernel
def _date(data: NDArray[np.uint8], begin: int, end: int, state: NDArray[np.int64]) -> int:
    """Six or seven numbers with one character between each, as a time."""
    state[NUMBERS : NUMBERS + 14] = 0
    at = NUMBERS
    for place in range(begin, end):
        if 48 <= data[place] <= 57:
            if state[at + 7] < _DIGITS_MOST:
                state[at] = state[at] * 10 + (data[place] - 48)
                state[at + 7] += 1
        elif state[at + 7] == 0 or at == NUMBERS + 6:
            break
        else:
            at += 1
    return _dated(state, _milli(state[NUMBERS + 6], state[DIGITS + 6])) if state[DIGITS + 5] else NO_TIME


@kernel
def _dated(state: NDArray[np.int64], milli: int) -> int:
    """The six numbers from the year on, as a time."""
    year, month, day = state[NUMBERS], state[NUMBERS + 1], state[NUMBERS + 2]
    return civil(year, month, day, state[NUMBERS + 3], state[NUMBERS + 4], state[NUMBERS + 5], milli)


@kernel
def _milli(number: int, digits: int) -> int:
    """A fraction's digits as thousandths."""
    if digits == 0:
        return 0
    while digits > 3:
        number //= 10
        digits -= 1
    while digits < 3:
        number *= 10
        digits += 1
    return number


@kernel
def proprietary(data: NDArray[np.uint8], begin: int, end: int, state: NDArray[np.int64]) -> int:
    """The time of `$PGHP,1,year,month,day,hour,minute,second,millisecond,…`, or NO_TIME."""
    state[NUMBERS : NUMBERS + 7] = 0
    field = -1  # before the second comma
    for place in range(begin + 6, end):
        character = data[place]
        if character == _COMMA:
            field += 1
            if field == 7:
                break
        elif not 48 <= character <= 57:
            return NO_TIME
        elif field >= 0:
            state[NUMBERS + field] = min(state[NUMBERS + field] * 10 + (character - 48), 100_000)
    if field < 7 or state[NUMBERS + 6] > 999:
        return NO_TIME
    return _dated(state, state[NUMBERS + 6])


@kernel
def tag_block(data: NDArray[np.uint8], begin: int, end: int, state: NDArray[np.int64]) -> int:
    """Read from behind a backslash to the next; where that is, or −1 where the block is broken or its checksum wrong.

    Some stations put the group before a block without making its checksum anew: one that is right without the group will do.
    """
    check, grouped, start, place = 0, 0, begin, begin
    while place < end and data[place] != _BACKSLASH:
        character = data[place]
        if character in (_COMMA, _STAR):
            if _field(data, start, place, state) and start == begin:
                grouped = check ^ _COMMA
            if character == _STAR:
                break
            start = place + 1
        check ^= character
        place += 1
    if place + 3 >= end or data[place] != _STAR or data[place + 3] != _BACKSLASH:
        return -1
    said = hexadecimal(data, place + 1)
    return place + 3 if said in (check, check ^ grouped) else -1


@kernel
def _field(data: NDArray[np.uint8], start: int, end: int, state: NDArray[np.int64]) -> bool:
    """Read one field; whether it was the group."""
    if end - start < 3 or data[start + 1] != _COLON:
        return False
    code = data[start]
    if code == _TIME_CODE:
        state[TOLD] = stamp(data, start + 2, end, state)
    elif code == _SOURCE_CODE:
        value = np.int64(1_469_598_103)
        for place in range(start + 2, end):
            value = ((value ^ np.int64(data[place])) * 16_777_619) & 0x7FFFFFFFFFFF
        state[SOURCE] = value
    elif code == _GROUP_CODE:  # sentence, sentences, group
        value, dashes = np.int64(0), 0
        for place in range(start + 2, end):
            if data[place] == _DASH:
                dashes += 1
            elif dashes == 2 and 48 <= data[place] <= 57:
                value = min(value * 10 + (data[place] - 48), 1 << 40)
        state[GROUP] = value if dashes == 2 else -1
        return True
    return False


@kernel
def hexadecimal(data: NDArray[np.uint8], place: int) -> int:
    """Two hexadecimal digits as a number; −1 where there are none."""
    high, low = _HEXADECIMAL[data[place]], _HEXADECIMAL[data[place + 1]]
    return int(high) * 16 + int(low) if high < 16 and low < 16 else -1
