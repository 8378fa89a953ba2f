"""Every detector of this desk: its number (in EVENT), its name, its titles, and what its values are.

Numbers are never reused: they stand in stored events. `values` names EVENT's `values`, in order, each with its unit.
"""

from typing import Final, NamedTuple

from cordiale.labels.phrase import Phrase

GAP: Final = 1
LOITERING: Final = 2
ENCOUNTER: Final = 3
JUMP: Final = 4
MOTION: Final = 5
TWO_PLACES: Final = 6
CIRCLE: Final = 7
ON_LAND: Final = 8
DRIFT: Final = 9
DRAG: Final = 10
CABLE_SLOWDOWN: Final = 11
CABLE_DRIFT: Final = 12
CABLE_ZIGZAG: Final = 13
ZONE: Final = 14
WRONG_WAY: Final = 15
IMO_INVALID: Final = 16
FLAG_MISMATCH: Final = 17
IDENTITY_CHANGE: Final = 18
IDENTITY_SHARED: Final = 19
IDENTITY: Final = (IMO_INVALID, FLAG_MISMATCH, IDENTITY_CHANGE, IDENTITY_SHARED)
"""What is found in identities, not in positions: `cordiale.desks.maritime.identity`."""


class Detector(NamedTuple):
    """One row of the table."""

    number: int
    name: str
    title: Phrase
    values: tuple[tuple[str, str], ...] = ()
    """(name, unit) of each of EVENT's values; at most eight."""


DETECTORS: Final[tuple[Detector, ...]] = (
    Detector(
        GAP,
        "gap",
        Phrase("Silence", "Silence radio"),
        (
            ("silent", "h"),
            ("distance", "km"),
            ("speed_between", "kn"),
            ("speed_before", "kn"),
            ("speed_after", "kn"),
            ("heard_before", "reports in 12 h"),
            ("near", "vessels an hour"),
            ("along", "share of the hours"),
        ),
    ),
    Detector(
        LOITERING,
        "loitering",
        Phrase("Loitering", "Stationnement en mer"),
        (("duration", "h"), ("path", "km"), ("mean_speed", "kn"), ("reports", ""), ("moored_share", "")),
    ),
    Detector(
        ENCOUNTER,
        "encounter",
        Phrase("Encounter at sea", "Rencontre en mer"),
        (
            ("duration", "h"),
            ("least_distance", "m"),
            ("mean_distance", "m"),
            ("mean_speed", "kn"),
            ("from_anchorage", "km"),
            ("ticks", ""),
            ("service_vessel", ""),
        ),
    ),
    Detector(
        JUMP,
        "jump",
        Phrase("Impossible jump", "Saut impossible"),
        (("distance", "km"), ("hours", "h"), ("implied_speed", "kn"), ("reports_after", "")),
    ),
    Detector(
        MOTION,
        "motion",
        Phrase("Impossible motion", "Mouvement impossible"),
        (("reports", ""), ("duration", "min"), ("last_reported_speed", "kn"), ("greatest_speed", "kn")),
    ),
    Detector(
        TWO_PLACES,
        "two-places",
        Phrase("One MMSI in two places", "Un MMSI en deux lieux"),
        (("distance", "km"), ("implied_speed", "kn"), ("alternations", "")),
    ),
    Detector(
        CIRCLE,
        "circle",
        Phrase("Track on a circle", "Trajectoire circulaire"),
        (("radius", "km"), ("reports_on", ""), ("reports_off", ""), ("sectors", "of 16"), ("duration", "min")),
    ),
    Detector(
        ON_LAND,
        "on-land",
        Phrase("Positions on land", "Positions à terre"),
        (("reports", ""), ("duration", "min"), ("inland", "km")),
    ),
    Detector(
        DRIFT,
        "drift",
        Phrase("Drifting", "Dérive"),
        (("duration", "min"), ("distance", "km"), ("mean_speed", "kn"), ("mean_angle", "degrees"), ("reports", "")),
    ),
    Detector(
        DRAG,
        "anchor-dragging",
        Phrase("Dragging anchor", "Ancre qui chasse"),
        (("distance", "m"), ("duration", "min"), ("anchored_before", "h"), ("mean_speed", "kn")),
    ),
    Detector(
        CABLE_SLOWDOWN,
        "cable-slowdown",
        Phrase("Slow over a cable", "Ralentissement sur un câble"),
        (
            ("crossing_speed", "kn"),
            ("own_speed", "kn"),
            ("speed_after", "kn"),
            ("after_crossing", "min"),
            ("grounds", "1 faster after, 2 slow for long, 4 short of its own speed just there; or their sum"),
        ),
    ),
    Detector(
        CABLE_DRIFT,
        "cable-drift",
        Phrase("Drifting over a cable", "Dérive sur un câble"),
        (("speed", "kn"), ("mean_angle", "degrees"), ("drifting_for", "min"), ("dragging_for", "min")),
    ),
    Detector(
        CABLE_ZIGZAG,
        "cable-zigzag",
        Phrase("Crossing a cable again and again", "Passages répétés sur un câble"),
        (("crossings", ""), ("duration", "min"), ("speed", "kn")),
    ),
    Detector(ZONE, "zone", Phrase("In a zone", "Dans une zone"), (("duration", "h"),)),
    Detector(
        WRONG_WAY,
        "wrong-way",
        Phrase("Against the traffic lane", "À contresens dans une voie"),
        (("reports", ""), ("duration", "min"), ("angle", "degrees"), ("speed", "kn")),
    ),
    Detector(
        IMO_INVALID,
        "imo-invalid",
        Phrase("IMO number that cannot be", "Numéro OMI impossible"),
        (("reports", "minutes"),),
    ),
    Detector(
        FLAG_MISMATCH,
        "flag-mismatch",
        Phrase("MMSI of no State, or of another", "MMSI sans État, ou d'un autre"),
        (("reports", "minutes"),),
    ),
    Detector(
        IDENTITY_CHANGE,
        "identity-change",
        Phrase("Identity changed", "Identité modifiée"),
        (("changed", "of IMO number, name, call sign"), ("between", "min"), ("distance", "km")),
    ),
    Detector(
        IDENTITY_SHARED,
        "identity-shared",
        Phrase("Identity used by several", "Identité partagée"),
        (("turns", ""), ("between", "min"), ("distance", "km")),
    ),
)
"""In order of their numbers."""

BY_NUMBER: Final = {detector.number: detector for detector in DETECTORS}
BY_NAME: Final = {detector.name: detector for detector in DETECTORS}
