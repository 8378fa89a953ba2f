"""A person's part in private deconfliction: proposing a run, consenting to one, and looking at what it came to.

    propose ─► Invite ─► the other's consent ─► Accept ─► each side's record in the register ─► lists, tags, outcomes ─► result

Everything travels over the room's ordinary messages (`cordiale.agent.runs`); `run_driver` carries a run on. What is shown of a
plan afterwards is a person's decision, and another command's.
"""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from cordiale.agent import records, runs
from cordiale.agent.registering import Registrar
from cordiale.agent.release import check_release
from cordiale.agent.run_driver import Driver
from cordiale.agent.run_log import BookOf, RunLog, Unit, terms_of
from cordiale.agent.runs import ACTIVE, ASKED, OVER, RunRow, Wanted
from cordiale.crypto.entropy import fresh
from cordiale.errors import IllegalStep, NotFound
from cordiale.federation.run_bundle import bundle_of_run
from cordiale.labels.label import Label, encode_label
from cordiale.register.deconfliction import entry, plan
from cordiale.register.deconfliction import seat as seats
from cordiale.register.deconfliction.audit import Opening
from cordiale.register.deconfliction.cells import centre
from cordiale.register.deconfliction.grid import Spot, packed, spell, unpacked
from cordiale.register.deconfliction.log import Admitted, Ended
from cordiale.register.deconfliction.message import Why
from cordiale.register.deconfliction.plan import Item, Plan
from cordiale.register.deconfliction.run import Secret
from cordiale.register.deconfliction.seat import Said
from cordiale.register.deconfliction.terms import RUN_ID_BYTES, Budget, Terms, check_terms, size_class
from cordiale.register.workflow import Status
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import DAY, HOUR, Clock, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical

YEAR_DAYS: Final = 365


class RunView(msgspec.Struct, frozen=True):
    """A run as this person has it."""

    run: bytes
    row: RunRow
    terms: Terms


class Meeting(msgspec.Struct, frozen=True):
    """A cell and days in which both plans have something: H3 index, its centre (degrees, WGS 84), first and last day (UTC)."""

    cell: str
    latitude: float
    longitude: float
    first_day: str
    last_day: str


class Touched(msgspec.Struct, frozen=True):
    """One of one's own activities that is in some of the meetings (by their places in the list); `record` where it has one."""

    name: str
    record: str
    meetings: tuple[int, ...]


class Result(msgspec.Struct, frozen=True):
    """What a run found, on the finest grid that was reached (`4/1`: H3 resolution and days)."""

    grid: str
    meetings: tuple[Meeting, ...]
    activities: tuple[Touched, ...]


