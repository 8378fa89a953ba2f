"""A report shows what it is about, is the same whenever it is made, and takes no orders from what it shows."""

import re
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest

from cordiale.desks.maritime.draft import draft
from cordiale.desks.maritime.line import METRES, simplified
from cordiale.desks.maritime.picture.state import identities
from cordiale.desks.maritime.report import chart, plot
from cordiale.desks.maritime.report.geography import lines
from cordiale.desks.maritime.report.page import Case, write
from cordiale.desks.maritime.sighting import line_of, physical, reports, span, table
from cordiale.errors import Malformed, NotFound
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import HOUR
from desks.maritime import sea
from desks.maritime.sea import HERON, PETREL, START


def case(folder: Path, **more: str) -> Case:
    store, finding = sea.store(folder, **more), sea.finding()
    return Case(finding, identities(store), reports(store, finding), "OFFICIAL – EXERCISE", "en")


def test_pdf_and_png(tmp_path: Path) -> None:
    """The same bytes each time; a name that is markup elsewhere is only text here."""
    one = case(tmp_path / "a", name="#panic() $x$ *b* <tag>")
    pdf = write(one, "pdf")
    assert pdf.startswith(b"%PDF-") and pdf == write(one, "pdf")
    assert write(one, "png").startswith(b"\x89PNG")
    french = msgspec.structs.replace(one, language="fr")
    assert write(french, "pdf") != pdf


def test_an_alert_without_any_track(tmp_path: Path) -> None:
    """Its place is shown all the same."""
    one = msgspec.structs.replace(case(tmp_path), tracks={}, known={})
    assert write(one, "pdf").startswith(b"%PDF-")


def test_a_long_explanation_takes_more_pages(tmp_path: Path) -> None:
    one = case(tmp_path)
    evidence = one.finding.evidence * 60
    why = Phrase("EXERCISE " * 60, "EXERCICE " * 60)
    long = msgspec.structs.replace(one, finding=msgspec.structs.replace(one.finding, evidence=evidence, why=why))
    assert b"/Count 2" in write(long, "pdf")


def test_the_map_is_sound_svg_and_shows_all_of_the_alert(tmp_path: Path) -> None:
    one = case(tmp_path)
    paths = [chart.Path(line_of(rows), rows["time"], rows["time"] > START) for rows in one.tracks.values()]
    frame = chart.frame_of(paths, (1.46, 50.9))
    ElementTree.fromstring(chart.draw(frame, paths, [line_of(one.tracks[PETREL])], []))
    for path in paths:
        places = frame.place(path.line[path.inside])
        assert (places >= 0).all() and (places <= (frame.width, frame.height)).all()
    west, south, east, north = frame.box
    assert west < 1.40 < 1.65 < east and south < 50.9 < north
    told = chart.words(frame, paths, "W", "NM")
    assert {word.kind for word in told} - {"moment", "moment-left"} == {"grid-x", "grid-y", "scale", "below"}
    assert sorted(word.text for word in told if word.kind.startswith("moment")) == ["02:00"] * 2 + ["04:00"] * 2


def test_the_scale_bar_is_as_long_as_it_says(tmp_path: Path) -> None:
    """Measured along the parallel at its height, against the sphere."""
    frame = chart.frame_of([], (1.46, 50.9))
    length, bar = chart._bar(frame)
    west, south, east, _ = frame.box
    metres = (east - west) * METRES * np.cos(np.radians(south)) * bar / frame.width
    assert metres == pytest.approx(length * chart.NAUTICAL, rel=0.01)


@pytest.mark.parametrize("place", [(179.9, 0.0), (-179.9, 70.0), (0.0, 84.0), (10.0, -84.9), (40.0, 88.5), (0.0, 90.0)])
def test_the_map_at_the_edges_of_the_world(place: tuple[float, float]) -> None:
    ElementTree.fromstring(chart.draw(chart.frame_of([], place), []))


def test_the_speed_plot(tmp_path: Path) -> None:
    """Broken where nothing was heard, empty where no speed was sent."""
    time = np.array([0, 60_000, 10 * HOUR], np.int64)
    one = plot.draw([(time, np.array([1.0, 2.0, 3.0]))], 0, 10 * HOUR, (0, HOUR))
    assert re.search(r'd="M[^"]*L[^"]*M[^"]*"', one)
    ElementTree.fromstring(plot.draw([(time, np.full(3, np.nan))], 0, 10 * HOUR, (0, HOUR)))
    assert [word.text for word in plot.words([(time, np.array([0.0, 9.0, 4.0]))], 0, 10 * HOUR)][-1] == "08:00"


