"""desks.planning.cap: CAP 1.2 alerts go out and come in unchanged; what is not understood, or hostile, is refused."""

from typing import get_args

import pytest
from fuzz.cap_xml import SEED
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cordiale.desks.planning import alert as alerts
from cordiale.desks.planning import cap
from cordiale.desks.planning.alert import Alert, Area, Circle, Info, Named, Time
from cordiale.errors import LimitExceeded, Malformed

_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=20
)
TEXTS = _texts.filter(lambda text: bool(text.strip()))
NAMED = st.lists(st.builds(Named, TEXTS, TEXTS), max_size=2).map(tuple)
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180)).filter(
    lambda point: all(v == 0 or abs(v) > 1e-15 for v in point)
)
POINTS = POINTS.map(lambda point: (round(point[0], 9), round(point[1], 9)))
RINGS = st.lists(POINTS, min_size=3, max_size=5).map(lambda points: (*points, points[0]))
AREAS = st.builds(
    Area,
    description=TEXTS,
    polygons=st.lists(RINGS, max_size=2).map(tuple),
    circles=st.lists(st.builds(Circle, POINTS, st.integers(0, 20_000).map(lambda n: n / 8)), max_size=2).map(tuple),
    geocodes=NAMED,
    altitude=st.just(10.5),
    ceiling=st.none() | st.just(2000.0),
)
TIMES = st.sampled_from(["2026-05-01T12:00:00+02:00", "2026-05-02T00:00:00-00:00", "2030-12-31T23:59:59-11:30"]).map(
    Time
)
MAYBE = st.none() | TEXTS


def several(literal: object, least: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(get_args(literal)), min_size=least, max_size=3).map(tuple)


INFOS = st.builds(
    Info,
    categories=several(alerts.Category, 1),
    event=TEXTS,
    urgency=st.sampled_from(get_args(alerts.Urgency)),
    severity=st.sampled_from(get_args(alerts.Severity)),
    certainty=st.sampled_from(get_args(alerts.Certainty)),
    language=st.sampled_from(["en-GB", "fr-FR", None]),
    responses=several(alerts.Response, 0),
    audience=MAYBE,
    event_codes=NAMED,
    effective=st.none() | TIMES,
    onset=st.none() | TIMES,
    expires=st.none() | TIMES,
    sender_name=MAYBE,
    headline=MAYBE,
    description=MAYBE,
    instruction=MAYBE,
    web=MAYBE,
    contact=MAYBE,
    parameters=NAMED,
    areas=st.lists(AREAS, max_size=2).map(tuple),
)
ALERTS = st.builds(
    Alert,
    identifier=st.just("EXERCISE-1"),
    sender=st.just("desk@uk"),
    sent=TIMES,
    status=st.sampled_from(get_args(alerts.Status)),
    kind=st.sampled_from(get_args(alerts.Kind)),
    scope=st.sampled_from(["Public", "Private"]),
    source=MAYBE,
    addresses=TEXTS,
    codes=st.lists(TEXTS, max_size=2).map(tuple),
    note=MAYBE,
    references=TEXTS,
    incidents=MAYBE,
    infos=st.lists(INFOS, max_size=2).map(tuple),
)


@settings(max_examples=80, deadline=None)
@given(ALERTS)
def test_every_alert_comes_back_as_it_went(alert: Alert) -> None:
    assert cap.read(cap.write(alert)) == alert


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_coordinates_keep_every_digit(latitude: float, longitude: float) -> None:
    point = (round(latitude, 15), round(longitude, 15))
    area = Area("EXERCISE", circles=(Circle(point, 1.5),))
    alert = replace(flood(), infos=(replace(flood().infos[0], areas=(area,)),))
    assert cap.read(cap.write(alert)).infos[0].areas[0].circles[0].centre == point


def flood() -> Alert:
    return cap.read(SEED.encode())


def test_an_alert_is_read() -> None:
    alert = flood()
    (info,) = alert.infos
    (area,) = info.areas
    assert (alert.identifier, alert.status, alert.kind, alert.scope) == ("EXERCISE-1", "Exercise", "Alert", "Public")
    assert alert.sent.moment == 1_777_633_200_000
    assert (info.language, info.event, info.categories) == ("fr-FR", "Crue", ("Met",))
    assert area.polygons == (((48.5, -2.0), (48.5, -1.0), (49.0, -1.0), (48.5, -2.0)),)
    assert area.circles == (Circle((48.5, -2.25), 15.0),)
    assert area.geocodes == (Named("NUTS", "FRH0"),)


def test_a_block_for_each_language() -> None:
    french = flood().infos[0]
    alert = replace(flood(), infos=(replace(french, language="en-GB", event="Flood"), french))
    assert [alert.info(language).event for language in ("en", "fr", "de")] == ["Flood", "Crue", "Flood"]  # type: ignore[union-attr]
    assert replace(alert, infos=()).info("fr") is None
    assert cap.read(cap.write(alert)) == alert