class Deconflictor:
    """What a person does about runs, over the registrar's store and books."""

    def __init__(self, registrar: Registrar, unit: Unit, book: BookOf, clock: Clock) -> None:
        self._own, self._unit, self._book, self._clock = registrar.own, unit, book, clock
        self._log = RunLog(registrar, unit, book)
        self._driver = Driver(self._log, unit, registrar.own.key, clock)

    def drive(self) -> int:
        """Carry on every run as far as it goes now; how many steps were taken."""
        return self._driver.drive()

    def own_plan(self, room: RoomId) -> Plan:
        """This nation's activities in a room's register whose time or place is kept back, as far as this agent has them."""
        found: list[Item] = []
        with self._unit() as work:
            for record, state in self._book(work, room).records():
                head, shown = state.head, state.shown()
                if head is None or (head.type, head.owner) != (plan.TYPE, work.own.nation) or "span" in shown:
                    continue
                if state.status is not Status.WITHDRAWN:
                    kept = {**shown, **records.hidden(work.state, record)}
                    values: dict[str, Any] = {name: opening.value for name, opening in kept.items()}
                    name = next(iter(values.get("title", {}).values()), record.hex()[:8])
                    item = plan.item(name, values, record)
                    found += [item] if item else []
        return plan.planned(found)

    def read_plan(self, data: bytes) -> Plan:
        """A plan from a JSON file."""
        return plan.read(data)

    # --- consenting -------------------------------------------------------------------------------------------------

    def terms(self, wanted: Wanted) -> Terms:
        """New terms, or `Malformed` where they can't be; the cap is raised to the next size class."""
        now = self._clock()
        today = now // DAY
        first = entry.ordinal(wanted.first_day) if wanted.first_day else today
        terms = Terms(
            fresh(RUN_ID_BYTES),
            self._own.nation,
            Address.parse(wanted.person).nation,
            wanted.purpose,
            wanted.room,
            tuple(map(entry.grid, wanted.grids)),
            first,
            entry.ordinal(wanted.last_day) if wanted.last_day else first + YEAR_DAYS - 1,
            size_class(wanted.most),
            Budget(*wanted.budget),
            now,
            (str(self._own.address), wanted.person),
            Moment(now + wanted.hours * HOUR),
        )
        check_terms(terms)
        return terms

    def propose(self, terms: Terms, given: Plan, label: Label, allowed: tuple[int, int, int]) -> bytes:
        """Propose a run to the person whom the terms name; its number. All is checked, and committed to, before anything is
        said."""
        admitted = Admitted(terms, terms.initiator, self._log.known(), Budget(*allowed), self._clock())
        secret = seats.secret_of(terms, [item.activity for item in given.items])
        seats.invite(admitted, secret, self._own.key, b"")
        with self._unit() as work:
            room = RoomId(terms.register)
            check_release(work, room, label)
            row = RunRow(
                room=room,
                terms=canonical.encode(terms),
                nation=work.own.nation,
                other=terms.people[1],
                stage=ACTIVE,
                label=encode_label(label),
                seed=secret.seed,
                since=work.now,
                at="inviting",
            )
            runs.put_inputs(work.state, terms.run, given.encode(), packed(secret.codes))
            runs.put(work.state, terms.run, row)
        return terms.run

    def accept(self, run: bytes, given: Plan, label: Label, allowed: tuple[int, int, int]) -> None:
        """Consent to a run that was proposed to this person, with this plan."""
        with self._unit() as work:
            row = _still(runs.load(work.state, run), ASKED)
            invitation = runs.statement(work.state, row.said[0].statement)
        terms = terms_of(row)
        if self._clock() > terms.until:
            raise IllegalStep("the deadline of the run has passed")
        admitted = Admitted(terms, terms.responder, self._log.known(), Budget(*allowed), self._clock())
        secret = seats.secret_of(terms, [item.activity for item in given.items])
        seats.asked(invitation, terms.responder, self._own.key, row.key).accept(admitted, secret)
        with self._unit() as work:
            row = _still(runs.load(work.state, run), ASKED)
            check_release(work, row.room, label)
            runs.put_inputs(work.state, run, given.encode(), packed(secret.codes))
            consented = replace(row, stage=ACTIVE, label=encode_label(label), seed=secret.seed, since=work.now)
            runs.put(work.state, run, consented)

    def decline(self, run: bytes, label: Label) -> None:
        """Say no to a run that was proposed to this person."""
        with self._unit() as work:
            row = _still(runs.load(work.state, run), ASKED)
            check_release(work, row.room, label)
            no = replace(row, stage=ACTIVE, wish=Why.DECLINED.value, label=encode_label(label))
            runs.put(work.state, run, no)

    def stop(self, run: bytes) -> None:
        """Break off a run that was proposed or is under way."""
        with self._unit() as work:
            row = _still(runs.load(work.state, run), ACTIVE)
            runs.put(work.state, run, replace(row, wish=Why.BROKEN_OFF.value))

    # --- looking ----------------------------------------------------------------------------------------------------

    def views(self, room: RoomId) -> list[RunView]:
        """The runs of a room that this person has a part in, the oldest first."""
        with self._unit() as work:
            found = [
                RunView(run, row, terms_of(row)) for run, row in runs.every(work.state).items() if row.room == room
            ]
        return sorted(found, key=lambda view: (view.terms.created, view.run))

    def find(self, room: RoomId, reference: str) -> RunView:
        """A run by the beginning of its number, or `last`."""
        views = self.views(room)
        named = [each for each in views if len(reference) >= 4 and each.run.hex().startswith(reference.lower())]
        found = views[-1:] if reference == "last" else named
        if len(found) != 1:
            raise NotFound(f"{reference[:40]!r}" + (" names several" if found else ""), what="run")
        return found[0]

    def opened(self, view: RunView) -> bytes:
        """One file that lays this side's part of a run open, plan and all, for an audit. `IllegalStep` before the run is over."""
        row = view.row
        if row.stage != OVER or not row.seed:
            raise IllegalStep(f"the run is {row.ended or row.at}: what this side compared is opened once it is over")
        with self._unit() as work:
            codes = runs.inputs(work.state, view.run)[1]
            said = [Said(Nation(each.nation), runs.statement(work.state, each.statement)) for each in row.said]
        opening = Opening.of(Secret(row.seed, unpacked(codes)))
        return bundle_of_run(Nation(row.nation), said, opening, self._log.proofs(row))

    def result(self, view: RunView) -> Result:
        """Where the plans meet; `IllegalStep` unless both sides agreed on the outcome."""
        row, terms = view.row, view.terms
        if row.ended != Ended.DONE.value:
            raise IllegalStep(
                f"the run is {row.ended or row.at}: the result is there once both sides have agreed on it"
            )
        with self._unit() as work:
            kept, _ = runs.inputs(work.state, view.run)
        codes, days, reached = unpacked(row.cells), (terms.first_day, terms.last_day), terms.grids[row.reached]
        touched = Plan.decode(kept).touching(codes, terms.grids[-1], reached, days) if len(codes) else []
        return Result(
            f"{reached.resolution}/{reached.days}",
            tuple(map(_meeting, spell(codes, reached))),
            tuple(Touched(item.name, item.record.hex(), tuple(places)) for item, places in touched),
        )


def _meeting(spot: Spot) -> Meeting:
    latitude, longitude = centre(spot.cell)
    first, last = entry.day(spot.day), entry.day(spot.day + spot.days - 1)
    return Meeting(f"{spot.cell:x}", round(latitude, 4), round(longitude, 4), first, last)


def _still(row: RunRow | None, stage: str) -> RunRow:
    if row is None:
        raise NotFound("", what="run")
    if row.stage != stage or row.wish:
        raise IllegalStep(f"the run is {row.ended or row.wish or row.at}")
    return row
