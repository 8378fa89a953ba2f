"""Sample records of the ready-made registers, each plainly marked EXERCISE and EXERCICE: `data/samples/<type>.json`.

Values stand there in the form of `cordiale.register.plain` and come out as `cordiale.register.draft` takes them. References in
a sample point to records that exist only where somebody has entered them.
"""

from importlib import resources
from typing import Any

import msgspec

from cordiale.errors import Malformed
from cordiale.labels.phrase import Phrase
from cordiale.register import plain
from cordiale.register.schema import Schema
from cordiale.wire import typed

Values = dict[str, Any]


class Samples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of samples: of which type, what they are, and each record's fields as JSON."""

    type: str
    note: Phrase
    records: tuple[Values, ...]


def shipped_samples(schema: Schema) -> Samples:
    """The file for a ready-made register."""
    data = (resources.files("cordiale.register") / "data" / "samples" / f"{schema.type}.json").read_bytes()
    return typed.decode_json(data, Samples)


def values(schema: Schema, record: Values) -> Values:
    """A sample's fields as its schema has them; `Malformed` names a field that it doesn't know or can't read."""
    found: Values = {}
    for name, value in record.items():
        field = schema.field(name)
        if field is None:
            raise Malformed(f"{schema.type} has no field {name[:40]!r}", what="sample")
        found[name] = plain.from_plain(field.narrowed, value)
    return found
