"""What both nations agree on before a run, and the size classes that hide exact counts.

Invariants of valid terms: two different nations; one to four grids, each a refinement of the one before; a span of
days no longer than ten years; a cap that is itself a size class.
"""

from typing import Final

from cordiale.crypto.digest import sha256
from cordiale.errors import Malformed
from cordiale.register.deconfliction.grid import FIRST_DAY, LAST_DAY, Grid, check_grids
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import DAY, LATEST, Moment
from cordiale.vocab.party import Address, Nation, parse_nation
from cordiale.wire import canonical
from cordiale.wire.canonical import Record

RUN_ID_BYTES: Final = 16
ELEMENTS: Final = 1 << 17
"""Padded elements of one side in one pass, at most."""
LEAST: Final = 64
"""The smallest size class."""
SPAN_DAYS: Final = 3_660
LONGEST: Final = 31 * DAY
"""From the proposal to the deadline."""
PURPOSE_CHARACTERS: Final = 256
REGISTER_BYTES: Final = 32
_DOMAIN: Final = b"cordiale deconfliction terms/1\x00"


class Budget(Record, frozen=True):
    """At most so many runs with one counterpart, and so many elements asked by it, in any period of so many days."""

    runs: int
    elements: int
    days: int


class Terms(Record, frozen=True):
    """One run: who, why, where it is logged, on which grids (coarse to fine), which days (inclusive) and how much.

    `most` caps the padded elements of one side in one pass. `run` is random and never used again. `people` are the two who
    consent, the initiator's and the responder's; what is not over by `until` is broken off.
    """

    run: bytes
    initiator: Nation
    responder: Nation
    purpose: str
    register: bytes
    grids: tuple[Grid, ...]
    first_day: int
    last_day: int
    most: int
    budget: Budget
    created: Moment
    people: tuple[str, str]
    until: Moment

    def digest(self) -> Digest:
        """What every message of the run names."""
        return sha256(_DOMAIN + canonical.encode(self))

    def counterpart(self, nation: Nation) -> Nation:
        """The other nation of the two."""
        return self.responder if nation == self.initiator else self.initiator


def check_terms(terms: Terms) -> None:
    """`Malformed` unless every invariant of this module holds."""
    if parse_nation(terms.initiator) == parse_nation(terms.responder):
        raise Malformed("a nation with itself", what="terms", detail_fr="une nation avec elle-même")
    if len(terms.run) != RUN_ID_BYTES or len(terms.register) > REGISTER_BYTES:
        raise Malformed(
            "an identifier has the wrong length", what="terms", detail_fr="un identifiant n’a pas la bonne longueur"
        )
    if len(terms.purpose) > PURPOSE_CHARACTERS or not terms.purpose.isprintable():
        raise Malformed(
            "the purpose is not one short line", what="terms", detail_fr="l’objet n’est pas une ligne courte"
        )
    if not FIRST_DAY <= terms.first_day <= terms.last_day <= min(LAST_DAY, terms.first_day + SPAN_DAYS):
        raise Malformed("the days are out of range", what="terms", detail_fr="les jours sont hors des limites")
    if not LEAST <= terms.most <= ELEMENTS or size_class(terms.most) != terms.most:
        raise Malformed(
            "the cap is not a size class", what="terms", detail_fr="le plafond n’est pas une classe de taille"
        )
    if min(terms.budget.runs, terms.budget.elements, terms.budget.days) < 0 or not 0 <= terms.created <= LATEST:
        raise Malformed("a number is out of range", what="terms", detail_fr="un nombre est hors des limites")
    if tuple(Address.parse(each).nation for each in terms.people) != (terms.initiator, terms.responder):
        raise Malformed(
            "the two people are not of the two nations",
            what="terms",
            detail_fr="les deux personnes ne sont pas des deux nations",
        )
    if not terms.created < terms.until <= min(LATEST, terms.created + LONGEST):
        raise Malformed("the deadline is out of range", what="terms", detail_fr="l’échéance est hors des limites")
    check_grids(terms.grids)


def size_class(count: int) -> int:
    """The smallest class that holds `count`: 64, then sixteen classes to each doubling, so 6.25 % more at most."""
    if count <= LEAST:
        return LEAST
    step = 1 << (count - 1).bit_length() - 5
    return -(-count // step) * step
