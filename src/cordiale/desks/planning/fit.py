"""Which offers could serve which requirement, and for which reason the others of the right capability could not.

The tests are made in this order, and the first that fails is the reason: reserved (offered for another requirement only),
allocated (nothing of it is left), place, window (the offer's covers all of the
requirement's), caveat (none that the requirement excludes).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal

import msgspec

from cordiale.desks.planning.demand import WHOLE, Offer, Requirement
from cordiale.errors import AlreadyExists, LimitExceeded

REQUIREMENTS: Final = 10_000
OFFERS: Final = 50_000
PAIRS: Final = 1_000_000

Unfit = Literal["reserved", "allocated", "place", "window", "caveat"]


class Pair(msgspec.Struct, frozen=True):
    """A requirement and an offer that could serve it, by their places in the tables."""

    requirement: int
    offer: int
    rate: int
    most: int
    """Units beyond which one more would serve nothing."""
    against: tuple[str, ...]


class Tables:
    """Requirements and offers in the order of their ids, whatever order they came in; offers by capability."""

    def __init__(self, requirements: Iterable[Requirement], offers: Iterable[Offer]) -> None:
        self.requirements: Final = sorted(requirements, key=lambda each: each.id)
        self.offers: Final = sorted(offers, key=lambda each: each.id)
        _check("requirement", [each.id for each in self.requirements], REQUIREMENTS)
        _check("offer", [each.id for each in self.offers], OFFERS)
        self._by_capability: Final = _by_capability(self.offers)

    def serving(self, requirement: Requirement) -> list[tuple[int, int]]:
        """Offers of the capability or of a substitute, and their rates."""
        found = [
            (offer, rate)
            for capability, rate in requirement.rates.items()
            for offer in self._by_capability.get(capability, ())
        ]
        return sorted(found)

    def pairs(self) -> list[Pair]:
        """Everything that fits. `LimitExceeded` beyond `PAIRS`."""
        found: list[Pair] = []
        for number, requirement in enumerate(self.requirements):
            for place, rate in self.serving(requirement):
                offer = self.offers[place]
                if unfit(requirement, offer) is None:
                    most = min(offer.left, -(-requirement.quantity * WHOLE // rate))
                    found.append(Pair(number, place, rate, most, tuple(sorted(requirement.unwelcome & offer.caveats))))
            if len(found) > PAIRS:
                raise LimitExceeded(f"planning: more than {PAIRS} pairs of a requirement and an offer that fit")
        return found


def unfit(requirement: Requirement, offer: Offer) -> Unfit | None:
    """Why an offer of a capability that serves does not serve here; None if it does."""
    if offer.only is not None and offer.only != requirement.id:
        return "reserved"
    if not offer.left:
        return "allocated"
    if requirement.place is not None and offer.places and requirement.place not in offer.places:
        return "place"
    if not offer.window.covers(requirement.window):
        return "window"
    if not requirement.excluded.isdisjoint(offer.caveats):
        return "caveat"
    return None


def _by_capability(offers: Sequence[Offer]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, offer in enumerate(offers):
        found.setdefault(offer.capability, []).append(number)
    return found


def _check(what: str, ids: Sequence[str], most: int) -> None:
    if len(ids) > most:
        raise LimitExceeded(f"planning: {len(ids)} {what}s, {most} allowed")
    if len(set(ids)) != len(ids):
        twice = next(one for one, other in pairwise(ids) if one == other)
        raise AlreadyExists(twice[:80], what=what)
