"""Incidents as they were reported, sailed again by made-up ships (EXERCISE) in one sea, each with what is to be told of it.

Where facts were published they are kept, and the rest (marked *ours*) is filled in:

- **Yi Peng 3**, 17–18 November 2024: over two telecommunication cables (BCS East–West, C-Lion1) at 7.3 knots, 10.8
  afterwards; lost speed and changed course conspicuously at each (vesseltracker.com, casualties, 18 November 2024), the
  anchor out for more than 160 km (Wall Street Journal after Wikipedia, "Yi Peng 3"). The loops are *ours*.
- **NewNew Polar Bear**, 8 October 2023: a steady 11 knots, 9.5 for five minutes over the Balticconnector (ERR News, 17
  October 2023).
- **Eagle S**, 25 December 2024: 8.5 knots at 11:00, 6.3 at 11:35, nothing until 13:05, three miles on, then 7.5 knots; left
  its route 35 miles later (EADaily, 26 December 2024).
- **Fitburg**, 31 December 2025: a telecommunication cable fails at 4:53, the vessel is found under way with its chain out at
  7:34, made to stop, and is in port at 17:00 (Wikipedia, "2025 Elisa data cable incident"); the marks of its anchor are tens
  of kilometres long (gCaptain, 4 January 2026). Speeds are *ours*: 10.5 knots, 6.5 from three hours before the cable on.
- **Vezhen**, 26 January 2025: passed the cable from Ventspils to Gotland at 00:45 UTC, in heavy weather, its anchor slipping
  out for hours (Reuters, 27 January; The Maritime Executive, 28 January 2025). Speeds are *ours*: 11 knots, 7.5 for four
  hours.
- **Eventin**, 10 January 2025: all power lost, adrift at low speed off Rügen until a tug holds it (Deutsche Welle and
  bluewin.ch, 10–11 January 2025); towed next day at one to two knots. The drift of 1.2 knots, and that it tells it, are
  *ours*.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cordiale.desks.maritime.schema import DEGREE, POSITION
from desks.maritime.detect.voyages import KM, Ship

CLASS_B: Final = 18
Told = tuple[str, int]
"""A detector's name and one MMSI that it is told of."""
Line = tuple[tuple[float, float], ...]
"""Longitudes and latitudes."""


class Hull(Ship):
    """A ship of either class, that can be put where it will be somewhere in so many minutes."""

    kind = 1

    def report(self, kn: float, course: float, heading: float | None, status: int) -> None:
        super().report(kn, course, heading, status)
        if self.kind == CLASS_B:
            *before, _bow, _status, _kind = self.rows.pop()
            self.rows.append((*before, 511, 15, CLASS_B))

    def astern(self, minutes: float, kn: float, course: float) -> "Hull":
        """As far back as it makes in that time, without a word."""
        km = kn * 1.852 * minutes / 60
        self.lat -= km * KM * math.cos(math.radians(course))
        self.lon -= km * KM * math.sin(math.radians(course)) / math.cos(math.radians(self.lat))
        return self


class Vessel(NamedTuple):
    """What a vessel says of itself."""

    name: str
    ship_type: int = 70
    imo: int = 0
    length: int = 180
    width: int = 30


class Incident(NamedTuple):
    """One shape."""

    ships: tuple[Ship, ...]
    told: frozenset[Told]
    """what is to be told of these ships, and nothing else"""
    cables: tuple[Line, ...] = ()


def hull(mmsi: int, lon: float, lat: float, *, every: int = 60, kind: int = 1) -> Hull:
    """At the beginning of the sea."""
    made = Hull(lon, lat, mmsi=mmsi, every=every)
    made.kind = kind
    return made


# --- over cables ----------------------------------------------------------------------------------------------------


def yi_peng_3() -> Incident:
    """South-west over the first cable with the anchor out, on for hours, looping over the second, and away."""
    ship = hull(414_990_001, 19.0, 56.85, every=30).astern(300, 7.3, 215)
    ship.sail(660, 7.3, 215)
    west, south = ship.lon, ship.lat
    for course in (350, 170, 350, 170, 350):
        ship.sail(20, 5.0, course)
    ship.sail(420, 10.8, 215)
    told = {("cable-slowdown", ship.mmsi), ("cable-zigzag", ship.mmsi)}
    first, second = ((18.5, 57.3), (20.9, 55.95)), ((west - 0.8, south + 0.014), (west + 0.8, south + 0.014))
    return Incident((ship,), frozenset(told), (first, second))


