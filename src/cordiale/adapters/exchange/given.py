"""What a file gives to be imported: rows of plain values, each with its place in the file; judged later, by their schema.

A row that carries its own marking keeps it: an import never marks lower on its own what was exported higher.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from cordiale.errors import LimitExceeded, Malformed, WrongUsage
from cordiale.labels.phrase import Phrase
from cordiale.register.plain import from_text, to_plain
from cordiale.register.schema import Fault, Schema
from cordiale.wire import limits
from cordiale.wire.typed import decode_json

FILE_BYTES: Final = 64 * 1024 * 1024
ROWS: Final = 20_000
NO_TABLE: Final = Phrase("not a table", "n’est pas un tableau")


class Given(msgspec.Struct, frozen=True):
    """One row: its place as the file's reader counts, its marking or nothing, plain values, what was wrong already.

    `left_out` is what stands in the file and has no field."""

    place: int
    marking: str
    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()
    left_out: tuple[str, ...] = ()


def checked_size(data: bytes, what: str) -> bytes:
    """The bytes, or `LimitExceeded`."""
    if len(data) > FILE_BYTES:
        raise LimitExceeded(f"{what}: {len(data)} bytes, {FILE_BYTES} allowed")
    return data


def checked_rows(count: int, what: str) -> None:
    """`LimitExceeded` for more rows than are imported at once."""
    if count > ROWS:
        raise LimitExceeded(f"{what}: {count} rows, {ROWS} allowed at a time")


def document(data: bytes, what: str) -> Any:
    """A JSON file, or `Malformed`."""
    try:
        return decode_json(checked_size(data, what), cast("type[Any]", Any))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(str(fault)[:160] or type(fault).__name__, what="file") from None


def typed(schema: Schema, given: Sequence[str]) -> dict[str, Any]:
    """`field=value` as a person types them, in plain form; `WrongUsage` or `Malformed` for what is not understood."""
    values: dict[str, Any] = {}
    for each in given:
        name, equals, text = each.partition("=")
        whole, dot, language = name.partition(".")
        field = schema.field(whole)
        if not equals or field is None or (dot and field.kind != "bilingual"):
            raise WrongUsage(f"{each[: limits.NAME_CHARACTERS]!r} is not FIELD=VALUE of the register {schema.type}")
        if dot:
            values[whole] = {**values.get(whole, {}), language: text}
        else:
            values[whole] = to_plain(field.narrowed, from_text(field.narrowed, text))
    return values


def of_another_type(found: str, wanted: str) -> tuple[Fault, ...]:
    """The fault of a record that says to be of another register."""
    if not found or found == wanted:
        return ()
    shown = found[: limits.NAME_CHARACTERS]
    why = Phrase(f"it is of the register {shown}, not {wanted}", f"elle est du registre {shown}, non de {wanted}")
    return (Fault("type", why),)
