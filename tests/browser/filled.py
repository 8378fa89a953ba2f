"""A room where everything that a page can show is there, and where whatever others may choose is hostile; all EXERCISE."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from browser.stage import Scene
from cordiale.wiring.stage import ALICE, BOB, CLAIRE, TO_FRANCE

EVIL: Final = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
LONG: Final = "EXERCISE" + "verylongword" * 12
NAME: Final = f"EXERCISE {EVIL}.html"
FIRING: Final[dict[str, Any]] = {
    "cells": ["831875fffffffff"],
    "weeks": ["2027-06-07T00:00:00Z", "2027-06-14T00:00:00Z"],
    "title": {"en": f"EXERCISE Firing {EVIL}", "fr": f"EXERCICE Tir {EVIL}"},
    "kind": "live-fire",
    "span": ["2027-06-08T06:00:00Z", "2027-06-10T14:00:00Z"],
    "areas": [{"ring": [[-4.0, 49.4], [-3.2, 49.4], [-3.2, 49.8], [-4.0, 49.8]]}],
    "band": [0, 3000],
    "units": [f"EXERCISE unit {EVIL}"],
}
"""Without its units it is shown; those its owner keeps back."""
ACROSS: Final[dict[str, Any]] = {
    "title": {"en": "EXERCISE Over-flight", "fr": "EXERCICE Survol"},
    "kind": "overflight",
    "host": "uk",
    "guest": "fr",
    "span": ["2027-06-28T06:00:00Z", "2027-07-02T00:00:00Z"],
    "place": f"EXERCISE {LONG}",
    "position": [179.9, 60.0],
    "route": {"line": [[179.0, 60.0], [-179.0, 61.0]], "half_width": 5000},
    "purpose": {"en": "EXERCISE", "fr": "EXERCICE"},
}
"""It crosses the antimeridian."""
DECISION: Final[dict[str, Any]] = {
    "title": {"en": f"EXERCISE Patrols {EVIL}", "fr": f"EXERCICE Patrouilles {EVIL}"},
    "text": {"en": f"{LONG} alternate.", "fr": "Elles alternent."},
    "body": "EXERCISE group",
    "met": "2027-06-09",
}


@dataclass(frozen=True)
class Filled:
    """The room and its records, by their ids."""

    room: str
    activity: str
    access: str
    decision: str

    @property
    def base(self) -> str:
        """Where the room is."""
        return f"/rooms/{self.room}"


def fill(scene: Scene) -> Filled:
    """Alice founds a room, writes and proposes; what she and Claire wrote at once while the line was cut stands side by side."""

    def ask(who: str, method: str, **params: Any) -> dict[str, Any]:
        return scene.ask(who, method, **params)

    title = f"EXERCISE {EVIL}"
    room = ask(ALICE, "room.create", **{"title": title, "with": ["fr"], "ceiling": TO_FRANCE})["room"]["id"]
    ask(ALICE, "room.invite", room=room, people=[BOB, CLAIRE])
    until(lambda: len(rooms(scene, CLAIRE)) > 1)
    talk(scene, room)
    file = {"name": NAME, "data": "PGI+RVhFUkNJU0U8L2I+IDxzY3JpcHQ+YWxlcnQoMyk8L3NjcmlwdD4="}
    ask(ALICE, "send", room=room, text="EXERCISE: a file", file=file, wait_seconds=9)
    made = [
        ask(ALICE, "register.new", room=room, type=kind, values=values, tier=tier)["record"]["id"]
        for kind, values, tier in (("activity", FIRING, 2), ("access-request", ACROSS, 3), ("decision", DECISION, 3))
    ]
    found = Filled(room, *made)
    until(lambda: len(ask(CLAIRE, "register.list", room=room)["records"]) == len(made))
    ask(ALICE, "register.act", room=room, record=found.access, act="key")
    ask(CLAIRE, "register.act", room=room, record=found.access, act="comment", text=f"EXERCICE {EVIL}")
    at_once(scene, found, "body", f"EXERCISE left {EVIL}", f"EXERCICE droite {EVIL}")
    return found


def talk(scene: Scene, room: str) -> None:
    """A FLASH that mentions Claire is changed, answered and agreed to."""
    text = f"EXERCISE: @claire {EVIL} **{LONG}**"
    sent = scene.ask(ALICE, "send", room=room, text=text, topic=f"x{EVIL}", priority="FLASH", wait_seconds=9)
    message = sent["message"]["id"]
    scene.ask(ALICE, "edit", room=room, message=message, text=f"{text}!", wait_seconds=9)
    until(lambda: any(each["history"] for each in scene.ask(CLAIRE, "read", room=room)["messages"]))
    scene.ask(CLAIRE, "send", room=room, text=f"EXERCICE : {EVIL}", reply=message, wait_seconds=9)
    scene.ask(CLAIRE, "react", room=room, message=message, reaction="agree", wait_seconds=9)
    until(lambda: any(each["reactions"] for each in scene.ask(ALICE, "read", room=room)["messages"]))


def at_once(scene: Scene, found: Filled, field: str, alice: str, claire: str) -> None:
    """Both write a field of the decision while the line is cut; afterwards both have both."""

    def conflicts(who: str) -> bool:
        record = scene.ask(who, "register.show", room=found.room, record=found.decision)["record"]
        return len(record["conflicts"].get(field, ())) > 1

    scene.ask("switches", "cut", nation="uk")
    try:
        for who, text in ((ALICE, alice), (CLAIRE, claire)):
            scene.ask(who, "register.set", room=found.room, record=found.decision, set={field: text})
    finally:
        scene.ask("switches", "join", nation="uk")
    until(lambda: conflicts(ALICE) and conflicts(CLAIRE))


def rooms(scene: Scene, who: str) -> list[dict[str, Any]]:
    """The rooms that somebody is in."""
    return scene.ask(who, "room.list")["rooms"]


def until(look: Callable[[], bool], seconds: float = 60) -> None:
    """Look again and again until it is so."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)
