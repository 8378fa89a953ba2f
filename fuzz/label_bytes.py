"""Canonical label bytes: any input gives a label whose encoding is that input, or a `CordialeError`."""

from cordiale.errors import CordialeError
from cordiale.labels.label import decode_label, encode_label


def TestOneInput(data: bytes) -> None:
    """One input."""
    try:
        label = decode_label(data)
    except CordialeError:
        return
    if encode_label(label) != data:
        raise AssertionError("two byte strings for one label")
