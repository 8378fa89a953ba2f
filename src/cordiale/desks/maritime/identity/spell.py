"""Histories of identity: spells, in each of which a vessel went on saying one thing.

What is joined is associative: a day's spells, those of the days before it, and single reports join to the same history in
whatever parts they come. A report is valid when it was received; that is also when it became known. What is said in a second
minute is confirmed then; one station or several repeating one transmission don't confirm it.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MINUTE: Final = 60_000
FIELDS: Final = ("imo", "name", "call_sign", "ship_type", "size", "draught")
"""What is followed. Numbers are kept as text: `size` as length × breadth in m, `draught` in 0.1 m."""


class Spell(NamedTuple):
    """A value from when to when, without another in between. Times are ms."""

    value: str
    first: int
    second: int
    """when it was confirmed: the first report in a later minute; 0 where there is none"""
    last: int
    minutes: int
    """in how many it was said"""


History = dict[str, list[Spell]]
"""By field; what was never said is not in it."""


def single(value: str, time: int) -> Spell:
    """Of one report."""
    return Spell(value, time, 0, time, 1)


def joined(one: Spell, other: Spell) -> Spell:
    """Two spells of one value, the other following."""
    shared = one.last // MINUTE == other.first // MINUTE
    confirmed = one.second or (other.first if other.first // MINUTE > one.first // MINUTE else other.second)
    return Spell(one.value, one.first, confirmed, other.last, one.minutes + other.minutes - shared)


def append(spells: list[Spell], new: Spell) -> None:
    """Go on with what comes next."""
    if spells and spells[-1].value == new.value:
        spells[-1] = joined(spells[-1], new)
    else:
        spells.append(new)


Content = tuple[int, str, str, int, int, int, int, int, int]
"""What one report says, in the archive's order: IMO number, call sign, name, type, metres from the antenna to bow, stern, port
and starboard, draught in 0.1 m; 0 or empty where nothing."""
CONTENT: Final = ("imo", "call_sign", "name", "ship_type", "to_bow", "to_stern", "to_port", "to_starboard", "draught")
"""Its columns."""


def fields(content: Sequence[int | str]) -> Iterable[tuple[str, str]]:
    """(field, value) of what it says."""
    imo, call_sign, name, ship_type, bow, stern, port, starboard, draught = content
    if imo:
        yield "imo", str(imo)
    if name:
        yield "name", str(name)
    if call_sign:
        yield "call_sign", str(call_sign)
    if ship_type:
        yield "ship_type", str(ship_type)
    if bow or stern:
        yield "size", f"{int(bow) + int(stern)} × {int(port) + int(starboard)}"
    if draught:
        yield "draught", str(draught)


def extend(history: History, content: Sequence[int | str], spell: tuple[int, int, int, int]) -> None:
    """Go on with a content that was said from when to when (first, second, last, minutes)."""
    for field, value in fields(content):
        append(history.setdefault(field, []), Spell(value, *spell))
