"""A joint record as JSON, with everything that ever happened to it where that is asked for."""

from typing import Any

import msgspec

from cordiale.agent.record_view import RecordView
from cordiale.agent.records import UNCROSSED, name_of
from cordiale.errors import NotFound
from cordiale.register import plain
from cordiale.register.act import Attach, Body, Delegate, Disclose, Reserve, VerifiedAct
from cordiale.register.fold import Fold
from cordiale.register.schema import Schema
from cordiale.register.workflow import needed
from cordiale.vocab.moment import iso
from cordiale.wiring.method import Document


def record_document(view: RecordView, language: str, *, whole: bool = False) -> Document:
    """A record as JSON; `whole` with everything that ever happened to it. Its name (empty where that is withheld) and reasons are
    in the reader's language."""
    state, head = view.state, view.state.head
    if head is None:
        raise NotFound(view.id[:6].hex(), what="record")
    nations, count = needed(head)
    keys = state.bound[state.hash].keys if state.hash in state.bound else state.keys.get(state.hash, {}).values()
    document: Document = {
        "id": view.id.hex(),
        "room": view.room.hex(),
        "type": head.type,
        "name": name_of(state, language),
        "version": head.version,
        "owner": head.owner,
        "marking": msgspec.to_builtins(view.marking),
        "hash": state.hash.hex(),
        "status": state.status.value,
        "superseded_by": view.superseded_by.hex() if view.superseded_by else None,
        "overdue": view.overdue,
        "workflow": head.terms.workflow,
        "deadline": iso(head.terms.deadline) if head.terms.deadline else None,
        "keys": [{"nation": key.nation, "person": str(key.author.address), "at": _at(key)} for key in keys],
        "keys_needed": {"of": sorted(nations), "count": count},
        "values": {name: as_plain(view.schema, name, value) for name, value in view.values().items()},
        "field_markings": {name: msgspec.to_builtins(marking) for name, marking in view.field_markings.items()},
        "withheld": view.withheld(),
        "faults": {name: why.text(language) for name, why in view.faults.items()},
        "conflicts": {
            name: [as_plain(view.schema, name, value) for value in values] for name, values in view.conflicts().items()
        },
    }
    if whole:
        document["attached"] = [
            {"name": act.body.name, "sha256": act.body.digest.hex(), "person": str(act.author.address)}
            for act in state.attached
            if isinstance(act.body, Attach)
        ]
        document["reserved"] = [
            {"resource": act.body.resource, "start": iso(act.body.start), "end": iso(act.body.end)}
            for act in state.reserved
            if isinstance(act.body, Reserve)
        ]
        document["history"] = [_event(state, act, language) for act in state.acts]
    return document


def as_plain(schema: Schema | None, name: str, value: Any) -> Any:
    """A field's value as JSON, by its kind where that is known."""
    field = schema.field(name) if schema else None
    return plain.unknown_to_plain(value) if field is None else plain.to_plain(field.narrowed, value)


def _event(state: Fold, act: VerifiedAct, language: str) -> Document:
    why = next((refused.why.text(language) for refused in state.refused if refused.act is act), "")
    body = act.body
    return {
        "act": body.kind,
        "person": str(act.author.address),
        "nation": act.nation,
        "at": _at(act),
        "sequence": act.sequence if act.sequence < UNCROSSED else None,
        "of": act.of.hex(),
        "text": _words(body),
        "refused": why,
    }


def _words(body: Body) -> str:
    match body:
        case Attach(name):
            return name
        case Reserve(resource, start, end):
            return f"{resource}, {iso(start)} – {iso(end)}"
        case Delegate(to, until):
            return f"{to}, {iso(until)}"
        case Disclose(openings):
            return ", ".join(openings)
        case _:
            return getattr(body, "text", "")


def _at(act: VerifiedAct) -> str:
    return iso(act.released)
