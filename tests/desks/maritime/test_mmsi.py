"""What numbers say of themselves."""

import pytest

from cordiale.desks.maritime.mmsi import Station, mid, station


@pytest.mark.parametrize(
    ("number", "kind", "country"),
    [
        (227_000_001, Station.VESSEL, 227),
        (22_700_001, Station.GROUP, 227),
        (2_270_001, Station.COAST, 227),
        (111_227_001, Station.AIRCRAFT, 227),
        (822_700_001, Station.HANDHELD, 227),
        (970_010_001, Station.DISTRESS, None),
        (972_010_001, Station.DISTRESS, None),
        (974_010_001, Station.DISTRESS, None),
        (982_270_001, Station.CRAFT, 227),
        (992_270_001, Station.AID, 227),
        (0, Station.INVALID, None),
        (1, Station.INVALID, None),
        (123_456_789, Station.INVALID, None),
        (200_000_001, Station.INVALID, None),
        (999_999_999, Station.INVALID, None),
        (1_000_000_000, Station.PSEUDONYM, None),
    ],
)
def test_a_number_tells_its_station_and_country(number: int, kind: Station, country: int | None) -> None:
    assert station(number) is kind
    assert mid(number) == country
