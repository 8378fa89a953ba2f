"""What the person writes, on its way to the node: kept until it is taken, in order, once, whatever is killed when.

    queued (plain, in the encrypted store) → encrypted once, the bytes kept → submitted until answered → stored / refused

The same bytes are submitted again after a crash, and the node knows them by their digest. Only a change of epoch that left
them too old makes the agent encrypt again, with the same message id. Whatever store the agent was started on, it encrypts
only under numbers that its node granted to this very process (`cordiale.agent.leases`).
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from cordiale.agent import content as contents
from cordiale.agent import membership, records, refusal, runs
from cordiale.agent.content import Content
from cordiale.agent.leases import Claimed, Leases
from cordiale.agent.ports import MessageRow, QueuedRow
from cordiale.agent.workspace import Workspace
from cordiale.crypto.digest import sha256
from cordiale.errors import CordialeError, IllegalStep, StaleEpoch, Unavailable
from cordiale.federation.api import Outcome
from cordiale.federation.claim import Claim
from cordiale.federation.envelope import Envelope, authenticated_data, open_envelope
from cordiale.labels import binding as kinds
from cordiale.labels.binding import Header, bind
from cordiale.labels.label import Label, encode_label
from cordiale.register.causality import position
from cordiale.vocab.identifier import MESSAGE_ID_BYTES, MessageId, RoomId
from cordiale.wire import limits

BATCH: Final = 32
BATCH_BYTES: Final = 4 * 1024 * 1024
QUEUE_MOST: Final = 100_000
"""Rows of one room that are refused at once; a queue longer than that is refused in turns."""
QUEUED, SENT, STORED, REFUSED, RECEIVED, WITHHELD = "queued", "sent", "stored", "refused", "received", "withheld"


def fresh_id() -> MessageId:
    """The id of a new message."""
    return MessageId(secrets.token_bytes(MESSAGE_ID_BYTES))


def enqueue(
    work: Workspace, room: RoomId, label: Label, parts: Sequence[Content], *, ids: Sequence[MessageId] = ()
) -> MessageId:
    """Write down a message (or a file's announcement and parts) for sending, under `ids` if given; the id of the first."""
    info = work.info(room)
    if info.left:
        raise IllegalStep("this device is no longer a member of the room")
    data = encode_label(label)
    ids = ids or [fresh_id() for _ in parts]
    for message, part in zip(ids, parts, strict=True):
        work.state.enqueue(QueuedRow(0, room, message, part.encode(), data, work.now, b"", b""))
        if part.kind not in contents.WITHOUT_ROW:
            lamport, nation, sequence = position(work.heads(room), work.own.nation, 2**62)
            row = row_of(
                part,
                room=room,
                id=message,
                author=str(work.own.address),
                label=data,
                sent=work.now,
                lamport=lamport,
                nation=nation,
                sequence=sequence,
                state=QUEUED,
            )
            work.state.put_message(row)
    return ids[0]


def row_of(part: Content, *, author: str, **place: Any) -> MessageRow:
    """A message's row: what its content says, at its place."""
    return MessageRow(
        author=author,
        kind=part.kind,
        text=part.text if part.kind != contents.REACTION else "",
        file=reference(author, part),
        topic=_topic(part),
        target=part.target,
        priority=part.priority,
        mentions=f" {' '.join(part.mentions)} " if part.mentions else "",
        **place,
    )


def _topic(part: Content) -> str:
    if part.kind == contents.UNKNOWN:
        return part.name
    if part.kind == contents.REACTION:
        return f"-{part.text}" if part.off else part.text
    return part.topic


def reference(author: str, part: Content) -> bytes:
    """What a message's row points to: a file by its key, or a record."""
    if part.kind == contents.ACT:
        return part.file
    return contents.file_key(author, part.file) if part.file else b""


def next_batch(work: Workspace, leases: Leases) -> tuple[list[QueuedRow], list[Claimed]]:
    """The oldest queued rows, encrypted, and claims for rooms that have no number left; there, later rows wait.

    Rows that were encrypted before keep their bytes.
    """
    batch: list[QueuedRow] = []
    claims: list[Claimed] = []
    waiting: set[RoomId] = set()
    size = 0
    rows = work.state.queued(None, BATCH)
    count = Counter(row.room for row in rows)
    for queued in rows:
        if queued.room in waiting:
            continue
        row = _ready(work, queued, leases, count[queued.room])
        if row is None or isinstance(row, Claimed):
            waiting.add(queued.room)
            claims += [row] if row else []
        elif isinstance(row, QueuedRow):
            size += len(row.envelope)
            if batch and size > BATCH_BYTES:
                break
            batch.append(row)
    return batch, claims


def _ready(work: Workspace, row: QueuedRow, leases: Leases, waiting: int) -> QueuedRow | Claimed | CordialeError | None:
    """The row encrypted; or what has to be claimed first; or None while it waits for a new epoch. An error where none of
    these is possible (this device left the room): then the row is refused here."""
    try:
        if row.envelope and _is_fresh(work, row):
            return row
        group = work.group(row.room)
        if not leases.holds(group):
            return _claim(work, row.room, leases.count(row.room, waiting))
        if leases.too_far(group):
            return None
        row = _encrypt(work, row, leases)
    except CordialeError as error:
        _refuse(work, row, error)
        return error
    work.state.update_queued(row)
    return row


def _claim(work: Workspace, room: RoomId, count: int) -> Claimed:
    group = work.group(room)
    claim = Claim(group.generation, count)
    message = secrets.token_bytes(MESSAGE_ID_BYTES)
    data = membership.envelope(work, room, kinds.CLAIM, group.epoch, claim.encode(), message)
    return Claimed(room, group.epoch, claim.first, claim.count, data)


def granted(
    work: Workspace, leases: Leases, claims: Sequence[Claimed], outcomes: Sequence[Outcome | CordialeError]
) -> None:
    """Take in what the node said about each claim: a room whose claim is refused takes none of this device's messages."""
    for claim, outcome in zip(claims, outcomes, strict=True):
        if isinstance(outcome, Outcome):
            leases.grant(claim, outcome.offset)
            if leases.too_far(work.group(claim.room)):
                membership.note_duty(work, claim.room)
        elif not isinstance(outcome, StaleEpoch | Unavailable):
            for row in work.state.queued(claim.room, QUEUE_MOST):
                _refuse(work, row, outcome)


def _refuse(work: Workspace, row: QueuedRow, error: CordialeError) -> None:
    work.state.dequeue(row.number)
    records.refused(work, row.room, row.id)
    runs.refused(work, row, error)
    _mark(work, row, REFUSED, error)


def _is_fresh(work: Workspace, row: QueuedRow) -> bool:
    """Whether the node still takes the epoch that the row was encrypted in; a later row must not overtake it."""
    return open_envelope(row.envelope).binding.epoch >= work.group(row.room).epoch - limits.PAST_EPOCHS


def _encrypt(work: Workspace, row: QueuedRow, leases: Leases) -> QueuedRow:
    group = work.group(row.room)
    header = Header(MessageId(row.id), row.label, work.heads(row.room), row.sent)
    epoch = group.epoch
    group, body = group.encrypt(row.content, authenticated_data(header), generation=leases.take(group))
    work.put_group(row.room, group)
    binding, signature = bind(
        work.own.key, work.own.digest, header, body, kind=kinds.APPLICATION, room=row.room, epoch=epoch
    )
    data = Envelope(binding, signature, body).encode()
    return msgspec.structs.replace(row, envelope=data, digest=sha256(data))


def settle(work: Workspace, batch: Sequence[QueuedRow], outcomes: Sequence[Outcome | CordialeError]) -> None:
    """Take in what the node said about each."""
    for row, outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, Outcome):
            work.state.dequeue(row.number)
            _mark(work, row, SENT)
        elif isinstance(outcome, StaleEpoch):
            work.state.update_queued(msgspec.structs.replace(row, envelope=b"", digest=b""))
        elif not isinstance(outcome, Unavailable):
            _refuse(work, row, outcome)


def _mark(work: Workspace, row: QueuedRow, state: str, error: CordialeError | None = None) -> None:
    message = work.state.message(row.room, row.id)
    if message is None or message.state == STORED:
        return
    detail, rule = (refusal.kept(error), error.rule or error.code) if error else ("", "")
    work.state.put_message(msgspec.structs.replace(message, state=state, detail=detail, rule=rule, envelope=row.digest))