def balticconnector() -> Incident:
    ship = hull(477_990_002, 24.05, 59.62, every=10).astern(241, 11.0, 80)
    ship.sail(239, 11.0, 80).sail(5, 9.5, 80).sail(150, 11.0, 80)
    return Incident((ship,), frozenset({("cable-slowdown", ship.mmsi)}), (((24.05, 59.4), (24.05, 60.0)),))


def eagle_s() -> Incident:
    """The cable lies in the three miles that nobody heard it make."""
    ship = hull(518_990_003, 26.6, 59.77).astern(240, 8.5, 270)
    ship.sail(240, 8.5, 270).sail(35, 6.3, 270)
    cable = ship.lon - 0.05
    ship.wait(90).astern(90, 2.0, 90)
    ship.sail(240, 7.5, 270).sail(120, 5.0, 0).sail(240, 0.1, 0, status=1)
    return Incident((ship,), frozenset({("cable-slowdown", ship.mmsi)}), (((cable, 59.5), (cable, 60.1)),))


def fitburg() -> Incident:
    ship = hull(375_990_004, 24.95, 59.8, every=30).astern(180, 6.5, 265).astern(240, 10.5, 265)
    ship.sail(240, 10.5, 265).sail(180 + 161, 6.5, 265)
    ship.sail(170, 0.3, 265, heading=20).sail(90, 6.0, 350).sail(120, 0.0, 350, status=5)
    told = {("cable-slowdown", ship.mmsi), ("drift", ship.mmsi)}
    return Incident((ship,), frozenset(told), (((24.95, 59.5), (24.95, 60.1)),))


def vezhen() -> Incident:
    ship = hull(215_990_005, 20.3, 57.7, every=180).astern(120, 7.5, 205).astern(360, 11.0, 205)
    ship.sail(360, 11.0, 205).sail(240, 7.5, 205).sail(180, 11.0, 205)
    return Incident((ship,), frozenset({("cable-slowdown", ship.mmsi)}), (((19.5, 57.75), (21.3, 57.4)),))


def eventin() -> Incident:
    ship = hull(352_990_006, 13.6, 54.85, every=60).astern(180, 10.0, 250)
    ship.sail(180, 10.0, 250).sail(480, 1.2, 140, heading=250, status=2).sail(300, 1.5, 90, heading=90, status=2)
    return Incident((ship,), frozenset({("drift", ship.mmsi), ("loitering", ship.mmsi)}))


# --- at sea ---------------------------------------------------------------------------------------------------------


def shared_number() -> Incident:
    """One MMSI, two hulls a thousand kilometres apart, heard in turns."""
    one = hull(667_990_007, -7.0, 47.0).sail(600, 9.0, 200)
    other = hull(667_990_007, 4.0, 53.5).sail(600, 11.0, 20)
    other.rows = [(time + 20_000, *rest) for time, *rest in other.rows]
    return Incident((one, other), frozenset({("two-places", one.mmsi)}))


def yacht() -> Incident:
    """Of class B, tacking: nothing to tell."""
    ship = hull(232_990_008, -3.2, 49.9, every=30, kind=CLASS_B)
    for _ in range(6):
        ship.sail(40, 5.5, 45).sail(40, 5.5, 135)
    return Incident((ship,), frozenset())


def meeting() -> Incident:
    """Two ships far from everything, side by side for three hours and a half."""
    one = hull(613_990_009, -8.0, 48.2).astern(180, 12, 90)
    other = hull(341_990_010, -8.0, 48.2027).astern(180, 11, 270)
    for ship, course, kn in ((one, 90, 12), (other, 270, 11)):
        ship.sail(180, kn, course).sail(210, 0.6, 80, heading=80).sail(180, kn, course)
    both = {(name, each.mmsi) for each in (one, other) for name in ("encounter", "loitering")}
    return Incident((one, other), frozenset(both))


