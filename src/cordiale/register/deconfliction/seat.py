"""One person's end of a run: signed bytes in, signed bytes and events out. Frozen: a refused message leaves no trace.

    invite / asked → accept          then, while something is due: send();  whatever arrives: receive()

A message that breaks a rule raises; the caller shows it, and usually sends `end(Why.DISPUTED)`. Who signs is whose key is given
here: that it is an enrolled person's of that nation was verified by whoever gives it.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from cordiale.crypto.entropy import Entropy, fresh
from cordiale.crypto.signing import SigningKey
from cordiale.errors import IllegalStep, ProtocolViolation
from cordiale.register.deconfliction import message
from cordiale.register.deconfliction.blinding import SEED_BYTES
from cordiale.register.deconfliction.cells import cover
from cordiale.register.deconfliction.grid import Spot
from cordiale.register.deconfliction.log import Admitted, Ended, Logged
from cordiale.register.deconfliction.message import Invite, Outcome, Why
from cordiale.register.deconfliction.phase import Phase
from cordiale.register.deconfliction.run import Run, Secret
from cordiale.register.deconfliction.shape import Activity
from cordiale.register.deconfliction.terms import Terms
from cordiale.vocab.party import Nation


class PassCounted(msgspec.Struct, frozen=True):
    """A pass is over: so many codes met. Provisional until the run is done."""

    turn: int
    met: int
    sizes: tuple[int, int]


class Done(msgspec.Struct, frozen=True):
    """Both outcomes agree: these cells and days meet, on the finest grid that was reached."""

    meetings: tuple[Spot, ...]


class Stopped(msgspec.Struct, frozen=True):
    """The run ended without an outcome."""

    why: Why


Event = PassCounted | Done | Stopped


class Said(msgspec.Struct, frozen=True):
    """One message as it crossed."""

    nation: Nation
    statement: bytes


class Seat(msgspec.Struct, frozen=True):
    """`peer` is the other person's public key; `said` every message so far, in the order seen here."""

    run: Run
    signer: SigningKey
    peer: bytes
    said: tuple[Said, ...] = ()

    def accept(self, admitted: Admitted, secret: Secret) -> "Seat":
        """Take part with these inputs, on the terms that were asked."""
        if admitted.terms != self.run.terms:
            raise IllegalStep("the terms admitted are not the terms asked")
        return replace(self, run=self.run.accepting(secret))

    @property
    def is_due(self) -> bool:
        """Whether `send` has something to send."""
        return self.run.due is not None

    def send(self) -> tuple["Seat", bytes, tuple[Event, ...]]:
        """Make what is due; with both lists in hand this is where the time goes (some 35 µs for each element)."""
        run, said = self.run.send()
        data = message.seal(self.signer, said)
        seat = self._after(run, self.run.nation, data)
        return seat, data, _events(self.run, run)

    def end(self, why: Why) -> tuple["Seat", bytes]:
        """Decline or break off."""
        run, said = self.run.end(why)
        data = message.seal(self.signer, said)
        return self._after(run, self.run.nation, data), data

    def receive(self, data: bytes) -> tuple["Seat", tuple[Event, ...]]:
        """Take in the other side's message, or raise and change nothing."""
        _, heard = message.unseal(self.peer, data)
        run = self.run.hear(heard)
        other = run.terms.counterpart(run.nation)
        return self._after(run, other, data), _events(self.run, run)

    def logged(self) -> Logged:
        """What both registers log of this run as it stands."""
        return logged(self.run, self.said)

    def _after(self, run: Run, nation: Nation, data: bytes) -> "Seat":
        return replace(self, run=run, said=(*self.said, Said(nation, data)))


def invite(admitted: Admitted, secret: Secret, signer: SigningKey, peer: bytes) -> Seat:
    """The initiator's seat."""
    return Seat(Run.inviting(admitted.terms, secret), signer, peer)


def asked(data: bytes, nation: Nation, signer: SigningKey, peer: bytes) -> Seat:
    """The responder's seat, from an invitation; nothing is revealed before `accept`."""
    _, heard = message.unseal(peer, data)
    if not isinstance(heard, Invite) or heard.terms.responder != nation:
        raise ProtocolViolation("not an invitation to this nation", rule="deconfliction 1")
    return Seat(Run.asked(heard), signer, peer, (Said(heard.terms.initiator, data),))


def secret_of(terms: Terms, activities: Iterable[Activity], entropy: Entropy = fresh) -> Secret:
    """What a plan commits to under these terms: its codes on the finest grid, within the days, and a fresh seed."""
    codes = cover(activities, terms.grids[-1], (terms.first_day, terms.last_day))
    return Secret(entropy(SEED_BYTES), codes)


def logged(run: Run, said: Sequence[Said]) -> Logged:
    """What both registers log of a run in which this was said."""
    sides = (run.terms.initiator, run.terms.responder)
    return Logged(
        run.terms,
        _ended(run),
        tuple(run.commitments[side] for side in sides if side in run.commitments),
        tuple(each.sizes for each in run.found),
        tuple(len(each.codes) for each in run.found),
        run.transcript,
        tuple(each.statement for side in sides for each in said if each.nation == side and _closes(each)),
    )


def _closes(said: Said) -> bool:
    return len(said.statement) <= message.SMALL_BYTES and isinstance(message.peek(said.statement)[1], Outcome)


def _ended(run: Run) -> Ended:
    if run.phase is Phase.DONE:
        return Ended.DONE
    return Ended(run.ended.value) if run.ended else Ended.OPEN


def _events(before: Run, after: Run) -> tuple[Event, ...]:
    events: list[Event] = [
        PassCounted(turn, len(found.codes), found.sizes)
        for turn, found in enumerate(after.found)
        if turn >= len(before.found)
    ]
    if after.phase is Phase.DONE:
        events.append(Done(after.meetings))
    if after.ended is not None:
        events.append(Stopped(after.ended))
    return tuple(events)
