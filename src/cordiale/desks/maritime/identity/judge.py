"""What is odd in histories of identity: cases, each with what was said before and after, and where the vessel was then.

| case | is told when |
| --- | --- |
| imo-invalid | a number of seven digits or more is sent whose check digit is wrong; confirmed |
| flag-mismatch | nobody gives out the MMSI's digits; or the call sign, confirmed, is of another State's series |
| identity-change | at sea, within `bridge` hours: another IMO number or name; or an IMO number goes from one MMSI to another |
| identity-shared | one IMO number under two MMSIs where no vessel can be both; one MMSI with two IMO numbers, or names in turns |

A value is believed when it is confirmed (said in a second minute), or when another of name, call sign and IMO number changes
with it.
A value that is the one before written otherwise (`likeness`) is no change. Whoever comes back to a former value takes turns,
and has not changed again. Nothing here depends on the order in which reports arrived, only on when they were received.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from cordiale.desks.maritime.detect.detectors import FLAG_MISMATCH, IDENTITY_CHANGE, IDENTITY_SHARED, IMO_INVALID
from cordiale.desks.maritime.identity import state
from cordiale.desks.maritime.identity.likeness import said, same_call_sign, same_name, same_number
from cordiale.desks.maritime.identity.place import Fix, Where, apart, at_sea
from cordiale.desks.maritime.identity.spell import MINUTE, History, Spell
from cordiale.desks.maritime.mmsi import Station, mid, station
from cordiale.desks.maritime.risk.number import sound
from cordiale.vocab.moment import HOUR

CHANGED: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "imo": same_number, "name": same_name, "call_sign": same_call_sign,
}  # fmt: skip
"""What an identity is, and when two values of it are one."""
_TOGETHER: Final = 6 * MINUTE
"""Class A sends all three in one message, each six minutes; class B a name and a call sign in two (ITU-R M.1371-5, annex 1)."""
_ONE_EVENT: Final = 1 * HOUR
"""What is typed in within the hour is one change."""
_TURNS: Final = 3
_EXAMPLES: Final = (1_234_567, 0)
"""A number that is sound by chance and stands in the manuals' examples."""
_PLACED: Final = 6 * HOUR
_SAME_PLACE_KM: Final = 3.0
_KNOTS: Final = 60.0
_STATES: Final = (Station.VESSEL, Station.INVALID, Station.HANDHELD, Station.CRAFT)
"""Whose numbers are judged: what else sends identities is no vessel."""


class Rule(NamedTuple):
    """What the judge goes by."""

    bridge_hours: float
    """between the last report of the former identity and the first of the new one"""


class Turn(msgspec.Struct, frozen=True):
    """One field that changed."""

    field: str
    before: str
    after: str


class Case(msgspec.Struct, frozen=True):
    """What was found; `ground` names the sentence that tells it."""

    detector: int
    ground: str
    mmsi: tuple[int, ...]
    begin: int
    end: int
    known: int
    """ms: when it could first be told"""
    fix: Fix
    turns: tuple[Turn, ...] = ()
    facts: Mapping[str, str] = {}
    values: Mapping[str, float] = {}
    sure: float = 0.6


def alone(mmsi: int, history: History, where: Where, rule: Rule) -> Iterator[Case]:
    """What one MMSI's own history says."""
    if station(mmsi) in (Station.COAST, Station.AID, Station.AIRCRAFT, Station.DISTRESS, Station.GROUP):
        return
    yield from _imo_invalid(mmsi, history, where)
    if station(mmsi) in _STATES:
        yield from _flag(mmsi, history, where)
    yield from _changed(mmsi, history, where, rule)
    yield from _two_of(mmsi, history, where)


def together(histories: Mapping[int, History], where: Where, rule: Rule) -> Iterator[Case]:
    """What the histories of several MMSIs say: one IMO number under two of them."""
    users = defaultdict[int, list[tuple[Spell, int]]](list)
    for mmsi, history in histories.items():
        if station(mmsi) in _STATES:
            for number, spell in _sound(history).items():
                users[number].append((spell, mmsi))
    for number, spells in sorted(users.items()):
        for (one, a), (other, b) in pairwise(sorted(spells, key=lambda each: (each[0].first, each[1]))):
            found = _shared(number, (a, one), (b, other), where, rule)
            if found is not None:
                yield found


def _sound(history: History) -> dict[int, Spell]:
    """Sound IMO numbers that are confirmed, each as one spell from its first to its last report."""
    found: dict[int, Spell] = {}
    for spell in history.get("imo", []):
        number = int(spell.value)
        if sound(number) and number not in _EXAMPLES:
            before = found.get(number)
            found[number] = spell if before is None else _spanned(before, spell)
    return {number: spell for number, spell in found.items() if spell.second}


