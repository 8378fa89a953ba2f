"""The example files in the package: EXAMPLES, no official policy of any nation. Only this module reads files."""

from importlib.resources import files
from typing import Final, Literal

Name = Literal["uk", "fr", "nato", "table"]
NAMES: Final[tuple[Name, ...]] = ("uk", "fr", "nato", "table")


def shipped(name: Name) -> bytes:
    """The TOML of an example policy, or of the example equivalence table; unsigned."""
    return (files("cordiale.labels") / "data" / f"{name}.toml").read_bytes()
