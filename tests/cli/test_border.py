"""`border …` through a running agent, and over real engines: who waits to be let in, from the request to the invitation."""

import json
from typing import Any

import pytest

from cli.kit import MARKING, Agent, Cordiale
from cordiale.wiring import commands
from worlds.world import World

CROSSING = {
    "log": "border/uk-fr", "index": 7, "direction": "out", "nation": "fr", "kind": "message", "room": "cd" * 32,
    "title": "EXERCISE \x1b[31m", "message": "ab" * 16, "marking": MARKING, "released": "2026-07-10T12:34:56.789Z",
    "rule": "uk-releasable", "refused": "", "confirmed": True,
}  # fmt: skip
LINK = {
    "nation": "fr",
    "state": "away",
    "reachable": False,
    "since": "2026-07-10T14:02:00Z",
    "contact": None,
    "waiting": 3,
}
AUDIT = {
    "log": "border/fr-uk", "nation": "fr", "direction": "in", "ok": False, "entries": 9, "own": 4, "root": "00" * 32, "entry": 5,
    "at": "2026-07-10T12:34:56Z",
    "checks": [{"check": "signed", "ok": True, "detail": "9"}, {"check": "entries", "ok": False, "detail": ""}],
}  # fmt: skip
WORDS = {"nation": "fr", "words": ["one", "two", "three", "four", "five", "six"], "compared": None}
WAITS = {"room": "cd" * 32, "title": "EXERCISE Channel", "person": "elise@fr", "step": "invited", "record": None}

Shown = tuple[list[str], str, dict[str, Any], int, tuple[str, ...]]
SHOWN: list[Shown] = [
    (["partners"], "border.links", {"links": [LINK]}, 0, ("unreachable since 2026-07-10 14:02Z", "3")),
    (["partners"], "border.links", {"links": []}, 0, ("not linked to another yet",)),
    (
        ["crossings"],
        "border.crossings",
        {"crossings": [CROSSING], "before": {}},
        0,
        ("→ fr", "uk-releasable", "stored there"),
    ),
    (["crossings"], "border.crossings", {"crossings": [], "before": {}}, 0, ("Nothing has crossed",)),
    (["refused"], "border.refused", {"refused": []}, 0, ("None of your messages",)),
    (
        ["verify"],
        "border.verify",
        {"ok": False, "logs": [AUDIT]},
        1,
        ("✘ border/fr-uk", "Entry 5 of border/fr-uk is not what"),
    ),
    (["verify"], "border.verify", {"ok": True, "logs": []}, 0, ()),
    (["words"], "border.words", {"links": [WORDS]}, 0, ("FR", "one two three four five six", "not compared yet")),
    (["requests"], "border.requests", {"requests": [WAITS]}, 0, ("elise@fr", "the room's hub has not let them in yet")),
    (["requests"], "border.requests", {"requests": []}, 0, ("Nobody waits",)),
]


@pytest.mark.parametrize(("words", "method", "answer", "status", "parts"), SHOWN, ids=lambda found: str(found)[:20])
def test_what_the_border_shows(
    words: list[str],
    method: str,
    answer: dict[str, Any],
    status: int,
    parts: tuple[str, ...],
    cordiale: Cordiale,
    agent: Agent,
) -> None:
    agent.answers[method] = [answer]
    found = cordiale("border", *words, "--agent", agent.folder)
    assert (found.status, found.err) == (status, "")
    assert "\x1b" not in found.out
    for part in parts:
        assert part in " ".join(found.out.split())
    machine = cordiale("border", *words, "--agent", agent.folder, "--json")
    assert (machine.status, json.loads(machine.out)) == (status, answer)


def test_filters_are_handed_on(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["border.crossings"] = [{"crossings": [], "before": {}}]
    given = (
        "--direction",
        "in",
        "--nation",
        "fr",
        "--room",
        "R",
        "--kind",
        "message",
        "--rule",
        "fr-",
        "--refused",
        "--limit",
        "5",
    )
    assert cordiale("border", "crossings", *given, "--agent", agent.folder).status == 0
    wanted = {
        "direction": "in",
        "nation": "fr",
        "room": "R",
        "kind": "message",
        "rule": "fr-",
        "refused": True,
        "limit": 5,
    }
    assert agent.asked == [("border.crossings", {**wanted, "language": "en"})]
    assert cordiale("border", "crossings", "--direction", "up", "--agent", agent.folder).status == 2


def test_words_that_were_compared_are_noted(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers |= {
        "border.compared": [WORDS],
        "border.words": [{"links": [{**WORDS, "compared": "2026-07-10T12:00:00Z"}]}],
    }
    found = cordiale("border", "words", "--compared", "fr", "--agent", agent.folder, "--lang", "fr")
    assert "comparés le 2026-07-10 12:00Z" in found.out
    assert agent.asked[0] == ("border.compared", {"nation": "fr", "language": "fr"})


def test_a_request_goes_from_being_asked_to_being_in(two: World) -> None:
    alice, claire = two.agents["alice@uk"].engine, two.agents["claire@fr"].engine

    def ask(engine: Any, method: str, **params: Any) -> dict[str, Any]:
        return commands.call(engine, method, params)

    def waits(engine: Any) -> list[tuple[str, str]]:
        found = ask(engine, "border.requests")["requests"]
        return [(each["person"], each["step"]) for each in found if each["room"] == room]

    given = {"title": "EXERCISE to be entered", "with": ["fr"], "ceiling": "OFFICIAL-SENSITIVE REL FRA"}
    room = ask(alice, "room.create", **given)["room"]["id"]
    ask(alice, "room.invite", room=room, people=["claire@fr"])
    two.settle(3)
    assert waits(alice) == []
    values = {"office": "EXERCISE duty", "person": "denis@fr", "reason": {"en": "EXERCISE", "fr": "EXERCICE"}}
    record = ask(claire, "register.new", room=room, type="admission", values=values)["record"]["id"]
    two.settle(3)
    assert waits(alice) == waits(claire) == [("denis@fr", "asked")]
    for engine in (claire, alice):
        ask(engine, "register.act", room=room, record=record, act="key")
        two.settle(3)
    assert waits(alice) == waits(claire) == [("denis@fr", "agreed")]
    ask(claire, "room.invite", room=room, people=["denis@fr"])
    assert waits(claire) == [("denis@fr", "invited")], "the hub is the other nation's, and has not answered yet"
    two.settle(4)
    assert waits(alice) == waits(claire) == []
