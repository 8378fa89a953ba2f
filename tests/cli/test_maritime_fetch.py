"""`maritime fetch` as people see it; the transfer itself is tested beside the adapter."""

import json

import pytest

from cli.kit import Cordiale


def test_sources_are_listed(cordiale: Cordiale) -> None:
    known = json.loads(cordiale("maritime", "fetch", "--json").out)["sources"]
    assert set(known) == {"dma", "noaa", "uk", "eu", "ofac"}
    assert known["dma"]["daily"]
    assert not known["uk"]["daily"]
    assert "Autorité maritime danoise" in cordiale("maritime", "fetch", "--lang", "fr").out


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["dma"], 2),
        (["dma", "--date", "yesterday"], 2),
        (["nobody"], 1),
        (["uk", "--url", "http://example.invalid/"], 2),
    ],
)
def test_what_cannot_be_fetched(given: list[str], status: int, cordiale: Cordiale) -> None:
    assert cordiale("maritime", "fetch", *given).status == status
