"""Cables and pipelines: a vessel judged against its own pace, not against a fixed speed.

`pace` is its speed smoothed over ten minutes; `cruise` its usual speed under way, which follows a higher pace within the hour
and a lower one within half a day, but not while it is slow (for a day at most). Whoever says that it fishes is not
watched. On coming into a cable's corridor, or crossing its line, the least pace there is kept and watched for a day. Three
grounds are told: it was faster afterwards by the profile's factor and knots, and within two hours of when it was last as
slow as there (dragging ended; weather and orders change a speed over a watch); it had fallen that far below its own cruise
before or at the crossing and stayed so for long; or, at its cruise before and after, it fell short of it for some minutes
just there (an anchor that hits what lies there). Each only if it was under way for four
hours before, or for one since it was first heard: departures speed up over cables too. The first two are told as going on,
and taken back where it comes to rest within six hours and 50 km: arrivals slow down. Not where it was slow for an hour and a
half before the cable: so early nobody slows down for a port, and a vessel that is caught dragging is made to stop. Told when
seen, never before: nothing here looks ahead.

Between two reports that are far apart a vessel may have been slower than at either. Where its way there was straight, the speed
of the way made counts.

Drift over a cable, or an anchor that drags there, is told at once; so is the third crossing of one cable within three hours.
"""

import math
from typing import Final

from cordiale.desks.maritime.detect.areas import Lines
from cordiale.desks.maritime.detect.detectors import CABLE_DRIFT, CABLE_SLOWDOWN, CABLE_ZIGZAG
from cordiale.desks.maritime.detect.drift import drifts, mean_angle
from cordiale.desks.maritime.detect.motion import UNIT, between, distance, east
from cordiale.desks.maritime.detect.near import bearing, crossed, nearest
from cordiale.desks.maritime.detect.step import Out, Record, emit, moored
from cordiale.desks.maritime.kernel import kernel

BRIDGE_H: Final = 2.0
"""What happened in a longer silence is not known."""
PACE_H: Final = 1.0 / 6.0
FASTER_H: Final = 1.0
SLOWER_H: Final = 12.0
FROZEN_S: Final = 86_400
"""So long a vessel that has slowed down is judged by what it made before: an anchor is dragged for half a day."""
FISHING: Final = 7
STOPPED_KN: Final = 1.0
STOP_S: Final = 7_200
"""Whoever stops for longer is not under way any more."""
UNDER_WAY_S: Final = 3_600
DEPARTED_S: Final = 14_400
"""So long after leaving its rest a vessel still drops its pilot, waits, gathers speed."""
ARRIVED_S: Final = 21_600
ARRIVED_KM: Final = 50.0
"""Whoever comes to rest so soon after the crossing, and so near to it, was slowing down for that,"""
LINGERED_S: Final = 5_400
"""unless it had been slow for so long before the crossing: an anchor drags for tens of kilometres, and then somebody stops the
ship."""
ENGAGED_S: Final = 10_800
DRIFT_S: Final = 600
CROSSINGS: Final = 3
ALONG_DEGREES: Final = 15.0
"""10 m of noise in a step of 40 m"""
STILL_S: Final = 600
STILL_SHARE: Final = 1.1
ABRUPT_S: Final = 7_200
"""An anchor is weighed in an hour; weather and orders change a speed over a watch."""
INSIDE, SLOW_LONG, DRIFT_TOLD, WATCHING, STEADY, DIP, DIPPED, FASTER_SEEN = 1, 2, 4, 8, 16, 32, 64, 128
"""Bits of `cable_state`; 0 where there is no cable. STEADY: it came at its cruise; DIP, DIPPED: reports fell short of it."""
FASTER, LONG_AGO, NEAR, RECOVERED, AT_REST = 16, 32, 64, 128, 256
AT_CABLE: Final = FASTER | LONG_AGO | NEAR | RECOVERED | AT_REST
"""Bits beyond those of `areas`: why the watch of a crossing is over, or that a cable may be near."""
WAY_KM: Final = 1.5
"""A longer step may have crossed a cable that is near neither end."""
LONG_H: Final = 0.1
STRAIGHT: Final = 20.0
"""degrees between the course reported and that of the way made"""
SHORT_H: Final = 1.0 / 6.0
STEADY_KN: Final = 0.5
DIP_SHARE: Final = 0.9
RECOVERED_S: Final = 3_600
RECOVERED_GROUND: Final = 4
"""Among the grounds of a slow crossing, as a number."""


