"""Events become findings: each says what was seen against which threshold, in both languages, and whose track shows it.

Sentences are data (data/explanations.toml), filled with the detector's own measures. A finding's anchor is its beginning and, of
an area, which one; so what goes on is one finding that is revised. Its score says by how much the leading measure goes beyond
its threshold: 0.5 at the threshold, 0.75 at twice it, towards 1; 0.6 where there is no such threshold.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.analysis.finding import Evidence, Finding, Place, finding_id
from cordiale.desks.maritime.detect.detectors import BY_NUMBER, Detector
from cordiale.desks.maritime.detect.profile import Threshold
from cordiale.desks.maritime.schema import DEGREE
from cordiale.labels.phrase import Phrase
from cordiale.labels.toml_file import read_toml
from cordiale.vocab.moment import Moment, between

DESK: Final = "maritime"
_PLAIN_SCORE: Final = 0.6
GOES_ON: Final = Phrase(" It still goes on.", " Cela dure encore.")
"""What an explanation ends with while a behaviour lasts."""
UNKNOWN: Final = -1.0
"""A measure that could not be taken."""


class Explanation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a detector's findings are explained."""

    en: str
    fr: str
    leading: str = ""
    """the measure that the score goes by"""
    against: str = ""
    """section.name of the threshold that it goes beyond"""
    unknown: Phrase | None = None
    """the sentence where one of the measures is −1, that is not known"""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    detector: dict[str, Explanation]


class Named(msgspec.Struct, frozen=True):
    """What is known of an MMSI beside its positions: the latest that it said."""

    name: str = ""
    imo: int = 0
    ship_type: int = 0


@cache
def explanations() -> dict[str, Explanation]:
    """By the detector's name."""
    path = files("cordiale.desks.maritime") / "data" / "explanations.toml"
    return read_toml(path.read_bytes(), _File, what="profile").detector


def findings(
    events: NDArray[np.void],
    profile: str,
    thresholds: Mapping[str, Mapping[str, Threshold]],
    *,
    named: Mapping[int, Named],
    areas: Mapping[int, Sequence[str]],
) -> list[Finding]:
    """[n] of EVENT as findings. `areas` has, by detector number, the names that EVENT's `zone` counts."""
    return [_finding(event, profile, thresholds, named, areas) for event in events]


def subject(mmsi: int, branch: int) -> str:
    """A vessel as a finding names it; with its branch where the MMSI is shared."""
    return f"mmsi:{mmsi:09}" + (f"/{branch}" if branch else "")


def _finding(
    event: Any,
    profile: str,
    thresholds: Mapping[str, Mapping[str, Threshold]],
    named: Mapping[int, Named],
    areas: Mapping[int, Sequence[str]],
) -> Finding:
    detector = BY_NUMBER[int(event["detector"])]
    begin, end = Moment(int(event["begin"])), Moment(int(event["end"]))
    vessels = [(int(event["mmsi"]), int(event["branch"]))]
    if event["other"]:
        vessels.append((int(event["other"]), int(event["other_branch"])))
    subjects = sorted(subject(*vessel) for vessel in vessels)
    zone = int(event["zone"])
    area = areas[detector.number][zone] if zone >= 0 else ""
    values = {name: round(float(value), 4) for (name, _), value in zip(detector.values, event["values"], strict=False)}
    explained = explanations()[detector.name]
    who = _who(vessels, named)
    return Finding(
        id=finding_id(DESK, detector.name, profile, subjects, f"{begin} {area}"),
        desk=DESK,
        detector=detector.name,
        profile=profile,
        subjects=tuple(subjects),
        begin=begin,
        end=end,
        place=Place(int(event["lon0"]) / DEGREE, int(event["lat0"]) / DEGREE),
        score=_score(explained, values, thresholds),
        why=_why(detector, explained, values, area, who, goes_on=bool(event["open"])),
        evidence=tuple(_evidence(subjects, begin, end, explained, thresholds)),
        values=values,
    )


def _who(vessels: Iterable[tuple[int, int]], named: Mapping[int, Named]) -> str:
    told = [(mmsi, named.get(mmsi, Named())) for mmsi, _ in vessels]
    return ", ".join(f"{each.name} ({mmsi:09})" if each.name else f"{mmsi:09}" for mmsi, each in told)


def _why(
    detector: Detector, explained: Explanation, values: Mapping[str, float], area: str, who: str, *, goes_on: bool
) -> Phrase:
    sentence = Phrase(explained.en, explained.fr)
    if explained.unknown is not None and UNKNOWN in values.values():
        sentence = explained.unknown
    french = {name: Comma(value) for name, value in values.items()}
    en, fr = (
        each.format_map({**facts, "area": area or "–"})
        for each, facts in ((sentence.en, values), (sentence.fr, french))
    )
    ends = GOES_ON if goes_on else Phrase("", "")
    return Phrase(
        f"{detector.title.en}: {who}. {en}{ends.en}"[:600], f"{detector.title.fr} : {who}. {fr}{ends.fr}"[:600]
    )


class Comma(float):
    """A number as French writes it."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", ",").replace("%", "\u00a0%")


def _score(
    explained: Explanation, values: Mapping[str, float], thresholds: Mapping[str, Mapping[str, Threshold]]
) -> float:
    limit = _threshold(explained, thresholds)
    if limit is None or limit.value <= 0 or values[explained.leading] <= 0:
        return _PLAIN_SCORE
    return round(max(0.5, 1.0 - 0.5 * limit.value / values[explained.leading]), 3)


def _threshold(explained: Explanation, thresholds: Mapping[str, Mapping[str, Threshold]]) -> Threshold | None:
    section, _, name = explained.against.partition(".")
    return thresholds.get(section, {}).get(name)


def _evidence(
    subjects: Sequence[str],
    begin: Moment,
    end: Moment,
    explained: Explanation,
    thresholds: Mapping[str, Mapping[str, Threshold]],
) -> Iterable[Evidence]:
    for each in subjects:
        mmsi, _, branch = each.removeprefix("mmsi:").partition("/")
        which = Phrase(f", branch {branch}", f", branche {branch}") if branch else Phrase("", "")
        span = between(begin, end)
        told = Phrase(f"Track of MMSI {mmsi}{which.en}, {span}", f"Trajectoire du MMSI {mmsi}{which.fr}, {span}")
        yield Evidence(told, "AIS", begin)
    limit = _threshold(explained, thresholds)
    if limit is not None:
        told = f"{explained.against} {limit.value:g} {limit.unit}"
        yield Evidence(Phrase(f"Threshold {told}", f"Seuil {told}"), limit.source)
