"""Which physical vessel a report is of, when several send under one MMSI.

A report belongs to the branch from which it can have come: no farther than the tolerance and the profile's greatest speed
allow. Of several it is the nearest; where there is none, a new branch begins. A branch of fewer than three reports that has
not been heard for half an hour was an error of a receiver: it is forgotten, and its record used again.

A new branch that is confirmed (three reports over a minute) while no other has been heard since it began is a jump. Branches
that are heard in turn, three times and more, each time farther apart than any vessel goes, are one MMSI in two places.
"""

from typing import Final

from cordiale.desks.maritime.detect.detectors import JUMP, TWO_PLACES
from cordiale.desks.maritime.detect.motion import KNOT_KMH, distance
from cordiale.desks.maritime.detect.silence import CONFIRMED
from cordiale.desks.maritime.detect.step import HOUR_MS, Out, Record, emit
from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.kernel import kernel

BRANCHES: Final = 16
"""Of one MMSI at a time; with more, the one not heard for longest is forgotten."""
FORGET_MS: Final = 1_800_000
SETTLED_S: Final = 60
ALTERNATIONS: Final = 3
ALTERNATE_MS: Final = 3_600_000
"""Two branches are heard in turn when the other was heard within the hour."""
ALTERNATE_S: Final = 21_600
"""Six hours without an alternation end it."""


@kernel
def feasible(s: Record, time: int, lon: int, lat: int, t: Record) -> bool:
    """Whether a vessel can have come here since its last report."""
    return within_reach(time - s.time, distance(s.lon, s.lat, lon, lat), t)


@kernel
def within_reach(ms: int, km: float, t: Record) -> bool:
    """Whether a vessel can have made so many kilometres in so many milliseconds."""
    return km <= t.track_tolerance_km + t.track_speed_kn * KNOT_KMH / HOUR_MS * ms


@kernel
def choose(v: Vessels, head: int, time: int, lon: int, lat: int, t: Record) -> int:
    """The record that a report belongs to; −1 where it begins a branch. Errors of a receiver are only taken if no other fits."""
    best, least, spare, last = -1, 1e30, -1, 1e30
    j = head
    while j >= 0:
        if feasible(v[j], time, lon, lat, t):
            km = distance(v[j].lon, v[j].lat, lon, lat)
            if forgotten(v, j, time):
                if km < last:
                    spare, last = j, km
            elif km < least:
                best, least = j, km
        j = v[j].next
    return best if best >= 0 else spare


@kernel
def forgotten(v: Vessels, j: int, time: int) -> bool:
    """Too few reports, too long ago."""
    return v[j].reports < CONFIRMED and time - v[j].time > FORGET_MS


@kernel
def new_branch(v: Vessels, head: int, time: int, empty: int) -> int:
    """A record for a branch that begins: one that is forgotten, a new one (`empty`), or the one heard longest ago."""
    oldest, last, count, j = head, head, 0, head
    while j >= 0:
        if forgotten(v, j, time):
            _clear(v, j, empty)
            return j
        if v[j].time < v[oldest].time:
            oldest = j
        last, count, j = j, count + 1, v[j].next
    if count == BRANCHES:
        _clear(v, oldest, empty)
        return oldest
    v[empty].mmsi, v[empty].branch, v[empty].next = v[head].mmsi, count, -1
    v[last].next = empty
    return empty


@kernel
def _clear(v: Vessels, j: int, empty: int) -> None:
    """Forget what `j` was; what it holds of its MMSI stays."""
    mmsi, branch, after = v[j].mmsi, v[j].branch, v[j].next
    last_branch, switches = v[j].last_branch, v[j].switches
    since, last = v[j].switch_since, v[j].switch_last
    v[j] = v[empty]
    v[j].mmsi, v[j].branch, v[j].next = mmsi, branch, after
    v[j].last_branch, v[j].switches = last_branch, switches
    v[j].switch_since, v[j].switch_last = since, last


