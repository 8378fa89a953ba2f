"""What a person asks of their maritime desk, by name: one store of AIS, read without keys and without the network.

The door that a console has to the desk's process (`cordiale.wiring.desk_process`), as `cordiale.wiring.commands` is the one to
the agent: parameters are typed and strict, answers are what JSON carries. Nothing here reaches the agent. To release a draft is
another act, at the agent's door (`maritime.release`), by the person who read it.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cordiale.adapters.clock import system_clock
from cordiale.analysis.draft import Draft
from cordiale.analysis.finding import Finding
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.detect.findings import explanations
from cordiale.desks.maritime.detect.profile import PROFILES, shipped
from cordiale.desks.maritime.draft import Status, draft
from cordiale.desks.maritime.picture import alert, measure
from cordiale.desks.maritime.picture.reel import reel
from cordiale.desks.maritime.picture.scene import type_words
from cordiale.desks.maritime.picture.state import HOURS, Identity, days_between, identities, last_report
from cordiale.desks.maritime.risk.kept import kept
from cordiale.desks.maritime.schema import (
    DEGREE,
    LAT_UNAVAILABLE,
    LON_UNAVAILABLE,
    POSITION,
    SOG_UNAVAILABLE,
    Positions,
)
from cordiale.desks.maritime.sighting import physical, reports
from cordiale.desks.maritime.triage import WORDS, Act, Standing, Step, Triage
from cordiale.errors import NotFound
from cordiale.vocab.moment import Moment, iso
from cordiale.wiring.method import Document, Method, Params, Reference, ask

POINTS: Final = 3_000
"""Of a track on a map."""
Words = Annotated[str, msgspec.Meta(max_length=WORDS)]
Hours = Annotated[float, msgspec.Meta(gt=0, le=24 * 31)]


class Picture(Params, frozen=True, kw_only=True):
    """The last hours before the store's last report."""

    hours: Hours = HOURS


class OfProfile(Params, frozen=True, kw_only=True):
    profile: str = PROFILES[0]


class OfAlert(OfProfile, frozen=True, kw_only=True):
    alert: Reference


class OfVessel(Params, frozen=True, kw_only=True):
    mmsi: Annotated[int, msgspec.Meta(ge=0, lt=10**10)]
    hours: Hours = HOURS


class Triaged(OfAlert, frozen=True, kw_only=True):
    act: Act
    by: Words
    text: Words = ""


class Drafted(OfAlert, frozen=True, kw_only=True):
    """`released`: a record of it stands in the room. `retract` takes it back though the alert still stands."""

    released: bool = False
    retract: bool = False


def call(store: Path, method: str, params: Mapping[str, Any]) -> Document:
    """Do what `method` says; `WrongUsage` if there is no such method or its parameters are not understood."""
    return ask(METHODS, store, method, params, who="the desk")


# --- the picture --------------------------------------------------------------------------------------------------


def _picture(store: Path, params: Picture) -> Document:
    """Every vessel with its reports over time as columns in base64, little endian; without reports `begin` is null."""
    found = reel(store, hours=params.hours)
    if found is None:
        return {"begin": None, "end": None, "vessels": []}
    known, risks = identities(store), kept(store)
    vessels = [
        _vessel(mmsi, known.get(mmsi, Identity()), params.language)
        | {"sanctions": risks.status.get(mmsi, ""), "score": risks.score.get(mmsi, 0)}
        for mmsi in found.mmsi.tolist()
    ]
    columns = ("counts", "time", "lon", "lat", "sog", "turn", "status")
    return {
        "begin": iso(found.begin),
        "end": iso(found.end),
        "apart": found.apart,
        "degree": DEGREE,
        "vessels": vessels,
        "columns": {name: _column(getattr(found, name)) for name in columns},
    }


def _column(values: NDArray[Any]) -> str:
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()


def _vessel(mmsi: int, identity: Identity, language: str) -> Document:
    return {
        **alert.vessel_document(mmsi, identity),
        "type": type_words(identity.ship_type, language),
        "destination": identity.destination,
        "length_m": identity.length or None,
    }


def _track(store: Path, params: OfVessel) -> Document:
    """One vessel's reports in the picture's span."""
    archive = Archive(store)
    end = last_report(archive)
    rows = np.empty(0, POSITION)
    if end is not None:
        begin = end - round(params.hours * 3_600_000)
        days = days_between(archive, begin, end)
        parts = [part for day in days for part in archive.positions(day, mmsi={params.mmsi})]
        rows = np.concatenate(parts) if parts else rows
        rows = rows[(rows["time"] >= begin) & (rows["lon"] != LON_UNAVAILABLE) & (rows["lat"] != LAT_UNAVAILABLE)]
    if not len(rows):
        raise NotFound(f"MMSI {params.mmsi}", what="vessel in the picture")
    identity = identities(store, {params.mmsi}).get(params.mmsi, Identity())
    return {"vessel": _vessel(params.mmsi, identity, params.language), "track": _points(rows)}


