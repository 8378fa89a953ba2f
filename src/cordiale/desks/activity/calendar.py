"""Activities as iCalendar (RFC 5545), both ways: a VEVENT for each volume, its times in UTC.

A calendar has no place for a volume, so that it stands as JSON in `X-CORDIALE-VOLUME`, beside nation, kind and resources; `GEO`
is a point of it, for calendar programs. Where DTSTART or DTEND say another second than the volume, somebody moved the event
in a calendar: they count. An event from elsewhere, with a GEO of its own, becomes a circle with what `Otherwise` gives it.

Not read: repetitions, and times without a zone (whole days too), for what they mean depends on where they are read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from icalendar import Calendar, Component, Event

from cordiale.desks.activity.volume import (
    Activity,
    ActivityId,
    AltitudeBand,
    Circle,
    Corridor,
    Interval,
    Position,
    Uncertainty,
    Volume,
)
from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.vocab.moment import SECOND, Moment, from_datetime, to_datetime
from cordiale.vocab.party import Nation
from cordiale.wire import typed

CALENDAR_BYTES: Final = 16 * 1024 * 1024
EVENTS: Final = 20_000
PRODUCT: Final = "-//Cordiale//activities//EN"

_ACTIVITY, _NATION, _KIND = "X-CORDIALE-ACTIVITY", "X-CORDIALE-NATION", "X-CORDIALE-KIND"
_RESOURCES, _VOLUME = "X-CORDIALE-RESOURCES", "X-CORDIALE-VOLUME"
_REPEATED: Final = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


class Otherwise(msgspec.Struct, frozen=True):
    """What an event that says nothing of it is taken to be."""

    nation: Nation
    kind: str
    radius_km: float
    altitude: AltitudeBand


def write(activities: Iterable[Activity], now: Moment) -> bytes:
    """A VCALENDAR of all volumes, in their order. `now` is its DTSTAMP."""
    calendar = Calendar()
    _add(calendar, "prodid", PRODUCT)
    _add(calendar, "version", "2.0")
    for activity in activities:
        for place, volume in enumerate(activity.volumes):
            calendar.add_component(_event(activity, place, volume, now))
    return calendar.to_ical()


def read(payload: bytes, otherwise: Otherwise | None = None) -> tuple[Activity, ...]:
    """Activities in the order in which they first appear. `Malformed` or `LimitExceeded` refuses all of it.

    Without `otherwise`, events from elsewhere are refused.
    """
    if len(payload) > CALENDAR_BYTES or payload.upper().count(b"BEGIN:VEVENT") > EVENTS:
        raise LimitExceeded(f"calendar: {CALENDAR_BYTES} bytes and {EVENTS} events are allowed")
    try:
        events = cast("list[Event]", cast(Any, Calendar.from_ical(payload)).walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as fault:
        raise _malformed(str(fault)[:100] or type(fault).__name__) from None
    parts: dict[str, Activity] = {}
    for number, event in enumerate(events, 1):
        part = _activity(number, event, otherwise)
        before = parts.get(part.id)
        if before is not None:
            if (before.nation, before.kind, before.resources) != (part.nation, part.kind, part.resources):
                raise _malformed(f"event {number}: its activity has another nation, kind or resources before")
            part = msgspec.structs.replace(before, volumes=(*before.volumes, *part.volumes))
        parts[part.id] = part
    return tuple(parts.values())


def _event(activity: Activity, place: int, volume: Volume, now: Moment) -> Event:
    event, point = Event(), _point(volume)
    _add(event, "uid", f"{activity.id}/{place}")
    _add(event, "dtstamp", to_datetime(now))
    _add(event, "dtstart", _second(volume.interval.begin))
    _add(event, "dtend", _second(volume.interval.end))
    _add(event, "summary", f"{activity.nation.upper()} {activity.kind}")
    if point is not None:
        longitude, latitude = point
        _add(event, "geo", (latitude, longitude))
    _add(event, _ACTIVITY, activity.id)
    _add(event, _NATION, activity.nation)
    _add(event, _KIND, activity.kind)
    _add(event, _RESOURCES, msgspec.json.encode(activity.resources).decode())
    _add(event, _VOLUME, msgspec.json.encode(volume).decode())
    return event


def _add(component: Component, name: str, value: object) -> None:
    cast(Any, component).add(name, value)


def _point(volume: Volume) -> Position | None:
    shape = volume.shape
    if shape is None:
        return None
    if isinstance(shape, Circle):
        return shape.centre
    return shape.path[0] if isinstance(shape, Corridor) else shape.ring[0]


def _second(moment: Moment) -> datetime:
    return to_datetime(Moment(moment - moment % SECOND))


def _activity(number: int, event: Event, otherwise: Otherwise | None) -> Activity:
    """An activity of this one volume."""
    try:
        if any(name in event for name in _REPEATED):
            raise ValueError("a repetition: write each time as an event")
        if _VOLUME in event:
            return _own(event)
        return _foreign(event, otherwise)
    except (ValueError, TypeError, OverflowError, msgspec.DecodeError, RecursionError) as fault:
        raise _malformed(f"event {number}: {str(fault)[:100]}") from None
    except CordialeError as fault:
        raise type(fault)(f"event {number}: {fault.detail}", what="calendar") from None


def _own(event: Event) -> Activity:
    volume = typed.decode_json(_text(event, _VOLUME).encode(), Volume)
    resources = typed.decode_json(_text(event, _RESOURCES).encode(), tuple[str, ...])
    begin, end = _moment(event, "DTSTART"), _moment(event, "DTEND")
    kept = volume.interval
    begin = kept.begin if kept.begin // SECOND == begin // SECOND else begin
    end = kept.end if kept.end // SECOND == end // SECOND else end
    volume = msgspec.structs.replace(volume, interval=Interval(begin, end))
    names = (ActivityId(_text(event, _ACTIVITY)), Nation(_text(event, _NATION)), _text(event, _KIND))
    return Activity(*names, (volume,), resources)


def _foreign(event: Event, otherwise: Otherwise | None) -> Activity:
    if otherwise is None or "GEO" not in event:
        raise ValueError("it has no volume, nor a GEO and leave to make a circle of it")
    point = cast(Any, event["GEO"])
    circle = Circle((float(point.longitude), float(point.latitude)), otherwise.radius_km)
    span = Interval(_moment(event, "DTSTART"), _moment(event, "DTEND"))
    volume = Volume(circle, otherwise.altitude, span, Uncertainty())
    return Activity(ActivityId(_text(event, "UID")), otherwise.nation, otherwise.kind, (volume,))


def _text(event: Event, name: str) -> str:
    found = cast(object, event.get(name))
    if found is None or isinstance(found, list):
        raise ValueError(f"{name} is not there once")
    return str(found)


def _moment(event: Event, name: str) -> Moment:
    found = getattr(cast(object, event.get(name)), "dt", None)
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise ValueError(f"{name} is not a time with a zone")
    return from_datetime(found)


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what="calendar")
