"""A finding: what a detector says, of whom, when and where, why, and on what evidence.

Its id is a digest of what makes it that finding (desk, detector, profile, subjects, anchor), so that the same data gives the
same id on every machine and in every run, live or in batch. The anchor is usually when it began. What grows with time (end,
score, evidence) is not in it: a finding that grew is revised, one that later data takes back is retracted.
"""

from collections.abc import Iterable, Mapping
from typing import NewType

import msgspec

from cordiale.crypto.digest import sha256
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment

FindingId = NewType("FindingId", str)
"""32 hexadecimal digits."""


class Evidence(msgspec.Struct, frozen=True):
    """One thing that speaks for a finding: what it is, in both languages, where it comes from, and when it was so.

    `source` names a feed, a list with its date, or a rule's publication; `points` is what it adds to the score, where it does.
    """

    what: Phrase
    source: str
    at: Moment | None = None
    points: float = 0.0


class Place(msgspec.Struct, frozen=True):
    """Degrees, WGS 84 (EPSG:4326): longitude −180 to 180, latitude −90 to 90."""

    lon: float
    lat: float


class Finding(msgspec.Struct, frozen=True):
    """What a detector found. `subjects` are sorted; `values` are the detector's own measures by name, with the unit in it."""

    id: FindingId
    desk: str
    detector: str
    profile: str
    subjects: tuple[str, ...]
    begin: Moment
    end: Moment
    place: Place
    score: float
    """0 to 1: how sure, by the detector's own account in its METHOD.md."""
    why: Phrase
    evidence: tuple[Evidence, ...] = ()
    values: dict[str, float] = {}


class Change(msgspec.Struct, frozen=True):
    """What became of a finding: `before` is None where it is raised, `after` where it is retracted, both stand where revised."""

    before: Finding | None
    after: Finding | None

    @property
    def finding(self) -> Finding:
        """The latest of it that there is."""
        found = self.after or self.before
        if found is None:
            raise AssertionError("a change of nothing")
        return found


def finding_id(desk: str, detector: str, profile: str, subjects: Iterable[str], anchor: str) -> FindingId:
    """The id of the finding that these make; the same whatever the order of `subjects`."""
    parts = (desk, detector, profile, *sorted(subjects), anchor)
    return FindingId(sha256("\0".join(parts).encode()).hex()[:32])


def changes(before: Mapping[FindingId, Finding], after: Mapping[FindingId, Finding]) -> list[Change]:
    """What leads from one set of findings to another, by begin and id; nothing where they are the same."""
    found = [
        Change(before.get(each), after.get(each))
        for each in before.keys() | after.keys()
        if before.get(each) != after.get(each)
    ]
    return sorted(found, key=lambda change: (change.finding.begin, change.finding.id))
