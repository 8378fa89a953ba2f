"""What a person asks while they write: which markings there are, who would read a message under one of them, and what was
read already; part of the vocabulary of `cordiale.wiring.commands`."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from cordiale.agent.engine import Engine
from cordiale.labels.label import Label
from cordiale.vocab.identifier import RoomId
from cordiale.wiring.method import Document, InRoom, Method, Params, Reference, own_ceiling, releasable


class Check(InRoom, frozen=True, kw_only=True):
    label: Reference


class Seen(InRoom, frozen=True, kw_only=True):
    number: Annotated[int, msgspec.Meta(ge=0)]


def _choices(engine: Engine, params: InRoom) -> Document:
    """The markings of one's own scheme that this room takes, gravest last."""
    room = engine.find_room(params.room)
    nations = engine.room(room).nations
    offered: list[Document] = []
    for level in sorted(engine.domain.policy.classifications.values(), key=lambda each: each.rank):
        found = releasable(engine, level, nations, params.language)
        if found is None or not engine.within(room, found[1]).release:
            continue
        if all(each.release for each in engine.releases(room, found[1]).values()):
            marking = engine.marking(found[1], params.language)
            offered.append({"label": found[0], "marking": msgspec.to_builtins(marking)})
    ceiling = engine.marking(own_ceiling(engine, room), params.language)
    return {"room": room.hex(), "ceiling": msgspec.to_builtins(ceiling), "labels": offered}


def _scheme(engine: Engine, params: Params) -> Document:
    """The levels of one's own scheme, in order of rank, and the colours that banners have."""
    levels = engine.domain.policy.classifications.values()
    return {
        "levels": [
            {"id": level.id, "title": level.phrase.text(params.language), "colour": level.colour}
            for level in sorted(levels, key=lambda each: each.rank)
        ]
    }


def _check(engine: Engine, params: Check) -> Document:
    """Who would read a message under this marking, and what each border would say, before anything is written."""
    room = engine.find_room(params.room)
    label = engine.label(params.label)
    within = engine.within(room, label)
    return {
        "room": room.hex(),
        "marking": msgspec.to_builtins(engine.marking(label, params.language)),
        "ceiling": "" if within.release else within.reason.text(params.language),
        "nations": _nations(engine, room, label, params.language),
    }


def _nations(engine: Engine, room: RoomId, label: Label, language: str) -> list[Document]:
    view, decisions = engine.room(room), engine.releases(room, label)
    found: list[Document] = []
    for nation in view.nations:
        decision = decisions.get(nation)
        found.append(
            {
                "nation": nation,
                "people": sorted({member.address for member in view.members if member.nation == nation}),
                "release": decision is None or decision.release,
                "rule": "" if decision is None else decision.rule,
                "reason": "" if decision is None else decision.reason.text(language),
            }
        )
    return found


def _seen(engine: Engine, params: Seen) -> Document:
    room = engine.find_room(params.room)
    engine.seen(room, params.number)
    return {"room": room.hex(), "number": params.number}


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "label.choices": Method(InRoom, _choices),
    "label.scheme": Method(Params, _scheme),
    "label.check": Method(Check, _check),
    "room.seen": Method(Seen, _seen),
}
