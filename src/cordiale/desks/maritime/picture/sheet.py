"""The picture as CSV (RFC 4180): a row for each vessel, finding and shared record, its marking in the first column.

A cell that a spreadsheet would take for a formula is written as text, with an apostrophe before it: names come from the radio.
"""

import csv
import io
from typing import Any, Final

from cordiale.desks.maritime.picture.geojson import collection
from cordiale.desks.maritime.picture.scene import Scene

COLUMNS: Final[tuple[str, ...]] = (
    "marking", "kind", "id", "time", "end", "lon", "lat", "mmsi", "imo", "name", "call_sign", "type", "speed_kn", "course_deg",
    "heading_deg", "status", "destination", "sanctions", "detector", "score", "explanation", "alerts", "owner",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write(scene: Scene) -> bytes:
    """The table, UTF-8 with its mark, so that every spreadsheet reads it as such."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for feature in collection(scene, "")["features"]:
        row = _row(feature)
        writer.writerow([row.get(column, "") for column in COLUMNS])
    return ("\ufeff" + text.getvalue()).encode()


def _row(feature: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {**feature["properties"], "id": feature["id"]}
    found["lon"], found["lat"] = found.get("place") or feature["geometry"]["coordinates"]
    found["time"] = found.get("time") or found.get("begin", "")
    vessels = found.get("vessels", ())
    if vessels and isinstance(vessels[0], dict):
        for column in ("mmsi", "imo", "name"):
            found[column] = " ".join(str(each[column]) for each in vessels if each[column])
    elif vessels:
        found["name"] = " / ".join(vessels)
    found["alerts"] = " ".join(found.get("alerts", ()))
    return {name: _cell(value) for name, value in found.items()}


def _cell(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
