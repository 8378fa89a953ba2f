"""`deconflict …` through a running agent."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from cli.kit import Agent, Cordiale
from cordiale.cli import deconflicting
from cordiale.errors import BudgetSpent


def run(**changes: Any) -> dict[str, Any]:
    """A run as the agent shows it."""
    return {
        "run": "ab" * 16,
        "room": "cd" * 32,
        "purpose": "EXERCISE winter",
        "state": "running",
        "step": "double",
        "pass": 2,
        "passes": 2,
        "initiator": "alice@uk",
        "responder": "claire@fr",
        "own_proposal": True,
        "created": "2026-11-26T06:32:16.699Z",
        "until": "2026-11-27T06:32:16.699Z",
        "first_day": "2026-12-01",
        "last_day": "2027-11-30",
        "grids": ["3/7", "4/1"],
        "most": 16384,
        "budget": {"runs": 12, "elements": 1000000, "days": 30},
        "sizes": [[64, 80]],
        "met": [3],
        "logged": False,
        "detail": "",
        "rule": "",
        **changes,
    }


INPUTS: dict[str, Any] = {"plan": "", "source": "", "label": "", "budget": [12, 1_000_000, 30]}
WANTED: dict[str, Any] = {
    "person": "",
    "purpose": "P",
    "first_day": "",
    "last_day": "",
    "grids": ["3/7", "4/1"],
    "most": 16_384,
    "hours": 24,
}
CALLS = [
    (["propose", "R", "P"], "deconflict.propose", {**WANTED, **INPUTS}),
    (
        [
            "propose",
            "R",
            "P",
            "--with",
            "claire@fr",
            "--from",
            "Plans",
            "--grid",
            "4/7",
            "--grid",
            "5/1",
            "--hours",
            "48",
        ],
        "deconflict.propose",
        {**WANTED, **INPUTS, "person": "claire@fr", "source": "Plans", "grids": ["4/7", "5/1"], "hours": 48},
    ),
    (
        ["accept", "R", "last", "--runs", "2", "--elements", "50", "--days", "7", "--label", "L"],
        "deconflict.accept",
        {**INPUTS, "run": "last", "budget": [2, 50, 7], "label": "L"},
    ),
    (["decline", "R", "abab"], "deconflict.decline", {"run": "abab", "label": ""}),
    (["stop", "R", "abab"], "deconflict.stop", {"run": "abab"}),
    (["status", "R", "abab"], "deconflict.show", {"run": "abab"}),
]


@pytest.mark.parametrize(("words", "method", "params"), CALLS, ids=lambda found: str(found)[:24])
def test_a_command_asks_the_agent_and_shows_the_run(
    words: list[str], method: str, params: dict[str, object], cordiale: Cordiale, agent: Agent
) -> None:
    agent.answers[method] = [{"run": run()}]
    found = cordiale("deconflict", *words, "--agent", agent.folder)
    assert (found.status, found.err) == (0, "")
    for shown in (
        "EXERCISE winter",
        "claire@fr",
        "under way: pass 2 of 2",
        "3/7, 4/1",
        "64/80",
        "12 runs, 1000000 elements",
    ):
        assert shown in found.out
    assert agent.asked == [(method, {"room": "R", **params, "language": "en"})]
    assert json.loads(cordiale("deconflict", *words, "--agent", agent.folder, "--json").out) == {"run": run()}


def test_a_plan_is_named_by_its_whole_path_and_stays_here(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    agent.answers["deconflict.accept"] = [{"run": run()}]
    cordiale("deconflict", "accept", "R", "last", "--plan", "plan.json", "--agent", agent.folder)
    assert agent.asked[0][1]["plan"] == str(tmp_path / "plan.json")


def test_runs_are_listed_with_how_they_stand_in_both_languages(cordiale: Cordiale, agent: Agent) -> None:
    states = ("asked", "proposed", "running", "done", "declined", "broken-off", "disputed")
    agent.answers["deconflict.list"] = [{"runs": [run(state=state) for state in states]}, {"runs": []}]
    found = cordiale("deconflict", "status", "R", "--agent", agent.folder, "--lang", "fr").out
    for words in ("attend votre accord", "tour 2 sur 2", "refusée", "interrompue", "contestée", "2026-11-26 06:32Z"):
        assert words in found
    assert "No run yet" in cordiale("deconflict", "status", "R", "--agent", agent.folder).out


def test_following_says_each_stage_once_and_ends_with_the_run(
    cordiale: Cordiale, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deconflicting, "PAUSE_SECONDS", 0.0)
    stages = [run(state="proposed"), run(**{"pass": 1}), run(**{"pass": 1}), run(), run(state="done")]
    agent.answers["deconflict.show"] = [{"run": each} for each in stages]
    found = cordiale("deconflict", "status", "R", "last", "--follow", "--agent", agent.folder, "--json")
    assert json.loads(found.out)["run"]["state"] == "done"
    assert found.err.splitlines() == [
        "waits for the other's consent",
        "under way: pass 1 of 2",
        "under way: pass 2 of 2",
    ]
    assert [params["run"] for _, params in agent.asked] == ["last", *["ab" * 16] * 4]


def test_why_a_run_ended_is_shown_safely(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["deconflict.show"] = [
        {"run": run(state="disputed", detail="a dummy \x1b[31mmet", rule="deconfliction 4")}
    ]
    out = cordiale("deconflict", "status", "R", "last", "--agent", agent.folder).out
    assert "a dummy <U+001B>[31mmet (deconfliction 4)" in out


def test_a_result_names_cells_days_and_ones_own_activities(cordiale: Cordiale, agent: Agent) -> None:
    meeting = {
        "cell": "84186dfffffffff",
        "latitude": 48.5123,
        "longitude": -8.0,
        "first_day": "2026-12-08",
        "last_day": "2026-12-08",
    }
    week = {**meeting, "cell": "841869fffffffff", "last_day": "2026-12-14"}
    activities = [
        {"name": "EXERCISE patrol", "record": "", "meetings": [0]},
        {"name": "EXERCISE trial", "record": "ef" * 16, "meetings": [0, 1]},
    ]
    answer = {
        "run": run(state="done"),
        "result": {"grid": "4/1", "meetings": [meeting, week], "activities": activities},
    }
    agent.answers["deconflict.result"] = [answer]
    lines = cordiale("deconflict", "result", "R", "last", "--agent", agent.folder).out.splitlines()
    assert len(lines) == 3
    assert "EXERCISE patrol; EXERCISE trial" in lines[1]
    assert "48.51 -8.00" in lines[1]
    assert "2026-12-08 – 2026-12-14" in lines[2]
    assert json.loads(cordiale("deconflict", "result", "R", "last", "--agent", agent.folder, "--json").out) == answer
    answer["result"] = {"grid": "3/7", "meetings": [], "activities": []}
    assert "meet nowhere" in cordiale("deconflict", "result", "R", "last", "--agent", agent.folder).out


def test_a_refusal_is_told_with_its_next_step(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["deconflict.propose"] = [BudgetSpent("12 runs with fr in 30 days, 12 allowed")]
    found = cordiale("deconflict", "propose", "R", "P", "--agent", agent.folder, "--lang", "fr")
    assert found.status == 1
    assert "12 runs with fr in 30 days" in found.err
    assert "budget" in found.err


def test_an_opened_run_is_saved_for_its_owner_only(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    answer = {"run": run(state="done"), "size": 6, "bundle": base64.b64encode(b"opened").decode()}
    agent.answers["deconflict.open"] = [dict(answer), dict(answer)]
    out = cordiale("deconflict", "open", "R", "last", "--out", "summer.run", "--agent", agent.folder).out
    saved = tmp_path / "summer.run"
    assert saved.read_bytes() == b"opened"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert "whole plan" in out
    found = json.loads(cordiale("deconflict", "open", "R", "last", "--agent", agent.folder, "--json").out)
    assert Path(found["bundle"]).name == "abababababab.run"
