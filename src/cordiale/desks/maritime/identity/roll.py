"""Histories from identities that arrive in any order. Within the horizon each report is kept, what is older as spells.

Whatever order reports came in, the histories are those of the batch over the same reports. A report older than what has become
spells can't be placed any more: it is counted, and changes nothing.
"""

from array import array
from bisect import bisect_left, insort
from typing import Any, Final, cast

import msgspec
import polars as pl

from cordiale.desks.maritime.identity.spell import CONTENT, Content, History, extend, single
from cordiale.vocab.moment import HOUR

_PRUNED: Final = HOUR
"""Reports become spells an hour at a time."""


class _Kept(msgspec.Struct):
    """What is kept of one MMSI."""

    before: History = {}
    """spells of all reports up to `floor`"""
    floor: int = -1
    said: list[tuple[Content, list[int]]] = []
    """later reports: each content with its times"""


class _Member:
    """One MMSI."""

    def __init__(self, kept: _Kept | None = None) -> None:
        kept = kept or _Kept()
        self.before: History = {field: list(spells) for field, spells in kept.before.items()}
        self.floor = kept.floor
        self.said: dict[Content, array[int]] = {content: array("q", times) for content, times in kept.said}
        self.last = -1
        self.history: History = {}
        self.again()

    def again(self) -> None:
        """The history anew."""
        self.history = {field: list(spells) for field, spells in self.before.items()}
        for time, content in self.rows():
            self._go(time, content)

    def rows(self) -> list[tuple[int, Content]]:
        """Reports that are kept, in order."""
        return sorted((time, content) for content, times in self.said.items() for time in times)

    def _go(self, time: int, content: Content) -> None:
        spell = single("", time)
        extend(self.history, content, spell[1:])
        self.last = time

    def take(self, time: int, content: Content) -> bool:
        """A report; whether it is new."""
        times = self.said.setdefault(content, array("q"))
        if time > self.last:
            times.append(time)
            self._go(time, content)
            return True
        place = bisect_left(times, time)
        if place < len(times) and times[place] == time:
            return False
        insort(times, time)
        self.again()
        return True

    def shape(self) -> tuple[tuple[str, int, bool], ...]:
        """What a judge would look at again for, when it changes."""
        return tuple((field, len(spells), bool(spells[-1].second)) for field, spells in self.history.items())

    def prune(self, oldest: int) -> None:
        """Let reports before `oldest` become spells."""
        rows = self.rows()
        if not rows or rows[0][0] >= oldest - _PRUNED:
            return
        for time, content in rows:
            if time < oldest:
                extend(self.before, content, single("", time)[1:])
                self.floor = time
        left = {content: array("q", (time for time in times if time >= oldest)) for content, times in self.said.items()}
        self.said = {content: times for content, times in left.items() if times}


class Roll:
    """All MMSIs. `late` counts reports that came too late."""

    def __init__(self) -> None:
        self._members: dict[int, _Member] = {}
        self.late = 0

    def take(self, statics: pl.DataFrame) -> set[int]:
        """A table of statics, as it arrived; the MMSIs that say something new, or have confirmed it."""
        fresh = set[int]()
        for time, mmsi, *content in statics.select("time", "mmsi", *CONTENT).iter_rows():
            member = self._members.setdefault(mmsi, _Member())
            if time <= member.floor:
                self.late += 1
                continue
            before = member.shape()
            if member.take(time, cast("Content", tuple(content))) and member.shape() != before:
                fresh.add(mmsi)
        return fresh

    def prune(self, oldest: int) -> None:
        """Forget single reports before `oldest` ms; their spells stay."""
        for member in self._members.values():
            member.prune(oldest)

    def histories(self) -> dict[int, History]:
        """By MMSI; not to be changed."""
        return {mmsi: member.history for mmsi, member in self._members.items()}

    def history(self, mmsi: int) -> History:
        """Of one; empty where it said nothing."""
        member = self._members.get(mmsi)
        return member.history if member else {}

    def checkpoint(self) -> bytes:
        """Everything."""
        kept = {
            str(mmsi): _Kept(m.before, m.floor, [(content, list(times)) for content, times in m.said.items()])
            for mmsi, m in self._members.items()
        }
        return msgspec.msgpack.encode((self.late, kept))

    def restore(self, saved: bytes) -> None:
        """What `checkpoint` gave."""
        late, kept = msgspec.msgpack.decode(saved, type=tuple[int, dict[str, Any]])
        self.late = late
        self._members = {int(mmsi): _Member(msgspec.convert(each, _Kept)) for mmsi, each in kept.items()}
