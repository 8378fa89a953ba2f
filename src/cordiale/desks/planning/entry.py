"""What stands in the registers as requirements and offers, and the other way about: an allocation as a register's values.

    requirement, contribution   capability and measure must be alike; essential, important, desirable are priorities 1, 2, 3
    relief-need, relief-offer   item and measure; urgency is the priority, severity the weight; an offer serves its recipient only
    allocation                  what is allocated already, proposed or binding, is taken from both sides first

Values are those of the kinds of registers (`register.kind`): a span is two moments in ms, a reference 16 bytes. What cannot
be matched, such as a quantity of none, is left out and said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from cordiale.desks.planning.demand import (
    WHOLE,
    Allocation,
    Offer,
    OfferId,
    Requirement,
    RequirementId,
    Substitute,
    Window,
)
from cordiale.errors import CordialeError
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import parse_nation

_PRIORITIES: Final[Mapping[str, int]] = {"essential": 1, "important": 2, "desirable": 3}
_URGENCIES: Final[Mapping[str, int]] = {"Immediate": 1, "Expected": 2, "Future": 3, "Past": 4, "Unknown": 4}
_WEIGHTS: Final[Mapping[str, int]] = {"Extreme": 4, "Severe": 3, "Moderate": 2}
BETWEEN: Final = "-in-"
"""What is required, and its measure, as one capability."""
_TITLE_CHARACTERS: Final = 300


class Entry(msgspec.Struct, frozen=True):
    """A record: its id in hexadecimal, whose it is, and the values that it shows."""

    id: str
    owner: str
    values: Mapping[str, Any]


class LeftOut(msgspec.Struct, frozen=True):
    """A record that takes no part, and why."""

    id: str
    why: str


class Plan(msgspec.Struct, frozen=True):
    """What the matcher takes."""

    requirements: tuple[Requirement, ...]
    offers: tuple[Offer, ...]
    left_out: tuple[LeftOut, ...]


class _Taken:
    """What is allocated already: thousandths of each requirement, units of each offer, and where."""

    def __init__(self, allocations: Iterable[Entry]) -> None:
        self.served: dict[str, int] = {}
        self.used: dict[str, int] = {}
        self.where: dict[str, set[str]] = {}
        for each in allocations:
            values = each.values
            if not {"requirement", "contribution", "quantity"} <= values.keys():
                continue
            requirement, offer = values["requirement"].hex(), values["contribution"].hex()
            self.served[requirement] = self.served.get(requirement, 0) + values["quantity"] * values.get("rate", WHOLE)
            self.used[offer] = self.used.get(offer, 0) + values["quantity"]
            self.where.setdefault(offer, set()).add(requirement)


def plan(requirements: Iterable[Entry], contributions: Iterable[Entry], allocations: Iterable[Entry]) -> Plan:
    """Requirements and contributions, less what is allocated."""
    left_out: list[LeftOut] = []
    contributions = tuple(contributions)
    taken = _Taken(_own(allocations, {each.id: each.owner for each in contributions}, left_out))
    wanted = [found for each in requirements if (found := _made(_requirement, each, taken, left_out))]
    offered = [found for each in contributions if (found := _made(_contribution, each, taken, left_out))]
    return Plan(tuple(wanted), tuple(offered), tuple(left_out))


def _own(allocations: Iterable[Entry], owners: Mapping[str, str], left_out: list[LeftOut]) -> Iterator[Entry]:
    """Those by which a nation gives what is its own."""
    for each in allocations:
        values = each.values
        owner = owners.get(values["contribution"].hex()) if "contribution" in values else None
        if owner is not None and values.get("provider") != owner:
            left_out.append(LeftOut(each.id, "provider: it is not the nation whose contribution it is"))
        else:
            yield each


def relief(needs: Iterable[Entry], offers: Iterable[Entry], standing: str) -> Plan:
    """Relief needs and offers of one standing (CAP's status): exercise and reality are never matched."""
    left_out: list[LeftOut] = []
    taken = _Taken(())
    here = [[each for each in side if _stands(each, standing, left_out)] for side in (needs, offers)]
    wanted = [found for each in here[0] if (found := _made(_need, each, taken, left_out))]
    offered = [found for each in here[1] if (found := _made(_relief_offer, each, taken, left_out))]
    return Plan(tuple(wanted), tuple(offered), tuple(left_out))


def _stands(entry: Entry, standing: str, left_out: list[LeftOut]) -> bool:
    found = entry.values.get("message_status")
    if found != standing:
        left_out.append(LeftOut(entry.id, f"message_status: {found}, not {standing}"))
    return found == standing


def _made(make: Any, entry: Entry, taken: _Taken, left_out: list[LeftOut]) -> Any:
    try:
        return make(entry, taken)
    except KeyError as fault:
        left_out.append(LeftOut(entry.id, f"{fault.args[0]}: it is not shown, or in conflict"))
    except CordialeError as fault:
        left_out.append(LeftOut(entry.id, fault.detail))
    return None


def _kind(what: str, values: Mapping[str, Any]) -> str:
    return f"{what}{BETWEEN}{values['measure']}"


def _window(values: Mapping[str, Any]) -> Window:
    begin, end = values["window"]
    return Window(Moment(begin), Moment(end))


def _substitutes(values: Mapping[str, Any]) -> tuple[Substitute, ...]:
    """In the measure of the requirement; a rate that is not there is one to one."""
    names: Sequence[str] = values.get("substitutes", ())
    rates: Sequence[int] = values.get("rates", ())
    paired = [(name, rates[at] if at < len(rates) else WHOLE) for at, name in enumerate(names)]
    return tuple(Substitute(_kind(name, values), rate) for name, rate in paired)


def _requirement(entry: Entry, taken: _Taken) -> Requirement | None:
    values = entry.values
    served = taken.served.get(entry.id, 0)
    left = -((served - values["quantity"] * WHOLE) // WHOLE)
    if served and left <= 0:
        return None
    return Requirement(
        RequirementId(entry.id),
        _kind(values["capability"], values),
        left,
        _window(values),
        priority=_PRIORITIES[values["priority"]],
        place=values.get("place_code"),
        minimum=max(0, min(left, values.get("minimum", 0) - served // WHOLE)),
        excluded=frozenset(values.get("refused_caveats", ())),
        unwelcome=frozenset(values.get("unwelcome_caveats", ())),
        substitutes=_substitutes(values),
    )


def _contribution(entry: Entry, taken: _Taken) -> Offer:
    values = entry.values
    where = taken.where.get(entry.id, set())
    only = values["requirement"].hex() if "requirement" in values else None
    used = min(values["quantity"], taken.used.get(entry.id, 0))
    if values.get("exclusive", False) and where:
        only, used = (next(iter(where)), used) if len(where) == 1 else (only, values["quantity"])
    return Offer(
        OfferId(entry.id),
        parse_nation(entry.owner),
        _kind(values["capability"], values),
        values["quantity"],
        _window(values),
        places=frozenset(values.get("places", ())),
        caveats=frozenset(values.get("caveats", ())),
        exclusive=values.get("exclusive", False),
        reusable=values.get("reusable", False),
        taken=used,
        only=None if only is None else RequirementId(only),
    )


def _need(entry: Entry, _: _Taken) -> Requirement:
    values = entry.values
    return Requirement(
        RequirementId(entry.id),
        _kind(values["item"], values),
        values["quantity"],
        _window(values),
        priority=_URGENCIES[values["urgency"]],
        place=values["affected"],
        weight=_WEIGHTS.get(values["severity"], 1),
        substitutes=_substitutes(values),
    )


def _relief_offer(entry: Entry, _: _Taken) -> Offer:
    values = entry.values
    return Offer(
        OfferId(entry.id),
        parse_nation(entry.owner),
        _kind(values["item"], values),
        values["quantity"],
        _window(values),
        places=frozenset({values["recipient"]}),
        caveats=frozenset(values.get("caveats", ())),
        only=RequirementId(values["need"].hex()) if "need" in values else None,
    )


def allocated(found: Allocation, requirement: Entry, offer: Entry) -> dict[str, Any]:
    """The values of a record of the register `allocation`."""
    titles = [each.values.get("title") or dict.fromkeys(("en", "fr"), each.id) for each in (requirement, offer)]
    values: dict[str, Any] = {
        "title": {
            language: " – ".join(title[language] for title in titles)[:_TITLE_CHARACTERS] for language in ("en", "fr")
        },
        "requirement": bytes.fromhex(found.requirement),
        "contribution": bytes.fromhex(found.offer),
        "provider": str(found.nation),
        "quantity": found.quantity,
        "measure": requirement.values["measure"],
        "window": list(requirement.values["window"]),
        "rate": found.rate,
    }
    caveats = list(offer.values.get("caveats", ()))
    return values | ({"accepted_caveats": caveats} if caveats else {})
