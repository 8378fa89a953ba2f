"""The forms that a picture is written in, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from cordiale.desks.maritime.picture import cot, geojson, kml, sheet
from cordiale.desks.maritime.picture.scene import Scene

FORMS: Final[Mapping[str, Callable[[Scene, str], bytes]]] = {
    "geojson": geojson.write,
    "csv": lambda scene, _name: sheet.write(scene),
    "cot": lambda scene, _name: cot.write(scene),
    "kml": lambda scene, _name: kml.write(scene),
}
