"""Addresses of public files."""

from datetime import date

import pytest

from cordiale.desks.maritime.publisher import publishers, where
from cordiale.errors import NotFound, WrongUsage


def test_an_address_depends_on_the_day() -> None:
    assert where("noaa", date(2024, 3, 5))[1] == "AIS_2024_03_05.zip"
    assert where("noaa", date(2025, 3, 5))[1] == "ais-2025-03-05.csv.zst"
    assert where("dma", date(2024, 2, 5))[0].endswith("/2024/aisdk-2024-02.zip")
    assert where("dma", date(2024, 3, 5))[0].endswith("/2024/aisdk-2024-03-05.zip")
    assert where("dma", date(2026, 3, 5))[0].endswith("aisdata.ais.dk/aisdk-2026-03-05.zip")
    assert where("eu", None)[1] == "eu-sanctions.xml"


def test_what_is_not_published() -> None:
    with pytest.raises(NotFound):
        where("noaa", date(2001, 1, 1))
    with pytest.raises(NotFound):
        where("x", None)
    with pytest.raises(WrongUsage):
        where("dma", None)


def test_every_publisher_has_a_licence_and_a_name_in_both_languages() -> None:
    for name, each in publishers().items():
        assert each.licence, name
        assert each.title.en, name
        assert each.title.fr, name
