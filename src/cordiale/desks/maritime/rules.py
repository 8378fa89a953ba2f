"""The thresholds of stage two: data/together/PROFILE.toml, each value with its unit and its source."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from cordiale.desks.maritime import reception, sea
from cordiale.desks.maritime.detect.profile import Profile, Threshold
from cordiale.desks.maritime.identity import judge
from cordiale.desks.maritime.schema import TICK_MS
from cordiale.labels.toml_file import read_toml


class Met(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When two vessels have met."""

    distance: Threshold
    """m"""
    duration: Threshold
    """h"""
    bridge: Threshold
    """ticks that may be missing in between"""
    speed: Threshold
    """kn: below it both are in the median"""


class Anchorage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an anchorage is, and how far from one an encounter is."""

    distance: Threshold
    """km from an anchorage, at least"""
    vessels: Threshold
    """that make a cell an anchorage"""
    duration: Threshold
    """h that each of them lies still"""
    shore: Threshold
    """km: so near to land one vessel is enough"""


class Heard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a silence is likely disabling."""

    vessels: Threshold
    """an hour, near both ends"""
    hours: Threshold
    """that count as near an end"""
    along: Threshold
    """share of the hours in which somebody was heard along the way"""
    before: Threshold
    """reports in the 12 hours before"""
    silent: Threshold
    """h, at least"""
    edge: Threshold
    """silences of others in the block, for each vessel and hour heard there, from which on it is an edge"""
    at_once: Threshold
    """share of those heard in the block that fall silent or are heard again at once, from which on a receiver failed"""
    shore: Threshold
    """km from the coast at both ends, at least"""
    far_shore: Threshold
    """km from the coast at both ends, from which on satellites hear; 0 for nowhere"""
    far_silent: Threshold
    """h, at least, there"""
    far_near: Threshold
    """h, at least, there, where others were heard in the near cells"""
    far_edge: Threshold
    """as `edge`, there"""
    berth: Threshold
    """km: nearer to an anchorage, whoever stays there has switched off at berth"""


class Slow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which slow runs are loitering, beside what the profile says."""

    speed: Threshold
    """kn over ground along the way, at least: slower is lying still"""


class Changed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When another identity is a change at sea."""

    bridge: Threshold
    """h between the last of the former and the first of the new"""


class Crossed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which slow crossings of a cable are told, beside what the profile says."""

    port: Threshold
    """km from an anchorage or a berth, at least: nearer, ships slow down to anchor, for a pilot or for port"""


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file."""

    version: int
    encounter: Met
    anchorage: Anchorage
    reception: Heard
    loitering: Slow
    cable: Crossed | None = None
    identity: Changed | None = None
    """Without it identities are not judged."""


class Rules(NamedTuple):
    """What stage two goes by."""

    encounter: sea.Rule
    reception: reception.Rule
    berth_metres: float
    gap_shore_metres: float
    anchorage_metres: float
    anchorage_vessels: int
    anchorage_ticks: int
    shore_metres: float
    moving_knots: float
    port_metres: float
    identity: judge.Rule | None


@cache
def together(profile: str) -> Together:
    """What is shipped for a profile."""
    path = files("cordiale.desks.maritime") / "data" / "together" / f"{profile}.toml"
    return read_toml(path.read_bytes(), Together, what="profile")


def sections(profile: str) -> dict[str, dict[str, Threshold]]:
    """The same by section and name."""
    given = together(profile)
    parts = {"encounter": given.encounter, "anchorage": given.anchorage, "reception": given.reception}
    return {name: msgspec.structs.asdict(part) for name, part in parts.items()}


def rules(profile: Profile) -> Rules:
    """Those of a profile, in the units that the stages take."""
    given = together(profile.id)
    met, place, heard, slow = given.encounter, given.anchorage, given.reception, given.loitering
    late = int(profile.sections["tick"]["bridge"].value * 3_600_000)
    return Rules(
        sea.Rule(met.distance.value, met.duration.value, int(met.bridge.value), late, met.speed.value),
        reception.Rule(
            heard.vessels.value,
            int(heard.hours.value),
            heard.along.value,
            heard.before.value,
            heard.silent.value,
            heard.edge.value,
            heard.at_once.value,
            reception.Far(
                1000 * heard.far_shore.value, heard.far_silent.value, heard.far_edge.value, heard.far_near.value
            )
            if heard.far_shore.value
            else None,
        ),
        1000 * heard.berth.value,
        1000 * heard.shore.value,
        1000 * place.distance.value,
        int(place.vessels.value),
        int(place.duration.value * 3_600_000 / TICK_MS),
        1000 * place.shore.value,
        slow.speed.value,
        1000 * given.cable.port.value if given.cable else 0.0,
        judge.Rule(given.identity.bridge.value) if given.identity else None,
    )
