"""Every form of every list: what is read, what is broken and named, and what licence each row keeps."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from conftest import SHARED
from cordiale.desks.maritime.risk.load import load, load_lists
from cordiale.desks.maritime.risk.name import key
from cordiale.errors import LimitExceeded, Malformed, NotFound, WrongUsage
from desks.maritime.risk import kit


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_uk_csv(tmp_path: Path) -> None:
    """Rows of one designation come together; a broken row is named, and the rest goes on."""
    read = load(file(tmp_path, "list.csv", kit.UK_CSV), "uk")
    petrel, tern, knot = read.listings
    assert petrel.names == ("EXERCISE PETREL", "EXERCISE PLOVER", "ЭКСЕРСАЙЗ")
    assert (petrel.imo, petrel.mmsi, petrel.listed, petrel.built) == ((9074729,), (273000001,), "2025-10-03", 1999)
    assert petrel.flags == ("Panama", "Malta", "Togo")
    assert (tern.imo, tern.names) == ((), ("EXERCISE TERN",))
    assert knot.imo == (9187629,)
    assert [(each.row, each.why) for each in read.broken] == [
        ("7", "no Unique ID"),
        ("EXE0003", "IMO 9074720 fails its check digit"),
    ]
    assert (read.rows, read.published, read.publication.licence) == (4, "2026-09-11", "OGL-UK-3.0")


def test_uk_xml(tmp_path: Path) -> None:
    read = load(file(tmp_path, "list.xml", kit.UK_XML), "uk")
    assert [(each.names, each.imo, each.listed) for each in read.listings] == [
        (("EXERCISE PETREL", "EXERCISE PLOVER"), (9074729,), "2025-10-03")
    ]
    assert [each.why for each in read.broken] == ["no UniqueID"]
    assert read.published == "2026-09-11"


def test_uk_spreadsheet(tmp_path: Path) -> None:
    """The same rows as in CSV; blanks are repeated cells there."""
    rows = [line.split(",") for line in kit.UK_CSV.splitlines()]
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    empty = '<table:table-cell table:number-columns-repeated="{}"/>'
    body = "".join(
        "<table:table-row>"
        + "".join(cell.format(text) if text else empty.format(1) for text in row)
        + empty.format(9000)
        + "</table:table-row>"
        for row in rows
    )
    content = (
        '<office:document-content xmlns:office="urn:o" xmlns:table="urn:t" xmlns:text="urn:x">'
        f"<table:table>{body}</table:table></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("content.xml", content)
    path = tmp_path / "list.ods"
    path.write_bytes(packed.getvalue())
    as_csv = load(file(tmp_path, "list.csv", kit.UK_CSV))
    assert load(path).listings == as_csv.listings


def test_ofac(tmp_path: Path) -> None:
    """Numbers that don't say IMO are none; a short row is named."""
    xml = load(file(tmp_path, "sdn.xml", kit.SDN_XML), "ofac")
    (heron,) = xml.listings
    assert (heron.imo, heron.mmsi, heron.call_signs) == ((9187629,), (572469210,), ("T2EU4",))
    assert heron.names == ("EXERCISE HERON", "EXERCISE EGRET")
    file(tmp_path, "alt.csv", '15036,1,"aka","EXERCISE EGRET",-0-\n')
    as_csv = load(file(tmp_path, "sdn.csv", kit.SDN_CSV), "ofac")
    assert [(each.imo, each.mmsi, each.names) for each in as_csv.listings] == [(heron.imo, heron.mmsi, heron.names)]
    assert [each.row for each in as_csv.broken] == ["3"]
    as_json = load(file(tmp_path, "vessels.json", kit.JSON))
    assert [(each.imo, each.listed) for each in as_json.listings] == [((9187629,), "2026-03-20")]
    assert [each.row for each in as_json.broken] == ["2", "3"]


