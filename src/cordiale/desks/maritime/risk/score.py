"""A vessel's risk: points that add up, each with its evidence. The table is data: `data/risk.toml`."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

import msgspec

from cordiale.analysis.finding import Evidence, Finding
from cordiale.desks.maritime.mmsi import Station, mid, station
from cordiale.desks.maritime.picture.alert import mmsi_of
from cordiale.desks.maritime.risk.identity import Vessel
from cordiale.desks.maritime.risk.listing import ListFile
from cordiale.desks.maritime.risk.match import Index, Match, Status
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment, iso, to_datetime
from cordiale.wire import typed

MOST: Final = 100
OLD: Final = 20
"""Years."""
_TEXT: Final = 280
_LISTED: Final = frozenset({"sanctioned", "ambiguous", "possible"})

Occurrence = tuple[Phrase, str, Moment | None]
"""Once that a factor applies: what, by which source, when."""

BY: Final[Mapping[str, Phrase]] = {
    "imo": Phrase("IMO number", "numéro OMI"),
    "mmsi": Phrase("MMSI", "MMSI"),
    "former-mmsi": Phrase("former MMSI", "ancien MMSI"),
    "name-call-sign": Phrase("name and call sign", "nom et indicatif"),
    "name": Phrase("name alone", "nom seul"),
    "former-name": Phrase("former name alone", "ancien nom seul"),
}


class Factor(msgspec.Struct, frozen=True):
    """One row of the table. `most` bounds what all its occurrences add."""

    name: str
    points: int
    most: int
    title: Phrase
    source: str
    detectors: tuple[str, ...] = ()


class Weights(msgspec.Struct, frozen=True, rename={"factors": "factor"}):
    """The table, and the flags of convenience: state to maritime identification digits."""

    factors: tuple[Factor, ...]
    flags: dict[str, tuple[int, ...]]
    states: dict[str, tuple[int, ...]]
    """Other states with several digits."""


class Assessment(msgspec.Struct, frozen=True):
    """What is known of a vessel's risk; `score` is the sum of the evidence's points, at most 100."""

    vessel: Vessel
    status: Status
    score: int
    evidence: tuple[Evidence, ...]
    matches: tuple[Match, ...]


@cache
def weights() -> Weights:
    """The shipped table."""
    data = (resources.files("cordiale.desks.maritime") / "data" / "risk.toml").read_text("utf-8")
    return typed.convert_text(tomllib.loads(data), Weights)


def findings_by_mmsi(findings: Iterable[Finding]) -> dict[int, list[Finding]]:
    """Findings by the MMSIs among their subjects."""
    found: dict[int, list[Finding]] = {}
    for finding in findings:
        for mmsi in mmsi_of(finding):
            found.setdefault(mmsi, []).append(finding)
    return found


class Assessor:
    """Judges vessels by some lists, some findings and a table of weights."""

    def __init__(
        self, lists: Iterable[ListFile], findings: Iterable[Finding] = (), table: Weights | None = None
    ) -> None:
        self._lists = {listing.list: file for file in lists for listing in file.listings}
        self._index = Index(listing for file in self._lists.values() for listing in file.listings)
        self._findings = findings_by_mmsi(findings)
        self._table = table or weights()
        self._factors = {factor.name: factor for factor in self._table.factors}
        self._flags = {each: state for state, mids in self._table.flags.items() for each in mids}
        self._states = {each: state for state, mids in self._table.states.items() for each in mids} | self._flags

    def assess(self, vessel: Vessel) -> Assessment:
        """One vessel: its status, its score and every point of it."""
        matches = self._index.matches(vessel)
        status = max((match.status for match in matches), default=Status.NONE)
        capped = [evidence for group in self._groups(vessel, matches) for evidence in group]
        score = min(MOST, round(sum(evidence.points for evidence in capped)))
        return Assessment(vessel, status, score, tuple(capped), tuple(matches))

    def _groups(self, vessel: Vessel, matches: list[Match]) -> Iterator[list[Evidence]]:
        for factor in self._factors.values():
            left, group = factor.most, list[Evidence]()
            for what, source, at in self._occurrences(factor, vessel, matches):
                points = min(left, factor.points)
                left -= points
                group.append(Evidence(what, source, at, float(points)))
            yield group

    def _occurrences(self, factor: Factor, vessel: Vessel, matches: list[Match]) -> Iterator[Occurrence]:
        if factor.name in _LISTED:
            for match in matches:
                if match.status.name.lower() == factor.name:
                    yield self._listed(factor, match), self._source(match), None
        elif factor.name == "age":
            yield from _aged(factor, vessel, matches)
        elif factor.detectors:
            yield from self._found(factor, vessel)
        else:
            for told, at in self._signs(factor.name, vessel):
                yield _joined(factor, told), factor.source, at

    def _signs(self, name: str, vessel: Vessel) -> Iterator[tuple[str, Moment | None]]:
        """What the vessel itself sent that is a sign of that name."""
        mids = [mid(mmsi) or 0 for mmsi in vessel.mmsi]
        match name:
            case "flag-of-convenience" if mids[0] in self._flags:
                yield f"{self._flags[mids[0]]}, MMSI {vessel.mmsi[0]}", None
            case "flag-change":
                states = list(dict.fromkeys(self._states.get(each, f"MID {each}") for each in mids))
                yield from ((f"{state} → {states[0]}", None) for state in states[1:])
            case "name-change":
                for before, after in pairwise(vessel.names):
                    yield f"{before.value} → {after.value}, {iso(after.first)[:10]}", after.first
            case "two-imos":
                yield from ((f"MMSI {mmsi}: {', '.join(map(str, vessel.imo))}", None) for mmsi in vessel.two_imos)
            case "imo-unsound":
                yield from ((str(imo), None) for imo in vessel.unsound)
            case "no-state" if station(vessel.mmsi[0]) is Station.INVALID:
                yield f"{vessel.mmsi[0]:09}", None
            case _:
                pass

    def _listed(self, factor: Factor, match: Match) -> Phrase:
        listing, title, by = match.listing, self._lists[match.listing.list].publication.title, BY[match.by]
        since = (
            Phrase(f", listed {listing.listed}", f", inscrit le {listing.listed}") if listing.listed else Phrase("", "")
        )
        name = listing.names[0] if listing.names else "–"
        return Phrase(
            f"{title.en}, entry {listing.row}{since.en}: {name} ({by.en} {match.value})"[:_TEXT],
            f"{title.fr}, entrée {listing.row}{since.fr} : {name} ({by.fr} {match.value})"[:_TEXT],
        )

    def _source(self, match: Match) -> str:
        file = self._lists[match.listing.list]
        return f"{file.publication.publisher}; {file.publication.licence}" + (
            f"; {file.published}" if file.published else ""
        )

    def _found(self, factor: Factor, vessel: Vessel) -> Iterator[Occurrence]:
        found = {
            f.id: f for mmsi in vessel.mmsi for f in self._findings.get(mmsi, ()) if f.detector in factor.detectors
        }
        for finding in sorted(found.values(), key=lambda finding: (finding.begin, finding.id)):
            what = Phrase(
                f"{factor.title.en}: {finding.why.en}"[:_TEXT], f"{factor.title.fr} : {finding.why.fr}"[:_TEXT]
            )
            yield what, f"{factor.source}; {finding.id}", finding.begin


def _joined(factor: Factor, told: str) -> Phrase:
    return Phrase(f"{factor.title.en}: {told}"[:_TEXT], f"{factor.title.fr} : {told}"[:_TEXT])


def _aged(factor: Factor, vessel: Vessel, matches: list[Match]) -> Iterator[Occurrence]:
    """Age is known from a list only, and counts only where that listing is this vessel's."""
    built = [match.listing.built for match in matches if match.status == Status.SANCTIONED and match.listing.built]
    if built and vessel.last and to_datetime(vessel.last).year - built[0] > OLD:
        yield _joined(factor, str(built[0])), factor.source, None


def assess(store_vessels: Iterable[Vessel], assessor: Assessor) -> list[Assessment]:
    """All vessels, the gravest first."""
    found = [assessor.assess(vessel) for vessel in store_vessels]
    return sorted(found, key=lambda each: (-each.status, -each.score, each.vessel.key))
