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
from cordiale.desks.maritime.picture.alert import mmsi_of
from cordiale.desks.maritime.rules import rules
from cordiale.desks.maritime.run import Carried, Found, at_large, found_of
from cordiale.desks.maritime.schema import Positions

SETTLED: Final = (GAP, ENCOUNTER, ON_LAND)
"""What is told of all vessels together."""
Tell = Callable[[NDArray[np.void]], Sequence[Finding]]
"""Findings of events."""


class Heard:
    """Which MMSIs were heard in which cell in which hour, in any order; of hours that are closed, how many."""

    def __init__(self) -> None:
        self._known: dict[int, set[int]] = defaultdict(set)
        self._closed = np.zeros(0, HEARD)
        self._open_from = 0

    def add(self, rows: Positions) -> None:
        """Count reports; those that are none of a vessel, or of an hour that is closed, are passed over."""
        c = columns(rows)
        place = cells(c)
        good = place >= 0
        hours = c.time[good] // HOUR_MS
        keys = (place[good] << 32) | c.mmsi[good].astype(np.int64)
        for hour in np.unique(hours[hours >= self._open_from]).tolist():
            self._known[hour].update(np.unique(keys[hours == hour]).tolist())

    def close(self, before: int) -> None:
        """Keep of the hours before this one only how many vessels each cell had: no report of them is taken any more."""
        if before > self._open_from:
            self._open_from = before
            self._closed = np.concatenate([self._closed, self._counts(lambda hour: hour < before)])
            for hour in [hour for hour in self._known if hour < before]:
                del self._known[hour]

    @property
    def kept(self) -> int:
        """MMSIs in cells and hours that are open."""
        return sum(map(len, self._known.values()))

    def rows(self) -> NDArray[np.void]:
        """[n] of HEARD; messages are not counted."""
        return np.concatenate([self._closed, self._counts(lambda _hour: True)])

    def _counts(self, wanted: Callable[[int], bool]) -> NDArray[np.void]:
        parts = [np.zeros(0, HEARD)]
        for hour in filter(wanted, sorted(self._known)):
            cell, vessels = np.unique(np.array(list(self._known[hour]), np.int64) >> 32, return_counts=True)
            part = np.zeros(len(cell), HEARD)
            part["hour"], part["cell"], part["vessels"] = hour, cell, vessels
            parts.append(part)
        return np.concatenate(parts)

    def checkpoint(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays by name: what `restore` takes."""
        keys = [(hour, key) for hour, keys in self._known.items() for key in sorted(keys)]
        return {
            "heard": np.array(keys, np.int64).reshape(-1, 2),  # hour and key
            "heard_closed": self._closed,
            "heard_from": np.array([self._open_from]),
        }

    def restore(self, saved: Mapping[str, NDArray[Any]]) -> None:
        """What `checkpoint` gave."""
        self._known.clear()
        for hour, key in saved["heard"].tolist():
            self._known[hour].add(key)
        self._closed, self._open_from = saved["heard_closed"], int(saved["heard_from"][0])


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
        self._berths = np.zeros((0, 2), np.int32)
        """anchorages and berths, as of when the whole sea was looked at last"""

    def take(self, rows: Positions) -> list[Change]:
        """Reports as they arrived, [n] of POSITION; what they change."""
        if not len(rows):
            return []
        self._heard.add(rows)
        touched = self.live.take(rows)
        if self.live.now - self._settled >= SWEEP:
            return self.settle()
        before = {name: each for mmsi in touched for name, each in self._own.pop(mmsi, {}).items()}
        own = self._alone(self.live.events(touched))
        self._own |= own
        return changes(before, {name: each for part in own.values() for name, each in part.items()})

    def settle(self) -> list[Change]:
        """Look at the whole sea as of the latest report; what changes by it."""
        self._settled = self.live.now
        self.live.sweep()
        self._heard.close((self.live.now - self.live.horizon) // HOUR_MS)
        before = self.findings()
        found = self.found()
        self._berths = found.places
        self._own = self._alone(self.live.events())
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

    def _alone(self, events: NDArray[np.void]) -> dict[int, dict[FindingId, Finding]]:
        """What stands found of single vessels, by MMSI."""
        own = events[~np.isin(events["detector"], SETTLED)]
        own = own[at_large(own, self._berths, rules(self._profile).port_metres)]
        own = own[standing(own, self._profile)]
        found: dict[int, dict[FindingId, Finding]] = {}
        for each in self._tell(ordered(own)) if len(own) else ():
            found.setdefault(mmsi_of(each)[0], {})[each.id] = each
        return found

    def checkpoint(self) -> dict[str, NDArray[Any]]:
        """Everything carried; findings follow from it."""
        return {**self.live.checkpoint(), **self._heard.checkpoint(), "settled": np.array([self._settled])}

    def restore(self, saved: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a checkpoint, and find again what stood."""
        self.live.restore(saved)
        self._heard.restore(saved)
        self.settle()
        self._settled = int(saved["settled"][0])
