"""A standing table of activities that changes one by one: what an insertion meets, at once.

The rows are in the cubes of `lattice`, each in those of its own level that its box touches; every coarser cube around these
counts what is below it. A search goes down from the coarsest cubes that a box touches and leaves out empty space. Whoever
is in a cube on the way is judged by `judge.hits`, the same test that the batch makes, so that both find the same.

Arrays grow by doubling; the one insertion in very many that makes them grow takes as long as copying them.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from cordiale.desks.activity import table
from cordiale.desks.activity.conflict import NO_RESOURCE, Conflict, describe
from cordiale.desks.activity.growth import copied, empty, moved
from cordiale.desks.activity.judge import LINK, depths, hits, near
from cordiale.desks.activity.kernel import Ints, Longs
from cordiale.desks.activity.lattice import around, homes, within
from cordiale.desks.activity.rules import Rules
from cordiale.desks.activity.table import ACTIVITIES, Nations, Row
from cordiale.desks.activity.volume import Activity, ActivityId
from cordiale.errors import AlreadyExists, LimitExceeded, NotFound

_ROOM: Final = 64


class Board:
    """Activities by id. Not for several threads at once."""

    def __init__(self, rules: Rules, activities: Iterable[Activity] = ()) -> None:
        self._rules, self._nations = rules, Nations()
        self._columns, self._used = empty(_ROOM, 4 * _ROOM), 0
        self._rows: list[Row | None] = []
        self._free: list[int] = []
        self._held: dict[ActivityId, list[int]] = {}
        self._numbers = 0
        self._cubes: dict[int, array[int]] = {}
        self._below: dict[int, int] = {}
        self._users: dict[str, array[int]] = {}
        first = list(activities)
        if len({each.id for each in first}) < len(first):
            raise AlreadyExists("two of those given have one id", what="activity")
        self._place(first)

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: ActivityId) -> bool:
        return key in self._held

    def insert(self, activity: Activity) -> tuple[Conflict, ...]:
        """Add one; its conflicts, in the order of ids and volumes. `AlreadyExists` if its id is taken."""
        self._place((activity,))
        return self.conflicts_of(activity.id)

    def remove(self, key: ActivityId) -> Activity:
        """Take one away. `NotFound` if it is not there."""
        rows = self._rows_of(key)
        activity = self._row(rows[0]).activity
        for row in rows:
            self._unlink(row)
            self._rows[row] = None
        self._free.extend(rows)
        del self._held[key]
        return activity

    def replace(self, activity: Activity) -> tuple[Conflict, ...]:
        """One instead of that with the same id; the conflicts that it has now. `NotFound` if there is none."""
        self.remove(activity.id)
        return self.insert(activity)

    def conflicts_of(self, key: ActivityId) -> tuple[Conflict, ...]:
        """All that one activity has. `NotFound` if it is not there."""
        found: list[tuple[int, int, int]] = []
        for row in self._rows_of(key):
            met = hits(self._columns, self._rules.matrix, row, self._neighbours(row))
            found += [(*self._in_order(row, other), NO_RESOURCE) for other in met.tolist()]
            found += self._rivals(row)
        reach = depths(self._columns.shapes, np.array(found, np.int32).reshape(-1, 3)).tolist()
        told = [
            describe(self._columns, self._rules, each, (self._row(each[0]), self._row(each[1])), depth)
            for each, depth in zip(found, reach, strict=True)
        ]
        return tuple(sorted(told, key=lambda each: (each.a, each.volumes[0], each.b, each.volumes[1], each.cause)))

    # --- rows -----------------------------------------------------------------------------------------------------

    def _rows_of(self, key: ActivityId) -> list[int]:
        if key not in self._held:
            raise NotFound(key[:48], what="activity")
        return self._held[key]

    def _row(self, row: int) -> Row:
        found = self._rows[row]
        if found is None:
            raise AssertionError("a free row is linked")
        return found

    def _place(self, activities: Sequence[Activity]) -> None:
        for activity in activities:
            if activity.id in self._held:
                raise AlreadyExists(activity.id[:48], what="activity")
        if len(self._held) + len(activities) > ACTIVITIES:
            raise LimitExceeded(f"{ACTIVITIES} activities on the board are the most")
        new = table.columns(table.plan(activities, self._rules, self._nations))
        self._reserve(len(new.begin), len(new.shapes.corner))
        rows = [self._new_row() for _ in new.begin]
        copied(new, self._columns, np.array(rows, np.int64), self._used, self._numbers)
        self._used += len(new.shapes.corner)
        self._numbers += len(activities)
        taken = iter(rows)
        for activity in activities:
            held = [next(taken) for _ in activity.volumes]
            self._held[activity.id] = held
            for place, row in enumerate(held):
                self._rows[row] = Row(activity, place)
                self._link(row)

    def _in_order(self, row: int, other: int) -> tuple[int, int]:
        one, two = self._row(row), self._row(other)
        return (row, other) if (one.activity.id, one.place) < (two.activity.id, two.place) else (other, row)

    def _new_row(self) -> int:
        if self._free:
            return self._free.pop()
        self._rows.append(None)
        return len(self._rows) - 1

    def _reserve(self, rows: int, corners: int) -> None:
        """Make room for so many more; corners of rows that are gone make way."""
        room, corner_room = len(self._columns.begin), len(self._columns.shapes.corner)
        if len(self._rows) + rows <= room and self._used + corners <= corner_room:
            return
        alive = np.array([row for row, each in enumerate(self._rows) if each is not None], np.int32)
        kept = int(self._columns.shapes.corners[alive].sum())
        bigger = empty(max(room, 2 * (len(self._rows) + rows)), max(_ROOM, 2 * (kept + corners) + 8 * rows))
        self._used = moved(self._columns, bigger, alive)
        self._columns = bigger

    # --- cubes ----------------------------------------------------------------------------------------------------

    def _link(self, row: int) -> None:
        box, span = self._columns.box[row], (int(self._columns.begin[row]), int(self._columns.end[row]))
        for cube in homes(box).tolist():
            self._cubes.setdefault(cube, array("q")).extend((row, *span))
        for cube in around(box).tolist():
            self._below[cube] = self._below.get(cube, 0) + 1
        for resource in self._row(row).activity.resources:
            if self._rules.claims(resource):
                self._users.setdefault(resource, array("i")).append(row)

    def _unlink(self, row: int) -> None:
        box = self._columns.box[row]
        for cube in homes(box).tolist():
            _cut(self._cubes, cube, row)
        for cube in around(box).tolist():
            self._below[cube] -= 1
            if not self._below[cube]:
                del self._below[cube]
        for resource in self._row(row).activity.resources:
            if self._rules.claims(resource):
                self._users[resource].remove(row)
                if not self._users[resource]:
                    del self._users[resource]

    def _neighbours(self, row: int) -> Ints:
        """Every row that may meet this one: their times and boxes do, and a cube is theirs in common."""
        box, found = self._columns.box[row], [np.zeros(0, np.int64)]
        found += [np.frombuffer(self._cubes[cube], np.int64) for cube in around(box).tolist() if cube in self._cubes]
        cubes = self._peopled(homes(box))
        while len(cubes):
            cubes = self._peopled(within(cubes, box))
            found += [np.frombuffer(self._cubes[cube], np.int64) for cube in cubes.tolist() if cube in self._cubes]
        return np.array(sorted(set(near(self._columns, row, np.concatenate(found)).tolist())), np.int32)

    def _peopled(self, cubes: Longs) -> Longs:
        """Those of cubes in which anybody is, or in a finer one inside."""
        return np.array([cube for cube in cubes.tolist() if cube in self._below], np.int64)

    def _rivals(self, row: int) -> list[tuple[int, int, int]]:
        """Users of an exclusive resource of this row while it is on, with the resource's place at the second."""
        c, found = self._columns, list[tuple[int, int, int]]()
        for resource in filter(self._rules.claims, self._row(row).activity.resources):
            users = np.array(self._users[resource], np.int32)
            at_once = (c.begin[users] < c.end[row]) & (c.begin[row] < c.end[users])
            for other in map(int, users[at_once & (c.activity[users] != c.activity[row])]):
                pair = self._in_order(row, other)
                found.append((*pair, self._row(pair[1]).activity.resources.index(resource)))
        return found


def _cut(cubes: dict[int, "array[int]"], cube: int, row: int) -> None:
    """Take a row's link out of a cube: the last one goes to its place."""
    links = cubes[cube]
    place = LINK * int(np.flatnonzero(np.frombuffer(links, np.int64)[::LINK] == row)[0])
    links[place : place + LINK] = links[-LINK:]
    del links[-LINK:]
    if not links:
        del cubes[cube]
