"""Gaps: a vessel that is not heard for long, with what is needed to judge it.

Every silence of a vessel longer than the profile's is a candidate. Whether it says anything is judged later, by reception.
An MMSI that meanwhile was heard elsewhere was not silent. `heard` holds the reports in each of six spans of two hours of the
clock, the last one being that of the last report: those of the last 10 to 12 hours (Welch et al. 2022 ask for at least 14).
"""

from typing import Final

from cordiale.desks.maritime.detect.detectors import GAP
from cordiale.desks.maritime.detect.profile import Thresholds
from cordiale.desks.maritime.detect.step import Out, Report, emit
from cordiale.desks.maritime.detect.vessel import Vessels
from cordiale.desks.maritime.kernel import kernel

SPAN_MS: Final = 7_200_000
SPANS: Final = 6
CONFIRMED: Final = 3
"""A branch of fewer reports may be an error of one receiver."""


@kernel
def count(v: Vessels, j: int, time: int, first: bool) -> None:
    """Count a report in its span, and forget those that are over."""
    span = time // SPAN_MS
    last = span - SPANS if first else v[j]["time"] // SPAN_MS
    heard = v[j]["heard"]
    for k in range(max(last + 1, span - SPANS + 1), span + 1):
        heard[k % SPANS] = 0
    heard[span % SPANS] = min(255, heard[span % SPANS] + 1)


@kernel
def elsewhere(v: Vessels, j: int, head: int) -> bool:
    """Whether the MMSI was heard as another vessel since `j` was heard last."""
    k = head
    while k >= 0:
        if k != j and v[k]["time"] > v[j]["time"] and v[k]["reports"] >= CONFIRMED:
            return True
        k = v[k]["next"]
    return False


@kernel
def gap_step(v: Vessels, j: int, head: int, r: Report, t: Thresholds, out: Out) -> None:
    """A silence that this report ends."""
    if not r.first and r.hours >= t.gap_silent_h and not elsewhere(v, j, head):
        n = _event(v, j, r.time, r.lon, r.lat, 0, out)
        out.events[n]["values"][1], out.events[n]["values"][2] = r.km, r.implied
        out.events[n]["values"][4] = r.sog


@kernel
def gap_pending(v: Vessels, j: int, head: int, now: int, t: Thresholds, out: Out) -> None:
    """A silence that lasts."""
    if (
        now - v[j]["time"] >= t.gap_silent_h * 3_600_000.0
        and v[j]["reports"] >= CONFIRMED
        and not elsewhere(v, j, head)
    ):
        n = _event(v, j, now, v[j]["lon"], v[j]["lat"], 1, out)
        out.events[n]["values"][4] = -1.0


@kernel
def _event(v: Vessels, j: int, end: int, lon: int, lat: int, open: int, out: Out) -> int:
    n = emit(out, GAP, v, j, v[j]["time"], v[j]["lon"], v[j]["lat"], end, lon, lat, open)
    values = out.events[n]["values"]
    values[0] = (end - v[j]["time"]) / 3_600_000.0
    values[3] = v[j]["sog"] * 0.1 if v[j]["sog"] < 1022 else -1.0
    values[5] = 0.0
    for k in range(SPANS):
        values[5] += v[j]["heard"][k]
    return n
