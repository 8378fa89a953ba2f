"""One side's frozen state of a run: messages in, messages out; every step makes a new state, a refused one none.

What is sent is a function of the secret (seed and committed codes) and of what was heard, so that `audit` can repeat it.
Rules beyond the table, cited by `ProtocolViolation`:

    deconfliction 1     a message names the digest of the terms
    deconfliction 2     it is in the table for this phase
    deconfliction 3     it is of the present pass
    deconfliction 4     the other side's list has no element of one's own (an echo), and no dummy meets anything
    deconfliction 5     the outcomes of both sides agree, and each proves its result with the doubled points of what met

A finer pass asks only for committed codes whose coarser code met. The outcome's proof is what a liar who claims a meeting can't
give; what a liar conceals, only the audit shows.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from cordiale.crypto.curve25519 import POINT_BYTES
from cordiale.crypto.digest import equal, sha256
from cordiale.errors import IllegalStep, ProtocolViolation
from cordiale.register.deconfliction import blinding, message, phase
from cordiale.register.deconfliction.blinding import DUMMY, TAG_BYTES, OwnList, parts
from cordiale.register.deconfliction.grid import Codes, Spot, project, spell
from cordiale.register.deconfliction.message import (
    Accept,
    Blinded,
    Doubled,
    End,
    Invite,
    Message,
    Outcome,
    Why,
    Word,
    check_belongs,
)
from cordiale.register.deconfliction.phase import TRANSITIONS, Phase, Step
from cordiale.register.deconfliction.terms import Terms
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Nation
from cordiale.wire import canonical

_TRANSCRIPT: Final = b"cordiale deconfliction transcript/1\x00"


class Secret(msgspec.Struct, frozen=True):
    """What one side commits to: 32 random bytes, and its codes on the finest grid. Kept until no audit can be asked for."""

    seed: bytes
    codes: Codes

    def __repr__(self) -> str:
        return "Secret(…)"


class Pass(msgspec.Struct, frozen=True):
    """One pass as far as it has come: both lists, the other's doubled and its tags, and the tags that came back."""

    codes: Codes
    own: OwnList | None = None
    theirs: bytes = b""
    doubles: tuple[bytes, ...] = ()
    given: bytes = b""
    returned: bytes = b""


class Found(msgspec.Struct, frozen=True):
    """What a pass came to: padded sizes (initiator's, responder's), the codes that met and their doubled points."""

    sizes: tuple[int, int]
    codes: Codes
    doubles: tuple[bytes, ...]


