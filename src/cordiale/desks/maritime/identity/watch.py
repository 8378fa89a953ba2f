"""Identities as they arrive: what changes in what stands found, and everything again where positions decide.

What one MMSI says of itself is judged when it says something new; what several say, and where each was, every time the whole sea
is looked at. In the end the findings are those of the batch over the same reports.
"""

from collections.abc import Iterable

import msgspec
import polars as pl

from cordiale.analysis.finding import Change, Finding, FindingId, changes
from cordiale.desks.maritime.identity.judge import CHANGED, Case, Rule, alone, together
from cordiale.desks.maritime.identity.place import Fix, Where
from cordiale.desks.maritime.identity.roll import Roll
from cordiale.desks.maritime.identity.telling import finding


class IdentityWatch:
    """One watch. `where` tells positions within the horizon; those that were asked for are remembered beyond it."""

    def __init__(self, profile: str, rule: Rule | None, where: Where) -> None:
        self._profile, self._rule, self._live = profile, rule, where
        self.roll = Roll()
        self._places: dict[tuple[int, int, int], Fix] = {}
        self._own: dict[int, dict[FindingId, Finding]] = {}
        self._common: dict[FindingId, Finding] = {}

    def take(self, statics: pl.DataFrame) -> list[Change]:
        """Identities as they arrived; what they change."""
        fresh = self.roll.take(statics) if len(statics) else set[int]()
        if self._rule is None:
            return []
        found: list[Change] = []
        for mmsi in sorted(fresh):
            before, after = self._own.get(mmsi, {}), self._alone(mmsi, self._rule)
            found += changes(before, after)
            self._own[mmsi] = after
        return found

    def settle(self, oldest: int) -> list[Change]:
        """Look at all again, with the positions as they are now; forget single reports before `oldest`."""
        if self._rule is None:
            return []
        before = self.findings()
        for mmsi, history in self.roll.histories().items():
            if (
                self._own.get(mmsi)
                or any(len(history.get(field, ())) > 1 for field in CHANGED)
                or mmsi not in self._own
            ):
                self._own[mmsi] = self._alone(mmsi, self._rule)
        self._common = self._told(together(self.roll.histories(), self._where, self._rule))
        self.roll.prune(oldest)
        return changes(before, self.findings())

    def findings(self) -> dict[FindingId, Finding]:
        """All that stands."""
        return {**{name: each for own in self._own.values() for name, each in own.items()}, **self._common}

    def checkpoint(self) -> bytes:
        """Everything carried; findings follow from it."""
        return msgspec.msgpack.encode((self.roll.checkpoint(), list(self._places.items())))

    def restore(self, saved: bytes) -> None:
        """Go on from a checkpoint; `settle` finds again what stood."""
        roll, places = msgspec.msgpack.decode(saved, type=tuple[bytes, list[tuple[tuple[int, int, int], Fix]]])
        self.roll.restore(roll)
        self._places = dict(places)

    def _alone(self, mmsi: int, rule: Rule) -> dict[FindingId, Finding]:
        return self._told(alone(mmsi, self.roll.history(mmsi), self._where, rule))

    def _told(self, cases: Iterable[Case]) -> dict[FindingId, Finding]:
        found = (finding(case, self._profile, self.roll.history) for case in cases)
        return {each.id: each for each in found}

    def _where(self, mmsi: int, time: int, within: int) -> Fix | None:
        found = self._live(mmsi, time, within)
        if found is not None:
            self._places[mmsi, time, within] = found
        return found or self._places.get((mmsi, time, within))
