"""Nations and the people, services and devices that belong to them.

An address is `name@nation`; a service's name has a dot (`desk.maritime@fr`). Both parts are lower-case ASCII, so that no
two addresses look alike.
"""

import re
from typing import Final, NewType, Self

import msgspec

from cordiale.errors import Malformed

Nation = NewType("Nation", str)
"""Two to eight lower-case letters: `uk`, `fr`, `nato`."""

_NATION: Final = re.compile(r"[a-z]{2,8}")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def parse_nation(text: str) -> Nation:
    """A nation's code, or `Malformed`."""
    if not _NATION.fullmatch(text):
        raise Malformed(f"{text[:16]!r} is not two to eight lower-case letters", what="nation")
    return Nation(text)


class Address(msgspec.Struct, frozen=True, order=True):
    """Who: a person or service of a nation."""

    name: str
    nation: Nation

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `name@nation`, or `Malformed`."""
        name, at, nation = text.partition("@")
        if not at or not _NAME.fullmatch(name):
            raise Malformed(f"{text[:80]!r} is not name@nation in lower case", what="address")
        return cls(name, parse_nation(nation))

    def __str__(self) -> str:
        return f"{self.name}@{self.nation}"
