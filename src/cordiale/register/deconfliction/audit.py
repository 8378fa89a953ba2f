"""The audit: a side opens what it committed to, and its whole run is repeated and compared byte for byte.

Everything that a side sends follows from its secret and from what it heard. So an opening either gives every message
that the side signed, or the side deviated: another list than committed, other tags, another finer pass, another outcome.
Whether the committed plan was the true one is then compared with the register's records, as they are disclosed.
An opening shows the whole plan: it is for a dispute, to whoever both nations clear for it.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Self

import msgspec

from cordiale.crypto.digest import equal
from cordiale.errors import CordialeError, Malformed, ProofInvalid
from cordiale.register.deconfliction import blinding, message
from cordiale.register.deconfliction.cells import COMMITTED
from cordiale.register.deconfliction.grid import CODE_BYTES, Spot, packed, spell, unpacked
from cordiale.register.deconfliction.log import Logged
from cordiale.register.deconfliction.message import End, Invite, Message
from cordiale.register.deconfliction.run import Run, Secret
from cordiale.register.deconfliction.seat import Said, logged
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

OPENING_BYTES: Final = CODE_BYTES * COMMITTED + limits.KIB


class Opening(Record, frozen=True):
    """A side's secret, laid open. Its `repr` shows nothing."""

    seed: bytes
    codes: bytes

    def __repr__(self) -> str:
        return "Opening(…)"

    @classmethod
    def of(cls, secret: Secret) -> Self:
        """From the secret that a run was made with."""
        return cls(secret.seed, packed(secret.codes))

    def encode(self) -> bytes:
        """Canonical bytes."""
        return canonical.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """From `encode`'s bytes and no others."""
        opening = canonical.decode(data, cls, limit=OPENING_BYTES)
        opening.secret()
        return opening

    def secret(self) -> Secret:
        """Parsed, or `Malformed`."""
        if len(self.seed) != blinding.SEED_BYTES:
            raise Malformed("the seed has the wrong length", what="opening")
        return Secret(self.seed, unpacked(self.codes))


class Audited(msgspec.Struct, frozen=True):
    """A side that did as it had committed: its plan on the finest grid, and what the registers have to say of the run."""

    plan: tuple[Spot, ...]
    logged: Logged


def audit(said: Sequence[Said], keys: Mapping[Nation, bytes], nation: Nation, opening: Opening) -> Audited:
    """What `nation` had committed to, if that gives all it said; else `ProofInvalid` names the first message that differs.

    `said` is the run as one side saw it, in its order; each statement's signature is verified with its nation's key of the
    two in `keys`.
    """
    if nation not in keys or any(each.nation not in keys for each in said):
        raise ProofInvalid("a nation that is not one of the run's two")
    messages = [(each.nation, message.unseal(keys[each.nation], each.statement)[1]) for each in said]
    first = messages[0][1] if messages else None
    if not isinstance(first, Invite) or (first.terms.initiator, {*keys}) != (said[0].nation, {*_sides(first)}):
        raise ProofInvalid("a run that does not begin with an invitation of one of its two nations")
    secret = opening.secret()
    run = _begun(first, nation, secret)
    for speaker, heard in messages if nation == run.terms.initiator else messages[1:]:
        run = _repeated(run, heard) if speaker == nation else _heard(run, heard)
        if isinstance(heard, End):
            break
    return Audited(spell(secret.codes, run.terms.grids[-1]), logged(run, said))


def _sides(invite: Invite) -> tuple[Nation, Nation]:
    return invite.terms.initiator, invite.terms.responder


def _begun(invite: Invite, nation: Nation, secret: Secret) -> Run:
    try:
        if nation == invite.terms.initiator:
            return Run.inviting(invite.terms, secret)
        return Run.asked(invite).accepting(secret)
    except CordialeError as fault:
        raise ProofInvalid(f"{nation} can't have run with these inputs: {fault}") from None


def _repeated(run: Run, said: Message) -> Run:
    try:
        after, expected = run.end(said.why) if isinstance(said, End) else run.send()
    except CordialeError as fault:
        raise ProofInvalid(f"{run.nation} sent {type(said).__name__}, which it could not: {fault}") from None
    if type(expected) is not type(said) or not equal(canonical.encode(expected), canonical.encode(said)):
        raise ProofInvalid(f"{type(said).__name__} of {run.nation} is not what the opened inputs give")
    return after


def _heard(run: Run, heard: Message) -> Run:
    try:
        return run.hear(heard)
    except CordialeError as fault:
        other = run.terms.counterpart(run.nation)
        raise ProofInvalid(f"{type(heard).__name__} of {other}, which is not audited here: {fault}") from None
