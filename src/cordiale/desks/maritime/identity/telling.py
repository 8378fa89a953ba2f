"""Cases of identity become findings: who, what was said before and after, since when it is known, against which rule."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files

import msgspec

from cordiale.analysis.finding import Evidence, Finding, Place, finding_id
from cordiale.desks.maritime.detect.detectors import BY_NUMBER
from cordiale.desks.maritime.detect.findings import DESK, Comma, subject
from cordiale.desks.maritime.identity.judge import Case, Turn
from cordiale.desks.maritime.identity.spell import History, Spell
from cordiale.desks.maritime.schema import DEGREE
from cordiale.labels.phrase import Phrase
from cordiale.labels.toml_file import read_toml
from cordiale.vocab.moment import Moment, minute

_SHOWN = 6
"""Spells of each field that stand in the evidence: the latest."""


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence, and what the rule rests on."""

    en: str
    fr: str
    source: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    ground: dict[str, Ground]
    field: dict[str, Phrase]


@cache
def _data() -> _File:
    path = files("cordiale.desks.maritime") / "data" / "identity.toml"
    return read_toml(path.read_bytes(), _File, what="profile")


def field_title(field: str) -> Phrase:
    """What a field is called."""
    return _data().field[field]


def finding(case: Case, profile: str, history: Callable[[int], History]) -> Finding:
    """A case as a finding. Its anchor is when it began and what it is about, so that what goes on is one finding, revised."""
    detector = BY_NUMBER[case.detector]
    subjects = tuple(sorted(subject(mmsi, 0) for mmsi in case.mmsi))
    about = " ".join((case.ground, *(f"{turn.field} {turn.after}" for turn in case.turns), *case.facts.values()))
    ground = _data().ground[case.ground]
    who = ", ".join(_who(mmsi, history(mmsi)) for mmsi in case.mmsi)
    facts = {"turns": _turns(case.turns, french=False), **case.facts, **case.values}
    french = {"turns": _turns(case.turns, french=True), **case.facts}
    french |= {name: Comma(value) for name, value in case.values.items()}
    en = f"{detector.title.en}: {who}. {ground.en.format_map(facts)}"[:600]
    fr = f"{detector.title.fr} : {who}. {ground.fr.format_map(french)}"[:600]
    return Finding(
        id=finding_id(DESK, detector.name, profile, subjects, f"{case.begin} {about}"),
        desk=DESK,
        detector=detector.name,
        profile=profile,
        subjects=subjects,
        begin=Moment(case.begin),
        end=Moment(max(case.begin, case.end)),
        place=Place(case.fix.lon / DEGREE, case.fix.lat / DEGREE),
        score=round(case.sure, 3),
        why=Phrase(en, fr),
        evidence=tuple(_evidence(case, ground, history)),
        values={name: round(float(value), 4) for name, value in case.values.items()},
    )


def _who(mmsi: int, history: History) -> str:
    names = history.get("name", [])
    return f"{max(names, key=lambda spell: spell.last).value} ({mmsi:09})" if names else f"{mmsi:09}"


def _turns(turns: Iterable[Turn], *, french: bool) -> str:
    titles = _data().field
    return ", ".join(
        f"{titles[turn.field].fr if french else titles[turn.field].en} {turn.before} → {turn.after}" for turn in turns
    )


def _evidence(case: Case, ground: Ground, history: Callable[[int], History]) -> Iterator[Evidence]:
    known = minute(Moment(case.known))
    yield Evidence(
        Phrase(f"Known since {known}", f"Connu depuis {known}"), "AIS", Moment(case.known)
    )  # fmt: skip
    for mmsi in case.mmsi:
        for field, title in _data().field.items():
            spells = history(mmsi).get(field, [])[-_SHOWN:]
            for number, spell in enumerate(spells, 1):
                yield Evidence(_told(mmsi, title, spell, last=number == len(spells)), "AIS", Moment(spell.first))
    yield Evidence(Phrase("Rule", "Règle"), ground.source)


def _told(mmsi: int, title: Phrase, spell: Spell, *, last: bool) -> Phrase:
    """A spell; of the last one, which goes on, only since when."""
    first, end = minute(Moment(spell.first)), minute(Moment(spell.last))
    en = f"since {first}" if last else f"from {first} to {end}, in {spell.minutes} minutes"
    fr = f"depuis {first}" if last else f"de {first} à {end}, pendant {spell.minutes} minutes"
    return Phrase(f"MMSI {mmsi:09}: {title.en} {spell.value}, {en}", f"MMSI {mmsi:09} : {title.fr} {spell.value}, {fr}")
