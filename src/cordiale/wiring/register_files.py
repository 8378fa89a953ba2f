"""Records to files and from them, and saved questions; part of the vocabulary of `cordiale.wiring.commands`.

An export carries the marking of every record that is in it. An import is checked row by row before anything is proposed, and
what one call proposes, it proposes whole or not at all; a row that carries a marking is proposed under it.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from cordiale.adapters import agent_socket
from cordiale.adapters.exchange.extract import Extract, Row, timed
from cordiale.adapters.exchange.formats import FORMATS
from cordiale.agent.engine import Engine
from cordiale.agent.record_view import RecordView
from cordiale.errors import CordialeError, LimitExceeded, NotFound, WrongUsage
from cordiale.labels.label import Label
from cordiale.labels.marking import Marking
from cordiale.labels.phrase import LANGUAGES, Phrase
from cordiale.register import query
from cordiale.register.plain import from_plain
from cordiale.register.schema import Fault, Schema, faults, no_such_field, shipped
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import Moment
from cordiale.wire import limits
from cordiale.wiring.method import Count, Document, InRoom, Method, Reference, own_ceiling
from cordiale.wiring.problem import tell
from cordiale.wiring.record_document import record_document
from cordiale.wiring.register_commands import Tier, Values

EXPORT_RECORDS: Final = 50_000
EXPORT_BYTES: Final = (agent_socket.ANSWER_BYTES - 64 * limits.KIB) // 4 * 3
"""What an answer holds in base64, with room for the rest of it."""
IMPORT_ROWS: Final = 500
"""Rows that are proposed in one piece."""

Question = Annotated[str, msgspec.Meta(max_length=limits.TEXT_CHARACTERS)]
Name = Annotated[str, msgspec.Meta(max_length=limits.NAME_CHARACTERS)]


class Export(InRoom, frozen=True, kw_only=True):
    format: Literal["csv", "json", "geojson", "ics", "cap", "xlsx", "pdf"]
    query: Question = ""


class RowParam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a file: its place there, its marking or nothing, plain values."""

    place: int
    values: Values
    marking: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Import(InRoom, frozen=True, kw_only=True):
    """`label` goes before the rows' own markings; without either, the room's ceiling is meant."""

    type: Reference
    rows: Annotated[tuple[RowParam, ...], msgspec.Meta(max_length=IMPORT_ROWS)]
    label: str = ""
    tier: Tier = 3
    sight: tuple[Reference, ...] = ()
    dry_run: bool = False


class SavedQuery(InRoom, frozen=True, kw_only=True):
    """Without a name, all are listed; with a query it is saved, else the saved one is asked."""

    name: Name = ""
    query: Question = ""
    remove: bool = False
    limit: Count = 200


# --- out ----------------------------------------------------------------------------------------------------------


def _export(engine: Engine, params: Export) -> Document:
    room = engine.find_room(params.room)
    found = engine.records(room, query.parse(params.query), params.language, limit=EXPORT_RECORDS + 1)
    if len(found) > EXPORT_RECORDS:
        raise LimitExceeded(f"an export of more than {EXPORT_RECORDS} records: narrow the question")
    extract = _extract(engine, room, found, params)
    data = FORMATS[params.format].write(extract)
    if len(data) > EXPORT_BYTES:
        raise LimitExceeded(f"an export of {len(data)} bytes, {EXPORT_BYTES} allowed: narrow the question")
    left_out = sum(not timed(row) for row in extract.rows) if params.format == "ics" else 0
    return {
        "room": room.hex(),
        "format": params.format,
        "media_type": FORMATS[params.format].media_type,
        "records": len(found),
        "left_out": left_out,
        "markings": list(extract.markings),
        "size": len(data),
        "data": base64.b64encode(data).decode(),
    }


def _extract(engine: Engine, room: RoomId, found: Sequence[RecordView], params: Export) -> Extract:
    view = engine.room(room, params.language)
    rows = tuple(Row(record_document(each, params.language), each.schema, _changed(each)) for each in found)
    inside = sorted({each.marking for each in found}, key=lambda marking: _gravity(engine, marking)) or [view.ceiling]
    texts = tuple(dict.fromkeys(marking.text for marking in inside))
    return Extract(view.title, params.query, params.language, texts, inside[0].colour, rows)


