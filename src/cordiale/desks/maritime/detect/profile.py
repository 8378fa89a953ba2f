"""Thresholds as data: a profile is a TOML file, each value in it with its unit and its source.

Sections are detectors. A detector without a section is off in that profile: it emits nothing. Kernels take the values as one
flat record of numbers, `Thresholds`, named `section_name`.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from cordiale.desks.maritime.detect import detectors
from cordiale.errors import NotFound, PolicyInvalid
from cordiale.labels.phrase import Phrase, Text
from cordiale.labels.toml_file import read_toml

NEVER: Final = 1e30
"""What a threshold is that no profile sets: beyond everything."""


class Thresholds(NamedTuple):
    """The numbers of a profile, in the units of their names."""

    on: int
    """Which detectors are on: bit n of the detector numbered n."""
    track_speed_kn: float
    track_tolerance_km: float
    gap_silent_h: float = NEVER
    loitering_speed_kn: float = -1.0
    loitering_out_kn: float = -1.0
    loitering_duration_h: float = NEVER
    loitering_bridge_h: float = 0.0
    tick_speed_kn: float = -1.0
    tick_bridge_h: float = 0.0


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value with its unit, and where it comes from."""

    value: float
    unit: Text
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
    sections = {
        name: section for name, section in msgspec.structs.asdict(plain).items() if section and name in SECTIONS
    }
    return Profile(plain.profile.id, Phrase(plain.profile.en, plain.profile.fr), sections, _flat(sections))


SECTIONS: Final[dict[str, tuple[int, ...]]] = {
    "track": (detectors.JUMP, detectors.TWO_PLACES),
    "gap": (detectors.GAP,),
    "loitering": (detectors.LOITERING,),
    "tick": (detectors.ENCOUNTER,),
}
"""Which detectors a section turns on."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    profile: _Head
    track: dict[str, Threshold]
    gap: dict[str, Threshold] = {}
    loitering: dict[str, Threshold] = {}
    tick: dict[str, Threshold] = {}


def _flat(sections: dict[str, dict[str, Threshold]]) -> Thresholds:
    on, numbers = 0, dict[str, Any]()
    for section, values in sections.items():
        on |= sum(1 << number for number in SECTIONS[section])
        for name, threshold in values.items():
            field = f"{section}_{name}_{threshold.unit}"
            if field not in Thresholds._fields:
                raise PolicyInvalid(f"profile: {section}.{name} in {threshold.unit!r} is no threshold of this desk")
            numbers[field] = float(threshold.value)
    try:
        return Thresholds(on=on, **numbers)
    except TypeError as fault:
        raise PolicyInvalid(f"profile: {fault}") from None


@cache
def shipped(name: str) -> Profile:
    """A profile of this package by its id; `NotFound` where there is none."""
    if name not in PROFILES:
        raise NotFound(name, what="profile")
    return read((files("cordiale.desks.maritime") / "data" / "profiles" / f"{name}.toml").read_bytes())
