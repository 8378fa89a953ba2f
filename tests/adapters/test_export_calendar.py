"""iCalendar: confidential, marked in summary, description and property; moved times count when it is read again."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from icalendar import Calendar

from adapters.extracts import DECISION, EVERYTHING, HOSTILE, LOWER, MARKING, PASSAGE, extract, row
from cordiale.adapters.exchange import as_calendar
from cordiale.adapters.exchange.extract import BETWEEN, timed
from cordiale.errors import LimitExceeded, Malformed
from cordiale.register.schema import shipped

DECISION_TYPE = shipped()["decision"]
FOREIGN = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Paris:20260601T100000
DTEND:20260601T100000Z
SUMMARY:EXERCISE Passage / EXERCICE Passage
{more}END:VEVENT
END:VCALENDAR
"""


def events(data: bytes) -> list[Any]:
    return list(cast(Any, Calendar.from_ical(data)).walk("VEVENT"))


def test_the_calendar_and_every_event_are_marked() -> None:
    data = as_calendar.write(extract())
    calendar = cast(Any, Calendar.from_ical(data))
    assert str(calendar["X-CORDIALE-MARKING"]) == MARKING + BETWEEN + LOWER
    assert str(calendar["X-WR-CALNAME"]).startswith(f"[{MARKING}")
    found = events(data)
    assert len(found) == 4
    for event in found:
        marking = str(event["X-CORDIALE-MARKING"])
        lines = str(event["DESCRIPTION"]).splitlines()
        assert str(event["CLASS"]) == "CONFIDENTIAL"
        assert str(event["SUMMARY"]).startswith(f"[{marking}] ")
        assert (lines[0], lines[-1]) == (marking, marking)
        assert "○ fr  ● uk" in lines
        assert event["DTSTAMP"].dt == datetime(2026, 2, 25, 6, 13, 20, tzinfo=UTC)
    assert as_calendar.write(extract()) == data


def test_spans_are_times_and_days_are_whole_days_where_there_is_no_span() -> None:
    decided, passage, first, second = events(as_calendar.write(extract()))
    assert decided["DTSTART"].dt == date(2026, 3, 1)
    assert str(decided["SUMMARY"]) == f"[{LOWER}] Meeting of: EXERCISE Cable patrols"
    assert passage["DTSTART"].dt == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert str(passage["SUMMARY"]) == f"[{MARKING}] EXERCISE Night passage"
    assert (first["DTEND"].dt.hour, second["DTSTART"].dt.hour) == (16, 16)
    assert len({str(event["UID"]) for event in (decided, passage, first, second)}) == 4
    assert HOSTILE in str(passage["DESCRIPTION"])
    assert timed(row(DECISION_TYPE, {})) == []


@pytest.mark.parametrize(("schema", "values"), [(PASSAGE, EVERYTHING), (DECISION_TYPE, DECISION)])
def test_an_export_is_read_again_with_every_millisecond(schema: Any, values: Any) -> None:
    (read,) = as_calendar.read(as_calendar.write(extract(row(schema, values))), schema)
    assert (read.place, read.marking, read.values, read.faults) == (1, MARKING, values, ())


def test_a_time_that_was_moved_in_a_calendar_counts() -> None:
    data = as_calendar.write(extract(row(PASSAGE, EVERYTHING)))
    moved = data.replace(b"DTEND:20260602T000000Z", b"DTEND:20260602T013000Z")
    begin = b"DTSTART:20260601T080000Z\r\nDTEND:"
    moved = moved.replace(begin + b"20260602T080000Z", begin + b"20260602T090000Z")
    (read,) = as_calendar.read(moved, PASSAGE)
    assert read.values["when"] == [EVERYTHING["when"][0], "2026-06-02T09:00:00.000Z"]
    assert read.values["shifts"][1][1] == "2026-06-02T01:30:00.000Z"
    day = as_calendar.write(extract(row(DECISION_TYPE, DECISION))).replace(b"20260301", b"20260304")
    assert as_calendar.read(day, DECISION_TYPE)[0].values["met"] == "2026-03-04"


def test_an_event_from_elsewhere_gives_its_time_and_name() -> None:
    (read,) = as_calendar.read(FOREIGN.format(more="").encode(), PASSAGE)
    assert read.values == {
        "when": ["2026-06-01T08:00:00.000Z", "2026-06-01T10:00:00.000Z"],
        "name": {"en": "EXERCISE Passage", "fr": "EXERCICE Passage"},
    }
    assert (read.marking, read.faults) == ("", ())
    assert "no span" in as_calendar.read(FOREIGN.format(more="").encode(), DECISION_TYPE)[0].faults[0].why.en


def test_what_cannot_be_read_is_a_fault_of_its_row() -> None:
    repeated = FOREIGN.format(more="RRULE:FREQ=DAILY\n").encode()
    assert "repetition" in as_calendar.read(repeated, PASSAGE)[0].faults[0].why.en
    floating = FOREIGN.format(more="").replace("10:00Z", "1").replace("100000Z", "100000").encode()
    assert "DTEND is not a time with a zone" in as_calendar.read(floating, PASSAGE)[0].faults[0].why.en
    endless = FOREIGN.format(more="").replace("DTEND:20260601T100000Z\n", "").encode()
    assert "DTEND is not there once" in as_calendar.read(endless, PASSAGE)[0].faults[0].why.en
    whole = as_calendar.write(extract(row(PASSAGE, EVERYTHING)))
    odd = whole.replace(b"shifts/1", b"shifts/7")
    assert as_calendar.read(odd, PASSAGE)[0].faults
    other = as_calendar.read(whole, DECISION_TYPE)
    assert "passage, not decision" in other[0].faults[0].why.en


def test_what_steers_or_hides_is_shown_by_its_number_and_kept_in_the_values() -> None:
    values = {**EVERYTHING, "remark": "a\u202eb"}
    data = as_calendar.write(extract(row(PASSAGE, values)))
    assert "T remark: a<U+202E>b" in str(events(data)[0]["DESCRIPTION"])
    assert as_calendar.read(data, PASSAGE)[0].values == values


@pytest.mark.parametrize("data", [b"", b"x", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"\xff\xfe\x00"])
def test_what_is_no_calendar_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        as_calendar.read(data, PASSAGE)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        as_calendar.read(b"BEGIN:VEVENT\n" * 20_001, PASSAGE)