def test_line_ends_survive() -> None:
    alert = replace(flood(), note="one\r\ntwo\n<&>\ttwo")
    assert cap.read(cap.write(alert)).note == alert.note


HOSTILE = {
    "doctype": ('<alert xmlns="', '<!DOCTYPE alert [<!ENTITY a "b">]><alert xmlns="'),
    "external entity": ('<alert xmlns="', '<!DOCTYPE alert SYSTEM "file:///etc/passwd"><alert xmlns="'),
    "processing instruction": ('<alert xmlns="', '<?xml-stylesheet href="a"?><alert xmlns="'),
    "version 1.1": ("cap:1.2", "cap:1.1"),
    "another element": ("</scope>", "</scope><extra>1</extra>"),
    "an attribute": ("<scope>", '<scope lang="en">'),
    "a resource": ("</expires>", "</expires><resource><resourceDesc>a</resourceDesc></resource>"),
    "another order": (
        "<status>Exercise</status><msgType>Alert</msgType>",
        "<msgType>Alert</msgType><status>Exercise</status>",
    ),
    "one twice": ("<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>"),
    "one missing": ("<event>Crue</event>", ""),
    "a choice missing": ("<scope>Public</scope>", ""),
    "a value of no list": ("<scope>Public</scope>", "<scope>public</scope>"),
    "text beside": ("<info>", "text<info>"),
    "text instead": ("<geocode><valueName>NUTS</valueName><value>FRH0</value></geocode>", "<geocode>NUTS</geocode>"),
    "elements instead": ("<event>Crue</event>", "<event><event>Crue</event></event>"),
    "Z": ("2026-05-01T12:00:00+01:00", "2026-05-01T12:00:00Z"),
    "no day": ("2026-05-01T12:00:00+01:00", "2026-02-30T12:00:00+01:00"),
    "before 1970": ("2026-05-01T12:00:00+01:00", "1969-05-01T12:00:00+01:00"),
    "other digits": ("2026-05-01T12:00:00+01:00", "２026-05-01T12:00:00+01:00"),
    "an open ring": ("48.5,-2 48.5,-1 49,-1 48.5,-2", "48.5,-2 48.5,-1 49,-1 48.5,-3"),
    "two points": ("48.5,-2 48.5,-1 49,-1 48.5,-2", "48.5,-2 48.5,-2"),
    "not on the Earth": ("48.5,-2.25 15", "98.5,-2.25 15"),
    "a radius below 0": ("48.5,-2.25 15", "48.5,-2.25 -15"),
    "a radius missing": ("48.5,-2.25 15", "48.5,-2.25"),
    "one coordinate": ("48.5,-2.25 15", "48.5 15"),
    "no number": ("48.5,-2.25 15", "48.5,nan 15"),
    "a ceiling below": ("<altitude>0</altitude>", "<altitude>0</altitude><ceiling>-1</ceiling>"),
    "a space": ("EXERCISE-1", "EXERCISE 1"),
    "an empty text": ("<event>Crue</event>", "<event> </event>"),
    "a control character": ("Crue", "Cr&#x7f;ue"),
    "restricted by nothing": ("<scope>Public</scope>", "<scope>Restricted</scope>"),
    "private for nobody": ("<scope>Public</scope>", "<scope>Private</scope>"),
    "an update of nothing": ("<msgType>Alert</msgType>", "<msgType>Update</msgType>"),
    "no language": ("fr-FR", "fr_FR"),
    "no category": ("<category>Met</category>", ""),
    "cut off": ("</alert>", ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_or_not_understood_is_refused(name: str) -> None:
    old, new = HOSTILE[name]
    assert SEED.count(old) == 1
    with pytest.raises(Malformed):
        cap.read(SEED.replace(old, new).encode())


@pytest.mark.parametrize(
    "data",
    [
        SEED.replace("Crue", "x" * 10_000_000),
        SEED.replace("Crue", "<a>" * 100 + "</a>" * 100),
        SEED.replace("<scope>Public</scope>", "<scope>Public</scope>" + "<code>1</code>" * 65),
        SEED.replace("</info>", "</info>" + SEED[SEED.index("<info>") : SEED.index("</alert>")] * 16),
    ],
    ids=["bytes", "depth", "codes", "blocks"],
)
def test_limits(data: str) -> None:
    with pytest.raises(LimitExceeded):
        cap.read(data.encode())


def test_limits_of_what_is_made() -> None:
    info = flood().infos[0]
    with pytest.raises(LimitExceeded):
        replace(info, areas=info.areas * 65)
    with pytest.raises(LimitExceeded):
        replace(info, event="x" * 20_001)
    with pytest.raises(LimitExceeded):
        Area("EXERCISE", polygons=(((1.0, 1.0),) * 2_001,))
