"""CSV and JSON lines of any kind: rows within their ranges and every line accounted for, or a `CordialeError`."""

from io import BytesIO

from cordiale.desks.maritime.ingest.form import batches
from cordiale.desks.maritime.ingest.source import Part
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.errors import CordialeError
from cordiale.vocab.moment import Moment


def seeds() -> list[bytes]:
    """A file of each form."""
    return [
        b"time,mmsi,lat,lon,sog,cog\n2024-07-07 12:00:00,227000001,50.9,1.2,10.5,33.3\n",
        b'# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Name\n07/07/2024 12:00:00,Class A,227000001,50.9,1.2,"A, B"\n',
        b"BaseDateTime;MMSI;LAT;LON;SOG\r\n2024-07-07T12:00:00;227000001;50,9;1,2;-0,1\r\n",
        b'{"MessageType":"PositionReport","MetaData":{"MMSI":227000001,"time_utc":"2024-07-07 12:00:00 +0000 UTC"},'
        b'"Message":{"PositionReport":{"UserID":227000001,"Latitude":50.9,"Longitude":1.2,"Sog":10.5}}}\n',
        b"mmsi,date,time,lat,lon\n227000001,07-Jul-2024,12:00:00,50.9N,1.2 W\n",
        b'{"type":"Feature","geometry":{"type":"Point","coordinates":[1.2,50.9]},"properties":{"mmsi":1,"time":1720396800}}\n',
        b'{"time": 1720396800, "mmsi": 227000001, "lat": 50.9, "lon": 1.2}\n',
    ]


def TestOneInput(data: bytes) -> None:
    """One input."""
    tally = Tally()
    try:
        _, found = batches(Part("", BytesIO(data)).blocks(tally), tally, now=Moment(1_720_396_800_000))
        for batch in found:
            for table in (batch.positions, batch.apart):
                if len(table) and not table["lat"].is_between(-91 * 600_000, 91 * 600_000).all():
                    raise AssertionError("a latitude out of range")
    except CordialeError:
        return
    counted = tally.kept + sum(each.count for each in tally.refused.values()) + sum(tally.passed.values())
    if counted != tally.lines:
        raise AssertionError(f"{counted} of {tally.lines} lines are accounted for")
