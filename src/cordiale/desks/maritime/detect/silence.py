"""Gaps: a vessel that is not heard for long, with what is needed to judge it.

Every silence of a vessel longer than the profile's is a candidate. Whether it says anything is judged later, by reception.
An MMSI that meanwhile was heard elsewhere was not silent. `heard` holds the reports in each of six spans of two hours of the
clock, the last one being that of the last report: those of the last 10 to 12 hours (Welch et al. 2022 ask for at least 14).
"""

from typing import Final

from cordiale.desks.maritime.detect.detectors import GAP
from cordiale.desks.maritime.detect.step import HOUR_MS, UNKNOWN, Out, Record, emit
from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.kernel import kernel

SPAN_MS: Final = 7_200_000
SPANS: Final = 6
CONFIRMED: Final = 3
"""A branch of fewer reports may be an error of one receiver."""


@kernel
def heard_go(s: Record, r: Record) -> None:
    """Count a report in its span, and forget those that are over."""
    span = r.time // SPAN_MS
    last = span - SPANS if r.first else s.time // SPAN_MS
    for k in range(max(last + 1, span - SPANS + 1), span + 1):
        s.heard[k % SPANS] = 0
    s.heard[span % SPANS] = min(255, s.heard[span % SPANS] + 1)


@kernel
def elsewhere(v: Vessels, j: int, head: int) -> bool:
    """Whether the MMSI was heard as another vessel since `j` was heard last."""
    k = head
    while k >= 0:
        if k != j and v[k].time > v[j].time and v[k].reports >= CONFIRMED:
            return True
        k = v[k].next
    return False


@kernel
def gap_emit(out: Out, s: Record, end: int, open: int) -> Record:
    """The silence of `s` since its last report."""
    event = emit(out, GAP, s, s.time, s.lon, s.lat, end, open)
    event.values[0] = (end - s.time) / HOUR_MS
    event.values[3] = s.sog * 0.1 if s.sog < 1022 else UNKNOWN
    event.values[4] = UNKNOWN
    for k in range(SPANS):
        event.values[5] += s.heard[k]
    return event


@kernel
def gap_ended(out: Out, s: Record, r: Record) -> None:
    """The silence that this report ends."""
    event = gap_emit(out, s, r.time, 0)
    event.lon1, event.lat1 = r.lon, r.lat
    event.values[1], event.values[2], event.values[4] = r.km, r.implied, r.sog


@kernel
def gap_pending(out: Out, v: Vessels, j: int, head: int, now: int, t: Record) -> None:
    """A silence that lasts."""
    s = v[j]
    if now - s.time >= t.gap_silent_h * HOUR_MS and s.reports >= CONFIRMED and not elsewhere(v, j, head):
        gap_emit(out, s, now, 1)
