"""What a person asks of their agent, by name: the one door that the command line, the socket and the console share.

`call` takes a method's name and plain parameters and answers with plain values that JSON can carry; parameters are
typed and strict, so that whatever is not understood is `WrongUsage` and changes nothing. Identifiers are hexadecimal,
times ISO 8601, bytes base64. `METHODS` is the whole vocabulary.
"""

import base64
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from cordiale.agent.content import ACT
from cordiale.agent.engine import Engine
from cordiale.agent.outbox import QUEUED
from cordiale.agent.ports import FileRow
from cordiale.agent.reading import MessageView, RoomView
from cordiale.errors import CordialeError, IllegalStep, LimitExceeded, NotFound, WrongUsage
from cordiale.federation.envelope import open_envelope
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import iso
from cordiale.vocab.party import Address, parse_nation
from cordiale.wire import limits, typed
from cordiale.wiring import (
    border_commands,
    compose_commands,
    deconfliction_commands,
    maritime,
    planning_commands,
    reciprocity,
    register_commands,
    register_files,
    register_meetings,
)
from cordiale.wiring.method import Count, Document, InRoom, Method, Params, Reference, Seconds, own_ceiling

PAUSE_SECONDS: Final = 0.1
HEAD_BYTES: Final = 64
"""How much of a ciphertext `stored` shows."""
UNPLACED: Final = 2**62
"""The sequence of what the border hasn't numbered yet."""


class RoomCreate(Params, frozen=True, kw_only=True):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    nations: Annotated[tuple[str, ...], msgspec.Meta(max_length=limits.ROOM_NATIONS)] = msgspec.field(name="with")
    ceiling: Reference


class RoomInvite(InRoom, frozen=True, kw_only=True):
    people: Annotated[tuple[Reference, ...], msgspec.Meta(min_length=1, max_length=256)]


class RoomRemove(InRoom, frozen=True, kw_only=True):
    person: Reference


class FileParam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file by its bytes, or by an absolute path that the agent reads as the same user."""

    name: str = ""
    data: bytes | None = None
    path: str = ""


class Send(InRoom, frozen=True, kw_only=True):
    text: str = ""
    file: FileParam | None = None
    label: str = ""
    precheck: bool = True
    wait_seconds: Seconds = 10


class Read(InRoom, frozen=True, kw_only=True):
    """The last ones; those that arrived after the message numbered `after`; the last before the one numbered `before`."""

    limit: Count = 200
    after: int = 0
    before: int = 0


class Follow(Params, frozen=True, kw_only=True):
    """What arrived after the message numbered `after`; with −1 nothing but the number of the last, from which to follow."""

    after: int = 0
    wait: Seconds = 25
    limit: Count = 200


class OfMessage(InRoom, frozen=True, kw_only=True):
    message: Reference


class Save(OfMessage, frozen=True, kw_only=True):
    directory: str


class Search(Params, frozen=True, kw_only=True):
    query: Reference
    limit: Count = 50


def call(engine: Engine, method: str, params: Mapping[str, Any]) -> Document:
    """Do what `method` says; `WrongUsage` if there is no such method or its parameters are not understood."""
    known = METHODS.get(method)
    if known is None:
        raise WrongUsage(f"the agent knows no method {method[:40]!r}")
    try:
        given = typed.convert_text(dict(params), known.params)
    except msgspec.ValidationError as fault:
        raise WrongUsage(f"{method}: {fault}") from None
    return known.run(engine, given)


# --- rooms --------------------------------------------------------------------------------------------------------


def _status(engine: Engine, _: Params) -> Document:
    return msgspec.to_builtins(engine.status())


def _room_create(engine: Engine, params: RoomCreate) -> Document:
    nations = {parse_nation(nation) for nation in params.nations}
    room = engine.create_room(params.title, nations, engine.label(params.ceiling))
    return {"room": room_document(engine.room(room, params.language))}


def _room_list(engine: Engine, params: Params) -> Document:
    return {"rooms": [room_document(view) for view in engine.rooms(params.language)]}


def _room_show(engine: Engine, params: InRoom) -> Document:
    return {"room": room_document(engine.room(engine.find_room(params.room), params.language))}


def _room_invite(engine: Engine, params: RoomInvite) -> Document:
    room = engine.find_room(params.room)
    engine.invite(room, [_address(engine, person) for person in params.people])
    return {"room": room_document(engine.room(room, params.language))}


def _room_remove(engine: Engine, params: RoomRemove) -> Document:
    room = engine.find_room(params.room)
    engine.remove(room, _address(engine, params.person))
    return {"room": room_document(engine.room(room, params.language))}


def _room_leave(engine: Engine, params: InRoom) -> Document:
    room = engine.find_room(params.room)
    engine.leave(room)
    return {"room": room_document(engine.room(room, params.language))}


def _address(engine: Engine, person: str) -> Address:
    """`name@nation`; a name alone is of this person's own nation."""
    return Address.parse(person if "@" in person else f"{person}@{engine.own.nation}")


