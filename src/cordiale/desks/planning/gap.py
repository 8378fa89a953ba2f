"""Why a requirement is not filled: every offer of a capability that would serve has one reason, the first that applies.

reserved, allocated,
place, window, caveat   it does not fit (`fit.unfit`)
here                    all of it serves this requirement already
elsewhere               it serves other requirements in this window, as much of it as it can; they are named
minimum                 what is free of it would not reach the requirement's minimum
open                    there is some of it left, and the search ended before that was ruled out
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cordiale.desks.planning.demand import (
    WHOLE,
    Allocation,
    Gap,
    GapKind,
    Offer,
    OfferId,
    Reason,
    Requirement,
    RequirementId,
)
from cordiale.desks.planning.fit import Tables, unfit

_ORDER: Final[tuple[GapKind, ...]] = (
    "elsewhere",
    "here",
    "caveat",
    "window",
    "place",
    "allocated",
    "reserved",
    "minimum",
    "open",
)

_Uses = Mapping[OfferId, Sequence[Allocation]]


def gaps(tables: Tables, allocations: Iterable[Allocation]) -> tuple[Gap, ...]:
    """All gaps, in the order of ids."""
    uses: dict[OfferId, list[Allocation]] = {}
    counted: dict[RequirementId, int] = {}
    for each in allocations:
        uses.setdefault(each.offer, []).append(each)
        counted[each.requirement] = counted.get(each.requirement, 0) + each.quantity * each.rate
    by_id = {each.id: each for each in tables.requirements}
    missing = ((each, each.quantity * WHOLE - counted.get(each.id, 0)) for each in tables.requirements)
    return tuple(
        Gap(each.id, short, tuple(_reasons(tables, each, by_id, uses))) for each, short in missing if short > 0
    )


def _reasons(
    tables: Tables, required: Requirement, by_id: Mapping[RequirementId, Requirement], uses: _Uses
) -> Iterable[Reason]:
    found: dict[GapKind, list[OfferId]] = {}
    others: set[RequirementId] = set()
    for place, _ in tables.serving(required):
        offer = tables.offers[place]
        kind, used_by = _kind(required, offer, by_id, uses.get(offer.id, ()))
        found.setdefault(kind, []).append(offer.id)
        others.update(used_by)
    if not found:
        yield Reason("none-offered")
    for kind in _ORDER:
        if kind in found:
            yield Reason(kind, tuple(found[kind]), tuple(sorted(others)) if kind == "elsewhere" else ())


def _kind(
    required: Requirement, offer: Offer, by_id: Mapping[RequirementId, Requirement], uses: Sequence[Allocation]
) -> tuple[GapKind, set[RequirementId]]:
    if (why := unfit(required, offer)) is not None:
        return why, set()
    own = sum(each.quantity for each in uses if each.requirement == required.id)
    rivals = [
        each
        for each in uses
        if each.requirement != required.id and (not offer.reusable or _meet(by_id[each.requirement], required))
    ]
    if rivals and (offer.exclusive or not _free(required, offer, by_id, uses)):
        return "elsewhere", {each.requirement for each in rivals}
    if own == offer.left:
        return "here", set()
    return "minimum" if required.minimum else "open", set()


def _free(
    required: Requirement, offer: Offer, by_id: Mapping[RequirementId, Requirement], uses: Sequence[Allocation]
) -> int:
    """Units that could serve throughout the window, besides those that do."""
    if not offer.reusable:
        return offer.left - sum(each.quantity for each in uses)
    windows = [(by_id[each.requirement].window, each.quantity) for each in uses]
    inside = (max(window.begin, required.window.begin) for window, _ in windows if window.begin < required.window.end)
    busiest = (
        sum(units for window, units in windows if window.begin <= instant < window.end)
        for instant in {required.window.begin, *inside}
    )
    return offer.left - max(busiest)


def _meet(one: Requirement, other: Requirement) -> bool:
    return one.window.begin < other.window.end and other.window.begin < one.window.end
