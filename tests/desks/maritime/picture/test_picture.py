"""The picture in every form: what is shown, its marking, and nothing that a name could do in a spreadsheet or in XML."""

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.picture import alert, measure
from cordiale.desks.maritime.picture.cot import kind
from cordiale.desks.maritime.picture.forms import FORMS
from cordiale.desks.maritime.picture.scene import Scene, Shared
from cordiale.desks.maritime.picture.state import Identity, State, identities, latest
from cordiale.desks.maritime.schema import LAT_UNAVAILABLE, SOG_UNAVAILABLE
from cordiale.errors import NotFound
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import HOUR, MINUTE, Moment
from desks.maritime import sea
from desks.maritime.sea import HERON, HOSTILE, PETREL, START

SHARED = Shared(
    "ab" * 16, "fr", "DIFFUSION RESTREINTE – EXERCISE", "f" * 32, "gap", "raised", ("MMSI 228000009, EXERCISE COURLIS",),
    START, Moment(START + HOUR), 2.0, 51.0, 0.5, Phrase("EXERCISE silence", "EXERCICE silence"), ((2.0, 51.0), (2.1, 51.1)),
)  # fmt: skip


def scene(folder: Path, **more: object) -> Scene:
    store = sea.store(folder, **more)  # type: ignore[arg-type]
    found = Alerts(store).findings("ours")
    risks = {HERON: "possible"}
    return Scene(Moment(START + 9 * HOUR), "OFFICIAL – EXERCISE", "en", tuple(latest(store)), found, (SHARED,), risks)


def test_the_last_of_everybody(tmp_path: Path) -> None:
    """Position and identity, each as last heard; columns of identity come by themselves."""
    petrel, heron = latest(sea.store(tmp_path))
    assert (petrel.mmsi, petrel.time) == (PETREL, START + 4 * HOUR)
    assert (petrel.lon, petrel.lat, petrel.sog, petrel.cog) == (pytest.approx(1.64), pytest.approx(50.9), 1.5, 90.0)
    assert petrel.identity == Identity(9_074_729, "EXERCISE PETREL", "EXE1", 80, "EXERCISE PORT", 150)
    assert heron.identity.name == "EXERCISE HERON"
    assert [state.time for state in latest(tmp_path, until=Moment(START + 3 * HOUR))] == [START + 3 * HOUR] * 2
    assert identities(tmp_path, [HERON]).keys() == {HERON}


def test_unavailable_positions_are_none_and_unavailable_values_are_not_numbers(tmp_path: Path) -> None:
    rows = sea.positions(PETREL, 1.4, 50.9)
    rows["sog"] = SOG_UNAVAILABLE
    rows["lat"][-5:] = LAT_UNAVAILABLE
    (state,) = latest(sea.store(tmp_path, rows=rows))
    assert (state.time, state.sog) == (START + 4 * HOUR - 5 * MINUTE, None)


def test_who_was_not_heard_for_long_is_not_in_it(tmp_path: Path) -> None:
    rows = np.concatenate([sea.positions(HERON, 1.4, 50.9, times=2), sea.positions(PETREL, 1.4, 50.9)])
    assert [state.mmsi for state in latest(sea.store(tmp_path, rows=rows), hours=1)] == [PETREL]


def test_an_empty_store(tmp_path: Path) -> None:
    assert latest(tmp_path) == []


def test_geojson(tmp_path: Path) -> None:
    told = json.loads(FORMS["geojson"](scene(tmp_path), "picture.geojson"))
    assert (told["type"], told["numberReturned"], told["numberMatched"]) == ("FeatureCollection", 4, 4)
    assert told["timeStamp"] == "2027-12-31T09:00:00.000Z"
    assert told["links"] == [{"href": "picture.geojson", "rel": "self", "type": "application/geo+json"}]
    assert told["bbox"] == [1.46, 50.9, 2.1, 51.1]
    assert len({feature["id"] for feature in told["features"]}) == 4
    petrel, heron, found, shared = told["features"]
    assert petrel["geometry"] == {"type": "Point", "coordinates": [pytest.approx(1.64), pytest.approx(50.9)]}
    assert petrel["properties"]["alerts"] == [found["id"]] == heron["properties"]["alerts"]
    assert heron["properties"]["sanctions"] == "possible"
    assert found["properties"]["values"]["least_distance"] == {"value": 420.25, "unit": "m"}
    assert [vessel["name"] for vessel in found["properties"]["vessels"]] == ["EXERCISE PETREL", "EXERCISE HERON"]
    assert (shared["properties"]["owner"], shared["properties"]["marking"]) == ("fr", SHARED.marking)
    assert shared["geometry"]["type"] == "LineString"
    assert {feature["properties"]["marking"] for feature in told["features"][:3]} == {"OFFICIAL – EXERCISE"}


def test_csv(tmp_path: Path) -> None:
    """A row for each, and a name that is a formula is text."""
    data = FORMS["csv"](scene(tmp_path, name=HOSTILE), "")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["kind"] for row in rows] == ["vessel", "vessel", "alert", "shared"]
    assert rows[0]["name"] == "'" + HOSTILE
    assert rows[2]["mmsi"] == f"{PETREL} {HERON}"
    assert (rows[3]["owner"], rows[3]["lon"], rows[3]["marking"]) == ("fr", "2.0", SHARED.marking)


