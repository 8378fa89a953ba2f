"""JSON lines: aisstream's messages, flat objects whose keys are named as a CSV's columns, and the same as points of GeoJSON.

aisstream nests a message of ITU-R M.1371 under its name, beside `MetaData` with the time of reception:
`{"MessageType": "PositionReport", "MetaData": {"MMSI": …, "time_utc": …}, "Message": {"PositionReport": {"Sog": …}}}`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import msgspec
import polars as pl

from cordiale.desks.maritime.ingest import cells
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.codes import KINDS
from cordiale.desks.maritime.ingest.delimited import LINE
from cordiale.desks.maritime.ingest.header import FIELDS, candidates
from cordiale.desks.maritime.ingest.instant import Style, style_of
from cordiale.desks.maritime.ingest.source import Block, utf8
from cordiale.desks.maritime.ingest.tally import Tally

_IDENTITY: Final = ("ShipStaticData", "StaticDataReport")
_KEYS: Final[Mapping[str, str]] = {
    "Sog": "sog",
    "Cog": "cog",
    "TrueHeading": "heading",
    "NavigationalStatus": "status",
    "Latitude": "lat",
    "Longitude": "lon",
    "ImoNumber": "imo",
    "CallSign": "call_sign",
    "Name": "name",
    "Type": "ship_type",
    "ShipType": "ship_type",
    "MaximumStaticDraught": "draught",
    "Destination": "destination",
}
_SIZE: Final = {"A": "to_bow", "B": "to_stern", "C": "to_port", "D": "to_starboard"}
_ALWAYS: Final = ("time", "mmsi", "lat", "lon", LINE)
_NO_OBJECT: Final = "not a JSON object"


def batches(blocks: Iterator[Block], tally: Tally) -> Iterator[Batch]:
    """The rows of one source."""
    style: Style | None = None
    for block in blocks:
        found: list[dict[str, str | int | None]] = []
        for number, line in enumerate(utf8(block.data, tally).split(b"\n")):
            text = line.strip().strip(b"[],").strip()  # one array with an object on each line is as good
            if not text:
                if line:
                    tally.let_pass("comment or other text", 1)
                continue
            row = _row(text, block.line + number, tally)
            if row is not None:
                found.append({**row, LINE: block.line + number})
        if not found:
            continue
        table = pl.DataFrame(found, schema={**dict.fromkeys(FIELDS, pl.String), LINE: pl.Int64})
        table = table.select(each.name for each in table if each.null_count() < len(table) or each.name in _ALWAYS)
        if style is None:
            style = style_of(table["time"])
        yield cells.batch(table, style, tally)


def _row(line: bytes, number: int, tally: Tally) -> dict[str, str | None] | None:
    try:
        document = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = None
    if not isinstance(document, dict):
        tally.refuse(_NO_OBJECT, [number])
        return None
    known = cast("dict[str, Any]", document)
    if known.get("type") == "Feature":
        known = _feature(known)
    if "MessageType" in known and isinstance(known.get("Message"), dict):
        return _nested(known, number, tally)
    names = list(known)
    return {field: _text(known[names[places[0]]]) for field, places in candidates(names).items()}


def _feature(document: dict[str, Any]) -> dict[str, Any]:
    """A feature of GeoJSON (RFC 7946), a point, as a flat object."""
    geometry, properties = document.get("geometry"), document.get("properties")
    found = dict(cast("dict[str, Any]", properties)) if isinstance(properties, dict) else {}
    place = cast("dict[str, Any]", geometry).get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(place, list) and len(cast("list[Any]", place)) >= 2:
        found |= {"lon": place[0], "lat": place[1]}
    return found


def _nested(document: dict[str, Any], number: int, tally: Tally) -> dict[str, str | None] | None:
    """One of aisstream's."""
    kind = str(document["MessageType"])
    body, about = document["Message"].get(kind), document.get("MetaData", document.get("Metadata"))
    if not isinstance(body, dict) or not isinstance(about, dict):
        tally.refuse(_NO_OBJECT, [number])
        return None
    if kind.lower() not in KINDS:
        tally.let_pass(f"message of type {kind[:40]}", 1)
        return None
    message, meta = cast("dict[str, Any]", body), cast("dict[str, Any]", about)
    found = {field: _text(message[key]) for key, field in _KEYS.items() if key in message}
    found |= {"kind": kind, "time": _text(meta.get("time_utc")), "mmsi": _text(message.get("UserID", meta.get("MMSI")))}
    if kind == "StaticDataReport":
        for part in ("ReportA", "ReportB"):
            report = message.get(part)
            if isinstance(report, dict) and cast("dict[str, Any]", report).get("Valid", True):
                found |= _report(cast("dict[str, Any]", report))
    elif kind == "PositionReport" and message.get("MessageID") in (1, 2, 3):
        found["kind"] = str(message["MessageID"])
    found |= _dimension(message)
    if kind in _IDENTITY:
        found |= {"lat": None, "lon": None}
    found["eta"] = _eta(message.get("Eta"))
    return found


def _report(report: dict[str, Any]) -> dict[str, str | None]:
    found = {field: _text(report[key]) for key, field in _KEYS.items() if key in report}
    return {**found, **_dimension(report)}


def _dimension(message: dict[str, Any]) -> dict[str, str | None]:
    size = message.get("Dimension")
    if not isinstance(size, dict):
        return {}
    return {field: _text(cast("dict[str, Any]", size).get(key)) for key, field in _SIZE.items()}


def _eta(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    parts = [cast("dict[str, Any]", value).get(name) for name in ("Month", "Day", "Hour", "Minute")]
    month, day, hour, minute = (part if isinstance(part, int) else 0 for part in parts)
    good = 1 <= month <= 12 and 1 <= day <= 31 and 0 <= hour < 24 and 0 <= minute < 60
    return f"{month:02}{day:02}{hour:02}{minute:02}" if good else None


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)
