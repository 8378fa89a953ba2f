"""A conflict in words, English or French: on each axis what is shared and by how much one must move, and by which rule."""

from typing import Final

from cordiale.desks.activity.conflict import Axis, Conflict
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import to_datetime

_HEAD: Final = Phrase(
    "{a} ({kind_a}, volume {m}) and {b} ({kind_b}, volume {n}) conflict.",
    "{a} ({kind_a}, volume {m}) et {b} ({kind_b}, volume {n}) sont en conflit.",
)
_TIME: Final = Phrase(
    "Time: both from {begin} to {end} UTC, {shared} shared; margin {margin}.",
    "Temps : les deux du {begin} au {end} UTC, {shared} en commun ; marge {margin}.",
)
_ALTITUDE: Final = Phrase(
    "Altitude: {shared} m shared; margin {margin} m.",
    "Altitude : {shared} m en commun ; marge {margin} m.",
)
_CAUTIOUS: Final = Phrase(
    "Their altitudes are above different references and were compared at their widest.",
    "Leurs altitudes ont des références différentes et ont été comparées au plus large.",
)
_PLACE: Final = Phrase(
    "Place: they reach into each other by at least {reach} km, which is the margin.",
    "Lieu : elles empiètent l'une sur l'autre d'au moins {reach} km, ce qui est la marge.",
)
_RULE: Final = Phrase("Rule {cause}: {why} ({source}).", "Règle {cause} : {why} ({source}).")
_RESOURCE: Final = Phrase("Exclusive resource {cause}: {why}.", "Ressource exclusive {cause} : {why}.")
_LENGTHS: Final = ((86_400, Phrase("d", "j")), (3_600, Phrase("h", "h")), (60, Phrase("min", "min")))


def explain(conflict: Conflict, language: str) -> str:
    """Who, and `reasons`; English for any language that is not French."""
    return f"{_head(conflict, language)} {reasons(conflict, language)}"


def reasons(conflict: Conflict, language: str) -> str:
    """All axes, overlaps and margins, and the rule or resource."""
    sentences = [_time(conflict, language)]
    if conflict.altitude is not None and conflict.reach_km is not None:
        sentences.append(_metres(conflict.altitude, language))
        sentences += [_CAUTIOUS.text(language)] if conflict.cautious else []
        sentences.append(_PLACE.text(language).format(reach=_number(conflict.reach_km, 3, language)))
    reason = _RULE if conflict.reach_km is not None else _RESOURCE
    why = conflict.why.text(language)
    sentences.append(reason.text(language).format(cause=conflict.cause, why=why, source=conflict.source))
    return " ".join(sentences)


def _head(conflict: Conflict, language: str) -> str:
    kinds = (kind.text(language) for kind in conflict.kinds)
    kind_a, kind_b = kinds
    m, n = (place + 1 for place in conflict.volumes)
    return _HEAD.text(language).format(a=conflict.a, b=conflict.b, kind_a=kind_a, kind_b=kind_b, m=m, n=n)


def _time(conflict: Conflict, language: str) -> str:
    begin, end = (to_datetime(each).strftime("%Y-%m-%d %H:%M") for each in (conflict.begin, conflict.end))
    shared, margin = (_length(each, language) for each in (conflict.time.shared, conflict.time.margin))
    return _TIME.text(language).format(begin=begin, end=end, shared=shared, margin=margin)


def _metres(axis: Axis, language: str) -> str:
    shared, margin = (_number(each, 1, language) for each in (axis.shared, axis.margin))
    return _ALTITUDE.text(language).format(shared=shared, margin=margin)


def _length(seconds: float, language: str) -> str:
    """`2 d 3 h 5 min`, and seconds below a minute."""
    left, parts = seconds, list[str]()
    for unit, name in _LENGTHS:
        count, left = divmod(left, unit)
        parts += [f"{count:.0f} {name.text(language)}"] if count else []
    parts += [f"{_number(left, 3, language)} s"] if left or not parts else []
    return " ".join(parts)


def _number(value: float, digits: int, language: str) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text
