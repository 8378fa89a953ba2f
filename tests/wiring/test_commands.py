"""The agent's methods over real engines: what they answer, and what they refuse to understand."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import CordialeError, IllegalStep, LimitExceeded, NotFound, NotReleasable, WrongUsage
from cordiale.federation.bundle import parse_bundle
from cordiale.wire import limits
from cordiale.wiring import commands, compose_commands, register_commands, talk_commands
from cordiale.wiring.commands import METHODS, call, keep
from worlds.world import World, two_nations

TO_FRANCE = "OFFICIAL-SENSITIVE REL FRA"
ROOM = "EXERCISE Channel"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world with one room for all tests here: each adds to it."""
    found = two_nations(tmp_path_factory.mktemp("world"))
    call(found.agents["alice@uk"].engine, "room.create", {"title": ROOM, "with": ["fr"], "ceiling": TO_FRANCE})
    ask(found, "alice", "room.invite", room=ROOM, people=["bob", "claire@fr"])
    found.settle(3)
    for text in ("EXERCISE: one", "EXERCISE: two", "EXERCISE: three"):
        ask(found, "alice", "send", room=ROOM, text=text, wait_seconds=1)
    found.settle(2)
    yield found
    found.close()


def ask(world: World, name: str, method: str, **params: Any) -> dict[str, Any]:
    address = next(address for address in world.agents if address.startswith(name))
    answer = call(world.agents[address].engine, method, params)
    return json.loads(msgspec.json.encode(answer))


def test_status(world: World) -> None:
    found = ask(world, "claire", "status")
    assert found["address"] == "claire@fr"
    assert found["linked"] == ["uk"]
    assert found["rooms"] == 1


def test_rooms_are_documents(world: World) -> None:
    (room,) = ask(world, "claire", "room.list")["rooms"]
    assert room == ask(world, "claire", "room.show", room=room["id"][:8])["room"]
    assert room["title"] == ROOM
    assert room["nations"] == ["fr", "uk"]
    assert room["ceiling"]["classification"] == "diffusion-restreinte"
    assert {member["address"] for member in room["members"]} >= {"alice@uk", "bob@uk", "claire@fr"}


def test_a_text_goes_under_the_ceiling_where_no_label_is_given(world: World) -> None:
    sent = ask(world, "alice", "send", room=ROOM, text="EXERCISE: to all", wait_seconds=1)["message"]
    assert sent["state"] in ("sent", "stored")
    assert sent["marking"]["text"] == "OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE"
    world.settle(2)
    (read,) = [m for m in ask(world, "claire", "read", room=ROOM, language="fr")["messages"] if m["id"] == sent["id"]]
    assert read["text"] == "EXERCISE: to all"
    assert read["author"] == "alice@uk"
    assert read["marking"]["equivalent"]
    assert read["state"] == "received"


def test_the_ceiling_of_another_nation_is_met_in_ones_own_scheme(world: World) -> None:
    sent = ask(world, "claire", "send", room=ROOM, text="EXERCICE : reçu", wait_seconds=1, language="fr")["message"]
    assert sent["state"] in ("sent", "stored")
    assert "DIFFUSION RESTREINTE" in sent["marking"]["text"]
    assert not sent["marking"]["equivalent"]


def test_the_agent_refuses_first_and_the_border_refuses_always(world: World) -> None:
    secret = {"room": ROOM, "text": "EXERCISE: not for abroad", "label": "OFFICIAL-SENSITIVE UK EYES ONLY"}
    with pytest.raises(NotReleasable):
        ask(world, "alice", "send", **secret)
    found = ask(world, "alice", "send", **secret, precheck=False, wait_seconds=1)["message"]
    assert found["state"] == "refused"
    assert found["rule"]
    assert found["detail"]
    assert found["sequence"] is None


def test_while_the_node_is_away_a_message_waits(world: World) -> None:
    node = next(node for nation, node in world.nodes.items() if nation == "uk")
    node.up = False
    try:
        found = ask(world, "bob", "send", room=ROOM, text="EXERCISE: later", wait_seconds=0.05)["message"]
        assert found["state"] == "queued"
        assert found["rule"] == "unreachable"
        assert ask(world, "bob", "send", room=ROOM, text="EXERCISE: no wait", wait_seconds=0)["message"]["rule"] == ""
    finally:
        node.up = True
    world.settle(2)
    states = {m["text"]: m["state"] for m in ask(world, "bob", "read", room=ROOM)["messages"]}
    assert states["EXERCISE: later"] == states["EXERCISE: no wait"] == "stored"


