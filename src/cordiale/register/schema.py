"""Schemas as data: what a type of record consists of, in TOML files of `data/`, one per register.

    type = "decision"          version = 1          workflow = "two-keys"
    title = { en = "Decision", fr = "Décision" }    help = { en = "…", fr = "…" }
    [[field]]
    name = "due"     kind = "day"     required = true     tier = 2
    title = { en = "Due", fr = "Échéance" }                help = { en = "…", fr = "…" }

`tier` is the stage of disclosure at which a field is shown: 1 coarse, 2 shareable, 3 all. Records are checked when they are
written and when they are read. A record of a newer version may have fields that are not known here: they are kept and shown
as they are. An older record lacks fields: those that its version did not ask for are not missed.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import msgspec

from cordiale.errors import CordialeError, Malformed, PolicyInvalid
from cordiale.labels.phrase import Phrase
from cordiale.register import kind as kinds
from cordiale.register.kind import Kind
from cordiale.register.workflow import TABLES
from cordiale.wire import limits, typed

TIERS: Final = (1, 2, 3)
"""What a stage of disclosure shows: the fields of this tier and below."""
_MISSING: Final = Phrase("it is missing", "manque")
FORMS: Final = frozenset({"table", "board", "calendar", "map"})


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of an enumeration and its words."""

    value: str
    title: Phrase


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field. `since` is the version that brought it."""

    name: str
    kind: str
    title: Phrase
    help: Phrase
    required: bool = False
    tier: int = 2
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    scale: int = 0
    item: str = ""
    to: str = ""
    most: int = limits.TEXT_CHARACTERS
    since: int = 1

    @property
    def narrowed(self) -> Kind:
        """The kind with what narrows it."""
        values = tuple(choice.value for choice in self.choices)
        return Kind(self.kind, values, self.scale, self.unit, self.item, self.to, self.most)


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"fields": "field", "named_by": "key"}):
    """A type of record. `named_by` (`key` in its file) is the field that names a record, `views` the forms it is best seen in.

    `keyed_by` is the field with the nation without whose key no such record binds (`cordiale.register.backing`)."""

    type: str
    version: int
    workflow: str
    title: Phrase
    help: Phrase
    named_by: str
    fields: tuple[Field, ...]
    views: tuple[str, ...] = ("table",)
    keyed_by: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    def shown_at(self, tier: int) -> frozenset[str]:
        """The names of the fields that a stage of disclosure shows."""
        return frozenset(field.name for field in self.fields if field.tier <= tier)


class Fault(NamedTuple):
    """A field that is wrong, and why."""

    field: str
    why: Phrase

    @classmethod
    def of(cls, field: str, error: CordialeError) -> "Fault":
        """What an error says about a field."""
        return cls(
            field[: limits.NAME_CHARACTERS], Phrase(error.detail, str(error.facts.get("detail_fr", error.detail)))
        )


def told(faults: Sequence[Fault]) -> Phrase:
    """Several in one sentence; the first eight."""
    shown = faults[:8]
    return Phrase(
        "; ".join(f"{fault.field}: {fault.why.en}" for fault in shown),
        " ; ".join(f"{fault.field} : {fault.why.fr}" for fault in shown),
    )


def no_such_field(schema: Schema, name: str) -> Fault:
    """A field that a register does not have."""
    why = Phrase(f"{schema.type} has no such field", f"{schema.type} n’a pas de tel champ")
    return Fault(name[: limits.NAME_CHARACTERS], why)


def faults(
    schema: Schema, version: int, values: Mapping[str, Any], *, withheld: frozenset[str] = frozenset()
) -> list[Fault]:
    """What is wrong with a record's values; `withheld` fields are there and not shown."""
    found = [
        Fault(field.name, _MISSING)
        for field in schema.fields
        if field.required and field.since <= version and field.name not in values and field.name not in withheld
    ]
    for name, value in values.items():
        field = schema.field(name)
        if field is None:
            if version <= schema.version:
                found.append(no_such_field(schema, name))
        elif why := kinds.fault(field.narrowed, value):
            found.append(Fault(name, why))
    return found


def parse(data: bytes) -> Schema:
    """A schema from its file, whole and sound, or `PolicyInvalid` or `Malformed` saying what is not."""
    if len(data) > limits.POLICY_BYTES:
        raise PolicyInvalid(f"a schema of {len(data)} bytes, {limits.POLICY_BYTES} allowed")
    try:
        schema = typed.convert_text(tomllib.loads(data.decode()), Schema)
    except (ValueError, msgspec.ValidationError) as fault:
        raise Malformed(str(fault).splitlines()[0][:160], what="schema") from None
    unsound = _unsound(schema)
    if unsound:
        raise PolicyInvalid(f"schema {schema.type[:40]}: {unsound}")
    return schema


def _unsound(schema: Schema) -> str:
    names = [field.name for field in schema.fields]
    if len(set(names)) != len(names) or not 0 < len(names) <= limits.RECORD_FIELDS:
        return "fields are missing, too many or of one name"
    if schema.named_by not in names or schema.workflow not in TABLES or not FORMS.issuperset(schema.views):
        return "its key, workflow or a view is not known"
    if schema.keyed_by and not any(field.name == schema.keyed_by and field.kind == "nation" for field in schema.fields):
        return "what it is keyed by is no nation"
    for field in schema.fields:
        if field.kind not in kinds.NAMES or (field.kind == "list") != (field.item in kinds.NAMES - {"list"}):
            return f"{field.name} is of no known kind"
        if field.tier not in TIERS or not 1 <= field.since <= schema.version or not 0 <= field.scale <= 9:
            return f"{field.name} has an impossible tier, version or scale"
        if (field.kind == "choice" or field.item == "choice") != bool(field.choices):
            return f"{field.name} and its choices disagree"
    return ""


@cache
def shipped() -> Mapping[str, Schema]:
    """The ready-made registers, by type."""
    folder = resources.files("cordiale.register") / "data"
    found = [parse(entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {schema.type: schema for schema in sorted(found, key=lambda schema: schema.type)}
