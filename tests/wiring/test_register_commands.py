"""What a person asks about records, by name and plain values, as the command line and the console do."""

from typing import Any

import pytest

from cordiale.errors import ActRefused, CordialeError, Malformed, NotFound, WrongUsage
from cordiale.wiring.commands import call
from worlds.test_two_nations import TO_FRANCE, room_of_four
from worlds.world import World

TYPED = {
    "title.en": "EXERCISE Cable patrols",
    "title.fr": "EXERCICE Patrouilles câbles",
    "text.en": "They alternate.",
    "text.fr": "Elles alternent.",
    "body": "EXERCISE group",
    "met": "2026-03-02",
    "lead": "uk; fr",
}


class Desk:
    """One person and a room, asked through the vocabulary."""

    def __init__(self, world: World) -> None:
        self.world, self.room = world, room_of_four(world).hex()

    def __call__(self, who: str, method: str, **params: Any) -> dict[str, Any]:
        engine = self.world.agents[who].engine
        answer = call(engine, method, params if method == "register.types" else {"room": self.room, **params})
        self.world.settle(2)
        return answer

    def new(self, who: str = "alice@uk", **more: Any) -> dict[str, Any]:
        return self(who, "register.new", type="decision", set=TYPED, label=TO_FRANCE, **more)["record"]


@pytest.fixture
def ask(world: World) -> Desk:
    return Desk(world)


def test_registers_are_listed_and_described_in_both_languages(ask: Desk) -> None:
    listed = {kind["type"]: kind["title"] for kind in ask("alice@uk", "register.types")["types"]}
    assert listed["decision"] == "Decision"
    shown = ask("alice@uk", "register.types", type="decision", language="fr")["type"]
    assert shown["title"] == "Décision"
    assert {field["name"] for field in shown["fields"]} >= {"title", "text", "met", "due"}
    assert shown["diagram"].startswith("stateDiagram-v2")
    with pytest.raises(NotFound):
        ask("alice@uk", "register.types", type="nonsense")


def test_a_record_is_made_from_what_a_person_types_and_changed(ask: Desk) -> None:
    made = ask.new()
    assert made["status"] == "proposed"
    assert made["values"]["title"] == {"en": "EXERCISE Cable patrols", "fr": "EXERCICE Patrouilles câbles"}
    assert made["values"]["lead"] == ["uk", "fr"]
    changed = ask(
        "claire@fr", "register.set", record=made["id"][:8], set={"title.fr": "EXERCICE Rondes", "due": "2026-09-30"}
    )
    assert changed["record"]["values"]["title"] == {"en": "EXERCISE Cable patrols", "fr": "EXERCICE Rondes"}
    assert changed["record"]["hash"] != made["hash"]
    seen = ask("bob@uk", "register.show", record="exercice rondes")["record"]
    assert [event["act"] for event in seen["history"]] == ["propose", "amend"]
    assert [event["person"] for event in seen["history"]] == ["alice@uk", "claire@fr"]


def test_keys_are_asked_for_and_listed(ask: Desk) -> None:
    record = ask.new()["id"]
    ask("alice@uk", "register.act", record=record, act="key")
    waiting = ask("claire@fr", "register.list", query="status=part-keyed")["records"]
    assert [(one["id"], one["keys_needed"]["of"]) for one in waiting] == [(record, ["fr", "uk"])]
    ask("claire@fr", "register.act", record=record, act="key")
    bound = ask("denis@fr", "register.show", record=record)["record"]
    assert bound["status"] == "binding"
    assert [key["person"] for key in bound["keys"]] == ["alice@uk", "claire@fr"]
    with pytest.raises(ActRefused):
        ask("alice@uk", "register.set", record=record, set={"due": "2026-10-01"})
    ask("denis@fr", "register.act", record=record, act="fulfil", text="EXERCISE report")
    assert ask("alice@uk", "register.show", record=record)["record"]["status"] == "fulfilled"


def test_a_binding_record_is_superseded_by_one_that_binds(ask: Desk) -> None:
    old = ask.new()["id"]
    for who in ("alice@uk", "claire@fr"):
        ask(who, "register.act", record=old, act="key")
    new = ask(
        "alice@uk",
        "register.new",
        type="decision",
        set={**TYPED, "title.en": "EXERCISE New patrols"},
        label=TO_FRANCE,
        supersedes=old,
    )
    assert ask("bob@uk", "register.show", record=old)["record"]["superseded_by"] is None
    for who in ("alice@uk", "claire@fr"):
        ask(who, "register.act", record=new["record"]["id"], act="key")
    assert ask("bob@uk", "register.show", record=old)["record"]["superseded_by"] == new["record"]["id"]


def test_stages_of_disclosure(ask: Desk) -> None:
    record = ask.new(tier=1)["id"]
    assert ask("claire@fr", "register.show", record=record)["record"]["values"] == {}
    ask("alice@uk", "register.disclose", record=record, fields=["met"])
    assert ask("claire@fr", "register.show", record=record)["record"]["values"] == {"met": "2026-03-02"}
    ask("alice@uk", "register.disclose", record=record)
    assert ask("claire@fr", "register.show", record=record)["record"]["withheld"] == []


def test_other_terms_than_the_registers_own(ask: Desk) -> None:
    terms = {"workflow": "two-keys", "signatories": {"fr": ["claire@fr"]}}
    record = ask.new(terms=terms)["id"]
    with pytest.raises(ActRefused, match="may not sign"):
        ask("denis@fr", "register.act", record=record, act="key")
    ask("claire@fr", "register.act", record=record, act="delegate", to="denis@fr", until="2099-01-01")
    ask("denis@fr", "register.act", record=record, act="key")
    assert ask("bob@uk", "register.show", record=record)["record"]["status"] == "part-keyed"


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("register.new", {"type": "decision", "set": {**TYPED, "colour": "red"}}, WrongUsage),
        ("register.new", {"type": "decision", "set": {**TYPED, "met": "soon"}}, Malformed),
        ("register.new", {"type": "decision", "set": {}, "values": {"met": 5}}, Malformed),
        ("register.new", {"type": "oracle"}, NotFound),
        ("register.new", {"type": "decision", "set": TYPED, "terms": {"workflow": "haste"}}, WrongUsage),
        ("register.new", {"type": "decision", "set": TYPED, "tier": 4}, WrongUsage),
        ("register.show", {"record": "nothing"}, NotFound),
        ("register.act", {"record": "nothing", "act": "key"}, NotFound),
        ("register.act", {"record": "nothing", "act": "dance"}, WrongUsage),
        ("register.list", {"query": "due<"}, WrongUsage),
    ],
)
def test_what_is_not_understood_changes_nothing(
    ask: Desk, method: str, params: dict[str, Any], error: type[CordialeError]
) -> None:
    with pytest.raises(error):
        ask("alice@uk", method, **params)
    assert ask("claire@fr", "register.list")["records"] == []
