"""What carries a run on: invitations looked at, statements taken in and said, ends logged. Called again and again.

A step computes outside the store's lock and is then kept whole or not at all; what a person wished meanwhile, or what arrived,
is not lost. After a restart a run is made again from what was said in it: everything that a side sends follows from its seed,
its codes and what it heard. The first list goes out after this side's record of the run, and is answered only where the other
side's stands in the register (rule deconfliction 6).
"""

import threading
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from cordiale.agent import outbox, runs
from cordiale.agent.refusal import kept
from cordiale.agent.run_log import RunLog, Unit, terms_of
from cordiale.agent.runs import ACTIVE, ASKED, BROKEN_OFF, OVER, Arrived, RunRow, Said
from cordiale.agent.workspace import Workspace
from cordiale.crypto.signing import SigningKey
from cordiale.errors import (
    CordialeError,
    IllegalStep,
    LimitExceeded,
    NotMember,
    PeerViolation,
    ProtocolViolation,
    Unavailable,
)
from cordiale.labels.label import decode_label
from cordiale.register.deconfliction import message
from cordiale.register.deconfliction import seat as seats
from cordiale.register.deconfliction.grid import packed, unpacked
from cordiale.register.deconfliction.message import Invite, Why, Word
from cordiale.register.deconfliction.phase import SENDS, TRANSITIONS
from cordiale.register.deconfliction.run import Run, Secret
from cordiale.register.deconfliction.seat import Done, Event, PassCounted, Seat, Stopped
from cordiale.vocab.moment import Clock
from cordiale.vocab.party import Nation
from cordiale.wire import canonical

LATE: Final = kept(IllegalStep("the deadline has passed", detail_fr="l’échéance est passée"))
LEFT: Final = kept(
    NotMember("this device is no longer a member of the room", detail_fr="cet appareil n’est plus membre du salon")
)


class Driver:
    """Carries on the runs of one agent."""

    def __init__(self, log: RunLog, unit: Unit, key: SigningKey, clock: Clock) -> None:
        self._log, self._unit, self._key, self._clock = log, unit, key, clock
        self._driving = threading.Lock()
        self._seats: dict[bytes, Seat] = {}

    def drive(self) -> int:
        """Carry on every run as far as it goes now; how many steps were taken."""
        with self._driving:
            with self._unit() as work:
                due = runs.due(work.state)
            return sum(self._advance(run) for run in due)

    def _advance(self, run: bytes) -> int:
        count = 0
        while self._step(run):
            count += 1
        return count

    def _step(self, run: bytes) -> bool:
        """One of: look at an invitation, log an end, end, take in what arrived, say what is due. False if there is none."""
        with self._unit() as work:
            row, first = runs.load(work.state, run), runs.first_arrived(work.state, run)
            data = runs.statement(work.state, first[1].statement) if first else b""
            if row is None:
                return _look_at(work, run, first, data)
            has_left = bool(work.info(row.room).left)
        try:
            seat = self._seat(run, row)
        except CordialeError as fault:
            return self._lost(run, fault)
        if row.stage == OVER:
            return self._close(run, row, seat)
        if row.wish:
            return self._end(run, seat, Why(row.wish), row.detail, row.rule)
        if has_left:
            return self._end(run, seat, Why.BROKEN_OFF, LEFT)
        if row.stage == ACTIVE and self._clock() > seat.run.terms.until:
            return self._end(run, seat, Why.BROKEN_OFF, LATE)
        if first is not None:
            return self._hear(run, row, seat, first, data)
        if seat.is_due:
            return self._say(run, row, seat)
        if row.stage == ASKED:
            with self._unit() as work:
                runs.settled(work.state, run)
        return False

    # --- steps --------------------------------------------------------------------------------------------------------

    def _hear(self, run: bytes, row: RunRow, seat: Seat, first: tuple[str, Arrived], data: bytes) -> bool:
        place, arrived = first
        try:
            after, events = replace(seat, peer=row.key or arrived.device).receive(data)
        except PeerViolation as fault:
            with self._unit() as work:
                runs.taken(work.state, place)
            return self._end(run, seat, Why.DISPUTED, kept(fault), fault.rule or fault.code)
        with self._unit() as work:
            runs.taken(work.state, place)
            said = Said(after.run.terms.counterpart(after.run.nation), arrived.statement)
            self._keep(work, run, after, said, events, key=arrived.device)
        return True

    def _say(self, run: bytes, row: RunRow, seat: Seat) -> bool:
        try:
            if seat.run.turn == 0 and seat.run.due is Word.BLINDED:
                self._log.begin(row, seat)
            if seat.run.turn == 0 and seat.run.due is Word.DOUBLED:
                self._log.check_other(row, seat)
            after, data, events = seat.send()
        except Unavailable:
            raise
        except CordialeError as fault:
            is_theirs = isinstance(fault, PeerViolation) and not isinstance(fault, LimitExceeded)
            why = Why.DISPUTED if is_theirs else Why.BROKEN_OFF
            return self._end(run, seat, why, kept(fault), fault.rule or fault.code)
        with self._unit() as work:
            still = runs.load(work.state, run)
            if still is None or still.wish or still.stage != ACTIVE:
                return still is not None
            said, parts = runs.keep_own(work, run, data)
            outbox.enqueue(work, row.room, decode_label(row.label), parts)
            self._keep(work, run, after, said, events)
        return True

    def _end(self, run: bytes, seat: Seat, why: Why, detail: str, rule: str = "") -> bool:
        """This side's end of it, said where the other side has heard of the run and this device is still in the room."""
        can_say = SENDS[Word.END] in TRANSITIONS[seat.run.phase]
        after, data = seat.end(why) if can_say else (seat, b"")
        with self._unit() as work:
            row = runs.load(work.state, run)
            if row is None or row.stage == OVER:
                return row is not None
            if can_say:
                said, parts = runs.keep_own(work, run, data)
                row = replace(row, said=(*row.said, said))
                if not work.info(row.room).left:
                    outbox.enqueue(work, row.room, decode_label(row.label), parts)
            over = replace(row, stage=OVER, ended=why.value, detail=detail, rule=rule, wish="", since=work.now)
            runs.put(work.state, run, over if can_say else replace(over, logged=True))
        self._seats[run] = after
        return True

    def _lost(self, run: bytes, fault: CordialeError) -> bool:
        """A run that can't be made again from what is kept of it: it is over here, and nothing can be said or logged any more."""
        if isinstance(fault, Unavailable):
            raise fault
        with self._unit() as work:
            row = runs.load(work.state, run)
            if row is not None:
                over = replace(row, stage=OVER, ended=row.ended or BROKEN_OFF, detail=kept(fault), wish="", logged=True)
                runs.put(work.state, run, over)
        return False

    def _close(self, run: bytes, row: RunRow, seat: Seat) -> bool:
        """Log how it ended. What the register refuses (the room was left, say) is not asked for again."""
        problem = ""
        try:
            self._log.close(row, seat)
        except Unavailable:
            raise
        except CordialeError as fault:
            problem = kept(fault)
        with self._unit() as work:
            known = runs.load(work.state, run) or row
            runs.put(work.state, run, replace(known, logged=True, detail=known.detail or problem))
        self._seats.pop(run, None)
        return False

    def _keep(
        self, work: Workspace, run: bytes, after: Seat, said: Said, events: Iterable[Event], *, key: bytes = b""
    ) -> None:
        row = runs.load(work.state, run)
        if row is None:
            raise IllegalStep("the run is not known any more")
        row = replace(row, said=(*row.said, said), key=row.key or key, at=after.run.phase.value, since=work.now)
        for event in events:
            row = _with(row, after.run, event)
        runs.put(work.state, run, row)
        self._seats[run] = replace(after, peer=row.key)

    # --- the seat -----------------------------------------------------------------------------------------------------

    def _seat(self, run: bytes, row: RunRow) -> Seat:
        """The seat as it stands after what was said: the one in memory, or made again."""
        known = self._seats.get(run)
        if known is not None and len(known.said) == len(row.said) and (known.run.secret is not None) == bool(row.seed):
            return known
        with self._unit() as work:
            codes = runs.inputs(work.state, run)[1]
            said = [(each.nation, runs.statement(work.state, each.statement)) for each in row.said]
        terms, secret = terms_of(row), Secret(row.seed, unpacked(codes)) if row.seed else None
        if row.nation == terms.initiator and secret is not None:
            seat = Seat(Run.inviting(terms, secret), self._key, row.key)
        else:
            seat = seats.asked(said.pop(0)[1], Nation(row.nation), self._key, row.key)
            seat = seat if secret is None else replace(seat, run=seat.run.accepting(secret))
        for nation, data in said:
            seat = _said_again(seat, Nation(nation), data)
        self._seats[run] = seat
        return seat


