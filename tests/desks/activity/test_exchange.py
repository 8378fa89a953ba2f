"""iCalendar and GeoJSON: what is written is read again as it was, what others write is read strictly."""

import json

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.desks.activity import calendar, geojson
from cordiale.desks.activity.calendar import Otherwise
from cordiale.desks.activity.volume import Activity, AltitudeBand, Circle, Interval, Polygon, Volume
from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.vocab.moment import HOUR, Moment
from cordiale.vocab.party import Nation
from desks.activity.plans import activities, activity, box, volume

NOW = Moment(1_800_000_000_123)
SQUARE = activity("a1", volume(box(0, 50, 1, 51)), resources=("range:x",))


@settings(max_examples=60)
@given(activities(most=6), st.integers(0, 999))
def test_there_and_back(planned: list[Activity], milliseconds: int) -> None:
    span = Interval(Moment(NOW + milliseconds), Moment(NOW + HOUR + 7 * milliseconds))
    odd = Activity(
        planned[0].id,
        planned[0].nation,
        planned[0].kind,
        (Volume(planned[0].volumes[0].shape, AltitudeBand(-3.5, 0.1, "agl"), span),),
    )
    planned = [odd, *planned[1:]]
    assert geojson.read(geojson.write(planned)) == tuple(planned)
    assert calendar.read(calendar.write(planned, NOW)) == tuple(planned)


@settings(max_examples=150)
@given(st.data())
def test_altered_bytes_are_read_or_refused(data: st.DataObject) -> None:
    """Whatever is changed, the answer is activities or an error of ours."""
    for module, payload in ((geojson, geojson.write([SQUARE])), (calendar, calendar.write([SQUARE], NOW))):
        begin = data.draw(st.integers(0, len(payload)))
        end = data.draw(st.integers(begin, min(len(payload), begin + 20)))
        altered = payload[:begin] + data.draw(st.binary(max_size=12)) + payload[end:]
        try:
            assert all(isinstance(each, Activity) for each in module.read(altered))
        except CordialeError as refused:
            assert isinstance(refused, Malformed | LimitExceeded)


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(payload: bytes) -> None:
    for module in (geojson, calendar):
        with pytest.raises((Malformed, LimitExceeded)):
            module.read(payload)


# --- GeoJSON ------------------------------------------------------------------------------------------------------


def test_a_ring_across_the_antimeridian_is_cut_and_kept() -> None:
    planned = [activity("a1", volume(box(179, -1, 182, 1)))]
    feature = json.loads(geojson.write(planned))["features"][0]
    assert feature["geometry"]["type"] == "MultiPolygon"
    spans = sorted([min(x for x, _ in ring), max(x for x, _ in ring)] for (ring,) in feature["geometry"]["coordinates"])
    assert spans == [[-180.0, -178.0], [179.0, 180.0]]
    assert all(ring[0] == ring[-1] for (ring,) in feature["geometry"]["coordinates"])
    assert geojson.read(geojson.write(planned)) == tuple(planned)


def test_a_ring_around_a_pole_has_no_geometry() -> None:
    cap = Polygon(tuple((float(x), 80.0) for x in range(-180, 180, 30)))
    planned = [activity("a1", volume(cap))]
    assert json.loads(geojson.write(planned))["features"][0]["geometry"] is None
    assert geojson.read(geojson.write(planned)) == tuple(planned)


def feature(geometry: object, **more: object) -> bytes:
    told = {
        "activity": "a1",
        "nation": "fr",
        "kind": "course",
        "begin": "2027-01-01T00:00:00Z",
        "floor": 0,
        "ceiling": 9,
    }
    properties = {**told, "end": "2027-01-01T02:00:00+01:00", "colour": "red", **more}
    return json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": geometry, "properties": properties}]}
    ).encode()


