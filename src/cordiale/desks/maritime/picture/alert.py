"""Findings as a reader asks for them: chosen by detector, time, area, vessel and score, and told with names and units."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from cordiale.analysis.finding import Evidence, Finding
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.picture.state import Identity
from cordiale.errors import NotFound
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment, iso

FEWEST_LETTERS: Final = 4
"""Of an alert's id, to find it by."""
_MMSI: Final = re.compile(r"mmsi:(\d{1,10})")


class Choice(msgspec.Struct, frozen=True):
    """What a reader wants to see; what is empty or None doesn't narrow."""

    detectors: tuple[str, ...] = ()
    vessel: str = ""
    """An MMSI, an IMO number, or a part of a name."""
    since: Moment | None = None
    until: Moment | None = None
    within: tuple[float, float, float, float] | None = None
    """West, south, east, north; west may be greater than east, across the antimeridian."""
    score: float = 0.0


def mmsi_of(finding: Finding) -> tuple[int, ...]:
    """The MMSIs among a finding's subjects."""
    return tuple(dict.fromkeys(int(digits) for subject in finding.subjects for digits in _MMSI.findall(subject)))


def chosen(findings: Iterable[Finding], choice: Choice, known: Mapping[int, Identity]) -> list[Finding]:
    """Those that a reader wants, by begin."""
    return [finding for finding in findings if _wanted(finding, choice, known)]


def _wanted(finding: Finding, choice: Choice, known: Mapping[int, Identity]) -> bool:
    return (
        (not choice.detectors or finding.detector in choice.detectors)
        and finding.score >= choice.score
        and (choice.since is None or finding.end >= choice.since)
        and (choice.until is None or finding.begin <= choice.until)
        and inside(finding.place.lon, finding.place.lat, choice.within)
        and (
            not choice.vessel
            or any(names(each, known.get(each, Identity()), choice.vessel) for each in mmsi_of(finding))
        )
    )


def inside(lon: float, lat: float, box: tuple[float, float, float, float] | None) -> bool:
    """Whether a place is in an area; in none, it always is."""
    if box is None:
        return True
    west, south, east, north = box
    across = west <= lon <= east if west <= east else lon >= west or lon <= east
    return across and south <= lat <= north


def names(mmsi: int, identity: Identity, wanted: str) -> bool:
    """Whether a reader's word is a vessel's MMSI, its IMO number or a part of its name; no word is any vessel's."""
    word = wanted.strip().upper()
    numbers = (str(mmsi), f"{mmsi:09}", str(identity.imo or ""))
    return not word or word in numbers or word in identity.name.upper()


def by_id(findings: Iterable[Finding], wanted: str) -> Finding:
    """One finding by the beginning of its id, or `NotFound`."""
    begin = wanted.strip().lower()
    found = [finding for finding in findings if finding.id.startswith(begin)]
    if len(begin) < FEWEST_LETTERS:
        problem = Phrase(
            f"; at least {FEWEST_LETTERS} letters of its id", f" ; au moins {FEWEST_LETTERS} signes de son identifiant"
        )
    elif len(found) > 1:
        problem = Phrase(f"; {len(found)} ids begin so", f" ; {len(found)} identifiants commencent ainsi")
    elif found:
        return found[0]
    else:
        problem = Phrase("", "")
    told = repr(wanted[:40])
    raise NotFound(told + problem.en, what="alert", detail_fr=told + problem.fr)


def document(finding: Finding, known: Mapping[int, Identity], language: str) -> dict[str, Any]:
    """A finding as JSON."""
    detector = BY_NAME.get(finding.detector)
    units = dict(detector.values) if detector else {}
    vessels = [vessel_document(mmsi, known.get(mmsi, Identity())) for mmsi in mmsi_of(finding)]
    return {
        "id": finding.id,
        "detector": finding.detector,
        "title": detector.title.text(language) if detector else finding.detector,
        "profile": finding.profile,
        "mmsi": list(mmsi_of(finding)),
        "vessels": vessels,
        "subjects": list(finding.subjects),
        "begin": iso(finding.begin),
        "end": iso(finding.end),
        "lon": round(finding.place.lon, 6),
        "lat": round(finding.place.lat, 6),
        "score": round(finding.score, 3),
        "explanation": finding.why.text(language),
        "explanations": {"en": finding.why.en, "fr": finding.why.fr},
        "values": {
            name: {"value": round(value, 3), "unit": units.get(name, "")} for name, value in finding.values.items()
        },
        "evidence": [evidence_document(each, language) for each in finding.evidence],
    }


def vessel_document(mmsi: int, identity: Identity) -> dict[str, Any]:
    """A vessel's numbers and names as JSON."""
    return {"mmsi": mmsi, "imo": identity.imo or None, "name": identity.name, "call_sign": identity.call_sign}


def evidence_document(evidence: Evidence, language: str) -> dict[str, Any]:
    """One piece of evidence as JSON."""
    return {
        "what": evidence.what.text(language),
        "source": evidence.source,
        "at": None if evidence.at is None else iso(evidence.at),
        "points": evidence.points,
    }
