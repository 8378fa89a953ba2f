"""`maritime ingest` as people and machines see it."""

import json
from pathlib import Path

import pytest

from cli.kit import Cordiale
from cordiale.cli import maritime_ingest
from cordiale.desks.maritime.ingest import sentence
from desks.maritime.ingest.forge import lines, position, sentences
from desks.maritime.kit import everything, plain

ROWS = ("2024-07-07 12:00:00,227000001,50.9,1.2,10.5,33.3", "2024-07-07 12:00:10,227000001,50.91,1.21,,")


def test_a_file_is_read_and_accounted_for(cordiale: Cordiale, tmp_path: Path) -> None:
    source = plain(tmp_path / "a.csv", [*ROWS, "rubbish", "2024-07-07 12:00:20,227000001,95,1.2,1,1"])
    found = cordiale("maritime", "ingest", source, "--store", "sea", "--json")
    assert found.status == 0
    (read,) = json.loads(found.out)["files"]
    assert (read["lines"], read["positions"], read["added"]) == (5, 2, 2)
    assert read["refused"]["another number of columns than the header"] == {"count": 1, "lines": [4]}
    assert read["refused"]["position out of range or not a number"] == {"count": 1, "lines": [5]}
    assert read["first"] == "2024-07-07T12:00:00.000Z"
    assert everything(tmp_path / "sea").select("lat", "lon", "sog", "cog").rows() == [
        (30_540_000, 720_000, 105, 333),
        (30_546_000, 726_000, 1023, 3600),
    ]
    shown = cordiale("maritime", "ingest", source, "--store", "sea")
    assert "Read before" in shown.out
    assert "another number of columns" in shown.out


def test_a_file_without_a_header_is_an_error(cordiale: Cordiale, tmp_path: Path) -> None:
    found = cordiale("maritime", "ingest", plain(tmp_path / "a.csv", ["1,2"], "a,b"), "--store", "sea")
    assert found.status == 1
    assert "no header that names a time" in found.err


def test_nmea_without_times_needs_one(cordiale: Cordiale, tmp_path: Path) -> None:
    source = tmp_path / "a.nmea"
    source.write_bytes(lines(sentences(position())))
    assert cordiale("maritime", "ingest", source, "--store", "sea").status == 1
    source.write_text(source.read_text() * 2)
    found = cordiale("maritime", "ingest", source, "--store", "sea", "--received", "2024-07-08T12:00Z", "--json")
    (read,) = json.loads(found.out)["files"]
    assert (read["first"], read["added"], read["repeated"]) == ("2024-07-08T12:00:00.000Z", 1, 1)
    assert read["assumed"] == ["times are the given one"]


@pytest.mark.parametrize("wrong", [("--received", "noon"), ("--dates", "year-first"), ("--dates", "x")])
def test_wrong_options(wrong: tuple[str, str], cordiale: Cordiale, tmp_path: Path) -> None:
    found = cordiale("maritime", "ingest", plain(tmp_path / "a.csv", ROWS), "--store", "sea", *wrong)
    assert found.status == 2
    assert wrong[0] in found.err


def test_what_readers_say_is_in_the_catalogue() -> None:
    said = set(maritime_ingest.SAID)
    assert said >= set(sentence.OUTCOMES.values()) - {"row"}