@kernel
def pace_go(s: Record, r: Record, t: Record) -> None:
    """Take the report into the vessel's pace and cruise."""
    if r.speed < 0.0:
        return
    if r.first or r.hours > BRIDGE_H:
        _silence_over(s, r, t)
        return
    s.pace += (r.speed - s.pace) * r.hours / (r.hours + PACE_H)
    if s.pace < STOPPED_KN and (s.cable_slow == 0 or r.seconds - s.cable_slow > STOP_S or moored(r.status)):
        s.way_since = 0
    elif s.way_since == 0 and s.pace >= t.cable_way_kn:
        s.way_since = r.seconds
        if s.cable_state == 0:  # a crossing that is watched is told against what was usual then
            s.cruise = s.pace
    if s.pace > s.cruise:
        s.cruise += (s.pace - s.cruise) * r.hours / (r.hours + FASTER_H)
    elif s.cable_slow == 0 or r.seconds - s.cable_slow > FROZEN_S:
        s.cruise += (s.pace - s.cruise) * r.hours / (r.hours + SLOWER_H)
    if s.cruise - s.pace < t.cable_less_kn or s.cruise < s.pace * t.cable_factor:
        s.cable_slow = 0
    elif s.cable_slow == 0:
        s.cable_slow = r.seconds


@kernel
def pace_forget(s: Record) -> None:
    """What it made was not its own pace: its positions were false."""
    s.pace, s.way_since, s.cable_slow, s.cable_state = 0.0, 0, 0, 0