def test_eu_and_its_licence(tmp_path: Path) -> None:
    """The transcription is for non-commercial use, and can be left out as a whole."""
    eu, uk = file(tmp_path, "eu.csv", kit.EU_CSV), file(tmp_path, "uk.csv", kit.UK_CSV)
    read = load(eu, "eu")
    assert [(each.row, each.names, each.listed) for each in read.listings] == [
        ("XLII 1", ("Exercise Angara", "Exercise Lena"), "2024-06-25")
    ]
    assert not read.publication.commercial
    kept, left_out = load_lists([("eu", eu), ("uk", uk)], commercial_only=True)
    assert [each.publication.code for each in kept] == ["uk"]
    assert [each.publication.code for each in left_out] == ["eu"]


NO_LIST = {
    "bomb.xml": (b'<!DOCTYPE a [<!ENTITY b "c">]><Designations>&b;</Designations>', Malformed),
    "half.xml": (kit.UK_XML[:400].encode(), Malformed),
    "half.gz": (gzip.compress(kit.UK_CSV.encode())[:60], Malformed),
    "half.ods": (b"PK\x03\x04half", Malformed),
    "empty.csv": (b"", Malformed),
    "noise.csv": (bytes(range(256)) * 20, Malformed),
    "deep.xml": (b"<Designation>" + b"<a>" * 50 + b"</a>" * 50 + b"</Designation>", LimitExceeded),
}


@pytest.mark.parametrize("name", NO_LIST)
def test_what_is_no_list(tmp_path: Path, name: str) -> None:
    data, error = NO_LIST[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(error):
        load(path)


def test_wrong_words(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage):
        load(tmp_path, "un")
    with pytest.raises(NotFound):
        load(tmp_path / "none.csv")
    with pytest.raises(Malformed, match="not 'eu'"):
        load(file(tmp_path, "list.csv", kit.UK_CSV), "eu")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M/V Владивосток No. 05", "VLADIVOSTOK 5"),
        ("MT ARGO I", "ARGO 1"),
        ("São Tomé", "SAO TOME"),
        ("Jal_Vahini", "JAL VAHINI"),
        ("Ελληνίς", "ELLINIS"),
        ("Zuzagbong-5", "ZU ZAG BONG 5"),
    ],
)
def test_one_name_written_otherwise(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


def test_names_that_differ() -> None:
    assert len({key(name) for name in ("ARGO 1", "ARGO 11", "ARGOS 1", "MV", "SS", "NO 5", "NOBLE 5")}) == 7


REAL = {
    "sanctions/uk": ("uk-tables", 632),
    "sanctions/uk/ofsi-2025-04.csv.gz": ("ofsi-csv", 15),
    "maritime/eu-833-2014.csv": ("eu-csv", 633),
    "maritime/ofac-sdn-vessels.json": ("ofac-json", 1450),
    "sanctions/ofac-sdn.csv.gz": ("ofac-csv", 323),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.skipif(not (SHARED / "sanctions").is_dir(), reason="no shared lists")
def test_published_lists(name: str) -> None:
    """Counts as a plain search of the files gives them."""
    form, count = REAL[name]
    read = load(SHARED / name)
    assert (read.publication.form, len(read.listings)) == (form, count)
    assert sum(bool(each.imo) for each in read.listings) >= 0.97 * count


def test_one_date_in_all_rows_is_that_of_the_publication(tmp_path: Path) -> None:
    row = '{"imo": %d, "name": "EXERCISE", "designation_date": "%s"}'
    same, other = (
        file(tmp_path, f"{name}.json", f'{{"vessels": [{row % (9187629, "03/20/2026")}, {row % (9074729, date)}]}}')
        for name, date in (("same", "03/20/2026"), ("other", "01/15/2025"))
    )
    assert [each.listed for each in load(same).listings] == ["", ""]
    assert [each.listed for each in load(other).listings] == ["2026-03-20", "2025-01-15"]
