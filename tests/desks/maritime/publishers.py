"""The same reports as their publishers lay them down, in their own columns, words and number of digits.

Danish Maritime Authority: a CSV a day, zipped, day first, words for class, status and type, six digits. NOAA MarineCadastre:
until 2024 `BaseDateTime`, five digits, `IMO` before the number, sorted by vessel within the day; since 2025 small letters and
longitude first, zstd. aisstream: JSON lines with Go's times; the same flattened to a CSV. NMEA as a station sends it, each
sentence behind a tag block with its time. And plain CSVs of people's own.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyais import encode_dict

from cordiale.desks.maritime.schema import DEGREE
from cordiale.vocab.moment import DAY, MINUTE
from desks.maritime.incidents import CLASS_B, Vessel
from desks.maritime.ingest.forge import tagged

Rows = NDArray[np.void]
Said = Mapping[int, Vessel]
NOBODY: Final = Vessel("", 0, 0, 0, 0)
STATUSES: Final = {
    0: "Under way using engine",
    1: "At anchor",
    2: "Not under command",
    5: "Moored",
    15: "Unknown value",
}
TYPES: Final = {0: "Undefined", 36: "Sailing", 70: "Cargo", 80: "Tanker"}
SAID_EVERY: Final = 6 * MINUTE


def _when(row: Any, style: str) -> str:
    return np.datetime64(int(row["time"]), "ms").astype("datetime64[us]").item().strftime(style)


def _degrees(row: Any, digits: int) -> tuple[str, str]:
    """Latitude and longitude."""
    return f"{int(row['lat']) / DEGREE:.{digits}f}", f"{int(row['lon']) / DEGREE:.{digits}f}"


def _days(rows: Rows) -> Iterator[tuple[str, Rows]]:
    days = rows["time"] // DAY
    for day in np.unique(days).tolist():
        yield str(np.datetime64(day, "D")), rows[days == day]


def _table(header: str, lines: Iterator[list[Any]], apart: str = ",") -> bytes:
    text = io.StringIO()
    text.write(header + "\n")
    csv.writer(text, delimiter=apart, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


DMA: Final = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,"
    "Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D"
)


def dma(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """As https://aisdata.ais.dk has them: `aisdk-2024-11-17.zip`."""

    def line(row: Any) -> list[Any]:
        each = said.get(int(row["mmsi"]), NOBODY)
        bow = "" if row["heading"] == 511 else row["heading"]
        small = row["kind"] == CLASS_B
        return [
            _when(row, "%d/%m/%Y %H:%M:%S"), "Class B" if small else "Class A", row["mmsi"], *_degrees(row, 6),
            STATUSES[int(row["status"])], "" if small else "0.0", f"{row['sog'] / 10:.1f}", f"{row['cog'] / 10:.1f}", bow,
            each.imo or "Unknown", "Unknown", each.name, TYPES[each.ship_type], "", each.width or "", each.length or "",
            "GPS" if each.name else "Undefined", "", "", "", "AIS", "", "", "", "",
        ]  # fmt: skip

    found = list[Path]()
    for day, part in _days(rows):
        path = folder / f"aisdk-{day}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"aisdk-{day}.csv", _table(DMA, map(line, part)))
        found.append(path)
    return found


NOAA_UNTIL_2024: Final = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    "TransceiverClass"
)
NOAA_SINCE_2025: Final = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,"
    "cargo,transceiver"
)


def _american(row: Any, said: Said) -> list[Any]:
    """What both generations have after the position."""
    each = said.get(int(row["mmsi"]), NOBODY)
    imo = f"IMO{each.imo}" if each.imo else ""
    status = "" if row["status"] == 15 else row["status"]
    kind = each.ship_type or ""
    sizes = (each.length or "", each.width or "")
    small = "B" if row["kind"] == CLASS_B else "A"
    speeds = (f"{row['sog'] / 10:.1f}", f"{row['cog'] / 10:.1f}", f"{row['heading']}.0")
    return [*speeds, each.name, imo, "", kind, status, *sizes, "", kind, small]


