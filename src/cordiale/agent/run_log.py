"""Runs in the registers: each side records a run before its first list leaves, closes the record when the run is over, and counts
from the records of both what a budget allows.

Each nation's record is its own and takes its own key alone. A finished run's two records have the same fields, but for whose
they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, cast

from cordiale.agent import runs
from cordiale.agent.registering import Registrar, Wanted
from cordiale.agent.runs import ASKED, RunRow
from cordiale.agent.workspace import Workspace
from cordiale.errors import LimitExceeded, Malformed, ProtocolViolation
from cordiale.labels.label import decode_label
from cordiale.register.act import Key
from cordiale.register.book import Book
from cordiale.register.deconfliction import entry
from cordiale.register.deconfliction.log import Ended, Logged
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
AGREED: Final = (
    "commitments", "initiator", "responder", "people", "created", "until", "first_day", "last_day", "grids", "most",
)  # fmt: skip
"""Fields in which the other side's record has to be right before its list is answered."""


def terms_of(row: RunRow) -> Terms:
    """A kept run's terms."""
    return canonical.decode(row.terms, Terms, limit=limits.BINDING_BYTES)


class RunLog:
    """The records of runs, over the registrar's books."""

    def __init__(self, registrar: Registrar, unit: Unit, book: BookOf) -> None:
        self._registrar, self._unit, self._book = registrar, unit, book

    def known(self) -> list[Logged]:
        """Every run that this agent knows of: its own, and what stands in the registers of its rooms. Of several entries about
        one
        run, the one that asked for most."""
        with self._unit() as work:
            found = [
                Logged(terms_of(row), Ended(row.ended or Ended.OPEN), sizes=row.sizes, met=row.met)
                for row in runs.every(work.state).values()
                if row.stage != ASKED
            ]
            for room in work.rooms():
                found += _recorded(self._book(work, room).records(), room)
        return list({one.terms.run: one for one in sorted(found, key=_asked)}.values())

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
        shown = _values(state)
        changed = {
            name: value for name, value in entry.fields(seat.logged()).items() if not _same(shown.get(name), value)
        }
        if changed:
            self._registrar.amend(row.room, record, changed)
        self._registrar.act(row.room, record, Key())

    def check_other(self, row: RunRow, seat: Seat) -> None:
        """`ProtocolViolation` unless the other side's record of the run stands in the register, as agreed."""
        known = self._record(row, seat.run.terms.counterpart(seat.run.nation))
        shown = _values(known[1]) if known else dict[str, Any]()
        expected = entry.fields(seat.logged())
        if not all(_same(shown.get(name), expected[name]) for name in AGREED):
            raise ProtocolViolation("a list came before the record of the run", rule="deconfliction 6")

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


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return [*cast("Sequence[Any]", one)] == [*cast("Sequence[Any]", other)]
    return one == other


def _asked(logged: Logged) -> int:
    return logged.asked_by(logged.terms.initiator) + logged.asked_by(logged.terms.responder)
