"""`maritime alerts|risk|picture|report|release` as people and machines see them."""

import json
from pathlib import Path

import pytest

from cli.kit import MARKING, Agent, Cordiale
from cordiale.desks.maritime.alerts import Alerts
from cordiale.vocab.moment import Moment
from desks.maritime import sea
from desks.maritime.risk import kit


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return sea.store(tmp_path / "sea", sea.finding(), sea.finding("gap", 1))


def test_alerts_are_listed_and_shown(cordiale: Cordiale, store: Path) -> None:
    found = json.loads(cordiale("maritime", "alerts", "--store", store, "--json").out)
    assert (found["standing"], [each["detector"] for each in found["alerts"]]) == (2, ["encounter", "gap"])
    one = found["alerts"][0]
    assert (one["begin"], one["lon"], one["lat"]) == ("2027-12-31T02:30:00.000Z", 1.46, 50.9)
    assert [vessel["mmsi"] for vessel in one["vessels"]] == [sea.PETREL, sea.HERON]
    listed = cordiale("maritime", "alerts", "--store", store, "--detector", "gap", "--lang", "fr")
    assert "Silence" in listed.out and "Rencontre" not in listed.out
    shown = cordiale("maritime", "alerts", "show", one["id"][:6], "--store", store, "--lang", "fr")
    assert "distance minimale" in shown.out and "EXERCICE silence auparavant" in shown.out
    assert json.loads(cordiale("maritime", "alerts", "show", one["id"], "--store", store, "--json").out)["alert"] == one


@pytest.mark.parametrize(
    "wrong",
    [
        ("--detector", "nonsense"),
        ("--within", "1,2,3"),
        ("--within", "0,9,1,8"),
        ("--within", "nan,0,1,1"),
        ("--since", "then"),
    ],
)
def test_wrong_words_about_alerts(cordiale: Cordiale, store: Path, wrong: tuple[str, str]) -> None:
    found = cordiale("maritime", "alerts", "--store", store, wrong[0] + "=" + wrong[1])
    assert (found.status in (1, 2), found.out) == (True, "")
    assert "Traceback" not in found.err


def test_triage(cordiale: Cordiale, store: Path) -> None:
    """What the command line writes down, the console's desk tells, and the other way round."""
    finding = sea.finding().id
    told = cordiale(
        "maritime", "triage", finding[:6], "dismiss", "EXERCISE known", "--store", store, "--by", "alice@uk"
    )
    assert "set aside" in told.out and "EXERCISE known" in told.out
    asked = ("maritime", "triage", finding, "assign", "bob@uk", "--store", store, "--json")
    answer = json.loads(cordiale(*asked).out)["triage"]
    assert (answer["state"], answer["assigned"]) == ("dismissed", "bob@uk")
    assert cordiale("maritime", "triage", finding, "dismiss", "--store", store).status == 2
    assert cordiale("maritime", "triage", "ffffff", "reopen", "--store", store).status == 1


def test_risk(cordiale: Cordiale, store: Path) -> None:
    """The picture has the status afterwards."""
    uk, eu = kit.LISTS / "uk.csv", kit.LISTS / "eu.csv"
    found = cordiale("maritime", "risk", "--store", store, "--list", f"uk={uk}", "--list", eu, "--json")
    told = json.loads(found.out)
    assert [(each["list"], each["vessels"], each["broken"], each["commercial"]) for each in told["lists"]] == [
        ("uk", 3, 2, True),
        ("eu", 1, 0, False),
    ]
    petrel, heron = told["found"]
    assert (petrel["vessel"], petrel["status"], petrel["score"]) == ("imo 9074729", "sanctioned", 91)
    assert (heron["vessel"], heron["status"]) == ("mmsi 232000002", "none")
    assert sum(each["points"] for each in petrel["evidence"]) == petrel["score"]
    seen = json.loads(cordiale("maritime", "picture", "--store", store, "--json").out)
    assert [each["properties"]["sanctions"] for each in seen["features"][:2]] == ["sanctioned", ""]
    shown = cordiale(
        "maritime", "risk", "--store", store, "--list", uk, "--list", eu, "--commercial-only", "--lang", "fr"
    )
    assert "sanctionné" in shown.out and "Écartées pour leur licence : eu" in shown.out
    assert "IMO 9074720 fails its check digit" in shown.out


