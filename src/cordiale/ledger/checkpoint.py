"""Checkpoints (C2SP tlog-checkpoint): a log's size and root, signed by its author.

    origin
    size, decimal
    root, Base 64

    — name base64(key id ‖ Ed25519 signature over the three lines)

Extension lines are refused: nobody can audit them. `Checkpoint` is a claim; `VerifiedCheckpoint` is a claim whose
signature holds, and making one *is* verifying it.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

import msgspec

from cordiale.crypto import signing
from cordiale.errors import Malformed
from cordiale.ledger import note as notes
from cordiale.ledger.merkle import EMPTY_ROOT, SIZE_LIMIT
from cordiale.ledger.note import Note
from cordiale.vocab.identifier import DIGEST_BYTES, Digest

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Checkpoint(msgspec.Struct, frozen=True):
    """A log's state: which log, how many entries, their root. A claim until it is verified."""

    origin: str
    size: int
    root: Digest

    def __post_init__(self) -> None:
        notes.check_name(self.origin)
        if not 0 <= self.size <= SIZE_LIMIT or len(self.root) != DIGEST_BYTES:
            raise Malformed("an impossible size or root", what="checkpoint")
        if (self.size == 0) != (self.root == EMPTY_ROOT):
            raise Malformed("only an empty log has the empty root", what="checkpoint")

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    def __str__(self) -> str:
        return f"{self.origin} at {self.size}"


class SignedCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint as it was received: parsed, not verified."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, init=False)
class VerifiedCheckpoint:
    """A checkpoint signed by the log's key. Constructing it verifies it; there is no other way to have one."""

    checkpoint: Checkpoint
    note: bytes

    def __init__(self, note: bytes, *, origin: str, name: str, key: bytes) -> None:
        signed = parse(note)
        if signed.checkpoint.origin != origin:
            raise Malformed(f"it is of {signed.checkpoint.origin}, not of {origin}", what="checkpoint")
        line = signed.note.require(name, notes.key_id(name, notes.ED25519, key))
        signing.verify(key, line.blob, signed.note.text.encode(), what=f"checkpoint {signed.checkpoint}")
        object.__setattr__(self, "checkpoint", signed.checkpoint)
        object.__setattr__(self, "note", bytes(note))

    @property
    def origin(self) -> str:
        """Which log."""
        return self.checkpoint.origin

    @property
    def size(self) -> int:
        """How many entries."""
        return self.checkpoint.size

    @property
    def root(self) -> Digest:
        """Their Merkle tree hash."""
        return self.checkpoint.root


def parse(note: bytes) -> SignedCheckpoint:
    """Take a checkpoint's note apart strictly; verifies nothing."""
    signed = notes.parse(note)
    lines = signed.text.split("\n")
    if len(lines) != 4 or not _SIZE.fullmatch(lines[1]):
        raise Malformed("not three lines: origin, size, root", what="checkpoint")
    root = Digest(notes.decode_base64(lines[2]))
    return SignedCheckpoint(Checkpoint(lines[0], int(lines[1]), root), signed)


def sign(checkpoint: Checkpoint, name: str, key: signing.SigningKey) -> bytes:
    """The checkpoint's note with the log's own signature, `name` being the key's name."""
    text = checkpoint.text()
    identifier = notes.key_id(notes.check_name(name), notes.ED25519, key.public)
    return Note(text, (notes.Signature(name, identifier, key.sign(text.encode())),)).encode()


def verify(note: bytes, *, origin: str, name: str, key: bytes) -> VerifiedCheckpoint:
    """The checkpoint of log `origin`, signed by the Ed25519 public `key` of `name`.

    Raises `Malformed`, `LimitExceeded` or `BadSignature`. Signatures by other keys are ignored, as C2SP asks.
    """
    return VerifiedCheckpoint(note, origin=origin, name=name, key=key)