def test_cursor_on_target_knows_no_hostile(tmp_path: Path) -> None:
    """Whatever was found: neutral, or unknown where a vessel said nothing of itself."""
    data = FORMS["cot"](scene(tmp_path, name=HOSTILE), "")
    events = ElementTree.fromstring(data).findall("event")
    assert len(events) == 2
    for event in events:
        assert re.fullmatch(r"a-[nu]-S(-X(-[A-Z])*)?", event.get("type", ""))
        assert event.findtext("detail/marking") == "OFFICIAL – EXERCISE"
        assert event.get("start", "") < event.get("stale", "")
        point = event.find("point")
        assert point is not None and point.get("ce") == "9999999.0"
    nobody = State(1, START, 0.0, 0.0, None, None, None, None, Identity())
    assert {kind(State(1, START, 0, 0, None, None, None, None, Identity(ship_type=n))) for n in range(1, 100)} <= {
        "a-n-S-X", "a-n-S-X-F", "a-n-S-X-R", "a-n-S-X-M-P", "a-n-S-X-M-C", "a-n-S-X-M-O",
    }  # fmt: skip
    assert kind(nobody) == "a-u-S"


def test_kml(tmp_path: Path) -> None:
    data = FORMS["kml"](scene(tmp_path, name=HOSTILE), "")
    space = {"k": "http://www.opengis.net/kml/2.2"}
    root = ElementTree.fromstring(data)
    assert root.findtext("k:Document/k:name", namespaces=space) == "OFFICIAL – EXERCISE"
    tags = [child.tag.partition("}")[2] for child in root.findall("k:Document/*", space)]
    assert tags == ["name", "Style", "Style", "Style", "Folder", "Folder", "Folder"]
    marks = root.findall(".//k:Placemark", space)
    assert len(marks) == 4
    assert [child.tag.partition("}")[2] for child in marks[2]] == [
        "name", "description", "TimeSpan", "styleUrl", "ExtendedData", "Point",
    ]  # fmt: skip
    assert all(
        mark.find("k:TimeSpan", space) is not None or mark.find("k:TimeStamp", space) is not None for mark in marks
    )
    assert SHARED.marking in (marks[3].findtext("k:description", namespaces=space) or "")
    assert marks[3].findtext("k:LineString/k:coordinates", namespaces=space) == "2.0,51.0 2.1,51.1"


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        (alert.Choice(), 2),
        (alert.Choice(detectors=("gap",)), 1),
        (alert.Choice(vessel="petrel"), 2),
        (alert.Choice(vessel="9074729"), 2),
        (alert.Choice(vessel=str(HERON)), 2),
        (alert.Choice(vessel="COURLIS"), 0),
        (alert.Choice(since=Moment(START + 4 * HOUR)), 0),
        (alert.Choice(until=Moment(START + 2 * HOUR)), 0),
        (alert.Choice(within=(1.0, 50.0, 2.0, 52.0)), 2),
        (alert.Choice(within=(179.0, 50.0, 2.0, 52.0)), 2),
        (alert.Choice(within=(2.0, 50.0, 3.0, 52.0)), 0),
        (alert.Choice(score=0.81), 0),
    ],
)
def test_choosing_alerts(tmp_path: Path, choice: alert.Choice, count: int) -> None:
    store = sea.store(tmp_path, sea.finding(), sea.finding("gap", 1))
    assert len(alert.chosen(Alerts(store).findings("ours"), choice, identities(store))) == count


def test_an_alert_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    found = Alerts(sea.store(tmp_path)).findings("ours")
    assert alert.by_id(found, found[0].id[:4].upper()) == found[0]
    for wanted in (found[0].id[:3], "zzzz"):
        with pytest.raises(NotFound):
            alert.by_id(found, wanted)


def test_measures_in_both_languages() -> None:
    assert measure.amount(7.25, "kn", "fr") == "7,25 nd"
    assert (measure.name("crossing_speed", "fr"), measure.name("not_known", "fr")) == (
        "vitesse au passage",
        "not known",
    )


@pytest.mark.parametrize(
    ("value", "told", "unit", "language", "text"),
    [
        ("service_vessel", 1.0, "", "fr", "oui"),
        ("from_anchorage", -1.0, "km", "en", "not known"),
        ("along", 1.0, "share of the hours", "fr", "100 % des heures"),
        ("grounds", 6.0, "", "en", "slow for long, short of its own speed just there"),
        ("between", 0.5, "h", "en", "30 min"),
        ("implied_speed", 19605.7, "kn", "fr", "19606 nd"),
    ],
)
def test_measures_are_told_in_words(value: str, told: float, unit: str, language: str, text: str) -> None:
    assert measure.said(value, told, unit, language) == text


def test_a_picture_across_the_antimeridian_has_a_narrow_box(tmp_path: Path) -> None:
    west = sea.positions(PETREL, 179.0, 52.0, times=2)
    east = sea.positions(HERON, -179.0, 52.5, times=2)
    store = sea.store(tmp_path, rows=np.concatenate([west, east]))
    whole = Scene(Moment(START + 9 * HOUR), "", "en", tuple(latest(store)))
    box = json.loads(FORMS["geojson"](whole, "a b.geojson"))["bbox"]
    assert box == [pytest.approx(179.002), 52.0, pytest.approx(-178.998), 52.5]
