"""What is required and what is offered, as plain values; an allocation, and what an outcome is.

Model: NATO force generation. A requirement names a capability, never a nation; nations answer with offers. Quantities are whole
units of the capability (a vehicle, a team, a patrol day); rates are per mille, so that everything that is compared is an
integer. Whatever comes in is checked when it is made: `Malformed`, naming the field.
"""

import re
from typing import Final, Literal, NewType

import msgspec

from cordiale.errors import Malformed
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Nation, parse_nation

RequirementId = NewType("RequirementId", str)
OfferId = NewType("OfferId", str)

MOST_UNITS: Final = 1_000_000
PRIORITIES: Final = 9
MOST_WEIGHT: Final = 1_000
MOST_RATE: Final = 10_000
MOST_NAMES: Final = 32
WHOLE: Final = 1_000
"""A rate of one to one."""

_ID: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,128}")
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME_CHARACTERS: Final = 48


class Window(msgspec.Struct, frozen=True):
    """From `begin` to just before `end`."""

    begin: Moment
    end: Moment

    def __post_init__(self) -> None:
        if not 0 <= self.begin < self.end <= LATEST:
            raise _malformed("window: it does not begin after 1970, before it ends, before the year 10000")

    def covers(self, other: "Window") -> bool:
        """Whether all of `other` is in this one."""
        return self.begin <= other.begin and other.end <= self.end


class Substitute(msgspec.Struct, frozen=True):
    """Another capability that serves as well: each unit of it counts as `rate` thousandths of a unit."""

    capability: str
    rate: int

    def __post_init__(self) -> None:
        _check_name("substitute", self.capability)
        _check_integer("rate", self.rate, 1, MOST_RATE)


class Requirement(msgspec.Struct, frozen=True):
    """So many units of a capability throughout a window. Priority 1 comes before all others."""

    id: RequirementId
    capability: str
    quantity: int
    window: Window
    priority: int = 1
    place: str | None = None
    weight: int = 1
    """What a missing unit counts, among requirements of the same priority."""
    minimum: int = 0
    """Less than this is of no use: the requirement gets at least so much, or nothing."""
    excluded: frozenset[str] = frozenset()
    """Offers with one of these caveats do not serve."""
    unwelcome: frozenset[str] = frozenset()
    """They serve, and are avoided where that costs nothing in shortfall."""
    substitutes: tuple[Substitute, ...] = ()

    def __post_init__(self) -> None:
        _check_id("requirement", self.id)
        _check_name("capability", self.capability)
        _check_integer("quantity", self.quantity, 1, MOST_UNITS)
        _check_integer("priority", self.priority, 1, PRIORITIES)
        _check_integer("weight", self.weight, 1, MOST_WEIGHT)
        _check_integer("minimum", self.minimum, 0, self.quantity)
        _check_names("excluded", self.excluded)
        _check_names("unwelcome", self.unwelcome)
        if self.place is not None:
            _check_name("place", self.place)
        if len(self.substitutes) > MOST_NAMES or len(self.rates) != 1 + len(self.substitutes):
            raise _malformed(f"substitutes: a capability is named twice, or more than {MOST_NAMES} are")

    @property
    def rates(self) -> dict[str, int]:
        """What serves, and what a unit of it counts, per mille."""
        return {self.capability: WHOLE} | {each.capability: each.rate for each in self.substitutes}


class Offer(msgspec.Struct, frozen=True):
    """So many units of a capability that a nation would give, throughout a window."""

    id: OfferId
    nation: Nation
    capability: str
    quantity: int
    window: Window
    places: frozenset[str] = frozenset()
    """Where it can be used; anywhere if none is named."""
    caveats: frozenset[str] = frozenset()
    exclusive: bool = False
    """Whether it stays together: at any time it serves one requirement only."""
    reusable: bool = False
    """Whether a unit may serve again where the window of another requirement does not overlap; otherwise it serves once."""
    taken: int = 0
    """Units that are allocated already."""
    only: RequirementId | None = None
    """The one requirement that it is offered for, if it is."""

    def __post_init__(self) -> None:
        _check_id("offer", self.id)
        parse_nation(self.nation)
        _check_name("capability", self.capability)
        _check_integer("quantity", self.quantity, 1, MOST_UNITS)
        _check_names("places", self.places)
        _check_names("caveats", self.caveats)
        _check_integer("taken", self.taken, 0, self.quantity)

    @property
    def left(self) -> int:
        """Units that can still be allocated."""
        return self.quantity - self.taken


class Allocation(msgspec.Struct, frozen=True):
    """A proposal that so many units of an offer serve a requirement. It binds nobody: the offering nation's key does."""

    requirement: RequirementId
    offer: OfferId
    nation: Nation
    quantity: int
    rate: int
    """What a unit counts, per mille."""
    against: tuple[str, ...] = ()
    """Caveats of the offer that are unwelcome here."""


Proof = Literal["dual", "branch", "enumerated", "none"]
"""How a bound was proven: by multipliers that were checked again here, by HiGHS's branching, by ruling out every lesser value,
or only by what holds anyway."""


class Stage(msgspec.Struct, frozen=True):
    """One objective, minimised with those before it held at their values: what was reached, and what nothing can be below."""

    name: str
    """`shortfall-<priority>`, `caveats`, `fairness` or `total`."""
    value: float
    bound: float
    proof: Proof

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a share of it."""
        return 0.0 if self.value <= self.bound else (self.value - self.bound) / self.value


GapKind = Literal[
    "none-offered", "reserved", "allocated", "place", "window", "caveat", "elsewhere", "here", "minimum", "open"
]


class Reason(msgspec.Struct, frozen=True):
    """Why some offers do not close a gap; `none-offered` and `minimum` name no offer."""

    kind: GapKind
    offers: tuple[OfferId, ...] = ()
    used_by: tuple[RequirementId, ...] = ()
    """Of `elsewhere`: what they serve instead."""


class Gap(msgspec.Struct, frozen=True):
    """A requirement that is not filled, by how much, and why."""

    requirement: RequirementId
    missing: int
    """Thousandths of a unit."""
    reasons: tuple[Reason, ...]


class Burden(msgspec.Struct, frozen=True):
    """What a nation gives by this proposal, and the key that it is measured by."""

    nation: Nation
    units: int
    key: int


class Matching(msgspec.Struct, frozen=True):
    """A proposal, in the order of ids: who serves what, how good it is proven to be, and what is still missing."""

    allocations: tuple[Allocation, ...]
    stages: tuple[Stage, ...]
    gaps: tuple[Gap, ...]
    burdens: tuple[Burden, ...]

    @property
    def gap(self) -> float:
        """The greatest of its stages' gaps."""
        return max((stage.gap for stage in self.stages), default=0.0)


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what="requirement or offer")


def _check_id(field: str, value: str) -> None:
    if not _ID.fullmatch(value):
        raise _malformed(f"{field}: an id is 1 to 128 characters without spaces")


def _check_name(field: str, value: str) -> None:
    if len(value) > _NAME_CHARACTERS or not _NAME.fullmatch(value):
        raise _malformed(f"{field}: {value[:_NAME_CHARACTERS]!r} is not words of a–z and 0–9 joined by hyphens")


def _check_names(field: str, values: frozenset[str]) -> None:
    if len(values) > MOST_NAMES:
        raise _malformed(f"{field}: {len(values)} names, {MOST_NAMES} allowed")
    for value in values:
        _check_name(field, value)


def _check_integer(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise _malformed(f"{field}: {value} is not between {least} and {most}")
