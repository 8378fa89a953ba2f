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
    """Write the values of a payload; how many there are, or −1 where a character is none.

    Without a way out of the loop, and on unsigned bytes alone, so that it is compiled to vector instructions.
    """
    first, length, wrong = np.uint64(begin), np.uint64(max(0, end - begin)), np.uint8(0)
    for place in range(length):
        value = np.uint8(data[first + place] - np.uint8(48))
        wrong |= np.uint8(value > 71) | (np.uint8(value > 39) & np.uint8(value < 48))
        six[place] = np.uint8(value - np.uint8(8)) if value > 39 else value
    return -1 if wrong else int(length)


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
    written, end, first, shift = 0, 0, start // 6, 6 - start % 6
    for number in range(length):
        pair = np.int64(six[first + number]) << 6 | np.int64(six[first + number + 1])
        value = pair >> shift & 63
        if value == 0:
            break
        if value != _BLANK or written > 0:
            texts[at + written] = value + 64 if value < _BLANK else value
            written += 1
        if value != _BLANK:
            end = written
    for number in range(end, length):
        texts[at + number] = 0


@kernel
def copied(source: NDArray[np.uint8], target: NDArray[np.uint8], at: int, length: int) -> None:
    """The first `length` characters, to `at`; a slice costs several times as much."""
    to = np.uint64(at)
    for place in range(np.uint64(length)):
        target[to + place] = source[place]


@kernel
def cleared(six: NDArray[np.uint8], begin: int, length: int) -> None:
    """Zeros from `begin` on."""
    for place in range(np.uint64(begin), np.uint64(begin + length)):
        six[place] = 0
