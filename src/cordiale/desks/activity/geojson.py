"""Activities as GeoJSON (RFC 7946), both ways: a Feature for each volume, and one text always gives one set of activities.

The geometry is a Polygon, or for a corridor its LineString and for a circle its Point, with the width beside it. A ring
that crosses the antimeridian is cut for display as section 3.1.9 asks for, one around a pole has no geometry; both then stand
whole in the property `ring`, which counts. Properties that are not ours are passed over.

GeoJSON draws edges as straight lines between degrees, we as great circles: corners are exact, long edges are not the same.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec

from cordiale.desks.activity.volume import (
    Activity,
    ActivityId,
    AltitudeBand,
    Circle,
    Corridor,
    Interval,
    Polygon,
    Position,
    Reference,
    Shape,
    Uncertainty,
    Volume,
)
from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.vocab.moment import from_datetime, iso
from cordiale.vocab.party import Nation
from cordiale.wire import typed

GEOJSON_BYTES: Final = 64 * 1024 * 1024
FEATURES: Final = 100_000
_HALF_TURN: Final = 180.0

_Place = tuple[float, float]
_Ring = Annotated[tuple[_Place, ...], msgspec.Meta(max_length=1_000)]


class _Properties(msgspec.Struct, frozen=True, omit_defaults=True):
    activity: str
    nation: str
    kind: str
    begin: str
    end: str
    floor: float
    ceiling: float
    reference: Reference = "msl"
    uncertainty_km: float = 0.0
    uncertainty_seconds: float = 0.0
    resources: tuple[str, ...] = ()
    half_width_km: float | None = None
    radius_km: float | None = None
    ring: _Ring | None = None


class _Area(msgspec.Struct, frozen=True, tag="Polygon"):
    coordinates: Annotated[tuple[_Ring, ...], msgspec.Meta(min_length=1, max_length=64)]


class _Areas(msgspec.Struct, frozen=True, tag="MultiPolygon"):
    coordinates: Annotated[tuple[tuple[_Ring, ...], ...], msgspec.Meta(max_length=64)]


class _Line(msgspec.Struct, frozen=True, tag="LineString"):
    coordinates: _Ring


class _Point(msgspec.Struct, frozen=True, tag="Point"):
    coordinates: _Place


_Geometry = _Area | _Areas | _Line | _Point


class _Feature(msgspec.Struct, frozen=True):
    properties: _Properties
    geometry: _Geometry | None
    type: Literal["Feature"]


class _Collection(msgspec.Struct, frozen=True):
    features: Annotated[tuple[_Feature, ...], msgspec.Meta(max_length=FEATURES)]
    type: Literal["FeatureCollection"]


def write(activities: Iterable[Activity]) -> bytes:
    """A FeatureCollection of all volumes, in their order."""
    features = tuple(_feature(each, volume) for each in activities for volume in each.volumes)
    return msgspec.json.encode(_Collection(features, "FeatureCollection"))


def read(payload: bytes) -> tuple[Activity, ...]:
    """Activities in the order in which they first appear. `Malformed` or `LimitExceeded` refuses all of it."""
    if len(payload) > GEOJSON_BYTES:
        raise LimitExceeded(f"GeoJSON: {len(payload)} bytes, {GEOJSON_BYTES} allowed")
    try:
        collection = typed.decode_json(payload, _Collection)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise _malformed(str(fault)[:200] or type(fault).__name__) from None
    volumes: dict[str, list[Volume]] = {}
    told: dict[str, _Properties] = {}
    for number, feature in enumerate(collection.features, 1):
        properties = feature.properties
        first = told.setdefault(properties.activity, properties)
        if (first.nation, first.kind, first.resources) != (properties.nation, properties.kind, properties.resources):
            raise _malformed(f"feature {number}: its activity has another nation, kind or resources before")
        volumes.setdefault(properties.activity, []).append(_volume(number, feature))
    return tuple(
        Activity(ActivityId(key), Nation(each.nation), each.kind, tuple(volumes[key]), each.resources)
        for key, each in told.items()
    )


def _feature(activity: Activity, volume: Volume) -> _Feature:
    shape, band = volume.shape, volume.altitude
    geometry, ring = _geometry(shape)
    properties = _Properties(
        activity=activity.id,
        nation=activity.nation,
        kind=activity.kind,
        begin=iso(volume.interval.begin),
        end=iso(volume.interval.end),
        floor=band.floor,
        ceiling=band.ceiling,
        reference=band.reference,
        uncertainty_km=volume.uncertainty.km,
        uncertainty_seconds=volume.uncertainty.seconds,
        resources=activity.resources,
        half_width_km=shape.half_width_km if isinstance(shape, Corridor) else None,
        radius_km=shape.radius_km if isinstance(shape, Circle) else None,
        ring=ring,
    )
    return _Feature(properties, geometry, "Feature")


def _geometry(shape: Shape | None) -> tuple[_Geometry | None, tuple[Position, ...] | None]:
    """What is drawn, and the whole ring where that is not what is drawn."""
    if shape is None:
        return None, None
    if isinstance(shape, Circle):
        return _Point(shape.centre), None
    if isinstance(shape, Corridor):
        return _Line(shape.path), None
    ring = _unwrapped((*shape.ring, shape.ring[0]))
    if ring == (*shape.ring, shape.ring[0]):
        return _Area((ring,)), None
    if abs(ring[-1][0] - ring[0][0]) > _HALF_TURN:
        return None, shape.ring
    turned = (tuple((x + turn, y) for x, y in ring[:-1]) for turn in (-2 * _HALF_TURN, 0.0, 2 * _HALF_TURN))
    parts = (_clipped(_clipped(each, _HALF_TURN, -1.0), -_HALF_TURN, 1.0) for each in turned)
    return _Areas(tuple(((*part, part[0]),) for part in parts if len(part) > 2)), shape.ring


def _unwrapped(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    """With longitudes that never jump: each the way round to the one before that is shorter."""
    found = [ring[0]]
    for x, y in ring[1:]:
        before = found[-1][0]
        found.append((x + 2 * _HALF_TURN * round((before - x) / (2 * _HALF_TURN)), y))
    return tuple(found)


def _clipped(ring: tuple[Position, ...], meridian: float, side: float) -> tuple[Position, ...]:
    """The part of a ring east (`side` 1) or west (−1) of a meridian (Sutherland and Hodgman)."""
    found: list[Position] = []
    for (x0, y0), (x1, y1) in pairwise((*ring, *ring[:1])):
        from_here, from_there = (x0 - meridian) * side, (x1 - meridian) * side
        if from_here >= 0:
            found.append((x0, y0))
        if from_here * from_there < 0:
            found.append((meridian, _latitude_at(meridian, (x0, y0), (x1, y1))))
    return tuple(found)


def _latitude_at(meridian: float, a: Position, b: Position) -> float:
    """Where the great circle through two positions crosses a meridian between them."""
    east, west = math.radians(b[0] - meridian), math.radians(meridian - a[0])
    rise = math.tan(math.radians(a[1])) * math.sin(east) + math.tan(math.radians(b[1])) * math.sin(west)
    return math.degrees(math.atan(rise / math.sin(east + west)))


def _volume(number: int, feature: _Feature) -> Volume:
    told = feature.properties
    try:
        begin, end = (from_datetime(_aware(each)) for each in (told.begin, told.end))
        return Volume(
            _shape(feature),
            AltitudeBand(told.floor, told.ceiling, told.reference),
            Interval(begin, end),
            Uncertainty(told.uncertainty_km, told.uncertainty_seconds),
        )
    except ValueError as fault:
        raise _malformed(f"feature {number}: {str(fault)[:100]}") from None
    except CordialeError as fault:
        raise type(fault)(f"feature {number}: {fault.detail}", what="GeoJSON") from None


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time has no zone")
    return found


def _shape(feature: _Feature) -> Shape:
    geometry, told = feature.geometry, feature.properties
    if told.ring is not None:
        return Polygon(told.ring)
    if isinstance(geometry, _Point) and told.radius_km is not None:
        return Circle(geometry.coordinates, told.radius_km)
    if isinstance(geometry, _Line) and told.half_width_km is not None:
        return Corridor(geometry.coordinates, told.half_width_km)
    if not isinstance(geometry, _Area):
        raise ValueError("a Polygon, a LineString with half_width_km or a Point with radius_km is needed")
    ring, *holes = geometry.coordinates
    if holes:
        raise ValueError("an area with holes: cut it in parts")
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring is not closed")
    return Polygon(ring[:-1])


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what="GeoJSON")
