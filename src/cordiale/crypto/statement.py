"""Signed statements: one way to sign anything that is not MLS.

The signature covers `"cordiale " ‖ kind ‖ 0x00 ‖ payload`, so that a signature made for one kind (a label binding, a
border release, a peering card, a policy file) can't be shown as another. `kind` never contains a zero byte.
"""

from typing import Final

from cordiale.crypto.signing import SIGNATURE_BYTES, SigningKey
from cordiale.crypto.signing import verify as verify_signature
from cordiale.errors import Malformed
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

BINDING: Final = "label-binding/1"
RELEASE: Final = "border-release/1"
CARD: Final = "peer-card/1"
POLICY: Final = "policy/1"
TABLE: Final = "equivalence-table/1"
REVOCATION: Final = "revocation/1"
ENROLMENT: Final = "enrolment/1"
TRUST: Final = "trust/1"
LINK: Final = "link/1"
ACT: Final = "register-act/1"


class Statement(Record, frozen=True):
    """A payload with one signature, as kept in a file or sent."""

    kind: str
    payload: bytes
    signature: bytes


def context(kind: str, payload: bytes) -> bytes:
    """The exact bytes that are signed."""
    return b"cordiale " + kind.encode("ascii") + b"\x00" + payload


def sign(key: SigningKey, kind: str, payload: bytes) -> bytes:
    """Sign `payload` as a statement of `kind`; 64 bytes."""
    return key.sign(context(kind, payload))


def verify(public: bytes, kind: str, payload: bytes, signature: bytes) -> None:
    """Raise `BadSignature` unless `signature` is `public`'s over this payload as this kind."""
    verify_signature(public, signature, context(kind, payload), what=kind)


def seal(key: SigningKey, kind: str, payload: bytes) -> bytes:
    """A statement as one byte string: payload and signature together."""
    return canonical.encode(Statement(kind, payload, sign(key, kind, payload)))


def unseal(public: bytes, kind: str, data: bytes, *, limit: int = limits.POLICY_BYTES) -> bytes:
    """The payload of a sealed statement, after its signature was verified."""
    statement = peek(kind, data, limit=limit)
    verify(public, kind, statement.payload, statement.signature)
    return statement.payload


def peek(kind: str, data: bytes, *, limit: int = limits.POLICY_BYTES) -> Statement:
    """The statement unverified, where the key to verify it with is named inside it."""
    statement = canonical.decode(data, Statement, limit=limit)
    if statement.kind != kind or len(statement.signature) != SIGNATURE_BYTES:
        raise Malformed(f"not a {kind} statement", what="statement")
    return statement
