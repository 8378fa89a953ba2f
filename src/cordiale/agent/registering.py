"""A person at work on joint records: looking, proposing, keying, showing; between reading and the whole engine."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from cordiale.agent import content as contents
from cordiale.agent import field_labels, outbox, records
from cordiale.agent.ports import FileRow, MessageRow, NodeClient
from cordiale.agent.reading import Reader
from cordiale.agent.record_view import RecordView, find, schema_of
from cordiale.agent.release import carrier, check_release, nations_of, releases, within
from cordiale.agent.workspace import Workspace
from cordiale.errors import IllegalStep, LimitExceeded, NotFound, WrongUsage
from cordiale.federation.record_bundle import bundle_of
from cordiale.labels.decision import Decision
from cordiale.labels.label import Label, decode_label, encode_label
from cordiale.register.act import Amend, Attach, Body, Disclose, Propose, Receipt, Supersede
from cordiale.register.backing import terms_of
from cordiale.register.book import Book
from cordiale.register.draft import Draft, draft, head_of
from cordiale.register.fold import Fold
from cordiale.register.query import Query, parse
from cordiale.register.record import Head, Opening, RecordId, Terms
from cordiale.register.schema import Schema, shipped
from cordiale.vocab.identifier import Digest, MessageId, RoomId
from cordiale.vocab.moment import to_datetime
from cordiale.vocab.party import Nation
from cordiale.wire import limits

QUERY: Final = "query/"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with a proposal: its label and those of single fields, how much is shown, what it overlaps or replaces.

    Without `terms` those of its schema, for the room's nations.
    """

    label: Label
    field_labels: Mapping[str, Label] = {}
    tier: int = 3
    terms: Terms | None = None
    sight: tuple[Digest, ...] = ()
    supersedes: RecordId | None = None


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
            views = [self._record_view(work, book, room, record, language) for _, record in found]
        return [view for view in views if view.overdue or not query.overdue]

    def record(self, room: RoomId, reference: str, language: str) -> RecordView:
        """One record by the beginning of its id, or by its name in either language."""
        with self._unit() as work:
            book = self._book(work, room)
            return self._record_view(work, book, room, find(book, reference), language)

    def kept(self, room: RoomId, record: RecordId) -> dict[str, Any]:
        """What this device holds of a record's present fields and nobody in the room was shown."""
        with self._unit() as work:
            state = records.record_of(self._book(work, room), record)
            held = records.hidden(work.state, record)
        shown = state.shown()
        return {name: held[name].value for name in sorted(held) if name in state.fields and name not in shown}

    def names(self, room: RoomId, wanted: Iterable[RecordId], language: str) -> dict[RecordId, str]:
        """What these records are called, as far as it is shown; those that are not known here are left out."""
        with self._unit() as work:
            book = self._book(work, room)
            states = {record: book.record(record) for record in wanted}
        return {record: records.name_of(state, language) for record, state in states.items() if state is not None}

    def _record_view(self, work: Workspace, book: Book, room: RoomId, record: RecordId, language: str) -> RecordView:
        state = records.record_of(book, record)
        marking = self.marking(records.label_of(state), language)
        labels = state.head.labels if state.head else {}
        own = {name: self.marking(decode_label(label), language) for name, label in labels.items()}
        today = to_datetime(work.now).date().isoformat()
        return RecordView(room, record, state, schema_of(state), marking, book.superseded_by(record), today, own)

    def _book(self, work: Workspace, room: RoomId) -> Book:
        work.info(room)
        if not self._books.holds(room):
            book = self._books.book(work.state, room)
            self._finder.put(room, [records.indexed(record, state) for record, state in book.records()])
        return self._books.book(work.state, room)

    # --- proposing ----------------------------------------------------------------------------------------------

    def propose(self, room: RoomId, kind: str, values: Mapping[str, Any], wanted: Wanted) -> RecordId:
        """A new record. Fields whose label keeps a nation of the room out stay here, whatever the stage."""
        schema = _schema(kind)
        made = draft(schema, values)
        with self._acting() as work:
            return self._begun(work, room, schema, made, wanted, frozenset())

    def propose_all(
        self, room: RoomId, kind: str, rows: Sequence[tuple[Mapping[str, Any], Label]], *,
        tier: int = 3, sight: tuple[Digest, ...] = (),
    ) -> list[RecordId]:  # fmt: skip
        """New records under the terms of their schema: all of them or, where one is refused, none. They are in sight of
        each other."""
        schema = _schema(kind)
        made = [(draft(schema, values), label) for values, label in rows]
        found: list[RecordId] = []
        with self._acting() as work:
            for one, label in made:
                wanted = Wanted(label=label, tier=tier, sight=sight)
                found.append(self._begun(work, room, schema, one, wanted, frozenset(found)))
        return found

    def releases(self, room: RoomId, label: Label) -> dict[Nation, Decision]:
        """For each other nation of a room, whether this nation's border would let a message with this label out to it."""
        with self._unit() as work:
            return releases(work, room, label)

    def within(self, room: RoomId, label: Label) -> Decision:
        """Whether a label is within a room's ceiling, and why not."""
        with self._unit() as work:
            return within(work, room, label)

    def check_release(self, room: RoomId, label: Label) -> None:
        """Refuse what this nation would not let out to the room."""
        with self._unit() as work:
            check_release(work, room, label)

    def _begun(
        self, work: Workspace, room: RoomId, schema: Schema, made: Draft, wanted: Wanted, known: frozenset[RecordId]
    ) -> RecordId:
        nations = nations_of(work, room)
        check_release(work, room, wanted.label)
        terms = wanted.terms or terms_of(schema, work.own.nation, nations, made.openings)
        head = head_of(schema, work.own.nation, encode_label(wanted.label), nations, terms)
        labels = {name: encode_label(label) for name, label in wanted.field_labels.items()}
        head = msgspec.structs.replace(head, labels=labels)
        shown = made.shown(schema, wanted.tier)
        plain, groups = field_labels.showable(work, room, head, shown)
        self._keep_back(work, head.id, made.openings, plain, groups)
        body: Propose | Supersede = Propose(head, made.digests, plain, wanted.sight)
        if wanted.supersedes is not None:
            body = Supersede(wanted.supersedes, head, made.digests, plain, wanted.sight)
        self._queue(work, room, head.id, body, wanted.label, known)
        self._show(work, room, head.id, groups, wanted.sight)
        return head.id

    @staticmethod
    def _keep_back(
        work: Workspace,
        record: RecordId,
        openings: Mapping[str, Opening],
        plain: Mapping[str, Opening],
        groups: Iterable[tuple[Label, Mapping[str, Opening]]],
    ) -> None:
        shown = set(plain).union(*(group for _, group in groups))
        records.keep_hidden(work, record, {name: one for name, one in openings.items() if name not in shown})

    def amend(
        self, room: RoomId, record: RecordId, values: Mapping[str, Any], *, tier: int = 3, sight: tuple[Digest, ...] = ()
    ) -> MessageId:  # fmt: skip
        """New values for some fields; every key turned before is void."""
        with self._acting() as work:
            state, head = self._known(work, room, record)
            schema = _schema(head.type)
            made = draft(schema, values, whole=False)
            plain, groups = field_labels.showable(work, room, head, made.shown(schema, tier))
            self._keep_back(work, record, made.openings, plain, groups)
            label = records.label_for(work, room, state)
            message = self._queue(work, room, record, Amend(made.digests, plain, sight), label)
            self._show(work, room, record, groups, sight)
            return message

    # --- acting -------------------------------------------------------------------------------------------------

    def act(self, room: RoomId, record: RecordId, body: Body) -> MessageId:
        """Any other act about a record, under the record's own label."""
        with self._acting() as work:
            state, _ = self._known(work, room, record)
            return self._queue(work, room, record, body, records.label_for(work, room, state))

    def attach(self, room: RoomId, record: RecordId, reference: str) -> MessageId:
        """A file of the room as evidence, by the beginning of its message's id, its name, or the beginning of its SHA-256."""
        with self._acting() as work:
            state, _ = self._known(work, room, record)
            file = _file(work, room, reference.strip())
            return self._queue(work, room, record, Attach(file.name, file.digest), records.label_for(work, room, state))

    def disclose(
        self, room: RoomId, record: RecordId, tier: int, names: Sequence[str] = (), *, sight: tuple[Digest, ...] = ()
    ) -> None:  # fmt: skip
        """Show what was withheld: everything of a stage, or the fields named; each under its own label."""
        with self._acting() as work:
            _, head = self._known(work, room, record)
            kept = records.hidden(work.state, record)
            wanted = _wanted(head, kept, tier, names)
            if names:
                field_labels.check_showable(work, room, head, wanted)
            self._disclose(work, room, head, {name: kept[name] for name in wanted}, sight)

    def share(
        self, room: RoomId, record: RecordId, through: RoomId, tier: int, names: Sequence[str] = (), *,
        sight: tuple[Digest, ...] = (),
    ) -> None:  # fmt: skip
        """Show a record of one's own nation in another room too, whose nations its fields may reach: the same head and the same
        commitments, so the same hash."""
        with self._acting() as work:
            state, head = self._known(work, room, record)
            if head.owner != work.own.nation:
                raise IllegalStep("only the nation whose record it is shows it elsewhere")
            if any(len(writes) > 1 for writes in state.fields.values()):
                raise IllegalStep("two edits of one field stand side by side: settle that first")
            known = {**records.hidden(work.state, record), **state.shown()}
            wanted = _wanted(head, known, tier, names)
            if names:
                field_labels.check_showable(work, through, head, wanted)
            there = self._same_version(work, state, head, through)
            new = {name: known[name] for name in wanted if there is None or name not in there.shown()}
            self._disclose(work, through, head, new, sight)

    def _same_version(self, work: Workspace, state: Fold, head: Head, through: RoomId) -> Fold | None:
        """Make the other room's copy of a record what it is here."""
        there = self._book(work, through).record(head.id)
        digests = {name: writes[0].digest for name, writes in state.fields.items()}
        label = carrier(work, through, decode_label(head.label))
        check_release(work, through, label)
        if there is None or there.head is None:
            self._queue(work, through, head.id, Propose(head, digests, {}), label)
        elif there.hash != state.hash:
            self._queue(work, through, head.id, Amend(digests, {}), label)
        return self._book(work, through).record(head.id)

    def _disclose(
        self, work: Workspace, room: RoomId, head: Head, openings: Mapping[str, Opening], sight: tuple[Digest, ...]
    ) -> None:
        plain, groups = field_labels.showable(work, room, head, openings)
        own = [(decode_label(head.label), plain)] if plain else []
        if not own and not groups:
            raise WrongUsage("nothing is withheld at that stage")
        self._show(work, room, head.id, [*own, *groups], sight)

    def _show(
        self,
        work: Workspace,
        room: RoomId,
        record: RecordId,
        groups: Iterable[tuple[Label, Mapping[str, Opening]]],
        sight: tuple[Digest, ...],
    ) -> None:
        for label, openings in groups:
            self._queue(work, room, record, Disclose(dict(openings), sight), carrier(work, room, label))

    def _known(self, work: Workspace, room: RoomId, record: RecordId) -> tuple[Fold, Head]:
        state = records.record_of(self._book(work, room), record)
        if state.head is None:
            raise NotFound(record[:6].hex(), what="record")
        return state, state.head

    def _queue(
        self, work: Workspace, room: RoomId, record: RecordId, body: Body, label: Label,
        known: frozenset[RecordId] = frozenset(),
    ) -> MessageId:  # fmt: skip
        message = outbox.fresh_id()
        data = records.made(work, self._book(work, room), room, record, body, message, label, known)
        outbox.enqueue(work, room, label, [contents.act(record, data)], ids=[message])
        return message

    @contextmanager
    def _acting(self) -> Generator[Workspace]:
        """A unit in which an act is in the book as soon as it is made, so that the next one stands on it; and out of it again
        where the unit fails."""
        _ = self.domain  # connecting, which waits for the network, comes before the lock
        with self._lock:
            made: list[tuple[RoomId, Digest, RecordId]] = []
            try:
                with self._unit() as work:
                    try:
                        yield work
                    finally:
                        made = [(row.room, Digest(row.digest), RecordId(row.record)) for row in work.acted]
            except BaseException:
                for room, digest, record in reversed(made):
                    self._books.drop(room, digest, record)
                raise

    def _give_receipts(self) -> None:
        """Say that records under a silence procedure were read: a proof that only being there can give."""
        with self._acting() as work:
            for room in [room for room, info in work.rooms().items() if not info.left and work.state.count_acts(room)]:
                for record in records.owed_receipts(work, room, self._book(work, room)):
                    state, _ = self._known(work, room, record)
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
            record = find(self._book(work, room), reference)
            rows = [row for row in work.state.acts_of(room, record) if row.envelope]
        return record, bundle_of([(row.signed, self._client.prove(room, Digest(row.envelope))) for row in rows])