class _Place(IntEnum):
    """Order of a round's two messages in the transcript."""

    INITIATOR = 0
    RESPONDER = 1


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Where `nation` stands. `said` holds the digest of each message by round and side."""

    terms: Terms
    nation: Nation
    phase: Phase
    secret: Secret | None = None
    commitments: Mapping[Nation, Digest] = {}
    now: Pass | None = None
    found: tuple[Found, ...] = ()
    said: Mapping[tuple[int, int], Digest] = {}
    ended: Why | None = None

    def __repr__(self) -> str:
        return f"Run({self.nation}, {self.phase})"

    # --- what the caller sees ------------------------------------------------------------------------------------

    @property
    def due(self) -> Word | None:
        """What this side has to send now; a responder owes nothing before it has decided."""
        return phase.due(self.phase) if self.secret is not None else None

    @property
    def meetings(self) -> tuple[Spot, ...]:
        """Where the plans meet on the finest grid that was reached; only once both outcomes agree, else `IllegalStep`."""
        if self.phase is not Phase.DONE:
            raise IllegalStep(f"the result is read while {self.phase}")
        return spell(self.found[-1].codes, self.terms.grids[len(self.found) - 1])

    # --- beginning -------------------------------------------------------------------------------------------------

    @classmethod
    def inviting(cls, terms: Terms, secret: Secret) -> "Run":
        """The initiator's; `LimitExceeded` if even the first pass is more than the terms allow."""
        return cls(terms=terms, nation=terms.initiator, phase=Phase.INVITING)._ready(secret)

    @classmethod
    def asked(cls, invite: Invite) -> "Run":
        """The responder's, before it has decided."""
        terms = invite.terms
        run = cls(terms=terms, nation=terms.responder, phase=Phase.ASKED)
        return run._with(commitments={terms.initiator: invite.commitment})._noted(invite, terms.initiator)

    def accepting(self, secret: Secret) -> "Run":
        """The responder decided to take part with these inputs; errors as for `inviting`."""
        if self.phase is not Phase.ASKED:
            raise IllegalStep(f"accepting while {self.phase}")
        return self._ready(secret)

    def _ready(self, secret: Secret) -> "Run":
        run = self._with(secret=secret)
        blinding.check_fits(self.terms, 0, len(run._pass(secret).codes))
        return run

    # --- sending ---------------------------------------------------------------------------------------------------

    def send(self) -> "tuple[Run, Message]":
        """The message that is due, and the state after it; `IllegalStep` if none is."""
        word = self.due
        if word is None or self.secret is None:
            raise IllegalStep(f"nothing is to be sent while {self.phase}")
        after = phase.sending(self.phase, word)
        run, said = self._write(word, self.secret)
        return run._noted(said, self.nation)._moved(after), said

    def end(self, why: Why) -> "tuple[Run, Message]":
        """Decline or break off."""
        after = phase.sending(self.phase, Word.END)
        return self._with(phase=after, ended=why), End(self.terms.digest(), why)

    def _write(self, word: Word, secret: Secret) -> "tuple[Run, Message]":
        digest = self.terms.digest()
        match word:
            case Word.INVITE | Word.ACCEPT:
                own = blinding.commitment(self.terms, self.nation, secret.seed, secret.codes)
                run = self._with(commitments={**self.commitments, self.nation: own})
                return run, Invite(self.terms, own) if word is Word.INVITE else Accept(digest, own)
            case Word.BLINDED:
                at = self._pass(secret)
                mine = blinding.blinded(self.terms, self.turn, secret.seed, at.codes)
                return self._with(now=replace(at, own=mine)), Blinded(digest, self.turn, mine.elements)
            case Word.DOUBLED:
                at = self._pass(secret)
                doubles = tuple(blinding.doubled(self.terms, self.turn, secret.seed, at.theirs))
                given = blinding.tags(self.terms, self.turn, doubles)
                return self._with(now=replace(at, doubles=doubles, given=given)), Doubled(digest, self.turn, given)
            case Word.OUTCOME | Word.END:
                return self, self._outcome(self.nation)

    # --- hearing ---------------------------------------------------------------------------------------------------

    def hear(self, heard: Message) -> "Run":
        """The state after the other side's message; raises and changes nothing if it isn't what may come now."""
        after = phase.hearing(self.phase, message.WORDS[type(heard)])
        check_belongs(heard, self.terms.digest())
        return self._read(heard)._noted(heard, self.terms.counterpart(self.nation))._moved(after)

    def _read(self, heard: Message) -> "Run":
        match heard:
            case Accept(commitment=theirs):
                return self._with(commitments={**self.commitments, self.terms.counterpart(self.nation): theirs})
            case Blinded(turn=turn, elements=elements):
                at = self._present(turn)
                blinding.check_elements(elements, self.terms.most)
                _check_no_echo(at.own, elements)
                return self._with(now=replace(at, theirs=elements))
            case Doubled(turn=turn, tags=tags):
                at = self._present(turn)
                blinding.check_tags(tags, len(at.own.owners) if at.own else 0)
                return self._with(now=replace(at, returned=tags))
            case Outcome():
                self._check_outcome(heard)
                return self
            case End(why=why):
                return self._with(ended=why)
            case Invite():
                raise ProtocolViolation("a second invitation", rule="deconfliction 2")

    def _present(self, turn: int) -> Pass:
        if turn != self.turn or self.secret is None:
            raise ProtocolViolation(f"pass {turn + 1} while in pass {self.turn + 1}", rule="deconfliction 3")
        return self._pass(self.secret)

    def _check_outcome(self, heard: Outcome) -> None:
        expected = self._outcome(self.terms.counterpart(self.nation))
        if not equal(canonical.encode(heard), canonical.encode(expected)):
            raise ProtocolViolation("the two sides came to different outcomes", rule="deconfliction 5")

    def _outcome(self, nation: Nation) -> Outcome:
        """What `nation` has to say of this run if both are honest."""
        return Outcome(
            self.terms.digest(),
            self.transcript,
            tuple(found.sizes for found in self.found),
            tuple(len(found.codes) for found in self.found),
            blinding.result(self.terms, nation, [found.doubles for found in self.found]),
        )

    # --- passes ----------------------------------------------------------------------------------------------------

    @property
    def turn(self) -> int:
        """Which pass, from 0."""
        return len(self.found)

    @property
    def transcript(self) -> Digest:
        """Of all messages before the outcomes, in one order for both sides."""
        rounds = 1 + 2 * len(self.found)
        return sha256(_TRANSCRIPT + b"".join(said for (at, _), said in sorted(self.said.items()) if at < rounds))

    def _pass(self, secret: Secret) -> Pass:
        """The present pass, begun if it isn't."""
        if self.now is not None:
            return self.now
        grids, codes = self.terms.grids, secret.codes
        if self.found:
            last = self.found[-1].codes
            codes = codes[np.isin(project(codes, grids[-1], grids[self.turn - 1]), last)]
        return Pass(np.unique(project(codes, grids[-1], grids[self.turn])))

    def _moved(self, after: Phase) -> "Run":
        return self._with(phase=after)._tallied() if after is Phase.TALLY else self._with(phase=after)

    def _tallied(self) -> "Run":
        if self.now is None or self.now.own is None:
            raise IllegalStep("a pass is counted before it was made")
        found = _tally(self.terms, self.nation, self.now, self.now.own)
        again = len(found.codes) > 0 and self.turn + 1 < len(self.terms.grids)
        after = TRANSITIONS[self.phase][Step.AGAIN if again else Step.LAST]
        return self._with(found=(*self.found, found), now=None, phase=after)

    def _noted(self, said: Message, by: Nation) -> "Run":
        if isinstance(said, Outcome | End):
            return self
        side = _Place.INITIATOR if by == self.terms.initiator else _Place.RESPONDER
        at = 0
        if isinstance(said, Blinded | Doubled):
            at = 1 + 2 * said.turn + isinstance(said, Doubled)
        return self._with(said={**self.said, (at, int(side)): sha256(canonical.encode(said))})

    def _with(self, **changes: object) -> "Run":
        return replace(self, **changes)


def _check_no_echo(own: OwnList | None, elements: bytes) -> None:
    if own is not None and not set(parts(own.elements, POINT_BYTES)).isdisjoint(parts(elements, POINT_BYTES)):
        raise ProtocolViolation("an element of the own list came back as the other side's", rule="deconfliction 4")


def _tally(terms: Terms, nation: Nation, at: Pass, own: OwnList) -> Found:
    """Which own codes the other side has too: those whose tag came back and is also one of its own elements'."""
    where = {tag: place for place, tag in enumerate(parts(at.given, TAG_BYTES))}
    met = [
        (owner, where[tag])
        for owner, tag in zip(own.owners, parts(at.returned, TAG_BYTES), strict=True)
        if tag in where
    ]
    if any(owner == DUMMY for owner, _ in met):
        raise ProtocolViolation("a dummy met something", rule="deconfliction 4")
    mine, theirs = len(own.owners), len(at.doubles)
    return Found(
        sizes=(mine, theirs) if nation == terms.initiator else (theirs, mine),
        codes=blinding.chosen(at.codes, [owner for owner, _ in met]),
        doubles=tuple(at.doubles[place] for _, place in met),
    )
