"""What a person asks of their agent about planning; part of the vocabulary of `cordiale.wiring.commands`.

The desk is joined with the records here: it knows nothing of registers, and they know nothing of it. Matching holds up none of
the agent's work: records are read in one go, and the rest is arithmetic about them. What is proposed is an ordinary allocation
record, which binds by the keys that its register asks for.
"""

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from cordiale.agent.engine import Engine
from cordiale.agent.record_view import RecordView
from cordiale.desks.planning.demand import MOST_UNITS, Matching
from cordiale.desks.planning.entry import BETWEEN, Entry, Plan, allocated, plan, relief
from cordiale.desks.planning.explanation import describe, explain
from cordiale.desks.planning.fit import OFFERS, REQUIREMENTS
from cordiale.errors import LimitExceeded, WrongUsage
from cordiale.register import query
from cordiale.register.schema import shipped
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.party import parse_nation
from cordiale.wire import limits
from cordiale.wiring.method import Document, InRoom, Method, own_ceiling

_BINDING: Final = frozenset({Status.BINDING})
_PROPOSED: Final = frozenset({Status.PROPOSED, Status.PART_KEYED})
_MOST_PROPOSED: Final = 500
Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Units = Annotated[int, msgspec.Meta(ge=1, le=MOST_UNITS)]


class PlanMatch(InRoom, frozen=True, kw_only=True):
    """`keys` measure what nations give; `proposed` takes what does not bind yet as well; `propose` makes allocation records."""

    relief: bool = False
    proposed: bool = False
    standing: Literal["Actual", "Exercise", "System", "Test", "Draft"] = "Actual"
    keys: dict[str, Units] = {}
    gap: Share = 0.001
    seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 30.0
    propose: bool = False
    label: Annotated[str, msgspec.Meta(max_length=limits.TEXT_CHARACTERS)] = ""


def _match(engine: Engine, params: PlanMatch) -> Document:
    from cordiale.desks.planning.matching import match  # noqa: PLC0415 - the solver is loaded when it is needed

    if params.propose and params.relief:
        raise WrongUsage(
            "a relief offer is allocated by its receiver's key on the offer itself: nothing is proposed for it"
        )
    room = engine.find_room(params.room)
    known = _Known(engine, room, params)
    found = known.plan()
    begun = time.monotonic()
    keys = {parse_nation(nation): key for nation, key in params.keys.items()} or None
    matching = match(found.requirements, found.offers, keys=keys, gap=params.gap, seconds=params.seconds)
    answer = _document(known, found, matching, params)
    answer |= {"room": room.hex(), "relief": params.relief, "seconds": round(time.monotonic() - begun, 3)}
    answer["proposed"] = _proposed(engine, room, known, matching, params) if params.propose else []
    return answer


class _Known:
    """The records that take part, by id."""

    def __init__(self, engine: Engine, room: RoomId, params: PlanMatch) -> None:
        self._engine, self._room, self._params = engine, room, params
        self.entries: dict[str, Entry] = {}
        self._language = params.language

    def plan(self) -> Plan:
        """What is to be matched."""
        wanted = _BINDING | _PROPOSED if self._params.proposed else _BINDING
        if self._params.relief:
            needs, offers = (
                self._of("relief-need", wanted, REQUIREMENTS),
                self._of("relief-offer", _BINDING | _PROPOSED, OFFERS),
            )
            return relief(needs, offers, self._params.standing)
        requirements, offers = self._of("requirement", wanted, REQUIREMENTS), self._of("contribution", wanted, OFFERS)
        return plan(requirements, offers, self._of("allocation", _BINDING | _PROPOSED, OFFERS))

    def _of(self, kind: str, statuses: frozenset[Status], most: int) -> list[Entry]:
        views = self._engine.records(self._room, query.parse(f"type={kind}"), self._language, limit=most + 1)
        if len(views) > most:
            raise LimitExceeded(f"planning: more than {most} records of the register {kind}")
        found = [_entry(view) for view in views if view.state.status in statuses and view.superseded_by is None]
        self.entries |= {each.id: each for each in found}
        return found

    def name(self, record: str) -> str:
        """Its title, or the beginning of its id."""
        entry = self.entries.get(record)
        title = entry.values.get("title") if entry else None
        return str(title[self._language]) if title else record[:12]


def _entry(view: RecordView) -> Entry:
    head = view.state.head
    return Entry(view.id.hex(), str(head.owner) if head else "", view.values())


def _document(known: _Known, found: Plan, matching: Matching, params: PlanMatch) -> Document:
    language = params.language
    by_id = {each.id: each for each in found.requirements}
    names = _words(params.relief, found, language) | {record: known.name(record) for record in known.entries}
    return {
        "requirements": len(found.requirements),
        "offers": len(found.offers),
        "allocations": [
            {
                "requirement": each.requirement,
                "requirement_name": known.name(each.requirement),
                "offer": each.offer,
                "offer_name": known.name(each.offer),
                "nation": each.nation,
                "quantity": each.quantity,
                "rate": each.rate,
                "against": [names.get(caveat, caveat) for caveat in each.against],
            }
            for each in matching.allocations
        ],
        "gaps": [
            {
                "requirement": each.requirement,
                "name": known.name(each.requirement),
                "missing_thousandths": each.missing,
                "reasons": msgspec.to_builtins(each.reasons),
                "text": explain(each, by_id[each.requirement], language, names),
            }
            for each in matching.gaps
        ],
        "nations": [
            {"nation": each.nation, "units": each.units, "key": each.key, "share": each.units / each.key}
            for each in matching.burdens
        ],
        "stages": [
            {**msgspec.structs.asdict(each), "gap": each.gap, "text": describe(each, language)}
            for each in matching.stages
        ],
        "gap": matching.gap,
        "left_out": [{"record": each.id, "name": known.name(each.id), "why": each.why} for each in found.left_out],
    }


def _words(needs: bool, found: Plan, language: str) -> dict[str, str]:
    """What capabilities and caveats are called."""
    schemas, what = shipped(), "item" if needs else "capability"
    said: dict[str, dict[str, str]] = {}
    for kind in ("relief-need", "relief-offer") if needs else ("requirement", "contribution"):
        for field in schemas[kind].fields:
            said.setdefault(field.name, {}).update((each.value, each.title.text(language)) for each in field.choices)
    words = dict(said["caveats"])
    for each in found.requirements:
        item, measure = each.capability.split(BETWEEN)
        words[each.capability] = f"{said[what].get(item, item)} ({said['measure'].get(measure, measure)})"
    return words


def _proposed(engine: Engine, room: RoomId, known: _Known, matching: Matching, params: PlanMatch) -> list[str]:
    """An allocation record for each line; all of them or, where one is refused, none."""
    if len(matching.allocations) > _MOST_PROPOSED:
        raise LimitExceeded(f"{len(matching.allocations)} allocations, {_MOST_PROPOSED} are proposed at a time")
    label = engine.label(params.label) if params.label else own_ceiling(engine, room)
    rows = [
        (allocated(each, known.entries[each.requirement], known.entries[each.offer]), label)
        for each in matching.allocations
    ]
    return [record.hex() for record in engine.propose_all(room, "allocation", rows)]


METHODS: Final[Mapping[str, Method[Engine, Any]]] = {"plan.match": Method(PlanMatch, _match)}
