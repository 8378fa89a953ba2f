"""What a person asks of their agent about joint records; part of the vocabulary of `cordiale.wiring.commands`.

Values come as JSON in the form of `cordiale.register.plain`, or as a person types them (`set`); they go out in that form.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from cordiale.agent.engine import Engine
from cordiale.agent.registering import Wanted
from cordiale.errors import NotFound, WrongUsage
from cordiale.labels.label import Label
from cordiale.register import plain, query
from cordiale.register.act import (
    Body,
    Comment,
    Delegate,
    Fulfil,
    Key,
    Lapse,
    Object,
    Reserve,
    Withdraw,
)
from cordiale.register.record import Mandate, RecordId, Terms
from cordiale.register.schema import Field, Schema, shipped
from cordiale.register.workflow import TABLES, diagram
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import parse_nation
from cordiale.wire import limits
from cordiale.wiring.method import Count, Document, InRoom, Method, Params, Reference, as_given, own_ceiling
from cordiale.wiring.record_document import as_plain, record_document

Tier = Annotated[int, msgspec.Meta(ge=1, le=3)]
Values = dict[str, Any]


class Registers(Params, frozen=True, kw_only=True):
    type: str = ""


class RecordList(InRoom, frozen=True, kw_only=True):
    query: Annotated[str, msgspec.Meta(max_length=limits.TEXT_CHARACTERS)] = ""
    limit: Count = 200


class OfRecord(InRoom, frozen=True, kw_only=True):
    record: Reference


class Names(InRoom, frozen=True, kw_only=True):
    """Records by their whole ids, in hexadecimal."""

    records: Annotated[tuple[Reference, ...], msgspec.Meta(max_length=limits.LIST_ITEMS)]


class TermsParam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other terms than the schema's. `deadline` and `until` in ISO 8601."""

    workflow: str
    nations: tuple[str, ...] = ()
    quorum: int = 0
    deadline: str = ""
    signatories: dict[str, tuple[str, ...]] = {}
    mandates: tuple[tuple[str, tuple[str, ...], str], ...] = ()


class RecordNew(InRoom, frozen=True, kw_only=True):
    """`values` as JSON, `set` as a person types them (`title.en` for one language of a bilingual text)."""

    type: Reference
    values: Values = {}
    set: dict[str, str] = {}
    label: str = ""
    tier: Tier = 3
    terms: TermsParam | None = None
    sight: tuple[Reference, ...] = ()
    supersedes: str = ""
    field_labels: dict[str, str] = {}


class RecordSet(OfRecord, frozen=True, kw_only=True):
    values: Values = {}
    set: dict[str, str] = {}
    tier: Tier = 3
    sight: tuple[Reference, ...] = ()


class RecordAct(OfRecord, frozen=True, kw_only=True):
    """`text` for words; `to` and `until` for a delegation; `resource`, `start` and `until` for a reservation; `file` of the room
    for an attachment."""

    act: Literal["key", "object", "withdraw", "comment", "fulfil", "lapse", "delegate", "reserve", "attach"]
    text: str = ""
    to: str = ""
    file: str = ""
    resource: str = ""
    start: str = ""
    until: str = ""


class RecordDisclose(OfRecord, frozen=True, kw_only=True):
    """`through` is another room to show it in."""

    tier: Tier = 3
    fields: tuple[str, ...] = ()
    sight: tuple[Reference, ...] = ()
    through: str = ""


# --- looking ------------------------------------------------------------------------------------------------------


def _types(_: Engine, params: Registers) -> Document:
    """The registers that there are, or one with its fields and its workflow's diagram."""
    if not params.type:
        return {"types": [_schema_document(schema, params.language) for schema in shipped().values()]}
    schema = _schema(params.type)
    fields = [_field_document(field, params.language) for field in schema.fields]
    return {
        "type": {**_schema_document(schema, params.language), "fields": fields, "diagram": diagram(schema.workflow)}
    }


