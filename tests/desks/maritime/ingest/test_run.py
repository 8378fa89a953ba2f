"""From files into the archive: whatever is wrong is counted, nothing is half done."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from cordiale.desks.maritime.ingest import source
from cordiale.desks.maritime.schema import LAT_UNAVAILABLE, LON_UNAVAILABLE
from cordiale.errors import Malformed, NotFound, StorageFailed, StoreLocked
from desks.maritime.ingest.forge import lines, position, sentences, tagged, voyage
from desks.maritime.kit import SHARED, everything, plain, read

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels

HEADER = "time,mmsi,lat,lon,sog,cog"
ROW = "2024-07-07 12:00:00,227000001,50.9,1.2,10.5,33.3"
UNITS = (1_720_353_600_000, 227_000_001, 720_000, 30_540_000, 105, 333)


def rows(store: Path) -> list[tuple[object, ...]]:
    return everything(store).select("time", "mmsi", "lon", "lat", "sog", "cog").rows()


# --- dialects -------------------------------------------------------------------------------------------------------

DMA = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,"
    "Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D"
)


def test_danish_files_day_first_with_identities(tmp_path: Path) -> None:
    rest = "50.9,1.2,Under way using engine,0.0,10.5,33.3,34,9074729,FEXA,EXERCISE CALAIS,Cargo,,22,120,GPS,7.5,DOVER"
    path = plain(
        tmp_path / "aisdk.csv",
        [
            f"13/07/2024 12:00:00,Class A,227000001,{rest},14/07/2024 12:30:00,AIS,100,20,10,12",
            f"13/07/2024 12:00:10,Class A,227000001,{rest},14/07/2024 12:30:00,AIS,100,20,10,12",
            "13/07/2024 12:00:20,Base Station,2190068,56.4,8.1,Unknown value,,,,,Unknown,Unknown,,Undefined,,,,,,,,AIS,,,,",
            "13/07/2024 12:00:30,Class B,219000001,91.0,0.0,Unknown value,,,,,Unknown,Unknown,,Undefined,,,,,,,,AIS,,,,",
        ],
        DMA,
    )
    (found,) = read(tmp_path / "sea", path)
    assert found.counts["refused"] == {}
    assert found.counts["assumed"] == []
    assert (found.counts["positions"], found.counts["apart"], found.counts["statics"]) == (3, 1, 1)
    assert "ROT" in found.counts["unmapped_columns"]
    table = everything(tmp_path / "sea")
    assert table["kind"].to_list() == [1, 1, 18]
    assert (table["lat"][2], table["status"].to_list(), table["heading"].to_list()) == (
        LAT_UNAVAILABLE,
        [0, 0, 15],
        [34, 34, 511],
    )
    (identity,) = everything(tmp_path / "sea", "statics").to_dicts()
    assert (identity["imo"], identity["name"], identity["ship_type"], identity["draught"]) == (
        9_074_729,
        "EXERCISE CALAIS",
        70,
        75,
    )
    assert (identity["eta"], identity["to_bow"], identity["to_starboard"]) == (7_141_230, 100, 12)
    assert everything(tmp_path / "sea", "apart")["mmsi"].to_list() == [2_190_068]


NOAA_OLD = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    "TransceiverClass"
)
NOAA_NEW = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,"
    "cargo,transceiver"
)


def test_american_files_of_both_kinds(tmp_path: Path) -> None:
    old = plain(
        tmp_path / "old.csv",
        [
            "227000001,2024-07-07T12:00:00,50.9,1.2,10.5,33.3,34.0,EXERCISE CALAIS,IMO9074729,FEXA,70,0,120,22,7.5,70,A",
            "227000001,2024-07-07T12:01:00,50.9,1.2,-0.1,-193.2,511.0,EXERCISE CALAIS,IMO9074729,FEXA,1004,,120,22,,,B",
        ],
        NOAA_OLD,
    )
    new = plain(tmp_path / "new.csv", ["227000001,2025-07-07 12:00:00,1.2,50.9,10.5,33.3,34,,,,,5,,,,,A"], NOAA_NEW)
    first, second = read(tmp_path / "sea", old, new)
    assert first.counts["refused"] == second.counts["refused"] == {}
    assert first.counts["changed"] == {"ship_type unknown": 1}
    table = everything(tmp_path / "sea")
    assert table.select("sog", "cog", "heading", "status", "kind").rows() == [
        (105, 333, 34, 0, 1),
        (1023, 2164, 511, 15, 18),
        (105, 333, 34, 5, 1),
    ]
    assert everything(tmp_path / "sea", "statics").select("imo", "to_stern", "to_starboard").rows()[0] == (
        9_074_729,
        120,
        22,
    )


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (HEADER, ROW),
        ("Time,MMSI,Latitude_degrees,Longitude_degrees,COG_degrees,SOG_knots",
         "2024-07-07 12:00:00.000,227000001,50.9,1.2,33.3,10.5"),
        ("timestamp;mmsi;latitude;longitude;speed;course", "2024-07-07T12:00:00Z;227000001;50,9;1,2;10,5;33,3"),
        ("t\tMMSI\tlat\tlng\tsog\tcog", "1720353600\t227000001\t50.9\t1.2\t10.5\t33.3"),
        ("ts,userid,y,x,speed_over_ground,course_over_ground", "1720353600000,227000001,50.9,1.2,10.5,33.3"),
        ("date time utc,ship mmsi,lat,lon,sog,cog", "2024/07/07 12:00:00,227000001.0,50.9,1.2,10.5,33.3"),
        ("datetime,mmsi,lat,lon,sog,cog", "2024-07-07 14:00:00+02:00,227000001,50.9,1.2,10.5,33.3"),
        ("time_stamp,datetime,mmsi,lat,lon,sog,cog", "59,2024-07-07 12:00,227000001,50.9,1.2,10.5,33.3"),
        ("mmsi,date,time,lat,lon,sog,cog", "227000001,2024-07-07,12:00:00,50.9,1.2,10.5,33.3"),
        ("Time,Date,Ship MMSI Number,Lat (deg),Lon (deg),SOG (kts),COG (deg)",
         "12:00,07/07/2024,227000001,50.9N,1.2 E,10.5,33.3"),
        ("SSVID,TSTAMP,lat,lon,sog,cog", '227000001,"Jul 07, 2024 12:00:00",50.9°N,1.2°E,10.5,33.3'),
        ("mmsi,UTC Date/Time,lat,lon,sog,cog", "227000001,07-Jul-2024 12:00:00,50.9,1.2,10.5,33.3"),
        ('"time","mmsi","lat","lon","sog","cog"', '"2024-07-07 12:00:00","227000001",50.9,1.2,10.5,33.3'),
    ],
)  # fmt: skip
def test_a_header_in_many_spellings(header: str, row: str, tmp_path: Path) -> None:
    read(tmp_path / "sea", plain(tmp_path / "a.csv", [row], header))
    assert rows(tmp_path / "sea") == [UNITS]


def test_day_and_month_are_told_apart_or_asked_for(tmp_path: Path) -> None:
    from cordiale.desks.maritime.ingest.run import Options, ingest

    path = plain(tmp_path / "a.csv", ["05/06/2024 12:00:00,227000001,50.9,1.2,1,1"])
    (found,) = ingest(tmp_path / "a", [path], lambda *_: None)
    assert found.counts["assumed"] == ["dates are day first"]
    (found,) = ingest(tmp_path / "b", [path], lambda *_: None, Options(dates="month first"))
    assert found.counts["assumed"] == []
    assert rows(tmp_path / "b")[0][0] - rows(tmp_path / "a")[0][0] == -30 * 86_400_000


def test_aisstream(tmp_path: Path) -> None:
    meta = {"MMSI": 227000001, "time_utc": "2024-07-07 12:00:00.000000000 +0000 UTC"}
    here = {"UserID": 227000001, "Latitude": 50.9, "Longitude": 1.2, "Sog": 10.5, "Cog": 33.3, "NavigationalStatus": 0}
    voyage_ = {
        "UserID": 227000001, "ImoNumber": 9074729, "CallSign": "FEXA", "Name": "EXERCISE CALAIS", "Type": 70,
        "Destination": "DOVER",
        "MaximumStaticDraught": 7.5, "Dimension": {"A": 100, "B": 20, "C": 10, "D": 12},
        "Eta": {"Month": 7, "Day": 14, "Hour": 12, "Minute": 30},
    }  # fmt: skip
    messages = [
        {"MessageType": "PositionReport", "MetaData": meta, "Message": {"PositionReport": {**here, "MessageID": 3}}},
        {"MessageType": "ShipStaticData", "MetaData": meta, "Message": {"ShipStaticData": voyage_}},
        {
            "MessageType": "BaseStationReport",
            "MetaData": meta,
            "Message": {"BaseStationReport": {**here, "UserID": 2270001}},
        },
        {"MessageType": "BinaryAcknowledge", "MetaData": meta, "Message": {"BinaryAcknowledge": {}}},
        ["no", "object"],
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in messages) + "{broken\n")
    (found,) = read(tmp_path / "sea", path)
    assert rows(tmp_path / "sea") == [UNITS]
    assert everything(tmp_path / "sea")["kind"].to_list() == [3]
    (identity,) = everything(tmp_path / "sea", "statics").to_dicts()
    assert (identity["eta"], identity["draught"], identity["to_bow"], identity["kind"]) == (7_141_230, 75, 100, 5)
    assert found.counts["apart"] == 1
    assert found.counts["passed"] == {"message of type BinaryAcknowledge": 1}
    assert found.counts["refused"] == {"not a JSON object": {"count": 2, "lines": [5, 6]}}


def test_flat_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"time": 1720353600, "MMSI": 227000001, "Lat": 50.9, "lon": 1.2, "sog": 10.5, "cog": 33.3}]\n')
    read(tmp_path / "sea", path)
    assert rows(tmp_path / "sea") == [UNITS]


def test_points_of_geojson(tmp_path: Path) -> None:
    """As Digitraffic has them, with the second of the report beside the time of reception; and points that are none."""
    place = {"type": "Point", "coordinates": [1.2, 50.9]}
    about = {"mmsi": 227000001, "sog": 10.5, "cog": 33.3, "timestamp": 59, "timestampExternal": 1_720_353_600_000}
    given = [
        {"type": "Feature", "geometry": place, "properties": about},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1.2]}, "properties": about},
        {"type": "Feature", "geometry": None, "properties": None},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in given))
    (found,) = read(tmp_path / "sea", path)
    assert rows(tmp_path / "sea")[0] == UNITS
    assert found.counts["refused"] == {"time missing or not understood": {"count": 1, "lines": [3]}}


def test_west_and_south(tmp_path: Path) -> None:
    read(tmp_path / "sea", plain(tmp_path / "a.csv", ["2024-07-07 12:00:00,227000001,50.9S,1.2W,1,1"]))
    assert rows(tmp_path / "sea")[0][2:4] == (-UNITS[2], -UNITS[3])


@pytest.mark.parametrize(
    ("name", "count"), [("dover-strait-2024-07-07.csv", 16_206), ("solent-2016-01-12.csv", 18_623)]
)
def test_real_files(name: str, count: int, tmp_path: Path) -> None:
    if not (SHARED / name).is_file():
        pytest.skip(f"{SHARED / name} is not here")
    (found,) = read(tmp_path, SHARED / name)
    assert (found.counts["positions"], found.counts["refused"], found.counts["changed"]) == (count, {}, {})


def test_a_craft_without_an_mmsi_has_a_pseudonym(tmp_path: Path) -> None:
    header = '"CRAFT_ID","LON","LAT","COURSE","SPEED","TIMESTAMP","Track_ID"'
    given = ['"6412781848",1.2,50.9,33.3,10.5,"2024-07-07 12:00:00","x"', '"END",NA,NA,NA,NA,NA,"NA"']
    (found,) = read(tmp_path / "sea", plain(tmp_path / "a.csv", given, header))
    assert int(str(rows(tmp_path / "sea")[0][1])) >= 1_000_000_000
    assert found.counts["refused"] == {"time missing or not understood": {"count": 1, "lines": [3]}}
    assert "is no MMSI" in found.counts["assumed"][0]


def test_a_data_set_whose_mmsis_are_made_unknown_keeps_its_vessels_apart(tmp_path: Path) -> None:
    """As Global Fishing Watch publishes its labelled tracks: numbers of 14 digits, Unix seconds, no kind."""
    header = "mmsi,timestamp,distance_from_shore,distance_from_port,speed,course,lat,lon,is_fishing,source"
    given = [
        f"{mmsi},1720353600.0,1000.0,5000.0,10.5,33.3,50.9,1.2,-1.0,x" for mmsi in (12639560807591.0, 5139444185814.0)
    ]
    (found,) = read(tmp_path / "sea", plain(tmp_path / "a.csv", given, header))
    assert found.counts["refused"] == {}
    assert "is no MMSI" in found.counts["assumed"][0]
    one, other = rows(tmp_path / "sea")
    assert one[2:] == other[2:] == UNITS[2:]
    assert 1_000_000_000 <= int(str(one[1])) != int(str(other[1])) >= 1_000_000_000


# --- bad input ------------------------------------------------------------------------------------------------------


def test_a_truncated_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n{ROW}\n{ROW[:30]}")
    (found,) = read(tmp_path / "sea", path)
    assert found.counts["refused"] == {"another number of columns than the header": {"count": 1, "lines": [3]}}
    assert rows(tmp_path / "sea") == [UNITS]


@pytest.mark.parametrize("packed", ["gzip", "zstd"])
def test_truncated_compressed_data_is_read_as_far_as_it_goes(packed: str, tmp_path: Path) -> None:
    text = "\n".join([HEADER, *(f"{ROW[:17]}{number % 60:02}{ROW[19:]}" for number in range(200_000))]).encode()
    whole = gzip.compress(text) if packed == "gzip" else bytes(pa.compress(text, "zstd", asbytes=True))
    path = tmp_path / "a.csv.x"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    (found,) = read(tmp_path / "sea", path)
    assert "ends too early or is damaged" in found.counts["assumed"][0]
    path.write_bytes(whole)
    assert read(tmp_path / "sea", path)[0].counts["positions"] == 200_000


def test_zip_with_several_files_and_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", f"{HEADER}\n{ROW}\n")
        archive.writestr("two.csv", f"{HEADER}\n{ROW.replace('227000001', '227000002')}\n")
    assert read(tmp_path / "sea", path)[0].counts["positions"] == 2
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(Malformed):
        read(tmp_path / "sea", path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER},name\n{ROW},ÉXERCISE\n".encode(encoding))
    read(tmp_path / "sea", path)
    assert rows(tmp_path / "sea") == [UNITS]
    assert everything(tmp_path / "sea", "statics")["name"].to_list() == ["ÉXERCISE"]


def test_mixed_encodings_line_ends_nul_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    names = ["É".encode(), "É".encode("latin-1"), b"A\0B", b'"A, ""B"""', b'A"B', b"A\x1fB"]
    path.write_bytes(
        f"{HEADER},name\r\n".encode()
        + b"".join(
            ROW.replace("12:00:00", f"12:{number:02}:00").encode() + b"," + name + b"\r\n"
            for number, name in enumerate(names)
        )
        + b"\r\n\n"
    )
    (found,) = read(tmp_path / "sea", path)
    assert found.counts["positions"] == 6
    assert everything(tmp_path / "sea", "statics")["name"].to_list() == ["É", "A B", 'A, "B"', 'A"B']
    assert found.counts["changed"] == {"lines read as Latin-1": 1}
    assert found.counts["passed"] == {"header": 1, "empty line": 2}


