"""Activities as columns: a row for each volume, its times and altitudes widened by what they may differ by.

Altitudes above different references are compared where they can be at most: `low` and `high` are metres above mean sea level
between which a band lies wherever on the Earth it is. The geoid is between −107 and +86 m of the ellipsoid (EGM2008); land
between −430 m (the Dead Sea's shore) and 8,849 m (Everest).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from cordiale.desks.activity import ring
from cordiale.desks.activity.judge import Columns
from cordiale.desks.activity.kernel import Bytes, Floats, Ints, Longs, Shorts, fit
from cordiale.desks.activity.rules import Rules
from cordiale.desks.activity.sphere import EARTH_KM, PATH, POLYGON, Shapes
from cordiale.desks.activity.volume import REFERENCES, Activity, Circle, Corridor, Polygon, Position, Volume
from cordiale.errors import AlreadyExists, LimitExceeded
from cordiale.vocab.moment import SECOND
from cordiale.vocab.party import Nation

ACTIVITIES: Final = 4_000_000
NATIONS: Final = 1_000
_SPREAD: Final = {"msl": (0.0, 0.0), "wgs84": (-86.0, 107.0), "agl": (-430.0, 8_849.0)}
"""What is added to floor and ceiling to have metres above mean sea level for certain."""
_NOWHERE_KM: Final = -10.0 * EARTH_KM
"""The radius of what has no shape: less than any sum of radii can make up for, so that its box is inside out and meets none."""


class Plan(NamedTuple):
    """n rows as they are planned, before geometry is prepared. Shapes are `Shapes`' columns of the same names."""

    degrees: Floats
    """[m, 2] longitudes and latitudes."""
    first: Ints
    corners: Ints
    form: Bytes
    radius: Floats
    """[n] radians, uncertainty included."""
    begin: Longs
    """[n] milliseconds, uncertainty included."""
    end: Longs
    altitude: Floats
    """[n, 4] floor and ceiling above their own reference, low and high above mean sea level."""
    reference: Bytes
    kind: Shorts
    """[n] the row of the rules’ matrix."""
    nation: Shorts
    activity: Ints


class Row(msgspec.Struct, frozen=True):
    """Which volume of which activity a row is."""

    activity: Activity
    place: int

    @property
    def volume(self) -> Volume:
        return self.activity.volumes[self.place]


def columns(plan: Plan) -> Columns:
    """Unit vectors, gnomonic planes, inner points and boxes of every row."""
    rows, steps = len(plan.first), int(np.square(plan.corners, dtype=np.int64).sum())
    corner = fit(ring.unit, steps)(plan.degrees)
    shapes = Shapes(
        plan.first,
        plan.corners,
        plan.form,
        plan.radius,
        np.zeros((rows, 9)),
        np.zeros((rows, 3)),
        corner,
        np.zeros((len(corner), 3)),
        np.zeros((len(corner), 2)),
    )
    fit(ring.prepare, steps)(shapes, 0, rows)
    box = np.empty((rows, 6))
    fit(ring.boxes, steps)(shapes, 0, rows, box)
    timed = (plan.begin, plan.end, plan.altitude, plan.reference)
    return Columns(shapes, box, *timed, plan.kind, plan.nation, plan.activity)


class Nations:
    """A small number for each nation, in the order in which they are met."""

    def __init__(self) -> None:
        self._codes: dict[Nation, int] = {}

    def code(self, nation: Nation) -> int:
        """The nation's number, a new one if need be."""
        if nation not in self._codes and len(self._codes) >= NATIONS:
            raise LimitExceeded(f"activities of more than {NATIONS} nations")
        return self._codes.setdefault(nation, len(self._codes))


class Table:
    """Activities in the order of their ids, and their columns. `AlreadyExists` where two have one id."""

    def __init__(self, activities: Iterable[Activity], rules: Rules) -> None:
        self.activities: Final = sorted(activities, key=lambda each: each.id)
        if len(self.activities) > ACTIVITIES:
            raise LimitExceeded(f"{len(self.activities)} activities at once, {ACTIVITIES} allowed")
        for one, other in zip(self.activities, self.activities[1:], strict=False):
            if one.id == other.id:
                raise AlreadyExists(one.id[:48], what="activity")
        self.rows: Final = [Row(each, place) for each in self.activities for place in range(len(each.volumes))]
        self.columns: Final = columns(plan(self.activities, rules, Nations()))


def plan(activities: Sequence[Activity], rules: Rules, nations: Nations) -> Plan:
    """The rows of activities, in their order."""
    rows = [(place, each, volume) for place, each in enumerate(activities) for volume in each.volumes]
    positions = [_positions(volume) for _, _, volume in rows]
    corners = np.array([len(each) for each in positions], np.int32)
    begins, ends = zip(*map(_span, (volume for _, _, volume in rows)), strict=True) if rows else ((), ())
    return Plan(
        degrees=np.array([each for corners in positions for each in corners], np.float64).reshape(-1, 2),
        first=(np.cumsum(corners) - corners).astype(np.int32),
        corners=corners,
        form=np.array([_form(volume) for _, _, volume in rows], np.int8),
        radius=np.array([_radius_km(volume) / EARTH_KM for _, _, volume in rows]),
        begin=np.array(begins, np.int64),
        end=np.array(ends, np.int64),
        altitude=np.array([list(_altitude(volume)) for _, _, volume in rows]).reshape(-1, 4),
        reference=np.array([REFERENCES.index(volume.altitude.reference) for _, _, volume in rows], np.int8),
        kind=np.array([rules.code(each.kind) for _, each, _ in rows], np.int16),
        nation=np.array([nations.code(each.nation) for _, each, _ in rows], np.int16),
        activity=np.array([place for place, _, _ in rows], np.int32),
    )


def _positions(volume: Volume) -> tuple[Position, ...]:
    shape = volume.shape
    if shape is None:
        return ((0.0, 0.0),)
    if isinstance(shape, Circle):
        return (shape.centre,)
    return shape.path if isinstance(shape, Corridor) else shape.ring


def _form(volume: Volume) -> int:
    return POLYGON if isinstance(volume.shape, Polygon) else PATH


def _radius_km(volume: Volume) -> float:
    shape, wider = volume.shape, volume.uncertainty.km
    if shape is None:
        return _NOWHERE_KM
    if isinstance(shape, Circle):
        return shape.radius_km + wider
    return shape.half_width_km + wider if isinstance(shape, Corridor) else wider


def _span(volume: Volume) -> tuple[int, int]:
    wider = math.ceil(volume.uncertainty.seconds * SECOND)
    return volume.interval.begin - wider, volume.interval.end + wider


def _altitude(volume: Volume) -> Iterator[float]:
    band = volume.altitude
    below, above = _SPREAD[band.reference]
    yield from (band.floor, band.ceiling, band.floor + below, band.ceiling + above)
