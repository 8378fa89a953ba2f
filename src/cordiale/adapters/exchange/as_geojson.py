"""Records as GeoJSON (RFC 7946), both ways: a Feature for each, with the foreign member `marking` on it and on the collection.

The geometry is what can be drawn of its fields: a position as Point, a corridor as LineString, an area as Polygon; several
in a GeometryCollection; none where the record has no place, which section 3.2 allows. What crosses the antimeridian is cut as
section 3.1.9 asks. The fields stand whole in `properties`, and those count when the file is read again; a Feature from
elsewhere gives its geometry to the schema's first field of that form.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from cordiale.adapters.exchange import given
from cordiale.adapters.exchange.antimeridian import cut_line, cut_ring
from cordiale.adapters.exchange.extract import Extract, Row
from cordiale.adapters.exchange.given import Given
from cordiale.errors import Malformed
from cordiale.labels.phrase import Phrase
from cordiale.register.schema import Fault, Field, Schema

_OWN: Final = ("type", "owner", "status", "hash", "keys", "keys_needed", "superseded_by", "withheld", "conflicts")
_NO_FEATURE: Final = Phrase("not a Feature", "n’est pas une Feature")
_FORMS: Final = {"position": "Point", "area": "Polygon"}


def write(extract: Extract) -> bytes:
    """A FeatureCollection of all records, in their order."""
    collection = {
        "type": "FeatureCollection",
        "marking": extract.marking,
        "title": extract.title,
        "features": [_feature(row) for row in extract.rows],
    }
    return msgspec.json.format(msgspec.json.encode(collection, order="deterministic"), indent=1) + b"\n"


def _feature(row: Row) -> dict[str, Any]:
    shapes = [shape for name in row.values for shape in _drawn(row.field(name), row.values[name])]
    several = {"type": "GeometryCollection", "geometries": shapes}
    return {
        "type": "Feature",
        "id": row.id,
        "marking": row.marking,
        "record": {name: row.document[name] for name in _OWN},
        "geometry": None if not shapes else shapes[0] if len(shapes) == 1 else several,
        "properties": row.values,
    }


def _drawn(field: Field | None, value: Any) -> Iterator[dict[str, Any]]:
    if field is None:
        return
    items = cast("Sequence[Any]", value) if field.kind == "list" else (value,)
    for item in items:
        match field.item or field.kind:
            case "position":
                yield {"type": "Point", "coordinates": item}
            case "corridor":
                yield _one_or_many("LineString", cut_line(item["line"]))
            case "area":
                rings = cut_ring(item["ring"])
                if rings:
                    yield _one_or_many("Polygon", [[[*ring, ring[0]]] for ring in rings])
            case _:
                pass


def _one_or_many(form: str, parts: Sequence[Any]) -> dict[str, Any]:
    if len(parts) == 1:
        return {"type": form, "coordinates": parts[0]}
    return {"type": f"Multi{form}", "coordinates": parts}


# --- reading ------------------------------------------------------------------------------------------------------


def read(data: bytes, schema: Schema) -> list[Given]:
    """The Features of a FeatureCollection; a row's place is its number, from 1."""
    found = given.document(data, "GeoJSON")
    features = cast("Mapping[str, Any]", found).get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise Malformed("not a FeatureCollection", what="file")
    items = cast("list[Any]", features)
    given.checked_rows(len(items), "GeoJSON")
    return [_given(place, item, schema) for place, item in enumerate(items, 1)]


def _given(place: int, item: Any, schema: Schema) -> Given:
    if not isinstance(item, dict):
        return Given(place, "", {}, (Fault("", _NO_FEATURE),))
    feature = cast("Mapping[str, Any]", item)
    properties: Any = feature.get("properties") or {}
    if not isinstance(properties, dict):
        return Given(place, "", {}, (Fault("properties", given.NO_TABLE),))
    values = dict(cast("Mapping[str, Any]", properties))
    for name, value in _placed(feature.get("geometry"), schema):
        values.setdefault(name, value)
    record = feature.get("record")
    kind = str(cast("Mapping[str, Any]", record).get("type", "")) if isinstance(record, dict) else ""
    marking = feature.get("marking")
    return Given(place, marking if isinstance(marking, str) else "", values, given.of_another_type(kind, schema.type))


def _placed(geometry: Any, schema: Schema) -> Iterator[tuple[str, Any]]:
    """The geometry as the first field of its form. What has no exact counterpart (holes, many parts, a width) is not guessed."""
    if not isinstance(geometry, dict):
        return
    shape = cast("Mapping[str, Any]", geometry)
    field = next((one for one in schema.fields if _FORMS.get(one.kind) == shape.get("type")), None)
    corners = shape.get("coordinates")
    if field is None or not isinstance(corners, list):
        return
    parts = cast("list[Any]", corners)
    if field.kind == "position":
        yield field.name, parts[:2]
    elif len(parts) == 1 and isinstance(parts[0], list):
        ring = cast("list[Any]", parts[0])
        yield field.name, {"ring": ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring}
