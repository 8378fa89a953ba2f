"""Joint records as one person has them: acts verified and kept, folded in memory, made and queued like any message.

    act arrives   decrypted message ─> signature, author, crossing ─> store ─> book
    act is made   schema and rules checked in the present view ─> signed ─> store (uncrossed) and queue ─> book
    it crosses    its entry comes back in the home log ─> the act has its sequence and time

An act of one's own counts at once in one's own view, in the place that it will have if nothing else comes first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from cordiale.agent import field_labels
from cordiale.agent.ports import ActRow, State
from cordiale.agent.release import carrier, nations_of
from cordiale.agent.workspace import Workspace
from cordiale.crypto.certificate import Identity
from cordiale.crypto.digest import sha256
from cordiale.errors import ActRefused, NotFound, ProtocolViolation, SightMissing
from cordiale.federation.domain import chain_of
from cordiale.federation.envelope import Released
from cordiale.labels.label import Label, decode_label, encode_label
from cordiale.register import act as acts
from cordiale.register.act import (
    Act,
    Amend,
    Body,
    Crossing,
    Disclose,
    Propose,
    Receipt,
    SignedAct,
    Supersede,
    VerifiedAct,
)
from cordiale.register.book import Book, Meeting
from cordiale.register.fold import Fold
from cordiale.register.record import Head, Opening, RecordId
from cordiale.register.schema import Schema, shipped
from cordiale.register.sight import Ground
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import SECOND, Moment
from cordiale.wire import canonical, limits

UNCROSSED: Final = 2**50
"""Where the sequences of acts begin that have none yet: after all that have."""
TURN: Final = 30 * SECOND
"""How long a device waits for each of its nation's that goes before it to give a receipt."""
_WRITES: Final = (Propose, Supersede, Amend)
ID_LETTERS: Final = 12
"""Of a record's id, as it is shown and found again."""
_OPENING: Final = "opening/"


Indexed = tuple[RecordId, Fold, Schema | None]


def indexed(record: RecordId, state: Fold) -> Indexed:
    """A record as an index takes it."""
    return record, state, shipped().get(state.head.type) if state.head else None


class Books:
    """The books of all rooms, made from the store when first asked for, kept up with what is committed."""

    def __init__(self, ground: Ground | None) -> None:
        self._ground, self._books = ground, dict[RoomId, Book]()

    def book(self, state: State, room: RoomId) -> Book:
        """The room's records."""
        found = self._books.get(room)
        if found is None:
            found = Book(self._ground)
            for row in state.acts(room):
                found.add(restored(row))
            self._books[room] = found
        return found

    def holds(self, room: RoomId) -> bool:
        """Whether the room's book was made."""
        return room in self._books

    def drop(self, room: RoomId, digest: Digest, record: RecordId) -> None:
        """Forget an act whose unit of work failed."""
        if room in self._books:
            self._books[room].drop(digest, record)

    def adopt(self, rows: Iterable[ActRow]) -> dict[RoomId, list[Indexed]]:
        """Take in what a unit of work has committed; the records that changed. A row without its act will never cross."""
        changed: dict[RoomId, list[Indexed]] = {}
        for row in rows:
            book = self._books.get(row.room)
            if book is None:
                continue
            if row.signed:
                book.add(restored(row))
            else:
                book.drop(Digest(row.digest), RecordId(row.record))
            state = book.record(RecordId(row.record))
            if state is not None:
                changed.setdefault(row.room, []).append(indexed(RecordId(row.record), state))
        return changed


def restored(row: ActRow) -> VerifiedAct:
    """What was verified before it was stored."""
    author = canonical.decode(row.author, Identity, limit=limits.BINDING_BYTES)
    crossing = canonical.decode(row.crossing, Crossing, limit=limits.BINDING_BYTES)
    return acts.restore(acts.decode(row.signed), author, crossing)


# --- what arrives --------------------------------------------------------------------------------------------------


def take(work: Workspace, entry: Released, author: Identity, data: bytes) -> RecordId:
    """An act that a message carried; raises where it is not its author's, not for this message, or wrongly labelled."""
    crossing = _crossing(entry, author)
    act = acts.verify(acts.decode(data), author, crossing)
    _check_label(work, act, entry.label)
    if isinstance(act.body, Propose | Supersede):
        _drop_mislabelled(work, act, act.body.head)
    keep(work, act, data, entry.release.envelope)
    return act.record


