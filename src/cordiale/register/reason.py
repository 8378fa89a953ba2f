"""Why an act does not hold: which rule says so, and about what. Worded when somebody reads it, in their language.

A refusal is never stored: every agent folds the same acts to the same refusals, and each reader has their own words for them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from cordiale.labels.phrase import Phrase

RULES: Final[Mapping[str, Phrase]] = MappingProxyType(
    {
        "too-many": Phrase("the record has too many acts", "la fiche compte trop d’actes"),
        "unread": Phrase(
            "it speaks about a record that its author had not read",
            "il porte sur une fiche que son auteur n’avait pas lue",
        ),
        "other-version": Phrase(
            "it speaks about another version than its author had read",
            "il porte sur une autre version que celle que son auteur avait lue",
        ),
        "no-part": Phrase("{nation} has no part in the record", "{nation} n’a pas de part à la fiche"),
        "owner-only": Phrase("only the owner does that", "cela revient au seul propriétaire"),
        "step": Phrase(
            "{step} is not possible while the record is {status}",
            "{step} n’est pas possible dans l’état « {status} »",
        ),
        "proposed-before": Phrase("the record was proposed before", "la fiche a déjà été proposée"),
        "own-records": Phrase("a nation proposes its own records", "une nation propose ses propres fiches"),
        "key-turned": Phrase("the key of {nation} is turned already", "la clé de {nation} est déjà tournée"),
        "side-by-side": Phrase(
            "two edits of one field stand side by side: settle that first",
            "deux modifications d’un même champ sont côte à côte : tranchez d’abord",
        ),
        "not-committed": Phrase(
            "{field} is not what was committed to", "{field} n’est pas ce à quoi l’on s’était engagé"
        ),
        "own-people": Phrase(
            "a nation delegates to its own people", "une nation ne délègue qu’à ses propres personnes"
        ),
        "giver-hidden": Phrase(
            "{field} is not shown, which says whose key it takes",
            "{field} n’est pas montré, qui dit de qui il faut la clé",
        ),
        "giver-left-out": Phrase(
            "it could bind without the key of {nation}, who gives",
            "elle pourrait engager sans la clé de {nation}, qui donne",
        ),
        "workflow-unknown": Phrase(
            "the workflow {workflow} is not known here", "la procédure {workflow} n’est pas connue ici"
        ),
        "two-nations": Phrase(
            "two keys are those of exactly two nations", "deux clés sont celles d’exactement deux nations"
        ),
        "quorum-small": Phrase("a quorum is of two nations or more", "un quorum est d’au moins deux nations"),
        "silence-of-nobody": Phrase(
            "a silence procedure has a deadline and somebody who may be silent",
            "une procédure de silence a une échéance et quelqu’un qui puisse se taire",
        ),
        "partner-beyond": Phrase(
            "a partner proposes within its mandate", "un partenaire propose dans la limite de son mandat"
        ),
        "admitted-by-lead": Phrase(
            "partners are admitted by lead nations only", "seules des nations pilotes admettent des partenaires"
        ),
        "owner-agrees": Phrase(
            "the owner is one of the nations that agree", "le propriétaire est l’une des nations qui s’accordent"
        ),
        "person-only": Phrase("only a person turns a key", "seule une personne tourne une clé"),
        "no-key-asked": Phrase("no key of {nation} is asked for", "aucune clé de {nation} n’est demandée"),
        "mandate": Phrase(
            "the mandate of {nation} doesn't cover it, or has ended",
            "le mandat de {nation} ne le couvre pas, ou a pris fin",
        ),
        "may-not-sign": Phrase(
            "{person} may not sign for {nation}", "{person} n’est pas habilité à signer pour {nation}"
        ),
        "deadline-ahead": Phrase("the deadline has not passed", "l’échéance n’est pas passée"),
        "objected": Phrase("{nation} objected", "{nation} a fait objection"),
        "receipt-missing": Phrase(
            "nothing shows that {nation} had read it before the deadline",
            "rien ne montre que {nation} l’ait lue avant l’échéance",
        ),
        "not-heard": Phrase(
            "{nation} has not been heard since the deadline", "{nation} n’a pas été entendue depuis l’échéance"
        ),
        "senseless": Phrase(
            "its place or time makes no sense: {detail}", "son lieu ou son temps n’a pas de sens : {detail}"
        ),
        "sight": Phrase("it does not name what it overlaps: {records}", "il ne nomme pas ce qu’il recoupe : {records}"),
    }
)
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "amend": "modifier",
        "key": "tourner une clé",
        "last-key": "tourner la dernière clé",
        "object": "faire objection",
        "withdraw": "retirer",
        "lapse": "constater le silence",
        "fulfil": "constater l’exécution",
        "supersede": "remplacer",
        "proposed": "proposée",
        "part-keyed": "validée en partie",
        "objected": "contestée",
        "withdrawn": "retirée",
        "binding": "en vigueur",
        "fulfilled": "exécutée",
    }
)
"""Steps and states in French; in English they are called as in the tables."""
_NAMED: Final = ("step", "status")


class Reason(NamedTuple):
    """A rule of `RULES`, and what fills its braces."""

    rule: str
    facts: tuple[tuple[str, str], ...] = ()

    def text(self, language: str) -> str:
        """In the reader's language."""
        facts = dict(self.facts)
        if language == "fr":
            facts |= {name: WORDS.get(facts[name], facts[name]) for name in _NAMED if name in facts}
        return RULES[self.rule].text(language).format_map(facts)


def because(rule: str, **facts: str) -> Reason:
    """A reason; the facts are those that the rule's sentence names."""
    return Reason(rule, tuple(facts.items()))
