"""Records as iCalendar (RFC 5545), both ways: a VEVENT for each span of a record, or for each day where its type has no span.

    SUMMARY      [marking] name            CLASS    CONFIDENTIAL, so that a calendar that is shared shows no more than "busy"
    X-CORDIALE-MARKING                     on the calendar and on every event; also the first and last line of DESCRIPTION
    X-CORDIALE-RECORD, -TYPE, -FIELD, -VALUES   what the event is of; the record's fields, as JSON

When it is read again the fields count, except that a time that somebody moved in a calendar counts before them. An event from
elsewhere gives its time to the type's first span and its summary to the field that names a record (`English / français`).
Not read, as at `cordiale.desks.activity.calendar`: repetitions, and times without a zone. Records without a time are not in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, cast

import msgspec
from icalendar import Calendar, Component, Event

from cordiale.adapters.exchange import given
from cordiale.adapters.exchange.extract import Extract, Row, Time, timed, visible
from cordiale.adapters.exchange.given import Given
from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.labels.phrase import Phrase
from cordiale.register.schema import Fault, Schema
from cordiale.vocab.moment import SECOND, Moment, from_datetime, iso, to_datetime
from cordiale.wire import limits, typed

PRODUCT: Final = "-//Cordiale//registers//EN"
_MARKING, _RECORD, _TYPE = "X-CORDIALE-MARKING", "X-CORDIALE-RECORD", "X-CORDIALE-TYPE"
_FIELD, _VALUES = "X-CORDIALE-FIELD", "X-CORDIALE-VALUES"
_REPEATED: Final = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


def write(extract: Extract) -> bytes:
    """A VCALENDAR. DTSTAMP is when the last act about a record crossed, so that one state always gives one file."""
    calendar = Calendar()
    _add(calendar, "prodid", PRODUCT)
    _add(calendar, "version", "2.0")
    _add(calendar, "x-wr-calname", f"[{extract.marking}] {extract.title}")
    _add(calendar, _MARKING, extract.marking)
    for row in extract.rows:
        for time in timed(row):
            calendar.add_component(_event(row, time, extract.language))
    return calendar.to_ical()


def _event(row: Row, time: Time, language: str) -> Event:
    event, name = Event(), row.name(language)
    lines = [f"{title}: {text}" for title, text in row.shown(language)]
    summary = name if time.kind == "span" else f"{time.field.title.text(language)}: {name}"
    _add(event, "uid", f"{row.id}/{time.mark}")
    _add(event, "dtstamp", _second(row.changed))
    if time.kind == "span":
        for end, text in zip(("dtstart", "dtend"), time.value, strict=True):
            _add(event, end, _second(from_datetime(datetime.fromisoformat(text))))
    else:
        _add(event, "dtstart", date.fromisoformat(time.value))
    _add(event, "summary", f"[{row.marking}] {summary}")
    _add(event, "class", "CONFIDENTIAL")
    _add(event, "description", "\n".join([row.marking, row.picture(), *lines, row.marking]))
    _add(event, _MARKING, row.marking)
    _add(event, _RECORD, row.id)
    _add(event, _TYPE, row.type)
    _add(event, _FIELD, time.mark)
    _add(event, _VALUES, msgspec.json.encode(row.values, order="deterministic").decode())
    return event


def _add(component: Component, name: str, value: object) -> None:
    shown = visible(value) if isinstance(value, str) and name != _VALUES else value
    cast(Any, component).add(name, shown)


def _second(moment: Moment) -> datetime:
    return to_datetime(Moment(moment - moment % SECOND))


# --- reading ------------------------------------------------------------------------------------------------------


def read(data: bytes, schema: Schema) -> list[Given]:
    """One row for each record, or for each event from elsewhere; a row's place is the number of its first event, from 1."""
    if data.upper().count(b"BEGIN:VEVENT") > given.ROWS:
        raise LimitExceeded(f"calendar: {given.ROWS} events are allowed at a time")
    try:
        parsed = cast(Any, Calendar.from_ical(given.checked_size(data, "calendar")))
        events = cast("list[Event]", parsed.walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as fault:
        raise Malformed(str(fault)[:160] or type(fault).__name__, what="file") from None
    rows: dict[str, Given] = {}
    for place, event in enumerate(events, 1):
        key = _text(event, _RECORD) or f"event {place}"
        before = rows.get(key)
        rows[key] = _taken(before or Given(place, _text(event, _MARKING), {}), event, schema, first=before is None)
    return list(rows.values())


def _taken(row: Given, event: Event, schema: Schema, *, first: bool) -> Given:
    wrong = [*row.faults, *(given.of_another_type(_text(event, _TYPE), schema.type) if first else ())]
    values = dict(row.values)
    try:
        if any(name in event for name in _REPEATED):
            raise _wrong("a repetition: write each time as an event", "une répétition : un événement par date")
        if first:
            values |= _own(event) if _VALUES in event else _foreign(event, schema)
        if _FIELD in event:
            values |= _moved(values, event, schema)
    except CordialeError as fault:
        wrong.append(Fault.of("", fault))
    except (ValueError, TypeError, OverflowError, IndexError, msgspec.DecodeError, RecursionError) as fault:
        said = str(fault)[:160] or type(fault).__name__
        wrong.append(Fault("", Phrase(said, said)))
    return Given(row.place, row.marking, values, tuple(wrong))


def _own(event: Event) -> Mapping[str, Any]:
    return typed.decode_json(_text(event, _VALUES).encode(), dict[str, Any])


def _foreign(event: Event, schema: Schema) -> dict[str, Any]:
    span = next((field for field in schema.fields if field.kind == "span"), None)
    if span is None:
        raise _wrong(
            f"{schema.type} has no span that an event could give a time to",
            f"{schema.type} n’a pas de durée à laquelle un événement donnerait ses heures",
        )
    values: dict[str, Any] = {span.name: list(_ends(event))}
    named, summary = schema.field(schema.named_by), _text(event, "SUMMARY")
    if named is not None and summary:
        english, _, french = summary.partition(" / ")
        values[named.name] = {"en": english, "fr": french} if named.kind == "bilingual" else summary
    return values


def _moved(values: Mapping[str, Any], event: Event, schema: Schema) -> dict[str, Any]:
    """The field that the event shows, with the event's time where that says another second or day than the field."""
    name, listed, place = _text(event, _FIELD).partition("/")
    field = schema.field(name[: limits.NAME_CHARACTERS])
    if field is None or name not in values:
        return {}
    kept: Any = values[name]
    if not listed:
        return {name: _later(field.kind, kept, event)}
    items = list(cast("Sequence[Any]", kept))
    items[int(place)] = _later(field.item, items[int(place)], event)
    return {name: items}


def _later(kind: str, kept: Any, event: Event) -> Any:
    if kind == "day":
        found = _when(event, "DTSTART")
        return found.isoformat() if not isinstance(found, datetime) else kept
    return [_same_second(old, new) for old, new in zip(kept, _ends(event), strict=True)]


def _same_second(old: str, new: str) -> str:
    was = from_datetime(datetime.fromisoformat(old))
    now = from_datetime(datetime.fromisoformat(new))
    return old if was // SECOND == now // SECOND else new


def _ends(event: Event) -> Iterator[str]:
    for name in ("DTSTART", "DTEND"):
        found = _when(event, name)
        if not isinstance(found, datetime) or found.tzinfo is None:
            raise _wrong(f"{name} is not a time with a zone", f"{name} n’est pas une heure avec fuseau")
        yield iso(from_datetime(found))


def _when(event: Event, name: str) -> date:
    found = getattr(cast(object, event.get(name)), "dt", None)
    if not isinstance(found, date):
        raise _wrong(f"{name} is not there once", f"{name} n’y figure pas une seule fois")
    return found


def _wrong(english: str, french: str) -> Malformed:
    return Malformed(english, what="file", detail_fr=french)


def _text(event: Event, name: str) -> str:
    found = cast(object, event.get(name))
    return "" if found is None or isinstance(found, list) else str(found)
