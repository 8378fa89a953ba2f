"""EXERCISE requirements and offers, small enough to enumerate every way of matching them."""

from collections.abc import Sequence
from itertools import product

from hypothesis import strategies as st

from cordiale.desks.planning.demand import Offer, OfferId, Requirement, RequirementId, Substitute, Window
from cordiale.desks.planning.fit import Tables, unfit
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation

WEEK = 7 * DAY


def weeks(begin: int, end: int) -> Window:
    return Window(Moment(begin * WEEK), Moment(end * WEEK))


def requirement(name: str, quantity: int, capability: str = "transport", **more: object) -> Requirement:
    return Requirement(RequirementId(name), capability, quantity, **({"window": weeks(1, 2)} | more))  # type: ignore[arg-type]


def offer(name: str, nation: str, quantity: int, capability: str = "transport", **more: object) -> Offer:
    return Offer(OfferId(name), Nation(nation), capability, quantity, **({"window": weeks(0, 9)} | more))  # type: ignore[arg-type]


_CAVEATS = st.frozensets(st.sampled_from(["no-night", "day-trips-only"]), max_size=1)
_WINDOWS = st.tuples(st.integers(0, 2), st.integers(1, 2)).map(lambda pair: weeks(pair[0], sum(pair)))


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[Requirement], list[Offer]]:
    """Two or three of each, of a few units."""
    requirements = []
    for n in range(draw(st.integers(1, 3))):
        quantity = draw(st.integers(1, 4))
        requirements.append(
            requirement(
                f"R{n}",
                quantity,
                draw(st.sampled_from(["transport", "medical"])),
                window=draw(_WINDOWS),
                priority=draw(st.integers(1, 2)),
                weight=draw(st.integers(1, 2)),
                minimum=draw(st.sampled_from([0, 0, quantity, max(1, quantity - 1)])),
                excluded=draw(_CAVEATS),
                unwelcome=draw(_CAVEATS),
                substitutes=draw(st.sampled_from([(), (Substitute("lorry", 400),), (Substitute("lorry", 1500),)])),
            )
        )
    offers = [
        offer(
            f"O{n}",
            draw(st.sampled_from(["uk", "fr", "nl"])),
            draw(st.integers(1, 3)),
            draw(st.sampled_from(["transport", "medical", "lorry"])),
            window=draw(st.sampled_from([weeks(0, 9), weeks(1, 3)])),
            caveats=draw(_CAVEATS),
            exclusive=draw(st.booleans()),
            reusable=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    return requirements, offers


def legal(tables: Tables, used: dict[tuple[int, int], int]) -> bool:
    """Whether these units of (requirement, offer) may be given: the rules in plain words, not in rows."""
    requirements, offers = tables.requirements, tables.offers
    for (r, o), units in used.items():
        rates = requirements[r].rates
        if units and (offers[o].capability not in rates or unfit(requirements[r], offers[o])):
            return False
    for r, required in enumerate(requirements):
        if 0 < counted(tables, used, r) < 1000 * required.minimum:
            return False
    for o, offered in enumerate(offers):
        own = [(requirements[r].window, units) for (r, at), units in used.items() if at == o and units]
        instants = {window.begin for window, _ in own} if offered.reusable else {None}
        for instant in instants:
            on = [units for window, units in own if instant is None or window.begin <= instant < window.end]
            if sum(on) > offered.quantity or (offered.exclusive and len(on) > 1):
                return False
    return True


def counted(tables: Tables, used: dict[tuple[int, int], int], r: int) -> int:
    rates = tables.requirements[r].rates
    return sum(units * rates[tables.offers[o].capability] for (at, o), units in used.items() if at == r and units)


def values(tables: Tables, used: dict[tuple[int, int], int], keys: dict[str, int]) -> list[float]:
    """The value of every stage, in order."""
    requirements, offers = tables.requirements, tables.offers
    found: list[float] = []
    for priority in sorted({each.priority for each in requirements}):
        missing = (
            each.weight * max(0, 1000 * each.quantity - counted(tables, used, r))
            for r, each in enumerate(requirements)
            if each.priority == priority
        )
        found.append(sum(missing))
    found.append(sum(units * len(requirements[r].unwelcome & offers[o].caveats) for (r, o), units in used.items()))
    given = dict.fromkeys(keys, 0)
    for (_, o), units in used.items():
        given[offers[o].nation] += units
    found += [max(given[nation] / key for nation, key in keys.items()), sum(given.values())]
    return found


def best(requirements: Sequence[Requirement], offers: Sequence[Offer], keys: dict[str, int]) -> list[float]:
    """The least values of all ways there are, by trying every one."""
    tables = Tables(requirements, offers)
    pairs = [
        (r, o)
        for r, required in enumerate(tables.requirements)
        for o, offered in enumerate(tables.offers)
        if offered.capability in required.rates and unfit(required, offered) is None
    ]
    ways = product(*(range(tables.offers[o].quantity + 1) for _, o in pairs))
    tried = (dict(zip(pairs, way, strict=True)) for way in ways)
    return min(values(tables, used, keys) for used in tried if legal(tables, used))
