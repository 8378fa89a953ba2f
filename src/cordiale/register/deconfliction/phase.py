"""The protocol as a table: what one side may send and hear in each phase. What is not in the table is refused.

    inviting ─► invited ┐                ┌─────────── again (a finer pass) ──────────┐
                        ├─► blind ═► double ═► tally ── last ─► close ═► done        │
             asked ─────┘     ▲                  └────────────────────────────────────┘

`═►` takes one message from each side, in either order: both sides compute at the same time. Nobody sends blinded points before
both have committed, tags before both have sent points, or a next pass before both have tags. `End` leads to `ended` from
everywhere but the ends.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cordiale.errors import IllegalStep, ProtocolViolation
from cordiale.register.deconfliction.message import Word


class Phase(StrEnum):
    """Where one side stands. `…_SENT`: own message sent, the other's awaited; `…_HEARD`: the reverse."""

    INVITING = "inviting"
    INVITED = "invited"
    ASKED = "asked"
    BLIND = "blind"
    BLIND_SENT = "blind-sent"
    BLIND_HEARD = "blind-heard"
    DOUBLE = "double"
    DOUBLE_SENT = "double-sent"
    DOUBLE_HEARD = "double-heard"
    TALLY = "tally"
    CLOSE = "close"
    CLOSE_SENT = "close-sent"
    CLOSE_HEARD = "close-heard"
    DONE = "done"
    ENDED = "ended"


class Step(StrEnum):
    """What can happen: a message sent or heard, or what the tally of a pass says."""

    SEND_INVITE = "send invite"
    SEND_ACCEPT = "send accept"
    SEND_BLINDED = "send blinded"
    SEND_DOUBLED = "send doubled"
    SEND_OUTCOME = "send outcome"
    SEND_END = "send end"
    HEAR_INVITE = "hear invite"
    HEAR_ACCEPT = "hear accept"
    HEAR_BLINDED = "hear blinded"
    HEAR_DOUBLED = "hear doubled"
    HEAR_OUTCOME = "hear outcome"
    HEAR_END = "hear end"
    AGAIN = "again"
    LAST = "last"


SENDS: Final = MappingProxyType({word: Step[f"SEND_{word.name}"] for word in Word})
HEARS: Final = MappingProxyType({word: Step[f"HEAR_{word.name}"] for word in Word})

Table = Mapping[Phase, Mapping[Step, Phase]]


def _both(start: Phase, sent: Phase, heard: Phase, end: Phase, word: Word) -> dict[Phase, dict[Step, Phase]]:
    """One message from each side, in either order."""
    send, hear = SENDS[word], HEARS[word]
    return {start: {send: sent, hear: heard}, sent: {hear: end}, heard: {send: end}}


_COURSE: Final[dict[Phase, dict[Step, Phase]]] = {
    Phase.INVITING: {Step.SEND_INVITE: Phase.INVITED},
    Phase.INVITED: {Step.HEAR_ACCEPT: Phase.BLIND},
    Phase.ASKED: {Step.SEND_ACCEPT: Phase.BLIND},
    **_both(Phase.BLIND, Phase.BLIND_SENT, Phase.BLIND_HEARD, Phase.DOUBLE, Word.BLINDED),
    **_both(Phase.DOUBLE, Phase.DOUBLE_SENT, Phase.DOUBLE_HEARD, Phase.TALLY, Word.DOUBLED),
    Phase.TALLY: {Step.AGAIN: Phase.BLIND, Step.LAST: Phase.CLOSE},
    **_both(Phase.CLOSE, Phase.CLOSE_SENT, Phase.CLOSE_HEARD, Phase.DONE, Word.OUTCOME),
    Phase.DONE: {},
    Phase.ENDED: {},
}
_WITHOUT_END: Final = (Phase.INVITING, Phase.TALLY, Phase.DONE, Phase.ENDED)
_END: Final = {Step.SEND_END: Phase.ENDED, Step.HEAR_END: Phase.ENDED}

TRANSITIONS: Final[Table] = MappingProxyType(
    {phase: MappingProxyType(steps if phase in _WITHOUT_END else {**steps, **_END}) for phase, steps in _COURSE.items()}
)


def sending(phase: Phase, word: Word) -> Phase:
    """The phase after sending, or `IllegalStep`: the caller's fault."""
    after = TRANSITIONS[phase].get(SENDS[word])
    if after is None:
        raise IllegalStep(f"{SENDS[word]} while {phase}")
    return after


def hearing(phase: Phase, word: Word) -> Phase:
    """The phase after hearing, or `ProtocolViolation`: the sender's fault."""
    after = TRANSITIONS[phase].get(HEARS[word])
    if after is None:
        raise ProtocolViolation(f"{HEARS[word]} while {phase}", rule="deconfliction 2")
    return after


def due(phase: Phase) -> Word | None:
    """What this side has to send now, if anything."""
    return next((word for word in Word if word is not Word.END and SENDS[word] in TRANSITIONS[phase]), None)
