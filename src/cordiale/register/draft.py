"""A record before it is sent: every field salted and committed to, shown up to a stage of disclosure.

    T1 coarse   where and when, roughly      fields of tier 1
    T2 shared   what may be worked with      tiers 1 and 2
    T3 all                                   every field

What the other side can read is what it was sent: a field that is not shown stays here, as its opening, until its owner
discloses it. (T0, that there is something at all, is `cordiale.register.deconfliction`'s and sends no record.)
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from cordiale.crypto.entropy import fresh
from cordiale.errors import Malformed
from cordiale.register.act import Propose
from cordiale.register.record import RECORD_ID_BYTES, SALT_BYTES, Head, Opening, RecordId, Terms, field_digest
from cordiale.register.schema import Schema, faults, told
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation


class Draft(msgspec.Struct, frozen=True):
    """Fields with their openings; the owner keeps `openings`, others get what a stage shows."""

    openings: Mapping[str, Opening]

    def __repr__(self) -> str:
        return f"Draft({len(self.openings)} fields)"

    @property
    def digests(self) -> dict[str, Digest]:
        """The commitments to all fields."""
        return {name: field_digest(name, opening) for name, opening in self.openings.items()}

    def shown(self, schema: Schema, tier: int) -> dict[str, Opening]:
        """What a stage of disclosure shows. A field that the schema doesn't know is shown last."""
        names = schema.shown_at(tier)
        return {name: opening for name, opening in self.openings.items() if name in names or tier == 3}

    def hidden(self, schema: Schema, tier: int) -> dict[str, Opening]:
        """What that stage keeps back."""
        shown = self.shown(schema, tier)
        return {name: opening for name, opening in self.openings.items() if name not in shown}

    def proposed(self, schema: Schema, head: Head, tier: int, sight: tuple[Digest, ...] = ()) -> Propose:
        """As a proposal."""
        return Propose(head, self.digests, self.shown(schema, tier), sight)


def draft(schema: Schema, values: Mapping[str, Any], *, whole: bool = True) -> Draft:
    """Values checked against their schema, each with a fresh salt; `Malformed` names every field that is wrong.

    `whole` is false for an edit, which need not repeat what stays.
    """
    found = faults(schema, schema.version, values)
    wrong = [fault for fault in found if whole or fault.field in values]
    if wrong:
        said = told(wrong)
        raise Malformed(said.en, what=f"{schema.type} record", detail_fr=said.fr)
    return Draft({name: Opening(fresh(SALT_BYTES), value) for name, value in values.items()})


def head_of(
    schema: Schema,
    owner: Nation,
    label: bytes,
    releasable_to: tuple[Nation, ...],
    terms: Terms,
    *,
    of: RecordId | None = None,
) -> Head:
    """The head of a new record of this schema."""
    return Head(of or RecordId(fresh(RECORD_ID_BYTES)), schema.type, schema.version, owner, label, releasable_to, terms)
