"""What a person asks about records, by name and plain values, as the command line and the console do."""

from base64 import b64encode
from typing import Any

import pytest

from cordiale.agent.registering import Wanted
from cordiale.crypto.digest import sha256
from cordiale.errors import ActRefused, CordialeError, NotFound, WrongUsage
from cordiale.register import draft as drafts
from cordiale.wiring.commands import call
from cordiale.wiring.encounter import FIRING, RESCUE
from worlds.test_two_nations import TO_FRANCE, TO_UK, room_of_four
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


def b64(data: bytes) -> str:
    return b64encode(data).decode()


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


def test_what_records_are_called(ask: Desk) -> None:
    made = ask.new()["id"]
    unknown = "ab" * 16
    assert ask("claire@fr", "register.names", records=[made, unknown], language="fr")["names"] == {
        made: "EXERCICE Patrouilles câbles"
    }
    with pytest.raises(WrongUsage):
        ask("claire@fr", "register.names", records=["no id"])


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


def test_a_file_of_the_room_is_attached_and_a_resource_reserved(ask: Desk) -> None:
    record = ask.new()["id"]
    sent = ask(
        "alice@uk", "send", text="EXERCISE", file={"name": "survey.txt", "data": b64(b"EXERCISE")}, label=TO_FRANCE
    )
    for reference in ("survey.txt", sent["message"]["id"][:8], sha256(b"EXERCISE").hex()[:8].upper()):
        ask("claire@fr", "register.act", record=record, act="attach", file=reference)
    with pytest.raises(NotFound):
        ask("claire@fr", "register.act", record=record, act="attach", file="another.txt")
    ask(
        "alice@uk",
        "register.act",
        record=record,
        act="reserve",
        resource="berth:4",
        start="2026-06-01",
        until="2026-06-02",
    )
    with pytest.raises(WrongUsage):
        ask(
            "alice@uk",
            "register.act",
            record=record,
            act="reserve",
            resource="berth:4",
            start="2026-06-03",
            until="2026-06-02",
        )
    with pytest.raises(ActRefused, match="only the owner"):
        ask(
            "claire@fr",
            "register.act",
            record=record,
            act="reserve",
            resource="b:4",
            start="2026-06-01",
            until="2026-06-02",
        )
    seen = ask("bob@uk", "register.show", record=record)["record"]
    assert seen["attached"] == [
        {"name": "survey.txt", "sha256": sha256(b"EXERCISE").hex(), "person": "claire@fr"} for _ in range(3)
    ]
    assert seen["reserved"] == [
        {"resource": "berth:4", "start": "2026-06-01T00:00:00.000Z", "end": "2026-06-03T00:00:00.000Z"}
    ]
    assert seen["history"][-1]["text"] == "berth:4, 2026-06-01T00:00:00.000Z – 2026-06-03T00:00:00.000Z"


def test_overdue_is_derived_and_a_superseded_record_is_never(ask: Desk) -> None:
    late = ask.new(values={"due": "2026-01-01"})
    assert late["overdue"]
    assert [one["id"] for one in ask("claire@fr", "register.list", query="overdue=yes")["records"]] == [late["id"]]
    for who in ("alice@uk", "claire@fr"):
        ask(who, "register.act", record=late["id"], act="key")
    new = ask.new(supersedes=late["id"])["id"]
    assert ask("bob@uk", "register.show", record=late["id"])["record"]["overdue"]
    for who in ("alice@uk", "claire@fr"):
        ask(who, "register.act", record=new, act="key")
    assert not ask("bob@uk", "register.show", record=late["id"])["record"]["overdue"]
    assert ask("claire@fr", "register.list", query="overdue=yes")["records"] == []


def test_near_activities_and_what_is_missing(ask: Desk) -> None:
    first = ask("alice@uk", "register.new", type="activity", values=FIRING, label=TO_FRANCE)["record"]["id"]
    ask("claire@fr", "register.new", type="activity", values={**RESCUE, "band": [3500, 4000]}, label=TO_UK)
    assert ask("bob@uk", "register.conflicts")["conflicts"] == []
    near = ask("bob@uk", "register.conflicts", synergy=[50, 14])["synergies"]
    assert [(each["km"], each["days"], {each["a"]["owner"], each["b"]["owner"]}) for each in near] == [
        (0.0, 0.0, {"uk", "fr"})
    ]
    wanted = {
        "region": "EXERCISE west",
        "area": {"ring": [[-4.5, 49.0], [-3.0, 49.0], [-3.0, 50.0], [-4.5, 50.0]]},
        "weeks": ["2027-W23/2027-W24"],
        "required": 2,
    }
    gaps = ask("claire@fr", "register.conflicts", required=[wanted])["gaps"]
    assert [(each["week"], each["missing"]) for each in gaps] == [("2027-W24", 2)]
    gaps = ask("claire@fr", "register.conflicts", required=[{**wanted, "kinds": ["live-fire"], "weeks": ["2027-W23"]}])[
        "gaps"
    ]
    assert [(each["missing"], [party["id"] for party in each["present"]]) for each in gaps] == [(1, [first])]
    for wrong in (
        {**wanted, "weeks": ["2027-W24/2027-W23"]},
        {**wanted, "area": None},
        {**wanted, "weeks": ["soon"]},
        {**wanted, "area": {"ring": [[-4.5, 49.0]]}},
        {**wanted, "area": None, "corridor": {"line": [[-4.5, 49.0], [-3.0, 49.0]], "half_width": "wide"}},
    ):
        with pytest.raises(WrongUsage):
            ask("claire@fr", "register.conflicts", required=[wrong])