@kernel
def _silence_over(s: Record, r: Record, t: Record) -> None:
    """Begin anew. Whoever hardly moved meanwhile lay at rest, and has just left it; whoever is first heard has not."""
    rested = not r.first and r.implied < t.cable_way_kn
    if rested and _arrived(s, s.time // 1000, r.lon, r.lat):
        s.cable_state = 0
    s.pace, s.cable_slow = r.speed, 0
    if s.cable_state == 0:
        s.cruise = r.speed
    since = r.seconds if rested else r.seconds - (DEPARTED_S - UNDER_WAY_S)
    s.way_since = since if r.speed >= t.cable_way_kn else 0


@kernel
def _arrived(s: Record, seconds: int, lon: int, lat: int) -> bool:
    """Whether a vessel that rests there, then, had slowed down over the cable for that."""
    return seconds - s.cable_at <= ARRIVED_S and distance(s.cable_lon, s.cable_lat, lon, lat) <= ARRIVED_KM


@kernel
def _was_under_way(s: Record) -> bool:
    return s.way_since > 0 and s.way_since + DEPARTED_S <= s.cable_at


@kernel
def _faster(s: Record, r: Record, t: Record) -> bool:
    """Whether it makes way again after a slow crossing."""
    then = s.cable_pace * 0.01
    return (
        s.cable_state & INSIDE == 0
        and then >= STOPPED_KN
        and s.pace >= then * t.cable_factor
        and s.pace - then >= t.cable_less_kn
        and r.seconds - s.cable_at - s.cable_still * STILL_S <= ABRUPT_S
        and _was_under_way(s)
    )


@kernel
def _recovered(s: Record, r: Record) -> bool:
    """Whether it is at its cruise again after it fell short of that over the cable."""
    return (
        s.cable_state & DIPPED > 0
        and s.cable_state & INSIDE == 0
        and r.seconds <= s.cable_at + RECOVERED_S
        and abs(s.pace - s.cruise) <= STEADY_KN
    )


@kernel
def _watch(s: Record, r: Record, t: Record) -> int:
    """What the pace says of the last crossing: one of AT_CABLE where it is over, 0 while it is watched."""
    slow = s.cable_slow
    if (
        slow > 0
        and s.pace >= 1.5 * STOPPED_KN
        and slow <= s.cable_at + DRIFT_S
        and r.seconds - slow >= t.cable_slow_min * 60.0
        and r.seconds > s.cable_at
        and (slow > s.cable_at or s.cable_pace * 0.01 * t.cable_factor <= s.cruise)
        and _was_under_way(s)
    ):
        s.cable_state |= SLOW_LONG
    since = r.seconds - s.cable_at
    lingered = s.cable_state & SLOW_LONG > 0 and 0 < slow <= s.cable_at - LINGERED_S
    if s.way_since == 0 and not lingered and _arrived(s, r.seconds, r.lon, r.lat):
        return AT_REST
    if s.pace * 100.0 <= STILL_SHARE * s.cable_pace:
        s.cable_still = min(255, since // STILL_S)
    if _faster(s, r, t):
        s.cable_state |= FASTER_SEEN
    if s.cable_state & FASTER_SEEN and since > ARRIVED_S:
        return FASTER
    if _recovered(s, r):
        return RECOVERED
    return LONG_AGO if r.seconds - s.cable_at > t.cable_watch_h * 3600.0 else 0


@kernel
def cable_asked(s: Record, r: Record, t: Record, near: int) -> int:
    """Bits of AT_CABLE: NEAR where a cable may be near, else why the watch of one is over; 0 where there is nothing to do."""
    if r.status == FISHING:
        s.cable_state = 0
        return 0
    if near > 0 or r.km > WAY_KM:
        return NEAR
    if s.cable_state == 0:
        return 0
    s.cable_state &= ~INSIDE
    return _watch(s, r, t)


@kernel
def cable_located(out: Out, cables: Lines, s: Record, r: Record, t: Record, asked: int) -> None:
    """What `cable_asked` asked for."""
    over = asked & (FASTER | LONG_AGO | RECOVERED | AT_REST)
    if asked & NEAR:
        _step(out, cables, s, r, t)
        over = _watch(s, r, t) if s.cable_state > 0 else 0
    if over > 0:
        _over(out, s, r, over)


@kernel
def _over(out: Out, s: Record, r: Record, why: int) -> None:
    """Tell the crossing whose watch is over, and forget it."""
    if why != AT_REST:
        slowdown_emit(out, s, s.time // 1000 if why == LONG_AGO else r.seconds, 0, why)
    s.cable_state = 0


@kernel
def slowdown_emit(out: Out, s: Record, seconds: int, open: int, why: int) -> None:
    """The slow crossing, if there are grounds."""
    grounds = (
        int(s.cable_state & FASTER_SEEN > 0)
        + 2 * int(s.cable_state & SLOW_LONG > 0)
        + RECOVERED_GROUND * int(why == RECOVERED)
    )
    if grounds == 0:
        return
    event = emit(out, CABLE_SLOWDOWN, s, s.cable_at * 1000, s.cable_lon, s.cable_lat, seconds * 1000, open)
    event.zone = s.cable
    event.values[0], event.values[1], event.values[2] = s.cable_pace * 0.01, s.cruise, s.pace
    event.values[3], event.values[4] = (seconds - s.cable_at) / 60.0, grounds


@kernel
def _step(out: Out, cables: Lines, s: Record, r: Record, t: Record) -> None:
    """The corridor and the line, where one may be near; `s` still has the last report's position."""
    touched, over = -1, False
    if not r.first and r.hours <= BRIDGE_H:
        touched = crossed(cables, s.lon, s.lat, r.lon, r.lat, r.km)
        over = touched >= 0
    if touched < 0:
        touched = nearest(cables, r.lon, r.lat, t.cable_width_km)
    if touched < 0:
        s.cable_state &= ~INSIDE
        return
    cable = cables.owner[touched]
    _engage(out, s, r, cable, t)
    if s.cable == cable and over and (r.km > WAY_KM or _across(cables, touched, s, r)):
        _crossing(out, s, r)
    if s.cable == cable and s.cable_state & DRIFT_TOLD == 0:
        _drift(out, s, r, t)


@kernel
def _engage(out: Out, s: Record, r: Record, cable: int, t: Record) -> None:
    """A new cable, or the same after three hours, takes the place of the one watched, unless that was crossed slower."""
    pace = int(min(600.0, _speed_there(s, r)) * 100.0)
    other = s.cable_state == 0 or cable != s.cable
    late = s.cable_state > 0 and r.seconds - s.cable_at > ENGAGED_S
    fresh = other and (s.cable_state == 0 or pace <= 0.9 * s.cable_pace or late)
    if fresh or (not other and late and s.cable_state & INSIDE == 0):
        slowdown_emit(out, s, s.time // 1000, 0, LONG_AGO)
        s.cable, s.cable_at, s.cable_state, s.cable_crossings = cable, r.seconds, WATCHING, 0
        s.cable_pace, s.cable_lon, s.cable_lat, s.cable_still = pace, r.lon, r.lat, 0
        if _was_under_way(s) and abs(s.pace - s.cruise) <= STEADY_KN:
            s.cable_state |= STEADY
    if s.cable == cable:
        s.cable_state |= INSIDE
        _dip(s, r, t)
        if pace < s.cable_pace:
            s.cable_pace, s.cable_lon, s.cable_lat = pace, r.lon, r.lat
    else:
        s.cable_state &= ~INSIDE


@kernel
def _speed_there(s: Record, r: Record) -> float:
    """Its pace, which lags, kept between what two reports in a row say; or the way made in a long step that was straight."""
    if r.first:
        return s.pace
    if r.hours <= SHORT_H and r.sog >= 0.0 and s.sog < 1022:
        before = s.sog * 0.1
        return max(min(r.sog, before), min(s.pace, max(r.sog, before)))
    if r.hours < LONG_H or r.cog < 0.0 or r.implied >= s.pace:
        return s.pace
    way = math.degrees(math.atan2(east(s.lon, r.lon) * math.cos(UNIT * r.lat), r.lat - s.lat))
    return r.implied if between(way % 360.0, r.cog) <= STRAIGHT else s.pace


@kernel
def _dip(s: Record, r: Record, t: Record) -> None:
    """Two reports that fall short of the cruise of a vessel which came at it."""
    if s.cable_state & STEADY == 0 or s.cable_state & DIPPED > 0 or r.hours > SHORT_H:
        return
    if 0.0 <= r.sog <= s.cruise - t.cable_dip_kn and r.sog <= s.cruise * DIP_SHARE:
        s.cable_state |= DIPPED if s.cable_state & DIP else DIP
        s.cable_pace = min(s.cable_pace, int(r.sog * 100.0))


@kernel
def _across(cables: Lines, n: int, s: Record, r: Record) -> bool:
    """Whether the way crosses segment `n` at an angle, and not by noise along it."""
    way = math.degrees(math.atan2(east(s.lon, r.lon) * math.cos(UNIT * r.lat), r.lat - s.lat))
    angle = between(way % 360.0, bearing(cables, n))
    return ALONG_DEGREES <= angle <= 180.0 - ALONG_DEGREES


@kernel
def _crossing(out: Out, s: Record, r: Record) -> None:
    s.cable_crossings = min(255, s.cable_crossings + 1)
    if s.cable_crossings == CROSSINGS and r.seconds - s.cable_at <= ENGAGED_S:
        event = emit(out, CABLE_ZIGZAG, s, s.cable_at * 1000, s.cable_lon, s.cable_lat, r.time, 0)
        event.zone, event.lon1, event.lat1 = s.cable, r.lon, r.lat
        event.values[0], event.values[1] = CROSSINGS, (r.seconds - s.cable_at) / 60.0
        event.values[2] = s.pace


@kernel
def _drift(out: Out, s: Record, r: Record, t: Record) -> None:
    adrift = drifts(s, t) and r.seconds - s.drift_since >= DRIFT_S
    drags = s.anchor_out > 0 and r.seconds - s.anchor_out >= DRIFT_S
    if adrift or drags:
        begin = s.drift_since if adrift else s.anchor_out
        event = emit(out, CABLE_DRIFT, s, begin * 1000, s.lon, s.lat, r.time, 0)
        event.zone, event.lon1, event.lat1 = s.cable, r.lon, r.lat
        event.values[0], event.values[1] = r.speed, mean_angle(s) if adrift else 0.0
        event.values[2] = (r.seconds - s.drift_since) / 60.0 if adrift else 0.0
        event.values[3] = (r.seconds - s.anchor_out) / 60.0 if drags else 0.0
        s.cable_state |= DRIFT_TOLD


@kernel
def cable_pending(out: Out, s: Record, now: int, t: Record) -> None:
    """A slow crossing that is still watched, or whose watch time has ended."""
    if s.cable_state > 0:
        open = now // 1000 - s.cable_at <= t.cable_watch_h * 3600.0
        slowdown_emit(out, s, s.time // 1000, int(open), LONG_AGO)
