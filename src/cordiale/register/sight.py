"""Commit with sight: who commits to something names what it overlaps, so that nobody can say afterwards that they hadn't seen it.

A proposal, an amendment or a disclosure of a register with a ground (places and times) names, for every record that its author
had read and that it overlaps, the hash which the author had read; else it doesn't hold. Model: the OVN rule of ASTM F3548.

    own       what the act's record shows once the act holds
    others    each record as the author had read it: not withdrawn, fulfilled or superseded there, not named, and it meets `own`

Whether two records meet is their desk's to say (`Ground`), from what was shown to everybody alone, by arithmetic that gives every
agent the same. Like all else, an act is judged in its author's view; what comes later changes nothing, whatever the order.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.act import Amend, Disclose, Propose, Supersede, VerifiedAct
from cordiale.register.fold import Fold
from cordiale.register.reason import Reason, because
from cordiale.register.record import Head, Opening, RecordId, field_digest
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import DAY, Moment

Shown = Mapping[str, Opening]
"""The fields of a record that its reader can see."""
Span = tuple[Moment, Moment]


class Footprint(Protocol):
    """Where and when a record is, by what of it is shown."""

    @property
    def span(self) -> Span: ...
    def meets(self, other: Any) -> bool:
        """Whether the two overlap so that who commits to one must have seen the other."""
        ...

    def why(self, other: Any, language: str) -> str:
        """How they do, in words: axes, overlaps, margins."""
        ...


class Ground(Protocol):
    """A register whose records take up place and time; its desk's."""

    @property
    def type(self) -> str: ...
    def footprint(self, head: Head, shown: Shown) -> Footprint | None:
        """None while too little is shown; `Malformed` or `LimitExceeded` for what makes no sense."""
        ...

    def window(self, openings: Iterable[tuple[str, Opening]]) -> Span | None:
        """Between when and when a record can be at most, of which any of these may be shown. None for any time."""
        ...


Folds = Callable[[RecordId], Fold | None]
_JUDGED: Final = (Propose, Supersede, Amend, Disclose)
_OVER: Final = (Status.WITHDRAWN, Status.FULFILLED)
_WEEK: Final = 7 * DAY
_WEEKS: Final = 1_000
"""A record that may be longer is looked at whatever the week."""


