"""An activity and the volumes it takes up: shape on the Earth, altitude band, interval, uncertainty.

Positions are longitude and latitude in degrees, WGS 84, in the order of GeoJSON; edges are great circles on the sphere of
`sphere.EARTH_KM`. Model: the 4D volumes of ASTM F3548 strategic coordination. Whatever comes in is checked when it is made,
so that no volume without a meaning exists: `Malformed` or `LimitExceeded`, naming the field.
"""

import math
import re
from typing import Final, Literal, NewType, TypeAlias

import msgspec
import numpy as np

from cordiale.desks.activity import ring as rings
from cordiale.desks.activity.kernel import Floats, fit
from cordiale.desks.activity.sphere import PATH, POLYGON, Shapes
from cordiale.errors import LimitExceeded, Malformed
from cordiale.vocab.moment import LATEST, Moment
from cordiale.vocab.party import Nation, parse_nation

CORNERS: Final = 256
"""Of one ring or path."""
VOLUMES: Final = 64
"""Of one activity."""
RESOURCES: Final = 32
"""Of one activity."""
WIDEST_KM: Final = 5_000.0
"""A radius, a half width, an uncertainty of place."""
LOWEST_METRES: Final = -12_000.0
HIGHEST_METRES: Final = 100_000.0
LONGEST_UNCERTAINTY_SECONDS: Final = 366 * 86_400.0

ActivityId = NewType("ActivityId", str)
Position = tuple[float, float]
"""Longitude (−180 to 180) and latitude (−90 to 90), degrees."""
Reference = Literal["msl", "wgs84", "agl"]
"""Altitude above mean sea level, above the ellipsoid, or above the ground or water."""
REFERENCES: Final[tuple[Reference, ...]] = ("msl", "wgs84", "agl")

_ID: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,128}")
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RESOURCE: Final = re.compile(r"[a-z0-9-]{1,32}:[A-Za-z0-9._/ -]{1,96}")
_NAME_CHARACTERS: Final = 48
_FAULTS: Final = {
    rings.REPEATED: "a corner is named twice in a row",
    rings.HALF_WAY: "an edge goes half way around the Earth, so that its way is not known",
    rings.TOO_WIDE: "a corner is more than 80° from the area's centre: cut the area in parts",
    rings.CROSSED: "the ring crosses or touches itself",
    rings.FLAT: "the ring has no inside a metre deep",
}


class Polygon(msgspec.Struct, frozen=True, tag="polygon", tag_field="shape"):
    """The area inside a ring, which is not closed by its first corner again. Inside is the smaller side."""

    ring: tuple[Position, ...]

    def __post_init__(self) -> None:
        _check_corners(self.ring, 3)
        _check_shape(self.ring, POLYGON)


class Corridor(msgspec.Struct, frozen=True, tag="corridor", tag_field="shape"):
    """All within `half_width_km` of a path."""

    path: tuple[Position, ...]
    half_width_km: float

    def __post_init__(self) -> None:
        _check_corners(self.path, 2)
        _check_number("half_width_km", self.half_width_km, 0.0, WIDEST_KM, above=True)
        _check_shape(self.path, PATH)


class Circle(msgspec.Struct, frozen=True, tag="circle", tag_field="shape"):
    """All within `radius_km` of a point."""

    centre: Position
    radius_km: float

    def __post_init__(self) -> None:
        _check_corners((self.centre,), 1)
        _check_number("radius_km", self.radius_km, 0.0, WIDEST_KM, above=True)


Shape: TypeAlias = Polygon | Corridor | Circle


class AltitudeBand(msgspec.Struct, frozen=True):
    """From `floor` to `ceiling`, metres above `reference`; below the sea they are negative."""

    floor: float
    ceiling: float
    reference: Reference = "msl"

    def __post_init__(self) -> None:
        _check_number("floor", self.floor, LOWEST_METRES, HIGHEST_METRES)
        _check_number("ceiling", self.ceiling, LOWEST_METRES, HIGHEST_METRES)
        if self.floor >= self.ceiling:
            raise _malformed(f"altitude: the floor, {self.floor:g} m, is not below the ceiling, {self.ceiling:g} m")
        if self.reference not in REFERENCES:
            raise _malformed(f"altitude: the reference {self.reference!r} is not one of {', '.join(REFERENCES)}")