def test_values_out_of_range(tmp_path: Path) -> None:
    wrong = {
        "MMSI missing or more than nine digits": ["0", "", "1234567890", "22.5", "x", "-5"],
        "position out of range or not a number": ["95", "-90.1", "x", "1e400"],
        "time missing or not understood": ["", "yesterday", "1970-01-01 00:00:00", "2024-13-01 00:00:00"],
    }
    where = {"MMSI missing or more than nine digits": 1, "position out of range or not a number": 2}
    given = []
    for reason, values in wrong.items():
        for value in values:
            cells = ROW.split(",")
            cells[where.get(reason, 0)] = value
            given.append(",".join(cells))
    given += [ROW[:-4] + "400", ROW[:-9] + "-9999,1", ROW[:-9] + "x,1"]
    (found,) = read(tmp_path / "sea", plain(tmp_path / "a.csv", given))
    assert {reason: each["count"] for reason, each in found.counts["refused"].items()} == {
        reason: len(values) for reason, values in wrong.items()
    }
    assert found.counts["changed"] == {"sog out of range": 1, "cog out of range": 1, "sog not a number": 1}
    assert found.counts["lines"] == found.counts["kept"] + 14 + 1


def test_poles_antimeridian_and_no_place(tmp_path: Path) -> None:
    places = ["90,180", "-90,-180", "0,-180", "91,181", ","]
    given = [
        ROW.replace("12:00:00", f"12:{number:02}:00").replace("50.9,1.2", place) for number, place in enumerate(places)
    ]
    read(tmp_path / "sea", plain(tmp_path / "a.csv", given))
    none = (LON_UNAVAILABLE, LAT_UNAVAILABLE)
    most = 600_000
    assert everything(tmp_path / "sea").select("lon", "lat").rows() == [
        (180 * most, 90 * most), (-180 * most, -90 * most), (-180 * most, 0), none, none,
    ]  # fmt: skip


