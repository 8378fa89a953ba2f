"""Clocks that are hours off: base stations and shared reports tell; what is right stays."""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

from cordiale.desks.maritime.ingest.clock import mode
from desks.maritime.kit import SHARED, everything, plain, read

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

HEADER = "time,mmsi,lat,lon,sog,cog,heading"
HOUR = 3_600_000


def voyage(shift: int = 0, vessels: int = 4, reports: int = 20) -> list[str]:
    """Moving vessels, `shift` ms late."""
    return [
        f"{1_720_000_000_000 + shift + 60_000 * n},{227_000_001 + v},"
        f"{50 + 0.01 * n + 0.1 * v:.4f},{-1 - 0.003 * n:.4f},10.{n % 10},{n},{n}"
        for n in range(reports)
        for v in range(vessels)
    ]


def test_the_share_decides() -> None:
    agreeing = np.array([3_600_000 + n for n in range(80)] + [n * 50_000 for n in range(20)])
    assert mode(agreeing, 0.7) == (3_600_039, 80)
    assert mode(agreeing, 0.9) is None
    assert mode(np.zeros(0, np.int64), 0.7) is None


@pytest.mark.parametrize("shift", [HOUR, -5 * HOUR, 754_000])
def test_a_file_whose_reports_are_in_the_store_at_other_times(tmp_path: Path, shift: int) -> None:
    read(tmp_path / "s", plain(tmp_path / "a.csv", voyage(), HEADER))
    before = everything(tmp_path / "s")
    (found,) = read(tmp_path / "s", plain(tmp_path / "b.csv", voyage(shift), HEADER))
    (off,) = found.counts["clocks_off"]
    assert off["offset_seconds"] == shift / 1000
    assert (off["by"], off["agree"], off["compared"]) == ("shared reports", 80, 80)
    assert everything(tmp_path / "s").equals(before), "the same rows, at the same times"


@pytest.mark.parametrize(
    "rows",
    [voyage(20_000), voyage(HOUR, vessels=2), voyage(15 * HOUR), [row.replace(",10.", ",0.0") for row in voyage(HOUR)]],
    ids=["seconds", "two vessels", "no time zone", "lying still"],
)
def test_what_proves_nothing_stays(tmp_path: Path, rows: Sequence[str]) -> None:
    read(tmp_path / "s", plain(tmp_path / "a.csv", voyage(), HEADER))
    (found,) = read(tmp_path / "s", plain(tmp_path / "b.csv", rows, HEADER))
    assert found.counts["clocks_off"] == []
    assert found.counts["added"] == len(rows)


def tagged(source: str, time: int, sentence: bytes) -> bytes:
    tag = f"s:{source},c:{time}".encode()
    return b"\\%b*%02X\\%b" % (tag, reduce(lambda a, b: a ^ b, tag, 0), sentence)


@pytest.mark.skipif(not (SHARED / "kystverket-1000.nm4").exists(), reason="no real AIS data beside the checkout")
def test_one_station_of_a_file(tmp_path: Path) -> None:
    lines = (SHARED / "kystverket-1000.nm4").read_bytes().split(b"\n")
    sentences = [line.rpartition(b"\\")[2] for line in lines if b",1,1,," in line]
    whole = [tagged("first", 1_565_218_800, each) for each in sentences]
    late = [tagged("second", 1_565_218_800 + 7_200, each) for each in sentences[: len(sentences) // 2]]
    path = tmp_path / "two.nmea"
    path.write_bytes(b"\n".join([*whole, *late]) + b"\n")
    (found,) = read(tmp_path / "s", path)
    (off,) = found.counts["clocks_off"]
    assert (off["source"], off["offset_seconds"], off["by"]) == ("second", 7_200.0, "shared reports")
    assert found.counts["kept"] + found.counts["passed"].get("part of a message", 0) <= found.counts["lines"]
    assert everything(tmp_path / "s")["time"].unique().to_list() == [1_565_218_800_000]


@pytest.mark.skipif(not (SHARED / "dma-stream-example.txt").exists(), reason="no real AIS data beside the checkout")
def test_base_stations_tell_utc(tmp_path: Path) -> None:
    original = SHARED / "dma-stream-example.txt"
    (right,) = read(tmp_path / "right", original)
    assert right.counts["clocks_off"] == []
    lines = original.read_bytes().split(b"\n")
    for number, line in enumerate(lines):
        if line.startswith(b"$PGHP"):
            body = line[1 : line.index(b"*")].replace(b",2010,6,11,11,", b",2010,6,11,14,")
            check = reduce(lambda a, b: a ^ b, body, 0)
            lines[number] = b"$%b*%02X%b" % (body, check, line[line.index(b"*") + 3 :])
    late = tmp_path / "late.txt"
    late.write_bytes(b"\n".join(lines))
    (found,) = read(tmp_path / "late", late)
    (off,) = found.counts["clocks_off"]
    assert (off["source"], off["offset_seconds"], off["by"]) == ("", 3 * 3600.0, "base stations")
    moved, told = everything(tmp_path / "late"), everything(tmp_path / "right")
    assert len(moved) == len(told)
    assert len(moved.join(told, on=told.columns, how="anti")) == 2, "two sentences tell a time of their own"
