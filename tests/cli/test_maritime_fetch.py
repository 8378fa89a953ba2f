"""`maritime fetch` as people see it; the transfer itself is tested beside the adapter."""

import json
import socket
from pathlib import Path

import pytest

from cli.kit import Cordiale
from cordiale.adapters import fetcher


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


def test_the_next_step_is_to_go_on(cordiale: Cordiale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: what came would be kept, and the same command goes on from there."""
    monkeypatch.setattr(fetcher, "_PAUSE_SECONDS", (0.0,))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/list.csv"
        found = cordiale("maritime", "fetch", "uk", "--url", url, "--out", tmp_path, "--lang", "fr")
    assert (found.status, "Redonnez la même commande" in found.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [(("uk", "--sha256", "00"), "64 hexadecimal digits"), (("dma",), "files by day: give --date")],
)
def test_what_is_missing_is_said(words: tuple[str, ...], told: str, cordiale: Cordiale) -> None:
    found = cordiale("maritime", "fetch", *words)
    assert (found.status, told in found.err) == (2, True)
