"""Joint records as one person has them: acts verified and kept, folded in memory, made and queued like any message.

    act arrives   decrypted message ─> signature, author, crossing ─> store ─> book
    act is made   schema and rules checked in the present view ─> signed ─> store (uncrossed) and queue ─> book
    it crosses    its entry comes back in the home log ─> the act has its sequence and time

An act of one's own counts at once in one's own view, in the place that it will have if nothing else comes first.
"""

from collections.abc import Iterable
from typing import Final

from cordiale.agent.ports import ActRow, State
from cordiale.agent.workspace import Workspace
from cordiale.crypto.certificate import Identity
from cordiale.errors import ActRefused, NotFound, ProtocolViolation
from cordiale.federation.envelope import Released
from cordiale.federation.room import parse_parameters
from cordiale.labels.counterpart import counterpart
from cordiale.labels.label import Label, decode_label
from cordiale.register import act as acts
from cordiale.register.act import Act, Amend, Body, Crossing, Disclose, Propose, Receipt, Supersede, VerifiedAct
from cordiale.register.book import Book
from cordiale.register.fold import Fold
from cordiale.register.record import Head, Opening, RecordId
from cordiale.register.schema import Schema, shipped
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import Moment
from cordiale.wire import canonical, limits

UNCROSSED: Final = 2**50
"""Where the sequences of acts begin that have none yet: after all that have."""
_OPENING: Final = "opening/"


Indexed = tuple[RecordId, Fold, Schema | None]


def indexed(record: RecordId, state: Fold) -> Indexed:
    """A record as an index takes it."""
    return record, state, shipped().get(state.head.type) if state.head else None


class Books:
    """The books of all rooms, made from the store when first asked for, kept up with what is committed."""

    def __init__(self) -> None:
        self._books: dict[RoomId, Book] = {}

    def book(self, state: State, room: RoomId) -> Book:
        """The room's records."""
        found = self._books.get(room)
        if found is None:
            found = Book()
            for row in state.acts(room):
                found.add(_restored(row))
            self._books[room] = found
        return found

    def holds(self, room: RoomId) -> bool:
        """Whether the room's book was made."""
        return room in self._books

    def adopt(self, rows: Iterable[ActRow]) -> dict[RoomId, list[Indexed]]:
        """Take in what a unit of work has committed; the records that changed. A row without its act will never cross."""
        changed: dict[RoomId, list[Indexed]] = {}
        for row in rows:
            book = self._books.get(row.room)
            if book is None:
                continue
            if row.signed:
                book.add(_restored(row))
            else:
                book.drop(Digest(row.digest), RecordId(row.record))
            state = book.record(RecordId(row.record))
            if state is not None:
                changed.setdefault(row.room, []).append(indexed(RecordId(row.record), state))
        return changed


def _restored(row: ActRow) -> VerifiedAct:
    author = canonical.decode(row.author, Identity, limit=limits.BINDING_BYTES)
    crossing = canonical.decode(row.crossing, Crossing, limit=limits.BINDING_BYTES)
    return acts.restore(acts.decode(row.signed), author, crossing)


# --- what arrives --------------------------------------------------------------------------------------------------


def take(work: Workspace, entry: Released, author: Identity, data: bytes) -> RecordId:
    """An act that a message carried; raises where it is not its author's, not for this message, or wrongly labelled."""
    crossing = _crossing(entry, author)
    act = acts.verify(acts.decode(data), author, crossing)
    _check_label(work, act, entry.label)
    keep(work, act, data, entry.release.envelope)
    return act.act.record


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
    room = act.act.room
    row = ActRow(
        room,
        act.act.record,
        act.act.message,
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
        RoomId(entry.binding.room), entry.header.id, author.digest, author.nation, release.sequence, release.released
    )


def _check_label(work: Workspace, act: VerifiedAct, label: Label) -> None:
    """What shows fields travels under the record's own label, or under what protects alike in the author's scheme."""
    head = _head(work, act)
    if head is None or not isinstance(act.act.body, Propose | Supersede | Amend | Disclose):
        return
    own = decode_label(head.label)
    alike = work.domain.table.translate(own, own.policy, label.policy) == label.classification
    if label.policy == own.policy:
        alike = (own.classification, own.categories) == (label.classification, label.categories)
    if not alike:
        raise ProtocolViolation(
            "the record and the message that carries it are marked differently", rule="cordiale register 4"
        )


def _head(work: Workspace, act: VerifiedAct) -> Head | None:
    body = act.act.body
    if isinstance(body, Propose | Supersede):
        return body.head
    begun = work.state.first_act(act.act.room, act.act.record)
    first = acts.parse(acts.decode(begun.signed).payload).body if begun else None
    return first.head if isinstance(first, Propose | Supersede) else None


# --- what is made --------------------------------------------------------------------------------------------------


def made(work: Workspace, book: Book, room: RoomId, record: RecordId, body: Body, message: MessageId) -> bytes:
    """Sign an act in the present view and keep it; `ActRefused` where it would not hold. The bytes to send."""
    state = book.record(record)
    of = b"" if isinstance(body, Propose | Supersede) or state is None else bytes(state.hash)
    if isinstance(body, Supersede):
        of = bytes(record_of(book, body.old).hash)
    own = work.domain.identify(work.own.chain, work.now)
    signed = acts.sign(Act(room, message, record, of, work.heads(room), body), own.digest, work.own.key)
    number = UNCROSSED + work.state.count_acts(room)
    crossing = Crossing(room, message, own.digest, own.nation, number, work.now)
    act = acts.verify(signed, own, crossing)
    why = book.fault_of(act)
    if why:
        raise ActRefused(why)
    data = signed.encode()
    keep(work, act, data, b"")
    return data


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


def disclosure(state: State, record: RecordId, names: Iterable[str]) -> Disclose:
    """An act that shows fields kept back so far."""
    kept = hidden(state, record)
    missing = [name for name in names if name not in kept]
    if missing:
        raise NotFound(missing[0][: limits.NAME_CHARACTERS], what="withheld field")
    return Disclose({name: kept[name] for name in names})


def owed_receipts(work: Workspace, book: Book) -> list[RecordId]:
    """Records under a silence procedure for which this nation owes a proof of having read, before or after the deadline."""
    owed: list[RecordId] = []
    for record in book.silent:
        state = book.record(record)
        head = state.head if state else None
        if state is None or head is None or head.owner == work.own.nation:
            continue
        waits = work.own.nation in head.terms.nations and state.status in (Status.PROPOSED, Status.PART_KEYED)
        if waits and not _heard(state, work, head.terms.deadline):
            owed.append(record)
    return owed


def _heard(state: Fold, work: Workspace, deadline: Moment) -> bool:
    """Whether this nation has said what there is to say: before the deadline that it read this version, after it anything."""
    said = [act for act in state.acts if act.nation == work.own.nation]
    if work.now < deadline:
        return any(act.act.of == state.hash and isinstance(act.act.body, Receipt) for act in said)
    return any(act.crossing.released >= deadline for act in said)


def label_of(state: Fold) -> Label:
    """A record's own label."""
    if state.head is None:
        raise NotFound("", what="record")
    return decode_label(state.head.label)


def label_for(work: Workspace, room: RoomId, state: Fold) -> Label:
    """The label of an act about a record: the record's own, or its counterpart in one's own scheme, for a nation releases
    nothing onwards under another's label."""
    domain, nations = work.domain, parse_parameters(work.info(room).parameters).nations
    who = str(work.own.address)
    return counterpart(label_of(state), domain.policy, domain.table, nations, created=work.now, originator=who)