@kernel
def _settled(reports: int, born: int, time: int) -> bool:
    return reports >= CONFIRMED and time // 1000 - born >= SETTLED_S


@kernel
def _latest(v: Vessels, head: int, j: int) -> int:
    """The confirmed branch but `j` that was heard last; −1."""
    best, k = -1, head
    while k >= 0:
        if k != j and v[k].reports >= CONFIRMED and (best < 0 or v[k].time > v[best].time):
            best = k
        k = v[k].next
    return best


@kernel
def jump_step(out: Out, v: Vessels, j: int, head: int, r: Record, t: Record) -> None:
    """A branch that this report confirms, while no other was heard since it began."""
    reports, born = v[j].reports, v[j].born
    if r.first or _settled(reports, born, v[j].time) or not _settled(reports + 1, born, r.time):
        return
    k = _latest(v, head, j)
    if k < 0 or v[k].time >= born * 1000:
        return
    km = distance(v[k].lon, v[k].lat, r.lon, r.lat)
    if not feasible(v[k], r.time, r.lon, r.lat, t):
        event = emit(out, JUMP, v[j], v[k].time, v[k].lon, v[k].lat, r.time, 0)
        event.lon1, event.lat1, event.other_branch = r.lon, r.lat, v[k].branch
        hours = (r.time - v[k].time) / HOUR_MS
        event.values[0], event.values[1], event.values[2], event.values[3] = (
            km,
            hours,
            km / KNOT_KMH / hours,
            reports + 1,
        )


@kernel
def alternation_step(out: Out, v: Vessels, j: int, head: int, r: Record, t: Record) -> None:
    """Count a change to another branch than the MMSI's last report was of, if no vessel can have made it."""
    seconds = r.time // 1000
    if v[head].switches > 0 and seconds - v[head].switch_last > ALTERNATE_S:
        alternation_emit(out, v, head, 0, t)
        v[head].switches = 0
    branch = v[head].last_branch
    v[head].last_branch = v[j].branch
    if branch == v[j].branch or v[j].reports < CONFIRMED:
        return
    k = head
    while v[k].branch != branch:
        k = v[k].next
    if v[k].reports < CONFIRMED or r.time - v[k].time > ALTERNATE_MS:
        return
    if not feasible(v[k], r.time, r.lon, r.lat, t):
        if v[head].switches == 0:
            v[head].switch_since = v[k].time // 1000
        v[head].switches = min(255, v[head].switches + 1)
        v[head].switch_last = seconds


@kernel
def alternation_emit(out: Out, v: Vessels, head: int, open: int, t: Record) -> None:
    """The alternation of an MMSI as it stands, if there were enough."""
    if v[head].switches < ALTERNATIONS:
        return
    a = _latest(v, head, -1)
    b = _latest(v, head, a)
    if b < 0:
        return
    km = distance(v[a].lon, v[a].lat, v[b].lon, v[b].lat)
    hours = max(1.0, abs(v[a].time - v[b].time) * 1.0) / HOUR_MS
    begin, end = v[head].switch_since * 1000, v[head].switch_last * 1000
    event = emit(out, TWO_PLACES, v[head], begin, v[a].lon, v[a].lat, end, open)
    event.lon1, event.lat1, event.other_branch = v[b].lon, v[b].lat, v[b].branch
    # each change was faster than the profile's greatest speed; the last reports may lie farther apart in time
    knots = max(t.track_speed_kn, min(km / KNOT_KMH / hours, 99_999.0))
    event.values[0], event.values[1], event.values[2] = km, knots, v[head].switches


@kernel
def alternation_pending(out: Out, v: Vessels, head: int, now: int, t: Record) -> None:
    """The alternation that still goes on, or that time has ended."""
    if v[head].switches > 0:
        alternation_emit(out, v, head, int(now // 1000 - v[head].switch_last <= ALTERNATE_S), t)
