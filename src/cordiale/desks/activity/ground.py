"""Activities as joint records: what of a record is shown, as an activity of this desk; what they meet, and why.

All judge by the rules that are shipped with the package: for what two nations' agents have to find alike, a nation's own matrix
cannot count. A record without areas or corridors takes up no place, but may use a resource; one without a band, every altitude.
Parts of one larger activity of one nation do not stand in each other's way.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from cordiale.desks.activity.conflict import Conflict, conflicts
from cordiale.desks.activity.coverage import Coverage, Requirement, gaps
from cordiale.desks.activity.explanation import reasons
from cordiale.desks.activity.rules import shipped
from cordiale.desks.activity.synergy import Synergy, synergies
from cordiale.desks.activity.volume import (
    HIGHEST_METRES,
    LOWEST_METRES,
    Activity,
    ActivityId,
    AltitudeBand,
    Corridor,
    Interval,
    Polygon,
    Position,
    Shape,
    Uncertainty,
    Volume,
)
from cordiale.errors import CordialeError, Malformed
from cordiale.register import kind as kinds
from cordiale.register import schema as schemas
from cordiale.register.kind import DEGREE
from cordiale.register.record import Head, Opening
from cordiale.register.sight import Shown, Span
from cordiale.vocab.moment import MINUTE, Moment
from cordiale.vocab.party import Nation

TYPE: Final = "activity"
_METRES: Final = 1_000.0
_SECONDS: Final = 60.0
_FIELDS: Final = frozenset({"kind", "span", "areas", "corridors", "band", "margin", "slack", "resources", "part_of"})
_FREE: Final = frozenset({"kind"})
"""Not held to the schema: of a kind that is not known here, the rules know what to think."""


class Taken:
    """The place and time that a record takes up."""

    def __init__(self, activity: Activity, whole: tuple[Nation, bytes]) -> None:
        self.activity: Final = activity
        self.whole: Final = whole
        wider = int(activity.volumes[0].uncertainty.seconds * _METRES)
        span = activity.volumes[0].interval
        self.span: Final[Span] = (Moment(span.begin - wider), Moment(span.end + wider))

    def apart_from(self, other: "Taken") -> bool:
        """What is cheap to see: other times, parts of one whole, no rule and no resource."""
        one, two, rules = self.activity, other.activity, shipped()
        if self.whole == other.whole or self.span[0] >= other.span[1] or other.span[0] >= self.span[1]:
            return True
        if any(rules.claims(resource) for resource in set(one.resources).intersection(two.resources)):
            return False
        return rules.against(one.kind, two.kind, same_nation=one.nation == two.nation) is None

    def conflicts(self, other: "Taken") -> list[Conflict]:
        """All between the two."""
        return [] if self.apart_from(other) else list(conflicts((self.activity, other.activity), shipped()))

    def meets(self, other: "Taken") -> bool:
        """Whether the two conflict."""
        return bool(self.conflicts(other))

    def why(self, other: "Taken", language: str) -> str:
        """The first of their conflicts in words."""
        return next((reasons(each, language) for each in self.conflicts(other)), "")


def footprint(head: Head, shown: Shown) -> Taken | None:
    """A record's activity by what is shown of it; None while that is no kind or no span, `Malformed` where it makes no sense."""
    values = {name: _value(name, opening) for name, opening in shown.items() if name in _FIELDS}
    if "kind" not in values or "span" not in values:
        return None
    begin, end = values["span"]
    rest = (_band(values.get("band")), Interval(Moment(begin), Moment(end)), _uncertainty(values))
    volumes = tuple(Volume(shape, *rest) for shape in _shapes(values)) or (Volume(None, *rest),)
    key = ActivityId(head.id.hex())
    activity = Activity(key, head.owner, values["kind"], volumes, tuple(dict.fromkeys(values.get("resources", ()))))
    return Taken(activity, (head.owner, values.get("part_of", head.id)))


def window(openings: Iterable[tuple[str, Opening]]) -> Span | None:
    """The hull of every span that was ever shown, wider by the greatest slack; None where one makes no sense."""
    begins, ends, slack = list[int](), list[int](), 0
    for name, opening in openings:
        if name in ("span", "slack"):
            try:
                value = _value(name, opening)
            except Malformed:
                return None
            slack = max(slack, value) if name == "slack" else slack
            begins += value[:1] if name == "span" else []
            ends += value[1:] if name == "span" else []
    return (
        (Moment(min(begins) - slack * MINUTE), Moment(max(ends) + slack * MINUTE)) if begins else (Moment(0), Moment(0))
    )


