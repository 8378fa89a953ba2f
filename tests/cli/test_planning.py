"""`plan match` through a running agent: what it asks, what people see in both languages, JSON and nothing else."""

import json
from typing import Any

import pytest

from cli.kit import Agent, Cordiale


def matched(**changes: Any) -> dict[str, Any]:
    return {
        "room": "cd" * 32,
        "relief": False,
        "requirements": 2,
        "offers": 1,
        "allocations": [
            {
                "requirement": "ab" * 16,
                "requirement_name": "EXERCISE Beds",
                "offer": "cd" * 16,
                "offer_name": "EXERCISE Six \u202ebeds",
                "nation": "fr",
                "quantity": 6,
                "rate": 1000,
                "against": ["duration"],
            }
        ],
        "gaps": [
            {
                "requirement": "ab" * 16,
                "name": "EXERCISE Beds",
                "missing_thousandths": 4000,
                "reasons": [],
                "text": "EXERCISE Beds: 4 of 10",
            }
        ],
        "nations": [{"nation": "fr", "units": 6, "key": 12, "share": 0.5}],
        "stages": [
            {"name": "total", "value": 6.0, "bound": 6.0, "proof": "dual", "gap": 0.0, "text": "units given in all: 6"}
        ],
        "gap": 0.0004,
        "left_out": [{"record": "ef" * 16, "name": "EXERCISE None", "why": "quantity"}],
        "seconds": 0.25,
        "proposed": [],
        **changes,
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Who serves what", "Left out", "50.0 %", "0.040"]),
        ("fr", ["Qui sert quoi", "Laissés de côté", "50,0 %", "0,040"]),
    ],
)
def test_what_people_see(language: str, words: list[str], cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["plan.match"] = [matched()]
    found = cordiale(
        "plan", "match", "Channel", "--key", "uk=3", "--key", "fr=2", "--agent", agent.folder, "--lang", language
    )
    assert (found.status, found.err) == (0, "")
    for word in [*words, "EXERCISE Beds: 4 of 10", "duration", "EXERCISE None"]:
        assert word in found.out
    assert "\u202e" not in found.out
    ((method, asked),) = agent.asked
    assert (method, asked["keys"], asked["relief"], asked["propose"]) == (
        "plan.match",
        {"uk": 3, "fr": 2},
        False,
        False,
    )


def test_what_is_proposed_is_counted_and_nothing_is_said_as_nothing(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["plan.match"] = [matched(proposed=["ab" * 16]), matched(allocations=[], gaps=[], left_out=[])]
    assert "proposed: 1" in cordiale("plan", "match", "r", "--propose", "--agent", agent.folder).out
    empty = cordiale("plan", "match", "r", "--relief", "--standing", "Exercise", "--agent", agent.folder)
    assert "Nothing." in empty.out
    assert "missing" not in empty.out
    assert (agent.asked[1][1]["relief"], agent.asked[1][1]["standing"]) == (True, "Exercise")


def test_json_is_one_document(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["plan.match"] = [matched()]
    found = cordiale("plan", "match", "r", "--json", "--agent", agent.folder)
    assert json.loads(found.out) == matched()
    assert found.err == ""


@pytest.mark.parametrize("key", ["uk", "uk=", "uk=x", "uk=-1", "uk=１"])
def test_a_key_that_is_none_is_wrong_usage(key: str, cordiale: Cordiale, agent: Agent) -> None:
    found = cordiale("plan", "match", "r", "--key", key, "--agent", agent.folder)
    assert found.status == 2
    assert agent.asked == []