def _schema_document(schema: Schema, language: str) -> Document:
    return {
        "type": schema.type,
        "version": schema.version,
        "workflow": schema.workflow,
        "title": schema.title.text(language),
        "help": schema.help.text(language),
        "key": schema.named_by,
        "views": list(schema.views),
    }


def _field_document(field: Field, language: str) -> Document:
    return {
        "name": field.name,
        "kind": f"list of {field.item}" if field.kind == "list" else field.kind,
        "title": field.title.text(language),
        "help": field.help.text(language),
        "required": field.required,
        "tier": field.tier,
        "unit": field.unit,
        "choices": {choice.value: choice.title.text(language) for choice in field.choices},
    }


def _list(engine: Engine, params: RecordList) -> Document:
    room = engine.find_room(params.room)
    found = engine.records(room, query.parse(params.query), params.language, limit=params.limit)
    return {"room": room.hex(), "records": [record_document(view, params.language) for view in found]}


def _show(engine: Engine, params: OfRecord) -> Document:
    return _shown(engine, engine.find_room(params.room), params.record, params.language)


def _shown(engine: Engine, room: RoomId, reference: str, language: str) -> Document:
    return {"record": record_document(engine.record(room, reference, language), language, whole=True)}


def _names(engine: Engine, params: Names) -> Document:
    """What records are called in the reader's language; empty where that is not shown."""
    try:
        wanted = [RecordId(bytes.fromhex(each)) for each in params.records]
    except ValueError:
        raise WrongUsage("a record is named by its id, in hexadecimal") from None
    found = engine.names(engine.find_room(params.room), wanted, params.language)
    return {"names": {record.hex(): name for record, name in found.items()}}


# --- acting -------------------------------------------------------------------------------------------------------


def _new(engine: Engine, params: RecordNew) -> Document:
    room, schema = engine.find_room(params.room), _schema(params.type)
    label = engine.label(params.label) if params.label else own_ceiling(engine, room)
    old = engine.record(room, params.supersedes, params.language).id if params.supersedes else None
    wanted = Wanted(
        label=label,
        field_labels=_field_labels(engine, schema, params.field_labels),
        tier=params.tier,
        terms=_terms(engine, room, params.terms),
        sight=_sight(engine, room, params.sight, params.language),
        supersedes=old,
    )
    with as_given():
        record = engine.propose(room, schema.type, _values(schema, params.values, params.set, {}), wanted)
    return _shown(engine, room, record.hex(), params.language)


def _sight(engine: Engine, room: RoomId, references: Sequence[str], language: str) -> tuple[Digest, ...]:
    return tuple(engine.record(room, seen, language).state.hash for seen in references)


def _field_labels(engine: Engine, schema: Schema, given: Mapping[str, str]) -> dict[str, Label]:
    return {_field(schema, name).name: engine.label(text) for name, text in given.items()}


def _set(engine: Engine, params: RecordSet) -> Document:
    room = engine.find_room(params.room)
    view = engine.record(room, params.record, params.language)
    if view.schema is None:
        raise NotFound("the record's type has no schema here", what="register")
    sight = _sight(engine, room, params.sight, params.language)
    with as_given():
        values = _values(view.schema, params.values, params.set, view.values())
        engine.amend(room, view.id, values, tier=params.tier, sight=sight)
    return _shown(engine, room, view.id.hex(), params.language)


def _act(engine: Engine, params: RecordAct) -> Document:
    room = engine.find_room(params.room)
    view = engine.record(room, params.record, params.language)
    if params.act == "attach":
        engine.attach(room, view.id, params.file)
    else:
        engine.act(room, view.id, _body(params))
    return _shown(engine, room, view.id.hex(), params.language)


def _body(params: RecordAct) -> Body:
    match params.act:
        case "key":
            return Key()
        case "object":
            if not params.text.strip():
                raise WrongUsage("an objection is in writing: give a text")
            return Object(params.text)
        case "withdraw":
            return Withdraw(params.text)
        case "comment":
            return Comment(params.text)
        case "fulfil":
            return Fulfil(params.text)
        case "lapse":
            return Lapse()
        case "delegate":
            return Delegate(params.to, query.moment(params.until, end=True))
        case "reserve":
            return _reservation(params)
        case "attach":
            raise AssertionError("an attachment is found in the room")


