"""Runs in the registers: each side records a run before its first list leaves, closes the record when the run is over, and counts
from the records of both what a budget allows.

Each nation's record is its own and takes its own key alone. A finished run's two records have the same fields, but for whose
they are.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from cordiale.agent import runs
from cordiale.agent.registering import Registrar, Wanted
from cordiale.agent.runs import ASKED, RunRow
from cordiale.agent.workspace import Workspace
from cordiale.errors import LimitExceeded, Malformed, ProtocolViolation
from cordiale.labels.label import decode_label
from cordiale.register.act import Key
from cordiale.register.book import Book
from cordiale.register.deconfliction import entry
from cordiale.register.deconfliction.log import Ended, Logged, once
from cordiale.register.deconfliction.seat import Seat
from cordiale.register.deconfliction.terms import Terms
from cordiale.register.fold import Fold
from cordiale.register.record import RecordId
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits

Unit = Callable[[], AbstractContextManager[Workspace]]
BookOf = Callable[[Workspace, RoomId], Book]


def terms_of(row: RunRow) -> Terms:
    """A kept run's terms."""
    return canonical.decode(row.terms, Terms, limit=limits.BINDING_BYTES)


class RunLog:
    """The records of runs, over the registrar's books."""

    def __init__(self, registrar: Registrar, unit: Unit, book: BookOf) -> None:
        self._registrar, self._unit, self._book = registrar, unit, book

    def known(self) -> list[Logged]:
        """Every run that this agent knows of, once: its own, and what stands in the registers of its rooms."""
        with self._unit() as work:
            found = [
                Logged(terms_of(row), Ended(row.ended or Ended.OPEN), sizes=row.sizes, met=row.met)
                for row in runs.every(work.state).values()
                if row.stage != ASKED
            ]
            for room in work.rooms():
                found += _recorded(self._book(work, room).records(), room)
        return once(found)

    def begin(self, row: RunRow, seat: Seat) -> None:
        """Record that the run has begun, once."""
        if self._record(row, Nation(row.nation)) is None:
            self._registrar.propose(
                row.room, entry.TYPE, entry.fields(seat.logged()), Wanted(label=decode_label(row.label))
            )

    def close(self, row: RunRow, seat: Seat) -> None:
        """Record how the run ended, once, and turn the key that this takes."""
        self.begin(row, seat)
        known = self._record(row, Nation(row.nation))
        if known is None or known[1].status in (Status.BINDING, Status.FULFILLED):
            return
        record, state = known
        logged = seat.logged()
        expected = entry.fields(logged)
        changed = {name: expected[name] for name in entry.differing(_values(state), logged)}
        if changed:
            self._registrar.amend(row.room, record, changed)
        self._registrar.act(row.room, record, Key())

    def check_other(self, row: RunRow, seat: Seat) -> None:
        """`ProtocolViolation` unless the other side's record of the run stands in the register, as agreed, before its list is
        answered."""
        known = self._record(row, seat.run.terms.counterpart(seat.run.nation))
        shown = _values(known[1]) if known else dict[str, Any]()
        if entry.differing(shown, seat.logged(), entry.AGREED):
            raise ProtocolViolation("a list came before the record of the run", rule="deconfliction 6")

    def proofs(self, row: RunRow) -> tuple[bytes, ...]:
        """The proof bundles of this side's record of the run and of the other's, as far as they are there."""
        terms = terms_of(row)
        known = [self._record(row, nation) for nation in (terms.initiator, terms.responder)]
        return tuple(self._registrar.record_bundle(row.room, found[0].hex())[1] for found in known if found)

    def _record(self, row: RunRow, owner: Nation) -> tuple[RecordId, Fold] | None:
        run = terms_of(row).run.hex()
        with self._unit() as work:
            for record, state in self._book(work, row.room).records():
                if _is_log(state, owner) and _values(state).get("run") == run:
                    return record, state
        return None


def _recorded(records: Iterable[tuple[RecordId, Fold]], room: RoomId) -> list[Logged]:
    found: list[Logged] = []
    for _, state in records:
        if not _is_log(state):
            continue
        try:
            logged = entry.counted(_values(state), room)
        except (Malformed, LimitExceeded):
            continue
        if state.head and state.head.owner in (logged.terms.initiator, logged.terms.responder):
            found.append(logged)
    return found


def _is_log(state: Fold, owner: Nation | None = None) -> bool:
    head = state.head
    return head is not None and head.type == entry.TYPE and owner in (None, head.owner)


def _values(state: Fold) -> Mapping[str, Any]:
    return {name: opening.value for name, opening in state.shown().items()}
