"""The maritime desk and the agent: what a person releases of a draft, and what a room's members have released.

Part of the vocabulary of `cordiale.wiring.commands`. A finding has one record that stands for each nation. To release what
stands already does nothing; what changed takes the place of the record that stands, a retraction too: what binds is never
withdrawn in silence.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from cordiale.agent.engine import Engine
from cordiale.agent.registering import RecordView, Wanted
from cordiale.crypto.digest import sha256
from cordiale.errors import Malformed, NotFound
from cordiale.labels.label import Label
from cordiale.register import query
from cordiale.register.act import Key
from cordiale.register.plain import from_plain
from cordiale.register.record import RecordId
from cordiale.register.schema import Schema, shipped
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.wire import limits
from cordiale.wiring.method import Count, Document, InRoom, Method, Reference, own_ceiling
from cordiale.wiring.register_commands import Values, record_document

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
REGISTER: Final = "maritime"
_OPEN: Final = (Status.PROPOSED, Status.PART_KEYED)


class FileParam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that goes with the record: in which field its SHA-256 stands, its name, its bytes in base64."""

    field: Name
    name: Name
    data: str


class Release(InRoom, frozen=True, kw_only=True):
    """`values` as JSON in the form of `cordiale.register.plain`; without a label the room's ceiling is meant."""

    values: Values
    label: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    file: FileParam | None = None


class OfRoom(InRoom, frozen=True, kw_only=True):
    limit: Count = 1000


class OfFinding(InRoom, frozen=True, kw_only=True):
    finding: Reference


def _release(engine: Engine, params: Release) -> Document:
    """Propose the record under its label and turn the own nation's key, or say that it stands already."""
    room, schema = engine.find_room(params.room), shipped()[REGISTER]
    label = engine.label(params.label) if params.label else own_ceiling(engine, room)
    values = _values(schema, params.values)
    file = _file(params.file)
    if params.file is not None and file is not None:
        values[params.file.field] = sha256(file)
    stands = _standing(engine, room, str(values.get("finding", "")), params.language)
    if stands is None and values.get("state") == "retracted":
        raise NotFound("nothing of this finding was released into the room", what="record")
    if stands is not None and _same(stands, values):
        if stands.state.status in _OPEN:
            engine.act(room, stands.id, Key())
        return _answer(engine, room, stands, "none", params.language)
    if params.file is not None and file is not None and not _has(stands, params.file.field, values):
        engine.check_release(room, label)
        engine.send_file(room, params.file.name, file, str(values["title"][params.language]), label)
    record = _said(engine, room, schema, values, label, stands)
    engine.act(room, record, Key())
    view = engine.record(room, record.hex(), params.language)
    return _answer(engine, room, view, "raise" if stands is None else str(values["state"]), params.language)


def _said(
    engine: Engine, room: RoomId, schema: Schema, values: Values, label: Label, stands: RecordView | None
) -> RecordId:
    """The record that says it now: a new one, one in the place of what binds, or the open one amended."""
    if stands is not None and stands.state.status in _OPEN:
        engine.amend(room, stands.id, values)
        return stands.id
    wanted = Wanted(label=label, supersedes=None if stands is None else stands.id)
    return engine.propose(room, schema.type, values, wanted)


def _values(schema: Schema, given: Mapping[str, Any]) -> Values:
    found: Values = {}
    for name, value in given.items():
        field = schema.field(name)
        if field is None:
            raise Malformed(f"{schema.type} has no field {name[:40]!r}", what="draft")
        found[name] = from_plain(field.narrowed, value)
    return found


def _file(given: FileParam | None) -> bytes | None:
    if given is None:
        return None
    try:
        return base64.b64decode(given.data, validate=True)
    except binascii.Error:
        raise Malformed("its file is not base64", what="draft") from None


def _standing(engine: Engine, room: RoomId, finding: str, language: str) -> RecordView | None:
    """The own nation's record of a finding that nothing has taken the place of, and that wasn't withdrawn."""
    for view in _maritime(engine, room, language, limits.LIST_ITEMS):
        head = view.state.head
        own = head is not None and head.owner == engine.own.nation
        if own and view.values().get("finding") == finding and view.superseded_by is None:
            return view
    return None


def _maritime(engine: Engine, room: RoomId, language: str, limit: int) -> list[RecordView]:
    found = engine.records(room, query.parse(f"type={REGISTER}"), language, limit=limit)
    return [view for view in found if view.state.status is not Status.WITHDRAWN]


def _same(stands: RecordView, values: Mapping[str, Any]) -> bool:
    """Whether a record says just this; "raised" and "revised" say the same of the same values."""
    then, now = dict(stands.values()), dict(values)
    gone = [each.pop("state", "") == "retracted" for each in (then, now)]
    return gone[0] == gone[1] and msgspec.to_builtins(_listed(then)) == msgspec.to_builtins(_listed(now))


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value  # pyright: ignore[reportUnknownVariableType]


def _has(stands: RecordView | None, field: str, values: Mapping[str, Any]) -> bool:
    return stands is not None and stands.values().get(field) == values[field]


def _answer(engine: Engine, room: RoomId, view: RecordView, act: str, language: str) -> Document:
    latest = engine.record(room, view.id.hex(), language)
    return {"room": room.hex(), "act": act, "record": record_document(latest, language)}


def _shared(engine: Engine, params: OfRoom) -> Document:
    """What stands in a room, of whatever nation; what was retracted says so."""
    room = engine.find_room(params.room)
    found = [view for view in _maritime(engine, room, params.language, params.limit) if view.superseded_by is None]
    ceiling = engine.room(room, params.language).ceiling
    return {
        "room": room.hex(),
        "ceiling": ceiling.text,
        "records": [record_document(view, params.language) for view in found],
    }


def _released(engine: Engine, params: OfFinding) -> Document:
    """The own nation's record that stands for a finding, or null."""
    room = engine.find_room(params.room)
    view = _standing(engine, room, params.finding, params.language)
    return {"room": room.hex(), "record": None if view is None else record_document(view, params.language)}


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "maritime.release": Method(Release, _release),
    "maritime.released": Method(OfFinding, _released),
    "maritime.shared": Method(OfRoom, _shared),
}
