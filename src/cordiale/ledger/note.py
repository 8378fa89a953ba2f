"""Signed notes (C2SP signed-note): a text that keys have signed, in the one form that is accepted.

    text, ends in a newline
    (empty line)
    — name base64(key id ‖ signature)
    …

`parse` accepts exactly what `Note.encode` writes. It verifies nothing: a `Note` is not evidence of anything, which is
why only `cordiale.ledger.checkpoint` and `witness` turn it into something that is.
"""

import re
from base64 import b64decode, b64encode
from typing import Final

import msgspec

from cordiale.crypto.digest import sha256
from cordiale.errors import BadSignature, LimitExceeded, Malformed

NOTE_BYTES: Final = 16 * 1024
NOTE_SIGNATURES: Final = 64
"""More than the 16 that C2SP asks for: two for each of thirty nations."""
KEY_ID_BYTES: Final = 4
SIGNATURE_BYTES: Final = 4096
"""In one line; post-quantum signatures of other parties fit."""
NAME_CHARACTERS: Final = 255

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04

_DASH: Final = "— "
_NAME: Final = re.compile(rf"[^\s+\x00-\x20\x7f]{{1,{NAME_CHARACTERS}}}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Signature(msgspec.Struct, frozen=True):
    """One signature line, not verified."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> str:
        """As it stands in the note, with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.blob).decode()}\n"


class Note(msgspec.Struct, frozen=True):
    """A text and the signature lines under it, none of them verified."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The note's bytes."""
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}".encode()

    def signed(self, signature: Signature) -> "Note":
        """With one more line, in the place of an earlier one by the same key."""
        others = tuple(line for line in self.signatures if _by(line) != _by(signature))
        return Note(self.text, (*others, signature))

    def find(self, name: str, identifier: bytes) -> Signature | None:
        """The line by this key, if there is one."""
        return next((line for line in self.signatures if _by(line) == (name, identifier)), None)

    def require(self, name: str, identifier: bytes) -> Signature:
        """The line by this key, or `BadSignature`."""
        found = self.find(name, identifier)
        if found is None:
            raise BadSignature(f"the note is not signed by {name}")
        return found


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """SHA-256(name ‖ newline ‖ kind ‖ public key), the first four bytes; a hint, not a commitment."""
    return sha256(name.encode() + b"\n" + bytes((kind,)) + public)[:KEY_ID_BYTES]


def check_name(name: str) -> str:
    """A key's name or a log's origin: no spaces, no plus sign, at most 255 characters; or `Malformed`."""
    if not _NAME.fullmatch(name):
        raise Malformed(f"{name[:80]!r} cannot name a key", what="note")
    return name


def parse(data: bytes) -> Note:
    """Take a note apart strictly, or `Malformed` / `LimitExceeded`."""
    if len(data) > NOTE_BYTES:
        raise LimitExceeded(f"note: {len(data)} bytes, {NOTE_BYTES} allowed")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8", what="note") from None
    if _CONTROL.search(whole):
        raise Malformed("a control character", what="note")
    text, gap, rest = whole.rpartition("\n\n")
    if not gap or not text or not rest.endswith("\n"):
        raise Malformed("no text, no empty line or no signature", what="note")
    lines = rest[:-1].split("\n")
    if len(lines) > NOTE_SIGNATURES:
        raise LimitExceeded(f"note: {len(lines)} signatures, {NOTE_SIGNATURES} allowed")
    signatures = tuple(map(_parse_line, lines))
    if len(set(map(_by, signatures))) != len(signatures):
        raise Malformed("two signatures by one key", what="note")
    return Note(text + "\n", signatures)


def _by(line: Signature) -> tuple[str, bytes]:
    return line.name, line.key_id


def _parse_line(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise Malformed("a signature line has another form", what="note")
    raw = decode_base64(encoded)
    if not KEY_ID_BYTES < len(raw) <= KEY_ID_BYTES + SIGNATURE_BYTES:
        raise Malformed("a signature of impossible length", what="note")
    return Signature(check_name(name), raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def decode_base64(text: str) -> bytes:
    """Standard Base 64 with padding, in its one canonical form (RFC 4648 §4), or `Malformed`."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raise Malformed("not Base 64", what="note") from None
    if b64encode(raw).decode() != text:
        raise Malformed("Base 64 in another than its canonical form", what="note")
    return raw
