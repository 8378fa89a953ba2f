"""An invented year of requirements and offers (EXERCISE) for the benchmark of the matcher, drawn from a seed.

Forty capabilities, neutral ones only, in families of four that stand in for each other at a rate; thirty nations of very
different size. Requirements last one to sixteen weeks, offers eight to fifty-two, so that some of what is asked for is not
there in time. Of the requirements three in ten accept substitutes, a tenth have a minimum; of the offers a tenth stay
together, a quarter can serve again, three in ten have a caveat. Nothing here is anybody's plan.
"""

from random import Random
from typing import Final

from cordiale.desks.planning.demand import Offer, OfferId, Requirement, RequirementId, Substitute, Window
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation

CAPABILITIES: Final = tuple(
    f"{kind}-{size}"
    for kind in (
        "transport-lorry",
        "transport-air",
        "medical-team",
        "engineering-team",
        "survey-team",
        "patrol-vessel-day",
        "liaison-officer",
        "water-supply",
        "shelter",
        "interpreter",
    )
    for size in ("small", "medium", "large", "reserve")
)
CAVEATS: Final = ("no-night", "no-air-transport", "day-trips-only", "own-fuel-only", "national-approval", "no-winter")
PLACES: Final = ("north", "south", "east", "west")
FIRST: Final = 20_454 * DAY
NATIONS: Final = tuple(Nation(f"x{chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(30))


def drawn(requirements: int, offers: int, seed: int = 1) -> tuple[list[Requirement], list[Offer]]:
    """So many of both."""
    random = Random(f"planning/{seed}")
    return [_requirement(random, n) for n in range(requirements)], [_offer(random, n) for n in range(offers)]


def _requirement(random: Random, number: int) -> Requirement:
    family, kind = random.randrange(10) * 4, random.randrange(4)
    quantity = random.randint(2, 40)
    caveats = random.sample(CAVEATS, 3)
    others = [n for n in range(4) if n != kind]
    substitutes = tuple(
        Substitute(CAPABILITIES[family + n], random.choice((500, 750, 800, 1250)))
        for n in (random.sample(others, 2) if random.random() < 0.3 else ())
    )
    return Requirement(
        RequirementId(f"R{number:05}"),
        CAPABILITIES[family + kind],
        quantity,
        _window(random, 1, 16),
        priority=random.choice((1, 2, 2, 3, 3, 3)),
        place=random.choice(PLACES) if random.random() < 0.5 else None,
        weight=random.choice((1, 1, 2)),
        minimum=quantity // 2 if random.random() < 0.1 else 0,
        excluded=frozenset(caveats[:1]),
        unwelcome=frozenset(caveats[1:]),
        substitutes=substitutes,
    )


def _offer(random: Random, number: int) -> Offer:
    return Offer(
        OfferId(f"O{number:05}"),
        random.choices(NATIONS, weights=[1 / (1 + n) for n in range(30)])[0],
        random.choice(CAPABILITIES),
        random.randint(1, 20),
        _window(random, 8, 52),
        places=frozenset(random.sample(PLACES, 3)) if random.random() < 0.4 else frozenset(),
        caveats=frozenset(random.sample(CAVEATS, random.randint(1, 2))) if random.random() < 0.3 else frozenset(),
        exclusive=random.random() < 0.1,
        reusable=random.random() < 0.25,
    )


def _window(random: Random, shortest: int, longest: int) -> Window:
    weeks = random.randint(shortest, longest)
    begin = FIRST + random.randrange(53 - weeks) * 7 * DAY
    return Window(Moment(begin), Moment(begin + weeks * 7 * DAY))
