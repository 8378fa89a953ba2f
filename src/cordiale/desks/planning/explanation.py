"""Gaps and stages in words, English or French: what is missing, why, with the offers named, and how good a proposal is."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cordiale.desks.planning.demand import WHOLE, Gap, GapKind, Reason, Requirement, Stage
from cordiale.labels.phrase import Phrase

NAMED: Final = 8
"""So many ids are named; the others are counted."""

_HEAD: Final = Phrase(
    "{id}: {missing} of {quantity} units of {capability} are missing.",
    "{id} : il manque {missing} des {quantity} unités de {capability}.",
)
_REASONS: Final[dict[GapKind, Phrase]] = {
    "none-offered": Phrase(
        "Nobody offers this capability or a substitute.", "Personne n’offre cette capacité ni un substitut."
    ),
    "reserved": Phrase(
        "Offered for another requirement only: {offers}.", "Proposées pour un autre besoin seulement : {offers}."
    ),
    "allocated": Phrase("Allocated already, all of it: {offers}.", "Déjà attribuées en entier : {offers}."),
    "place": Phrase("Not usable at this place: {offers}.", "Pas utilisables en ce lieu : {offers}."),
    "window": Phrase(
        "Not available throughout the window: {offers}.", "Pas disponibles pendant toute la période : {offers}."
    ),
    "caveat": Phrase("Under a caveat that is excluded: {offers}.", "Sous une réserve qui est exclue : {offers}."),
    "elsewhere": Phrase("Used elsewhere ({used_by}): {offers}.", "Utilisées ailleurs ({used_by}) : {offers}."),
    "here": Phrase(
        "Used here, all of it, and not enough: {offers}.", "Utilisées ici, en entier, sans suffire : {offers}."
    ),
    "minimum": Phrase(
        "Not used, because it would not serve the minimum of {minimum}: {offers}.",
        "Pas utilisées, car le minimum de {minimum} ne serait pas servi : {offers}.",
    ),
    "open": Phrase(
        "Left over; the search ended within its gap or its time: {offers}.",
        "Restantes ; la recherche s’est arrêtée dans son écart ou son délai : {offers}.",
    ),
}
_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_MORE: Final = Phrase("{named} and {count} more", "{named} et {count} autres")
_STAGES: Final = {
    "shortfall": Phrase("shortfall of priority {priority}", "manque de la priorité {priority}"),
    "caveats": Phrase("units under unwelcome caveats", "unités sous des réserves peu souhaitées"),
    "fairness": Phrase("greatest share of a nation", "plus grande part d’une nation"),
    "total": Phrase("units given in all", "unités données en tout"),
}
_VALUE: Final = Phrase(
    "{name}: {value}, no less than {bound} is possible (gap {gap} %).",
    "{name} : {value}, pas moins de {bound} n’est possible (écart {gap} %).",
)


def explain(gap: Gap, requirement: Requirement, language: str, names: Mapping[str, str] = _NO_NAMES) -> str:
    """A gap and all its reasons; English for any language that is not French. `names` are what records
    and capabilities are called, by id."""
    missing = _number(gap.missing / WHOLE, language)
    head = _HEAD.text(language).format(
        id=names.get(requirement.id, requirement.id),
        missing=missing,
        quantity=requirement.quantity,
        capability=names.get(requirement.capability, requirement.capability),
    )
    return " ".join([head, *(_reason(each, requirement, language, names) for each in gap.reasons)])


def describe(stage: Stage, language: str) -> str:
    """What a stage reached and what is proven of it."""
    kind, _, priority = stage.name.partition("-")
    unit = WHOLE if kind == "shortfall" else 1
    numbers = {
        "value": _number(stage.value / unit, language),
        "bound": _number(stage.bound / unit, language),
        "gap": _number(100 * stage.gap, language),
    }
    return _VALUE.text(language).format(name=_STAGES[kind].text(language).format(priority=priority), **numbers)


def _reason(reason: Reason, requirement: Requirement, language: str, names: Mapping[str, str]) -> str:
    return (
        _REASONS[reason.kind]
        .text(language)
        .format(
            offers=_list(reason.offers, language, names),
            used_by=_list(reason.used_by, language, names),
            minimum=requirement.minimum,
        )
    )


def _list(ids: Sequence[str], language: str, names: Mapping[str, str]) -> str:
    named = ", ".join(names.get(each, each) for each in ids[:NAMED])
    if len(ids) <= NAMED:
        return named
    return _MORE.text(language).format(named=named, count=len(ids) - NAMED)


def _number(value: float, language: str) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text
