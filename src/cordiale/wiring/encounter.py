"""The demonstration's two activities that meet: London plans one, Paris another at the same place and time, is told so before
anything is sent, and goes on in sight of it; both capitals then find the same conflict. All of it is EXERCISE."""

from typing import Any, Final

from cordiale.errors import CordialeError
from cordiale.wiring.stage import ALICE, CLAIRE, Stage, expect, refusal, until

Detail = dict[str, Any]

_WEEK: Final = ["2027-06-07T00:00:00Z", "2027-06-14T00:00:00Z"]
FIRING: Final[Detail] = {
    "cells": ["831875fffffffff"],
    "weeks": _WEEK,
    "title": {"en": "EXERCISE Firing serial", "fr": "EXERCICE Séance de tir"},
    "kind": "live-fire",
    "span": ["2027-06-08T06:00:00Z", "2027-06-08T14:00:00Z"],
    "areas": [{"ring": [[-4.0, 49.4], [-3.2, 49.4], [-3.2, 49.8], [-4.0, 49.8]]}],
    "band": [0, 3000],
}
RESCUE: Final[Detail] = {
    "cells": ["831875fffffffff"],
    "weeks": _WEEK,
    "title": {"en": "EXERCISE Rescue at sea", "fr": "EXERCICE Sauvetage en mer"},
    "kind": "exercise",
    "span": ["2027-06-08T12:00:00Z", "2027-06-08T18:00:00Z"],
    "corridors": [{"line": [[-3.5, 49.2], [-3.4, 49.6]], "half_width": 5000}],
    "band": [0, 600],
    "slack": 30,
}


def activities_meet(stage: Stage, room: str) -> Detail:
    """Play it, and compare what both sides find."""

    def propose(who: str, values: Detail, **more: Any) -> Detail:
        found = stage.call(who, "register.new", room=room, type="activity", values=values, **more)["record"]
        return {"id": str(found["id"]), "hash": found["hash"]}

    def has(who: str, record: Detail) -> bool:
        try:
            return stage.call(who, "register.show", room=room, record=record["id"])["record"]["hash"] == record["hash"]
        except CordialeError:
            return False

    def conflicts(who: str) -> list[Detail]:
        return stage.call(who, "register.conflicts", room=room)["conflicts"]

    firing = propose(ALICE, FIRING)
    until(lambda: has(CLAIRE, firing), "claire sees what London plans")
    blind = refusal(lambda: propose(CLAIRE, RESCUE))
    expect(blind.code == "sight-missing", f"what conflicts unseen is refused as such, not as {blind.code}")
    option = f"--sight {firing['id'][:12]}"
    expect(str(blind.facts["options"]) == option, "the refusal says what to name")
    rescue = propose(CLAIRE, RESCUE, sight=[firing["id"]])
    until(lambda: has(ALICE, rescue), "alice sees what Paris plans")
    found = {who: conflicts(who) for who in (ALICE, CLAIRE)}
    expect(found[ALICE] == found[CLAIRE], "both capitals find the same conflict, to the last digit")
    expect(len(found[ALICE]) == 1, f"{len(found[ALICE])} conflicts where one was expected")
    one = found[ALICE][0]
    expect({one["a"]["id"], one["b"]["id"]} == {firing["id"], rescue["id"]}, "it is between these two")
    return {
        "first": FIRING["title"],
        "second": RESCUE["title"],
        "unseen": blind.code,
        "named": option,
        "cause": one["cause"],
        "hours": one["time"]["shared"] / 3600,
        "altitude_metres": one["altitude"]["shared"],
        "reach_km": one["place"]["shared"],
    }
