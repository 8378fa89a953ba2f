"""Where a room's activities meet: conflicts, synergies and gaps, of the records that this person can read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from cordiale.agent.engine import Engine
from cordiale.agent.record_view import RecordView
from cordiale.agent.records import name_of
from cordiale.desks.activity import ground
from cordiale.desks.activity.conflict import Axis, Conflict
from cordiale.desks.activity.coverage import Coverage, week_of, week_span
from cordiale.desks.activity.explanation import explain
from cordiale.desks.activity.ground import Reserved, Taken
from cordiale.desks.activity.synergy import Synergy
from cordiale.errors import CordialeError, Malformed
from cordiale.register import query
from cordiale.register.act import Reserve
from cordiale.register.kind import Kind, fault
from cordiale.register.plain import from_plain
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import DAY, Moment, iso
from cordiale.wiring.method import Document, as_given
from cordiale.wiring.register_meetings import Meetings, RequiredParam

RECORDS: Final = 50_000
_OVER: Final = (Status.WITHDRAWN, Status.FULFILLED)
_AREA, _CORRIDOR = Kind("area"), Kind("corridor")


def listed(engine: Engine, room: RoomId, params: Meetings) -> Document:
    """What was asked for; records that tell too little of where and when they are, are counted."""
    views = engine.records(room, query.parse(params.query), params.language, limit=RECORDS)
    there = {view.id.hex(): view for view in views if view.state.status not in _OVER and not view.superseded_by}
    taken = {key: found for key, view in there.items() if (found := _taken(view)) is not None}
    untold = sum(
        view.state.head.type == "activity" for key, view in there.items() if key not in taken and view.state.head
    )
    document: Document = {"room": room.hex(), "activities": len(taken), "untold": untold}
    if params.synergy is not None:
        with as_given():
            found = ground.near(list(taken.values()), *params.synergy)
        return {**document, "synergies": [_synergy(each, there, params.language) for each in found]}
    if params.required:
        with as_given():
            required = [_required(each) for each in params.required]
        lacking = ground.lacking(list(taken.values()), required)
        return {**document, "gaps": [_gap(each, there, params.language) for each in lacking]}
    found = ground.meetings(list(taken.values()), list(_reserved(there)))
    return {**document, "conflicts": [_conflict(each, there, params.language) for each in found]}


def _taken(view: RecordView) -> Taken | None:
    if view.state.head is None or view.state.head.type != ground.TYPE:
        return None
    try:
        return ground.footprint(view.state.head, view.state.shown())
    except CordialeError:
        return None


def _reserved(there: Mapping[str, RecordView]) -> Iterator[Reserved]:
    for key, view in there.items():
        for act in view.state.reserved:
            body, head = act.body, view.state.head
            if isinstance(body, Reserve) and head is not None:
                yield Reserved(key, head.owner, body.resource, (body.start, body.end))


def _required(given: RequiredParam) -> ground.Requirement:
    if (given.area is None) == (given.corridor is None):
        raise Malformed(
            f"{given.region[:40]}: an area or a corridor is needed",
            what="requirement",
            detail_fr=f"{given.region[:40]} : il faut une zone ou un couloir",
        )
    kind, plain = (_AREA, given.area) if given.area is not None else (_CORRIDOR, given.corridor)
    shape = from_plain(kind, plain)
    if why := fault(kind, shape):
        region = given.region[:40]
        raise Malformed(f"{region}: {why.en}", what="requirement", detail_fr=f"{region} : {why.fr}")
    return ground.requirement(given.region, shape, _weeks(given.weeks), given.required, given.kinds)


def _weeks(given: Sequence[str]) -> list[str]:
    """`2027-W05`, and `2027-W05/2027-W08` for all from one to another."""
    found: list[str] = []
    for each in given:
        first, _, last = each.partition("/")
        begin, end = week_span(first).begin, week_span(last or first).end
        if not 0 < end - begin <= 1000 * 7 * DAY:
            raise Malformed(
                f"{each[:32]!r} ends before it begins, or has more than 1,000 weeks",
                what="requirement",
                detail_fr=f"{each[:32]!r} finit avant de commencer, ou dépasse 1 000 semaines",
            )
        found += [week_of(Moment(at)) for at in range(begin, end, 7 * DAY)]
    return found


# --- as JSON ------------------------------------------------------------------------------------------------------


def _party(key: str, there: Mapping[str, RecordView], language: str) -> Document:
    """A record by its key; a reservation's is `key#n`."""
    view = there[key.partition("#")[0]]
    owner = view.state.head.owner if view.state.head else ""
    return {"id": view.id.hex(), "title": name_of(view.state, language), "owner": owner, "reservation": "#" in key}


def _conflict(each: Conflict, there: Mapping[str, RecordView], language: str) -> Document:
    one, other = _party(each.a, there, language), _party(each.b, there, language)
    told = msgspec.structs.replace(each, a=one["title"] or one["id"][:12], b=other["title"] or other["id"][:12])
    return {
        "a": one,
        "b": other,
        "cause": each.cause,
        "why": each.why.text(language),
        "source": each.source,
        "time": {"begin": iso(each.begin), "end": iso(each.end), **_axis(each.time)},
        "altitude": None if each.altitude is None else {**_axis(each.altitude), "cautious": each.cautious},
        "place": None if each.reach_km is None else {"shared": each.reach_km, "margin": each.reach_km},
        "explanation": explain(told, language),
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {"shared": axis.shared, "margin": axis.margin}


def _synergy(each: Synergy, there: Mapping[str, RecordView], language: str) -> Document:
    pair = {"a": _party(each.a, there, language), "b": _party(each.b, there, language)}
    return {**pair, "km": each.km, "days": each.days}


def _gap(each: Coverage, there: Mapping[str, RecordView], language: str) -> Document:
    present = [_party(key, there, language) for key in each.present]
    return {
        "region": each.region,
        "week": each.week,
        "required": each.required,
        "present": present,
        "missing": each.missing,
    }
