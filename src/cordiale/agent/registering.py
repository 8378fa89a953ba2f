"""A person at work on joint records: looking, proposing, keying; between reading and the whole engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from cordiale.agent import content as contents
from cordiale.agent import outbox, records
from cordiale.agent.ports import NodeClient
from cordiale.agent.reading import Reader
from cordiale.agent.workspace import Workspace
from cordiale.errors import LimitExceeded, NotFound, WrongUsage
from cordiale.federation.record_bundle import bundle_of
from cordiale.federation.room import parse_parameters
from cordiale.labels.label import Label, encode_label
from cordiale.labels.marking import Marking
from cordiale.register.act import Body, Receipt
from cordiale.register.book import Book
from cordiale.register.draft import Draft, draft, head_of
from cordiale.register.fold import Fold
from cordiale.register.query import Query, parse
from cordiale.register.record import RecordId, Terms
from cordiale.register.schema import Schema, shipped
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import to_datetime
from cordiale.wire import limits

QUERY: Final = "query/"
FEWEST_LETTERS = 4
"""Of a record's id, to find it by."""


class RecordView(msgspec.Struct, frozen=True):
    """A record as this person has it: its state, its schema if it is known here, its marking in the reader's own scheme."""

    room: RoomId
    id: RecordId
    state: Fold
    schema: Schema | None
    marking: Marking
    superseded_by: RecordId | None

    def values(self) -> dict[str, Any]:
        """What was shown and is not in conflict."""
        return {name: opening.value for name, opening in self.state.shown().items()}

    def conflicts(self) -> dict[str, list[Any]]:
        """The values that stand side by side."""
        return {
            name: [opening.value for write in writes if (opening := self.state.opening(write.digest))]
            for name, writes in self.state.fields.items()
            if len(writes) > 1
        }

    def withheld(self) -> list[str]:
        """Fields that are there and were not shown."""
        fields = self.state.fields
        return [
            name for name, writes in fields.items() if len(writes) == 1 and not self.state.opening(writes[0].digest)
        ]


