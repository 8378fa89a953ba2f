"""Private deconfliction: whatever a counterpart sends is a message, or a `CordialeError`, and never moves a run wrongly.

An input is tried as bytes off the wire, and as the payload of every kind of message under a good signature, before a seat in each
phase that waits for something; as a logged run, and as an opening.
"""

from contextlib import suppress
from functools import cache

import numpy as np

from cordiale.crypto import statement
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError
from cordiale.register.deconfliction import seat as seats
from cordiale.register.deconfliction.audit import Opening
from cordiale.register.deconfliction.grid import Grid
from cordiale.register.deconfliction.log import Admitted, Logged
from cordiale.register.deconfliction.message import WORDS, Word, peek
from cordiale.register.deconfliction.phase import HEARS, TRANSITIONS
from cordiale.register.deconfliction.run import Secret
from cordiale.register.deconfliction.seat import Seat
from cordiale.register.deconfliction.terms import Budget, Terms
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation

_NOW = Moment(1_780_000_000_000)
_UK, _FR = SigningKey.from_seed(bytes([1] * 32)), SigningKey.from_seed(bytes([2] * 32))
_BUDGET = Budget(12, 10**6, 30)
_GRIDS = (Grid(3, 7), Grid(5, 1))
_PEOPLE, _UNTIL = ("alice@uk", "claire@fr"), Moment(_NOW + DAY)
_TERMS = Terms(
    bytes(16), Nation("uk"), Nation("fr"), "EXERCISE", b"", _GRIDS, 20_000, 20_100, 64, _BUDGET, _NOW, _PEOPLE, _UNTIL
)
_PLANS = [Secret(bytes([seed] * 32), np.array([20_000], dtype=np.int64)) for seed in (3, 4)]


@cache
def waiting() -> tuple[tuple[Seat, ...], tuple[bytes, ...]]:
    """The initiator's seat whenever something may arrive, and what an honest counterpart sends in the whole run."""
    admitted = Admitted(_TERMS, _TERMS.initiator, (), _BUDGET, _NOW)
    own, invitation, _ = seats.invite(admitted, _PLANS[0], _UK, _FR.public).send()
    other = seats.asked(invitation, _TERMS.responder, _FR, _UK.public)
    other = other.accept(Admitted(_TERMS, _TERMS.responder, (), _BUDGET, _NOW), _PLANS[1])
    found, sent = [own], [invitation]
    while other.is_due or own.is_due:
        while other.is_due:
            other, data, _ = other.send()
            own, _ = own.receive(data)
            sent.append(data)
            found.append(own)
        while own.is_due:
            own, data, _ = own.send()
            other, _ = other.receive(data)
            sent.append(data)
            found.append(own)
    return tuple(found), tuple(sent)


@cache
def seeds() -> list[bytes]:
    """Every message of an honest run, sealed and bare; a logged run; an opening."""
    found, sent = waiting()
    bare = [peek(data)[0].payload for data in sent]
    return [*sent, *bare, found[0].logged().encode(), found[-1].logged().encode(), Opening.of(_PLANS[0]).encode()]


def TestOneInput(data: bytes) -> None:
    """One input in all its readings."""
    with suppress(CordialeError):
        peek(data)
    with suppress(CordialeError):
        assert Logged.decode(data).encode() == data
    with suppress(CordialeError):
        assert Opening.decode(data).encode() == data
    sealed = [statement.seal(_FR, word.value, data) for word in Word]
    with suppress(CordialeError):
        assert seats.asked(sealed[0], Nation("fr"), _UK, _FR.public).run.terms.responder == "fr"
    for offered in (data, *sealed):
        for own in waiting()[0]:
            with suppress(CordialeError):
                after, _ = own.receive(offered)
                assert HEARS[WORDS[type(peek(offered)[1])]] in TRANSITIONS[own.run.phase]
                assert after.said[:-1] == own.said
