"""What people say about messages, on pages over a real engine: replies, changes, reactions, windows, drafts, previews."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from console.test_preview import png
from console.visitor import Visitor, met
from cordiale.agent import talking
from cordiale.console.room_pages import PIECE
from cordiale.wiring import commands
from worlds.world import World

TO_FRANCE = "OFFICIAL-SENSITIVE REL FRA"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found, _ = met(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


def said(world: World, room: str, text: str, **more: Any) -> str:
    """A message of Alice's that Claire has; its id."""
    alice = world.agents["alice@uk"].engine
    sent = commands.call(alice, "send", {"room": room, "text": text, "wait_seconds": 1, **more})
    world.settle(2)
    return sent["message"]["id"]


def test_a_message_is_sent_with_all_that_goes_with_it(world: World, room: str, alice: Visitor, claire: Visitor) -> None:
    asked = said(world, room, "EXERCISE: @claire seen?")
    form = {"text": "EXERCISE: soon", "label": TO_FRANCE, "topic": "Dover <b>", "priority": "FLASH", "reply": asked}
    assert alice.post(f"/rooms/{room}/send", urlencode(form), hx_request="true").status == 200
    world.settle(2)
    page = claire.get(f"/rooms/{room}").text
    assert 'class="precedence flash">FLASH' in page
    assert "# Dover &lt;b&gt;" in page
    assert f'data-to="m-{asked}"' in page
    assert "@ vous mentionne" in page
    listed = claire.get("/frame/rooms").text
    assert "EXERCISE: soon" in listed


def test_a_change_shows_the_new_text_and_keeps_the_former(
    world: World, room: str, alice: Visitor, claire: Visitor
) -> None:
    message = said(world, room, "EXERCISE: two")
    place = f"/rooms/{room}/messages/{message}/edit"
    assert "EXERCISE: two" in alice.get(place).text
    changed = alice.post(place, urlencode({"text": "EXERCISE: three"}), hx_request="true")
    assert changed.status == 200
    world.settle(2)
    seen = claire.get(f"/rooms/{room}/messages/{message}").text
    assert re.search(r'<div class="prose"><p>EXERCISE: three', seen)
    assert "EXERCISE: two" in seen.partition('class="history"')[2]
    lower = alice.post(place, urlencode({"text": "EXERCISE", "label": "OFFICIAL REL FRA"}), hx_request="true")
    assert lower.status == 404
    assert "only be raised" in lower.text
    others = claire.post(place, urlencode({"text": "EXERCICE"}), hx_request="true")
    assert others.status == 404


def test_a_reaction_is_given_seen_and_taken_back(world: World, room: str, alice: Visitor, claire: Visitor) -> None:
    message = said(world, room, "EXERCISE: agree?")
    place = f"/rooms/{room}/messages/{message}"
    given = claire.post(f"{place}/react", urlencode({"reaction": "agree"}), hx_request="true").text
    assert 'aria-pressed="true"' in given
    world.settle(2)
    assert 'title="claire@fr"' in alice.get(place).text
    claire.post(f"{place}/react", urlencode({"reaction": "agree", "off": "1"}), hx_request="true")
    world.settle(2)
    assert "claire@fr" not in alice.get(place).text
    assert claire.post(f"{place}/react", urlencode({"reaction": "love"}), hx_request="true").status == 400


def test_a_draft_is_kept_by_the_agent_and_gone_once_sent(room: str, alice: Visitor) -> None:
    form = urlencode({"text": "EXERCISE unfinished", "label": TO_FRANCE, "topic": "Dover"})
    assert alice.post(f"/rooms/{room}/draft", form).status == 204
    assert "EXERCISE unfinished</textarea>" in alice.get(f"/rooms/{room}").text
    alice.post(f"/rooms/{room}/send", form, hx_request="true")
    assert "EXERCISE unfinished</textarea>" not in alice.get(f"/rooms/{room}").text


