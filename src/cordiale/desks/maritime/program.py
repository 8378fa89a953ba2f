"""Which program made a file that a store keeps for later runs: what another version has kept is made anew."""

from functools import cache
from importlib.resources import files

from cordiale.crypto.digest import sha256

_PACKAGES = ("cordiale.desks.maritime", "cordiale.desks.maritime.detect", "cordiale.desks.maritime.identity")


@cache
def program() -> str:
    """Of the text of all that looks at reports and identities."""
    texts = sorted(
        (package, each.name, each.read_bytes())
        for package in _PACKAGES
        for each in files(package).iterdir()
        if each.is_file() and each.name.endswith(".py")
    )
    return sha256(b"".join(f"{package}/{name}".encode() + sha256(text) for package, name, text in texts)).hex()
