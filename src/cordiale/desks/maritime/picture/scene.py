"""Everything that one picture shows, and the words for what AIS gives as numbers."""

from typing import Final

import msgspec

from cordiale.analysis.finding import Finding
from cordiale.desks.maritime.picture import alert
from cordiale.desks.maritime.picture.alert import Choice
from cordiale.desks.maritime.picture.state import State
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment

UNMARKED: Final = Phrase("NOT MARKED", "SANS MENTION")


class Shared(msgspec.Struct, frozen=True):
    """What a nation has released into a room: whose it is and how it is marked stand with it."""

    record: str
    owner: str
    marking: str
    finding: str
    """The finding's id at its desk: the same thing has the same id wherever it is seen."""
    detector: str
    status: str
    """raised, revised or retracted"""
    vessels: tuple[str, ...]
    begin: Moment
    end: Moment
    lon: float
    lat: float
    score: float
    why: Phrase
    track: tuple[tuple[float, float], ...] = ()


class Scene(msgspec.Struct, frozen=True):
    """Own states and findings, and what partners share. `marking` is that of the whole."""

    made: Moment
    marking: str
    language: str
    states: tuple[State, ...] = ()
    findings: tuple[Finding, ...] = ()
    shared: tuple[Shared, ...] = ()
    risks: dict[int, str] = {}
    """MMSI to status towards the lists: sanctioned, ambiguous or possible."""


def chosen(scene: Scene, choice: Choice, *, alerts_only: bool = False) -> Scene:
    """What of a scene a reader wants: vessels by their last report, findings as in a list of alerts, records by their place.

    With `alerts_only`, of the vessels only those that a finding or a list names.
    """
    known = {state.mmsi: state.identity for state in scene.states}
    found = tuple(alert.chosen(scene.findings, choice, known))
    named = {mmsi for each in found for mmsi in alert.mmsi_of(each)} | scene.risks.keys()
    return msgspec.structs.replace(
        scene,
        findings=found,
        states=tuple(
            state
            for state in scene.states
            if (choice.since is None or state.time >= choice.since)
            and alert.inside(state.lon, state.lat, choice.within)
            and alert.names(state.mmsi, state.identity, choice.vessel)
            and (not alerts_only or state.mmsi in named)
        ),
        shared=tuple(each for each in scene.shared if alert.inside(each.lon, each.lat, choice.within)),
    )


STATUS: Final[tuple[Phrase, ...]] = (
    Phrase("under way using engine", "en route, au moteur"),
    Phrase("at anchor", "au mouillage"),
    Phrase("not under command", "non maître de sa manœuvre"),
    Phrase("restricted manoeuvrability", "capacité de manœuvre restreinte"),
    Phrase("constrained by her draught", "handicapé par son tirant d'eau"),
    Phrase("moored", "à quai"),
    Phrase("aground", "échoué"),
    Phrase("fishing", "en pêche"),
    Phrase("under way sailing", "en route, à la voile"),
)
"""Navigational status 0 to 8 (ITU-R M.1371-5, table 45)."""

_TYPES: Final[tuple[tuple[int, int, Phrase], ...]] = (
    (20, 29, Phrase("wing in ground", "navion")),
    (30, 30, Phrase("fishing", "pêche")),
    (31, 32, Phrase("towing", "remorquage")),
    (33, 34, Phrase("dredging or diving", "dragage ou plongée")),
    (35, 35, Phrase("military", "militaire")),
    (36, 37, Phrase("sailing or pleasure", "voile ou plaisance")),
    (40, 49, Phrase("high speed", "grande vitesse")),
    (50, 50, Phrase("pilot", "pilote")),
    (51, 51, Phrase("search and rescue", "sauvetage")),
    (52, 52, Phrase("tug", "remorqueur")),
    (53, 59, Phrase("service", "service")),
    (60, 69, Phrase("passenger", "passagers")),
    (70, 79, Phrase("cargo", "cargo")),
    (80, 89, Phrase("tanker", "citerne")),
    (90, 99, Phrase("other", "autre")),
)


def status_words(status: int | None, language: str) -> str:
    """Navigational status in words; empty where there is none."""
    return STATUS[status].text(language) if status is not None and status < len(STATUS) else ""


def type_words(ship_type: int, language: str) -> str:
    """Type of ship in words (ITU-R M.1371-5, table 53); empty where it says nothing."""
    return next((words.text(language) for low, high, words in _TYPES if low <= ship_type <= high), "")
