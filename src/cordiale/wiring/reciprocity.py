"""`register.balance` and `register.handovers`, part of the vocabulary of `cordiale.wiring.commands`: who gives whom access, and
which posts are handed over with how many days of both people there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cordiale.agent.engine import Engine
from cordiale.agent.record_view import RecordView
from cordiale.agent.records import name_of
from cordiale.register import query
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import DAY, Moment, iso
from cordiale.wiring.method import Document, InRoom, Method

RECORDS: Final = 50_000
_STANDING: Final[Mapping[Status, str]] = {
    Status.BINDING: "granted",
    Status.FULFILLED: "granted",
    Status.PROPOSED: "waiting",
    Status.PART_KEYED: "waiting",
    Status.OBJECTED: "refused",
}
"""How a request counts; one that was withdrawn counts nowhere."""


class AskedOf(InRoom, frozen=True, kw_only=True):
    """`query` narrows what is looked at, for example to a year."""

    query: str = ""


def _records(engine: Engine, room: RoomId, kind: str, params: AskedOf) -> list[RecordView]:
    """Of one register, but what was superseded."""
    asked = query.parse(f"type={kind} {params.query}")
    found = engine.records(room, asked, params.language, limit=RECORDS)
    return [view for view in found if view.superseded_by is None]


# --- access -------------------------------------------------------------------------------------------------------


def _balance(engine: Engine, params: AskedOf) -> Document:
    """For each host and guest the requests by how they stand, with the days granted; for each two nations the difference."""
    room = engine.find_room(params.room)
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTED, 0))
    for view in _records(engine, room, "access-request", params):
        values, standing = view.values(), _STANDING.get(view.state.status)
        if standing is None or not {"host", "guest", "span"} <= set(values) or values["host"] == values["guest"]:
            continue
        found = counts[values["host"], values["guest"]]
        found[standing] += 1
        if standing == "granted":
            start, end = values["span"]
            found["days"] += -(-(end - start) // DAY)
    access = [{"host": host, "guest": guest, **found} for (host, guest), found in sorted(counts.items())]
    return {"room": room.hex(), "access": access, "balance": list(_differences(counts))}


_COUNTED: Final = ("granted", "waiting", "refused", "days")


def _differences(counts: Mapping[tuple[str, str], Mapping[str, int]]) -> Iterable[Document]:
    for one, other in sorted({tuple(sorted(pair)) for pair in counts}):
        given = {host: counts.get((host, guest), {}) for host, guest in ((one, other), (other, one))}
        yield {
            "nations": [one, other],
            "granted": {nation: found.get("granted", 0) for nation, found in given.items()},
            "days": {nation: found.get("days", 0) for nation, found in given.items()},
        }


# --- posts --------------------------------------------------------------------------------------------------------


def _handovers(engine: Engine, params: AskedOf) -> Document:
    """Each post that follows another: for how long both people are there, or for how long nobody is."""
    room = engine.find_room(params.room)
    posts = {bytes(view.id): view for view in _records(engine, room, "post", params)}
    there = [view for view in posts.values() if view.state.status is not Status.WITHDRAWN]
    found = [_handover(posts[before], view, params.language) for view in there if (before := _before(view)) in posts]
    return {"room": room.hex(), "handovers": [each for each in found if each]}


def _before(view: RecordView) -> bytes:
    return view.values().get("follows", b"")


def _handover(before: RecordView, after: RecordView, language: str) -> Document:
    tours = [view.values().get("tour") for view in (before, after)]
    if tours[0] is None or tours[1] is None:
        return {}
    shared = min(tours[0][1], tours[1][1]) - max(tours[0][0], tours[1][0])
    planned = after.values().get("handover")
    return {
        "from": _post(before, language),
        "to": _post(after, language),
        "overlap_days": round(max(0, shared) / DAY, 2),
        "gap_days": round(max(0, tours[1][0] - tours[0][1]) / DAY, 2),
        "planned": None if planned is None else [iso(Moment(end)) for end in planned],
        "kept": planned is None or (planned[0] >= tours[1][0] and planned[1] <= tours[0][1]),
    }


def _post(view: RecordView, language: str) -> Document:
    return {"id": view.id.hex(), "title": name_of(view.state, language)}


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {
    "register.balance": Method(AskedOf, _balance),
    "register.handovers": Method(AskedOf, _handovers),
}
