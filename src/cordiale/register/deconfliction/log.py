"""What both registers log of a run, and whether another run is still within budget.

`Logged` is the body of a record: terms, commitments, sizes, counts, transcript and both signed outcomes, never a cell. A
finished run's is the same bytes on both sides. The budget is what bounds a curious counterpart: the cell space can be
enumerated, so whoever may ask for many elements, or often, learns the whole plan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from cordiale.errors import BudgetSpent, Malformed, Replayed
from cordiale.register.deconfliction.grid import GRIDS
from cordiale.register.deconfliction.terms import Budget, Terms, check_terms
from cordiale.vocab.identifier import DIGEST_BYTES, Digest
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

FRESH: Final = DAY
"""Milliseconds between the time in an invitation and the clock of whoever judges it: no run is dated out of its period."""
LOGGED_BYTES: Final = 16 * limits.KIB


class Ended(StrEnum):
    """How far a run came."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    BROKEN_OFF = "broken-off"
    DISPUTED = "disputed"


class Logged(Record, frozen=True):
    """`commitments` and `outcomes` (sealed statements) are the initiator's, then the responder's; `sizes` likewise."""

    terms: Terms
    ended: Ended
    commitments: tuple[Digest, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    met: tuple[int, ...] = ()
    transcript: Digest = Digest(b"")
    outcomes: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Canonical bytes."""
        return canonical.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """From `encode`'s bytes and no others."""
        logged = canonical.decode(data, cls, limit=LOGGED_BYTES)
        check_terms(logged.terms)
        if max(len(logged.commitments), len(logged.outcomes)) > 2 or max(len(logged.sizes), len(logged.met)) > GRIDS:
            raise Malformed("more than a run has", what="Logged")
        if any(len(digest) not in (0, DIGEST_BYTES) for digest in (*logged.commitments, logged.transcript)):
            raise Malformed("a digest is not 32 bytes", what="Logged")
        if any(not 0 <= size <= logged.terms.most for pair in logged.sizes for size in pair):
            raise Malformed("a size is over the cap", what="Logged")
        return logged

    def asked_by(self, nation: Nation) -> int:
        """Elements that `nation` asked in this run, or may yet ask."""
        if self.ended is Ended.DECLINED:
            return 0
        if self.ended is not Ended.DONE:
            return worst(self.terms)
        return sum(pair[nation != self.terms.initiator] for pair in self.sizes)


def once(entries: Iterable[Logged]) -> list[Logged]:
    """Of several entries about one run, the one that asked for most."""
    found = sorted(entries, key=lambda each: each.asked_by(each.terms.initiator) + each.asked_by(each.terms.responder))
    return list({each.terms.run: each for each in found}.values())


def worst(terms: Terms) -> int:
    """Elements that one side may ask in a run at most."""
    return terms.most * len(terms.grids)


@dataclass(frozen=True, init=False)
class Admitted:
    """Terms that one nation may run now. Constructing it checks them against the log; there is no other way to have one.

    `log` holds every run known in either register; `allowed` is the nation's own budget, and the stricter of it and the
    terms' counts. Raises `Malformed`, `Replayed` (run known) or `BudgetSpent`.
    """

    terms: Terms

    def __init__(self, terms: Terms, nation: Nation, log: Sequence[Logged], allowed: Budget, now: Moment) -> None:
        check_terms(terms)
        if nation not in (terms.initiator, terms.responder):
            raise Malformed(f"{nation} is not one of the two nations", what="terms")
        if abs(now - terms.created) > FRESH:
            raise Malformed("the invitation's time is not today's", what="terms")
        if any(entry.terms.run == terms.run for entry in log):
            raise Replayed(f"deconfliction run {terms.run[:6].hex()}")
        check_budget(terms, terms.counterpart(nation), log, allowed, now)
        object.__setattr__(self, "terms", terms)


def check_budget(terms: Terms, other: Nation, log: Sequence[Logged], allowed: Budget, now: Moment) -> None:
    """`BudgetSpent` where a run on these terms, begun now, lets `other` ask more than the terms and `allowed` give."""
    days = max(terms.budget.days, allowed.days)
    nations = {terms.initiator, terms.responder}
    counted = [
        entry
        for entry in log
        if {entry.terms.initiator, entry.terms.responder} == nations
        and entry.ended is not Ended.DECLINED
        and entry.terms.created > now - days * DAY
    ]
    runs, elements = min(terms.budget.runs, allowed.runs), min(terms.budget.elements, allowed.elements)
    if len(counted) + 1 > runs:
        raise BudgetSpent(f"{len(counted)} runs with {other} in {days} days, {runs} allowed")
    asked = sum(entry.asked_by(other) for entry in counted)
    if asked + worst(terms) > elements:
        detail = f"{other} asked {asked} elements in {days} days and may ask {worst(terms)} more, {elements} allowed"
        raise BudgetSpent(detail)
