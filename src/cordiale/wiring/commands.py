"""What a person asks of their agent, by name: the one door that the command line, the socket and the console share.

`call` takes a method's name and plain parameters and answers with plain values that JSON can carry; parameters are
typed and strict, so that whatever is not understood is `WrongUsage` and changes nothing. Identifiers are hexadecimal,
times ISO 8601, bytes base64. `METHODS` is the whole vocabulary.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from cordiale.agent.content import HANGING, PRECEDENCE
from cordiale.agent.engine import Engine
from cordiale.agent.reading import MessageView, RoomView
from cordiale.errors import IllegalStep, LimitExceeded, NotFound, WrongUsage
from cordiale.federation.envelope import open_envelope
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import iso
from cordiale.vocab.party import Address, parse_nation
from cordiale.wire import limits
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
    talk_commands,
)
from cordiale.wiring.letter import Handed, Precedence, handed_over, message_document, one
from cordiale.wiring.method import Count, Document, InRoom, Method, Params, Reference, Seconds, ask, own_ceiling

HEAD_BYTES: Final = 64
"""How much of a ciphertext `stored` shows."""


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


class Send(Handed, frozen=True, kw_only=True):
    """`reply` is the beginning of a message's id; without `topic`, a reply keeps that of the message."""

    text: str = ""
    topic: str | None = None
    reply: str = ""
    priority: Precedence = "ROUTINE"
    file: FileParam | None = None
    label: str = ""
    precheck: bool = True


class Read(InRoom, frozen=True, kw_only=True):
    """The last ones; those that arrived after the message numbered `after`; the last before the one numbered `before`; the
    first behind the one numbered `since`; or as many around the one whose id begins with `around`. Of one topic, if given."""

    limit: Count = 200
    after: int = 0
    before: int = 0
    since: int = 0
    around: str = ""
    topic: str = ""


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
    return ask(METHODS, engine, method, params, who="the agent")


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
    priority = PRECEDENCE.index(params.priority)
    about = engine.about(room, params.text, topic=params.topic, reply=params.reply, priority=priority)
    if params.file is None:
        message = engine.send_text(room, params.text, label, about, precheck=params.precheck)
    elif params.precheck:
        message = engine.send_file(room, *_file(params.file), params.text, label, about)
    else:
        raise WrongUsage("send: only a text can be sent without the agent's own check")
    return handed_over(engine, room, message, params)


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
    if params.around:
        views = _around(engine, room, params)
    else:
        place = {"before": params.before, "since": params.since, "after": params.after}
        views = engine.messages(room, params.language, limit=params.limit, topic=params.topic, **place)
    return {"room": room.hex(), "messages": [message_document(view, params.language) for view in views]}


def _around(engine: Engine, room: RoomId, params: Read) -> list[MessageView]:
    """A message with as many before it as behind it; an edit or a reaction stands for what it is about."""
    row = engine.message(room, params.around)
    middle = engine.view(room, row.target if row.kind in HANGING else row.id, params.language)
    half = max(1, params.limit // 2)
    before = engine.messages(room, params.language, limit=half, before=middle.number)
    return [*before, middle, *engine.messages(room, params.language, limit=half, since=middle.number)]


def _follow(engine: Engine, params: Follow) -> Document:
    if params.after < 0:
        return {"messages": [], "after": engine.latest()}
    engine.await_arrival(params.after, params.wait)
    views = engine.arrived(params.after, params.language, limit=params.limit)
    last = max((view.number for view in views), default=params.after)
    return {"messages": [message_document(view, params.language) for view in views], "after": last}


def _search(engine: Engine, params: Search) -> Document:
    views = engine.search(params.query, params.language, limit=params.limit)
    return {"messages": [message_document(view, params.language) for view in views]}


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
    return {"message": one(engine, room, engine.message(room, params.message).id, params.language)}


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
    return {"node": node, "agent": one(engine, room, row.id, params.language)}


# --- as JSON ------------------------------------------------------------------------------------------------------


def room_document(view: RoomView) -> Document:
    """A room as JSON."""
    return {**msgspec.to_builtins(view), "id": view.id.hex()}


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
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
    **talk_commands.METHODS,
    **register_commands.METHODS,
    **register_files.METHODS,
    **deconfliction_commands.METHODS,
    **register_meetings.METHODS,
    **reciprocity.METHODS,
    **maritime.METHODS,
    **planning_commands.METHODS,
}