def _spanned(one: Spell, other: Spell) -> Spell:
    """Two spells of one value with others between them."""
    confirmed = one.second or (other.first if other.first // MINUTE > one.first // MINUTE else other.second)
    return Spell(one.value, one.first, confirmed, other.last, one.minutes + other.minutes)


# --- numbers that cannot be -----------------------------------------------------------------------------------------


def _imo_invalid(mmsi: int, history: History, where: Where) -> Iterator[Case]:
    found: dict[str, Spell] = {}
    for spell in history.get("imo", []):
        if len(spell.value) >= 7 and not sound(int(spell.value[:7])):
            before = found.get(spell.value)
            found[spell.value] = spell if before is None else _spanned(before, spell)
    usual = set(_sound(history))
    for value, spell in found.items():
        fix = where(mmsi, spell.second or spell.first, _PLACED)
        if spell.second and fix is not None:
            slip = any(same_number(value, str(number)) for number in usual)
            yield Case(
                IMO_INVALID, "slip" if slip else "digit", (mmsi,), spell.first, spell.last, spell.second, fix,
                facts={"imo": value, **_check(value)}, values={"reports": spell.minutes}, sure=0.5 if slip else 0.7,
            )  # fmt: skip


def _check(value: str) -> dict[str, str]:
    """The check digit there should be."""
    if len(value) != 7:
        return {"check": "–", "digits": str(len(value))}
    total = sum(int(digit) * weight for digit, weight in zip(value, range(7, 1, -1), strict=False))
    return {"check": str(total % 10), "digits": "7"}


def _flag(mmsi: int, history: History, where: Where) -> Iterator[Case]:
    of = state.of_mmsi(mmsi)
    spells = [spell for each in history.values() for spell in each]
    if not of and spells:
        first, last = min(spell.first for spell in spells), max(spell.last for spell in spells)
        fix = where(mmsi, last, _PLACED)
        if fix is not None:
            digits = f"{mid(mmsi):03}" if mid(mmsi) else f"{mmsi:09}"[:3]
            yield Case(FLAG_MISMATCH, "nobody", (mmsi,), first, last, first, fix, facts={"mid": digits}, sure=0.8)
        return
    for spell in history.get("call_sign", []):
        others = state.of_call_sign(spell.value)
        if spell.second and others and of not in others:
            fix = where(mmsi, spell.second, _PLACED)
            if fix is not None:
                facts = {"call_sign": spell.value, "mmsi_state": of, "call_state": " / ".join(sorted(others))}
                yield Case(
                    FLAG_MISMATCH, "call_sign", (mmsi,), spell.first, spell.last, spell.second, fix,
                    facts=facts, values={"reports": spell.minutes},
                )  # fmt: skip


# --- changes --------------------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    field: str
    before: Spell
    after: Spell

    @property
    def known(self) -> int:
        return self.after.second or self.after.first


def _steps(history: History) -> list[_Step]:
    """Changes of an identity's fields to values never said before, by time: those that are believed."""
    raw = {field: list(_raw(field, history.get(field, []))) for field in CHANGED}
    found: dict[tuple[str, str], _Step] = {}
    for field, steps in raw.items():
        others = [step.after.first for name, each in raw.items() if name != field for step in each]
        for step in steps:
            with_it = any(abs(time - step.after.first) <= _TOGETHER for time in others)
            if with_it or (step.before.second and step.after.second):
                found.setdefault((field, step.after.value), step)
    return sorted(found.values(), key=lambda step: (step.after.first, step.field))


def _raw(field: str, spells: Sequence[Spell]) -> Iterator[_Step]:
    """Steps between different values, believed or not; back to a confirmed value is none."""
    same, known = CHANGED[field], list[str]()
    last: Spell | None = None
    for spell in spells:
        if not _says(field, spell.value):
            continue
        if last is not None and not any(same(spell.value, value) for value in (last.value, *known)):
            yield _Step(field, last, spell)
        if spell.second:
            known.append(spell.value)
        if last is None or spell.second or not last.second:
            last = spell


def _says(field: str, value: str) -> bool:
    if field == "imo":
        return sound(int(value)) and int(value) not in _EXAMPLES
    return field != "name" or bool(said(value))


def _changed(mmsi: int, history: History, where: Where, rule: Rule) -> Iterator[Case]:
    steps = _steps(history)
    while steps:
        group = [step for step in steps if step.after.first - steps[0].after.first <= _ONE_EVENT]
        steps = steps[len(group) :]
        kinds = {step.field for step in group}
        begin, end = max(step.before.last for step in group), min(step.after.first for step in group)
        begin = min(begin, end)
        if ("imo" not in kinds and "name" not in kinds) or end - begin > rule.bridge_hours * HOUR:
            continue
        old, new = where(mmsi, begin, _PLACED), where(mmsi, end, _PLACED)
        if new is None or not at_sea(new) or (old is not None and not at_sea(old)):
            continue
        turns = tuple(Turn(step.field, step.before.value, step.after.value) for step in group)
        values = {"changed": float(len(kinds)), "between": (end - begin) / MINUTE}
        known = max(step.known for step in group)
        sure = 0.55 + 0.2 * (len(kinds) - 1) + 0.1 * ("imo" in kinds)
        yield Case(
            IDENTITY_CHANGE, "renamed", (mmsi,), begin, end, known, new, turns, values=values, sure=min(sure, 1.0)
        )


# --- several of one -------------------------------------------------------------------------------------------------


def _two_of(mmsi: int, history: History, where: Where) -> Iterator[Case]:
    """Two IMO numbers of one MMSI: ambiguous; or names in turns."""
    numbers = sorted(_sound(history).items(), key=lambda each: (each[1].first, each[0]))
    for (one, a), (other, b) in pairwise(numbers):
        fix = where(mmsi, b.second, _PLACED)
        if fix is not None:
            facts = {"first": str(one), "other": str(other)}
            turns = _turns(history.get("imo", []), (str(one), str(other)), same_number)
            yield Case(
                IDENTITY_SHARED, "two-imos", (mmsi,), b.first, max(a.last, b.last), b.second, fix,
                facts=facts, values={"turns": float(turns)}, sure=0.9 if a.last > b.first else 0.6,
            )  # fmt: skip
    if len(numbers) < 2:
        yield from _names_in_turns(mmsi, history, where)


def _names_in_turns(mmsi: int, history: History, where: Where) -> Iterator[Case]:
    names = [spell for spell in history.get("name", []) if said(spell.value) and spell.second]
    for step in (step for step in _raw("name", names)):
        pair = step.before.value, step.after.value
        turns = _turns(names, pair, same_name)
        fix = where(mmsi, step.after.second, _PLACED)
        if turns >= _TURNS and fix is not None:
            last = max(spell.last for spell in names if spell.value in pair)
            yield Case(
                IDENTITY_SHARED, "two-names", (mmsi,), step.after.first, last, step.after.second, fix,
                facts={"first": pair[0], "other": pair[1]}, values={"turns": float(turns)},
            )  # fmt: skip


def _turns(spells: Sequence[Spell], pair: tuple[str, str], same: Callable[[str, str], bool]) -> int:
    """How often it went from one of the pair to the other."""
    order = [same(spell.value, pair[0]) for spell in spells if any(same(spell.value, value) for value in pair)]
    return sum(one != other for one, other in pairwise(order))


def _shared(number: int, one: tuple[int, Spell], other: tuple[int, Spell], where: Where, rule: Rule) -> Case | None:
    """One IMO number under two MMSIs: a vessel that changed its MMSI at sea, two that use one number, or nothing to tell."""
    (a, first), (b, second) = one, other
    there, here = where(a, second.first, int(rule.bridge_hours * HOUR)), where(b, second.second, _PLACED)
    if there is None or here is None:
        return None
    overlap = first.last > second.first
    km, hours = apart(there, here), max(0.0, (here.time - there.time) / HOUR)
    far = km > _SAME_PLACE_KM + _KNOTS * 1.852 * hours
    between = max(0, second.first - first.last)
    facts = {"imo": str(number), "first": f"{a:09}", "other": f"{b:09}"}
    values = {"distance": km, "between": between / MINUTE}
    if far:
        end = max(first.last, second.last)
        return Case(
            IDENTITY_SHARED,
            "one-imo",
            (a, b),
            second.first,
            end,
            second.second,
            here,
            facts=facts,
            values=values,
            sure=0.9,
        )
    if overlap or between > rule.bridge_hours * HOUR or not (at_sea(there) and at_sea(here)):
        return None
    turn = Turn("mmsi", f"{a:09}", f"{b:09}")
    known = second.second
    return Case(
        IDENTITY_CHANGE, "moved", (a, b), first.last, second.first, known, here, (turn,), facts, values, sure=0.8
    )
