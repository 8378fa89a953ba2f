"""The answers that the program itself gives, where no nation's rule can: in both languages, with the reason.

A nation's rules are in its policy file. These are the few that hold for every nation: a label at home, a label that
does not fit its policy, originator control, the order of levels.
"""

from typing import Final

from cordiale.labels.phrase import Phrase
from cordiale.labels.soundness import RESERVED
from cordiale.wire.canonical import Record

SOURCE: Final = "Cordiale, docs/labels.md, “What the program decides itself”"


class Verdict(Record, frozen=True):
    """Whether, by which rule, why and by what right: a decision before it is tied to a label."""

    release: bool
    rule: str
    reason: Phrase
    source: str


_ANSWERS: Final = {
    "home": (True, "It stays with the nation whose label it is: {}.", "Elle reste chez la nation de la marque : {}."),
    "within-ceiling": (True, "Within the room's ceiling: {}.", "Sous le plafond du salon : {}."),
    "clearance-reaches": (True, "The clearance reaches the level: {}.", "L'habilitation atteint le niveau : {}."),
    "label-invalid": (
        False,
        "The label does not fit its policy: {}.",
        "La marque n'est pas conforme à sa politique : {}.",
    ),
    "foreign-label": (
        False,
        "Another policy's label is not released onwards without its originator's rule: {}.",
        "Une marque d'une autre politique n'est pas transmise sans règle de son émetteur : {}.",
    ),
    "policy-unknown": (False, "The policy is not known here: {}.", "La politique n'est pas connue ici : {}."),
    "not-the-origins-policy": (
        False,
        "The label is neither by the sending nation's policy nor by a shared one: {}.",
        "La marque n'est ni de la politique de la nation d'envoi ni d'une politique commune : {}.",
    ),
    "no-equivalent": (
        False,
        "The equivalence table has no equivalent for this level: {}.",
        "La table d'équivalence n'a pas d'équivalent pour ce niveau : {}.",
    ),
    "not-released-to-us": (
        False,
        "The label itself does not release it to this nation; its rule: {}.",
        "La marque elle-même ne l'ouvre pas à cette nation ; sa règle : {}.",
    ),
    "clearance-unknown": (
        False,
        "The clearance is no level of the nation's policy: {}.",
        "L'habilitation n'est pas un niveau de la politique de la nation : {}.",
    ),
    "clearance-too-low": (
        False,
        "The clearance does not reach the level: {}.",
        "L'habilitation n'atteint pas le niveau : {}.",
    ),
    "above-ceiling": (False, "Above the room's ceiling: {}.", "Au-dessus du plafond du salon : {}."),
    "excludes-a-member": (
        False,
        "It excludes a nation that the room's ceiling admits: {}.",
        "Elle exclut une nation que le plafond du salon admet : {}.",
    ),
}
"""Released or not, and why; the braces take identifiers, never content."""


def built_in(rule: str, about: str) -> Verdict:
    """The program's own verdict `rule`, naming what it is about."""
    release, en, fr = _ANSWERS[rule]
    return Verdict(release, RESERVED + rule, Phrase(en.format(about), fr.format(about)), SOURCE)