def noaa_until_2024(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """`AIS_2023_11_14.csv`: within the day vessel by vessel."""
    found = list[Path]()
    for day, part in _days(rows):
        path = folder / f"AIS_{day.replace('-', '_')}.csv"
        lines = (
            [row["mmsi"], _when(row, "%Y-%m-%dT%H:%M:%S"), *_degrees(row, 5), *_american(row, said)]
            for row in part[np.argsort(part["mmsi"], kind="stable")]
        )
        path.write_bytes(_table(NOAA_UNTIL_2024, lines))
        found.append(path)
    return found


def noaa_since_2025(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """`ais-2025-11-14.csv.zst`."""
    found = list[Path]()
    for day, part in _days(rows):
        path = folder / f"ais-{day}.csv.zst"
        lines = (
            [row["mmsi"], _when(row, "%Y-%m-%d %H:%M:%S"), *reversed(_degrees(row, 5)), *_american(row, said)]
            for row in part
        )
        path.write_bytes(bytes(pa.compress(_table(NOAA_SINCE_2025, lines), "zstd", asbytes=True)))
        found.append(path)
    return found


def _messages(rows: Rows, said: Said) -> Iterator[tuple[Any, Vessel | None]]:
    """Each report, behind what the vessel says of itself where that is due."""
    last = dict[int, int]()
    for row in rows:
        mmsi, time = int(row["mmsi"]), int(row["time"])
        if mmsi in said and time - last.get(mmsi, -SAID_EVERY) >= SAID_EVERY:
            last[mmsi] = time
            yield row, said[mmsi]
        yield row, None


def aisstream(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """As its websocket sends them, a message a line."""
    path = folder / "aisstream.jsonl"
    path.write_text("".join(json.dumps(_streamed(row, each)) + "\n" for row, each in _messages(rows, said)))
    return [path]


def _streamed(row: Any, vessel: Vessel | None) -> dict[str, Any]:
    mmsi, small = int(row["mmsi"]), row["kind"] == CLASS_B
    lon, lat = int(row["lon"]) / DEGREE, int(row["lat"]) / DEGREE
    meta = {
        "MMSI": mmsi, "MMSI_String": mmsi, "ShipName": vessel.name if vessel else "", "latitude": lat, "longitude": lon,
        "time_utc": _when(row, "%Y-%m-%d %H:%M:%S.%f000 +0000 UTC"),
    }  # fmt: skip
    if vessel is None:
        body = {
            "Cog": int(row["cog"]) / 10, "Latitude": lat, "Longitude": lon, "Sog": int(row["sog"]) / 10,
            "TrueHeading": int(row["heading"]), "UserID": mmsi, "Valid": True, "Timestamp": int(row["time"]) // 1000 % 60,
        }  # fmt: skip
        kind = "StandardClassBPositionReport" if small else "PositionReport"
        body |= {"MessageID": 18} if small else {"MessageID": 1, "NavigationalStatus": int(row["status"])}
    elif small:
        kind = "StaticDataReport"
        size = {"A": vessel.length, "B": 0, "C": vessel.width, "D": 0}
        other = {"Valid": True, "ShipType": vessel.ship_type, "CallSign": "", "Dimension": size}
        body = {"MessageID": 24, "UserID": mmsi, "ReportA": {"Valid": True, "Name": vessel.name}, "ReportB": other}
    else:
        kind = "ShipStaticData"
        size = {"A": 0, "B": vessel.length, "C": 0, "D": vessel.width}
        body = {
            "MessageID": 5, "UserID": mmsi, "ImoNumber": vessel.imo, "CallSign": "", "Name": vessel.name.ljust(20),
            "Type": vessel.ship_type, "Dimension": size, "MaximumStaticDraught": 0, "Destination": "",
            "Eta": {"Month": 0, "Day": 0, "Hour": 24, "Minute": 60},
        }  # fmt: skip
    return {"MessageType": kind, "MetaData": meta, "Message": {kind: body}}


AISSTREAM: Final = (
    "server_timestamp,time_utc,mmsi,ship_name,cog,lat,lon,msg_id,nav_status,pos_accuracy,raim,rate_of_turn,repeat_indicator,"
    "sog,spare,special_manoeuvre_indicator,time_stamp,true_heading,user_id,valid"
)


def aisstream_csv(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """Flattened, with the collector's own clock, two hours ahead, before aisstream's."""
    lines = (
        [
            _when(row, "%Y-%m-%d 00:00:00.388597"), _when(row, "%Y-%m-%d %H:%M:%S.%f202 +0000 UTC"), row["mmsi"],
            said.get(int(row["mmsi"]), NOBODY).name.ljust(20), f"{row['cog'] / 10:g}", int(row["lat"]) / DEGREE,
            int(row["lon"]) / DEGREE, row["kind"], row["status"], 0, True, 0, 0, f"{row['sog'] / 10:g}", 0, 0,
            row["time"] // 1000 % 60, row["heading"], row["mmsi"], True,
        ]
        for row in rows
    )  # fmt: skip
    path = folder / "aisstream.csv"
    path.write_bytes(_table(AISSTREAM, lines))
    return [path]


def nmea(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """Sentences made by pyais; messages of two parts in a group."""
    path = folder / "station.nmea"
    lines = list[str]()
    for number, (row, each) in enumerate(_messages(rows, said)):
        found = [
            line for fields in _spoken(row, each) for line in encode_dict(fields, talker_id="AI", seq_id=number % 10)
        ]
        for part, sentence in enumerate(found, 1):
            group = {"g": f"{part}-{len(found)}-{number % 10_000}"} if len(found) > 1 else {}
            lines.append(tagged(sentence, **group, s="2190001", c=int(row["time"]) // 1000))
    path.write_text("\r\n".join(lines) + "\r\n")
    return [path]


def _spoken(row: Any, vessel: Vessel | None) -> Iterator[dict[str, Any]]:
    mmsi, small = int(row["mmsi"]), row["kind"] == CLASS_B
    if vessel is None:
        yield {
            "type": int(row["kind"]), "mmsi": mmsi, "lon": int(row["lon"]) / DEGREE, "lat": int(row["lat"]) / DEGREE,
            "speed": int(row["sog"]) / 10, "course": int(row["cog"]) / 10, "heading": int(row["heading"]),
            "second": int(row["time"]) // 1000 % 60, "status": int(row["status"]),
        }  # fmt: skip
    elif small:
        yield {"type": 24, "mmsi": mmsi, "partno": 0, "shipname": vessel.name}
        yield {
            "type": 24, "mmsi": mmsi, "partno": 1, "ship_type": vessel.ship_type, "callsign": "", "to_bow": vessel.length,
            "to_port": vessel.width,
        }  # fmt: skip
    else:
        yield {
            "type": 5, "mmsi": mmsi, "imo": vessel.imo, "callsign": "", "shipname": vessel.name, "ship_type": vessel.ship_type,
            "to_stern": vessel.length, "to_starboard": min(63, vessel.width), "destination": "",
        }  # fmt: skip


def semicolons(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """A French spreadsheet: decimal commas, day first, marks of the byte order."""
    lines = (
        [
            _when(row, "%d/%m/%Y %H:%M:%S"), row["mmsi"], *(cell.replace(".", ",") for cell in _degrees(row, 7)),
            f"{row['sog'] / 10:.1f}".replace(".", ","), f"{row['cog'] / 10:.1f}".replace(".", ","), row["heading"],
            row["status"], row["kind"], said.get(int(row["mmsi"]), NOBODY).name,
        ]
        for row in rows
    )  # fmt: skip
    path = folder / "positions.csv"
    header = "Horodatage;MMSI;Latitude;Longitude;Vitesse;Cap;Heading;Nav Status;Msg Type;Ship Name"
    path.write_bytes(_table(header, lines, ";").decode().encode("utf-8-sig"))
    return [path]


def brest(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """Columns and Unix seconds of the data set of Brest (Ray et al. 2019); no class, and no identities."""
    lines = (
        [
            row["mmsi"], row["status"], 0, f"{row['sog'] / 10:g}", f"{row['cog'] / 10:g}", row["heading"],
            *reversed(_degrees(row, 7)), row["time"] // 1000,
        ]
        for row in rows
    )  # fmt: skip
    path = folder / "nari_dynamic.csv"
    header = "sourcemmsi,navigationalstatus,rateofturn,speedoverground,courseoverground,trueheading,lon,lat,t"
    path.write_bytes(_table(header, lines))
    return [path]


def tabs(rows: Rows, said: Said, folder: Path) -> list[Path]:
    """Tabs and Unix milliseconds, vessel by vessel, a blank before each cell."""
    part = rows[np.argsort(rows["mmsi"], kind="stable")]
    lines = (
        [
            f" {cell}"
            for cell in (
                row["mmsi"], row["time"], *_degrees(row, 7), row["sog"] / 10, row["cog"] / 10, row["heading"], row["status"],
                "B" if row["kind"] == CLASS_B else "A",
            )
        ]
        for row in part
    )  # fmt: skip
    path = folder / "track.tsv"
    path.write_bytes(
        _table("MMSI\tepoch_ms\tLAT\tLONG\tSOG (knots)\tCOG (degrees)\tHDG\tnavStat\tAIS class", lines, "\t")
    )
    return [path]


Publisher = Callable[[Rows, Said, Path], list[Path]]
EXACT: Final[tuple[Publisher, ...]] = (dma, aisstream, aisstream_csv, nmea, semicolons)
"""What holds a report as it was sent."""
ROUNDED: Final[tuple[Publisher, ...]] = (noaa_until_2024, noaa_since_2025, brest, tabs)
"""Five digits, or without something that the others have."""
