"""What crosses in a run: signed statements, parsed strictly, with limits. The statement's kind says which message it is.

| message | says |
| --- | --- |
| `Invite` | the terms, and the initiator's commitment |
| `Accept` | the responder's commitment |
| `Blinded` | one side's list of one pass |
| `Doubled` | tags for the other's list, in its order |
| `Outcome` | what the run came to: transcript, sizes, how many met, proof of the result |
| `End` | declined or broken off, and why in one word |

Every message but the first names the digest of the terms, so that none fits into another run; those of a pass name the pass.
"""

from enum import Enum
from types import MappingProxyType
from typing import Final

from cordiale.crypto import statement
from cordiale.crypto.signing import SigningKey
from cordiale.crypto.statement import Statement
from cordiale.errors import LimitExceeded, Malformed, ProtocolViolation
from cordiale.register.deconfliction.grid import GRIDS
from cordiale.register.deconfliction.terms import ELEMENTS, Terms, check_terms
from cordiale.vocab.identifier import DIGEST_BYTES, Digest
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

MESSAGE_BYTES: Final = 32 * ELEMENTS + 4 * limits.KIB
"""One statement: a list at the cap is the largest."""
SMALL_BYTES: Final = 4 * limits.KIB
"""A message without a list."""


class Word(Enum):
    """Which message; the value is its statement's kind."""

    INVITE = "deconfliction-invite/1"
    ACCEPT = "deconfliction-accept/1"
    BLINDED = "deconfliction-blinded/1"
    DOUBLED = "deconfliction-doubled/1"
    OUTCOME = "deconfliction-outcome/1"
    END = "deconfliction-end/1"


class Why(Enum):
    """Why a run ended without an outcome."""

    DECLINED = "declined"
    BROKEN_OFF = "broken-off"
    DISPUTED = "disputed"


class Invite(Record, frozen=True):
    terms: Terms
    commitment: Digest


class Accept(Record, frozen=True):
    terms: Digest
    commitment: Digest


class Blinded(Record, frozen=True):
    terms: Digest
    turn: int
    elements: bytes


class Doubled(Record, frozen=True):
    terms: Digest
    turn: int
    tags: bytes


class Outcome(Record, frozen=True):
    """`sizes` are (initiator's, responder's) padded sizes, pass by pass; `met` how many coarse and fine codes met."""

    terms: Digest
    transcript: Digest
    sizes: tuple[tuple[int, int], ...]
    met: tuple[int, ...]
    result: Digest


class End(Record, frozen=True):
    terms: Digest
    why: Why


Message = Invite | Accept | Blinded | Doubled | Outcome | End

RECORDS: Final = MappingProxyType[Word, type[Message]](
    {
        Word.INVITE: Invite,
        Word.ACCEPT: Accept,
        Word.BLINDED: Blinded,
        Word.DOUBLED: Doubled,
        Word.OUTCOME: Outcome,
        Word.END: End,
    }
)
WORDS: Final = MappingProxyType({record: word for word, record in RECORDS.items()})


def seal(key: SigningKey, message: Message) -> bytes:
    """One message as its sender's signed statement."""
    return statement.seal(key, WORDS[type(message)].value, canonical.encode(message))


def unseal(public: bytes, data: bytes) -> tuple[Statement, Message]:
    """The message, after its signature was verified with the sender's key."""
    sealed, message = peek(data)
    statement.verify(public, sealed.kind, sealed.payload, sealed.signature)
    return sealed, message


def peek(data: bytes) -> tuple[Statement, Message]:
    """The message unverified, where who sent it is yet to be found out."""
    sealed = canonical.decode(data, Statement, limit=MESSAGE_BYTES)
    return sealed, parse(sealed.kind, sealed.payload)


def parse(kind: str, payload: bytes) -> Message:
    """One message from a statement's kind and payload; `Malformed` or `LimitExceeded` if it is none."""
    word = next((each for each in Word if each.value == kind), None)
    if word is None:
        raise Malformed("not a kind of message", what="deconfliction message")
    limit = MESSAGE_BYTES if word in (Word.BLINDED, Word.DOUBLED) else SMALL_BYTES
    message = canonical.decode(payload, RECORDS[word], limit=limit)
    _check(message)
    return message


def check_belongs(message: Message, terms: Digest) -> None:
    """`ProtocolViolation` if the message is of another run."""
    if isinstance(message, Invite) or message.terms != terms:
        raise ProtocolViolation("a message of another run", rule="deconfliction 1")


def _check(message: Message) -> None:
    match message:
        case Invite(terms=terms):
            check_terms(terms)
            _check_digests(message.commitment)
        case Accept():
            _check_digests(message.terms, message.commitment)
        case Outcome():
            _check_digests(message.terms, message.transcript, message.result)
        case Blinded(turn=turn) | Doubled(turn=turn):
            _check_digests(message.terms)
            if not 0 <= turn < GRIDS:
                raise LimitExceeded("a pass out of range")
        case End():
            _check_digests(message.terms)


def _check_digests(*digests: bytes) -> None:
    if any(len(digest) != DIGEST_BYTES for digest in digests):
        raise Malformed("a digest is not 32 bytes", what="deconfliction message")