class Registrar(Reader):
    """What a person does with records. Sending is the engine's: an act is queued like any message."""

    _client: NodeClient

    # --- looking ------------------------------------------------------------------------------------------------

    def records(self, room: RoomId, query: Query, language: str, *, limit: int = limits.LIST_ITEMS) -> list[RecordView]:
        """The records of a room that answer a question."""
        with self._unit() as work:
            book = self._book(work, room)
            today = to_datetime(work.now).date().isoformat()
            found = self._finder.find(query, today, room=room, limit=limit)
            return [self._record_view(book, room, record, language) for _, record in found]

    def record(self, room: RoomId, reference: str, language: str) -> RecordView:
        """One record by the beginning of its id, or by its name in either language."""
        with self._unit() as work:
            book = self._book(work, room)
            return self._record_view(book, room, _found(book, reference), language)

    def _record_view(self, book: Book, room: RoomId, record: RecordId, language: str) -> RecordView:
        state = records.record_of(book, record)
        head = state.head
        schema = shipped().get(head.type) if head else None
        marking = self.marking(records.label_of(state), language)
        return RecordView(room, record, state, schema, marking, book.superseded_by(record))

    def _book(self, work: Workspace, room: RoomId) -> Book:
        work.info(room)
        if not self._books.holds(room):
            book = self._books.book(work.state, room)
            self._finder.put(room, [records.indexed(record, state) for record, state in book.records()])
        return self._books.book(work.state, room)

    # --- acting -------------------------------------------------------------------------------------------------

    def propose(
        self,
        room: RoomId,
        kind: str,
        values: Mapping[str, Any],
        label: Label,
        *,
        terms: Terms | None = None,
        tier: int = 3,
        sight: Sequence[Digest] = (),
        supersedes: RecordId | None = None,
    ) -> tuple[RecordId, MessageId]:
        """A new record, shown up to a stage of disclosure. Without `terms` those of its schema, for the room's nations."""
        schema = shipped().get(kind)
        if schema is None:
            raise NotFound(f"{kind[:40]!r}; there are {', '.join(shipped())}", what="register")
        made = draft(schema, values)
        with self._unit() as work:
            return self._begun(work, room, schema, made, label, terms, tier, tuple(sight), supersedes)

    def propose_all(
        self, room: RoomId, kind: str, rows: Sequence[tuple[Mapping[str, Any], Label]], *, tier: int = 3
    ) -> list[RecordId]:
        """New records under the terms of their schema: all of them or, where one is refused, none."""
        schema = shipped().get(kind)
        if schema is None:
            raise NotFound(f"{kind[:40]!r}; there are {', '.join(shipped())}", what="register")
        made = [(draft(schema, values), label) for values, label in rows]
        with self._unit() as work:
            return [self._begun(work, room, schema, one, label, None, tier, (), None)[0] for one, label in made]

    def check_release(self, room: RoomId, label: Label) -> None:
        """Refuse what this nation would not let out to the room."""
        with self._unit() as work:
            outbox.check_release(work, room, label)

    def _begun(
        self,
        work: Workspace,
        room: RoomId,
        schema: Schema,
        made: Draft,
        label: Label,
        terms: Terms | None,
        tier: int,
        sight: tuple[Digest, ...],
        supersedes: RecordId | None,
    ) -> tuple[RecordId, MessageId]:
        nations = parse_parameters(work.info(room).parameters).nations
        outbox.check_release(work, room, label)
        head = head_of(schema, work.own.nation, encode_label(label), nations, terms or Terms(schema.workflow, nations))
        body = (
            made.proposed(schema, head, tier, sight)
            if supersedes is None
            else made.superseding(schema, head, tier, supersedes, sight)
        )
        records.keep_hidden(work, head.id, made.hidden(schema, tier))
        return head.id, self._queue(work, room, head.id, body, label)

    def amend(self, room: RoomId, record: RecordId, values: Mapping[str, Any], *, tier: int = 3) -> MessageId:
        """New values for some fields; every key turned before is void."""
        with self._unit() as work:
            state = records.record_of(self._book(work, room), record)
            schema = shipped().get(state.head.type) if state.head else None
            if schema is None:
                raise NotFound("the record's type has no schema here", what="register")
            made: Draft = draft(schema, values, whole=False)
            records.keep_hidden(work, record, made.hidden(schema, tier))
            return self._queue(work, room, record, made.amending(schema, tier), records.label_for(work, room, state))

    def act(self, room: RoomId, record: RecordId, body: Body) -> MessageId:
        """Any other act about a record, under the record's own label."""
        with self._unit() as work:
            state = records.record_of(self._book(work, room), record)
            return self._queue(work, room, record, body, records.label_for(work, room, state))

    def disclose(self, room: RoomId, record: RecordId, tier: int, names: Sequence[str] = ()) -> MessageId:
        """Show what was withheld: everything of a stage, or the fields named."""
        with self._unit() as work:
            state = records.record_of(self._book(work, room), record)
            schema = shipped().get(state.head.type) if state.head else None
            kept = records.hidden(work.state, record)
            wanted = list(names) or [
                name for name in kept if schema is None or tier == 3 or name in schema.shown_at(tier)
            ]
            if not wanted:
                raise WrongUsage("nothing is withheld at that stage")
            body = records.disclosure(work.state, record, wanted)
            return self._queue(work, room, record, body, records.label_for(work, room, state))

    def _queue(self, work: Workspace, room: RoomId, record: RecordId, body: Body, label: Label) -> MessageId:
        message = outbox.fresh_id()
        data = records.made(work, self._book(work, room), room, record, body, message)
        outbox.enqueue(work, room, label, [contents.act(record, data)], ids=[message])
        return message

    def _give_receipts(self) -> None:
        """Say that records under a silence procedure were read: a proof that only being there can give."""
        with self._unit() as work:
            for room in [room for room, info in work.rooms().items() if not info.left and work.state.count_acts(room)]:
                for record in records.owed_receipts(work, self._book(work, room)):
                    state = records.record_of(self._book(work, room), record)
                    self._queue(work, room, record, Receipt(), records.label_for(work, room, state))

    # --- saved questions ----------------------------------------------------------------------------------------

    def queries(self) -> dict[str, str]:
        """The questions that this person saved, by name; they never leave this device."""
        with self._unit() as work:
            found = work.state.values(QUERY)
        return {key.removeprefix(QUERY): value.decode() for key, value in found.items()}

    def save_query(self, name: str, text: str) -> None:
        """Save a question under a name, in the place of one of that name. `WrongUsage` where it isn't one."""
        parse(text)
        with self._unit() as work:
            if len(work.state.values(QUERY)) >= limits.LIST_ITEMS and work.state.value(QUERY + name) is None:
                raise LimitExceeded(f"{limits.LIST_ITEMS} saved questions are allowed")
            work.state.put_value(QUERY + name, text.encode())

    def remove_query(self, name: str) -> None:
        """Forget a saved question, or `NotFound`."""
        with self._unit() as work:
            if work.state.value(QUERY + name) is None:
                raise NotFound(f"{name[:80]!r}", what="saved question")
            work.state.drop_value(QUERY + name)

    # --- proving ------------------------------------------------------------------------------------------------

    def record_bundle(self, room: RoomId, reference: str) -> tuple[RecordId, bytes]:
        """One file that proves a record offline: every act about it that crossed, each with the proof of its crossing."""
        with self._unit() as work:
            record = _found(self._book(work, room), reference)
            rows = [row for row in work.state.acts(room) if row.record == record and row.envelope]
        return record, bundle_of([(row.signed, self._client.prove(room, Digest(row.envelope))) for row in rows])


def _found(book: Book, reference: str) -> RecordId:
    wanted = reference.strip().lower()
    exact, begins = list[RecordId](), list[RecordId]()
    for record, state in book.records():
        head = state.head
        schema = shipped().get(head.type) if head else None
        if wanted in _names(state, schema):
            exact.append(record)
        elif len(wanted) >= FEWEST_LETTERS and record.hex().startswith(wanted):
            begins.append(record)
    found = exact or begins
    if len(found) != 1:
        raise NotFound(f"{reference[:80]!r}" + (" names several" if found else ""), what="record")
    return found[0]


def _names(state: Fold, schema: Schema | None) -> set[str]:
    opening = state.shown().get(schema.named_by) if schema else None
    value: Any = opening.value if opening else ""
    texts = cast("dict[str, Any]", value).values() if isinstance(value, dict) else (value,)
    return {text.lower() for text in texts if isinstance(text, str)}