def circle() -> Incident:
    """Round and round at ten knots, 4 km from nowhere: positions that a machine made."""
    ship = hull(636_990_011, -6.0, 46.5).sail(120, 12.0, 90)
    ship.circle(4, 4.0, 10.0)
    return Incident((ship,), frozenset({("circle", ship.mmsi)}))


def silence() -> Incident:
    """Eight others are heard all along where one is silent for six hours."""
    others = [hull(220_990_020 + k, 2.2 + 0.05 * k, 56.0 + 0.04 * k, every=180) for k in range(8)]
    for other in others:
        for leg in range(
            10
        ):  # to and fro, never twice on the same course: else two parts of a file look like one clock off
            other.sail(120, 5.0, 180 * (leg % 2) + leg)
    ship = hull(538_990_012, 2.4, 56.0).astern(300, 6.0, 20).sail(300, 6.0, 20)
    ship.wait(360).astern(360, 4.0, 200)
    ship.sail(540, 6.0, 200)
    return Incident((*others, ship), frozenset({("gap", ship.mmsi)}))


ALL: Final = (
    yi_peng_3, balticconnector, eagle_s, fitburg, vezhen, eventin, shared_number, yacht, meeting, circle, silence
)  # fmt: skip
VESSELS: Final = {
    414_990_001: Vessel("EXERCISE PENG", 70, 9_990_014),
    477_990_002: Vessel("EXERCISE BEAR", 70, 9_990_026),
    518_990_003: Vessel("EXERCISE EAGLE", 80, 9_990_038),
    375_990_004: Vessel("EXERCISE FIT", 70, 9_990_040),
    215_990_005: Vessel("EXERCISE STAR", 70, 9_990_052),
    352_990_006: Vessel("EXERCISE EVENT", 80, 9_990_064),
    667_990_007: Vessel("EXERCISE TWICE", 80),
    232_990_008: Vessel("EXERCISE YACHT", 36, length=12, width=4),
    613_990_009: Vessel("EXERCISE LIGHTER", 80),
    341_990_010: Vessel("EXERCISE TAKER", 80),
    636_990_011: Vessel("EXERCISE RING", 80),
    538_990_012: Vessel("EXERCISE MUTE", 80),
}


def rows(incidents: Iterable[Incident]) -> NDArray[np.void]:
    """[n] of POSITION of all ships, in the order of time."""
    found = np.array([row for each in incidents for ship in each.ships for row in ship.rows], POSITION)
    return np.sort(found, order=POSITION.names)


def weathered(ship: Ship, seed: int, *, waver: float, lost: float, every: int) -> Ship:
    """The same ship as receivers have it: its speed wavers by so many knots (1 σ, over ten minutes), its place by 10 m, its
    course by two degrees; of a report in so many seconds, a share is lost."""
    dice, count = np.random.default_rng(seed), len(ship.rows)
    rows = np.array(ship.rows, POSITION)
    memory = math.exp(-ship.every / 600)
    slow, pushed = 0.0, np.zeros(count)
    for k, push in enumerate(dice.normal(0, math.sqrt(1 - memory**2), count)):
        slow = memory * slow + push
        pushed[k] = slow
    under_way = rows["sog"] > 10
    rows["sog"] = np.clip(rows["sog"] + 10 * (waver * pushed + dice.normal(0, 0.1, count)) * under_way, 0, 1_000)
    for name, metres in (("lon", 18.0), ("lat", 10.0)):
        rows[name] += dice.normal(0, metres / 111_200 * DEGREE, count).astype(np.int32)
    rows["cog"] = (rows["cog"] + dice.normal(0, 20, count)) % 3_600
    kept = (np.arange(count) % (every // ship.every or 1) == 0) & (dice.random(count) >= lost)
    found = Ship(0, 0, mmsi=ship.mmsi, every=every)
    found.rows = rows[kept].tolist()
    return found


def lay_cables(incidents: Iterable[Incident], path: Path) -> Path:
    """As GeoJSON."""
    lines = [line for each in incidents for line in each.cables]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": line},
            "properties": {"name": f"EXERCISE {n}"},
        }
        for n, line in enumerate(lines)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path
