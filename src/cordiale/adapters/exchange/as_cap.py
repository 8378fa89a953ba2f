"""A relief need as a CAP 1.2 alert, both ways (OASIS, Common Alerting Protocol, 1 July 2010): one file holds one alert.

    field                                                   element
    message_status, sent, cap_identifier                    status, sent, identifier
    event, categories, urgency, severity, certainty         the same, category once for each
    onset, expires                                          the same
    title, description, instruction, contact                headline, description, instruction, contact
    area_name, areas, geocodes                              areaDesc, polygon, geocode (as name=value)
    affected, item, quantity, measure, window, substitutes, people
                                                            a parameter each, `cordiale.` before its name

Texts in two languages are two info blocks. The record's marking is the alert's restriction, so that it comes back with it. CAP's
times have whole seconds: what is less is cut off. An alert from elsewhere has no parameters of ours, and more elements than we
have fields: what has no field is left out and named, and what is required has to be given beside the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cordiale.adapters.exchange import given
from cordiale.adapters.exchange.extract import Extract, Row
from cordiale.adapters.exchange.given import Given
from cordiale.desks.planning import cap
from cordiale.desks.planning.alert import Alert, Area, Info, Named, Point, Time
from cordiale.errors import CordialeError, Malformed, WrongUsage
from cordiale.register.plain import from_text, to_plain
from cordiale.register.schema import Fault, Schema
from cordiale.vocab.moment import iso

TYPE: Final = "relief-need"
PARAMETER: Final = "cordiale."
LANGUAGES: Final = {"en": "en-GB", "fr": "fr-FR"}
_BESIDE: Final = ("affected", "item", "quantity", "measure", "window", "substitutes", "people")
_NEEDED: Final = ("event", "message_status", "categories", "urgency", "severity", "certainty", "sent", "area_name")
_TEXTS: Final = ("title", "description", "instruction")
_SAME: Final = ("categories", "urgency", "severity", "certainty", "onset", "expires", "contact")


# --- out ----------------------------------------------------------------------------------------------------------


def write(extract: Extract) -> bytes:
    """The alert of the one record there is; `WrongUsage` where there is another number of them, or one of another register."""
    if len(extract.rows) != 1:
        raise WrongUsage(
            f"CAP has one alert in a file, and the question finds {len(extract.rows)} records: ask for one"
        )
    (row,) = extract.rows
    if row.type != TYPE:
        raise WrongUsage(f"CAP holds a {TYPE}, and the record is of the register {row.type}")
    if missing := [name for name in _NEEDED if name not in row.values]:
        raise WrongUsage(
            f"CAP cannot do without {', '.join(missing)}, which the record does not show or has in conflict"
        )
    return cap.write(_alert(row))


def _alert(row: Row) -> Alert:
    values = row.values
    return Alert(
        identifier=str(values.get("cap_identifier") or f"cordiale-{row.id}"),
        sender=f"cordiale.{row.document['owner']}",
        sent=_time(values["sent"]),
        status=values["message_status"],
        kind="Alert",
        scope="Restricted",
        restriction=row.marking,
        infos=tuple(_info(row, language) for language in LANGUAGES),
    )


def _info(row: Row, language: str) -> Info:
    values = row.values
    texts = {name: values[name][language] if name in values else None for name in _TEXTS}
    return Info(
        language=LANGUAGES[language],
        categories=tuple(values["categories"]),
        event=values["event"][language],
        urgency=values["urgency"],
        severity=values["severity"],
        certainty=values["certainty"],
        onset=_time(values["onset"]) if "onset" in values else None,
        expires=_time(values["expires"]) if "expires" in values else None,
        headline=texts["title"],
        description=texts["description"],
        instruction=texts["instruction"],
        contact=values.get("contact"),
        parameters=tuple(Named(PARAMETER + name, row.cell(name)) for name in _BESIDE if name in values),
        areas=(_area(values, language),),
    )


def _area(values: Mapping[str, Any], language: str) -> Area:
    rings = [[(latitude, longitude) for longitude, latitude in area["ring"]] for area in values.get("areas", ())]
    codes = [str(code).partition("=") for code in values.get("geocodes", ())]
    return Area(
        description=values["area_name"][language],
        polygons=tuple((*ring, ring[0]) for ring in rings),
        geocodes=tuple(Named(name, value or name) for name, _, value in codes),
    )


def _time(moment: str) -> Time:
    return Time(f"{moment[:19]}+00:00")


# --- in -----------------------------------------------------------------------------------------------------------


def read(data: bytes, schema: Schema) -> list[Given]:
    """The alert as one row. `Malformed`, naming the element, for what is no new alert or says two things at once."""
    alert = cap.read(given.checked_size(data, "CAP"))
    if wrong := given.of_another_type(TYPE, schema.type):
        return [Given(1, "", {}, wrong)]
    if alert.kind != "Alert":
        raise _malformed(f"msgType: {alert.kind} is about an earlier alert, and makes no record of its own")
    blocks = _blocks(alert)
    first, areas = next(iter(blocks.values())), _common_areas(blocks)
    values: dict[str, Any] = {
        "message_status": alert.status,
        "cap_identifier": alert.identifier,
        "sent": iso(alert.sent.moment),
        "event": _both(blocks, "event"),
        "categories": list(first.categories),
        "urgency": first.urgency,
        "severity": first.severity,
        "certainty": first.certainty,
    }
    values |= {name: iso(at.moment) for name in ("onset", "expires") if (at := getattr(first, name)) is not None}
    values |= {"contact": first.contact} if first.contact is not None else {}
    values["title"] = _both(blocks, "headline") or values["event"]
    values |= {name: both for name in ("description", "instruction") if (both := _both(blocks, name))}
    values |= _placed(blocks, areas)
    faults = list[Fault]()
    _take_parameters(values, faults, schema, first.parameters)
    marking = alert.restriction or ""
    return [Given(1, marking, values, tuple(faults), tuple(_left_out(alert, first, areas)))]


def _blocks(alert: Alert) -> dict[str, Info]:
    """The info block of each of our languages; one that stands alone serves for both."""
    if not alert.infos:
        raise _malformed("alert: it has no info block")
    found: dict[str, Info] = {}
    for info in alert.infos:
        language = (info.language or "en-US").partition("-")[0].lower()
        if language in found:
            raise _malformed(f"info: two blocks in one language ({language}): a record is one event")
        found[language] = info
    ours = {language: found[language] for language in LANGUAGES if language in found} or dict(list(found.items())[:1])
    first = next(iter(ours.values()))
    for name in _SAME:
        if any(getattr(info, name) != getattr(first, name) for info in ours.values()):
            raise _malformed(f"info: {name} is not the same in both languages")
    return ours


def _both(blocks: Mapping[str, Info], name: str) -> dict[str, str] | None:
    texts = {language: text for language, info in blocks.items() if (text := getattr(info, name)) is not None}
    alone = next(iter(texts.values()), None)
    return None if alone is None else {language: texts.get(language, alone) for language in LANGUAGES}


def _common_areas(blocks: Mapping[str, Info]) -> Sequence[Area]:
    areas = [info.areas for info in blocks.values()]
    shapes = [[(area.polygons, area.geocodes) for area in own] for own in areas]
    if any(each != shapes[0] for each in shapes):
        raise _malformed("area: polygon or geocode is not the same in both languages")
    return areas[0]


def _placed(blocks: Mapping[str, Info], areas: Sequence[Area]) -> Iterator[tuple[str, Any]]:
    names = {
        language: "; ".join(area.description for area in info.areas) for language, info in blocks.items() if info.areas
    }
    if names:
        alone = next(iter(names.values()))
        yield "area_name", {language: names.get(language, alone) for language in LANGUAGES}
    rings = [ring for area in areas for ring in area.polygons]
    if rings:
        yield "areas", [{"ring": [_lonlat(point) for point in ring[:-1]]} for ring in rings]
    codes = [f"{code.name}={code.value}" for area in areas for code in area.geocodes]
    if codes:
        yield "geocodes", codes


def _lonlat(point: Point) -> list[float]:
    return [point[1], point[0]]


def _take_parameters(values: dict[str, Any], faults: list[Fault], schema: Schema, parameters: Sequence[Named]) -> None:
    for parameter in parameters:
        name = parameter.name.removeprefix(PARAMETER)
        field = schema.field(name) if parameter.name.startswith(PARAMETER) and name in _BESIDE else None
        if field is None:
            continue
        try:
            values[name] = to_plain(field.narrowed, from_text(field.narrowed, parameter.value))
        except CordialeError as fault:
            faults.append(Fault.of(name, fault))


def _left_out(alert: Alert, info: Info, areas: Sequence[Area]) -> Iterator[str]:
    """Elements that have no field."""
    own = {PARAMETER + name for name in _BESIDE}
    there: dict[str, object] = {
        "source": alert.source,
        "addresses": alert.addresses,
        "code": alert.codes,
        "note": alert.note,
        "references": alert.references,
        "incidents": alert.incidents,
        "responseType": info.responses,
        "audience": info.audience,
        "eventCode": info.event_codes,
        "effective": info.effective,
        "senderName": info.sender_name,
        "web": info.web,
        "parameter": [each for each in info.parameters if each.name not in own],
        "circle": [area.circles for area in areas if area.circles],
        "altitude": [area.altitude for area in areas if area.altitude is not None],
    }
    yield from (name for name, value in there.items() if value)
    if len(alert.infos) > len(LANGUAGES):
        yield "info"


def _malformed(detail: str) -> Malformed:
    return Malformed(detail, what=cap.WHAT)
