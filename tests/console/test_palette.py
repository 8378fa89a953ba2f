"""The palette finds registers and records by words of their names, without accents and case."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from console.visitor import Visitor, console_of, signed_in
from cordiale.wiring import commands
from worlds.world import two_nations

NAME = 'EXERCISE Patrols <img src=x onerror="x">'


@pytest.fixture(scope="module")
def claire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    world = two_nations(tmp_path_factory.mktemp("world"))
    alice = world.agents["alice@uk"].engine
    given = {"title": "EXERCISE Channel", "with": ["fr"], "ceiling": "OFFICIAL-SENSITIVE REL FRA"}
    room = commands.call(alice, "room.create", given)["room"]["id"]
    commands.call(alice, "room.invite", {"room": room, "people": ["claire@fr"]})
    world.settle(3)
    values = {
        "title": {"en": NAME, "fr": "EXERCICE Câbles d'été"},
        "text": {"en": "x", "fr": "x"},
        "body": "EXERCISE",
        "met": "2026-03-02",
    }
    commands.call(alice, "register.new", {"room": room, "type": "decision", "values": values})
    world.settle(3)
    yield signed_in(*console_of(world.agents["claire@fr"].engine, "fr"))
    world.close()


def found(visitor: Visitor, words: str) -> list[dict[str, str]]:
    answer = visitor.get(f"/palette?q={quote(words)}")
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.text)["found"]


def test_records_are_found_by_name(claire: Visitor) -> None:
    (record, *_) = found(claire, "CABLES ete")
    assert record["kind"] == "record"
    assert "Câbles" in record["title"]
    assert claire.get(record["href"]).status == 200


def test_registers_are_found_in_the_readers_language(claire: Visitor) -> None:
    register = next(each for each in found(claire, "decision") if each["kind"] == "register")
    assert claire.get(register["href"]).status == 200


def test_nothing_for_nothing(claire: Visitor) -> None:
    assert found(claire, "") == found(claire, "   ") == found(claire, "zzzz not there") == []
    assert len(found(claire, "e" * 10_000)) == 0