def test_a_file_by_its_bytes_and_by_its_path(world: World, tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    path = tmp_path / "log.csv"
    path.write_bytes(data)
    for file in ({"name": "log.csv", "data": base64.b64encode(data).decode()}, {"path": str(path)}):
        sent = ask(world, "alice", "send", room=ROOM, text="caption", file=file, wait_seconds=1)["message"]
        assert sent["file"]["size"] == len(data)
        world.settle(3)
        saved = ask(world, "claire", "save", room=ROOM, message=sent["id"], directory=str(tmp_path))
        assert Path(saved["path"]).read_bytes() == data
        assert saved["path"] == str(path)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ({}, WrongUsage),
        ({"name": "a"}, WrongUsage),
        ({"path": "relative"}, WrongUsage),
        ({"path": "/nowhere/at/all"}, NotFound),
        ({"path": "/"}, NotFound),
        ({"path": "/dev/zero"}, NotFound),
        ({"path": "/etc/hostname", "data": ""}, WrongUsage),
        ({"name": "a", "data": "no base64!"}, WrongUsage),
    ],
)
def test_what_is_no_file(world: World, file: dict[str, Any], kind: type[CordialeError]) -> None:
    with pytest.raises(kind):
        ask(world, "alice", "send", room=ROOM, file=file)


def test_a_file_too_large(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 10)
    path = tmp_path / "large"
    path.write_bytes(b"x" * 11)
    with pytest.raises(LimitExceeded):
        ask(world, "alice", "send", room=ROOM, file={"path": str(path)})


def test_following_waits_for_what_arrives(world: World) -> None:
    before = ask(world, "claire", "follow", after=0)
    assert before["after"] == max((message["number"] for message in before["messages"]), default=0)
    assert ask(world, "claire", "follow", after=before["after"], wait=0.2)["messages"] == []
    ask(world, "alice", "send", room=ROOM, text="EXERCISE: follow me", wait_seconds=1)
    world.settle(2)
    found = ask(world, "claire", "follow", after=before["after"], wait=5)["messages"]
    now = ask(world, "claire", "follow", after=-1)
    assert now == {"messages": [], "after": max(message["number"] for message in found)}
    assert "EXERCISE: follow me" in [message["text"] for message in found]


def test_who_follows_is_woken_by_what_arrives_and_not_by_the_end_of_the_wait(world: World) -> None:
    engine, found = world.agents["alice@uk"].engine, list[dict[str, Any]]()
    after = ask(world, "alice", "follow", after=-1)["after"]
    following = threading.Thread(
        target=lambda: found.append(call(engine, "follow", {"after": after, "wait": 60})), daemon=True
    )
    following.start()
    ask(world, "alice", "send", room=ROOM, text="EXERCISE: wake up", wait_seconds=0)
    following.join(45)
    assert not following.is_alive()
    assert [message["text"] for message in found[0]["messages"]] == ["EXERCISE: wake up"]


def test_reading_gives_the_last_ones(world: World) -> None:
    everything = ask(world, "alice", "read", room=ROOM)["messages"]
    assert ask(world, "alice", "read", room=ROOM, limit=2)["messages"] == everything[-2:]
    newest = max(message["number"] for message in everything)
    assert ask(world, "alice", "read", room=ROOM, after=newest)["messages"] == []


def test_searching(world: World) -> None:
    ask(world, "alice", "send", room=ROOM, text="EXERCISE: quinquereme of Nineveh", wait_seconds=1)
    (found,) = ask(world, "alice", "search", query="quinquereme")["messages"]
    assert found["text"].endswith("Nineveh")


def test_the_proof_and_what_the_node_sees(world: World) -> None:
    sent = ask(world, "alice", "send", room=ROOM, text="EXERCISE: prove me", wait_seconds=1)["message"]
    world.settle(3)
    answer = ask(world, "alice", "bundle", room=ROOM, message=sent["id"][:12])
    assert parse_bundle(base64.b64decode(answer["bundle"])).log == "border/uk-fr"
    seen = ask(world, "alice", "stored", room=ROOM, message=sent["id"])
    assert seen["agent"]["text"] == "EXERCISE: prove me"
    assert "prove me" not in json.dumps(seen["node"])
    assert seen["node"]["ciphertext_bytes"] > len(seen["node"]["ciphertext"]) // 2


def test_what_was_not_sent_is_not_stored(world: World) -> None:
    node = next(node for nation, node in world.nodes.items() if nation == "uk")
    node.up = False
    try:
        sent = ask(world, "bob", "send", room=ROOM, text="EXERCISE: here only", wait_seconds=0)["message"]
        with pytest.raises(NotFound):
            ask(world, "bob", "stored", room=ROOM, message=sent["id"])
    finally:
        node.up = True


