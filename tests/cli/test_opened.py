"""Where no agent runs, a command opens the store itself, and works on while the node is away."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.kit import Cordiale
from cordiale.agent.engine import Engine
from cordiale.cli import opened
from cordiale.errors import Unreachable
from cordiale.vocab.party import Nation
from worlds.world import World

ROOM = ("--ceiling", "OFFICIAL-SENSITIVE REL FRA", "--with", "fr")


@pytest.fixture
def alice(two: World, monkeypatch: pytest.MonkeyPatch, cordiale: Cordiale, tmp_path: Path) -> str:
    """Alice's folder; her engine is the world's, as the node is."""
    (tmp_path / "secret").write_text("EXERCISE only")
    monkeypatch.setenv("CORDIALE_PASSPHRASE_FILE", str(tmp_path / "secret"))
    engine = two.agents["alice@uk"].engine

    @contextmanager
    def open_engine(_directory: Path, _passphrase: str) -> Generator[Engine]:
        yield engine

    monkeypatch.setattr(opened.agent, "open_engine", open_engine)
    return str(two.directory / "alice@uk")


def test_a_command_does_it_all_itself(cordiale: Cordiale, alice: str, two: World) -> None:
    assert cordiale("room", "create", "EXERCISE one", *ROOM, "--agent", alice).status == 0
    assert cordiale("room", "invite", "EXERCISE one", "claire@fr", "--agent", alice).status == 0
    sent = cordiale("send", "EXERCISE one", "EXERCISE: hello", "--agent", alice)
    assert (sent.status, sent.err) == (0, "")
    two.settle(3)
    read = json.loads(cordiale("read", "EXERCISE one", "--agent", alice, "--json").out)
    assert [message["state"] for message in read["messages"]] == ["stored"]
    status = json.loads(cordiale("agent", "status", "--agent", alice, "--json").out)
    assert status["running"] is False


def test_while_the_node_is_away(cordiale: Cordiale, alice: str, two: World) -> None:
    cordiale("room", "create", "EXERCISE two", *ROOM, "--agent", alice)
    node = two.nodes[Nation("uk")]
    node.up = False
    try:
        sent = cordiale("send", "EXERCISE two", "EXERCISE: later", "--wait", "0", "--agent", alice, "--json")
        assert sent.status == 0
        assert json.loads(sent.out)["message"]["state"] == "queued"
        assert sent.err.count("cannot be reached") == 1
    finally:
        node.up = True
    read = json.loads(cordiale("read", "EXERCISE two", "--agent", alice, "--json").out)
    assert [message["state"] for message in read["messages"]] in (["sent"], ["stored"])


def test_following_reads_on_by_itself(
    cordiale: Cordiale, alice: str, two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cordiale("room", "create", "EXERCISE three", *ROOM, "--agent", alice)
    engine = two.agents["alice@uk"].engine
    engine.send_text(engine.find_room("EXERCISE three"), "EXERCISE: first", engine.label("OFFICIAL-SENSITIVE REL FRA"))
    waited: list[int] = []
    sync = engine.sync

    def syncing(wait: int = 0) -> int:
        if not wait:
            return sync()
        waited.append(wait)
        if len(waited) > 1:
            raise KeyboardInterrupt
        raise Unreachable("for a moment", what="the node")

    monkeypatch.setattr(engine, "sync", syncing)
    found = cordiale("read", "EXERCISE three", "--follow", "--agent", alice, "--json")
    assert found.status == 130
    assert json.loads(found.out.splitlines()[0])["text"] == "EXERCISE: first"
    assert waited == [20, 20]


def test_records_go_from_a_file_to_a_room_and_through_a_file_to_another(
    cordiale: Cordiale, alice: str, tmp_path: Path
) -> None:
    for room in ("EXERCISE from", "EXERCISE into"):
        assert cordiale("room", "create", room, *ROOM, "--agent", alice).status == 0
    decision = {"title": {"en": "EXERCISE =a", "fr": "EXERCICE a"}, "text": {"en": "b", "fr": "b"}}
    whole = {**decision, "body": "EXERCISE c", "met": "2026-03-01"}
    (tmp_path / "wrong.json").write_text(json.dumps([whole, decision]))
    (tmp_path / "right.json").write_text(json.dumps([whole, whole]))
    refused = cordiale("register", "import", "EXERCISE from", "decision", "wrong.json", "--agent", alice, "--json")
    assert refused.status == 1
    assert [fault["field"] for fault in json.loads(refused.out)["faults"]] == ["body", "met"]
    assert cordiale("register", "import", "EXERCISE from", "decision", "right.json", "--agent", alice).status == 0
    for name in ("out.csv", "out.pdf"):
        written = cordiale("register", "export", "EXERCISE from", "type=decision", "--out", name, "--agent", alice)
        assert (written.status, written.err) == (0, "")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")
    assert cordiale("register", "import", "EXERCISE into", "decision", "out.csv", "--agent", alice).status == 0
    found = json.loads(cordiale("register", "list", "EXERCISE into", "--agent", alice, "--json").out)["records"]
    assert [record["values"] for record in found] == [whole, whole]
    assert {record["marking"]["text"] for record in found} == {"OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE"}
