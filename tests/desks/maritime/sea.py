"""A small store with two vessels, an alert about them, and what stands found; all EXERCISE."""

from pathlib import Path

import numpy as np
import polars as pl

from cordiale.analysis.finding import Evidence, Finding, Place, finding_id
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.schema import DEGREE, POSITION, STATIC
from cordiale.desks.maritime.table import frame
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import HOUR, MINUTE, Moment

START = Moment(1_830_211_200_000)
"""2027-12-31T00:00:00Z."""
PETREL, HERON = 227_000_001, 232_000_002
HOSTILE = '=HYPERLINK("x")\x1b[31m <b>&'


def positions(
    mmsi: int, lon: float, lat: float, *, step: float = 0.002, times: int = 121, knots: float = 1.5
) -> np.ndarray:
    """A track eastwards with a report a minute from START + 2 h on."""
    rows = np.zeros(times, POSITION)
    rows["time"] = START + 2 * HOUR + MINUTE * np.arange(times)
    rows["mmsi"], rows["sog"], rows["cog"], rows["heading"], rows["status"] = mmsi, round(knots * 10), 900, 90, 0
    rows["lon"] = np.round((lon + step * np.arange(times)) * DEGREE)
    rows["lat"] = round(lat * DEGREE)
    return rows


def finding(
    detector: str = "encounter", number: int = 0, why: str = "420 m apart for 1.5 h (thresholds 500 m, 1 h)"
) -> Finding:
    """About both vessels, from 02:30 to 03:30."""
    begin = Moment(START + 2 * HOUR + 30 * MINUTE + number)
    return Finding(
        finding_id("maritime", detector, "ours", [str(PETREL), str(HERON)], str(begin)),
        "maritime",
        detector,
        "ours",
        (f"mmsi:{PETREL}", f"mmsi:{HERON}"),
        begin,
        Moment(begin + HOUR),
        Place(1.46, 50.9),
        0.8,
        Phrase(f"EXERCISE: {why}", f"EXERCICE : {why}"),
        (Evidence(Phrase("EXERCISE silence before", "EXERCICE silence auparavant"), "EXERCISE feed", begin, 2.0),),
        {"least_distance": 420.25, "duration": 1.5},
    )


def store(folder: Path, *findings: Finding, name: str = "EXERCISE PETREL", rows: np.ndarray | None = None) -> Path:
    """Two vessels side by side off Boulogne, and these findings (one, where none are given)."""
    found = [positions(PETREL, 1.40, 50.90), positions(HERON, 1.41, 50.903)] if rows is None else [rows]
    (folder / "positions").mkdir(parents=True)
    (folder / "statics").mkdir()
    frame(np.concatenate(found)).sort("time").write_parquet(folder / "positions" / "2027-12-31.parquet")
    blank = {column: "" if meaning.startswith("text") else 0 for column, meaning in STATIC.items()}
    told = [
        {
            **blank,
            "time": START + 2 * HOUR,
            "mmsi": PETREL,
            "imo": 9_074_729,
            "name": name,
            "ship_type": 80,
            "to_bow": 150,
        },
        {**blank, "time": START + 3 * HOUR, "mmsi": PETREL, "call_sign": "EXE1", "destination": "EXERCISE PORT"},
        {**blank, "time": START + 2 * HOUR, "mmsi": HERON, "name": "EXERCISE HERON", "ship_type": 70},
    ]
    pl.DataFrame(told).write_parquet(folder / "statics" / "2027-12-31.parquet")
    Alerts(folder).replace(
        "ours", findings or (finding(),), through=Moment(START + 5 * HOUR), at=Moment(START + 6 * HOUR)
    )
    return folder
