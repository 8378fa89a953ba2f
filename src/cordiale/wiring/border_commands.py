"""What a person asks about their nation's borders: what crossed under which rule, whether the logs stand as they were signed,
which partners can be reached; part of the vocabulary of `cordiale.wiring.commands`. Nothing of it shows any content."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from mnemonic import Mnemonic

from cordiale.adapters.clock import system_clock
from cordiale.agent.border import Audit, Crossing
from cordiale.agent.engine import Engine
from cordiale.labels import binding as kinds
from cordiale.labels.label import decode_label
from cordiale.register.query import parse
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import iso
from cordiale.vocab.party import parse_nation
from cordiale.wire import limits
from cordiale.wiring.method import Document, Method, Params, Reference
from cordiale.wiring.record_document import record_document
from cordiale.wiring.refused import reason

PAGE: Final = 50
_KIND: Final[Mapping[str, str]] = {
    kinds.APPLICATION: "message",
    kinds.COMMIT: "members",
    kinds.PROPOSAL: "members",
    kinds.ROOM: "room",
    kinds.NOTICE: "notice",
}
_STEPS: Final[Mapping[str, str]] = {"proposed": "asked", "part-keyed": "asked", "binding": "agreed"}
Place = Annotated[int, msgspec.Meta(ge=0, le=limits.COUNT_MOST)]


class CrossingsAsked(Params, frozen=True, kw_only=True):
    """Latest first; `before` from an earlier answer goes on. `room` is one's title or id; without `kind` everything."""

    direction: Literal["", "out", "in"] = ""
    nation: str = ""
    room: str = ""
    kind: Literal["", "message", "members", "room", "notice"] = ""
    refused: bool = False
    rule: str = ""
    before: dict[str, Place] = {}
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = PAGE


class OfNation(Params, frozen=True, kw_only=True):
    nation: Reference


class Refused(Params, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = PAGE


def _links(engine: Engine, _: Params) -> Document:
    return {
        "links": [
            {
                "nation": link.nation,
                "state": link.state,
                "reachable": link.state == "following",
                "since": iso(link.since),
                "contact": iso(link.contact) if link.contact is not None else None,
                "waiting": link.waiting,
            }
            for link in engine.border.links()
        ]
    }


def _crossings(engine: Engine, params: CrossingsAsked) -> Document:
    room = engine.find_room(params.room) if params.room else None

    def wanted(crossing: Crossing) -> bool:
        return (
            (room is None or crossing.entry.binding.room == room)
            and params.kind in ("", _KIND.get(crossing.entry.binding.kind))
            and (not params.refused or bool(crossing.refused))
            and params.rule in (crossing.refused or crossing.rule)
        )

    nation = parse_nation(params.nation) if params.nation else ""
    found = engine.border.crossings(wanted, params.before, params.limit, direction=params.direction, partner=nation)
    titles = {view.id: view.title for view in engine.rooms(params.language)}
    crossings = [_crossing(engine, each, titles, params.language) for each in found.found]
    return {"crossings": crossings, "before": dict(found.before)}


def _crossing(engine: Engine, crossing: Crossing, titles: Mapping[RoomId, str], language: str) -> Document:
    entry = crossing.entry
    return {
        "log": crossing.log,
        "index": crossing.index,
        "direction": crossing.direction,
        "nation": crossing.partner,
        "kind": _KIND.get(entry.binding.kind, entry.binding.kind),
        "room": entry.binding.room.hex(),
        "title": titles.get(entry.binding.room, ""),
        "message": entry.header.id.hex(),
        "marking": msgspec.to_builtins(engine.marking(entry.label, language)),
        "released": iso(entry.release.released),
        "rule": crossing.rule,
        "refused": crossing.refused,
        "confirmed": crossing.confirmed,
    }


def _refused(engine: Engine, params: Refused) -> Document:
    """One's own messages that a border turned down, without what they say."""
    titles = {view.id: view.title for view in engine.rooms(params.language)}
    return {
        "refused": [
            {
                "room": row.room.hex(),
                "title": titles.get(row.room, ""),
                "message": row.id.hex(),
                "marking": msgspec.to_builtins(engine.marking(decode_label(row.label), params.language)),
                "sent": iso(row.sent),
                "rule": row.rule,
                "detail": reason(row.detail, params.language),
            }
            for row in engine.border.refused(params.limit)
        ]
    }


def _verify(engine: Engine, _: Params) -> Document:
    audits = engine.border.verify(system_clock())
    return {"ok": all(audit.ok for audit in audits), "logs": [_audit(audit) for audit in audits]}


def _audit(audit: Audit) -> Document:
    return {
        "log": audit.log,
        "nation": audit.partner,
        "direction": audit.direction,
        "ok": audit.ok,
        "entries": audit.entries,
        "own": audit.own,
        "root": audit.root,
        "entry": audit.entry if audit.entry >= 0 else None,
        "at": iso(audit.at),
        "checks": [msgspec.to_builtins(check) for check in audit.checks],
    }


def _words(engine: Engine, _: Params) -> Document:
    """For each linked nation, the words that a counterpart's agent shows too, and when they were compared."""
    return {"links": [_link_words(engine, nation) for nation in sorted(engine.domain.peers)]}


def _link_words(engine: Engine, nation: str) -> Document:
    numbers, compared = engine.border.words(parse_nation(nation))
    known: list[str] = Mnemonic("english").wordlist
    return {
        "nation": nation,
        "words": [known[number] for number in numbers],
        "compared": iso(compared) if compared is not None else None,
    }


def _compared(engine: Engine, params: OfNation) -> Document:
    nation = parse_nation(params.nation)
    engine.border.compared(nation, system_clock())
    return _link_words(engine, nation)


def _requests(engine: Engine, params: Params) -> Document:
    """Who waits to be let into one's rooms: asked for in a record of both nations, agreed on by both keys, or invited by this
    agent while the room's hub has not answered yet."""
    found: list[Document] = []
    for view in engine.rooms(params.language):
        if not view.member:
            continue
        inside = {member.address for member in view.members}
        common = {"room": view.id.hex(), "title": view.title}
        invited = [person for person in engine.invited(view.id) if person not in inside]
        for record in engine.records(view.id, parse("type=admission"), params.language):
            document = record_document(record, params.language)
            person, step = str(document["values"].get("person", "")), _STEPS.get(document["status"])
            if step and person not in inside and person not in invited and not document["superseded_by"]:
                found.append({**common, "person": person, "step": step, "record": document})
        found += [{**common, "person": person, "step": "invited", "record": None} for person in invited]
    return {"requests": found}


def _begun(engine: Engine, _: Params) -> Document:
    """Of the first steps that everybody takes, which this person really has: words compared, a message sent, a key turned, the
    maritime desk opened."""
    return msgspec.to_builtins(engine.border.done())


def _opened_desk(engine: Engine, _: Params) -> Document:
    engine.border.opened_desk()
    return msgspec.to_builtins(engine.border.done())


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "border.links": Method(Params, _links),
    "border.crossings": Method(CrossingsAsked, _crossings),
    "border.refused": Method(Refused, _refused),
    "border.verify": Method(Params, _verify),
    "border.words": Method(Params, _words),
    "border.requests": Method(Params, _requests),
    "border.compared": Method(OfNation, _compared),
    "begun": Method(Params, _begun),
    "begun.desk": Method(Params, _opened_desk),
}
