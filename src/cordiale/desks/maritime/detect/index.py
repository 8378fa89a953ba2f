"""From an MMSI to its first record: an open-addressing table, and which MMSIs are vessels at all (ITU-R M.585-9)."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.kernel import kernel

VESSEL_KIND: Final = 0
STATION: Final = 1
"""00MIDXXXX and 0MIDXXXXX: coast stations and groups of ships."""
AIRCRAFT: Final = 2
"""111MIDXXX: aircraft in search and rescue."""
AID: Final = 3
"""99MIDXXXX: aids to navigation."""
BEACON: Final = 4
"""970 to 974: locating devices, man overboard, EPIRB."""


MIXED_BITS: Final = 24
"""How many `mixed` has."""


class Index(NamedTuple):
    """[2^k] MMSI (0 is free) and the number of its first record."""

    key: NDArray[np.uint32]
    head: NDArray[np.int32]


@kernel
def mmsi_kind(mmsi: int) -> int:
    """What an MMSI stands for; what is not assigned is taken for a vessel, because vessels send it."""
    if mmsi < 100_000_000:
        return STATION
    if mmsi // 1_000_000 == 111:
        return AIRCRAFT
    if mmsi // 10_000_000 == 99:
        return AID
    if 970_000_000 <= mmsi < 975_000_000:
        return BEACON
    return VESSEL_KIND


@kernel
def mixed(mmsi: int) -> int:
    """An MMSI with its bits spread (Knuth's multiplicative hash)."""
    return ((mmsi * 2_654_435_761) & 0xFFFFFFFF) >> 8


@kernel
def shard_of(mmsi: int, shards: int) -> int:
    """Which of so many shards a vessel falls to: by the high bits, as `place_of` goes by the low ones, and without dividing."""
    return (mixed(mmsi) * shards) >> MIXED_BITS


@kernel
def place_of(key: NDArray[np.uint32], mmsi: int) -> int:
    """Where `mmsi` stands in the table, or would."""
    mask = len(key) - 1
    place = mixed(mmsi) & mask
    while key[place] != 0 and key[place] != mmsi:
        place = (place + 1) & mask
    return place


@kernel
def reindex(index: Index, vessels: Vessels, count: int) -> None:
    """Enter the first records of all MMSIs into an empty table."""
    for j in range(count):
        if vessels[j]["branch"] == 0:
            place = place_of(index.key, vessels[j]["mmsi"])
            index.key[place], index.head[place] = vessels[j]["mmsi"], j
