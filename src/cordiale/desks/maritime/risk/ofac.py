"""OFAC's Specially Designated Nationals: the published `sdn.xml`, `sdn.csv` (with `alt.csv` beside it), a JSON of its vessels.

In the XML and the CSV numbers stand as text: "Vessel Registration Identification IMO 9187629; MMSI 572469210". The CSV has no
header; "-0-" is nothing.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from cordiale.desks.maritime.risk.day import iso_day
from cordiale.desks.maritime.risk.listing import Broken
from cordiale.desks.maritime.risk.source import Node, content, records, text_of
from cordiale.desks.maritime.risk.uk import Found, made
from cordiale.errors import CordialeError, Malformed
from cordiale.wire import typed

NOTHING: Final = "-0-"
_IMO: Final = "IMO"
_SDN: Final = (
    "number",
    "name",
    "kind",
    "programme",
    "title",
    "call_sign",
    "type",
    "tonnage",
    "gross",
    "flag",
    "owner",
    "remarks",
)


def of_xml(data: bytes) -> Found:
    """`sdnEntry` elements whose `sdnType` is Vessel."""
    for node in records(data, "sdnEntry", "SDN list"):
        if node.first("sdnType").lower() == "vessel":
            yield from _entry(node)


def _entry(node: Node) -> Found:
    reference = node.first("uid")
    if not reference:
        yield Broken("?", "no uid")
        return
    own = next((child.text for child in node.children if child.name == "lastName"), "")
    aliases = [" ".join([*each.texts("firstName"), *each.texts("lastName")]) for each in node.all("aka")]
    numbers = " ".join(f"{each.first('idType')} {each.first('idNumber')}" for each in node.all("id"))
    vessel = next(iter(node.all("vesselInfo")), node)
    yield from made(
        "ofac",
        reference,
        [own, *aliases],
        _imo_in(numbers),
        flags=(vessel.first("vesselFlag"),),
        programme=", ".join(node.texts("program")),
        told=numbers + " " + node.first("remarks"),
        call_signs=(vessel.first("callSign"),),
    )


def _imo_in(text: str) -> str:
    """The numbers that are said to be IMO's, and no others: MMSIs have nine digits, tonnages and dates don't say IMO."""
    parts = text.upper().split(_IMO)[1:]
    return "; ".join(part.strip(" .:#")[:8] for part in parts if part.strip(" .:#")[:1].isdigit())


def of_csv(path: Path, data: bytes) -> Found:
    """`sdn.csv`: rows of the kind "vessel"; other names from `alt.csv` (or `ofac-alt.csv`) in the same folder, if it is there."""
    names = _other_names(path)
    for line, cells in _rows(data):
        row = dict(zip(_SDN, cells, strict=False))
        if row.get("kind", "").lower() != "vessel":
            continue
        if len(cells) < len(_SDN) or not row["number"].isdigit():
            yield Broken(str(line), f"{len(cells)} columns, {len(_SDN)} wanted")
            continue
        yield from made(
            "ofac",
            row["number"],
            [row["name"], *names.get(row["number"], [])],
            _imo_in(row["remarks"]),
            flags=(row["flag"],),
            programme=row["programme"],
            told=row["remarks"],
            call_signs=(row["call_sign"],),
        )


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text_of(data).replace("\0", ""), newline=""))
    for cells in reader:
        yield reader.line_num, ["" if (text := cell.strip()) == NOTHING else text for cell in cells]


def _other_names(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    beside = (path.with_name(path.name.lower().replace("sdn", "alt")), path.with_name("alt.csv"))
    try:
        data = content(next(each for each in beside if each != path and each.is_file()))
    except (StopIteration, CordialeError):
        return found
    for _, cells in _rows(data):
        if len(cells) > 3:
            found.setdefault(cells[0], []).append(cells[3])
    return found


class _Info(msgspec.Struct, frozen=True):
    mmsi: int | str = ""
    flag: str = ""
    call_sign: str = ""


class _Vessel(msgspec.Struct, frozen=True):
    name: str
    imo: int | None = None
    programs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    designation_date: str = ""
    vessel_info: _Info = _Info()


class _Vessels(msgspec.Struct, frozen=True):
    vessels: tuple[msgspec.Raw, ...]


def of_json(data: bytes) -> Found:
    """`{"vessels": [{"imo", "name", "programs", "designation_date", "vessel_info"}]}`; each row is judged by itself."""
    try:
        rows = typed.decode_json(data, _Vessels).vessels
    except msgspec.DecodeError as fault:
        raise Malformed(str(fault)[:120], what="SDN list") from None
    read: list[tuple[str, _Vessel | Broken]] = []
    for place, raw in enumerate(rows, 1):
        try:
            read.append((str(place), typed.decode_json(bytes(raw), _Vessel)))
        except msgspec.DecodeError as fault:
            read.append((str(place), Broken(str(place), str(fault)[:120])))
    # one date in all rows is the publication's, not that of any listing
    dates = [row.designation_date for _, row in read if isinstance(row, _Vessel)]
    dated = len(dates) == 1 or len(set(dates)) > 1
    for place, row in read:
        if isinstance(row, Broken):
            yield row
            continue
        yield from made(
            "ofac",
            place,
            [row.name, *row.aliases],
            f"{row.imo:07}" if row.imo else "",
            flags=(row.vessel_info.flag,),
            programme=", ".join(row.programs),
            listed=iso_day(row.designation_date, month_first=True) if dated else "",
            told=f"MMSI {row.vessel_info.mmsi}" if row.vessel_info.mmsi else "",
            call_signs=(row.vessel_info.call_sign,),
        )
