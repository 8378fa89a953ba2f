"""An alert as a plain value (OASIS CAP-V1.2, section 3.2); `cap` writes and reads it.

Whatever is made is checked: `Malformed`, naming the field, or `LimitExceeded`. Empty texts are not texts.
"""

import re
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from cordiale.errors import LimitExceeded, Malformed
from cordiale.vocab.moment import Moment, from_datetime

TEXT: Final = 20_000
INFOS: Final = 16
AREAS: Final = 64
POINTS: Final = 2_000
"""Of one polygon."""
VALUES: Final = 64
WIDEST_KM: Final = 20_038.0
"""Half way around the Earth."""

Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
Kind = Literal["Alert", "Update", "Cancel", "Ack", "Error"]
Scope = Literal["Public", "Restricted", "Private"]
Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]
Response = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Point = tuple[float, float]
"""Latitude and longitude, degrees, WGS 84: in this order, as CAP writes them."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_BARE: Final = re.compile(r"[^\s,<&\x00-\x1f\x7f]{1,256}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class Time(msgspec.Struct, frozen=True):
    """A date and time of somewhere, as it is written: `2026-05-01T12:00:00+02:00`."""

    text: str

    def __post_init__(self) -> None:
        if not _TIME.fullmatch(self.text):
            raise _malformed("a time is a date, a time in whole seconds and an offset, and never Z")
        try:
            in_range = self.moment >= 0
        except (ValueError, OverflowError):
            in_range = False
        if not in_range:
            raise _malformed("a time is no date, or before 1970")

    @property
    def moment(self) -> Moment:
        """The same moment in UTC."""
        return from_datetime(datetime.fromisoformat(self.text).astimezone(UTC))


class Named(msgspec.Struct, frozen=True):
    """A value of a named list: a geocode, an event code, a parameter."""

    name: str
    value: str

    def __post_init__(self) -> None:
        _check_texts(self.name, self.value)


class Circle(msgspec.Struct, frozen=True):
    """All within a radius of a point."""

    centre: Point
    radius_km: float

    def __post_init__(self) -> None:
        _check_point(self.centre)
        if not 0 <= self.radius_km <= WIDEST_KM:
            raise _malformed("a radius is 0 km to half way around the Earth")


class Area(msgspec.Struct, frozen=True):
    """Where: the union of its polygons, circles and geocodes. Polygons end with the point that they begin with."""

    description: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Named, ...] = ()
    altitude: float | None = None
    """Feet above mean sea level (CAP 3.2.4); with a ceiling, the lowest."""
    ceiling: float | None = None

    def __post_init__(self) -> None:
        _check_texts(self.description)
        _check_counts(self.polygons, self.circles, self.geocodes)
        for ring in self.polygons:
            check_ring(ring)
        for feet in (self.altitude, self.ceiling):
            if feet is not None and not -100_000 <= feet <= 1_000_000:
                raise _malformed("an altitude is out of range")
        if self.ceiling is not None and (self.altitude is None or self.altitude > self.ceiling):
            raise _malformed("a ceiling needs an altitude that is not above it")


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What happens, in one language (`en-GB`, `fr-FR`; `en-US` if it names none)."""

    categories: tuple[Category, ...]
    event: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    language: str | None = None
    responses: tuple[Response, ...] = ()
    audience: str | None = None
    event_codes: tuple[Named, ...] = ()
    effective: Time | None = None
    onset: Time | None = None
    expires: Time | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Named, ...] = ()
    areas: tuple[Area, ...] = ()

    def __post_init__(self) -> None:
        _check_texts(self.event, self.audience, self.sender_name, self.headline, self.description)
        _check_texts(self.instruction, self.web, self.contact)
        _check_counts(self.categories, self.responses, self.event_codes, self.parameters)
        if not self.categories:
            raise _malformed("an info block has no category")
        if self.language is not None and not (len(self.language) <= 64 and _LANGUAGE.fullmatch(self.language)):
            raise _malformed("a language is a tag as in RFC 3066")
        if len(self.areas) > AREAS:
            raise LimitExceeded(f"alert: {len(self.areas)} areas, {AREAS} allowed")

    @property
    def times(self) -> tuple[Time | None, Time | None, Time | None]:
        """Effective, onset, expires."""
        return self.effective, self.onset, self.expires


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, or an update, cancellation, acknowledgement or refusal of others."""

    identifier: str
    sender: str
    sent: Time
    status: Status
    kind: Kind
    scope: Scope
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: str | None = None
    """`sender,identifier,sent` of earlier messages, with spaces between them."""
    incidents: str | None = None
    infos: tuple[Info, ...] = ()

    def __post_init__(self) -> None:
        for field in (self.identifier, self.sender):
            if not _BARE.fullmatch(field):
                raise _malformed("identifier and sender have no spaces, commas, < or &")
        _check_texts(
            self.source, self.restriction, self.addresses, self.note, self.references, self.incidents, *self.codes
        )
        _check_counts(self.codes)
        if (self.restriction is not None) != (self.scope == "Restricted"):
            raise _malformed("a restriction goes with the scope Restricted")
        if self.scope == "Private" and self.addresses is None:
            raise _malformed("the scope Private needs addresses")
        if self.kind in ("Update", "Cancel", "Ack", "Error") and self.references is None:
            raise _malformed(f"{self.kind} says nothing of which message")
        if len(self.infos) > INFOS:
            raise LimitExceeded(f"alert: {len(self.infos)} info blocks, {INFOS} allowed")

    def info(self, language: str) -> Info | None:
        """The block in this language (`fr` finds `fr-FR`), otherwise the first."""
        primary = language.partition("-")[0].lower()
        spoken = (each for each in self.infos if (each.language or "en-US").partition("-")[0].lower() == primary)
        return next(spoken, self.infos[0] if self.infos else None)


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what="CAP 1.2 alert")


def _check_texts(*texts: str | None) -> None:
    for text in texts:
        if text is None:
            continue
        if not text.strip() or _CONTROL.search(text):
            raise _malformed("a text is empty, or holds control characters")
        if len(text) > TEXT:
            raise LimitExceeded(f"alert: a text of {len(text)} characters, {TEXT} allowed")


def _check_counts(*values: tuple[object, ...]) -> None:
    for each in values:
        if len(each) > VALUES:
            raise LimitExceeded(f"alert: {len(each)} values of one kind, {VALUES} allowed")


def check_ring(ring: tuple[Point, ...]) -> None:
    """`Malformed` for what is no polygon, `LimitExceeded` for one of too many points."""
    if len(ring) > POINTS:
        raise LimitExceeded(f"alert: a polygon of {len(ring)} points, {POINTS} allowed")
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise _malformed("a polygon has four points or more, and ends where it begins")
    for point in ring:
        _check_point(point)


def _check_point(point: Point) -> None:
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise _malformed("a point is not on the Earth")
