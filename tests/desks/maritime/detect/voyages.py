"""EXERCISE tracks: a vessel sailed by hand, report by report."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.detect.areas import Places
from cordiale.desks.maritime.detect.detectors import BY_NUMBER
from cordiale.desks.maritime.detect.profile import shipped
from cordiale.desks.maritime.detect.stage import Stage, columns, ordered
from cordiale.desks.maritime.schema import DEGREE, POSITION

START = 1_700_000_000
KM = 1 / 111.195


class Ship:
    """Sails straight, and reports every `every` seconds."""

    def __init__(self, lon: float, lat: float, *, mmsi: int = 227_000_001, every: int = 60, at: int = 0) -> None:
        self.lon, self.lat, self.mmsi, self.every, self.at = lon, lat, mmsi, every, at
        self.rows = list[tuple[int, ...]]()

    def report(self, kn: float, course: float, heading: float | None, status: int) -> None:
        lon, lat = round(self.lon * DEGREE), round(self.lat * DEGREE)
        bow = round(course if heading is None else heading) % 360
        time = (START + self.at) * 1000
        self.rows.append((time, self.mmsi, lon, lat, round(kn * 10), round(course * 10) % 3600, bow, status, 1))

    def sail(
        self, minutes: float, kn: float, course: float = 90, *, heading: float | None = None, status: int = 0
    ) -> "Ship":
        for _ in range(round(minutes * 60 / self.every)):
            self.report(kn, course, heading, status)
            km = kn * 1.852 * self.every / 3600
            self.lat += km * KM * math.cos(math.radians(course))
            self.lon += km * KM * math.sin(math.radians(course)) / math.cos(math.radians(self.lat))
            self.at += self.every
        return self

    def circle(self, turns: float, radius_km: float, kn: float, *, status: int = 0) -> "Ship":
        arc = kn * 1.852 * self.every / 3600 / radius_km
        course = 0.0
        for _ in range(round(turns * 2 * math.pi / arc)):
            course += math.degrees(arc)
            self.sail(self.every / 60, kn, course, status=status)
        return self

    def wait(self, minutes: float) -> "Ship":
        """Say nothing."""
        self.at += round(minutes * 60)
        return self

    def leap(self, lon: float, lat: float) -> "Ship":
        self.lon, self.lat = lon, lat
        return self


def table(ships: Iterable[Ship]) -> NDArray[np.void]:
    rows = np.array([row for ship in ships for row in ship.rows], POSITION)
    return np.sort(rows, order=POSITION.names)


def events(
    *ships: Ship, places: Places | None = None, profile: str = "ours", later: int = 0, only: str = ""
) -> list[dict[str, object]]:
    """What is told of ships by `later` seconds after their last report, in words: name, times from START, values by name."""
    rows = table(ships)
    stage = Stage(shipped(profile).thresholds, places, hearing=False)
    now = int(rows["time"][-1]) + 1000 * later
    found = ordered(np.concatenate([stage.advance(columns(rows)).events, stage.pending(now)]))
    told = list[dict[str, object]]()
    for event in found:
        detector = BY_NUMBER[int(event["detector"])]
        values = {name: float(value) for (name, _), value in zip(detector.values, event["values"], strict=False)}
        begin, end = int(event["begin"]) / 1000 - START, int(event["end"]) / 1000 - START
        plain = {name: int(event[name]) for name in ("mmsi", "branch", "zone", "open")}
        told.append({"name": detector.name, "begin": begin, "end": end, **plain, **values})
    return [each for each in told if only in ("", each["name"])]


def names(*ships: Ship, places: Places | None = None, profile: str = "ours", later: int = 0) -> list[str]:
    return [str(event["name"]) for event in events(*ships, places=places, profile=profile, later=later)]
