"""All records of a room, grown act by act: what an agent keeps in memory and can make again from the acts at any time.

A record's state depends on the acts about it alone, so an act costs what its own record costs. Two things cross records: a
record that binds takes the place of the one that it supersedes, and a proposal must name what it overlaps (commit with sight):
for each record that its author had read and that it overlaps, the hash that the author had read. Both are judged in the author's
view like everything else, so that any order of delivery gives the same book.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from cordiale.register.act import Amend, Propose, Supersede, VerifiedAct
from cordiale.register.causality import Position
from cordiale.register.fold import Fault, Fold, fold
from cordiale.register.record import Opening, RecordId
from cordiale.register.workflow import SILENCE, Status
from cordiale.vocab.identifier import Digest

Shown = Mapping[str, Opening]
"""The fields of a record that its reader can see."""
Overlap = Callable[[str, Shown, str, Shown], bool]
"""Whether two records (type, fields each) overlap; a register's own, from its desk."""

_OVER: Final = (Status.WITHDRAWN, Status.FULFILLED)


class Book:
    """Records by id. `overlap` is given where records must be committed with sight of each other."""

    def __init__(self, overlap: Overlap | None = None) -> None:
        self._overlap = overlap
        self._acts: dict[RecordId, list[VerifiedAct]] = {}
        self._known: dict[Digest, Position] = {}
        self.silent: set[RecordId] = set()
        """Records proposed under a silence procedure."""
        self._folds: dict[RecordId, Fold] = {}
        self._successors: dict[RecordId, list[RecordId]] = {}

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
            if state is not None and begun is not None and other.bound and begun.act.of in state.bound:
                return successor
        return None

    def add(self, act: VerifiedAct) -> Fold:
        """Take one act, in any order and any number of times; the state of its record afterwards.

        An act of one's own that waits to be sent is taken with the place that it is expected to have, and again with its own.
        """
        record = act.act.record
        acts = self._acts.setdefault(record, [])
        if self._known.get(act.digest) == act.position:
            return self._folds[record]
        if act.digest in self._known:
            self.drop(act.digest, record)
        self._known[act.digest] = act.position
        body = act.act.body
        if isinstance(body, Supersede):
            self._successors.setdefault(body.old, []).append(record)
        if isinstance(body, Propose | Supersede) and body.head.terms.workflow == SILENCE:
            self.silent.add(record)
        if acts and act.position < acts[-1].position:
            insort(acts, act, key=lambda one: one.position)
            return self._fold_again(record)
        acts.append(act)
        state = self._folds.setdefault(record, Fold())
        state.add(act, self._fault)
        return state

    def drop(self, digest: Digest, record: RecordId) -> None:
        """Forget an act of one's own that never crossed, or crosses elsewhere than was thought."""
        self._known.pop(digest, None)
        acts = self._acts.get(record, [])
        acts[:] = [act for act in acts if act.digest != digest]
        self._fold_again(record)

    def _fold_again(self, record: RecordId) -> Fold:
        state = self._folds[record] = Fold()
        for act in self._acts[record]:
            state.add(act, self._fault)
        return state

    @property
    def _fault(self) -> Fault | None:
        return None if self._overlap is None else self._blind

    def fault_of(self, act: VerifiedAct) -> str:
        """Why an act would not hold if it came now; empty where it would. Changes nothing."""
        state = fold(self._acts.get(act.act.record, ()))
        state.add(act, self._fault)
        return state.refused[-1].why if state.refused and state.refused[-1].act is act else ""

    def missing_sight(self, kind: str, shown: Shown, sight: Iterable[Digest], own: RecordId) -> list[RecordId]:
        """The records known here that these fields overlap and `sight` does not name at their present version."""
        named = set(sight)
        return [record for record, state in self.records() if record != own and self._unseen(state, kind, shown, named)]

    def _unseen(self, state: Fold, kind: str, shown: Shown, named: set[Digest]) -> bool:
        head, overlap = state.head, self._overlap
        if overlap is None or head is None or state.status in _OVER or state.hash in named:
            return False
        return overlap(kind, shown, head.type, state.shown())

    def _blind(self, base: Fold, act: VerifiedAct) -> str:
        """The fault of a proposal or amendment whose author had read an overlapping record and did not name it."""
        body = act.act.body
        if not isinstance(body, Propose | Supersede | Amend):
            return ""
        head = body.head if isinstance(body, Propose | Supersede) else base.head
        if head is None:
            return ""
        kept = {} if isinstance(body, Propose | Supersede) else base.shown()
        shown, named = (
            {**{name: one for name, one in kept.items() if name not in body.digests}, **body.openings},
            set(body.sight),
        )
        missing = sorted(
            record[:6].hex()
            for record, state in self.records()
            if record != act.act.record and self._unseen(state.seen_by(act), head.type, shown, named)
        )
        return f"it does not name what it overlaps: {', '.join(missing)}" if missing else ""