def test_out_of_order_and_duplicated(tmp_path: Path) -> None:
    given = [ROW.replace("12:00:00", f"{hour:02}:00:00") for hour in (23, 1, 12, 1, 12, 0)]
    (found,) = read(tmp_path / "sea", plain(tmp_path / "a.csv", given))
    assert (found.counts["added"], found.counts["repeated"]) == (4, 2)
    times = [row[0] for row in rows(tmp_path / "sea")]
    assert times == sorted(times)


def test_empty_files_and_long_lines(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert read(tmp_path / "sea", empty)[0].counts["lines"] == 0
    with pytest.raises(Malformed):
        read(tmp_path / "sea", plain(tmp_path / "blank.csv", [], "\n\n"))
    long = plain(tmp_path / "long.csv", ["x" * (source.BLOCK_BYTES + source.LINE_BYTES * 3), ROW])
    (found,) = read(tmp_path / "sea", long)
    assert found.counts["refused"] == {"line too long": {"count": 1, "lines": [2]}}
    assert rows(tmp_path / "sea") == [UNITS]
    with pytest.raises(NotFound):
        read(tmp_path / "sea", tmp_path / "none.csv")


def test_interleaved_nmea_across_small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 100)
    one, two = (sentences(voyage(200_000_001 + number), parts=2, sequence=str(number)) for number in range(2))
    told = [tagged(line, c=1_720_353_600) for line in (one[0], two[0], *sentences(position()), two[1], one[1])]
    path = tmp_path / "a.nmea"
    path.write_bytes(lines([*told, told[2][:-1] + "Z"]))
    (found,) = read(tmp_path / "sea", path)
    assert (found.counts["positions"], found.counts["statics"]) == (1, 2)
    assert found.counts["refused"] == {"checksum wrong": {"count": 1, "lines": [6]}}


