"""Whether two things that a vessel said are one, written otherwise: case, blanks, prefixes, cut off, one slip of the hand.

Slips are one letter more, less or other, or two neighbours exchanged (optimal string alignment distance 1), and two of them
in texts of twelve characters and more. Digits within a name are not slips: PILOT 3 is not PILOT 4.
"""

import re
from functools import lru_cache
from typing import Final

from cordiale.desks.maritime.risk.name import key

_LONG: Final = 12
_CUT: Final = 4
"""So many letters at least are left of a text that is cut off."""
_DIGITS: Final = re.compile(r"\d+")
_LETTERS: Final = 2


def said(name: str) -> str:
    """The name's key; empty where it says nothing: fewer than two letters, or the words of an empty form."""
    found = key(name)
    return found if sum(mark.isalpha() for mark in found) >= _LETTERS and found not in _NOTHING else ""


_NOTHING: Final = frozenset(("NAME", "VESSELNAME", "SHIPNAME", "UNKNOWN", "NONE", "NULL", "TEST", "NONAME", "NAN"))


@lru_cache(65_536)
def same_name(one: str, other: str) -> bool:
    """Whether two names are one."""
    a, b = said(one), said(other)
    if not (a and b) or a == b:
        return True
    if _DIGITS.findall(a) != _DIGITS.findall(b) and not _cut(a, b):
        return False
    return _cut(a, b) or slips(a, b) <= (2 if min(len(a), len(b)) >= _LONG else 1)


def same_call_sign(one: str, other: str) -> bool:
    """Whether two call signs are one."""
    a, b = ("".join(filter(str.isalnum, text.upper())) for text in (one, other))
    return not (a and b) or slips(a, b) <= 1


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are one with a slip."""
    return slips(one, other) <= 1


def _cut(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(short) >= _CUT and long.startswith(short)


@lru_cache(65_536)
def slips(a: str, b: str) -> int:
    """The optimal string alignment distance: letters put in, left out, replaced, or exchanged with their neighbours."""
    before, last = list[int](), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            least = min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
