"""Six-bit characters: the armouring of IEC 61162-1, 8.2, and the fields of ITU-R M.1371-5, annex 8.

A payload is an array of values from 0 to 63 with zeros after its end.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.kernel import kernel

SIX_MOST: Final = 192
"""Characters of a payload: the longest message has 1,064 bits."""
SIX_ROOM: Final = 224
"""With the zeros after it."""
_BLANK: Final = 32


@kernel
def unarmoured(data: NDArray[np.uint8], begin: int, end: int, six: NDArray[np.uint8]) -> int:
    """Write the values of a payload; how many there are, or −1 where a character is none."""
    for place in range(begin, end):
        value = np.int64(data[place]) - 48
        if value > 39:
            value -= 8
            if value < 40:
                return -1
        if value < 0 or value > 63:
            return -1
        six[place - begin] = value
    return end - begin


@kernel
def unsigned(six: NDArray[np.uint8], start: int, length: int) -> int:
    """`length` bits (at most 50) from bit `start` on."""
    first, last = start // 6, (start + length - 1) // 6
    value = np.int64(0)
    for place in range(first, last + 1):
        value = (value << 6) | np.int64(six[place])
    return int((value >> (6 * (last + 1) - start - length)) & ((np.int64(1) << length) - 1))


@kernel
def signed(six: NDArray[np.uint8], start: int, length: int) -> int:
    """The same as two's complement."""
    value = unsigned(six, start, length)
    return value - (np.int64(1) << length) if value >> (length - 1) else value


@kernel
def text(six: NDArray[np.uint8], start: int, texts: NDArray[np.uint8], at: int, length: int) -> None:
    """Six-bit ASCII up to the first `@`, without blanks around it; the rest of the field is zero (M.1371-5, table 47)."""
    written, end = 0, 0
    for number in range(length):
        value = unsigned(six, start + 6 * number, 6)
        if value == 0:
            break
        if value != _BLANK or written > 0:
            texts[at + written] = value + 64 if value < _BLANK else value
            written += 1
        if value != _BLANK:
            end = written
    for number in range(end, length):
        texts[at + number] = 0