class Sight:
    """Which records of a book may overlap, by the weeks that they are in, and which acts were judged by them."""

    def __init__(self, ground: Ground, folds: Folds, successors: Callable[[RecordId], Iterable[RecordId]]) -> None:
        self._ground, self._folds, self._successors = ground, folds, successors
        self._opened: dict[RecordId, list[tuple[str, Opening]]] = {}
        self._weeks: dict[int, set[RecordId]] = {}
        self._anytime: set[RecordId] = set()
        self._judged: list[VerifiedAct] = []
        self._footprints: dict[tuple[RecordId, frozenset[tuple[str, Digest]]], Footprint | None] = {}

    def __contains__(self, record: RecordId) -> bool:
        return record in self._opened

    def records(self) -> Iterable[RecordId]:
        """Those that are of the ground's type."""
        return self._opened

    def note(self, act: VerifiedAct, others: Iterable[VerifiedAct]) -> None:
        """An act comes into the book, where `others` are about its record: that may be wherever they say."""
        body, record = act.body, act.record
        if record in self._opened:
            self._note(act)
        elif isinstance(body, Propose | Supersede) and body.head.type == self._ground.type:
            for one in (act, *others):
                self._note(one)

    def _note(self, act: VerifiedAct) -> None:
        body, record = act.body, act.record
        if not isinstance(body, _JUDGED):
            return
        insort(self._judged, act, key=_position)
        self._opened.setdefault(record, []).extend(body.openings.items())
        weeks = self._among(self._ground.window(self._opened[record]))
        if weeks is None:
            self._anytime.add(record)
        else:
            for week in weeks:
                self._weeks.setdefault(week, set()).add(record)

    def forget(self, act: VerifiedAct) -> None:
        """An act was dropped from the book."""
        self._judged = [one for one in self._judged if one is not act]

    def unsettles(self, act: VerifiedAct, later: Iterable[VerifiedAct]) -> bool:
        """Whether an act that comes late may change how others were judged: they had read it, or what is `later` about its
        record."""
        changed = (act, *(one for one in later if one.position > act.position))
        after = self._judged[bisect_left(self._judged, act.position, key=_position) :]
        return any(judged.record != act.record and judged.saw(one) for judged in after for one in changed)

    def fault(self, base: Fold, act: VerifiedAct) -> Reason | None:
        """Why an act doesn't hold; None where it does, or is of another register."""
        try:
            missing = self.missing(base, act)
        except (Malformed, LimitExceeded) as wrong:
            return because("senseless", detail=wrong.detail)
        named = ", ".join(record[:6].hex() for record in sorted(missing))  # in one order, whatever came first here
        return because("sight", records=named) if missing else None

    def missing(self, base: Fold, act: VerifiedAct) -> list[RecordId]:
        """What an act should name and doesn't; `base` is its record as the author had read it."""
        own, body = self.own(base, act), act.body
        if own is None or not isinstance(body, _JUDGED):
            return []
        named = set(body.sight)
        apart = {act.record, body.old} if isinstance(body, Supersede) else {act.record}
        near = [record for record in self._near(own.span) if record not in apart]
        return [record for record in near if self._unseen(record, act, own, named)]

    def own(self, base: Fold, act: VerifiedAct) -> Footprint | None:
        """Where an act's record is once the act holds."""
        body = act.body
        if isinstance(body, Propose | Supersede):
            return self._footprint(body.head, body.openings, {name: body.digests[name] for name in body.openings})
        if not isinstance(body, Amend | Disclose):
            return None
        gone = body.digests if isinstance(body, Amend) else {}
        new = {name: field_digest(name, opening) for name, opening in body.openings.items()}
        digests = {name: digest for name, digest in base.shown_digests().items() if name not in gone}
        kept = {name: opening for name, opening in base.shown().items() if name in digests}
        return self._footprint(base.head, {**kept, **body.openings}, {**digests, **new})

    def present(self, state: Fold) -> Footprint | None:
        """A record's place and time in a state of it; None where it is over, or shows too little, or what makes no sense."""
        if state.status in _OVER:
            return None
        try:
            return self._footprint(state.head, state.shown(), state.shown_digests())
        except (Malformed, LimitExceeded):
            return None

    def _unseen(self, record: RecordId, act: VerifiedAct, own: Footprint, named: set[Digest]) -> bool:
        """Whether a record, as the author of an act had read it, is met and not named."""
        state = self._folds(record)
        view = state.as_read_by(act) if state is not None else None
        if view is None or view.head is None or view.hash in named or self._superseded(record, view, act):
            return False
        other = self.present(view)
        return other is not None and own.meets(other)

    def _superseded(self, record: RecordId, view: Fold, act: VerifiedAct) -> bool:
        for successor in self._successors(record):
            state = self._folds(successor)
            other = state.as_read_by(act) if state is not None and successor in self._opened else None
            if other is not None and other.bound and other.begun is not None and other.begun.of in view.bound:
                return True
        return False

    def _footprint(self, head: Head | None, shown: Shown, digests: Mapping[str, Digest]) -> Footprint | None:
        if head is None or head.type != self._ground.type:
            return None
        key = (head.id, frozenset(digests.items()))
        if key not in self._footprints:
            self._footprints[key] = self._ground.footprint(head, shown)
        return self._footprints[key]

    def _near(self, span: Span) -> list[RecordId]:
        weeks = self._among(span)
        if weeks is None:
            return sorted(self._opened)
        found = set(self._anytime).union(*(self._weeks.get(week, ()) for week in weeks))
        return sorted(found)

    @staticmethod
    def _among(span: Span | None) -> range | None:
        if span is None or span[1] - span[0] > _WEEKS * _WEEK:
            return None
        return range(span[0] // _WEEK, span[1] // _WEEK + 1)


def _position(act: VerifiedAct) -> Any:
    return act.position
