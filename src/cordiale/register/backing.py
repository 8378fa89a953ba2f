"""Whose key a record can't do without, whatever its terms say: that of the nation which gives what it is about.

A schema names the field that says who gives (`keyed_by`). A key, or the passing of a deadline, counts only where that field is
shown and the record can't bind without the key of the nation that it names. Like every rule it is judged in the author's view,
and holds for the version that the key names: whoever changes the giver changes the hash.
"""

from collections.abc import Mapping
from typing import Any

from cordiale.register.reason import Reason, because
from cordiale.register.record import Head, Opening, Terms
from cordiale.register.schema import Schema, shipped
from cordiale.register.workflow import LEAD, QUORUM, SILENCE, TWO_KEYS, needed
from cordiale.vocab.party import Nation


def terms_of(schema: Schema, owner: Nation, nations: tuple[Nation, ...], openings: Mapping[str, Opening]) -> Terms:
    """The terms of a schema for a room of these nations. Where somebody else gives, the two keys are the owner's and theirs."""
    giver: Any = openings[schema.keyed_by].value if schema.keyed_by in openings else None
    if schema.workflow != TWO_KEYS or giver is None or len(nations) == 2:
        return Terms(schema.workflow, nations)
    if giver in nations and giver != owner:
        return Terms(TWO_KEYS, tuple(sorted((owner, giver))))
    return Terms(LEAD, nations)


def fault(head: Head, shown: Mapping[str, Opening]) -> Reason | None:
    """Why nobody's key counts for a record with these fields; None where keys do."""
    schema = shipped().get(head.type)
    if schema is None or not schema.keyed_by:
        return None
    if schema.keyed_by not in shown:
        return because("giver-hidden", field=schema.keyed_by)
    giver: Any = shown[schema.keyed_by].value
    nations, count = needed(head)
    if not isinstance(giver, str) or giver not in nations or not _takes_all(head, count, len(nations)):
        return because("giver-left-out", nation=str(giver)[:20])
    return None


def _takes_all(head: Head, count: int, nations: int) -> bool:
    return head.terms.workflow != SILENCE and (head.terms.workflow != QUORUM or count == nations)