# --- messages -----------------------------------------------------------------------------------------------------


def _send(engine: Engine, params: Send) -> Document:
    if not params.text and params.file is None:
        raise WrongUsage("send: a text or a file is needed")
    room = engine.find_room(params.room)
    label = engine.label(params.label) if params.label else own_ceiling(engine, room)
    if params.file is None:
        message = engine.send_text(room, params.text, label, precheck=params.precheck)
    elif params.precheck:
        message = engine.send_file(room, *_file(params.file), params.text, label)
    else:
        raise WrongUsage("send: only a text can be sent without the agent's own check")
    problem = _submit(engine, room, message.hex(), params.wait_seconds)
    document = _one(engine, room, message, params.language)
    if problem is not None and document["state"] == QUEUED:
        document |= {"rule": problem.rule or problem.code, "detail": str(problem)}
    return {"message": document}


def _submit(engine: Engine, room: RoomId, message: str, seconds: float) -> CordialeError | None:
    """Hand over until the node answered or the time is up; what stands in the way, if anything. It stays queued."""
    deadline, problem = time.monotonic() + seconds, None
    while seconds:
        try:
            engine.flush()
        except CordialeError as error:
            problem = error
        if engine.message(room, message).state != QUEUED or time.monotonic() >= deadline:
            return problem
        time.sleep(PAUSE_SECONDS)
    return problem


def _file(file: FileParam) -> tuple[str, bytes]:
    if file.data is not None and file.name and not file.path:
        return file.name, file.data
    path = Path(file.path)
    if file.data is not None or not path.is_absolute():
        raise WrongUsage("send: a file is given by name and data, or by an absolute path")
    if not path.is_file():
        raise NotFound(str(path), what="file")
    try:
        with path.open("rb") as opened:
            data = opened.read(limits.FILE_BYTES + 1)
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="file") from None
    if len(data) > limits.FILE_BYTES:
        raise LimitExceeded(f"{path.name} has more than {limits.FILE_BYTES} bytes")
    return file.name or path.name, data


def _read(engine: Engine, params: Read) -> Document:
    room = engine.find_room(params.room)
    views = engine.messages(room, params.language, limit=params.limit, before=params.before, after=params.after)
    return {"room": room.hex(), "messages": [message_document(view) for view in views]}


def _follow(engine: Engine, params: Follow) -> Document:
    if params.after < 0:
        return {"messages": [], "after": engine.latest()}
    deadline = time.monotonic() + params.wait
    while True:
        views = engine.arrived(params.after, params.language, limit=params.limit)
        if views or time.monotonic() >= deadline:
            last = max((view.number for view in views), default=params.after)
            return {"messages": [message_document(view) for view in views], "after": last}
        time.sleep(PAUSE_SECONDS)


def _search(engine: Engine, params: Search) -> Document:
    views = engine.search(params.query, params.language, limit=params.limit)
    return {"messages": [message_document(view) for view in views]}


def _save(engine: Engine, params: Save) -> Document:
    room = engine.find_room(params.room)
    name, data = engine.file(room, engine.message(room, params.message).id)
    path = keep(Path(params.directory), name, data)
    return {"path": str(path), "name": name, "size": len(data)}


