"""Motion that cannot be: speeds above any ship's, speeds that disagree with the way made, leaps of the speed.

A report is odd if it says so itself (a speed over the profile's), if the way from the report before needs another speed
than both report (beyond 50 m of error of position at either end), or if the speed leapt. Single ones are errors; a run counts.
"""

from typing import Final

from cordiale.desks.maritime.detect.detectors import MOTION
from cordiale.desks.maritime.detect.step import Out, Record, emit
from cordiale.desks.maritime.kernel import kernel

SHORT_H: Final = 8.0 / 3600.0
LONG_H: Final = 600.0 / 3600.0
"""Ways made in less than 8 s are error, in more than ten minutes anything may have happened."""
ERROR_KN_H: Final = 0.1 / 1.852
"""100 m, as a speed times hours."""
LEAP_H: Final = 60.0 / 3600.0


@kernel
def odd_judged(r: Record) -> bool:
    """Whether this report can be judged."""
    return r.sog >= 0.0 and SHORT_H <= r.hours <= LONG_H


@kernel
def odd(s: Record, r: Record, t: Record) -> bool:
    """Whether its motion cannot be."""
    if r.sog > t.motion_reported_kn:
        return True
    if s.sog >= 1022:
        return False
    before = s.sog * 0.1
    slack = t.motion_disagree_kn + ERROR_KN_H / r.hours
    if r.implied > max(before, r.sog) + slack or r.implied < min(before, r.sog) - slack:
        return True
    return r.hours <= LEAP_H and abs(r.sog - before) > max(15.0, t.motion_leap_kn * r.hours * 3600.0)


@kernel
def odd_go(s: Record, r: Record) -> None:
    """Count it."""
    if s.odd == 0:
        s.odd_since, s.odd_speed = s.time // 1000, 0
    s.odd = min(255, s.odd + 1)
    s.odd_speed = max(s.odd_speed, min(65_535, int(10.0 * max(r.sog, r.implied))))


@kernel
def odd_emit(out: Out, s: Record, open: int, t: Record) -> None:
    """The run up to the last report, where it is long enough."""
    if s.odd < t.motion_run_reports:
        return
    event = emit(out, MOTION, s, s.odd_since * 1000, s.lon, s.lat, s.time, open)
    event.values[0], event.values[1] = s.odd, (s.time // 1000 - s.odd_since) / 60.0
    event.values[2], event.values[3] = s.sog * 0.1 if s.sog < 1022 else -1.0, s.odd_speed * 0.1
