"""`register export`, `import` and `query` through a running agent."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from cli.kit import MARKING, Agent, Cordiale
from cordiale.cli import register_files
from cordiale.errors import LimitExceeded, Unreachable

DECISION = {
    "title": {"en": "EXERCISE a", "fr": "EXERCICE a"},
    "text": {"en": "b", "fr": "b"},
    "body": "EXERCISE c",
    "met": "2026-03-01",
}
RECORD = {
    "id": "ab" * 16,
    "type": "decision",
    "name": "EXERCISE a",
    "marking": MARKING,
    "status": "proposed",
    "superseded_by": None,
    "overdue": False,
    "field_markings": {},
    "faults": {},
    "keys": [],
    "keys_needed": {"of": ["fr", "uk"], "count": 2},
    "values": DECISION,
    "withheld": [],
    "conflicts": {},
}


def exported(**changes: Any) -> dict[str, Any]:
    return {
        "room": "cd" * 32,
        "format": "csv",
        "media_type": "text/csv",
        "records": 2,
        "left_out": 0,
        "markings": [MARKING["text"], "OFFICIAL"],
        "size": 4,
        "data": base64.b64encode(b"a,b\n").decode(),
        **changes,
    }


def imported(*faults: dict[str, Any], records: int = 0) -> dict[str, Any]:
    return {"room": "cd" * 32, "rows": 0, "faults": list(faults), "records": ["ab" * 16] * records}


def table(path: Path, rows: int) -> Path:
    path.write_text(json.dumps([DECISION] * rows))
    return path


@pytest.mark.parametrize(("language", "word"), [("en", "Marking"), ("fr", "Marquage")])
def test_an_export_is_a_file_that_only_its_owner_can_read(
    language: str, word: str, cordiale: Cordiale, agent: Agent, tmp_path: Path
) -> None:
    agent.answers["register.export"] = [exported()]
    found = cordiale(
        "register", "export", "Channel", "status=binding", "--out", "x.CSV", "--agent", agent.folder, "--lang", language
    )
    assert (found.status, found.err) == (0, "")
    file = tmp_path / "x.CSV"
    assert file.read_bytes() == b"a,b\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert agent.asked == [
        ("register.export", {"room": "Channel", "query": "status=binding", "format": "csv", "language": language})
    ]
    for said in (word, str(MARKING["text"]), "OFFICIAL", "x.CSV"):
        assert said in found.out
    assert "calend" not in found.out


def test_a_calendar_says_what_is_not_in_it_and_json_has_no_bytes(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["register.export"] = [exported(left_out=3)]
    arguments = ("register", "export", "r", "--format", "ics", "--out", "records.txt", "--agent", agent.folder)
    assert "not in the calendar: 3." in cordiale(*arguments).out
    assert agent.asked[0][1]["format"] == "ics"
    answer = json.loads(cordiale(*arguments, "--json").out)
    assert "data" not in answer
    assert answer["file"].endswith("records.txt")


def test_an_export_that_is_refused_leaves_no_file(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    agent.answers["register.export"] = [LimitExceeded("an export of 9 bytes, 8 allowed: narrow the question")]
    found = cordiale("register", "export", "r", "--out", "x.pdf", "--agent", agent.folder)
    assert found.status == 1
    assert "narrow the question" in found.err
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("arguments", [("--out", "x.doc"), ("--out", "x"), ("--out", "x.csv", "--format", "doc")])
def test_an_unknown_format_is_wrong_usage(arguments: tuple[str, ...], cordiale: Cordiale, agent: Agent) -> None:
    found = cordiale("register", "export", "r", *arguments, "--agent", agent.folder)
    assert found.status == 2
    assert "there are csv, json, geojson, ics, cap, xlsx, pdf" in found.err
    assert agent.asked == []


def test_an_import_checks_everything_and_then_proposes(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    agent.answers["register.import"] = [imported(), imported(), imported(records=200), imported(records=1)]
    file = table(tmp_path / "d.json", 201)
    found = cordiale("register", "import", "r", "decision", file, "--label", "OFFICIAL", "--agent", agent.folder)
    assert (found.status, found.err) == (0, "")
    assert "Records proposed: 201." in found.out
    sent = [params for _, params in agent.asked]
    assert [(params["dry_run"], len(params["rows"])) for params in sent] == [
        (True, 200),
        (True, 1),
        (False, 200),
        (False, 1),
    ]
    assert sent[0]["label"] == "OFFICIAL"
    assert sent[1]["rows"] == [{"place": 201, "marking": "", "values": DECISION}]


def test_a_dry_run_proposes_nothing(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    agent.answers["register.import"] = [imported()]
    file = table(tmp_path / "d.json", 2)
    found = cordiale("register", "import", "r", "decision", file, "--dry-run", "--agent", agent.folder)
    assert found.status == 0
    assert "all of them good: 2." in found.out
    assert [params["dry_run"] for _, params in agent.asked] == [True]


@pytest.mark.parametrize("as_json", [False, True])
def test_every_fault_is_listed_by_row_and_nothing_is_proposed(
    as_json: bool, cordiale: Cordiale, agent: Agent, tmp_path: Path
) -> None:
    (tmp_path / "d.csv").write_text('title.en,lead,met,references\na,fr,2026-03-01,\nb,fr,,"[zz"\nc,fr,,,x\n')
    doubled = {"row": 3, "field": "references", "why": "again"}
    agent.answers["register.import"] = [imported({"row": 2, "field": "body", "why": "it is missing"}, doubled)]
    arguments = ["register", "import", "r", "decision", "d.csv", "--agent", agent.folder, *(["--json"] * as_json)]
    found = cordiale(*arguments)
    assert found.status == 1
    assert [params["dry_run"] for _, params in agent.asked] == [True]
    assert [row["place"] for row in agent.asked[0][1]["rows"]] == [2, 3]
    if as_json:
        faults = json.loads(found.out)["faults"]
        assert [(fault["row"], fault["field"]) for fault in faults] == [(2, "body"), (3, "references"), (4, "")]
    else:
        assert "Nothing was proposed." in found.out
        assert "it is missing" in found.out
        assert "5 cells under 4 headings" in found.out
        assert "again" not in found.out


def test_a_very_long_list_of_faults_is_cut_for_people(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    faults = [{"row": 1, "field": f"f{number}", "why": "x"} for number in range(203)]
    agent.answers["register.import"] = [imported(*faults)]
    file = table(tmp_path / "d.json", 1)
    found = cordiale("register", "import", "r", "decision", file, "--agent", agent.folder)
    assert "… and 3 more" in found.out
    assert found.status == 1


def test_an_interruption_says_where_to_go_on(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    agent.answers["register.import"] = [imported(), imported(), imported(records=200), Unreachable("gone", what="x")]
    file = table(tmp_path / "d.json", 201)
    arguments = ("register", "import", "r", "decision", file, "--agent", agent.folder)
    found = cordiale(*arguments)
    assert found.status == 1
    assert "Rows proposed before that: 200. Go on with --from 201." in found.err
    agent.answers["register.import"] = [imported(), imported(records=1)]
    agent.asked.clear()
    assert cordiale(*arguments, "--from", "201").status == 0
    assert [[row["place"] for row in params["rows"]] for _, params in agent.asked] == [[201], [201]]


def test_a_row_that_became_wrong_meanwhile_ends_it(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    late = imported({"row": 1, "field": "", "why": "x"})
    agent.answers["register.import"] = [imported(), late]
    found = cordiale("register", "import", "r", "decision", table(tmp_path / "d.json", 1), "--agent", agent.folder)
    assert found.status == 2
    assert "--dry-run" in found.err


def test_large_rows_go_in_smaller_parts(
    cordiale: Cordiale, agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_files, "_BYTES", 400)
    agent.answers["register.import"] = [imported()]
    file = table(tmp_path / "d.json", 5)
    cordiale("register", "import", "r", "decision", file, "--dry-run", "--agent", agent.folder)
    assert [len(params["rows"]) for _, params in agent.asked] == [2, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("novel", "d.json"), "novel"),
        (("decision", "absent.json"), "absent.json"),
        (("decision", "d.json", "--format", "pdf"), "only written"),
        (("decision", "bad.json"), "not well formed"),
    ],
)
def test_what_cannot_be_imported(
    arguments: tuple[str, ...], said: str, cordiale: Cordiale, agent: Agent, tmp_path: Path
) -> None:
    table(tmp_path / "d.json", 1)
    (tmp_path / "bad.json").write_text("{")
    found = cordiale("register", "import", "r", *arguments, "--agent", agent.folder)
    assert found.status in (1, 2)
    assert said in found.err
    assert agent.asked == []


def test_questions_are_saved_listed_asked_and_removed(cordiale: Cordiale, agent: Agent) -> None:
    saved = {"queries": [{"name": "mine", "query": "status=binding"}]}
    asked = {"room": "cd" * 32, "query": "status=binding", "records": [RECORD]}
    agent.answers["register.query"] = [saved, saved, asked, {"queries": []}]
    base = ("register", "query", "r")
    end = ("--agent", agent.folder)
    assert "status=binding" in cordiale(*base, "mine", "status=binding", *end).out
    assert "mine" in cordiale(*base, "--list", *end).out
    assert "EXERCISE a" in cordiale(*base, "mine", *end).out
    assert "No question is saved." in cordiale(*base, "mine", "--remove", *end).out
    assert [(p["name"], p["query"], p["remove"]) for _, p in agent.asked] == [
        ("mine", "status=binding", False),
        ("", "", False),
        ("mine", "", False),
        ("mine", "", True),
    ]
    found = cordiale(*base, *end)
    assert found.status == 2
    assert "--list" in found.err


def test_help_speaks_of_every_command(cordiale: Cordiale) -> None:
    english, french = cordiale("register", "--help").out, cordiale("register", "--help", "--lang", "fr").out
    for name in ("export", "import", "query"):
        assert f"  {name} " in english
    assert "question enregistrée" in french
