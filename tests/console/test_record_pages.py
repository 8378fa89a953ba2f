"""Pages of records over a real engine: forms, what is kept back, what two wrote at once."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from console.visitor import Visitor, met
from cordiale.wiring import commands
from worlds.world import World

LABEL = "OFFICIAL-SENSITIVE REL FRA"
HOSTILE = 'EXERCISE <img src=x onerror="alert(1)">'
ACTIVITY = {
    "cells": ["u10h"],
    "weeks": ["2026-11-30T00:00:00.000Z", "2026-12-07T00:00:00.000Z"],
    "title": {"en": HOSTILE, "fr": "EXERCICE Levé"},
    "kind": "exercise",
    "span": ["2026-12-01T08:00:00.000Z", "2026-12-03T16:00:00.000Z"],
    "areas": [{"ring": [[1.0, 50.6], [1.7, 50.75], [1.6, 51.0]]}],
    "units": ["EXERCISE unit"],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found, room = met(tmp_path_factory.mktemp("world"))
    alice = found.agents["alice@uk"].engine
    given = {"room": room, "type": "activity", "values": ACTIVITY, "tier": 2, "label": LABEL}
    commands.call(alice, "register.new", given)
    found.settle(3)
    yield found
    found.close()


@pytest.fixture(scope="module")
def base(room: str) -> str:
    return f"/rooms/{room}/records"


def record_of(world: World, base: str, kind: str) -> str:
    room = base.split("/")[2]
    asked = {"room": room, "query": f"type={kind}"}
    return commands.call(world.agents["alice@uk"].engine, "register.list", asked)["records"][0]["id"]


def test_every_form_shows_it_and_names_are_text(alice: Visitor, base: str) -> None:
    for form in ("table", "board", "calendar", "map"):
        page = alice.get(f"{base}?view={form}")
        assert page.status == 200
        assert 'aria-current="page">' in page.text
        assert "<img src=x" not in page.text
    assert "&lt;img src=x" in alice.get(f"{base}?view=calendar&month=2026-12").text
    assert alice.get(f"{base}?view=<b>&month=x").status == 200


def test_its_geometry_is_fetched_by_the_map(alice: Visitor, base: str) -> None:
    answer = alice.get(f"{base}/shapes.json")
    (shape,) = json.loads(answer.body)["features"]
    assert shape["geometry"]["type"] == "Polygon"
    assert shape["properties"]["name"] == HOSTILE
    assert answer.headers["content-type"] == "application/json"


def test_what_is_kept_back_is_seen_here_and_not_there_until_it_is_shown(
    world: World, alice: Visitor, claire: Visitor, base: str
) -> None:
    where = f"{base}/{record_of(world, base, 'activity')}"
    mine, theirs = alice.get(where).text, claire.get(where).text
    assert "EXERCISE unit" in mine
    assert "kept back" in mine
    assert "EXERCISE unit" not in theirs
    assert alice.post(f"{where}/disclose", "field=units").status == 303
    world.settle(3)
    assert "EXERCISE unit" in claire.get(where).text
    assert "kept back" not in alice.get(where).text
    assert alice.post(f"{where}/disclose", "field=nothing").status == 404


def test_what_two_wrote_at_once_is_settled_by_choice_or_in_new_words(
    world: World, alice: Visitor, claire: Visitor, base: str
) -> None:
    made = alice.post(
        base,
        urlencode(
            {
                "type": "decision", "label": LABEL, "field.title.en": "EXERCISE Patrols", "field.title.fr": "EXERCICE",
                "field.text.en": "One.", "field.text.fr": "Un.", "field.body": "EXERCISE group", "field.met": "2026-03-02",
            }
        ),
    ).headers["location"]  # fmt: skip
    world.settle(3)
    room, record = base.split("/")[2], made.rpartition("/")[2]
    for who, text in (("alice@uk", "EXERCISE left"), ("claire@fr", "EXERCICE droite")):
        engine = world.agents[who].engine
        commands.call(engine, "register.set", {"room": room, "record": record, "set": {"body": text}})
    world.settle(4)
    shown = commands.call(world.agents["alice@uk"].engine, "register.show", {"room": room, "record": record})["record"]
    assert set(shown["conflicts"]["body"]) == {"EXERCISE left", "EXERCICE droite"}
    page = alice.get(made).text
    assert "Keep this one" in page
    form = {"field": "body", "hash": shown["hash"]}
    for wrong in ({"keep": "7"}, {"keep": "x"}, {"keep": "0", "hash": "00"}, {"keep": "0", "field": "met"}):
        assert alice.post(f"{made}/settle", urlencode({**form, **wrong})).status == 400
    kept = shown["conflicts"]["body"].index("EXERCICE droite")
    assert alice.post(f"{made}/settle", urlencode({**form, "keep": str(kept)})).status == 303
    world.settle(3)
    for who in (alice, claire):
        settled = who.get(made).text
        assert "EXERCICE droite" in settled
        assert "EXERCISE left" not in settled
