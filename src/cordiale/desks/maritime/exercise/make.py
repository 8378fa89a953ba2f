"""Makes an exercise: ships and behaviours of a seed, let transmit block by block of time, into an archive, with the truth."""

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.exercise.behaviour import Outage, Truth, inject, outages
from cordiale.desks.maritime.exercise.course import PLEASURE, Identity, Register, Ship
from cordiale.desks.maritime.exercise.radio import OUTAGE, SEGMENT, SHIP, WAKE, reception, sail, transmit
from cordiale.desks.maritime.exercise.traffic import background
from cordiale.desks.maritime.exercise.waters import beside, feature, waters
from cordiale.desks.maritime.schema import POSITION
from cordiale.desks.maritime.spool import Spool
from cordiale.desks.maritime.table import fitted, frame
from cordiale.vocab.moment import DAY

FIRST_DAY: Final = date(2025, 1, 6)
_BLOCK_ROWS: Final = 2_000_000
_ROWS_A_DAY: Final = 6_000
"""Of one ship, about: what a block's length is chosen by."""
_STATIC_MS: Final = 360_000
"""How often class A sends its identity (ITU-R M.1371-5, annex 1)."""
_VESSEL_DAYS_EACH: Final = 800
"""Vessel-days of background for each time that a behaviour is injected."""

_LANE: Final = {"seamark:type": "separation_lane"}
"""OpenStreetMap's word for a lane of a traffic separation scheme, drawn in the direction of the traffic."""
_EDGE: Final = {"seamark:type": "separation_boundary"}
_HALF_LANE_M: Final = 2_500

Progress = Callable[[int, int], None]
"""(days done, days in all)."""


def unseen(_done: int, _all: int) -> None:
    """Nobody looks at the progress."""


class Made(msgspec.Struct, frozen=True):
    """What an exercise came to."""

    seed: int
    first_day: str
    days: int
    vessels: int
    positions: int
    truths: tuple[Truth, ...]


class Plan(NamedTuple):
    """Who sails, what of it is injected, and when nobody hears."""

    begin: int
    """ms"""
    ships: list[Ship]
    """in order of MMSI"""
    truths: tuple[Truth, ...]
    failures: list[Outage]