def _reservation(params: RecordAct) -> Reserve:
    start, end = query.moment(params.start), query.moment(params.until, end=True)
    if not params.resource.strip() or start >= end:
        raise WrongUsage("a reservation is of a resource, from a time until a later one")
    return Reserve(params.resource.strip(), start, end)


def _disclose(engine: Engine, params: RecordDisclose) -> Document:
    room = engine.find_room(params.room)
    view = engine.record(room, params.record, params.language)
    if params.through:
        through = engine.find_room(params.through)
        sight = _sight(engine, through, params.sight, params.language)
        engine.share(room, view.id, through, params.tier, params.fields, sight=sight)
        return _shown(engine, through, view.id.hex(), params.language)
    sight = _sight(engine, room, params.sight, params.language)
    engine.disclose(room, view.id, params.tier, params.fields, sight=sight)
    return _shown(engine, room, view.id.hex(), params.language)


def _kept(engine: Engine, params: OfRecord) -> Document:
    """What this agent holds of a record and has shown to nobody in the room: the rest is what they can read."""
    room = engine.find_room(params.room)
    view = engine.record(room, params.record, params.language)
    kept = engine.kept(room, view.id)
    return {"record": view.id.hex(), "kept": {name: as_plain(view.schema, name, value) for name, value in kept.items()}}


def _bundle(engine: Engine, params: OfRecord) -> Document:
    room = engine.find_room(params.room)
    record, data = engine.record_bundle(room, params.record)
    return {"room": room.hex(), "record": record.hex(), "size": len(data), "bundle": base64.b64encode(data).decode()}


def _schema(kind: str) -> Schema:
    schema = shipped().get(kind)
    if schema is None:
        raise NotFound(f"{kind[:40]!r}; there are {', '.join(shipped())}", what="register")
    return schema


def _values(schema: Schema, values: Values, typed: Mapping[str, str], present: Mapping[str, Any]) -> Values:
    found: Values = {}
    for name, value in values.items():
        with plain.about(name):
            found[name] = plain.from_plain(_field(schema, name).narrowed, value)
    for name, text in typed.items():
        whole, dot, language = name.partition(".")
        field = _field(schema, whole)
        if dot and field.kind == "bilingual":
            found[whole] = {**present.get(whole, {}), **found.get(whole, {}), language: text}
        else:
            with plain.about(whole):
                found[whole] = plain.from_text(field.narrowed, text)
    return found


def _field(schema: Schema, name: str) -> Field:
    field = schema.field(name)
    if field is None:
        raise WrongUsage(
            f"{schema.type} has no field {name[:40]!r}; it has {', '.join(each.name for each in schema.fields)}"
        )
    return field


def _terms(engine: Engine, room: RoomId, given: TermsParam | None) -> Terms | None:
    if given is None:
        return None
    if given.workflow not in TABLES:
        raise WrongUsage(f"there is no workflow {given.workflow[:40]!r}; there are {', '.join(TABLES)}")
    nations = tuple(map(parse_nation, given.nations)) or engine.room(room).nations
    return Terms(
        given.workflow,
        nations,
        given.quorum,
        query.moment(given.deadline) if given.deadline else Moment(0),
        {parse_nation(nation): people for nation, people in given.signatories.items()},
        tuple(Mandate(parse_nation(nation), types, query.moment(until)) for nation, types, until in given.mandates),
    )


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "register.types": Method(Registers, _types),
    "register.list": Method(RecordList, _list),
    "register.show": Method(OfRecord, _show),
    "register.names": Method(Names, _names),
    "register.new": Method(RecordNew, _new),
    "register.set": Method(RecordSet, _set),
    "register.act": Method(RecordAct, _act),
    "register.disclose": Method(RecordDisclose, _disclose),
    "register.kept": Method(OfRecord, _kept),
    "register.bundle": Method(OfRecord, _bundle),
}
