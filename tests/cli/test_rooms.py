"""`room …` and `agent status` through a running agent."""

import json

import pytest

from cli.kit import Agent, Cordiale, room

CALLS = [
    (
        ["create", "T", "--with", "fr", "--with", "de", "--ceiling", "C"],
        "room.create",
        {"title": "T", "with": ["fr", "de"], "ceiling": "C"},
    ),
    (["create", "T", "--ceiling", "C"], "room.create", {"title": "T", "with": [], "ceiling": "C"}),
    (["show", "R"], "room.show", {"room": "R"}),
    (["invite", "R", "bob", "claire@fr"], "room.invite", {"room": "R", "people": ["bob", "claire@fr"]}),
    (["remove", "R", "bob"], "room.remove", {"room": "R", "person": "bob"}),
    (["leave", "R"], "room.leave", {"room": "R"}),
]


@pytest.mark.parametrize(("words", "method", "params"), CALLS, ids=lambda found: str(found)[:24])
def test_a_room_command_asks_the_agent(
    words: list[str], method: str, params: dict[str, object], cordiale: Cordiale, agent: Agent
) -> None:
    agent.answers[method] = [{"room": room()}]
    found = cordiale("room", *words, "--agent", agent.folder)
    assert (found.status, found.err) == (0, "")
    assert "EXERCISE Channel" in found.out
    assert agent.asked == [(method, {**params, "language": "en"})]
    assert json.loads(cordiale("room", *words, "--agent", agent.folder, "--json").out) == {"room": room()}


def test_listing_rooms(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["room.list"] = [{"rooms": [room(), room(title="Old", member=False)]}]
    found = cordiale("room", "list", "--agent", agent.folder, "--lang", "fr")
    assert "Salon" in found.out
    assert "quitté" in found.out
    assert agent.asked[0][1] == {"language": "fr"}
    agent.answers["room.list"] = [{"rooms": []}]
    assert "No rooms yet" in cordiale("room", "list", "--agent", agent.folder).out


def test_a_room_that_was_left(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["room.show"] = [{"room": room(member=False)}]
    assert "you left it" in cordiale("room", "show", "R", "--agent", agent.folder).out


def test_status_of_a_running_agent(cordiale: Cordiale, agent: Agent) -> None:
    status = {
        "address": "alice@uk",
        "device": "0011",
        "nation": "uk",
        "node": "http://127.0.0.1:1",
        "enrolled": True,
        "linked": [],
        "rooms": 2,
        "queued": 1,
        "alarms": ["bad-signature: \x1b[31m"],
    }
    agent.answers["status"] = [status]
    found = cordiale("agent", "status", "--agent", agent.folder)
    assert "alice@uk" in found.out
    assert "  ! bad-signature: <U+001B>[31m" in found.out
    assert json.loads(cordiale("agent", "status", "--agent", agent.folder, "--json").out) == {**status, "running": True}
