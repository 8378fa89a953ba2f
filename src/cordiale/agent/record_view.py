"""A record as a person has it, and how it is found by what people call it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from cordiale.agent.records import name_of
from cordiale.errors import NotFound
from cordiale.labels.marking import Marking
from cordiale.labels.phrase import Phrase
from cordiale.register import kind as kinds
from cordiale.register.book import Book
from cordiale.register.fold import Fold
from cordiale.register.record import RecordId
from cordiale.register.schema import Schema, shipped
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId

FEWEST_LETTERS = 4
"""Of a record's id, to find it by."""


class RecordView(msgspec.Struct, frozen=True, dict=True):
    """A record: its state, its schema if it is known here, its marking (and single fields') in the reader's own scheme."""

    room: RoomId
    id: RecordId
    state: Fold
    schema: Schema | None
    marking: Marking
    superseded_by: RecordId | None
    today: str
    """As YYYY-MM-DD, UTC."""
    field_markings: Mapping[str, Marking] = {}

    @property
    def overdue(self) -> bool:
        """Whether it is due before today, and neither done nor out of force; stored nowhere."""
        over = self.state.status in (Status.FULFILLED, Status.WITHDRAWN) or self.superseded_by is not None
        due = self.values().get("due")
        return isinstance(due, str) and due < self.today and not over

    @cached_property
    def faults(self) -> Mapping[str, Phrase]:
        """What was shown and is not what its schema asks for: kept, told, and used for nothing."""
        return faults_of(self.state, self.schema)

    def values(self) -> dict[str, Any]:
        """What was shown, is sound and is not in conflict."""
        shown = self.state.shown()
        return {name: opening.value for name, opening in shown.items() if name not in self.faults}

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


def faults_of(state: Fold, schema: Schema | None) -> dict[str, Phrase]:
    """Fields whose values are not of their kind, and why; a newer version's unknown fields are never wrong."""
    found: dict[str, Phrase] = {}
    for name, opening in state.shown().items():
        field = schema.field(name) if schema else None
        if field is not None and (why := kinds.fault(field.narrowed, opening.value)):
            found[name] = why
    return found


def find(book: Book, reference: str) -> RecordId:
    """A record by the beginning of its id, or by its name in either language."""
    wanted = reference.strip().lower()
    exact, begins = list[RecordId](), list[RecordId]()
    for record, state in book.records():
        if wanted and wanted in _names(state):
            exact.append(record)
        elif len(wanted) >= FEWEST_LETTERS and record.hex().startswith(wanted):
            begins.append(record)
    found = exact or begins
    if len(found) != 1:
        raise NotFound(f"{reference[:80]!r}" + (" names several" if found else ""), what="record")
    return found[0]


def _names(state: Fold) -> set[str]:
    return {name_of(state, language).lower() for language in ("en", "fr")}


def schema_of(state: Fold) -> Schema | None:
    """The schema of a record's type, if it is known here."""
    return shipped().get(state.head.type) if state.head else None