def test_a_window_moves_both_ways_without_gaps(world: World, room: str, alice: Visitor) -> None:
    for at in range(2 * PIECE + 20):
        commands.call(
            world.agents["alice@uk"].engine, "send", {"room": room, "text": f"EXERCISE {at}", "wait_seconds": 0}
        )
    world.settle(3)
    found = commands.call(world.agents["alice@uk"].engine, "read", {"room": room, "limit": 1000})["messages"]
    ids = [message["id"] for message in found]
    middle = ids[len(ids) // 2]
    page = alice.get(f"/rooms/{room}/m/{middle}").text
    assert f'data-focus="m-{middle}"' in page
    window = re.findall(r'id="m-([0-9a-f]{32})"', page)
    while more := re.search(r'data-more="(before=\d+)"', page):
        page = alice.get(f"/rooms/{room}/messages?{more[1]}").text
        window = re.findall(r'id="m-([0-9a-f]{32})"', page) + window
    page = alice.get(f"/rooms/{room}/m/{middle}").text
    while more := re.search(r'data-more="(since=\d+)"', page):
        page = alice.get(f"/rooms/{room}/messages?{more[1]}").text
        window += re.findall(r'id="m-([0-9a-f]{32})"', page)
    assert window == ids


def test_a_link_to_no_message_says_so(room: str, alice: Visitor) -> None:
    assert alice.get(f"/rooms/{room}/m/{'0' * 32}").status == 404


def test_how_far_messages_have_come(
    world: World, room: str, alice: Visitor, claire: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "READ_EVERY", 0)  # others of these tests may have told just now
    message = said(world, room, "EXERCISE: far")
    assert '"theirs":{"fr":' in alice.get(f"/rooms/{room}/delivery").text
    claire.get(f"/rooms/{room}")
    engine = world.agents["claire@fr"].engine
    engine._to_tell = dict.fromkeys(engine._to_tell, engine._clock())
    world.settle(3)
    assert 'data-step="5"' in alice.get(f"/rooms/{room}/messages/{message}").text


def test_a_file_is_shown_as_what_it_is(world: World, room: str, claire: Visitor) -> None:
    text = said(world, room, "EXERCISE", file={"name": "a.png", "data": b"EXERCISE <script>"})
    picture = said(world, room, "EXERCISE", file={"name": "evil.html", "data": png(4, 4)})
    place = f"/rooms/{room}/messages"
    assert "EXERCISE &lt;script&gt;" in claire.get(f"{place}/{text}/preview").text
    assert claire.get(f"{place}/{text}/picture").status == 404
    assert f'src="{place}/{picture}/picture"' in claire.get(f"{place}/{picture}/preview").text
    shown = claire.get(f"{place}/{picture}/picture")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    for path in ("picture", "file"):
        policy = claire.get(f"{place}/{picture}/{path}").headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; sandbox, default-src 'none'; script-src")
    assert "sandbox" not in claire.get(f"/rooms/{room}").headers["content-security-policy"]


def test_states_look_different_and_say_what_to_do(room: str, alice: Visitor) -> None:
    assert "state-filtered" in alice.get(f"/rooms/{room}?topic=nothing").text
    assert "state-filtered" in alice.get("/search?q=zzzz").text
    assert "state-empty" in alice.get("/search?q=").text
    refused = alice.post(f"/rooms/{room}/send", urlencode({"text": "EXERCISE", "label": "OFFICIAL UK EYES ONLY"}))
    assert refused.status == 403
    assert "state-forbidden" in refused.text


def test_reading_is_told_or_not_as_one_likes(room: str, alice: Visitor) -> None:
    assert "Others see what you have read." in alice.get(f"/rooms/{room}").text
    alice.post("/receipts", urlencode({"wanted": "off", "back": f"/rooms/{room}"}))
    assert "Others do not see what you have read." in alice.get(f"/rooms/{room}").text
    assert alice.post("/receipts", urlencode({"wanted": "on", "back": "//evil"})).headers["location"] == "/"


def test_one_signs_out_by_a_button(alice: Visitor) -> None:
    assert 'action="/sign-out"' in alice.get("/").text
    assert alice.post("/sign-out", "").status == 200
    assert alice.get("/").status == 401


def test_the_list_of_rooms_says_what_was_said_last_without_its_signs(world: World, room: str, claire: Visitor) -> None:
    said(world, room, "EXERCISE: **both** <b>coasters</b>")
    listed = claire.get("/").text
    assert "EXERCISE: both &lt;b&gt;coasters&lt;/b&gt;" in listed
    assert "**both" not in listed
