"""What a person asks of their agent about private deconfliction; part of the vocabulary of `cordiale.wiring.commands`.

What a plan becomes and how a run goes is `cordiale.agent.deconflicting`'s, which is loaded when somebody asks for it.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from cordiale.agent.engine import Engine
from cordiale.agent.runs import ACTIVE, ASKED, Wanted
from cordiale.errors import NotFound, WrongUsage
from cordiale.labels.label import Label
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import DAY, Moment, iso, to_datetime
from cordiale.wire import limits
from cordiale.wiring.method import Document, InRoom, Method, Reference, as_given, own_ceiling
from cordiale.wiring.refused import reason

if TYPE_CHECKING:
    from cordiale.agent.deconflicting import RunView
    from cordiale.register.deconfliction.plan import Plan

PLAN_BYTES: Final = 16 * limits.MIB
Number = Annotated[int, msgspec.Meta(ge=0, le=limits.COUNT_MOST)]
Line = Annotated[str, msgspec.Meta(max_length=256)]


class Inputs(InRoom, frozen=True, kw_only=True):
    """A plan from the JSON file at an absolute path, or from the activities in the register of the room `source`; without
    either, of
    the run's own room. `budget` is this nation's own: runs, elements and days."""

    plan: str = ""
    source: str = ""
    label: str = ""
    budget: tuple[Number, Number, Number] = (12, 1_000_000, 30)


class Propose(Inputs, frozen=True, kw_only=True):
    person: str = ""
    purpose: Line
    first_day: str = ""
    last_day: str = ""
    grids: Annotated[tuple[Line, ...], msgspec.Meta(max_length=8)] = ("3/7", "4/1")
    most: Annotated[int, msgspec.Meta(ge=1, le=2**20)] = 16_384
    hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 31)] = 24


class Accept(Inputs, frozen=True, kw_only=True):
    run: Reference


class Decline(InRoom, frozen=True, kw_only=True):
    run: Reference
    label: str = ""


class OfRun(InRoom, frozen=True, kw_only=True):
    run: Reference


def _propose(engine: Engine, params: Propose) -> Document:
    room = engine.find_room(params.room)
    label = _label(engine, room, params.label)
    wanted = Wanted(
        room=room,
        person=params.person or _only_other(engine, room),
        purpose=params.purpose,
        grids=params.grids,
        first_day=params.first_day,
        last_day=params.last_day,
        most=params.most,
        budget=params.budget,
        hours=params.hours,
    )
    _check_member(engine, room, wanted.person)
    with as_given():
        terms = engine.deconflictor.terms(wanted)
        run = engine.deconflictor.propose(terms, _plan(engine, room, params), label, params.budget)
    return _shown(engine, room, run.hex(), params.language)


def _accept(engine: Engine, params: Accept) -> Document:
    room, run = _found(engine, params)
    engine.deconflictor.accept(run, _plan(engine, room, params), _label(engine, room, params.label), params.budget)
    return _shown(engine, room, run.hex(), params.language)


def _decline(engine: Engine, params: Decline) -> Document:
    room, run = _found(engine, params)
    engine.deconflictor.decline(run, _label(engine, room, params.label))
    return _shown(engine, room, run.hex(), params.language)


def _stop(engine: Engine, params: OfRun) -> Document:
    room, run = _found(engine, params)
    engine.deconflictor.stop(run)
    return _shown(engine, room, run.hex(), params.language)


def _list(engine: Engine, params: InRoom) -> Document:
    room = engine.find_room(params.room)
    views = engine.deconflictor.views(room)
    return {"room": room.hex(), "runs": [run_document(view, engine.own.nation, params.language) for view in views]}


def _show(engine: Engine, params: OfRun) -> Document:
    return _shown(engine, engine.find_room(params.room), params.run, params.language)


def _result(engine: Engine, params: OfRun) -> Document:
    room = engine.find_room(params.room)
    view = engine.deconflictor.find(room, params.run)
    found: Document = msgspec.to_builtins(engine.deconflictor.result(view))
    return {"run": run_document(view, engine.own.nation, params.language), "result": found}


def _open(engine: Engine, params: OfRun) -> Document:
    room = engine.find_room(params.room)
    view = engine.deconflictor.find(room, params.run)
    data = engine.deconflictor.opened(view)
    encoded = base64.b64encode(data).decode()
    return {"run": run_document(view, engine.own.nation, params.language), "size": len(data), "bundle": encoded}


def _shown(engine: Engine, room: RoomId, run: str, language: str) -> Document:
    return {"run": run_document(engine.deconflictor.find(room, run), engine.own.nation, language)}


def _found(engine: Engine, params: Accept | Decline | OfRun) -> tuple[RoomId, bytes]:
    room = engine.find_room(params.room)
    return room, engine.deconflictor.find(room, params.run).run


def _only_other(engine: Engine, room: RoomId) -> str:
    members = engine.room(room).members
    others = sorted({member.address for member in members if member.nation != engine.own.nation})
    if len(others) != 1:
        raise WrongUsage(f"say with whom: {', '.join(others) or 'nobody of another nation is in the room'}")
    return others[0]


def _check_member(engine: Engine, room: RoomId, person: str) -> None:
    if person not in {member.address for member in engine.room(room).members}:
        raise NotFound(person[:80], what="member")


def _label(engine: Engine, room: RoomId, text: str) -> Label:
    return engine.label(text) if text else own_ceiling(engine, room)


def _plan(engine: Engine, room: RoomId, params: Inputs) -> "Plan":
    if not params.plan:
        with as_given():
            return engine.deconflictor.own_plan(engine.find_room(params.source) if params.source else room)
    if params.source:
        raise WrongUsage("a plan comes from a file or from a register, not from both")
    path = Path(params.plan)
    if not path.is_absolute() or not path.is_file():
        raise NotFound(str(path), what="file")
    try:
        with path.open("rb") as opened:
            data = opened.read(PLAN_BYTES + 1)
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="file") from None
    if len(data) > PLAN_BYTES:
        raise WrongUsage(
            f"{path.name} has more than {PLAN_BYTES} bytes", detail_fr=f"{path.name} dépasse {PLAN_BYTES} octets"
        )
    with as_given():
        return engine.deconflictor.read_plan(data)


def run_document(view: "RunView", nation: str, language: str) -> Document:
    """A run as JSON. `pass` counts from 1 and is 0 before the first."""
    row, terms = view.row, view.terms
    under_way = row.stage == ACTIVE and row.at not in ("inviting", "invited")
    return {
        "run": view.run.hex(),
        "room": row.room.hex(),
        "purpose": terms.purpose,
        "state": row.ended or (row.at if row.stage == ASKED else "running" if under_way else "proposed"),
        "step": row.at,
        "pass": min(len(row.met) + 1, len(terms.grids)) if under_way else len(row.met),
        "passes": len(terms.grids),
        "initiator": terms.people[0],
        "responder": terms.people[1],
        "own_proposal": terms.initiator == nation,
        "created": iso(terms.created),
        "until": iso(terms.until),
        "first_day": to_datetime(Moment(terms.first_day * DAY)).date().isoformat(),
        "last_day": to_datetime(Moment(terms.last_day * DAY)).date().isoformat(),
        "grids": [f"{grid.resolution}/{grid.days}" for grid in terms.grids],
        "most": terms.most,
        "budget": {"runs": terms.budget.runs, "elements": terms.budget.elements, "days": terms.budget.days},
        "sizes": [list(pair) for pair in row.sizes],
        "met": list(row.met),
        "logged": row.logged,
        "detail": reason(row.detail, language),
        "rule": row.rule,
    }


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "deconflict.propose": Method(Propose, _propose),
    "deconflict.accept": Method(Accept, _accept),
    "deconflict.decline": Method(Decline, _decline),
    "deconflict.stop": Method(OfRun, _stop),
    "deconflict.list": Method(InRoom, _list),
    "deconflict.show": Method(OfRun, _show),
    "deconflict.open": Method(OfRun, _open),
    "deconflict.result": Method(OfRun, _result),
}
