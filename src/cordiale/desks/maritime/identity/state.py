"""Which State gives out an MMSI and a call sign: data/states.toml, after the tables of the ITU.

A call sign is judged where it has the form of a ship's (Radio Regulations, article 19.55 to 19.58): two characters and two
letters, to which a digit may be added; or two characters, or two and a letter, and four digits. Five digits are met as well.
"""

import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from cordiale.desks.maritime.mmsi import mid
from cordiale.labels.toml_file import read_toml

_FORM: Final = re.compile(r"[A-Z0-9]{2}(?:[A-Z]{2}\d?|\d{4,5}|[A-Z]\d{4})")
_NOTHING: Final = frozenset(("NONE", "NULL", "TEST"))
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A State or territory: its maritime identification digits, and its series of call signs."""

    mid: tuple[int, ...]
    call_sign: tuple[str, ...] = ()
    of: str = ""
    """The State whose series its ships' call signs may be of as well."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    state: dict[str, State]


@cache
def states() -> dict[str, State]:
    """By the code of ISO 3166-1 alpha-3."""
    path = files("cordiale.desks.maritime") / "data" / "states.toml"
    return read_toml(path.read_bytes(), _File, what="profile").state


@cache
def _by_digits() -> dict[int, str]:
    return {digits: code for code, state in states().items() for digits in state.mid}


@cache
def _by_prefix() -> dict[str, frozenset[str]]:
    found = defaultdict[str, set[str]](set)
    for code, state in states().items():
        for series in state.call_sign + (states()[state.of].call_sign if state.of else ()):
            first, _, last = series.partition("-")
            reach = _SIGNS.index((last or first)[-1]) - _SIGNS.index(first[-1]) + 1
            for sign in _SIGNS[_SIGNS.index(first[-1]) :][:reach]:
                found[first[:-1] + sign].add(code)
    return {prefix: frozenset(codes) for prefix, codes in found.items()}


def of_mmsi(mmsi: int) -> str:
    """Who gave the number out; empty where nobody did, or the number has no digits of a State."""
    return _by_digits().get(mid(mmsi) or 0, "")


def of_call_sign(text: str) -> frozenset[str]:
    """Whose ships may have the call sign; nobody where it has not the form of a ship's, or is of no series."""
    text = "".join(filter(str.isalnum, text.upper()))
    if _FORM.fullmatch(text) is None or text in _NOTHING:
        return frozenset()
    return _by_prefix().get(text[:3], frozenset()) | _by_prefix().get(text[:2], frozenset())
