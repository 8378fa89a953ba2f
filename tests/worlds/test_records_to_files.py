"""Records out of one room and into another, between real agents: nothing is lost, nothing goes in half, no marking falls."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from cordiale.adapters.exchange.formats import FORMATS
from cordiale.errors import LimitExceeded, NotFound, WrongUsage
from cordiale.register.schema import shipped
from cordiale.wire import limits
from cordiale.wiring import register_files
from cordiale.wiring.commands import call
from worlds.test_joint_records import DECISION
from worlds.test_two_nations import TO_FRANCE
from worlds.world import World, two_nations

FROM, INTO = "EXERCISE Source", "EXERCISE Target"
OFFICIAL = "OFFICIAL REL FRA"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two rooms of two nations; the first has three decisions, of two markings."""
    found = two_nations(tmp_path_factory.mktemp("world"))
    for title in (FROM, INTO):
        ask(found, "alice@uk", "room.create", title=title, ceiling=TO_FRANCE, **{"with": ["fr"]})
        ask(found, "alice@uk", "room.invite", room=title, people=["claire@fr"])
    found.settle(3)
    for number, label in enumerate([TO_FRANCE, OFFICIAL, TO_FRANCE]):
        title = {"en": f"EXERCISE decision {number}", "fr": f"EXERCICE décision {number}"}
        values = {**DECISION, "title": title, "lead": ["fr", "uk"]}
        ask(found, "alice@uk", "register.new", room=FROM, type="decision", values=values, label=label)
    found.settle(2)
    yield found
    found.close()


def ask(world: World, who: str, method: str, **params: Any) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(call(world.agents[who].engine, method, params)))


def exported(world: World, who: str, form: str, **params: Any) -> tuple[dict[str, Any], bytes]:
    answer = ask(world, who, "register.export", format=form, **{"room": FROM, **params})
    data = base64.b64decode(answer["data"])
    assert answer["size"] == len(data)
    return answer, data


def rows(form: str, data: bytes) -> list[dict[str, Any]]:
    found = FORMATS[form].read(data, shipped()["decision"])
    assert not any(row.faults for row in found)
    return [{"place": row.place, "marking": row.marking, "values": dict(row.values)} for row in found]


def records(world: World, who: str, room: str, language: str = "en") -> list[dict[str, Any]]:
    return ask(world, who, "register.list", room=room, query="type=decision", language=language)["records"]


def told(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return (record["values"]["title"]["en"], record["marking"]["text"], json.dumps(record["values"], sort_keys=True))


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "cap"])  # one relief need only
@pytest.mark.parametrize("who", ["alice@uk", "claire@fr"])
def test_the_whole_carries_every_marking_the_gravest_first(world: World, form: str, who: str) -> None:
    language = "fr" if who.endswith("@fr") else "en"
    answer, data = exported(world, who, form, language=language)
    own = [record["marking"]["text"] for record in records(world, who, FROM, language)]
    assert set(answer["markings"]) == set(own)
    if who == "alice@uk":
        assert answer["markings"][0].startswith("OFFICIAL-SENSITIVE")
        assert answer["markings"][1].startswith("OFFICIAL –")
    assert (answer["records"], answer["left_out"]) == (3, 0)
    assert exported(world, who, form, language=language)[1] == data


@pytest.mark.parametrize("form", ["csv", "json", "geojson", "ics"])
def test_what_goes_out_comes_in_again_under_its_own_marking(world: World, form: str) -> None:
    room = f"EXERCISE {form}"
    ask(world, "alice@uk", "room.create", title=room, ceiling=TO_FRANCE, **{"with": ["fr"]})
    ask(world, "alice@uk", "room.invite", room=room, people=["claire@fr"])
    world.settle(3)
    given = rows(form, exported(world, "alice@uk", form)[1])
    params = {"room": room, "type": "decision", "rows": given}
    assert ask(world, "alice@uk", "register.import", **params, dry_run=True)["records"] == []
    assert records(world, "alice@uk", room) == []
    answer = ask(world, "alice@uk", "register.import", **params)
    assert answer["faults"] == []
    assert len(answer["records"]) == 3
    world.settle(2)
    before = sorted(map(told, records(world, "alice@uk", FROM)))
    assert sorted(map(told, records(world, "alice@uk", room))) == before
    there = records(world, "claire@fr", room)
    assert sorted(record["values"]["title"]["en"] for record in there) == [name for name, _, _ in before]


