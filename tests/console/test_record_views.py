"""Board, calendar and map of records, from their schemas alone."""

from datetime import date
from typing import Any

import pytest

from cordiale.console import record_views as views
from cordiale.wiring.record_status import STATUS

TYPES: Any = {
    "watch": {
        "due": {"title": "Due", "kind": "day"},
        "span": {"title": "From, to", "kind": "span"},
        "met": {"title": "Met", "kind": "moment"},
        "at": {"title": "At", "kind": "position"},
        "areas": {"title": "Areas", "kind": "list of area"},
        "way": {"title": "Way", "kind": "corridor"},
        "text": {"title": "Text", "kind": "text"},
    }
}


def record(name: str = "a", status: str = "proposed", **values: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "type": "watch", "status": status, "values": values}


def test_a_board_has_every_state_in_its_place() -> None:
    columns = views.board([record("a"), record("b", "binding"), record("c")])
    assert [status for status, _ in columns] == list(STATUS)
    assert {status: [each["id"] for each in found] for status, found in columns if found} == {
        "proposed": ["a", "c"],
        "binding": ["b"],
    }


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"due": "2026-03-02"}, ("2026-03-02", "2026-03-02")),
        ({"met": "2026-03-02T23:59:59.000Z"}, ("2026-03-02", "2026-03-02")),
        ({"span": ["2026-03-30T08:00:00.000Z", "2026-04-02T09:00:00.000Z"]}, ("2026-03-30", "2026-04-02")),
        ({"span": ["2026-03-30T00:00:00.000Z", "2026-03-31T00:00:00.000Z"]}, ("2026-03-30", "2026-03-30")),
        ({"span": ["2026-03-30T00:00:00.000Z", "2026-03-30T00:00:00.000Z"]}, ("2026-03-30", "2026-03-30")),
    ],
)
def test_from_the_first_day_to_the_last(values: dict[str, Any], days: tuple[str, str]) -> None:
    """A span ends before its end: one that ends at midnight does not reach into the next day."""
    (stay,) = views.stays([record(**values)], TYPES)
    assert (stay.first.isoformat(), stay.last.isoformat()) == days


def test_a_month_has_whole_weeks_and_each_day_what_is_on_it() -> None:
    found = views.stays([record(span=["2026-03-30T08:00:00.000Z", "2026-04-02T09:00:00.000Z"])], TYPES)
    weeks = views.weeks(date(2026, 4, 1), found)
    assert all(len(week) == 7 for week in weeks)
    assert weeks[0][0].day == date(2026, 3, 30)
    assert [day.day.day for week in weeks for day in week if day.stays] == [30, 31, 1, 2]
    assert [day.inside for day in weeks[0]] == [False, False, True, True, True, True, True]


@pytest.mark.parametrize(
    ("wanted", "month"),
    [("2025-02", "2025-02"), ("", "2026-05"), ("2025-13", "2026-05"), ("<b>", "2026-05"), ("99999-01", "2026-05")],
)
def test_the_month_asked_for_or_that_of_what_comes_next(wanted: str, month: str) -> None:
    found = views.stays([record("a", due="2026-01-02"), record("b", due="2026-05-02")], TYPES)
    assert views.month_of(wanted, found, date(2026, 2, 1)).isoformat()[:7] == month
    assert views.month_of("", found, date(2027, 2, 1)).isoformat()[:7] == "2026-05"
    assert views.month_of("", [], date(2027, 2, 1)) == date(2027, 2, 1)


def test_months_before_and_after_end_with_the_calendar() -> None:
    assert views.next_month(date(2026, 1, 1), -1) == "2025-12"
    assert views.next_month(date(2026, 12, 1), 1) == "2027-01"
    assert views.next_month(date(1, 1, 1), -1) == "0001-01"
    assert views.next_month(date(9999, 12, 1), 1) == "9999-12"


def test_every_geometry_becomes_geojson() -> None:
    ring = [[1.0, 50.0], [2.0, 50.0], [2.0, 51.0]]
    found = views.features(
        [record(at=[1.5, 50.5], areas=[{"ring": ring}], way={"line": ring, "half_width": 9}, text="x")], TYPES
    )
    assert {each["geometry"]["type"] for each in found} == {"Point", "Polygon", "LineString"}
    (area,) = [each["geometry"] for each in found if each["properties"]["field"] == "Areas"]
    assert area["coordinates"] == [[*ring, ring[0]]], "a ring is closed"


def test_forms_are_those_that_have_something_to_show() -> None:
    assert views.forms_of(TYPES) == list(views.FORMS)
    assert views.forms_of({"note": {"text": {"kind": "text"}}}) == ["table", "board"]
    assert views.features([record(at=[1, 2])], {}) == []
