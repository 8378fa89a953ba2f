"""The maritime desk's manifest."""

from typing import Final

from cordiale.analysis.desk import Manifest, Part
from cordiale.desks.maritime.detect.detectors import DETECTORS
from cordiale.labels.phrase import Phrase

DESK: Final = Manifest(
    "maritime",
    Phrase("Maritime desk", "Bureau maritime"),
    Phrase(
        "The picture at sea from AIS: tracks, behaviour, identity, risk. Awareness only.",
        "La situation en mer d'après l'AIS : trajectoires, comportements, identités, risques. Connaissance seulement.",
    ),
    ("maritime",),
    tuple(Part(detector.name, detector.title) for detector in DETECTORS),
    (
        Part("geojson", Phrase("GeoJSON", "GeoJSON")),
        Part("csv", Phrase("CSV table", "Table CSV")),
        Part("cot", Phrase("Cursor-on-Target", "Cursor-on-Target")),
        Part("kml", Phrase("KML", "KML")),
    ),
)