class Interval(msgspec.Struct, frozen=True):
    """From `begin` to just before `end`."""

    begin: Moment
    end: Moment

    def __post_init__(self) -> None:
        if not 0 <= self.begin < self.end <= LATEST:
            raise _malformed("interval: it does not begin after 1970, before it ends, before the year 10000")


class Uncertainty(msgspec.Struct, frozen=True):
    """By how much place and time may differ from what is planned; they widen a volume on every side."""

    km: float = 0.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        _check_number("uncertainty in km", self.km, 0.0, WIDEST_KM)
        _check_number("uncertainty in seconds", self.seconds, 0.0, LONGEST_UNCERTAINTY_SECONDS)


class Volume(msgspec.Struct, frozen=True):
    """Where and when. Without a shape it shares its place with nothing, but may use a resource."""

    shape: Shape | None
    altitude: AltitudeBand
    interval: Interval
    uncertainty: Uncertainty = msgspec.field(default_factory=Uncertainty)


class Activity(msgspec.Struct, frozen=True):
    """What a nation plans: a kind that the rules know (`live-fire`), its volumes, and what it uses (`range:salisbury-a`)."""

    id: ActivityId
    nation: Nation
    kind: str
    volumes: tuple[Volume, ...]
    resources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise _malformed("its id is empty, too long or has spaces")
        parse_nation(self.nation)
        check_kind(self.kind)
        for what, found, most in (("volumes", self.volumes, VOLUMES), ("resources", self.resources, RESOURCES)):
            if len(found) > most:
                raise LimitExceeded(f"activity: {len(found)} {what}, {most} allowed")
        if not self.volumes:
            raise _malformed("it has no volume")
        if len(set(self.resources)) < len(self.resources):
            raise _malformed("a resource is named twice")
        for resource in self.resources:
            if not _RESOURCE.fullmatch(resource):
                raise _malformed(f"the resource {resource[:48]!r} is not class:name")


def check_kind(kind: str) -> None:
    """`Malformed` unless it is lower-case words with hyphens, 48 characters at most."""
    if len(kind) > _NAME_CHARACTERS or not _NAME.fullmatch(kind):
        raise _malformed(f"the kind {kind[:48]!r} is not lower-case words with hyphens")


def one_shape(corner: Floats, form: int, radius: float = 0.0) -> Shapes:
    """A single prepared shape from unit vectors."""
    empty = np.zeros(0)
    shape = Shapes(
        np.zeros(1, np.int32),
        np.full(1, len(corner), np.int32),
        np.full(1, form, np.int8),
        np.full(1, radius),
        np.zeros((1, 9)),
        np.zeros((1, 3)),
        corner,
        np.zeros((len(corner), 3)),
        np.zeros((len(corner), 2)) if form == POLYGON else empty.reshape(0, 2),
    )
    fit(rings.prepare, len(corner) ** 2)(shape, 0, 1)
    return shape


def _check_corners(corners: tuple[Position, ...], least: int) -> None:
    if len(corners) > CORNERS:
        raise LimitExceeded(f"activity: {len(corners)} corners in one shape, {CORNERS} allowed")
    if len(corners) < least:
        raise _malformed(f"a shape has {len(corners)} corners, {least} are needed")
    for longitude, latitude in corners:
        if not (-180.0 <= longitude <= 180.0 and -90.0 <= latitude <= 90.0):  # neither is not-a-number
            raise _malformed("a position is not longitude −180 to 180 and latitude −90 to 90")


def _check_shape(corners: tuple[Position, ...], form: int) -> None:
    steps = len(corners) ** 2
    shape = one_shape(fit(rings.unit, steps)(np.array(corners, np.float64)), form)
    if found := fit(rings.fault, steps)(shape, 0):
        raise _malformed(_FAULTS[found])


def _check_number(name: str, value: float, least: float, most: float, *, above: bool = False) -> None:
    if not math.isfinite(value) or not least <= value <= most or (above and value == least):
        raise _malformed(f"{name} is {value:g}; {'above ' if above else ''}{least:g} to {most:g} is allowed")


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what="activity")
