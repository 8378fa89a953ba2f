"""Conflicts and why they are: two volumes that meet in time, altitude and place against a rule, or use one exclusive resource.

Of each axis a conflict tells what the two share and its margin: by how much one of them must move on that axis alone, for
them no longer to meet. In time and altitude the margin is exact (a short volume inside a long one must move further than what
they share); in place both are one number, by how much they reach into each other (see `overlap`: at least that much).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

import msgspec
import numpy as np

from cordiale.desks.activity.few import distance, pairs
from cordiale.desks.activity.judge import Columns
from cordiale.desks.activity.kernel import Ints
from cordiale.desks.activity.rules import Rules
from cordiale.desks.activity.sphere import EARTH_KM
from cordiale.desks.activity.table import Row, Table
from cordiale.desks.activity.volume import Activity, ActivityId
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import SECOND, Moment

Triples = Ints
"""[k, 3] two rows and the place of a resource among those of the second, or NO_RESOURCE."""
NO_RESOURCE: Final = -1


class Axis(msgspec.Struct, frozen=True):
    """What is shared on one axis, and the least move on it that parts the two; in seconds or metres."""

    shared: float
    margin: float


class Conflict(msgspec.Struct, frozen=True):
    """Two volumes of two activities that cannot both be; `a` is the lesser id. Times include uncertainty.

    By a rule: `altitude` and `reach_km` are there. By an exclusive resource: neither, for place does not matter.
    """

    a: ActivityId
    b: ActivityId
    volumes: tuple[int, int]
    kinds: tuple[Phrase, Phrase]
    cause: str
    """The id of a rule, or the resource."""
    why: Phrase
    source: str
    begin: Moment
    end: Moment
    time: Axis
    altitude: Axis | None = None
    cautious: bool = False
    """Whether the altitudes are above different references, and were compared as they can be at most."""
    reach_km: float | None = None


def conflicts(activities: Iterable[Activity], rules: Rules) -> "Conflicts":
    """All conflicts among activities, in the order of ids and volumes; `AlreadyExists` where two have one id."""
    table = Table(activities, rules)
    meeting = pairs(table.columns, rules.matrix)
    meeting = np.column_stack([np.sort(meeting, axis=1), np.full(len(meeting), NO_RESOURCE, np.int32)])
    found = np.concatenate([meeting, _shared_resources(table, rules)])
    return Conflicts(table, rules, found[np.lexsort((found[:, 2], found[:, 1], found[:, 0]))])


class Conflicts(Sequence[Conflict]):
    """Conflicts found, each described when it is asked for: a dense table has millions."""

    def __init__(self, table: Table, rules: Rules, found: Triples) -> None:
        self._table, self._rules, self.found = table, rules, found

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> Conflict: ...
    @overload
    def __getitem__(self, index: slice) -> "Conflicts": ...
    def __getitem__(self, index: int | slice) -> "Conflict | Conflicts":
        if isinstance(index, slice):
            return Conflicts(self._table, self._rules, self.found[index])
        i, j, resource = (int(each) for each in self.found[index])
        columns, rows = self._table.columns, self._table.rows
        depth = distance(columns, i, j) if resource == NO_RESOURCE else 0.0
        return describe(columns, self._rules, (i, j, resource), (rows[i], rows[j]), depth)


def describe(c: Columns, rules: Rules, found: tuple[int, int, int], rows: tuple[Row, Row], depth: float) -> Conflict:
    """A conflict found, in full; of its two `rows` the lesser is the first. `depth` is how far they reach into each other, in
    radians; of no account where they use one resource."""
    i, j, resource = found
    one, other = (row.activity for row in rows)
    used = other.resources[resource] if resource != NO_RESOURCE else ""
    begin, end = max(int(c.begin[i]), int(c.begin[j])), min(int(c.end[i]), int(c.end[j]))
    apart = min(int(c.end[i]) - int(c.begin[j]), int(c.end[j]) - int(c.begin[i]))
    time = Axis((end - begin) / SECOND, apart / SECOND)
    names = (rules.name(one.kind), rules.name(other.kind))
    shown = (one.id, other.id, (rows[0].place, rows[1].place), names)
    if used:
        why = rules.exclusive[used.partition(":")[0]]
        return Conflict(*shown, used, why, "", Moment(begin), Moment(end), time)
    reason = rules.against(one.kind, other.kind, same_nation=one.nation == other.nation)
    if reason is None:
        raise AssertionError("no rule is against a pair that was found by one")
    placed = (_altitude(c, i, j), bool(c.reference[i] != c.reference[j]), depth * EARTH_KM)
    return Conflict(*shown, reason.id, reason.phrase(), reason.source, Moment(begin), Moment(end), time, *placed)


def _altitude(c: Columns, i: int, j: int) -> Axis:
    """What `judge.shared_altitude` tells, and its margin."""
    low = 0 if c.reference[i] == c.reference[j] else 2
    floor, ceiling = c.altitude[i, low : low + 2].tolist()
    other_floor, other_ceiling = c.altitude[j, low : low + 2].tolist()
    shared = min(ceiling, other_ceiling) - max(floor, other_floor)
    return Axis(shared, min(ceiling - other_floor, other_ceiling - floor))


def _shared_resources(table: Table, rules: Rules) -> Triples:
    """Rows of different activities that use one exclusive resource at a time."""
    users: dict[str, list[int]] = {}
    for row, each in enumerate(table.rows):
        for resource in each.activity.resources:
            if rules.claims(resource):
                users.setdefault(resource, []).append(row)
    found = [triple for name, rows in sorted(users.items()) for triple in _in_turn(table, name, rows)]
    return np.array(found, np.int32).reshape(-1, 3)


def _in_turn(table: Table, resource: str, rows: list[int]) -> Iterator[tuple[int, int, int]]:
    begin, end = table.columns.begin, table.columns.end
    rows = sorted(rows, key=lambda row: begin[row])
    for place, i in enumerate(rows):
        for j in (rows[after] for after in range(place + 1, len(rows))):
            if begin[j] >= end[i]:
                break
            one, other = table.rows[min(i, j)].activity, table.rows[max(i, j)].activity
            if one is not other:
                yield min(i, j), max(i, j), other.resources.index(resource)
