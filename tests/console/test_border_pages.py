"""The border's page over a real engine: crossings, verification in plain words, words to compare; hostile names stay text."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from console.visitor import Visitor, met
from cordiale.wiring import commands
from cordiale.wiring.switches import tamper
from worlds.world import World

TITLE = 'EXERCISE <b onclick="x">Channel</b>'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found, room = met(tmp_path_factory.mktemp("world"), TITLE)
    alice = found.agents["alice@uk"].engine
    commands.call(alice, "send", {"room": room, "text": "EXERCISE: the words", "wait_seconds": 1})
    found.settle(2)
    yield found
    found.close()


def test_what_crossed_stands_there_and_what_was_written_does_not(alice: Visitor, claire: Visitor) -> None:
    english, french = alice.get("/border").text, claire.get("/border").text
    assert "uk-releasable" in english
    assert "stored there" in english
    assert "admis" in french
    assert "DIFFUSION RESTREINTE" in french
    for page in (english, french):
        assert "the words" not in page.partition("<main")[2], "the list of rooms shows last messages, the border none"
        assert "<b onclick" not in page
    assert "claire@fr" in english, "people and devices"


def test_filters_that_leave_nothing_say_so(alice: Visitor) -> None:
    found = alice.get("/border?rule=nothing-like-it").text
    assert "Nothing that crossed fits these filters." in found
    assert alice.get("/border?before=x").status == 400
    assert alice.get(f"/border/crossings?{urlencode({'before': '[1]'})}").status == 400
    assert alice.get("/border?direction=sideways").status == 400


def test_words_are_compared_once_and_ticked(alice: Visitor) -> None:
    assert "My counterpart reads the same six words" in alice.get("/").text
    for back, where in (("/", "/"), ("//evil.example", "/border")):
        answer = alice.post("/border/compared", urlencode({"nation": "fr", "back": back}))
        assert (answer.status, answer.headers["location"]) == (303, where)
    start = alice.get("/").text
    assert "My counterpart reads the same six words" not in start
    assert 'class="done"' in start
    assert alice.post("/border/compared", "nation=de&back=/").status == 404


def test_a_partner_that_is_reached_has_no_chip(alice: Visitor) -> None:
    assert "unreachable" not in alice.get("/frame/links").text
    assert "reachable" in alice.get("/border/partners").text


def test_a_node_that_is_away_is_said(world: World, alice: Visitor) -> None:
    node = world.nodes[next(iter(world.nodes))]
    node.up = False
    try:
        page = alice.get("/border")
        assert page.status == 200
        assert "Your node does not answer" in page.text
        assert alice.get("/frame/links").text.strip() == ""
    finally:
        node.up = True


def test_verification_is_told_in_words_and_names_the_altered_entry(world: World, alice: Visitor) -> None:
    assert "Every border log stands as it was signed." in alice.post("/border/verify", "").text
    entry = tamper(world.directory / "uk" / "node.db", "border/uk-fr")
    found = alice.post("/border/verify", "").text
    assert f"Entry {entry} of border/uk-fr is not what was signed." in found
    assert "cordiale log verify" in found
