"""The picture as KML 2.2 (OGC 07-147r2): folders of vessels, alerts and shared records, with times and the marking."""

from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from cordiale.desks.maritime.picture.geojson import collection
from cordiale.desks.maritime.picture.scene import Scene
from cordiale.labels.phrase import Phrase

_FOLDERS: Final = (
    ("vessel", Phrase("Vessels", "Navires"), "ff9b6a1f"),
    ("alert", Phrase("Alerts", "Alertes"), "ff1f5fd0"),
    ("shared", Phrase("Shared by partners", "Partagé par les partenaires"), "ff7a2f8a"),
)
"""Kind, title, and colour as KML writes it: alpha, blue, green, red."""
_OWN: Final = frozenset({"kind", "marking", "time", "begin", "end", "explanation"})


def write(scene: Scene) -> bytes:
    """The document."""
    root = Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = SubElement(root, "Document")
    SubElement(document, "name").text = scene.marking
    features = collection(scene, "")["features"]
    for kind, _, colour in _FOLDERS:  # styles come before all that is shown
        _style(document, kind, colour)
    for kind, title, _ in _FOLDERS:
        folder = SubElement(document, "Folder")
        SubElement(folder, "name").text = title.text(scene.language)
        for feature in features:
            if feature["properties"]["kind"] == kind:
                _placemark(folder, feature)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8") + b"\n"


def _style(document: Element, kind: str, colour: str) -> None:
    style = SubElement(document, "Style", id=kind)
    SubElement(SubElement(style, "IconStyle"), "color").text = colour
    line = SubElement(style, "LineStyle")
    SubElement(line, "color").text = colour
    SubElement(line, "width").text = "3"


def _placemark(folder: Element, feature: dict[str, Any]) -> None:
    told = feature["properties"]
    mark = SubElement(folder, "Placemark", id=_name(feature["id"]))
    SubElement(mark, "name").text = _text(
        told.get("name") or told.get("title") or told.get("mmsi") or told.get("detector")
    )
    SubElement(mark, "description").text = _text(f"{told['marking']}\n{told.get('explanation', '')}".strip())
    if told.get("begin"):
        span = SubElement(mark, "TimeSpan")
        SubElement(span, "begin").text, SubElement(span, "end").text = told["begin"], told["end"]
    elif told.get("time"):
        SubElement(SubElement(mark, "TimeStamp"), "when").text = told["time"]
    SubElement(mark, "styleUrl").text = f"#{told['kind']}"
    extended = SubElement(mark, "ExtendedData")
    for name, value in told.items():
        if name not in _OWN and isinstance(value, str | int | float) and value != "":
            SubElement(SubElement(extended, "Data", name=name), "value").text = _text(value)
    _geometry(mark, feature["geometry"])


def _geometry(mark: Element, geometry: dict[str, Any]) -> None:
    points = geometry["coordinates"] if geometry["type"] == "LineString" else [geometry["coordinates"]]
    drawn = SubElement(mark, geometry["type"])
    SubElement(drawn, "coordinates").text = " ".join(f"{lon},{lat}" for lon, lat in points)


def _name(text: str) -> str:
    """An XML name: it begins with a letter."""
    return f"a-{text}" if not text[:1].isalpha() else text


def _text(value: Any) -> str:
    return "".join(mark for mark in str(value) if mark.isprintable() or mark == "\n")
