"""What a person asks about private deconfliction, by name and plain values, as the command line and the console do."""

import json
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import BudgetSpent, CordialeError, NotFound, WrongUsage
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Address
from cordiale.wiring.commands import call
from cordiale.wiring.deconfliction_commands import PLAN_BYTES
from worlds.runs import settle
from worlds.test_two_nations import EVERYONE, TO_FRANCE, room_of_four
from worlds.world import World, two_nations

UK = {
    "records": [
        {
            "title": {"en": "EXERCISE patrol", "fr": "EXERCICE patrouille"},
            "kind": "patrol",
            "span": ["2026-12-08T06:00:00Z", "2026-12-08T14:00:00Z"],
            "areas": [{"ring": [[-8.2, 48.4], [-7.8, 48.4], [-7.8, 48.6], [-8.2, 48.6]]}],
            "margin": 500,
            "slack": 30,
        }
    ]
}
FR = [
    {
        "title": "EXERCICE sondage",
        "span": ["2026-12-08T12:00:00Z", "2026-12-10T00:00:00Z"],
        "corridors": [{"line": [[-9.0, 48.5], [-7.0, 48.5]], "half_width": 1000}],
    }
]
DAYS = {"first_day": "2026-12-01", "last_day": "2027-11-30"}


class Desk:
    """One room and plans in files, asked through the vocabulary."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.room, self.folder = world, room_of_four(world).hex(), folder

    def plan(self, given: Any, name: str = "plan.json") -> str:
        path = self.folder / name
        path.write_text(given if isinstance(given, str) else json.dumps(given))
        return str(path)

    def __call__(self, who: str, method: str, **params: Any) -> dict[str, Any]:
        answer = call(self.world.agents[who].engine, f"deconflict.{method}", {"room": self.room, **params})
        if method not in ("list", "show", "result"):
            settle(self.world)
        return answer

    def propose(self, **more: Any) -> dict[str, Any]:
        given = {"person": "claire@fr", "purpose": "EXERCISE winter", "plan": self.plan(UK, "uk.json"), **DAYS, **more}
        return self("alice@uk", "propose", **given)["run"]


@pytest.fixture
def ask(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path)


def test_from_a_proposal_to_a_result(ask: Desk) -> None:
    made = ask.propose()
    assert (made["state"], made["own_proposal"], made["passes"]) == ("proposed", True, 2)
    (asked,) = ask("claire@fr", "list")["runs"]
    assert (asked["run"], asked["state"], asked["purpose"]) == (made["run"], "asked", "EXERCISE winter")
    assert (asked["initiator"], asked["responder"], asked["first_day"]) == ("alice@uk", "claire@fr", "2026-12-01")
    ask("claire@fr", "accept", run="last", plan=ask.plan(FR, "fr.json"))
    for who in ("alice@uk", "claire@fr"):
        run = ask(who, "show", run=made["run"][:8])["run"]
        assert (run["state"], run["logged"], len(run["met"]), run["detail"]) == ("done", True, 2, "")
    found = ask("claire@fr", "result", run="last")["result"]
    assert found["meetings"]
    assert found["grid"] == "4/1"
    assert {meeting["first_day"] for meeting in found["meetings"]} == {"2026-12-08"}
    assert all(abs(meeting["latitude"] - 48.5) < 1 for meeting in found["meetings"])
    (own,) = found["activities"]
    assert (own["name"], own["record"], [*own["meetings"]]) == (
        "EXERCICE sondage",
        "",
        list(range(len(found["meetings"]))),
    )
    json.dumps(found)


def test_one_that_is_declined_and_one_that_is_stopped(ask: Desk) -> None:
    first = ask.propose()["run"]
    assert ask("claire@fr", "decline", run=first)["run"]["step"] == "asked"
    assert ask("alice@uk", "show", run=first)["run"]["state"] == "declined"
    second = ask.propose(label=TO_FRANCE)["run"]
    ask("alice@uk", "stop", run=second)
    assert ask("claire@fr", "show", run=second)["run"]["state"] == "broken-off"


def test_whose_consent_is_asked_is_said_where_several_could(ask: Desk) -> None:
    with pytest.raises(WrongUsage, match="claire@fr, denis@fr"):
        ask.propose(person="")
    with pytest.raises(NotFound, match="emile@fr"):
        ask.propose(person="emile@fr")
    ask.world.agents["alice@uk"].engine.remove(RoomId(bytes.fromhex(ask.room)), Address.parse("denis@fr"))
    settle(ask.world)
    assert ask.propose(person="")["responder"] == "claire@fr"


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"plan": "relative.json"}, NotFound),
        ({"plan": "/nowhere/plan.json"}, NotFound),
        ({"plan": "", "source": "no such room"}, NotFound),
        ({"source": "EXERCISE Channel"}, WrongUsage),
        ({"plan": ""}, WrongUsage),
        ({"grids": ["4"]}, WrongUsage),
        ({"grids": ["4/1", "3/7"]}, WrongUsage),
        ({"grids": []}, WrongUsage),
        ({"first_day": "soon"}, WrongUsage),
        ({"first_day": "2027-12-01"}, WrongUsage),
        ({"last_day": "2047-12-01"}, WrongUsage),
        ({"most": 200_000}, WrongUsage),
        ({"hours": 0}, WrongUsage),
        ({"purpose": "two\nlines"}, WrongUsage),
        ({"budget": [0, 100, 30]}, BudgetSpent),
        ({"budget": [5, 100, 30]}, BudgetSpent),
        ({"budget": [5, -1, 30]}, WrongUsage),
        ({"person": "bob@uk"}, WrongUsage),
        ({"colour": "red"}, WrongUsage),
    ],
    ids=str,
)
def test_what_cannot_be_changes_nothing(params: dict[str, Any], error: type[CordialeError], shared: Desk) -> None:
    with pytest.raises(error):
        shared.propose(**params)
    assert shared("alice@uk", "list")["runs"] == shared("claire@fr", "list")["runs"] == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A desk for what changes nothing."""
    world = two_nations(tmp_path_factory.mktemp("world"))
    yield Desk(world, tmp_path_factory.mktemp("plans"))
    world.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("5", "not a list"),
        ('{"rows": []}', "not a list"),
        ("[5]", "not a list"),
        ("[]", "no activity"),
        ('[{"span": ["2026-12-08", "2026-12-09"]}]', "activity 1: a span and an area or a corridor"),
        ('[{"span": ["2026-12-09", "2026-12-08"], "areas": []}]', "ends before it begins"),
        ('[{"span": "always", "areas": []}]', "is not a span"),
        ('[{"span": ["2026-12-08", "2026-12-09"], "areas": [{"ring": [[0, 95], [1, 1], [2, 2]]}]}]', "outside"),
        ('[{"span": ["2026-12-08", "2026-12-09"], "corridors": [{"line": [[0, 1]], "half_width": 5}]}]', "positions"),
        ('[{"span": ["2026-12-08", "2026-12-09"], "areas": 5}]', "is not a list"),
    ],
    ids=lambda given: str(given)[:30],
)
def test_a_plan_that_is_none_says_what_is_wrong(text: str, words: str, shared: Desk) -> None:
    with pytest.raises(WrongUsage, match=words):
        shared.propose(plan=shared.plan(text))


def test_a_plan_is_bounded(shared: Desk) -> None:
    with pytest.raises(WrongUsage, match="bytes"):
        shared.propose(plan=shared.plan(" " * (PLAN_BYTES + 1)))


def test_a_run_is_found_by_its_number_only_where_one_has_part_in_it(shared: Desk) -> None:
    for who in EVERYONE:
        for reference in ("last", "ab", "abcd"):
            with pytest.raises(NotFound):
                shared(who, "show", run=reference)