def _value(name: str, opening: Opening) -> Any:
    field = schemas.shipped()[TYPE].field(name)
    value: Any = opening.value
    if name in _FREE or field is None:
        if not isinstance(value, str):
            raise Malformed(f"{name} is not a text", what="activity")
        return value
    if why := kinds.fault(field.narrowed, value):
        raise Malformed(f"{name}: {why.en}", what="activity", detail_fr=f"{name} : {why.fr}")
    return list(cast("Iterable[Any]", value)) if isinstance(value, list | tuple) else value


def _shapes(values: dict[str, Any]) -> Iterable[Shape]:
    for area in values.get("areas", ()):
        yield Polygon(tuple(map(_position, area["ring"])))
    for corridor in values.get("corridors", ()):
        yield Corridor(tuple(map(_position, corridor["line"])), corridor["half_width"] / _METRES)


def _position(point: Any) -> Position:
    return point[0] / DEGREE, point[1] / DEGREE


def _band(value: Any) -> AltitudeBand:
    """What is above the desk's highest is at it: two satellites meet rather than not."""
    if value is None:
        return AltitudeBand(LOWEST_METRES, HIGHEST_METRES)
    return AltitudeBand(float(min(value[0], HIGHEST_METRES - 1.0)), float(min(value[1], HIGHEST_METRES)))


def _uncertainty(values: dict[str, Any]) -> Uncertainty:
    return Uncertainty(values.get("margin", 0) / _METRES, values.get("slack", 0) * _SECONDS)


# --- what people ask about all of a room's activities --------------------------------------------------------------


class Reserved(NamedTuple):
    """A resource that some record has taken for a span."""

    record: str
    owner: Nation
    resource: str
    span: Span


def meetings(taken: Sequence[Taken], reserved: Sequence[Reserved]) -> list[Conflict]:
    """All conflicts, but those between parts of one whole. A reservation `record#n` is as an activity without a place."""
    wholes = {each.activity.id: each.whole for each in taken}
    booked = [found for number, each in enumerate(reserved) if (found := _booked(each, number)) is not None]
    found = conflicts([*(each.activity for each in taken), *booked], shipped())
    return [each for each in found if _whole(wholes, each.a) != _whole(wholes, each.b)]


def near(taken: Sequence[Taken], km: float, days: float) -> tuple[Synergy, ...]:
    """Activities of two nations within so many kilometres and days, the nearest first."""
    placed = [each.activity for each in taken if each.activity.volumes[0].shape is not None]
    return synergies(placed, shipped(), km, days)


def lacking(taken: Sequence[Taken], requirements: Sequence[Requirement]) -> tuple[Coverage, ...]:
    """Required − present, for each region and week where something is missing."""
    return gaps(requirements, [each.activity for each in taken], shipped())


def requirement(
    region: str, shape: Mapping[str, Any], weeks: Sequence[str], required: int, kinds_: Sequence[str]
) -> Requirement:
    """So many activities of these kinds (any, if none is named) in an area, in each of the weeks `2027-W05`.

    `shape` as a record's area or corridor.
    """
    found = next(iter(_shapes({"areas": [shape]} if "ring" in shape else {"corridors": [shape]})))
    return Requirement(region, found, tuple(weeks), required, frozenset(kinds_))


def _booked(each: Reserved, number: int) -> Activity | None:
    if not shipped().claims(each.resource):
        return None
    nowhere = Volume(None, AltitudeBand(LOWEST_METRES, HIGHEST_METRES), Interval(*each.span))
    key = ActivityId(f"{each.record}#{number}")
    try:
        return Activity(key, each.owner, "reservation", (nowhere,), (each.resource,))
    except CordialeError:
        return None


def _whole(wholes: Mapping[ActivityId, object], key: ActivityId) -> object:
    """A reservation belongs to its own record's activity."""
    return wholes.get(ActivityId(key.partition("#")[0]), key.partition("#")[0])