def crossed(work: Workspace, entry: Released, author: Identity) -> None:
    """One's own act has come back with its place."""
    row = work.state.act(entry.binding.room, entry.header.id)
    if row is not None:
        act = acts.verify(acts.decode(row.signed), author, _crossing(entry, author))
        keep(work, act, row.signed, entry.release.envelope)


def refused(work: Workspace, room: RoomId, message: bytes) -> None:
    """One's own act was turned down on its way: it has not happened."""
    row = work.state.act(room, message)
    if row is not None:
        work.state.drop_act(room, message)
        work.acted.append(ActRow(room, row.record, message, row.digest, b"", b"", b"", b""))


def keep(work: Workspace, act: VerifiedAct, signed: bytes, envelope: bytes) -> None:
    """Into the store; into the book once the unit has ended well."""
    room = act.room
    row = ActRow(
        room,
        act.record,
        act.message,
        act.digest,
        signed,
        canonical.encode(act.author),
        canonical.encode(act.crossing),
        envelope,
    )
    work.state.put_act(row)
    work.acted.append(row)


def _crossing(entry: Released, author: Identity) -> Crossing:
    release = entry.release
    return Crossing(
        RoomId(entry.binding.room),
        entry.header.id,
        author.digest,
        author.nation,
        release.sequence,
        release.released,
        entry.header.label,
    )


def _check_label(work: Workspace, act: VerifiedAct, label: Label) -> None:
    """What shows fields travels under what protects them; where the proposal isn't here yet, that is looked at when it comes."""
    head = _head(work, act)
    if head is not None:
        field_labels.check_carried(work.domain, nations_of(work, act.room), head, act.body, label)


def _drop_mislabelled(work: Workspace, begun: VerifiedAct, head: Head) -> None:
    """What came before its proposal, and was carried by a message marked otherwise than what it shows."""
    room, record = begun.room, begun.record
    if work.state.first_act(room, record) is None:
        return
    for row in work.state.acts_of(room, record):
        act = restored(row)
        try:
            field_labels.check_carried(work.domain, nations_of(work, room), head, act.body, decode_label(act.label))
        except ProtocolViolation:
            refused(work, room, row.message)


def _head(work: Workspace, act: VerifiedAct) -> Head | None:
    body, room, record = act.body, act.room, act.record
    if isinstance(body, Propose | Supersede):
        return body.head
    first = work.state.first_act(room, record)
    if first is None:
        return None
    return _begins(first) or next(filter(None, map(_begins, work.state.acts_of(room, record))), None)


def _begins(row: ActRow) -> Head | None:
    body = acts.parse(acts.decode(row.signed).payload).body
    return body.head if isinstance(body, Propose | Supersede) else None


# --- what is made --------------------------------------------------------------------------------------------------


def made(
    work: Workspace,
    book: Book,
    room: RoomId,
    record: RecordId,
    body: Body,
    message: MessageId,
    label: Label,
    known: frozenset[RecordId] = frozenset(),
) -> bytes:
    """Sign an act in the present view, keep it and put it into the book; the bytes to send.

    `ActRefused` or `SightMissing` where it would not hold. Records that are `known` need not be named: that is done here.
    """
    state = book.record(record)
    of = b"" if isinstance(body, Propose | Supersede) or state is None else bytes(state.hash)
    if isinstance(body, Supersede):
        of = bytes(record_of(book, body.old).hash)
    unsigned = Act(room, message, record, of, work.heads(room), body)
    signed, act = _signed(work, unsigned, label)
    missing = book.missing_sight(act)
    if any(each.record not in known for each in missing):
        raise _unseen(book, missing)
    if missing and isinstance(body, Propose | Supersede | Amend | Disclose):
        named = (*body.sight, *(record_of(book, each.record).hash for each in missing))
        unsigned = msgspec.structs.replace(unsigned, body=msgspec.structs.replace(body, sight=named))
        signed, act = _signed(work, unsigned, label)
    why = book.fault_of(act)
    if why is not None:
        raise ActRefused(why.text("en"), detail_fr=why.text("fr"))
    data = signed.encode()
    keep(work, act, data, b"")
    book.add(act)
    return data


def _signed(work: Workspace, unsigned: Act, label: Label) -> tuple[SignedAct, VerifiedAct]:
    """An act with the place that it will have if nothing else comes first."""
    own = work.domain.identify(work.own.chain, work.now)
    signed = acts.sign(unsigned, own.digest, work.own.key)
    number = UNCROSSED + work.state.count_acts(unsigned.room)
    crossing = Crossing(unsigned.room, unsigned.message, own.digest, own.nation, number, work.now, encode_label(label))
    return signed, acts.verify(signed, own, crossing)