def _gravity(engine: Engine, marking: Marking) -> tuple[int, str]:
    """The gravest first; what has no equivalent in one's own scheme is graver than all."""
    level = engine.domain.policy.classifications.get(marking.classification)
    return (-level.rank if level else -limits.COUNT_MOST, marking.text)


def _changed(view: RecordView) -> Moment:
    return max((act.released for act in view.state.acts), default=Moment(0))


# --- in -----------------------------------------------------------------------------------------------------------


def _import(engine: Engine, params: Import) -> Document:
    room, schema = engine.find_room(params.room), shipped().get(params.type)
    if schema is None:
        raise NotFound(f"{params.type[:40]!r}; there are {', '.join(shipped())}", what="register")
    labels = _Labels(engine, room, params.label)
    wrong: list[Document] = []
    good: list[tuple[Values, Label]] = []
    for row in params.rows:
        values, found = _judged(schema, row.values)
        label = labels.of(row.marking, found)
        wrong += [{"row": row.place, "field": fault.field, "why": fault.why.text(params.language)} for fault in found]
        if label is not None:
            good.append((values, label))
    answer: Document = {"room": room.hex(), "rows": len(params.rows), "faults": wrong, "records": []}
    if not wrong and not params.dry_run:
        sight = tuple(engine.record(room, seen, params.language).state.hash for seen in params.sight)
        made = engine.propose_all(room, schema.type, good, tier=params.tier, sight=sight)
        answer["records"] = [record.hex() for record in made]
    return answer


class _Labels:
    """What each row is marked with. A marking is read and checked against the border once."""

    def __init__(self, engine: Engine, room: RoomId, given: str) -> None:
        self._engine, self._room = engine, room
        self._given = given
        self._known: dict[str, Label | Phrase] = {}

    def of(self, marking: str, wrong: list[Fault]) -> Label | None:
        """The label, or a fault more in `wrong`."""
        text = self._given or marking
        if text not in self._known:
            try:
                label = self._engine.label(text) if text else own_ceiling(self._engine, self._room)
                self._engine.check_release(self._room, label)
                self._known[text] = label
            except CordialeError as fault:
                self._known[text] = _refused(fault)
        found = self._known[text]
        if isinstance(found, Label):
            return found
        wrong.append(Fault("marking", found))
        return None


def _refused(fault: CordialeError) -> Phrase:
    """Why a row cannot go under its marking, and the way out: a file of the other nation has markings of the other's scheme."""
    if isinstance(fault, WrongUsage):
        return Phrase(
            "not a marking of your nation's scheme: mark all rows in yours, with --label",
            "n’est pas un marquage de votre nation : marquez toutes les lignes selon le vôtre, avec --label",
        )
    english, french = (tell(fault, language).happened for language in LANGUAGES)
    return Phrase(f"{english} (mark all rows otherwise with --label)", f"{french} (un autre marquage : --label)")


def _judged(schema: Schema, given: Mapping[str, Any]) -> tuple[Values, list[Fault]]:
    values: Values = {}
    wrong: list[Fault] = []
    for name, value in given.items():
        field = schema.field(name)
        if field is None:
            wrong.append(no_such_field(schema, name))
            continue
        try:
            values[name] = from_plain(field.narrowed, value)
        except CordialeError as fault:
            wrong.append(Fault.of(name, fault))
    named = {fault.field for fault in wrong}
    return values, wrong + [fault for fault in faults(schema, schema.version, values) if fault.field not in named]


# --- saved questions ----------------------------------------------------------------------------------------------


def _query(engine: Engine, params: SavedQuery) -> Document:
    room = engine.find_room(params.room)
    if params.remove:
        engine.remove_query(params.name)
    elif params.name and params.query.strip():
        engine.save_query(params.name, params.query)
    elif params.name:
        return _asked(engine, room, params)
    return {"queries": [{"name": name, "query": text} for name, text in sorted(engine.queries().items())]}


def _asked(engine: Engine, room: RoomId, params: SavedQuery) -> Document:
    text = engine.queries().get(params.name)
    if text is None:
        raise NotFound(f"{params.name[:80]!r}", what="saved question")
    found = engine.records(room, query.parse(text), params.language, limit=params.limit)
    return {"room": room.hex(), "query": text, "records": [record_document(view, params.language) for view in found]}


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "register.export": Method(Export, _export),
    "register.import": Method(Import, _import),
    "register.query": Method(SavedQuery, _query),
}
