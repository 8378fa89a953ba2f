"""Messages in several sentences, put together: by group where a tag block names one, else by sequence number, channel and source.

Parts may come in any order and between those of others. What stays incomplete is given up when its number comes anew, when
`LINES` lines or `WAIT` have passed, when its place is needed, or at the end, and its lines are counted.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.ingest.sixbit import copied
from cordiale.desks.maritime.kernel import kernel

SLOTS: Final = 512
PROBES: Final = 8
LINES: Final = 10_000
WAIT: Final = 30_000
"""Milliseconds by the sentences' own times."""
PARTS_MOST: Final = 9
PART_MOST: Final = 96
"""Characters of one part's payload: a sentence of IEC 61162-1 holds 62."""
KEY, LINE, TIME, HAVE, FILL, LENGTHS = 0, 1, 2, 3, 4, 5
"""In `Waiting.about`: the key or 0 for a free slot, number and time of the first line, one bit for each part, fill bits, and
how long each part is."""


class Waiting(NamedTuple):
    """Messages that wait for their other parts."""

    about: NDArray[np.int64]  # [slot, LENGTHS + part]
    payload: NDArray[np.uint8]  # [slot, part, character]: six-bit values
    lost: NDArray[np.int64]
    """[messages given up, their lines, the number of the first line of each of the first]."""


def waiting(shown: int) -> Waiting:
    """None yet; room for so many numbers of lines that were given up."""
    about = np.zeros((SLOTS, LENGTHS + PARTS_MOST), np.int64)
    return Waiting(about, np.zeros((SLOTS, PARTS_MOST, PART_MOST), np.uint8), np.zeros(2 + shown, np.int64))


@kernel
def slot_of(known: Waiting, key: int, part: int, line: int, time: int) -> int:
    """The slot for a part of a message, free or begun; what had to be given up for it is counted."""
    about, free, oldest = known.about, -1, -1
    for probe in range(PROBES):
        slot = ((key ^ (key >> 17)) + probe) % SLOTS
        if about[slot, KEY] == key:
            begun = about[slot, TIME]
            late = time > 0 and begun > 0 and abs(time - begun) > WAIT
            if not late and line - about[slot, LINE] <= LINES and not about[slot, HAVE] >> part & 1:
                return slot
            give_up(known, slot)
            free = slot
            break
        if about[slot, KEY] == 0:
            if free < 0:
                free = slot
        elif oldest < 0 or about[slot, LINE] < about[oldest, LINE]:
            oldest = slot
    if free < 0:
        give_up(known, oldest)
        free = oldest
    about[free, KEY], about[free, LINE], about[free, TIME], about[free, HAVE] = key, line, time, 0
    return free


@kernel
def give_up(known: Waiting, slot: int) -> None:
    """Free a slot, and count what is lost."""
    about, lost = known.about, known.lost
    if lost[0] + 2 < len(lost):
        lost[lost[0] + 2] = about[slot, LINE]
    lost[0] += 1
    have = about[slot, HAVE]
    while have:
        lost[1] += have & 1
        have >>= 1
    about[slot, KEY] = 0


@kernel
def give_up_all(known: Waiting) -> None:
    """At the end of the source."""
    for slot in range(SLOTS):
        if known.about[slot, KEY] != 0:
            give_up(known, slot)


@kernel
def joined(known: Waiting, slot: int, total: int, six: NDArray[np.uint8], most: int) -> int:
    """Write the whole message's characters and free the slot; how many there are, −1 for more than `most`."""
    about, count = known.about, 0
    about[slot, KEY] = 0
    for part in range(total):
        length = about[slot, LENGTHS + part]
        if count + length > most:
            return -1
        copied(known.payload[slot, part], six, count, length)
        count += length
    return count
