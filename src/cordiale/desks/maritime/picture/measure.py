"""Names and units of the detectors' measures in both languages. A measure without a row here is told by its own name."""

from collections.abc import Mapping
from typing import Final

from cordiale.labels.phrase import Phrase

NAMES: Final[Mapping[str, Phrase]] = {
    "after_crossing": Phrase("after the crossing", "après le passage"),
    "between": Phrase("time between", "temps écoulé"),
    "changed": Phrase("fields changed", "champs modifiés"),
    "turns": Phrase("changes in turns", "alternances"),
    "alternations": Phrase("alternations", "alternances"),
    "anchored_before": Phrase("anchored before", "au mouillage auparavant"),
    "angle": Phrase("angle", "angle"),
    "crossing_speed": Phrase("speed at the crossing", "vitesse au passage"),
    "crossings": Phrase("crossings", "passages"),
    "distance": Phrase("distance", "distance"),
    "dragging_for": Phrase("dragging for", "durée de la chasse"),
    "drifting_for": Phrase("drifting for", "durée de la dérive"),
    "duration": Phrase("duration", "durée"),
    "from_anchorage": Phrase("from an anchorage", "distance d'un mouillage"),
    "greatest_speed": Phrase("greatest speed", "vitesse maximale"),
    "grounds": Phrase("grounds", "motifs"),
    "heard_before": Phrase("heard before", "entendu auparavant"),
    "hours": Phrase("time between", "temps écoulé"),
    "implied_speed": Phrase("implied speed", "vitesse impliquée"),
    "inland": Phrase("inland", "dans les terres"),
    "last_reported_speed": Phrase("last speed reported", "dernière vitesse émise"),
    "least_distance": Phrase("least distance", "distance minimale"),
    "mean_angle": Phrase("mean angle", "angle moyen"),
    "mean_distance": Phrase("mean distance", "distance moyenne"),
    "mean_speed": Phrase("mean speed", "vitesse moyenne"),
    "moored_share": Phrase("share moored", "part à quai"),
    "over_cable": Phrase("over the cable", "au-dessus du câble"),
    "own_speed": Phrase("own usual speed", "vitesse habituelle"),
    "own_speed_before": Phrase("own speed before", "vitesse auparavant"),
    "path": Phrase("path", "chemin parcouru"),
    "radius": Phrase("radius", "rayon"),
    "reported_speed": Phrase("speed reported", "vitesse émise"),
    "reports": Phrase("reports", "comptes rendus"),
    "reports_after": Phrase("reports after", "comptes rendus ensuite"),
    "reports_off": Phrase("reports off the circle", "comptes rendus hors du cercle"),
    "reports_on": Phrase("reports on the circle", "comptes rendus sur le cercle"),
    "sectors": Phrase("sectors", "secteurs"),
    "service_vessel": Phrase("service vessel", "navire de service"),
    "silent": Phrase("silent", "silence"),
    "slow_for": Phrase("slow for", "durée du ralentissement"),
    "speed": Phrase("speed", "vitesse"),
    "speed_after": Phrase("speed after", "vitesse ensuite"),
    "speed_before": Phrase("speed before", "vitesse auparavant"),
    "speed_between": Phrase("speed between", "vitesse entre-temps"),
    "ticks": Phrase("ten-minute marks", "repères de dix minutes"),
    "travelled_speed": Phrase("speed made good", "vitesse effective"),
}
_UNITS: Final[Mapping[str, str]] = {"kn": "nd", "degrees": "°", "NM": "M"}


def name(measure: str, language: str) -> str:
    """What a measure is called."""
    known = NAMES.get(measure)
    return known.text(language) if known else measure.replace("_", " ")


def amount(value: float, unit: str, language: str, digits: int = 3) -> str:
    """A number with its unit, as the language writes both."""
    text = f"{value:.{digits}g}"
    if language == "fr":
        text, unit = text.replace(".", ","), _UNITS.get(unit, unit)
    return f"{text} {unit}".strip()