def test_one_wrong_row_keeps_all_rows_out_and_every_fault_is_named(world: World) -> None:
    good = {"place": 2, "values": DECISION}
    bad = {
        "place": 3,
        "values": {**DECISION, "met": "2026-02-30", "lead": ["narnia!"], "colour": "red", "references": ["zz"]},
    }
    worse = {"place": 4, "values": {"title": {"en": "only"}}, "marking": "NOT A MARKING"}
    secret = {"place": 5, "values": DECISION, "marking": "OFFICIAL-SENSITIVE UK EYES ONLY"}
    params = {"room": INTO, "type": "decision", "rows": [good, bad, worse, secret]}
    before = records(world, "alice@uk", INTO)
    answer = ask(world, "alice@uk", "register.import", **params)
    assert answer["records"] == []
    assert {(fault["row"], fault["field"]) for fault in answer["faults"]} == {
        (3, "met"), (3, "lead"), (3, "colour"), (3, "references"),
        (4, "title"), (4, "text"), (4, "body"), (4, "met"), (4, "marking"),
        (5, "marking"),
    }  # fmt: skip
    assert records(world, "alice@uk", INTO) == before
    french = ask(world, "alice@uk", "register.import", **params, language="fr")["faults"]
    assert {fault["why"] for fault in french if fault["row"] == 3 and fault["field"] == "met"} == {
        "n’est pas un jour du calendrier"
    }
    for told in (answer["faults"], french):  # another nation's file has its markings: the way out is told
        assert all("--label" in fault["why"] for fault in told if fault["field"] == "marking")
    one_label = ask(world, "alice@uk", "register.import", **{**params, "rows": [secret], "label": OFFICIAL})
    (made,) = one_label["records"]
    shown = ask(world, "alice@uk", "register.show", room=INTO, record=made)["record"]
    assert shown["marking"]["text"].startswith("OFFICIAL –")


def test_rows_that_together_cannot_be_sent_leave_nothing_behind(world: World) -> None:
    big = {"place": 3, "values": {**DECISION, "text": {"en": "é" * 65_000, "fr": "é" * 65_000}}}
    before = records(world, "alice@uk", INTO)
    params = {"room": INTO, "type": "decision", "rows": [{"place": 2, "values": DECISION}, big]}
    with pytest.raises(LimitExceeded):
        ask(world, "alice@uk", "register.import", **params)
    assert records(world, "alice@uk", INTO) == before
    with pytest.raises(NotFound, match="decision"):
        ask(world, "alice@uk", "register.import", room=INTO, type="novel", rows=[])


def test_a_marking_that_the_importer_cannot_give_is_a_fault_until_a_label_is_named(world: World) -> None:
    given = rows("json", exported(world, "claire@fr", "json")[1])
    params = {"room": INTO, "type": "decision", "rows": given}
    refused = ask(world, "claire@fr", "register.import", **params)
    assert {fault["field"] for fault in refused["faults"]} == {"marking"}
    assert len(refused["faults"]) == 3
    answer = ask(world, "claire@fr", "register.import", **params, label="DIFFUSION RESTREINTE REL GBR")
    assert len(answer["records"]) == 3


def test_a_row_without_a_marking_gets_the_ceiling(world: World) -> None:
    row = {"place": 1, "values": DECISION}
    (made,) = ask(world, "alice@uk", "register.import", room=INTO, type="decision", rows=[row])["records"]
    shown = ask(world, "alice@uk", "register.show", room=INTO, record=made)["record"]
    assert shown["marking"]["text"] == "OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE"


def test_an_empty_answer_is_marked_with_the_ceiling(world: World) -> None:
    answer, data = exported(world, "alice@uk", "json", query="title-that-nobody-has")
    assert answer["records"] == 0
    assert answer["markings"] == ["OFFICIAL-SENSITIVE – RELEASABLE TO FRANCE"]
    assert json.loads(data)["records"] == []


def test_more_than_an_answer_holds_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_files, "EXPORT_BYTES", 100)
    with pytest.raises(LimitExceeded, match="100 allowed: narrow the question"):
        exported(world, "alice@uk", "csv")
    monkeypatch.setattr(register_files, "EXPORT_RECORDS", 2)
    with pytest.raises(LimitExceeded, match="more than 2 records"):
        exported(world, "alice@uk", "csv")


def test_saved_questions_are_kept_encrypted_and_asked_again(world: World) -> None:
    question = "status=proposed decision 1 exercise"
    saved = ask(world, "alice@uk", "register.query", room=FROM, name="EXERCISE mine", query=question)
    assert saved["queries"] == [{"name": "EXERCISE mine", "query": question}]
    answer = ask(world, "alice@uk", "register.query", room=FROM, name="EXERCISE mine")
    assert [record["values"]["title"]["en"] for record in answer["records"]] == ["EXERCISE decision 1"]
    elsewhere = ask(world, "claire@fr", "register.query", room=FROM)["queries"]
    assert "EXERCISE mine" not in {each["name"] for each in elsewhere}
    stored = [file.read_bytes() for file in world.agents["alice@uk"].directory.rglob("*") if file.is_file()]
    assert sum(map(len, stored)) > 10_000
    assert not any(question.encode() in data for data in stored)
    with pytest.raises(NotFound, match="room"):
        ask(world, "alice@uk", "register.query", room="no such room")
    with pytest.raises(WrongUsage):
        ask(world, "alice@uk", "register.query", room=FROM, name="bad", query="within=here")
    assert ask(world, "alice@uk", "register.query", room=FROM, name="EXERCISE mine", remove=True)["queries"] == []
    for params in ({"remove": True}, {}):
        with pytest.raises(NotFound, match="saved question"):
            ask(world, "alice@uk", "register.query", room=FROM, name="EXERCISE mine", **params)


def test_saved_questions_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_ITEMS", 1)
    ask(world, "claire@fr", "register.query", room=FROM, name="one", query="a")
    assert ask(world, "claire@fr", "register.query", room=FROM, name="one", query="b")["queries"][0]["query"] == "b"
    with pytest.raises(LimitExceeded):
        ask(world, "claire@fr", "register.query", room=FROM, name="two", query="a")