# --- the store ------------------------------------------------------------------------------------------------------


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.csv", [ROW])
    assert not read(tmp_path / "sea", path)[0].before
    assert read(tmp_path / "sea", path, path)[1].before
    more = plain(tmp_path / "b.csv", [ROW, ROW.replace("227000001", "227000002")])
    (found,) = read(tmp_path / "sea", more)
    assert (found.counts["added"], found.counts["repeated"]) == (1, 1)
    assert (tmp_path / "sea").stat().st_mode & 0o777 == 0o700
    assert len(json.loads((tmp_path / "sea" / "ingest.json").read_text())) == 2


def test_two_at_once(tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / "sea").mkdir()
    with FileLock(tmp_path / "sea" / "ingest.lock"), pytest.raises(StoreLocked):
        read(tmp_path / "sea", plain(tmp_path / "a.csv", [ROW]))


def test_a_damaged_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / "ingest.json").write_text("[")
    with pytest.raises(Malformed, match=r"ingest\.json"):
        read(tmp_path, plain(tmp_path / "a.csv", [ROW]))


def many(path: Path, vessels: int) -> Path:
    return plain(path, [ROW.replace("227000001", str(227_000_000 + number)) for number in range(vessels)])


@pytest.mark.parametrize("most", [20_000, 200_000])
def test_a_full_disk_leaves_the_former_day(most: int, tmp_path: Path) -> None:
    """By a limit on the size of files: of the day's new file, and of the run that is laid down for it."""
    read(tmp_path / "sea", many(tmp_path / "a.csv", 100))
    before = everything(tmp_path / "sea")
    path = many(tmp_path / "b.csv", 60_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        with pytest.raises(StorageFailed):
            read(tmp_path / "sea", path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(tmp_path / "sea").equals(before)
    assert not list((tmp_path / "sea").rglob("*.new"))
    assert not list((tmp_path / "sea").rglob("*.arrow"))
    (found,) = read(tmp_path / "sea", path)
    assert found.counts["added"] == 60_000 - 100


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from cordiale.desks.maritime import arrow, archive
    from cordiale.desks.maritime.ingest import ledger
    from cordiale.desks.maritime.ingest.run import ingest
    where, store, file = sys.argv[1:]
    def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
    if where == "spool": archive.Archive.merge = die
    if where == "write": arrow.os.fsync = die
    if where == "rename": archive._durable = die
    if where == "ledger": ledger.Ledger.add = die
    list(ingest(Path(store), [Path(file)], lambda *_: None))
"""


@pytest.mark.parametrize("where", ["spool", "write", "rename", "ledger"])
def test_killed_at_any_point_nothing_is_half_done(where: str, tmp_path: Path) -> None:
    read(tmp_path / "sea", many(tmp_path / "a.csv", 100))
    path = many(tmp_path / "b.csv", 300)
    command = [sys.executable, "-c", textwrap.dedent(KILLED), where, str(tmp_path / "sea"), str(path)]
    done = subprocess.run(command, check=False, capture_output=True, env={**os.environ})
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(everything(tmp_path / "sea")) == (100 if where in ("spool", "write") else 300)
    (found,) = read(tmp_path / "sea", path)
    assert not found.before
    assert len(everything(tmp_path / "sea")) == 300
    assert not (tmp_path / "sea" / "incoming").exists()


def test_a_bad_file_keeps_no_other_back(tmp_path: Path) -> None:
    bad, good = plain(tmp_path / "ports.csv", ["1,2"], "a,b"), plain(tmp_path / "good.csv", [ROW])
    found = read(tmp_path / "sea", bad, tmp_path / "none.csv", good)
    assert [type(each.fault) for each in found] == [Malformed, NotFound, type(None)]
    assert rows(tmp_path / "sea") == [UNITS]
