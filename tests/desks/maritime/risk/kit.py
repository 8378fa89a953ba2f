"""A store's identity reports, and lists, made for these tests; all of it EXERCISE."""

from pathlib import Path

import polars as pl

from cordiale.desks.maritime.schema import STATIC

HOUR = 3_600_000
START = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

SOUND = 9_074_729
OTHER = 9_187_629
"""Two numbers whose check digit holds."""


def said(
    mmsi: int, imo: int = 0, name: str = "", call_sign: str = "", hour: int = 0, times: int = 3, ship_type: int = 80
) -> list[dict[str, object]]:
    """Some identity reports of one vessel, a minute apart."""
    row: dict[str, object] = {column: "" if meaning.startswith("text") else 0 for column, meaning in STATIC.items()}
    row |= {"mmsi": mmsi, "imo": imo, "name": name, "call_sign": call_sign, "ship_type": ship_type, "kind": 5}
    return [{**row, "time": START + hour * HOUR + 60_000 * k} for k in range(times)]


def store(folder: Path, *reports: list[dict[str, object]]) -> Path:
    """A store with these identity reports and nothing else."""
    (folder / "statics").mkdir(parents=True)
    rows = [row for told in reports for row in told]
    pl.DataFrame(rows).sort("time").write_parquet(folder / "statics" / "2026-01-01.parquet")
    return folder


LISTS = Path(__file__).with_name("lists")
UK_CSV = (LISTS / "uk.csv").read_text("utf-8")
UK_XML = (LISTS / "uk.xml").read_text("utf-8")
SDN_XML = (LISTS / "sdn.xml").read_text("utf-8")
SDN_CSV = (LISTS / "sdn.csv").read_text("utf-8")
EU_CSV = (LISTS / "eu.csv").read_text("utf-8")
JSON = (LISTS / "vessels.json").read_text("utf-8")