def _said_again(seat: Seat, nation: Nation, data: bytes) -> Seat:
    if nation != seat.run.nation:
        return seat.receive(data)[0]
    _, said = message.peek(data)
    if isinstance(said, message.End):
        return seat.end(said.why)[0]
    after, again, _ = seat.send()
    if again != data:
        raise IllegalStep("the run can't be carried on: the same inputs give another statement than was sent")
    return after


def _with(row: RunRow, run: Run, event: Event) -> RunRow:
    match event:
        case PassCounted(met=met, sizes=sizes):
            return replace(row, sizes=(*row.sizes, sizes), met=(*row.met, met))
        case Done():
            reached = len(run.found) - 1
            return replace(row, stage=OVER, ended="done", reached=reached, cells=packed(run.found[-1].codes))
        case Stopped(why=why):
            return replace(row, stage=OVER, ended=why.value)


# --- invitations ------------------------------------------------------------------------------------------------------


def _look_at(work: Workspace, run: bytes, first: tuple[str, Arrived] | None, data: bytes) -> bool:
    """An invitation to this person waits for an answer from now on; anything else that nobody here knows of is dropped."""
    runs.settled(work.state, run)
    if first is None:
        return False
    place, arrived = first
    runs.taken(work.state, place)
    try:
        row = _invited(work, run, arrived, data)
    except CordialeError as fault:
        work.state.put_value(f"alarm/run/{run.hex()}", f"{fault.code}: {fault}".encode()[:500])
        return False
    if row is not None:
        runs.put(work.state, run, row)
    return False


def _invited(work: Workspace, run: bytes, arrived: Arrived, data: bytes) -> RunRow | None:
    """The row of an invitation; None for what is none, or for somebody else."""
    _, heard = message.peek(data)
    if not isinstance(heard, Invite) or heard.terms.people[1] != str(work.own.address):
        return None
    message.unseal(arrived.device, data)
    terms = heard.terms
    if terms.run != run or terms.register != arrived.room or terms.people[0] != arrived.author:
        raise ProtocolViolation("an invitation that is not its author's, or for another room", rule="deconfliction 1")
    rows = runs.every(work.state).values()
    if sum(row.stage == ASKED for row in rows) >= runs.STRANGERS:
        raise LimitExceeded(f"{runs.STRANGERS} invitations wait for an answer; run {run[:6].hex()} was not kept")
    return RunRow(
        room=arrived.room,
        terms=canonical.encode(terms),
        nation=terms.responder,
        other=arrived.author,
        stage=ASKED,
        key=arrived.device,
        said=(Said(terms.initiator, arrived.statement),),
        begun=1,
        at="asked",
        since=work.now,
    )
