"""Findings as drafts of the `maritime` register: raised, revised or retracted, with the track as evidence.

The same finding gives the same values, so that whoever releases it twice says nothing new.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from cordiale.analysis.draft import Attachment, Draft
from cordiale.analysis.finding import Evidence, Finding
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.line import simplified
from cordiale.desks.maritime.picture.alert import mmsi_of
from cordiale.desks.maritime.picture.state import Identity
from cordiale.desks.maritime.schema import Positions
from cordiale.desks.maritime.sighting import line_of, physical, table
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import iso

REGISTER: Final = "maritime"
POINTS: Final = 200
"""Of a simplified track."""
WITHIN: Final = 10.0
"""Metres: what AIS calls a position of high accuracy."""
TRACKS: Final = 8
EVIDENCE: Final = 50
"""Pieces of evidence that a record carries; the rest stays with the desk."""
Status = Literal["raised", "revised", "retracted"]
_CONTROL: Final = re.compile(r"[^\S \u00a0\u202f]+|[\x00-\x1f\x7f]")


def draft(finding: Finding, known: Mapping[int, Identity], status: Status, tracks: Mapping[int, Positions]) -> Draft:
    """The draft. `tracks` are the reports that it rests on, by MMSI; none are attached to a retraction."""
    detector = BY_NAME.get(finding.detector)
    title = detector.title if detector else Phrase(finding.detector, finding.detector)
    names = ", ".join(known.get(mmsi, Identity()).name or f"MMSI {mmsi}" for mmsi in mmsi_of(finding))
    units = dict(detector.values) if detector else {}
    values: dict[str, Any] = {
        "title": _both(Phrase(f"{title.en}: {names}"[:300], f"{title.fr} : {names}"[:300])),
        "finding": finding.id,
        "state": status,
        "detector": finding.detector,
        "begin": iso(finding.begin),
        "end": iso(finding.end),
        "position": [round(finding.place.lon, 6), round(finding.place.lat, 6)],
        "vessels": [_vessel(mmsi, known.get(mmsi, Identity())) for mmsi in mmsi_of(finding)],
        "explanation": _both(finding.why),
        "score": f"{finding.score:.2f}",
        "profile": finding.profile,
    }
    if finding.evidence:
        values["evidence"] = [_evidence(each) for each in finding.evidence[:EVIDENCE]]
    if finding.values:
        values["measures"] = [
            f"{name} {value:.4g} {units.get(name, '')}".strip() for name, value in finding.values.items()
        ]
    if status == "retracted":
        return Draft(REGISTER, finding.id, values)
    drawn = [_corridor(part) for rows in tracks.values() for part in physical(rows) if len(part) > 1][:TRACKS]
    if drawn:
        values["tracks"] = drawn
    attached = Attachment("positions", f"positions-{finding.id[:8]}.csv", table(dict(tracks))) if tracks else None
    return Draft(REGISTER, finding.id, values, attachment=attached)


def _vessel(mmsi: int, identity: Identity) -> str:
    parts = (f"MMSI {mmsi:09}", f"IMO {identity.imo}" if identity.imo else "", identity.name)
    return _CONTROL.sub(" ", ", ".join(part for part in parts if part))[:120]


def _both(phrase: Phrase) -> dict[str, str]:
    return {"en": _CONTROL.sub(" ", phrase.en), "fr": _CONTROL.sub(" ", phrase.fr)}


def _evidence(each: Evidence) -> dict[str, str]:
    at = f", {iso(each.at)[:16]}Z" if each.at is not None else ""
    what = _both(each.what)
    return {language: f"{text}{at} ({_CONTROL.sub(' ', each.source)})"[:1000] for language, text in what.items()}


def _corridor(rows: Positions) -> dict[str, Any]:
    line, metres = simplified(line_of(rows), POINTS, WITHIN)
    points = [[round((lon + 180.0) % 360.0 - 180.0, 6), round(lat, 6)] for lon, lat in line.tolist()]
    return {"line": points, "half_width": max(1, int(metres) + 1)}
