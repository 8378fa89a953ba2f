"""`plan.match` through two nations' agents: records in, a proven proposal out, allocations that wait for their keys."""

from typing import Any

import pytest

from cordiale.errors import WrongUsage
from wiring.test_register_commands import Desk
from worlds.test_two_nations import TO_FRANCE
from worlds.world import World

REQUIREMENT = {
    "title.en": "EXERCISE Beds",
    "title.fr": "EXERCICE Lits",
    "capability": "medical",
    "quantity": "10",
    "measure": "beds",
    "window": "2027-09-01T00:00Z/2027-12-01T00:00Z",
    "priority": "essential",
}
OFFER = {
    **{name: REQUIREMENT[name] for name in REQUIREMENT if name != "priority"},
    "title.en": "EXERCISE Six beds",
    "quantity": "6",
}
LABELS = {"uk": TO_FRANCE, "fr": "DIFFUSION RESTREINTE REL GBR"}


@pytest.fixture
def ask(world: World) -> Desk:
    return Desk(world)


def made(ask: Desk, who: str, kind: str, values: dict[str, str], *keys: str) -> str:
    label = LABELS[who.partition("@")[2]]
    record: str = ask(who, "register.new", type=kind, set=values, label=label)["record"]["id"]
    for each in keys:
        ask(each, "register.act", record=record, act="key")
    return record


def shown(ask: Desk, who: str, record: str) -> dict[str, Any]:
    return ask(who, "register.show", record=record)["record"]


def test_a_requirement_is_matched_and_the_allocation_binds_by_the_offering_nations_key(ask: Desk) -> None:
    requirement = made(ask, "alice@uk", "requirement", REQUIREMENT, "alice@uk", "claire@fr")
    offer = made(ask, "claire@fr", "contribution", OFFER)
    assert ask("alice@uk", "plan.match")["allocations"] == []
    assert ask("alice@uk", "plan.match", proposed=True)["allocations"][0]["quantity"] == 6
    ask("claire@fr", "register.act", record=offer, act="key")
    found = ask("alice@uk", "plan.match", propose=True, label=TO_FRANCE)
    (line,) = found["allocations"]
    assert (line["requirement"], line["offer"], line["nation"], line["quantity"]) == (requirement, offer, "fr", 6)
    assert (line["requirement_name"], line["offer_name"]) == ("EXERCISE Beds", "EXERCISE Six beds")
    (gap,) = found["gaps"]
    assert gap["missing_thousandths"] == 4000
    assert gap["text"].startswith("EXERCISE Beds: 4 of 10 units of medical support (beds) are missing.")
    assert found["gap"] == 0
    assert {stage["proof"] for stage in found["stages"]} == {"dual"}
    (record,) = found["proposed"]
    assert shown(ask, "claire@fr", record)["keys_needed"] == {"of": ["fr", "uk"], "count": 2}
    ask("alice@uk", "register.act", record=record, act="key")
    assert shown(ask, "alice@uk", record)["status"] == "part-keyed"
    ask("claire@fr", "register.act", record=record, act="key")
    assert shown(ask, "alice@uk", record)["status"] == "binding"
    again = ask("claire@fr", "plan.match")
    assert (again["allocations"], again["gaps"][0]["reasons"][0]["kind"]) == ([], "allocated")


def test_french_and_keys(ask: Desk) -> None:
    made(ask, "alice@uk", "requirement", REQUIREMENT, "alice@uk", "claire@fr")
    made(ask, "claire@fr", "contribution", OFFER, "claire@fr")
    found = ask("claire@fr", "plan.match", language="fr", keys={"fr": 12})
    assert found["gaps"][0]["text"].startswith("EXERCICE Lits : il manque 4 des 10 unités")
    assert found["nations"] == [{"nation": "fr", "units": 6, "key": 12, "share": 0.5}]
    with pytest.raises(WrongUsage, match="fr"):
        ask("claire@fr", "plan.match", keys={"uk": 3})


def test_relief_is_matched_and_nothing_is_proposed_for_it(ask: Desk) -> None:
    common = {
        "message_status": "Exercise",
        "item": "shelter",
        "quantity": "40",
        "measure": "places",
        "window": REQUIREMENT["window"],
        "title.en": "EXERCISE Shelter",
        "title.fr": "EXERCICE Abris",
    }
    need = {
        **common,
        "event.en": "Flood",
        "event.fr": "Crue",
        "categories": "Met",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "sent": "2027-01-14T05:30Z",
        "affected": "fr",
        "area_name.en": "EXERCISE a",
        "area_name.fr": "EXERCICE a",
    }
    made(ask, "claire@fr", "relief-need", need, "claire@fr")
    made(ask, "alice@uk", "relief-offer", {**common, "recipient": "fr", "quantity": "30"})
    assert ask("alice@uk", "plan.match", relief=True)["requirements"] == 0
    found = ask("alice@uk", "plan.match", relief=True, standing="Exercise")
    assert [(line["nation"], line["quantity"]) for line in found["allocations"]] == [("uk", 30)]
    assert found["gaps"][0]["missing_thousandths"] == 10_000
    with pytest.raises(WrongUsage, match="relief offer"):
        ask("alice@uk", "plan.match", relief=True, propose=True)
