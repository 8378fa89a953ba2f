"""Names and units of the detectors' measures in both languages. A measure without a row here is told by its own name."""

from collections.abc import Mapping
from typing import Final

from cordiale.desks.maritime.detect.findings import UNKNOWN
from cordiale.labels.phrase import Phrase

NAMES: Final[Mapping[str, Phrase]] = {
    "after_crossing": Phrase("after the crossing", "après le passage"),
    "along": Phrase("with somebody heard on its way", "avec quelqu'un d'entendu en chemin"),
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
    "grounds": Phrase("why it is remarkable", "ce qui est remarquable"),
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
    "near": Phrase("others heard nearby", "autres entendus à proximité"),
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
_UNITS: Final[Mapping[str, Phrase]] = {
    "kn": Phrase("kn", "nd"),
    "degrees": Phrase("°", "°"),
    "NM": Phrase("NM", "M"),
    "minutes": Phrase("minutes", "minutes"),
    "of 16": Phrase("of 16", "sur 16"),
    "reports in 12 h": Phrase("reports in 12 h", "messages en 12 h"),
    "vessels an hour": Phrase("vessels an hour", "navires par heure"),
    "share of the hours": Phrase("of the hours", "des heures"),
    "of IMO number, name, call sign": Phrase("of IMO number, name, call sign", "parmi numéro OMI, nom, indicatif"),
}
_GROUNDS: Final = (
    (1, Phrase("faster after", "plus rapide ensuite")),
    (2, Phrase("slow for long", "longtemps lent")),
    (4, Phrase("short of its own speed just there", "sous sa propre vitesse à cet endroit précis")),
)
_SHARES: Final = frozenset({"along", "moored_share"})
_WHOLE: Final = 1000
"""From here on a number is told without decimals."""
_YES: Final = Phrase("yes", "oui")
_NO: Final = Phrase("no", "non")
_UNKNOWN: Final = Phrase("not known", "inconnu")


def name(measure: str, language: str) -> str:
    """What a measure is called."""
    known = NAMES.get(measure)
    return known.text(language) if known else measure.replace("_", " ")


def said(measure: str, value: float, unit: str, language: str) -> str:
    """A measure as people read it: shares in percent, yes or no, what is remarkable in words; −1 is not known."""
    if value == UNKNOWN:
        return _UNKNOWN.text(language)
    if measure == "service_vessel":
        return (_YES if value else _NO).text(language)
    if measure == "grounds":
        return ", ".join(ground.text(language) for bit, ground in _GROUNDS if int(value) & bit)
    if measure in _SHARES:
        return amount(100 * value, f"% {_unit(unit, language)}".strip(), language)
    if unit == "h" and 0 < value < 1:
        return amount(60 * value, "min", language)
    return amount(value, unit, language)


def amount(value: float, unit: str, language: str, digits: int = 3) -> str:
    """A number with its unit, as the language writes both; whole numbers whole."""
    text = f"{value:.0f}" if value == round(value) or abs(value) >= _WHOLE else f"{value:.{digits}g}"
    if language == "fr":
        text = text.replace(".", ",")
    return f"{text} {_unit(unit, language)}".strip()


def _unit(unit: str, language: str) -> str:
    known = _UNITS.get(unit)
    return known.text(language) if known else unit
