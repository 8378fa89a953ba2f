"""The desk's vocabulary: strict, the same answers as the desk's own, and a draft that the agent takes."""

import base64
from pathlib import Path

import numpy as np
import pytest

from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.errors import NotFound, WrongUsage
from cordiale.vocab.moment import Moment, iso
from cordiale.wiring.maritime_desk import METHODS, POINTS, call
from desks.maritime import sea
from desks.maritime.sea import HERON, PETREL, START


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return sea.store(tmp_path / "sea")


def test_the_picture_in_columns(store: Path) -> None:
    told = call(store, "picture", {"language": "fr"})
    assert [vessel["name"] for vessel in told["vessels"]] == ["EXERCISE PETREL", "EXERCISE HERON"]
    assert told["vessels"][0]["type"] == "citerne"
    lon = np.frombuffer(base64.b64decode(told["columns"]["lon"]), "<i4") / told["degree"]
    count = np.frombuffer(base64.b64decode(told["columns"]["counts"]), "<i4")
    assert count.tolist() == [121, 121]
    assert lon[0] == pytest.approx(1.4)


def test_a_store_without_anything(tmp_path: Path) -> None:
    assert call(tmp_path, "picture", {})["begin"] is None
    assert call(tmp_path, "alerts", {}) == {"profile": "ours", "looked": False, "alerts": []}
    with pytest.raises(NotFound):
        call(tmp_path, "track", {"mmsi": PETREL})


def test_a_track_and_that_it_ends_where_the_vessel_is(store: Path) -> None:
    track = call(store, "track", {"mmsi": PETREL})["track"]
    assert track["reports"] == len(track["line"]) == len(track["times"]) == 121
    assert track["line"][-1] == [1.64, 50.9]
    assert track["knots"][0] == 1.5


def test_a_long_track_keeps_its_ends(tmp_path: Path) -> None:
    rows = sea.positions(PETREL, -20.0, 50.9, step=0.001, times=POINTS + 500)
    rows["time"] = START + np.arange(len(rows)) * 1000
    track = call(sea.store(tmp_path / "long", rows=rows), "track", {"mmsi": PETREL})["track"]
    assert track["reports"] == len(rows)
    assert len(track["line"]) <= POINTS
    assert (track["times"][0], track["times"][-1]) == (iso(START), iso(Moment(int(rows["time"][-1]))))


def test_an_alert_with_its_rule_and_by_whose_word(store: Path) -> None:
    told = call(store, "alert", {"alert": sea.finding().id[:6]})["alert"]
    assert told["rule"] is None, "an encounter has no leading measure"
    assert {each["name"] for each in told["measured"]} == {"least distance", "duration"}
    assert [track["mmsi"] for track in told["tracks"]] == [PETREL, HERON]
    assert [line["act"] for line in told["history"]] == ["raise"]
    assert told["gone"] is False


def test_the_rule_is_the_profiles_own(tmp_path: Path) -> None:
    drifts = sea.finding("drift")
    told = call(sea.store(tmp_path / "drift", drifts), "alert", {"alert": drifts.id})["alert"]
    section, _, name = told["rule"]["name"].partition(".")
    limit = shipped("ours").sections[section][name]
    assert (told["rule"]["value"], told["rule"]["unit"], told["rule"]["source"]) == (
        limit.value,
        limit.unit,
        limit.source,
    )


def test_triage_is_told_with_the_alerts(store: Path) -> None:
    finding = sea.finding().id
    done = call(store, "triage", {"alert": finding, "act": "dismiss", "by": "alice@uk", "text": " EXERCISE known "})
    assert done["triage"]["state"] == "dismissed"
    (alert,) = call(store, "alerts", {})["alerts"]
    assert alert["triage"]["steps"][0]["text"] == "EXERCISE known"
    with pytest.raises(NotFound):
        call(store, "triage", {"alert": "ffffff", "act": "reopen", "by": "alice@uk"})


def test_a_draft_says_what_becomes_of_what_stands(store: Path) -> None:
    finding = sea.finding().id
    asked = [({}, "raised"), ({"released": True}, "revised"), ({"released": True, "retract": True}, "retracted")]
    for more, state in asked:
        assert call(store, "draft", {"alert": finding, **more})["values"]["state"] == state
    assert base64.b64decode(call(store, "draft", {"alert": finding})["file"]["data"]).startswith(b"time,mmsi")
    Alerts(store).replace("ours", [], through=Moment(1), at=Moment(2))
    gone = call(store, "draft", {"alert": finding, "released": True})
    assert (gone["values"]["state"], gone["file"]) == ("retracted", None)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("nothing", {}),
        ("picture", {"hours": 0}),
        ("picture", {"hours": 1e9}),
        ("track", {"mmsi": -1}),
        ("track", {"mmsi": "x"}),
        ("alert", {}),
        ("triage", {"alert": "abcd", "act": "destroy", "by": "x"}),
        ("draft", {"alert": "abcd", "more": 1}),
        ("alerts", {"language": "de"}),
    ],
)
def test_what_is_not_understood(store: Path, method: str, params: dict[str, object]) -> None:
    with pytest.raises(WrongUsage):
        call(store, method, params)


def test_the_whole_vocabulary() -> None:
    assert set(METHODS) == {"picture", "track", "alerts", "alert", "triage", "draft"}
