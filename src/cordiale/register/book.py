"""All records of a room, grown act by act: what an agent keeps in memory and can make again from the acts at any time.

A record's state depends on the acts about it alone, so an act costs what its own record costs. Two things cross records: a
record that binds takes the place of the one that it supersedes, and commit with sight (`cordiale.register.sight`). Both are
judged in the author's view like everything else, so that any order of delivery gives the same book: where an act comes after one
whose author had read it, whatever was judged by sight is folded once more, in the order of position.
"""

from bisect import insort
from collections.abc import Iterable
from heapq import merge
from typing import Final, NamedTuple

from cordiale.register.act import Propose, Supersede, VerifiedAct
from cordiale.register.causality import Position
from cordiale.register.fold import Fault, Fold
from cordiale.register.reason import Reason
from cordiale.register.record import RecordId
from cordiale.register.sight import Footprint, Ground, Sight
from cordiale.register.workflow import SILENCE
from cordiale.vocab.identifier import Digest


class Meeting(NamedTuple):
    """A record that an act overlaps and doesn't name, where it is, and where the act's own record would be."""

    record: RecordId
    there: Footprint
    own: Footprint


class Book:
    """Records by id. `ground` is given where records must be committed with sight of each other."""

    def __init__(self, ground: Ground | None = None) -> None:
        self._known: dict[Digest, VerifiedAct] = {}
        self.silent: set[RecordId] = set()
        """Records proposed under a silence procedure."""
        self._folds: dict[RecordId, Fold] = {}
        self._successors: dict[RecordId, list[RecordId]] = {}
        self.sight: Final = None if ground is None else Sight(ground, self._folds.get, self._successors_of)
        self._fault: Final[Fault | None] = None if self.sight is None else self.sight.fault

    def __len__(self) -> int:
        return len(self._folds)

    def __contains__(self, record: RecordId) -> bool:
        return record in self._folds

    def records(self) -> Iterable[tuple[RecordId, Fold]]:
        """Every record that was proposed, in the order in which they became known."""
        return ((record, state) for record, state in self._folds.items() if state.head is not None)

    def record(self, record: RecordId) -> Fold | None:
        """One record's state."""
        return self._folds.get(record)

    def superseded_by(self, record: RecordId) -> RecordId | None:
        """The binding record that has taken this one's place."""
        state = self._folds.get(record)
        for successor in self._successors.get(record, ()):
            other = self._folds[successor]
            begun = other.begun
            if state is not None and begun is not None and other.bound and begun.of in state.bound:
                return successor
        return None

    def add(self, act: VerifiedAct) -> Fold:
        """Take one act, in any order and any number of times; the state of its record afterwards.

        An act of one's own that waits to be sent is taken with the place that it is expected to have, and again with its own.
        """
        record, known = act.record, self._known.get(act.digest)
        if known is not None and known.sequence == act.sequence:
            return self._folds[record]
        before = self._outcome(record) if known is not None else None
        if before is not None:
            self.drop(act.digest, record)
        self._known[act.digest] = act
        body = act.body
        if isinstance(body, Supersede):
            self._successors.setdefault(body.old, []).append(record)
        if isinstance(body, Propose | Supersede) and body.head.terms.workflow == SILENCE:
            self.silent.add(record)
        state = self._folds.setdefault(record, Fold())
        if self.sight is not None:
            self.sight.note(act, state.acts)
        if state.acts and act.position < state.acts[-1].position:
            insort(state.acts, act, key=_position)
            self._fold_again(record)
        else:
            state.add(act, self._fault)
        sight = self.sight
        if sight is not None and record in sight:
            acts = self._folds[record].acts
            if sight.unsettles(act, acts) and self._outcome(record) != before:
                self._fold_all_again(sight)
        return self._folds[record]

    def _outcome(self, record: RecordId) -> dict[Digest, bool]:
        """Which acts about a record hold."""
        state = self._folds[record]
        return {act.digest: bool(held) for act, held in zip(state.acts, state.held, strict=True)}

    def drop(self, digest: Digest, record: RecordId) -> None:
        """Forget an act of one's own that never crossed, or crosses elsewhere than was thought."""
        self._known.pop(digest, None)
        acts = self._folds.setdefault(record, Fold()).acts
        for act in [act for act in acts if act.digest == digest]:
            acts.remove(act)
            if self.sight is not None:
                self.sight.forget(act)
        self._fold_again(record)

    def _fold_again(self, record: RecordId) -> Fold:
        acts = self._folds[record].acts
        state = self._folds[record] = Fold()
        for act in acts:
            state.add(act, self._fault)
        return state

    def _fold_all_again(self, sight: Sight) -> None:
        """Everything that was judged by sight, as if it had come in the order of position."""
        acts = [self._folds[record].acts for record in sight.records()]
        for record in sight.records():
            self._folds[record] = Fold()
        for act in merge(*acts, key=_position):
            self._folds[act.record].add(act, self._fault)

    def fault_of(self, act: VerifiedAct) -> Reason | None:
        """Why an act would not hold if it came now; None where it would. Changes nothing."""
        return (self._folds.get(act.record) or Fold()).fault_of(act, self._fault)

    def missing_sight(self, act: VerifiedAct) -> list[Meeting]:
        """What an act, if it came now, should name and doesn't.

        `Malformed` or `LimitExceeded` where the place or time of its own record makes no sense.
        """
        if self.sight is None:
            return []
        base = (self._folds.get(act.record) or Fold()).as_read_by(act)
        own, found = self.sight.own(base, act), list[Meeting]()
        for record in self.sight.missing(base, act):
            there = self.sight.present(self._folds[record].as_read_by(act))
            if there is not None and own is not None:
                found.append(Meeting(record, there, own))
        return found

    def _successors_of(self, record: RecordId) -> Iterable[RecordId]:
        return self._successors.get(record, ())


def _position(act: VerifiedAct) -> Position:
    return act.position