def _points(rows: Positions) -> Document:
    """Times, places and speeds; some are left out, evenly, where there are more than `POINTS`."""
    step = -(-len(rows) // POINTS)
    shown = np.concatenate([rows[:-1:step], rows[-1:]]) if step > 1 else rows
    return {
        "reports": len(rows),
        "times": [iso(Moment(int(time))) for time in shown["time"]],
        "line": [[round(int(row["lon"]) / DEGREE, 6), round(int(row["lat"]) / DEGREE, 6)] for row in shown],
        "knots": [None if sog == SOG_UNAVAILABLE else sog / 10 for sog in shown["sog"].tolist()],
    }


# --- alerts -------------------------------------------------------------------------------------------------------


def _alerts(store: Path, params: OfProfile) -> Document:
    """What stands, by begin, with what people made of it."""
    alerts = Alerts(store)
    standing = alerts.findings(params.profile)
    known = identities(store, {mmsi for each in standing for mmsi in alert.mmsi_of(each)}) if standing else {}
    triaged = Triage(store).standing(alerts.history())
    return {
        "profile": params.profile,
        "looked": params.profile in alerts.standing(),
        "alerts": [
            alert.document(each, known, params.language) | {"triage": _triage(triaged.get(each.id, Standing()))}
            for each in standing
        ],
    }


def _alert(store: Path, params: OfAlert) -> Document:
    """One with everything that speaks for it: the rule, what was measured, the tracks, how it came about."""
    finding, gone = found(store, params.profile, params.alert)
    history = [line for line in Alerts(store).history() if line.finding.id == finding.id]
    document = alert.document(finding, identities(store, alert.mmsi_of(finding)), params.language)
    return {
        "alert": document
        | {
            "gone": gone,
            "rule": _rule(finding),
            "measured": [
                {
                    "name": measure.name(name, params.language),
                    "text": measure.said(name, told["value"], told["unit"], params.language),
                }
                for name, told in document["values"].items()
            ],
            "tracks": [
                {"mmsi": mmsi, **_points(part)}
                for mmsi, rows in reports(store, finding).items()
                for part in physical(rows)
            ],
            "history": [{"at": iso(line.at), "act": line.act, "score": line.finding.score} for line in history],
            "triage": _triage(Triage(store).standing(history).get(finding.id, Standing())),
        }
    }


def _rule(finding: Finding) -> Document | None:
    """The threshold that its leading measure goes beyond, and by whose word; None where there is none."""
    explained = explanations().get(finding.detector)
    if explained is None or finding.profile not in PROFILES:
        return None
    section, _, name = explained.against.partition(".")
    limit = shipped(finding.profile).sections.get(section, {}).get(name)
    if limit is None:
        return None
    return {"name": explained.against, "value": limit.value, "unit": limit.unit, "source": limit.source}


def _triage(standing: Standing) -> Document:
    steps = [{"at": iso(each.at), "by": each.by, "act": each.act, "text": each.text} for each in standing.steps]
    return {
        "state": standing.state,
        "assigned": standing.assigned,
        "changed": standing.changed,
        "undo": bool(standing.holding),
        "steps": steps,
    }


def _triaged(store: Path, params: Triaged) -> Document:
    """Write down what somebody did with an alert."""
    finding, _ = found(store, params.profile, params.alert)
    triage = Triage(store)
    triage.add(Step(system_clock(), params.by, finding.id, params.act, params.text.strip()))
    return {"alert": finding.id, "triage": _triage(triage.standing()[finding.id])}


# --- drafts -------------------------------------------------------------------------------------------------------


def _draft(store: Path, params: Drafted) -> Document:
    """What would be released of an alert: the record's values, and its file in base64."""
    made = drafted(store, params.profile, params.alert, released=params.released, retract=params.retract)
    file = made.attachment
    attached = {"field": file.field, "name": file.name, "data": base64.b64encode(file.data).decode()} if file else None
    return {"values": made.values, "file": attached}


def drafted(store: Path, profile: str, wanted: str, *, released: bool, retract: bool = False) -> Draft:
    """The draft of the alert whose id begins with `wanted`, as that stands now; of one that was retracted, its retraction."""
    finding, gone = found(store, profile, wanted)
    status: Status = "retracted" if gone or retract else "revised" if released else "raised"
    return draft(finding, identities(store, alert.mmsi_of(finding)), status, reports(store, finding))


def found(store: Path, profile: str, wanted: str) -> tuple[Finding, bool]:
    """The finding, and whether it was retracted since: then as it last stood. `NotFound` where there was none."""
    alerts = Alerts(store)
    try:
        return alert.by_id(alerts.findings(profile), wanted), False
    except NotFound:
        past = {line.finding.id: line for line in alerts.history() if line.finding.profile == profile}
        gone = [line.finding for line in past.values() if line.act == "retract"]
        return alert.by_id(gone, wanted), True


METHODS: Final[Mapping[str, Method[Path, Any]]] = {
    "picture": Method(Picture, _picture),
    "track": Method(OfVessel, _track),
    "alerts": Method(OfProfile, _alerts),
    "alert": Method(OfAlert, _alert),
    "triage": Method(Triaged, _triaged),
    "draft": Method(Drafted, _draft),
}