def keep(directory: Path, name: str, data: bytes) -> Path:
    """Write a received file under its name, never over another one; its path. The same bytes again are one file."""
    if not directory.is_absolute() or not directory.is_dir():
        raise NotFound(str(directory), what="folder")
    named = Path(Path(name).name)
    for place in range(1, 1000):
        path = directory / (named if place == 1 else f"{named.stem}-{place}{named.suffix}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
                return path
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return path
    raise IllegalStep(f"{directory} holds too many files named {name}")


def _message(engine: Engine, params: OfMessage) -> Document:
    room = engine.find_room(params.room)
    return {"message": _one(engine, room, engine.message(room, params.message).id, params.language)}


def _bundle(engine: Engine, params: OfMessage) -> Document:
    room = engine.find_room(params.room)
    message = engine.message(room, params.message).id
    data = engine.bundle(room, message)
    encoded = base64.b64encode(data).decode()
    return {"room": room.hex(), "message": message.hex(), "size": len(data), "bundle": encoded}


def _stored(engine: Engine, params: OfMessage) -> Document:
    """What the node sees of a message beside what only this agent has."""
    room = engine.find_room(params.room)
    row = engine.message(room, params.message)
    if not row.envelope:
        raise NotFound(f"{row.id[:6].hex()} was not sent yet", what="stored message")
    data = engine.stored(Digest(row.envelope))
    opened = open_envelope(data)
    body, binding = opened.envelope.body, opened.binding
    node: Document = {
        "envelope": opened.digest.hex(),
        "bytes": len(data),
        "kind": binding.kind,
        "room": binding.room.hex(),
        "epoch": binding.epoch,
        "signer": binding.signer.hex(),
        "marking": engine.marking(opened.label, params.language).text,
        "sent": iso(opened.header.sent),
        "ciphertext_bytes": len(body),
        "ciphertext": body[:HEAD_BYTES].hex(),
    }
    return {"node": node, "agent": _one(engine, room, row.id, params.language)}


# --- as JSON ------------------------------------------------------------------------------------------------------


def room_document(view: RoomView) -> Document:
    """A room as JSON."""
    return {**msgspec.to_builtins(view), "id": view.id.hex()}


def message_document(view: MessageView) -> Document:
    """A message as JSON. `sequence` is null until the border has numbered it."""
    row = view.row
    return {
        "number": view.number,
        "id": row.id.hex(),
        "room": row.room.hex(),
        "author": row.author,
        "nation": row.nation,
        "kind": row.kind,
        "text": row.text,
        "file": None if view.file is None else _file_document(view.file),
        "record": row.file.hex() if row.kind == ACT else None,
        "act": view.act,
        "marking": msgspec.to_builtins(view.marking),
        "state": row.state,
        "rule": row.rule,
        "detail": row.detail,
        "sent": iso(row.sent),
        "sequence": row.sequence if row.sequence < UNPLACED else None,
    }


def _file_document(file: FileRow) -> Document:
    return {"name": file.name, "size": file.size, "parts": file.parts, "have": file.have, "sha256": file.digest.hex()}


def _one(engine: Engine, room: RoomId, message: bytes, language: str) -> Document:
    return message_document(engine.view(room, message, language))


METHODS: Final[Mapping[str, Method[Any]]] = {
    "status": Method(Params, _status),
    "room.create": Method(RoomCreate, _room_create),
    "room.list": Method(Params, _room_list),
    "room.show": Method(InRoom, _room_show),
    "room.invite": Method(RoomInvite, _room_invite),
    "room.remove": Method(RoomRemove, _room_remove),
    "room.leave": Method(InRoom, _room_leave),
    "send": Method(Send, _send),
    "read": Method(Read, _read),
    "follow": Method(Follow, _follow),
    "message": Method(OfMessage, _message),
    "save": Method(Save, _save),
    "search": Method(Search, _search),
    "bundle": Method(OfMessage, _bundle),
    "stored": Method(OfMessage, _stored),
    **border_commands.METHODS,
    **compose_commands.METHODS,
    **register_commands.METHODS,
    **register_files.METHODS,
    **deconfliction_commands.METHODS,
    **register_meetings.METHODS,
    **reciprocity.METHODS,
    **maritime.METHODS,
    **planning_commands.METHODS,
}