def test_removing_and_leaving(world: World) -> None:
    ask(world, "alice", "room.create", title="EXERCISE brief", **{"with": ["fr"]}, ceiling=TO_FRANCE)
    ask(world, "alice", "room.invite", room="EXERCISE brief", people=["bob", "denis@fr"])
    world.settle(3)
    ask(world, "alice", "room.remove", room="EXERCISE brief", person="bob")
    ask(world, "denis", "room.leave", room="EXERCISE brief")
    world.settle(6)
    room = ask(world, "alice", "room.show", room="EXERCISE brief")["room"]
    assert "bob@uk" not in {member["address"] for member in room["members"]}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("unheard.of", {}),
        ("", {}),
        ("status", {"more": 1}),
        ("status", {"language": "de"}),
        ("send", {}),
        ("send", {"room": ROOM}),
        ("send", {"room": ROOM, "text": 7}),
        ("send", {"room": ROOM, "text": "a", "wait_seconds": 61}),
        ("send", {"room": ROOM, "text": "a", "wait_seconds": -1}),
        ("send", {"room": ROOM, "text": "a", "wait_seconds": float("nan")}),
        ("send", {"room": "", "text": "a"}),
        ("send", {"room": "x" * 257, "text": "a"}),
        ("send", {"room": ROOM, "text": "a", "label": "NOT A MARKING"}),
        ("send", {"room": ROOM, "text": "a", "precheck": False, "file": {"name": "a", "data": ""}}),
        ("read", {"room": ROOM, "limit": 0}),
        ("read", {"room": ROOM, "limit": 1001}),
        ("follow", {"wait": 3600}),
        ("room.invite", {"room": ROOM, "people": []}),
        ("room.create", {"title": "", "with": ["fr"], "ceiling": TO_FRANCE}),
        ("room.create", {"title": "a", "with": "fr", "ceiling": TO_FRANCE}),
        ("room.create", {"title": "a", "nations": ["fr"], "ceiling": TO_FRANCE}),
    ],
)
def test_what_is_not_understood_is_wrong_usage(world: World, method: str, params: dict[str, Any]) -> None:
    before = ask(world, "alice", "read", room=ROOM)
    with pytest.raises(WrongUsage):
        call(world.agents["alice@uk"].engine, method, params)
    assert ask(world, "alice", "read", room=ROOM) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["room", "text", "file", "label", "limit", "after", "wait", "message", "directory", "query", "people", "with"]


@given(
    st.sampled_from([name for name in METHODS if name not in ("follow", "send")]),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), JSON, max_size=4),
)
def test_no_parameters_raise_anything_but_our_errors(world: World, method: str, params: dict[str, Any]) -> None:
    try:
        answer = call(world.agents["claire@fr"].engine, method, params)
    except CordialeError:
        return
    msgspec.json.encode(answer)


def test_a_received_file_never_replaces_another(tmp_path: Path) -> None:
    first = keep(tmp_path, "a.txt", b"one")
    assert keep(tmp_path, "a.txt", b"one") == first
    second = keep(tmp_path, "a.txt", b"two")
    assert second.name == "a-2.txt"
    assert first.read_bytes() == b"one"
    assert first.stat().st_mode & 0o777 == 0o600


def test_a_received_file_stays_in_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    assert keep(inside, "../../outside", b"x").parent == inside
    (inside / "link").symlink_to(tmp_path / "target")
    assert keep(inside, "link", b"x").name == "link-2"
    assert not (tmp_path / "target").exists()


def test_a_folder_for_received_files_must_be_there(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", Path("relative")):
        with pytest.raises(NotFound):
            keep(folder, "a", b"x")


def test_a_folder_full_of_one_name(tmp_path: Path) -> None:
    for place in range(1, 1000):
        (tmp_path / ("a" if place == 1 else f"a-{place}")).write_bytes(b"other")
    with pytest.raises(IllegalStep):
        keep(tmp_path, "a", b"x")


def test_the_vocabulary_is_documented() -> None:
    assert set(METHODS) == {
        *("status", "room.create", "room.list", "room.show", "room.invite", "room.remove", "room.leave"),
        *("send", "read", "follow", "save", "search", "bundle", "stored", "message"),
        *register_commands.METHODS,
        *("register.export", "register.import", "register.query", "register.conflicts", "register.handovers"),
        "register.balance",
        *(f"deconflict.{name}" for name in ("propose", "accept", "decline", "stop", "list", "show", "result", "open")),
        *compose_commands.METHODS,
        *(f"border.{name}" for name in ("links", "crossings", "refused", "verify", "words", "compared", "requests")),
        *("begun", "begun.desk"),
        *talk_commands.METHODS,
        *("plan.match", "maritime.release", "maritime.released", "maritime.shared"),
    }
    assert commands.__doc__
