"""Alerts of disaster relief in the Common Alerting Protocol, both ways (OASIS CAP-V1.2, 1 July 2010).

    alert  identifier sender sent status msgType source? scope restriction? addresses? code* note? references? incidents?
      info*  language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset? expires?
             senderName? headline? description? instruction? web? contact? parameter*
        area*  areaDesc polygon* circle* geocode* altitude? ceiling?

An info block says the same in one language each (section 3.2.2). Reading is strict: elements in the schema's order, no others,
no attributes, values from its lists. What would be lost is refused: `resource` (a file beside the alert) and signatures.
Document types and entities are refused before they are expanded (`labels.xml_tree`). Times have an offset and whole seconds,
never `Z` (3.3.2); they are kept with it. Coordinates are WGS 84, latitude first, as in the text of the alert.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, TypeVar, get_args
from xml.sax.saxutils import escape

from cordiale.desks.planning.alert import (
    Alert,
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    Kind,
    Named,
    Point,
    Response,
    Scope,
    Severity,
    Status,
    Time,
    Urgency,
    check_ring,
)
from cordiale.errors import Malformed
from cordiale.labels.xml_tree import Element, read_xml
from cordiale.wire import limits

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
WHAT: Final = "CAP 1.2 alert"
BYTES: Final = 512 * limits.KIB

_ALERT: Final = [
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
    "info",
]
_INFO: Final = [
    "language",
    "category",
    "event",
    "responseType",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "eventCode",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "contact",
    "parameter",
    "area",
]
_AREA: Final = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
_MANY: Final = frozenset(
    ["code", "info", "category", "responseType", "eventCode", "parameter", "area", "polygon", "circle", "geocode"],
)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,7}(?:\.[0-9]{1,18})?")

T = TypeVar("T")
S = TypeVar("S")
L = TypeVar("L", bound=str)


# --- out -----------------------------------------------------------------------------------------------------------


def write(alert: Alert) -> bytes:
    """The alert as XML."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{NAMESPACE}">']
    lines += _lines(
        ("identifier", alert.identifier),
        ("sender", alert.sender),
        ("sent", alert.sent.text),
        ("status", alert.status),
        ("msgType", alert.kind),
        ("source", alert.source),
        ("scope", alert.scope),
        ("restriction", alert.restriction),
        ("addresses", alert.addresses),
        *(("code", code) for code in alert.codes),
        ("note", alert.note),
        ("references", alert.references),
        ("incidents", alert.incidents),
    )
    for info in alert.infos:
        lines += ["<info>", *_info_lines(info), "</info>"]
    return "\n".join([*lines, "</alert>", ""]).encode()


def _info_lines(info: Info) -> Iterator[str]:
    yield from _lines(
        ("language", info.language),
        *(("category", each) for each in info.categories),
        ("event", info.event),
        *(("responseType", each) for each in info.responses),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("audience", info.audience),
    )
    yield from _named_lines("eventCode", info.event_codes)
    yield from _lines(
        *(
            (name, at.text if at else None)
            for name, at in zip(("effective", "onset", "expires"), info.times, strict=True)
        ),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    )
    yield from _named_lines("parameter", info.parameters)
    for area in info.areas:
        yield from ("<area>", *_area_lines(area), "</area>")


def _area_lines(area: Area) -> Iterator[str]:
    yield from _lines(
        ("areaDesc", area.description),
        *(("polygon", " ".join(_pair(point) for point in ring)) for ring in area.polygons),
        *(("circle", f"{_pair(circle.centre)} {_number(circle.radius_km)}") for circle in area.circles),
    )
    yield from _named_lines("geocode", area.geocodes)
    yield from _lines(
        *(
            (name, None if feet is None else _number(feet))
            for name, feet in (("altitude", area.altitude), ("ceiling", area.ceiling))
        )
    )


def _lines(*elements: tuple[str, str | None]) -> Iterator[str]:
    for name, text in elements:
        if text is not None:
            # A carriage return as it is would be read as a line feed (XML 1.0, section 2.11).
            yield f"<{name}>{escape(text, {chr(13): '&#13;'})}</{name}>"


def _named_lines(element: str, values: Iterable[Named]) -> Iterator[str]:
    for each in values:
        yield f"<{element}>{''.join(_lines(('valueName', each.name), ('value', each.value)))}</{element}>"