def test_risk_with_what_is_no_list(cordiale: Cordiale, store: Path, tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"noise")
    assert cordiale("maritime", "risk", "--store", store, "--list", tmp_path / "noise").status == 1
    assert cordiale("maritime", "risk", "--store", store, "--list", "un=x").status == 2


@pytest.mark.parametrize("form", ["geojson", "csv", "cot", "kml"])
def test_picture_files(cordiale: Cordiale, store: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"picture.{form}"
    found = cordiale(
        "maritime", "picture", "--store", store, "--format", form, "--out", out, "--marking", "EXERCISE ONLY", "--json"
    )
    told = json.loads(found.out)
    assert (told["vessels"], told["alerts"], told["marking"]) == (2, 2, "EXERCISE ONLY")
    assert b"EXERCISE ONLY" in out.read_bytes()
    assert cordiale("maritime", "picture", "--store", store, "--out", out).status == 2


def test_picture_on_the_screen(cordiale: Cordiale, store: Path) -> None:
    shown = cordiale("maritime", "picture", "--store", store)
    assert "NOT MARKED" in shown.out and "EXERCISE PETREL" in shown.out and "under way using engine" in shown.out


def test_report(cordiale: Cordiale, store: Path, tmp_path: Path) -> None:
    alert = Alerts(store).findings("ours")[0].id
    found = cordiale("maritime", "report", alert[:8], "--store", store, "--out", tmp_path / "a.pdf", "--json")
    assert json.loads(found.out)["alert"] == alert
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert cordiale("maritime", "report", alert[:8], "--store", store, "--out", tmp_path / "a.doc").status == 2
    assert cordiale("maritime", "report", "ffff", "--store", store, "--out", tmp_path / "a.pdf").status == 1


def test_release_shows_the_draft_first(cordiale: Cordiale, agent: Agent, store: Path) -> None:
    """Nothing is asked of the agent but what stands, until the person says yes."""
    agent.answers = {"maritime.released": [{"record": None}], "maritime.release": [{"act": "raise", "record": RECORD}]}
    alert = Alerts(store).findings("ours")[0].id
    words = ("maritime", "release", alert[:8], "--room", "Watch", "--store", store, "--agent", agent.folder)
    shown = cordiale(*words)
    assert [method for method, _ in agent.asked] == ["maritime.released"]
    assert "Nothing was released" in shown.out and "EXERCISE PETREL" in shown.out
    found = json.loads(cordiale(*words, "--label", "OFFICIAL REL FRA", "--yes", "--json").out)
    assert found["act"] == "raise"
    params = agent.asked[-1][1]
    assert (params["label"], params["values"]["state"], params["values"]["finding"]) == (
        "OFFICIAL REL FRA",
        "raised",
        alert,
    )


def test_an_alert_that_is_gone_is_released_as_a_retraction(cordiale: Cordiale, agent: Agent, store: Path) -> None:
    alerts = Alerts(store)
    gone, kept = alerts.findings("ours")
    alerts.replace("ours", [kept], through=Moment(sea.START), at=Moment(sea.START))
    agent.answers = {"maritime.released": [{"record": RECORD}]}
    words = ("maritime", "release", gone.id[:8], "--room", "Watch", "--store", store, "--agent", agent.folder, "--json")
    assert json.loads(cordiale(*words).out)["draft"]["state"] == "retracted"


def test_picture_with_what_partners_share(cordiale: Cordiale, agent: Agent, store: Path) -> None:
    """Whose it is and how it is marked stand with it; what they retracted isn't shown."""
    retracted = {**RECORD, "values": {**RECORD["values"], "state": "retracted"}}
    agent.answers = {"maritime.shared": [{"ceiling": "OFFICIAL – EXERCISE", "records": [RECORD, retracted]}]}
    words = ("maritime", "picture", "--store", store, "--room", "Watch", "--agent", agent.folder)
    told = json.loads(cordiale(*words, "--json").out)
    assert told["marking"] == "OFFICIAL – EXERCISE"
    (shared,) = [each["properties"] for each in told["features"] if each["properties"]["kind"] == "shared"]
    assert (shared["owner"], shared["marking"], shared["status"]) == ("fr", MARKING["text"], "raised")
    assert "EXERCISE they met" in cordiale(*words).out


RECORD = {
    "id": "ab" * 16,
    "owner": "fr",
    "marking": MARKING,
    "values": {
        "finding": "c" * 32,
        "detector": "encounter",
        "state": "raised",
        "vessels": ["MMSI 228000009, EXERCISE COURLIS"],
        "begin": "2027-12-31T02:30:00.000Z",
        "end": "2027-12-31T03:30:00.000Z",
        "position": [1.5, 51.0],
        "score": "0.80",
        "explanation": {"en": "EXERCISE they met", "fr": "EXERCICE rencontre"},
        "tracks": [{"line": [[1.5, 51.0], [1.6, 51.1]], "half_width": 50}],
    },
}


READ = (
    ("alerts",),
    ("alerts", "show", "abcd"),
    ("detect",),
    ("identity", "232000002"),
    ("picture",),
    ("report", "abcd", "--out", "a.pdf"),
    ("risk",),
    ("track", "--mmsi", "232000002"),
    ("triage", "abcd", "acknowledge"),
)


@pytest.mark.parametrize("words", READ, ids=lambda words: words[0])
def test_a_store_that_is_not_there_is_named(cordiale: Cordiale, words: tuple[str, ...]) -> None:
    """With how to begin one, in both languages; for machines as one document."""
    english = cordiale("maritime", *words, "--store", "nowhere")
    assert (english.status, english.out) == (1, "")
    assert "cordiale maritime ingest FILE --store nowhere" in english.err
    french = cordiale("maritime", *words, "--store", "nowhere", "--lang", "fr", "--json")
    assert (french.status, json.loads(french.out)["error"]["code"]) == (1, "not-found")
    assert "en commence un" in french.err


def test_an_empty_answer_says_why(cordiale: Cordiale, store: Path) -> None:
    """Nobody has looked; nothing stands; nothing that stands was asked for."""
    assert "--profile gfw" in cordiale("maritime", "alerts", "--store", store, "--profile", "gfw").out
    assert "None of the 2 alerts" in cordiale("maritime", "alerts", "--store", store, "--vessel", "nobody").out
    Alerts(store).replace("ours", [], through=Moment(sea.START), at=Moment(sea.START))
    told = cordiale("maritime", "alerts", "--store", store)
    assert (told.status, told.out) == (0, "No alert stands.\n")
    told = json.loads(cordiale("maritime", "alerts", "--store", store, "--profile", "gfw", "--json").out)
    assert (told["looked"], told["alerts"]) == (False, [])


def test_an_id_that_is_too_short_or_of_several(cordiale: Cordiale, store: Path) -> None:
    short = cordiale("maritime", "alerts", "show", "ab", "--store", store, "--lang", "fr")
    assert (short.status, "au moins 4 signes" in short.err) == (1, True)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_tables_fit_eighty_columns(
    cordiale: Cordiale, store: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times, numbers and places are not folded."""
    monkeypatch.setenv("COLUMNS", "80")
    alerts = cordiale("maritime", "alerts", "--store", store, "--lang", language).out
    assert "2027-12-31 02:30Z" in alerts and "50.90, 1.46" in alerts
    picture = cordiale("maritime", "picture", "--store", store, "--lang", language).out
    assert str(sea.PETREL) in picture and "12-31 04:00Z" in picture
    tables = [line.rstrip() for line in (alerts + picture).splitlines() if "cordiale maritime" not in line]
    assert max(map(len, tables)) <= 80


def test_a_picture_narrowed(cordiale: Cordiale, store: Path) -> None:
    """By area, time, vessel, and to what an alert names; what was set aside is left out."""

    def told(*words: str) -> tuple[int, int]:
        found = json.loads(cordiale("maritime", "picture", "--store", store, "--json", *words).out)
        kinds = [each["properties"]["kind"] for each in found["features"]]
        assert found["numberReturned"] == len(kinds)
        return kinds.count("vessel"), kinds.count("alert")

    assert told() == (2, 2)
    assert told("--within=-10,40,-5,45") == (0, 0)
    assert told("--vessel", "9074729") == (1, 2)
    assert told("--at", "2027-12-31T02:20Z") == (2, 0)
    assert told("--at", "2027-12-30") == (0, 0)
    assert told("--since", "2028-01-01") == (0, 0)
    alert = Alerts(store).findings("ours")[1].id
    cordiale("maritime", "triage", alert, "dismiss", "EXERCISE known", "--store", store)
    assert told() == (2, 1)
    assert told("--dismissed", "--alerts-only") == (2, 2)
    assert cordiale("maritime", "picture", "--store", store, "--hours", "nan").status == 2
