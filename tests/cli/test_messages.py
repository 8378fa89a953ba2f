"""`send`, `read`, `search` through a running agent."""

import base64
import io
import json
from pathlib import Path

import pytest

from cli.kit import Agent, Cordiale, message
from cordiale.cli import letters, messages
from cordiale.errors import Unreachable

STATES = ["queued", "sent", "stored"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_sending_says_what_became_of_it(state: str, language: str, cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["send"] = [{"message": message(state=state)}]
    found = cordiale("send", "Channel", "hello", "--agent", agent.folder, "--lang", language)
    assert (found.status, found.err) == (0, "")
    assert "OFFICIAL-SENSITIVE" in found.out
    assert ("kept" in found.out or "gardé" in found.out) == (state == "queued")
    (method, params) = agent.asked[0]
    assert method == "send"
    assert params == {
        "room": "Channel",
        "text": "hello",
        "label": "",
        "topic": None,
        "reply": "",
        "priority": "ROUTINE",
        "precheck": True,
        "wait_seconds": 10.0,
        "language": language,
    }


def test_a_message_that_the_border_refused_is_a_refusal(cordiale: Cordiale, agent: Agent) -> None:
    refused = message(state="refused", rule="uk-eyes-only", detail="The border of uk refused.")
    agent.answers["send"] = [{"message": refused}]
    arguments = ("send", "r", "t", "--no-precheck", "--label", "UK EYES ONLY", "--agent", agent.folder)
    found = cordiale(*arguments)
    assert found.status == 1
    assert found.err.splitlines()[0] == "Error: The message was refused: The border of uk refused."
    assert "uk-eyes-only" in found.err
    as_json = cordiale(*arguments, "--json")
    assert as_json.status == 1
    assert json.loads(as_json.out)["message"]["state"] == "refused"
    assert agent.asked[0][1]["precheck"] is False
    assert agent.asked[0][1]["label"] == "UK EYES ONLY"


def test_a_small_file_travels_with_the_request(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"1,2,3")
    agent.answers["send"] = [{"message": message()}]
    assert cordiale("send", "r", "caption", "--file", "log.csv", "--agent", agent.folder).status == 0
    file = agent.asked[0][1]["file"]
    assert file == {"name": "log.csv", "data": base64.b64encode(b"1,2,3").decode()}
    assert agent.asked[0][1]["text"] == "caption"


def test_a_large_file_is_read_by_the_agent(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"x" * (messages.INLINE_BYTES + 1))
    agent.answers["send"] = [{"message": message()}]
    assert cordiale("send", "r", "--file", "log.csv", "--agent", agent.folder).status == 0
    assert agent.asked[0][1]["file"] == {"path": str(tmp_path / "log.csv")}


@pytest.mark.parametrize("name", ["nowhere", ".", "/dev/zero"])
def test_a_file_that_cannot_be_read(name: str, cordiale: Cordiale, agent: Agent) -> None:
    found = cordiale("send", "r", "--file", name, "--agent", agent.folder)
    assert found.status == 1
    assert agent.asked == []


def test_a_text_from_standard_input(cordiale: Cordiale, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("several\nlines"))
    agent.answers["send"] = [{"message": message()}]
    assert cordiale("send", "r", "--stdin", "--agent", agent.folder).status == 0
    assert agent.asked[0][1]["text"] == "several\nlines"


def test_reading(cordiale: Cordiale, agent: Agent) -> None:
    file = {"name": "log.csv", "size": 5, "parts": 2, "have": 1, "sha256": "00"}
    found = [
        message(text="one\ntwo"),
        message(id="cd" * 16, kind="file", text="", file=file, state="withheld", rule="label-mismatch", detail="!"),
    ]
    agent.answers["read"] = [{"room": "cd" * 32, "messages": found}]
    shown = cordiale("read", "r", "--agent", agent.folder, "--limit", "7")
    assert shown.status == 0
    assert agent.asked[0][1] == {"room": "r", "limit": 7, "language": "en"}
    assert shown.out.splitlines()[:4] == [
        "■ OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE",
        "  alice@uk  2026-07-10 12:34Z  stored  abababababab",
        "  │ one",
        "  │ two",
    ]
    assert "file log.csv, 5 bytes, 1 of 2 parts" in shown.out
    assert "why: ! (label-mismatch)" in shown.out
    assert json.loads(cordiale("read", "r", "--agent", agent.folder, "--json").out)["messages"] == found


def test_an_empty_room(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["read"] = [{"room": "cd" * 32, "messages": []}]
    assert cordiale("read", "r", "--agent", agent.folder).out == "No messages.\n"


def test_saving_what_is_complete(cordiale: Cordiale, agent: Agent, tmp_path: Path) -> None:
    whole = {"name": "a", "size": 5, "parts": 1, "have": 1, "sha256": "00"}
    found = [message(file=whole), message(file={**whole, "have": 0}), message(file=whole, state="refused"), message()]
    agent.answers["read"] = [{"room": "cd" * 32, "messages": found}]
    agent.answers["save"] = [{"path": "/saved/a", "name": "a", "size": 5}]
    shown = cordiale("read", "r", "--save", "got", "--agent", agent.folder)
    assert shown.out.count("saved as /saved/a") == 1
    assert [params["directory"] for method, params in agent.asked if method == "save"] == [str(tmp_path / "got")]
    assert (tmp_path / "got").is_dir()


def test_following_shows_each_once_and_only_this_room(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["read"] = [{"room": "cd" * 32, "messages": [message(number=4)]}]
    agent.answers["follow"] = [
        {"messages": [message(number=4), message(number=5, id="01" * 16)], "after": 5},
        {"messages": [message(number=6, id="02" * 16, room="ef" * 32)], "after": 6},
        Unreachable("the connection ended", what="the running agent"),
    ]
    found = cordiale("read", "r", "--follow", "--json", "--agent", agent.folder)
    assert found.status == 1
    lines = found.out.splitlines()
    assert [json.loads(line)["number"] for line in lines[:2]] == [4, 5]
    assert json.loads("\n".join(lines[2:]))["error"]["code"] == "unreachable"
    assert [params["after"] for method, params in agent.asked if method == "follow"] == [4, 5, 6]


def test_searching(cordiale: Cordiale, agent: Agent) -> None:
    agent.answers["search"] = [{"messages": [message()]}]
    assert "EXERCISE: hello" in cordiale("search", "hello", "--agent", agent.folder, "--limit", "3").out
    assert agent.asked[0][1] == {"query": "hello", "limit": 3, "language": "en"}


def test_every_state_has_words() -> None:
    assert {letters.state({"state": state}) for state in letters.STATES} == set(letters.STATES)