def _unseen(book: Book, missing: Sequence[Meeting]) -> SightMissing:
    """What would have to be named: ids, titles, on which axes they meet, and the options that name them."""
    told = {language: "; ".join(_met(book, each, language) for each in missing) for language in ("en", "fr")}
    ids = [each.record.hex()[:ID_LETTERS] for each in missing]
    options = " ".join(f"--sight {each}" for each in ids)
    return SightMissing(told["en"], detail_fr=told["fr"], options=options, missing=", ".join(ids))


def _met(book: Book, each: Meeting, language: str) -> str:
    why = each.own.why(each.there, language)
    name, number = name_of(record_of(book, each.record), language), each.record.hex()[:ID_LETTERS]
    return f"{number} « {name} » : {why}" if language == "fr" else f"{number} “{name}”: {why}"


def name_of(state: Fold, language: str) -> str:
    """What a record is called, as far as it is shown."""
    schema = shipped().get(state.head.type) if state.head else None
    opening = state.shown().get(schema.named_by) if schema else None
    value: Any = opening.value if opening else ""
    if isinstance(value, dict):
        texts = cast("Mapping[str, Any]", value)
        value = texts.get(language) or next(iter(texts.values()), "")
    return value if isinstance(value, str) else ""


def record_of(book: Book, record: RecordId) -> Fold:
    """A record that is known here, or `NotFound`."""
    state = book.record(record)
    if state is None or state.head is None:
        raise NotFound(record[:6].hex(), what="record")
    return state


def keep_hidden(work: Workspace, record: RecordId, openings: dict[str, Opening]) -> None:
    """Openings of one's own fields that are not shown yet, for a later disclosure."""
    for name, opening in openings.items():
        work.state.put_value(f"{_OPENING}{record.hex()}/{name}", canonical.encode(opening))


def hidden(state: State, record: RecordId) -> dict[str, Opening]:
    """What `keep_hidden` kept."""
    prefix = f"{_OPENING}{record.hex()}/"
    return {
        name.removeprefix(prefix): canonical.decode(data, Opening, limit=limits.ACT_BYTES)
        for name, data in state.values(prefix).items()
    }


def owed_receipts(work: Workspace, room: RoomId, book: Book) -> list[RecordId]:
    """Records under a silence procedure for which this device owes a proof of having read, before or after the deadline.

    One receipt of a nation is enough. Its devices take turns, in an order that differs from record to record: the first
    speaks at once, each other one when those before it have let their time pass.
    """
    owed: list[RecordId] = []
    for record in book.silent:
        state = book.record(record)
        head = state.head if state else None
        if state is None or head is None or head.owner == work.own.nation:
            continue
        waits = work.own.nation in head.terms.nations and state.status in (Status.PROPOSED, Status.PART_KEYED)
        if waits and not _heard(state, work, head.terms.deadline) and _is_due(work, room, record, state):
            owed.append(record)
    return owed


def _is_due(work: Workspace, room: RoomId, record: RecordId, state: Fold) -> bool:
    """Whether the turn of this device has come."""
    own, deadline = work.own, state.head.terms.deadline if state.head else Moment(0)
    members = [work.domain.identify(chain_of(member.credential), work.now) for member in work.group(room).members]
    devices = [member.digest for member in members if member.nation == own.nation]
    order = sorted(devices, key=lambda device: sha256(record + device))
    turn = order.index(own.digest) if own.digest in order else len(order)
    written = max((act.released for act in state.acts if isinstance(act.body, _WRITES)), default=Moment(0))
    since = deadline if work.now >= deadline else written
    patience = min(TURN, max(0, deadline - written) // (2 * len(order) + 2))
    return work.now >= since + turn * patience


def _heard(state: Fold, work: Workspace, deadline: Moment) -> bool:
    """Whether this nation has said what there is to say: before the deadline that it read this version, after it anything."""
    said = [act for act in state.acts if act.nation == work.own.nation]
    if work.now < deadline:
        return any(act.of == state.hash and isinstance(act.body, Receipt) for act in said)
    return any(act.released >= deadline for act in said)


def label_of(state: Fold) -> Label:
    """A record's own label."""
    if state.head is None:
        raise NotFound("", what="record")
    return decode_label(state.head.label)


def label_for(work: Workspace, room: RoomId, state: Fold) -> Label:
    """The label of an act about a record: the record's own, or its counterpart in one's own scheme."""
    return carrier(work, room, label_of(state))
