"""The live watch: reports as they arrive, and what they change in what stands found.

What a single vessel does is told at once. What needs the whole sea (silences, judged by reception; encounters; land where many
sail) is looked at every five minutes of the reports' own time, by the very function that ends the batch: after `settle` the
findings are those of `cordiale.desks.maritime.run.detect` over the same reports, whatever order they came in.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cordiale.analysis.finding import Change, Finding, FindingId, changes
from cordiale.desks.maritime import sea
from cordiale.desks.maritime.anchorage import Points
from cordiale.desks.maritime.detect.areas import Places, nothing
from cordiale.desks.maritime.detect.detectors import ENCOUNTER, GAP, ON_LAND
from cordiale.desks.maritime.detect.heard import HEARD, HOUR_MS
from cordiale.desks.maritime.detect.judge import standing
from cordiale.desks.maritime.detect.live import SWEEP, Live
from cordiale.desks.maritime.detect.passing import TALLY, cells
from cordiale.desks.maritime.detect.profile import Profile
from cordiale.desks.maritime.detect.stage import columns, ordered
from cordiale.desks.maritime.rules import rules
from cordiale.desks.maritime.run import Carried, Found, found_of
from cordiale.desks.maritime.schema import Positions

SETTLED: Final = (GAP, ENCOUNTER, ON_LAND)
"""What is told of all vessels together."""
Tell = Callable[[NDArray[np.void]], Sequence[Finding]]
"""Findings of events."""


class Heard:
    """Which MMSIs were heard in which cell in which hour, in any order."""

    def __init__(self) -> None:
        self._known: dict[int, set[int]] = defaultdict(set)

    def add(self, rows: Positions) -> None:
        """Count reports; those that are none of a vessel are passed over."""
        c = columns(rows)
        place = cells(c)
        good = place >= 0
        hours = c.time[good] // HOUR_MS
        keys = (place[good] << 32) | c.mmsi[good].astype(np.int64)
        for hour in np.unique(hours).tolist():
            self._known[hour].update(np.unique(keys[hours == hour]).tolist())

    def rows(self) -> NDArray[np.void]:
        """[n] of HEARD; messages are not counted."""
        parts = [np.zeros(0, HEARD)]
        for hour in sorted(self._known):
            cell, vessels = np.unique(np.array(list(self._known[hour]), np.int64) >> 32, return_counts=True)
            part = np.zeros(len(cell), HEARD)
            part["hour"], part["cell"], part["vessels"] = hour, cell, vessels
            parts.append(part)
        return np.concatenate(parts)

    def checkpoint(self) -> NDArray[np.int64]:
        """[n, 2] hour and key."""
        return np.array([(hour, key) for hour, keys in self._known.items() for key in sorted(keys)], np.int64).reshape(
            -1, 2
        )

    def restore(self, saved: NDArray[np.int64]) -> None:
        """What `checkpoint` gave."""
        self._known.clear()
        for hour, key in saved.tolist():
            self._known[hour].add(key)


class Watch:
    """One watch over one sea. `folder` is for what is laid down for a moment."""

    def __init__(
        self,
        profile: Profile,
        tell: Tell,
        folder: Path,
        places: Places | None = None,
        anchorages: Sequence[Points] = (),
        live: Live | None = None,
    ) -> None:
        self._profile, self._tell, self._folder, self._anchorages = profile, tell, folder, anchorages
        self._places = places or nothing()
        self.live = live or Live(profile.thresholds, self._places)
        self._heard, self._settled = Heard(), 0
        self._own: dict[int, dict[FindingId, Finding]] = {}
        self._common: dict[FindingId, Finding] = {}

    def take(self, rows: Positions) -> list[Change]:
        """Reports as they arrived, [n] of POSITION; what they change."""
        if not len(rows):
            return []
        self._heard.add(rows)
        touched = self.live.take(rows)
        if self.live.now - self._settled >= SWEEP:
            return self.settle()
        found: list[Change] = []
        for mmsi in touched:
            after = self._alone(self.live.events(mmsi))
            found += changes(self._own.get(mmsi, {}), after)
            self._own[mmsi] = after
        return sorted(found, key=lambda change: (change.finding.begin, change.finding.id))

    def settle(self) -> list[Change]:
        """Look at the whole sea as of the latest report; what changes by it."""
        self._settled = self.live.now
        self.live.sweep()
        before = self.findings()
        found = self.found()
        self._own = {mmsi: self._alone(self.live.events(mmsi)) for mmsi in self.live.mmsis()}
        common = found.events[np.isin(found.events["detector"], SETTLED)]
        self._common = {each.id: each for each in self._tell(common)}
        return changes(before, self.findings())

    def found(self) -> Found:
        """Everything as the batch would have it."""
        state = sea.empty()._replace(events=self.live.closed(), waiting=self.live.ticks(), heard=self._heard.rows())
        stage: dict[str, NDArray[Any]] = {
            "vessels": self.live.vessels(),
            "touched": np.zeros(0, np.int32),
            "messages": np.zeros(0, np.uint32),
            "distinct": np.zeros(0, np.uint32),
            "known": np.zeros(0, np.int64),
            "hour": np.array([-1, 0, 0], np.int64),
            "tally": np.zeros(len(TALLY), np.int64),
        }
        carried = Carried(stage, state, self.live.now)
        taken = self.live.counted.taken
        return found_of(
            carried, taken, self._profile, rules(self._profile), self._anchorages, self._folder, self._places
        )

    def findings(self) -> dict[FindingId, Finding]:
        """All that stands."""
        return {**{name: each for own in self._own.values() for name, each in own.items()}, **self._common}

    def _alone(self, events: NDArray[np.void]) -> dict[FindingId, Finding]:
        own = events[~np.isin(events["detector"], SETTLED)]
        return {each.id: each for each in self._tell(ordered(own[standing(own, self._profile)]))} if len(own) else {}

    def checkpoint(self) -> dict[str, NDArray[Any]]:
        """Everything carried; findings follow from it."""
        return {**self.live.checkpoint(), "heard": self._heard.checkpoint(), "settled": np.array([self._settled])}

    def restore(self, saved: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a checkpoint, and find again what stood."""
        self.live.restore(saved)
        self._heard.restore(saved["heard"])
        self.settle()
        self._settled = int(saved["settled"][0])