def test_the_balance_of_access_and_what_is_handed_over(ask: Desk) -> None:
    def request(who: str, host: str, guest: str, span: list[str], *, bind: bool) -> None:
        values = {
            "title": {"en": "EXERCISE call", "fr": "EXERCICE escale"},
            "kind": "port-call",
            "host": host,
            "guest": guest,
            "span": span,
            "place": "EXERCISE Berth",
            "purpose": {"en": "EXERCISE", "fr": "EXERCICE"},
        }
        made = ask(who, "register.new", type="access-request", values=values)["record"]["id"]
        for person in ("alice@uk", "claire@fr") if bind else ():
            ask(person, "register.act", record=made, act="key")

    request("claire@fr", "uk", "fr", ["2027-01-01T00:00:00Z", "2027-01-04T00:00:00Z"], bind=True)
    request("claire@fr", "uk", "fr", ["2027-03-01T00:00:00Z", "2027-03-01T06:00:00Z"], bind=True)
    request("alice@uk", "fr", "uk", ["2027-02-01T00:00:00Z", "2027-02-02T00:00:00Z"], bind=False)
    found = ask("bob@uk", "register.balance")
    assert found["access"] == [
        {"host": "fr", "guest": "uk", "granted": 0, "waiting": 1, "refused": 0, "days": 0},
        {"host": "uk", "guest": "fr", "granted": 2, "waiting": 0, "refused": 0, "days": 4},
    ]
    assert found["balance"] == [{"nations": ["fr", "uk"], "granted": {"fr": 0, "uk": 2}, "days": {"fr": 0, "uk": 4}}]
    january = ask("bob@uk", "register.balance", query="during=2027-01-01/2027-01-31")
    assert january["balance"][0]["days"] == {"fr": 0, "uk": 3}

    def post(tour: list[str], **more: str | list[str]) -> str:
        values = {
            "title": {"en": "EXERCISE post", "fr": "EXERCICE poste"},
            "kind": "exchange",
            "sender": "uk",
            "host": "fr",
            "body": "EXERCISE staff",
            "tour": tour,
            "state": "planned",
            **more,
        }
        return str(ask("alice@uk", "register.new", type="post", values=values)["record"]["id"])

    first = post(["2027-01-01T00:00:00Z", "2028-01-15T00:00:00Z"])
    second = post(
        ["2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"],
        follows=first,
        handover=["2028-01-01T00:00:00Z", "2028-01-20T00:00:00Z"],
    )
    post(["2029-01-03T00:00:00Z", "2030-01-01T00:00:00Z"], follows=second)
    told = ask("claire@fr", "register.handovers")["handovers"]
    assert [(each["overlap_days"], each["gap_days"], each["kept"]) for each in told] == [
        (14.0, 0.0, False),
        (0.0, 2.0, True),
    ]


def test_what_a_hostile_member_writes_into_a_field_is_told_and_used_for_nothing(ask: Desk) -> None:
    """The values of a record are its author's: an agent that doesn't check them, or lies, stops nobody else's."""
    world, nonsense = (
        ask.world,
        {"areas": 5, "span": [2**80, "x"], "band": {"a": [1]}, "resources": [7], "persons": 2**70},
    )
    label = world.agents["alice@uk"].engine.label(TO_FRANCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "faults", lambda *_: [])
        wrong = {**{name: value for name, value in FIRING.items() if name in ("title", "kind")}, **nonsense}
        with pytest.raises(CordialeError):  # an honest agent's own desk sees it
            world.agents["alice@uk"].engine.propose(bytes.fromhex(ask.room), "activity", wrong, Wanted(label=label))  # type: ignore[arg-type]
        decision = {"title": ["a"], "text": 9, "body": b"x", "met": 2**90, "lead": "uk", "due": [[]]}
        record = world.agents["alice@uk"].engine.propose(
            bytes.fromhex(ask.room),
            "decision",
            decision,
            Wanted(label=label),  # type: ignore[arg-type]
        )
    world.settle(3)
    for who in ("claire@fr", "bob@uk"):
        shown = ask(who, "register.show", record=record.hex())["record"]
        assert set(shown["faults"]) == set(decision)
        assert shown["values"] == {}
        assert len(ask(who, "register.list")["records"]) == 1
        assert ask(who, "register.export", format="csv")["records"] == 1


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("register.new", {"type": "decision", "set": {**TYPED, "colour": "red"}}, WrongUsage),
        ("register.new", {"type": "decision", "set": {**TYPED, "met": "soon"}}, WrongUsage),
        ("register.new", {"type": "decision", "set": {}, "values": {"met": 5}}, WrongUsage),
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
