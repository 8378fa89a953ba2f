"""A message as JSON, and handing one over to the node: what every method shares that sends or shows messages."""

import time
from typing import Final, Literal

import msgspec

from cordiale.agent.content import ACT, EDIT, PRECEDENCE, REACTION, UNKNOWN
from cordiale.agent.engine import Engine
from cordiale.agent.outbox import QUEUED
from cordiale.agent.ports import FileRow, MessageRow
from cordiale.agent.reading import MessageView
from cordiale.errors import CordialeError
from cordiale.labels.marking import Marking
from cordiale.vocab.identifier import MessageId, RoomId
from cordiale.vocab.moment import iso
from cordiale.wiring.method import Document, InRoom, Seconds
from cordiale.wiring.problem import tell
from cordiale.wiring.refused import reason

PAUSE_SECONDS: Final = 0.1
UNPLACED: Final = 2**62
"""The sequence of what the border hasn't numbered yet."""
QUOTE_CHARACTERS: Final = 160
Precedence = Literal["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"]


class Handed(InRoom, frozen=True, kw_only=True):
    """Of every method that sends: how long to wait for the node's answer."""

    wait_seconds: Seconds = 10


def handed_over(engine: Engine, room: RoomId, message: MessageId, params: Handed) -> Document:
    """Hand over what was queued, and show it. `detail` says what stands in the way, if anything; it stays queued."""
    problem = _submit(engine, room, message.hex(), params.wait_seconds)
    document = one(engine, room, message, params.language)
    if problem is not None and document["state"] == QUEUED:
        document |= {"rule": problem.rule or problem.code, "detail": tell(problem, params.language).happened}
    return {"message": document}


def _submit(engine: Engine, room: RoomId, message: str, seconds: float) -> CordialeError | None:
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


def one(engine: Engine, room: RoomId, message: bytes, language: str) -> Document:
    """One message."""
    return message_document(engine.view(room, message, language), language)


def message_document(view: MessageView, language: str) -> Document:
    """A message as JSON, its text and marking as they stand after edits, reasons in the reader's language.

    `sequence` is null until the border has numbered it.
    """
    row, talk = view.row, view.talk
    name = row.topic.removeprefix("-") if row.kind == REACTION else ""
    return {
        "number": view.number,
        "id": row.id.hex(),
        "room": row.room.hex(),
        "author": row.author,
        "nation": row.nation,
        "kind": row.kind,
        "text": talk.text,
        "file": None if view.file is None else _file_document(view.file),
        "record": row.file.hex() if row.kind == ACT else None,
        "act": view.act,
        "marking": msgspec.to_builtins(view.marking),
        "state": row.state,
        "rule": row.rule,
        "detail": reason(row.detail, language),
        "sent": iso(row.sent),
        "sequence": row.sequence if row.sequence < UNPLACED else None,
        "order": f"{row.lamport:020}/{row.nation}/{row.sequence:020}/{view.number:020}",
        "topic": "" if row.kind in (REACTION, UNKNOWN) else row.topic,
        "priority": PRECEDENCE[row.priority],
        "mentions": row.mentions.split(),
        "target": row.target.hex() if row.kind in (EDIT, REACTION) else None,
        "reaction": name,
        "off": row.kind == REACTION and row.topic.startswith("-"),
        "unknown": row.topic if row.kind == UNKNOWN else "",
        "reply": None if talk.reply is None or view.replied is None else _quote(talk.reply, view.replied),
        "edited": any(not edit.refused for edit in talk.edits),
        "history": _history(view),
        "reactions": [
            {"name": each.name, "who": list(each.who), "own": view.reader in each.who} for each in talk.reactions
        ],
        "own": row.author == view.reader,
        "mentioned": f" {view.reader} " in row.mentions,
    }


def _quote(row: MessageRow, marking: Marking) -> Document:
    text = row.text if len(row.text) <= QUOTE_CHARACTERS else row.text[:QUOTE_CHARACTERS] + "…"
    return {"id": row.id.hex(), "author": row.author, "text": text, "marking": msgspec.to_builtins(marking)}


def _history(view: MessageView) -> list[Document]:
    """The first text and each edit, where there is any; `refused` says why one does not hold."""
    first = {
        "author": view.row.author,
        "text": view.row.text,
        "sent": iso(view.row.sent),
        "refused": "",
        "marking": None,
    }
    edits: list[Document] = [
        {
            "author": edit.row.author,
            "text": edit.row.text,
            "sent": iso(edit.row.sent),
            "refused": edit.refused,
            "marking": msgspec.to_builtins(marking),
        }
        for edit, marking in zip(view.talk.edits, view.edits, strict=True)
    ]
    return [first, *edits] if edits else []


def _file_document(file: FileRow) -> Document:
    return {"name": file.name, "size": file.size, "parts": file.parts, "have": file.have, "sha256": file.digest.hex()}
