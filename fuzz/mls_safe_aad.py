"""Components in authenticated data: any input splits into what encodes to that input, or gives a `CordialeError`."""

from cordiale.errors import CordialeError
from cordiale.mls.safe_aad import LABEL, encode, split


def seeds() -> list[bytes]:
    """None, one and several components, and something after them."""
    return [encode({}), encode({LABEL: b"label"}), encode({1: b"", 2: bytes(70), LABEL: b"label"}, b"more")]


def TestOneInput(data: bytes) -> None:
    """One input."""
    try:
        found = split(data)
    except CordialeError:
        return
    if found.encode() != data:
        raise AssertionError("two byte strings for one list of components")
