"""What an MMSI says of itself (ITU-R M.585-9): what kind of station it is, and which country gave it out.

MID is the three digits that stand for a country (M.585-9, annex 1, 1.2): 201 to 775.

| digits | station |
| --- | --- |
| MIDxxxxxx | a vessel |
| 0MIDxxxxx | a group of vessels |
| 00MIDxxxx | a coast station, base stations among them |
| 111MIDxxx | an aircraft of search and rescue |
| 8MIDxxxxx | a hand-held radio |
| 970xxxxxx, 972xxxxxx, 974xxxxxx | AIS-SART, man overboard device, EPIRB with AIS |
| 98MIDxxxx | a craft that belongs to a mother ship |
| 99MIDxxxx | an aid to navigation |
| anything else of nine digits | not valid: nobody gives it out |

Sources without MMSIs name a craft otherwise; it gets a pseudonym, a number beyond nine digits that no station can have.
"""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 999_999_999
FIRST_PSEUDONYM: Final = 1_000_000_000
PSEUDONYMS: Final = 3_000_000_000
_MID_FIRST, _MID_LAST = 201, 775


class Station(IntEnum):
    """What kind of station a number belongs to."""

    INVALID = 0
    VESSEL = 1
    GROUP = 2
    COAST = 3
    AIRCRAFT = 4
    HANDHELD = 5
    DISTRESS = 6
    CRAFT = 7
    AID = 8
    PSEUDONYM = 9


def stations(mmsi: NDArray[np.integer]) -> NDArray[np.uint8]:
    """[n] of `Station` for [n] numbers."""
    number = mmsi.astype(np.int64)
    found = np.zeros(number.shape, np.uint8)
    for station, least, most, divisor in (
        (Station.VESSEL, 200_000_000, 799_999_999, 1_000_000),
        (Station.GROUP, 20_000_000, 79_999_999, 100_000),
        (Station.COAST, 2_000_000, 7_999_999, 10_000),
        (Station.AIRCRAFT, 111_000_000, 111_999_999, 1_000),
        (Station.HANDHELD, 800_000_000, 899_999_999, 100_000),
        (Station.CRAFT, 980_000_000, 989_999_999, 10_000),
        (Station.AID, 990_000_000, 999_999_999, 10_000),
    ):
        mid = number // divisor % 1_000
        found[(number >= least) & (number <= most) & (mid >= _MID_FIRST) & (mid <= _MID_LAST)] = station
    found[np.isin(number // 1_000_000, (970, 972, 974))] = Station.DISTRESS
    found[number >= FIRST_PSEUDONYM] = Station.PSEUDONYM
    return found


def station(mmsi: int) -> Station:
    """What kind of station one number belongs to."""
    return Station(int(stations(np.array([mmsi]))[0]))


def mid(mmsi: int) -> int | None:
    """The three digits of the country, where the number has them."""
    divisor = {
        Station.VESSEL: 1_000_000, Station.GROUP: 100_000, Station.COAST: 10_000, Station.AIRCRAFT: 1_000,
        Station.HANDHELD: 100_000, Station.CRAFT: 10_000, Station.AID: 10_000,
    }.get(station(mmsi))  # fmt: skip
    return None if divisor is None else mmsi // divisor % 1_000
