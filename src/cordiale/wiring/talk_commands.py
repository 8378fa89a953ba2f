"""What a person asks about messages beside sending and reading them: edits, reactions, topics, how far they have come, drafts,
what waits in each room; part of the vocabulary of `cordiale.wiring.commands`."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from cordiale.agent.content import PRECEDENCE
from cordiale.agent.engine import Engine
from cordiale.errors import Malformed
from cordiale.vocab.identifier import RoomId
from cordiale.wire import limits, typed
from cordiale.wiring.letter import Handed, handed_over, message_document, one
from cordiale.wiring.method import Document, InRoom, Method, Params, Reference


class Edit(Handed, frozen=True, kw_only=True):
    """Without `label` the message keeps its marking."""

    message: Reference
    text: str
    label: str = ""


class React(Handed, frozen=True, kw_only=True):
    message: Reference
    reaction: Literal["seen", "agree", "disagree", "question", "thanks", "done"]
    off: bool = False


class Delivered(InRoom, frozen=True, kw_only=True):
    """With `prove`, partners' cosignatures are asked for."""

    prove: bool = False


class Receipts(Params, frozen=True, kw_only=True):
    wanted: bool | None = None


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is being written in a room."""

    text: Annotated[str, msgspec.Meta(max_length=limits.TEXT_CHARACTERS)] = ""
    label: Annotated[str, msgspec.Meta(max_length=1024)] = ""
    topic: Annotated[str, msgspec.Meta(max_length=limits.TOPIC_CHARACTERS)] = ""
    reply: Annotated[str, msgspec.Meta(max_length=64)] = ""
    priority: Annotated[str, msgspec.Meta(max_length=16)] = ""


class KeepDraft(InRoom, frozen=True, kw_only=True):
    draft: Draft


def _edit(engine: Engine, params: Edit) -> Document:
    room = engine.find_room(params.room)
    label = engine.label(params.label) if params.label else None
    target = engine.message(room, params.message).id
    sent = handed_over(engine, room, engine.edit(room, target, params.text, label), params)
    return {**sent, "target": one(engine, room, target, params.language)}


def _react(engine: Engine, params: React) -> Document:
    room = engine.find_room(params.room)
    target = engine.message(room, params.message).id
    sent = handed_over(engine, room, engine.react(room, target, params.reaction, off=params.off), params)
    return {**sent, "target": one(engine, room, target, params.language)}


def _delivery(engine: Engine, params: Delivered) -> Document:
    """Up to which of this nation's messages (by `sequence`) each other nation has them, and each person has read them."""
    room = engine.find_room(params.room)
    found = engine.delivery(room, prove=params.prove)
    return {"room": room.hex(), "theirs": dict(found.theirs), "read": dict(sorted(found.read.items()))}


def _receipts(engine: Engine, params: Receipts) -> Document:
    return {"receipts": engine.receipts(params.wanted)}


def _topics(engine: Engine, params: InRoom) -> Document:
    room = engine.find_room(params.room)
    return {"room": room.hex(), "topics": engine.topics(room)}


def _overview(engine: Engine, params: Params) -> Document:
    """Every room with what waits in it: unread messages, those that mention one, the highest precedence, the last message."""
    waiting = engine.waiting()
    found: list[Document] = []
    for outline in engine.outlines(params.language):
        waits, last = waiting[outline.id], engine.messages(outline.id, params.language, limit=1)
        found.append(
            {
                **msgspec.to_builtins(outline),
                "id": outline.id.hex(),
                "unread": waits.unread,
                "mentions": waits.mentions,
                "priority": PRECEDENCE[waits.priority] if waits.unread else PRECEDENCE[0],
                "last": message_document(last[0], params.language) if last else None,
            }
        )
    return {"rooms": found}


def _draft(engine: Engine, params: InRoom) -> Document:
    room = engine.find_room(params.room)
    return {"room": room.hex(), "draft": _kept(engine, room)}


def _kept(engine: Engine, room: RoomId) -> Document:
    data = engine.draft(room)
    try:
        return msgspec.structs.asdict(typed.decode_json(data, Draft) if data else Draft())
    except msgspec.DecodeError:
        raise Malformed("the draft that was kept is none", what="Draft") from None


def _keep_draft(engine: Engine, params: KeepDraft) -> Document:
    room = engine.find_room(params.room)
    engine.keep_draft(room, b"" if params.draft == Draft() else msgspec.json.encode(params.draft))
    return {"room": room.hex(), "draft": msgspec.structs.asdict(params.draft)}


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "edit": Method(Edit, _edit),
    "react": Method(React, _react),
    "delivery": Method(Delivered, _delivery),
    "receipts": Method(Receipts, _receipts),
    "room.topics": Method(InRoom, _topics),
    "room.overview": Method(Params, _overview),
    "draft.show": Method(InRoom, _draft),
    "draft.keep": Method(KeepDraft, _keep_draft),
}