def _schema(kind: str) -> Schema:
    schema = shipped().get(kind)
    if schema is None:
        raise NotFound(f"{kind[:40]!r}; there are {', '.join(shipped())}", what="register")
    return schema


def _wanted(head: Head, kept: Mapping[str, Opening], tier: int, names: Sequence[str]) -> list[str]:
    """Of what its owner holds, the fields named or those of a stage."""
    for name in names:
        if name not in kept:
            raise NotFound(name[: limits.NAME_CHARACTERS], what="withheld field")
    schema = shipped().get(head.type)
    return list(names) or [name for name in kept if schema is None or tier == 3 or name in schema.shown_at(tier)]


def _file(work: Workspace, room: RoomId, reference: str) -> FileRow:
    """A file that was sent in the room."""
    found: dict[bytes, FileRow] = {}
    for _, row in work.state.messages(room, limit=limits.COUNT_MOST):
        file = work.state.file(row.file) if row.kind == contents.FILE else None
        if file is not None and _is_called(row, file, reference):
            found[file.digest] = file
    if len(found) != 1:
        raise NotFound(f"{reference[:80]!r}" + (" names several" if found else ""), what="file in the room")
    return next(iter(found.values()))


def _is_called(row: MessageRow, file: FileRow, reference: str) -> bool:
    if reference == file.name:
        return True
    beginning = reference.lower()
    return len(beginning) >= 4 and (row.id.hex().startswith(beginning) or file.digest.hex().startswith(beginning))