def planned(seed: int, days: int, vessels: int, first_day: date = FIRST_DAY) -> Plan:
    """The ships of an exercise, before any of them transmits."""
    begin = int(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC).timestamp()) * 1000
    end = begin + days * DAY
    chance, register = random.Random(seed), Register(random.Random(seed + 1))  # noqa: S311 — no secret is made of it
    each = max(1, round(vessels * days / _VESSEL_DAYS_EACH))
    ships = background(chance, register, vessels, begin, end)
    actors, truths = inject(chance, register, each, begin, end)
    failures, decoys = outages(chance, max(1, each // 2), begin, end, truths)
    return Plan(begin, sorted(ships + actors, key=lambda ship: ship.mmsi), (*truths, *decoys), failures)


def exercise(
    store: Path, *, seed: int, days: int, vessels: int, first_day: date = FIRST_DAY, progress: Progress = unseen
) -> Made:  # fmt: skip
    """Write so many days with so many ships in the background into the store, which should be new.

    Beside the archive stand `exercise/truth.json`, and as GeoJSON what detectors ask for: cables, zones with lanes, anchorages.
    """
    plan = planned(seed, days, vessels, first_day)
    fleet = Fleet(plan.ships, plan.begin)
    failed = np.array([tuple(getattr(each, name) for name in OUTAGE.names or ()) for each in plan.failures], OUTAGE)
    archive = Archive(store)
    positions = 0
    for day in range(days):
        positions += _day(archive, fleet, failed, plan.begin + day * DAY, first_day + timedelta(day))
        progress(day + 1, days)
    made = Made(seed, first_day.isoformat(), days, vessels, positions, plan.truths)
    _beside(store / "exercise", made)
    return made


class Fleet:
    """All ships as the kernel wants them, and their names."""

    def __init__(self, ships: list[Ship], begin: int) -> None:
        self.segments = np.concatenate([ship.segments for ship in ships]).astype(SEGMENT)
        self.identities = [ship.identities for ship in ships]
        self.said = pl.DataFrame([_static(each) for ship in ships for each in ship.identities])
        self.starts = np.concatenate([[0], np.cumsum([len(each) for each in self.identities])]).tolist()
        self.told = np.full(len(ships), -1)
        self.state: NDArray[np.void] = np.zeros(len(ships), SHIP)
        self.grid = reception(waters().receivers)
        last = np.cumsum([len(ship.segments) for ship in ships])
        self.state["last"], self.state["segment"] = last, np.concatenate([[0], last[:-1]])
        self.state["mmsi"] = [ship.mmsi for ship in ships]
        self.state["class_b"] = [ship.class_b for ship in ships]
        self.state["seed"] = np.arange(len(ships), dtype=np.uint64) * 1_000_003 + 17
        self.state["no_heading"] = np.arange(len(ships)) % 11 == 5
        first = self.segments["begin"][self.state["segment"]]
        self.state["next"] = np.maximum(first, begin) + np.arange(len(ships)) * 7919 % 10_000

    def transmit(self, until: int, span: int, outages: NDArray[np.void]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """What is heard until then, and of which ship each row is."""
        room = len(self.state) * (span // 1_800 + 2)
        rows, which = np.empty(room, POSITION), np.empty(room, np.int64)
        count = transmit(self.state, self.segments, until, self.grid, outages, rows, which)
        return rows[:count], which[:count]

    def wake(self, times: NDArray[np.int64]) -> NDArray[np.void]:
        """[ships, times] of WAKE: what each would report at each of the times (ms, ascending), without noise."""
        first = np.concatenate([[0], self.state["last"][:-1]])
        rows = np.empty((len(self.state), len(times)), WAKE)
        sail(self.state, first, self.segments, times, rows)
        return rows

    def statics(self, rows: NDArray[np.void], which: NDArray[np.int64]) -> pl.DataFrame:
        """Identity reports: one in each six minutes in which a ship was heard, a second after a position."""
        slots = rows["time"] // _STATIC_MS
        _, first = np.unique(np.stack([which, slots]), axis=1, return_index=True)
        fresh = np.sort(first[slots[first] > self.told[which[first]]])
        np.maximum.at(self.told, which[fresh], slots[fresh])
        times = rows["time"][fresh] + 1000
        now = [self._identity(int(ship), int(time)) for ship, time in zip(which[fresh], times, strict=True)]
        said = self.said[pl.Series(now, dtype=pl.UInt32)].with_columns(time=pl.Series(times))
        return fitted(said, "statics")

    def _identity(self, ship: int, time: int) -> int:
        """The row of `said` that a ship sends then."""
        given = self.identities[ship]
        return self.starts[ship] + sum(each.since <= time for each in given[1:])


def _static(now: Identity) -> dict[str, Any]:
    return {
        "mmsi": now.mmsi, "imo": now.imo, "call_sign": now.call_sign, "name": now.name,
        "ship_type": now.ship_type, "to_bow": now.length // 2, "to_stern": now.length - now.length // 2,
        "to_port": now.length // 14, "to_starboard": now.length // 14, "draught": now.draught, "destination": "EXERCISE",
        "eta": 0, "kind": 24 if now.ship_type == PLEASURE else 5,
    }  # fmt: skip


def _day(archive: Archive, fleet: Fleet, outages: NDArray[np.void], begin: int, day: date) -> int:
    spool = Spool(archive.store / "exercise" / "runs")
    blocks = max(1, -(-len(fleet.state) * _ROWS_A_DAY // _BLOCK_ROWS))
    for block in range(blocks):
        rows, which = fleet.transmit(begin + DAY * (block + 1) // blocks, DAY // blocks, outages)
        spool.add("statics", fleet.statics(rows, which))
        spool.add("positions", frame(rows))
    count = 0
    for kind in ("positions", "statics"):
        merged = archive.merge(day, kind, spool.runs(kind, day))
        count += merged.added if kind == "positions" else 0
    spool.drop()
    return count


def _beside(folder: Path, made: Made) -> None:
    """What detectors ask for, and the truth."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    here = waters()
    files = {
        "cables": [feature(name, "LineString", line) for name, line in here.cables.items()],
        "zones": [
            *(feature(name, "Polygon", ring) for name, ring in here.zones.items()),
            *(feature(name, "LineString", line, **_LANE) for name, line in here.scheme.items()),
            *(
                feature(f"edge of {name}", "LineString", beside(line, side), **_EDGE)
                for name, line in here.scheme.items()
                for side in (-_HALF_LANE_M, _HALF_LANE_M)
            ),
        ],
        "anchorages": [
            feature(f"{name} {place}", "Point", (point,))
            for name in ("anchorages", "ports", "pilot_berths")
            for place, point in enumerate(here.points[name])
        ],
    }
    for name, features in files.items():
        _write(folder / f"{name}.geojson", {"type": "FeatureCollection", "features": features})
    _write(folder / "truth.json", msgspec.to_builtins(made))


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
