"""Thresholds as data: a profile is a TOML file, each value in it with its unit and its source.

Sections are detectors. A detector without a section is off in that profile: it emits nothing. Kernels take the values as one
flat record of numbers, `Thresholds`, named by section, name and unit.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.errors import NotFound, PolicyInvalid
from cordiale.labels.phrase import Phrase, Text
from cordiale.labels.toml_file import read_toml

NEVER: Final = 1e30
"""What a threshold is that no profile sets: beyond everything."""


_OFF: Final[dict[str, float]] = {
    "track_speed_kn": NEVER,
    "track_tolerance_km": NEVER,
    "gap_silent_h": NEVER,
    "loitering_speed_kn": -1.0,
    "loitering_out_kn": -1.0,
    "loitering_duration_h": NEVER,
    "loitering_bridge_h": 0.0,
    "loitering_moored_share": 0.0,
    "loitering_shore_km": 0.0,
    "tick_speed_kn": -1.0,
    "tick_bridge_h": 0.0,
    "motion_reported_kn": NEVER,
    "motion_disagree_kn": NEVER,
    "motion_leap_kn": NEVER,
    "motion_run_reports": NEVER,
    "circle_speed_kn": NEVER,
    "circle_least_km": NEVER,
    "circle_most_km": NEVER,
    "circle_hits_reports": NEVER,
    "drift_least_kn": NEVER,
    "drift_most_kn": NEVER,
    "drift_angle_degrees": NEVER,
    "drift_duration_min": NEVER,
    "drift_distance_km": NEVER,
    "drag_radius_km": NEVER,
    "drag_most_kn": -1.0,
    "drag_duration_min": NEVER,
    "cable_width_km": 0.0,
    "cable_way_kn": NEVER,
    "cable_less_kn": NEVER,
    "cable_factor": NEVER,
    "cable_dip_kn": NEVER,
    "cable_slow_min": NEVER,
    "cable_watch_h": NEVER,
    "zone_hysteresis_km": 0.0,
    "lane_width_km": 0.0,
    "lane_speed_kn": NEVER,
    "lane_angle_degrees": NEVER,
    "lane_run_reports": NEVER,
    "lane_duration_min": NEVER,
    "land_inland_km": NEVER,
    "land_run_reports": NEVER,
    "land_crowd_vessels": NEVER,
}
"""Every threshold, named section, name, unit; and what it is where a profile has no such section: its detector tells nothing."""

THRESHOLDS: Final = np.dtype([(name, "<f8") for name in _OFF])
Thresholds = NDArray[np.void]
"""[1] of THRESHOLDS"""


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value with its unit, and where it comes from."""

    value: float
    unit: str
    source: Text


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
    en: Text
    fr: Text


class Profile(NamedTuple):
    """A profile: its id, its title, its thresholds by section and name."""

    id: str
    title: Phrase
    sections: dict[str, dict[str, Threshold]]
    thresholds: Thresholds

    def source(self, section: str, name: str) -> str:
        """Where a threshold comes from."""
        return self.sections[section][name].source


PROFILES: Final = ("ours", "gfw", "rtec")


def read(payload: bytes) -> Profile:
    """A profile from TOML; `PolicyInvalid` names what is wrong."""
    plain = read_toml(payload, _File, what="profile")
    head = plain.profile
    return Profile(head.id, Phrase(head.en, head.fr), plain.threshold, _flat(plain.threshold))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    profile: _Head
    threshold: dict[str, dict[str, Threshold]]


def _flat(sections: dict[str, dict[str, Threshold]]) -> Thresholds:
    numbers = np.zeros(1, THRESHOLDS)
    for name, off in _OFF.items():
        numbers[name] = off
    for section, values in sections.items():
        given = {f"{section}_{name}_{value.unit}".removesuffix("_") for name, value in values.items()}
        wanted = {name for name in _OFF if name.partition("_")[0] == section}
        if given != wanted:
            raise PolicyInvalid(
                f"profile: section {section[:32]!r} has {sorted(given)}, and should have {sorted(wanted)}"
            )
        for name, threshold in values.items():
            numbers[f"{section}_{name}_{threshold.unit}".removesuffix("_")] = threshold.value
    return numbers


@cache
def shipped(name: str) -> Profile:
    """A profile of this package by its id; `NotFound` where there is none."""
    if name not in PROFILES:
        raise NotFound(name, what="profile")
    return read((files("cordiale.desks.maritime") / "data" / "profiles" / f"{name}.toml").read_bytes())
