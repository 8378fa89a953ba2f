"""Which station a line of NMEA sentences is from, as tag blocks name it (IEC 61162-450, `s:`)."""

import re
from collections.abc import Collection, Sequence
from typing import Final

_NAMED: Final = re.compile(rb"^[^!$]*\\[^\\]*?\bs:([^,*\\]{1,32})")
_GROUPED: Final = re.compile(rb"^[^!$]*\\[^\\]*?\bg:\d+-\d+-(\d+)")


def station_of(data: bytes) -> list[bytes]:
    """Of each line; empty where none is named. A later line of a group without a name is of the group's first."""
    if b"s:" not in data:
        return [b""] * data.count(b"\n")
    groups: dict[bytes, bytes] = {}
    found: list[bytes] = []
    for line in data.split(b"\n")[:-1]:
        named, grouped = _NAMED.search(line), _GROUPED.search(line)
        station = named[1] if named else groups.get(grouped[1], b"") if grouped else b""
        if named and grouped:
            groups[grouped[1]] = station
        found.append(station)
    return found


def blanked(data: bytes, stations: Sequence[bytes], keep: Collection[bytes]) -> bytes:
    """The same lines, those of other stations empty."""
    lines = data.split(b"\n")
    return b"\n".join(
        [*(line if station in keep else b"" for line, station in zip(lines, stations, strict=False)), b""]
    )
