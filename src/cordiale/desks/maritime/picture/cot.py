"""The picture as Cursor-on-Target 2.0 (MITRE MTR100062): an `event` for each vessel, in one document.

Tracks are of the surface and neutral (`a-n-S…`), or unknown where a vessel said nothing of itself (`a-u-S`). There is no other
affiliation here, whatever was found of a vessel: this is awareness, and nothing that could be taken for a target.
"""

from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from cordiale.desks.maritime.picture.geojson import alerts_of
from cordiale.desks.maritime.picture.scene import Scene, type_words
from cordiale.desks.maritime.picture.state import State
from cordiale.vocab.moment import MINUTE, Moment, iso

UNKNOWN: Final = "9999999.0"
"""What the standard writes for an error or a height that isn't known."""
STALE: Final = 30 * MINUTE
KNOT: Final = 1852 / 3600
_KINDS: Final = (
    (30, 30, "a-n-S-X-F"),
    (36, 37, "a-n-S-X-R"),
    (60, 69, "a-n-S-X-M-P"),
    (70, 79, "a-n-S-X-M-C"),
    (80, 89, "a-n-S-X-M-O"),
)


def write(scene: Scene) -> bytes:
    """The document."""
    root = Element("events", marking=scene.marking)
    alerts = alerts_of(scene)
    for state in scene.states:
        root.append(_event(scene, state, len(alerts.get(state.mmsi, ()))))
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8") + b"\n"


def kind(state: State) -> str:
    """The event's type: neutral by the type of ship, or unknown."""
    if not state.identity.ship_type and not state.identity.name:
        return "a-u-S"
    return next((code for low, high, code in _KINDS if low <= state.identity.ship_type <= high), "a-n-S-X")


def _event(scene: Scene, state: State, alerts: int) -> Element:
    event = Element(
        "event",
        version="2.0",
        uid=f"AIS.{state.mmsi}",
        type=kind(state),
        how="m-r",
        time=iso(scene.made),
        start=iso(state.time),
        stale=iso(Moment(state.time + STALE)),
    )
    SubElement(event, "point", lat=f"{state.lat:.6f}", lon=f"{state.lon:.6f}", hae=UNKNOWN, ce=UNKNOWN, le=UNKNOWN)
    detail = SubElement(event, "detail")
    SubElement(detail, "contact", callsign=_clean(state.identity.name) or str(state.mmsi))
    if state.sog is not None and state.cog is not None:
        SubElement(detail, "track", course=f"{state.cog:.1f}", speed=f"{state.sog * KNOT:.2f}")
    SubElement(detail, "marking").text = scene.marking
    told = [f"MMSI {state.mmsi}", type_words(state.identity.ship_type, scene.language)]
    told += [{"en": f"{alerts} alerts", "fr": f"{alerts} alertes"}[scene.language]] if alerts else []
    SubElement(detail, "remarks").text = "; ".join(part for part in told if part)
    return event


def _clean(text: str) -> str:
    """Without what XML 1.0 can't hold."""
    return "".join(mark for mark in text if mark.isprintable())