def test_what_others_write_is_read() -> None:
    (found,) = geojson.read(feature({"type": "Point", "coordinates": [2, 48]}, radius_km=3))
    assert found.volumes[0].shape == Circle((2.0, 48.0), 3.0)
    assert found.volumes[0].interval.end - found.volumes[0].interval.begin == HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        feature({"type": "Point", "coordinates": [2, 48]}),
        feature({"type": "Point", "coordinates": [2, 480]}, radius_km=3),
        feature({"type": "Point", "coordinates": [2, 48]}, radius_km=3, begin="2027-01-01T00:00:00"),
        feature({"type": "Point", "coordinates": [2, 48]}, radius_km=3, begin="yesterday"),
        feature({"type": "LineString", "coordinates": [[2, 48], [3, 48]]}),
        feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}),
        feature({"type": "Polygon", "coordinates": []}),
        feature(
            {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]], [[4, 1], [5, 1], [5, 2], [4, 1]]]}
        ),
        feature({"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}),
        feature(None),
        b'{"type":"Feature"}',
        b"[" * 100_000,
        geojson.write([SQUARE]).replace(b'"nation":"fr"', b'"nation":"FR"'),
        geojson.write([activity("a1", SQUARE.volumes[0], SQUARE.volumes[0])]).replace(b"live-fire", b"course", 1),
    ],
)
def test_other_geojson_is_refused(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        geojson.read(wrong)


def test_too_much_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        geojson.read(b" " * (geojson.GEOJSON_BYTES + 1))
    with pytest.raises(LimitExceeded):
        calendar.read(b"BEGIN:VEVENT\n" * (calendar.EVENTS + 1))


# --- iCalendar ----------------------------------------------------------------------------------------------------


OTHERWISE = Otherwise(Nation("uk"), "exercise", 5.0, AltitudeBand(0, 100))


def event(*lines: str) -> bytes:
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:x",
            "BEGIN:VEVENT",
            "UID:u1",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    ).encode()


def test_calendar_programs_see_uid_times_and_place() -> None:
    found = icalendar.Calendar.from_ical(calendar.write([SQUARE], NOW)).walk("VEVENT")[0]
    assert (str(found["UID"]), str(found["SUMMARY"])) == ("a1/0", "FR live-fire")
    assert (found["GEO"].latitude, found["GEO"].longitude) == (50.0, 0.0)
    assert found["DTSTART"].to_ical() == b"19700101T000000Z"


def test_an_event_moved_in_a_calendar_is_moved() -> None:
    moved = calendar.write([SQUARE], NOW).replace(b"DTEND:19700101T010000Z", b"DTEND:19700101T020000Z")
    assert calendar.read(moved)[0].volumes[0].interval == Interval(Moment(0), Moment(2 * HOUR))


def test_an_event_from_elsewhere_becomes_a_circle() -> None:
    times = ("DTSTART;TZID=Europe/Paris:20270701T020000", "DTEND:20270701T010000Z", "GEO:48.5;2.25")
    (found,) = calendar.read(event(*times), OTHERWISE)
    assert (found.id, found.nation, found.kind) == ("u1", "uk", "exercise")
    assert found.volumes[0].shape == Circle((2.25, 48.5), 5.0)
    assert found.volumes[0].interval.end - found.volumes[0].interval.begin == HOUR
    with pytest.raises(Malformed, match="leave"):
        calendar.read(event(*times))


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20270701T000000", "DTEND:20270701T010000Z", "GEO:48.5;2.25"),
        ("DTSTART;VALUE=DATE:20270701", "DTEND;VALUE=DATE:20270702", "GEO:48.5;2.25"),
        ("DTSTART:20270701T000000Z", "DTEND:20270701T010000Z", "GEO:48.5;2.25", "RRULE:FREQ=DAILY"),
        ("DTSTART:20270701T000000Z", "DTEND:20270701T010000Z"),
        ("DTSTART:20270701T000000Z", "GEO:48.5;2.25"),
        ("DTSTART:20270701T020000Z", "DTEND:20270701T010000Z", "GEO:48.5;2.25"),
        ("DTSTART:20270701T000000Z", "DTEND:20270701T010000Z", "GEO:98.5;2.25"),
        ("DTSTART:20270701T000000Z", "DTEND:20270701T010000Z", "GEO:nan;2.25"),
        ("DTSTART:20270701T000000Z", "DTSTART:20270701T000000Z", "DTEND:20270701T010000Z", "GEO:48.5;2.25"),
        ("DTSTART:20270701T000000Z", "DTEND:20270701T010000Z", "X-CORDIALE-VOLUME:{}"),
    ],
)
def test_other_events_are_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        calendar.read(event(*lines), OTHERWISE)
