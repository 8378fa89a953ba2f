"""The picture as GeoJSON (RFC 7946) in the style of OGC API – Features – Part 1 (OGC 17-069r4, 7.16): a collection with
`timeStamp`, `numberMatched`, `numberReturned` and `links`. The marking stands with the whole and with each feature.
"""

from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

import msgspec

from cordiale.desks.maritime.picture import alert
from cordiale.desks.maritime.picture.scene import Scene, Shared, status_words, type_words
from cordiale.desks.maritime.picture.state import State
from cordiale.vocab.moment import iso

MEDIA_TYPE: Final = "application/geo+json"


def write(scene: Scene, name: str) -> bytes:
    """The collection; `name` is what it is to be found under, for its own link."""
    return msgspec.json.format(msgspec.json.encode(collection(scene, name)), indent=1)


def collection(scene: Scene, name: str) -> dict[str, Any]:
    """Vessels, then findings, then what partners share."""
    alerts = alerts_of(scene)
    features = [
        *(_vessel(scene, state, alerts.get(state.mmsi, [])) for state in scene.states),
        *(_finding(scene, document) for document in documents(scene)),
        *(_shared(scene, shared) for shared in scene.shared),
    ]
    return {
        "type": "FeatureCollection",
        **({"bbox": box} if (box := _box(features)) else {}),
        "marking": scene.marking,
        "timeStamp": iso(scene.made),
        "numberMatched": len(features),
        "numberReturned": len(features),
        "links": [{"href": quote(name), "rel": "self", "type": MEDIA_TYPE}],
        "features": features,
    }


def _box(features: list[dict[str, Any]]) -> list[float]:
    """West, south, east, north of all (RFC 7946, 5); west is greater than east where that is narrower (5.2)."""
    geometries = [feature["geometry"] for feature in features]
    points = [each["coordinates"] if each["type"] == "LineString" else [each["coordinates"]] for each in geometries]
    lons = sorted({lon for line in points for lon, _ in line})
    lats = [lat for line in points for _, lat in line]
    if not lons:
        return []
    gaps = [(after - before, before, after) for before, after in pairwise(lons)]
    widest, east, west = max(gaps, default=(0.0, 0.0, 0.0))
    around = lons[0] + 360.0 - lons[-1]
    return [lons[0], min(lats), lons[-1], max(lats)] if around >= widest else [west, min(lats), east, max(lats)]


def documents(scene: Scene) -> list[dict[str, Any]]:
    """The findings as JSON, with the names that the picture's vessels have."""
    known = {state.mmsi: state.identity for state in scene.states}
    return [alert.document(finding, known, scene.language) for finding in scene.findings]


def alerts_of(scene: Scene) -> dict[int, list[str]]:
    """MMSI to the ids of its findings."""
    found: dict[int, list[str]] = {}
    for finding in scene.findings:
        for mmsi in alert.mmsi_of(finding):
            found.setdefault(mmsi, []).append(finding.id)
    return found


def _vessel(scene: Scene, state: State, alerts: list[str]) -> dict[str, Any]:
    identity = state.identity
    properties = {
        "kind": "vessel",
        "marking": scene.marking,
        "time": iso(state.time),
        **alert.vessel_document(state.mmsi, identity),
        "type": type_words(identity.ship_type, scene.language),
        "destination": identity.destination,
        "length_m": identity.length or None,
        "speed_kn": state.sog,
        "course_deg": state.cog,
        "heading_deg": state.heading,
        "status": status_words(state.status, scene.language),
        "sanctions": scene.risks.get(state.mmsi, ""),
        "alerts": alerts,
    }
    return _feature(f"vessel-{state.mmsi}", [(state.lon, state.lat)], properties)


def _finding(scene: Scene, document: dict[str, Any]) -> dict[str, Any]:
    place = (document.pop("lon"), document.pop("lat"))
    return _feature(document["id"], [place], {"kind": "alert", "marking": scene.marking, **document})


def _shared(scene: Scene, shared: Shared) -> dict[str, Any]:
    properties = {
        "kind": "shared",
        "marking": shared.marking,
        "owner": shared.owner,
        "record": shared.record,
        "finding": shared.finding,
        "detector": shared.detector,
        "status": shared.status,
        "vessels": list(shared.vessels),
        "begin": iso(shared.begin),
        "end": iso(shared.end),
        "score": shared.score,
        "explanation": shared.why.text(scene.language),
        "place": [shared.lon, shared.lat],
    }
    line = shared.track if len(shared.track) > 1 else ((shared.lon, shared.lat),)
    return _feature(f"shared-{shared.record}", list(line), properties)


def _feature(name: str, line: list[tuple[float, float]], properties: dict[str, Any]) -> dict[str, Any]:
    points = [[round(lon, 6), round(lat, 6)] for lon, lat in line]
    geometry = (
        {"type": "Point", "coordinates": points[0]}
        if len(points) == 1
        else {"type": "LineString", "coordinates": points}
    )
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