def test_cables_from_geojson(tmp_path: Path) -> None:
    path = tmp_path / "cables.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"LineString","coordinates":'
        '[[179,1],[-179,2]]}},{"type":"Feature","geometry":null},{"type":"Feature","geometry":{"type":"Polygon",'
        '"coordinates":[[[0,0,5],[1,0,5],[1,1,5],[0,0,5]]]}},{"type":"Feature","geometry":{"type":"Point","coordinates":[0,0]}}]}'
    )
    line, ring = lines(path)
    assert line.tolist() == [[179.0, 1.0], [181.0, 2.0]]
    assert len(ring) == 4
    path.write_text('{"type":"LineString","coordinates":[1,2]}')
    with pytest.raises(Malformed):
        lines(path)
    with pytest.raises(NotFound):
        lines(tmp_path / "none")


def test_reports_of_an_alert(tmp_path: Path) -> None:
    """From an hour before it to an hour after, at the least."""
    store, finding = sea.store(tmp_path), sea.finding()
    found = reports(store, finding)
    begin, end = span(finding)
    assert begin == finding.begin - HOUR and end == finding.end + HOUR
    assert found.keys() == {PETREL, HERON} and len(found[PETREL]) == 121
    rows = table(found).decode().splitlines()
    assert len(rows) == 1 + 2 * 121
    assert rows[1] == f"2027-12-31T02:00:00.000Z,{PETREL},50.900000,1.400000,1.5,90.0,90,0"


def test_a_simplified_track_is_as_near_as_it_says() -> None:
    rng = np.random.default_rng(1)
    line = np.column_stack([np.linspace(0, 1, 500), 50 + np.cumsum(rng.normal(0, 0.002, 500))])
    before = np.inf
    for most in (2, 10, 50, 500):
        short, metres = simplified(line, most)
        assert len(short) <= most and (short[[0, -1]] == line[[0, -1]]).all()
        assert metres <= before
        flat = (METRES * np.cos(np.radians(line[:, 1].mean())), METRES)
        a, b = short[:-1] * flat, short[1:] * flat
        for point in line * flat:
            t = np.clip(((point - a) * (b - a)).sum(1) / np.maximum(((b - a) ** 2).sum(1), 1e-12), 0, 1)
            assert np.hypot(*(a + t[:, None] * (b - a) - point).T).min() <= metres + 1e-3
        before = metres
    assert before == 0


def test_a_table_too_large_is_thinned_evenly() -> None:
    rows = sea.positions(PETREL, 1.4, 50.9, step=0, times=40_000)
    rows["time"] = START + 2_000 * np.arange(40_000)
    data = table({PETREL: rows})
    assert 400_000 < len(data) <= 1 << 20
    times = [line[:19] for line in data.decode().splitlines()[1:4]]
    assert times == ["2027-12-31T00:00:00", "2027-12-31T00:00:10", "2027-12-31T00:00:20"]
    assert data.decode().splitlines()[-1].startswith("2027-12-31T22:13:18")


def test_a_shared_mmsi_is_drawn_as_its_vessels(tmp_path: Path) -> None:
    """Two hulls in turns, 100 km apart: two tracks, not one that leaps to and fro; in the record too."""
    one, two = sea.positions(PETREL, 1.0, 50.0), sea.positions(PETREL, 1.0, 51.0)
    two["time"] += 20_000
    rows = np.concatenate([one, two])
    rows = rows[np.argsort(rows["time"], kind="stable")]
    parts = physical(rows)
    assert [set(part["lat"].tolist()) for part in parts] == [{one["lat"][0]}, {two["lat"][0]}]
    store, finding = sea.store(tmp_path, rows=rows), sea.finding()
    found = reports(store, finding)
    made = draft(finding, {}, "raised", found)
    assert len(made.values["tracks"]) == 2
    assert [len(part) for part in physical(one)] == [len(one)]
    assert b"%PDF-" in write(Case(finding, {}, found, "OFFICIAL – EXERCISE", "fr"), "pdf")


def test_a_line_is_dashed_where_nothing_was_heard(tmp_path: Path) -> None:
    rows = case(tmp_path).tracks[PETREL]
    late = rows.copy()
    late["time"][60:] += HOUR
    for given, dashed in ((rows, 0), (late, 3)):
        path = chart.Path(line_of(given), given["time"].astype(np.int64), given["time"] > START)
        svg = chart.draw(chart.frame_of([path], (1.46, 50.9)), [path])
        assert svg.count("stroke-dasharray") == dashed


def test_the_pdf_says_its_title_and_language(tmp_path: Path) -> None:
    french = msgspec.structs.replace(case(tmp_path), language="fr")
    for one, language in ((case(tmp_path / "en"), b"(en-GB)"), (french, b"(fr-FR)")):
        assert b"/Lang" in write(one, "pdf") and language in write(one, "pdf")
