"""Cosigning (C2SP tlog-cosignature, cosignature/v1): another nation's word that a log only ever grew.

    signed message     cosignature/v1 ⏎ time <seconds> ⏎ <the checkpoint's three lines>
    note line          — name base64(key id ‖ u64 seconds ‖ Ed25519 signature)

`Witness` keeps the last checkpoint it saw of each log and takes a further one only with evidence that the log grew
into it. Two histories of one log cannot both pass one witness.

    next checkpoint      evidence                          outcome
    same size and root   –                                 nothing new
    same size, other root –                                SplitView
    larger               shows the seen one as its prefix  seen from now on
    smaller              shows it as prefix of the seen    nothing new
    smaller              none                              IllegalStep
    either               contradicts                       SplitView
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from cordiale.crypto import signing
from cordiale.errors import IllegalStep, Malformed, ProofInvalid, SplitView
from cordiale.ledger import note as notes
from cordiale.ledger.checkpoint import VerifiedCheckpoint, parse
from cordiale.ledger.merkle import Frontier
from cordiale.ledger.note import Signature
from cordiale.ledger.proof import verify_consistency
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import LATEST, SECOND, Moment

TIME_BYTES: Final = 8

Evidence = Sequence[Digest] | Frontier
"""A consistency proof between the seen and the new checkpoint, or the compact range of a replica that this witness
keeps itself (grown by `cordiale.ledger.log.advance`) at the new checkpoint's size."""


@dataclass(frozen=True, init=False)
class CosignedCheckpoint(VerifiedCheckpoint):
    """A checkpoint signed by its log and cosigned; constructing it verifies all of it."""

    cosigned: Mapping[str, Moment]
    """Witness name → when it cosigned."""

    def __init__(
        self, note: bytes, *, origin: str, log: tuple[str, bytes], witnesses: Mapping[str, bytes], at_least: int
    ) -> None:
        VerifiedCheckpoint.__init__(self, note, origin=origin, name=log[0], key=log[1])
        signed, cosigned = parse(note).note, dict[str, Moment]()
        for name, key in witnesses.items():
            line = signed.find(name, notes.key_id(name, notes.COSIGNATURE_V1, key))
            if line is not None:
                cosigned[name] = _verify_line(line, key, signed.text)
        if len({witnesses[name] for name in cosigned}) < at_least:
            raise ProofInvalid(f"{len(cosigned)} of {at_least} witnesses cosigned {self.checkpoint}")
        object.__setattr__(self, "cosigned", cosigned)


def verify_cosigned(
    note: bytes, *, origin: str, log: tuple[str, bytes], witnesses: Mapping[str, bytes], at_least: int
) -> CosignedCheckpoint:
    """As `checkpoint.verify`, and at least that many of the named witnesses (name → public key) cosigned.

    A witness whose line is there and does not verify spoils the note (`BadSignature`); too few is `ProofInvalid`.
    One key under two names counts once.
    """
    return CosignedCheckpoint(note, origin=origin, log=log, witnesses=witnesses, at_least=at_least)


def cosign(checkpoint_note: bytes, name: str, key: signing.SigningKey, now: Moment) -> bytes:
    """The note with this cosigner's line added (in the place of its earlier one).

    The caller must have verified the checkpoint and its consistency: `Witness.cosign` does, this does not.
    """
    signed, seconds = parse(checkpoint_note).note, now // SECOND
    blob = seconds.to_bytes(TIME_BYTES, "big") + key.sign(_message(seconds, signed.text))
    identifier = notes.key_id(notes.check_name(name), notes.COSIGNATURE_V1, key.public)
    return signed.signed(Signature(name, identifier, blob)).encode()


class Witness(msgspec.Struct, frozen=True):
    """The last checkpoint seen of each log, by origin. Observing makes a new one."""

    seen: Mapping[str, VerifiedCheckpoint] = {}

    def observe(self, checkpoint: VerifiedCheckpoint, evidence: Evidence = ()) -> "Witness":
        """Take a checkpoint in, by the table above. The first one of a log needs no evidence."""
        last = self.seen.get(checkpoint.origin)
        if last is not None and checkpoint.size < last.size and not evidence:
            raise IllegalStep(f"{checkpoint.checkpoint} is older than {last.checkpoint} and came without a proof")
        if last is not None:
            _require_one_history(last, checkpoint, evidence)
            if checkpoint.size <= last.size:
                return self
        return Witness({**self.seen, checkpoint.origin: checkpoint})

    def cosign(self, checkpoint: VerifiedCheckpoint, name: str, key: signing.SigningKey, now: Moment) -> bytes:
        """The checkpoint's note with this witness's line, if it is the latest that was observed."""
        last = self.seen.get(checkpoint.origin)
        if last is None or last.checkpoint != checkpoint.checkpoint:
            raise IllegalStep(f"{checkpoint.checkpoint} is not the latest that this witness observed")
        return cosign(checkpoint.note, name, key, now)


def _require_one_history(last: VerifiedCheckpoint, new: VerifiedCheckpoint, evidence: Evidence) -> None:
    old, young = sorted((last, new), key=lambda known: known.size)
    if old.size == young.size and old.root != young.root:
        raise _split(last, new, "one size, two roots")
    if isinstance(evidence, Frontier):
        if (evidence.size, evidence.root()) != (new.size, new.root):
            raise _split(last, new, "the replica that is kept here has another root")
        return
    if old.size in {0, young.size}:
        return
    try:
        verify_consistency(old.size, young.size, evidence, old.root, young.root)
    except ProofInvalid:
        raise _split(last, new, "the smaller was not shown to be a prefix of the larger") from None


def _split(last: VerifiedCheckpoint, new: VerifiedCheckpoint, why: str) -> SplitView:
    return SplitView(f"{new.checkpoint} against {last.checkpoint}: {why}", origin=new.origin)


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _verify_line(line: Signature, key: bytes, text: str) -> Moment:
    seconds = int.from_bytes(line.blob[:TIME_BYTES], "big")
    if len(line.blob) != TIME_BYTES + signing.SIGNATURE_BYTES or seconds > LATEST // SECOND:
        raise Malformed("a cosignature of impossible length or time", what="note")
    signing.verify(key, line.blob[TIME_BYTES:], _message(seconds, text), what=f"cosignature of {line.name}")
    return Moment(seconds * SECOND)