def _pair(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    """Without an exponent, and with the digits that give the same number again."""
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")


# --- in ------------------------------------------------------------------------------------------------------------


def read(data: bytes) -> Alert:
    """The alert in `data`; `Malformed` or `LimitExceeded` otherwise."""
    root = read_xml(data, what=WHAT, limit=BYTES)
    if root.name != "alert":
        raise _malformed(f"{root.name[:40]!r} stands where alert is expected")
    parts = _Parts(root, _ALERT)
    return Alert(
        identifier=parts.text("identifier"),
        sender=parts.text("sender"),
        sent=_named_fault("sent", Time, parts.text("sent")),
        status=parts.choice("status", get_args(Status)),
        kind=parts.choice("msgType", get_args(Kind)),
        scope=parts.choice("scope", get_args(Scope)),
        source=parts.maybe("source"),
        restriction=parts.maybe("restriction"),
        addresses=parts.maybe("addresses"),
        codes=tuple(_text(each) for each in parts.all("code")),
        note=parts.maybe("note"),
        references=parts.maybe("references"),
        incidents=parts.maybe("incidents"),
        infos=tuple(_named_fault("info", _info, each) for each in parts.all("info")),
    )


def _info(element: Element) -> Info:
    parts = _Parts(element, _INFO)
    return Info(
        language=parts.maybe("language"),
        categories=tuple(_choice(each, get_args(Category)) for each in parts.all("category")),
        event=parts.text("event"),
        responses=tuple(_choice(each, get_args(Response)) for each in parts.all("responseType")),
        urgency=parts.choice("urgency", get_args(Urgency)),
        severity=parts.choice("severity", get_args(Severity)),
        certainty=parts.choice("certainty", get_args(Certainty)),
        audience=parts.maybe("audience"),
        event_codes=tuple(_named(each) for each in parts.all("eventCode")),
        effective=parts.made("effective", Time),
        onset=parts.made("onset", Time),
        expires=parts.made("expires", Time),
        sender_name=parts.maybe("senderName"),
        headline=parts.maybe("headline"),
        description=parts.maybe("description"),
        instruction=parts.maybe("instruction"),
        web=parts.maybe("web"),
        contact=parts.maybe("contact"),
        parameters=tuple(_named(each) for each in parts.all("parameter")),
        areas=tuple(_named_fault("area", _area, each) for each in parts.all("area")),
    )


def _area(element: Element) -> Area:
    parts = _Parts(element, _AREA)
    return Area(
        description=parts.text("areaDesc"),
        polygons=tuple(_named_fault("polygon", _ring, _text(each)) for each in parts.all("polygon")),
        circles=tuple(_named_fault("circle", _circle, _text(each)) for each in parts.all("circle")),
        geocodes=tuple(_named(each) for each in parts.all("geocode")),
        altitude=parts.made("altitude", _decimal),
        ceiling=parts.made("ceiling", _decimal),
    )


class _Parts:
    """The children of an element, known, in order, none of them there more often than it may be."""

    def __init__(self, element: Element, order: Sequence[str]) -> None:
        _plain(element)
        names = [child.name for child in element.children]
        if unknown := set(names) - set(order):
            raise _malformed(f"{min(unknown)[:40]!r} in {element.name} is not understood")
        if names != sorted(names, key=order.index):
            raise _malformed(f"the elements of {element.name} are not in the order of the schema")
        if twice := {name for name in names if names.count(name) > 1 and name not in _MANY}:
            raise _malformed(f"{min(twice)} is there twice")
        if element.text.strip():
            raise _malformed(f"{element.name} holds text")
        self._element = element

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self._element.children if child.name == name)

    def maybe(self, name: str) -> str | None:
        return next((_text(child) for child in self.all(name)), None)

    def text(self, name: str) -> str:
        found = self.maybe(name)
        if found is None:
            raise _malformed(f"{self._element.name} has no {name}")
        return found

    def made(self, name: str, make: Callable[[str], T]) -> T | None:
        found = self.maybe(name)
        return None if found is None else _named_fault(name, make, found)

    def choice(self, name: str, values: tuple[L, ...]) -> L:
        found = next(self.all(name), None)
        if found is None:
            raise _malformed(f"{self._element.name} has no {name}")
        return _choice(found, values)


def _plain(element: Element) -> None:
    if element.namespace != NAMESPACE or element.attributes:
        raise _malformed(f"{element.name[:40]!r} is of another namespace or has attributes")


def _text(element: Element) -> str:
    _plain(element)
    if element.children:
        raise _malformed(f"{element.name} holds elements")
    return element.text


def _choice(element: Element, values: tuple[L, ...]) -> L:
    text = _text(element)
    for value in values:
        if value == text:
            return value
    raise _malformed(f"{element.name} is none of {', '.join(values)}")


def _named(element: Element) -> Named:
    parts = _Parts(element, ["valueName", "value"])
    return Named(parts.text("valueName"), parts.text("value"))


def _point(text: str) -> Point:
    latitude, comma, longitude = text.partition(",")
    if not comma:
        raise _malformed("a point is latitude,longitude")
    return _decimal(latitude), _decimal(longitude)


def _ring(text: str) -> tuple[Point, ...]:
    ring = tuple(_point(pair) for pair in text.split())
    check_ring(ring)
    return ring


def _circle(text: str) -> Circle:
    centre, _, radius = " ".join(text.split()).partition(" ")
    return Circle(_point(centre), _decimal(radius))


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise _malformed("a number is not decimal digits")
    return float(text)


def _named_fault(element: str, make: Callable[[S], T], given: S) -> T:
    """What is made of an element; what is wrong with it says which element it is."""
    try:
        return make(given)
    except Malformed as fault:
        raise _malformed(f"{element}: {fault.detail}") from None


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what=WHAT)
